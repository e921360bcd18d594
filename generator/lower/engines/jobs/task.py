"""The objects of one task: a suspended CronJob, from whose template the runner makes a Job for each try.

Stage: lower. What of command, arguments and variables holds an expression is left out here; the runner fills it in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from generator.chart.model import Alias, Origin, Template
from generator.chart.nodes import Include, Merge, Tree
from generator.kube.identifiers import MAX_CRONJOB
from generator.lower import network, schemas
from generator.lower.context import Context
from generator.lower.engines.jobs.rights import account, rights
from generator.lower.engines.jobs.runner import TASK_LABEL, WORKFLOW_LABEL
from generator.lower.located import Located
from generator.lower.pods import Pod, Program, declare_resources, declare_settings, pod_template
from generator.lower.resources.configmap import file_data
from generator.lower.security import exemptions
from generator.lower.values import Path
from generator.lower.variables import OUTPUTS, Variables, lower_sources, lower_variables, reads_secrets
from generator.lower.volumes import file_mounts, scratch_mounts
from generator.resolve.model import Container, Task, Workflow
from generator.spec.expression import Text
from generator.yamlio.nodes import plain

NEVER = "0 0 1 1 *"
"""The schedule of what is suspended; it must be one that the API server takes."""

_OUTPUTS_PATH = "/dev/termination-log"
_HOUR = 3600
_CONTAINER = "task"


def template_name(context: Context, workflow: Workflow, task: Task) -> Include:
    """The name of the task's CronJob."""
    return context.name(_component(workflow, task), MAX_CRONJOB)


def task_objects(context: Context, workflow: Workflow, task: Task) -> list[Template]:
    """A task with a container: its CronJob, account, rights, files, and what it may reach. A call has none."""
    if task.container is None:
        return []
    component, container = _component(workflow, task), task.container
    folder = f"templates/workflows/{workflow.name}/tasks/{task.name}"
    found = [_cron_job(context, workflow, task, container, folder)]
    if not container.service:
        annotations = context.values.leaf(
            (*context.task_path(workflow.name, task.name), "serviceAccount", "annotations"),
            "Annotations of the service account, for example for an identity of the cloud.",
            schemas.TEXT_MAP,
            dict(container.account.annotations) if container.account else {},
            _section(workflow),
            task.spec.span("account"),
        )
        rules = cast("list[Tree]", [plain(each) for each in container.account.rules] if container.account else [])
        found.append(account(context, component, folder, task.span, annotations))
        found += rights(context, component, folder, task.spec.span("account"), rules)
    data = file_data(context, f"files/{component}/")
    if data:
        metadata = context.metadata(component, labels=_labels(workflow, task))
        tree: dict[str, Tree] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **data}
        found.append(Template(f"{folder}/configmap.yaml", tree, Origin(task.spec.span("files"))))
    api = [network.api_server_rule(context)] if _calls_api(context, container) else []
    egress = [*api, *network.egress_rules(context, task.edges)]
    allowed = network.policy(context, component, f"{folder}/networkpolicy.yaml", task.span, egress=egress)
    return [*found, allowed] if allowed else found


def _cron_job(context: Context, workflow: Workflow, task: Task, container: Container, folder: str) -> Template:
    component, labels = _component(workflow, task), _labels(workflow, task)
    pod = _pod(context, workflow, task, container)
    timeout = task.spec.timeout
    job: dict[str, Tree] = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": timeout.whole_seconds if timeout else _HOUR,
        "podReplacementPolicy": "Failed",
        "template": pod.tree,
    }
    spec: dict[str, Tree] = {
        "schedule": NEVER,
        "suspend": True,
        "concurrencyPolicy": "Forbid",
        "jobTemplate": {"metadata": {"labels": Merge((context.selector(component), labels))}, "spec": job},
    }
    noted = exemptions(container.security, reads_secrets(container.env, container.env_from))
    tree: dict[str, Tree] = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": context.metadata(component, template_name(context, workflow, task), labels, noted),
        "spec": spec,
    }
    spans = pod.under("spec.jobTemplate.spec.template")
    if timeout:
        spans["spec.jobTemplate.spec.activeDeadlineSeconds"] = task.spec.span("timeout")
    alias = Alias("task", context.task_path(workflow.name, task.name))
    return Template(f"{folder}/cronjob.yaml", tree, Origin(task.span, spans), alias=alias)


def _pod(context: Context, workflow: Workflow, task: Task, container: Container) -> Located:
    component, scope, section = _component(workflow, task), _scope(context, workflow, task), _section(workflow)
    settings = declare_settings(context, scope, section, container.placement)
    mounts = file_mounts(context, component, component, container.files)
    image_scope = context.service_path(container.service) if container.service else scope
    program = Program(
        name=_CONTAINER,
        image=context.image((*image_scope, "image"), container.image, section, task.spec.span("run", "image")),
        command=_fixed(context, container.command),
        args=_fixed(context, container.args),
        env=_variables(context, workflow, task, container),
        env_from=lower_sources(container.env_from),
        resources=declare_resources(context, scope, section, container.resources, task.spec.span("resources")),
        security=container.security,
        mounts=mounts + scratch_mounts("", container.scratch, mounts.paths),
        extra_mounts=settings.mounts,
        spans={key: task.spec.span("run", key) for key in ("image", "command", "args")},
    )
    pod = Pod(
        component,
        containers=(program,),
        account=context.name(container.service) if container.service else None,
        settings=settings,
        security=container.security,
        token=_calls_api(context, container),
        restart="Never",
        labels=_labels(workflow, task),
    )
    return pod_template(context, pod)


def _variables(context: Context, workflow: Workflow, task: Task, container: Container) -> list[Tree]:
    """Those of the service that it runs as, read from the service's values; its own; and where outputs go."""
    items: list[Tree] = [{"name": OUTPUTS, "value": _OUTPUTS_PATH}]
    own = _own_names(task, container)
    if container.service:
        versions = [_without(each.spec.env, own) for each in context.services(container.service)]
        scope = context.service_path(container.service)
        items += lower_variables(context, scope, f"Service {container.service}", versions, {})
    mine = [
        _only(other.container.env, own)
        for each in context.workflows(workflow.name)
        if (other := each.task(task.name)) and other.container
    ]
    places = {name: task.spec.span("env", name) for name in own}
    return [*items, *lower_variables(context, _scope(context, workflow, task), _section(workflow), mine, places)]


def _own_names(task: Task, container: Container) -> frozenset[str]:
    """The variables that the task itself says, and not the service it runs as."""
    return frozenset(task.spec.env) if container.service else frozenset(container.env)


def _only(env: Variables, names: Iterable[str]) -> Variables:
    """The variables of these names that are known before the run starts."""
    chosen = frozenset(names)
    return {name: variable for name, variable in env.items() if name in chosen and not _is_dynamic(variable)}


def _without(env: Variables, names: Iterable[str]) -> Variables:
    return _only(env, frozenset(env) - frozenset(names))


def _is_dynamic(variable: object) -> bool:
    return isinstance(variable, Text) and bool(variable.expressions)


def _fixed(context: Context, words: tuple[Text, ...]) -> list[Tree]:
    """A command or arguments; nothing when one of the words is only known at run time."""
    return [] if any(word.expressions for word in words) else [context.text(word) for word in words]


def _calls_api(context: Context, container: Container) -> bool:
    """Whether its account has rights of its own, so that the token is of use."""
    account = context.system.services[container.service].spec.account if container.service else container.account
    return bool(account and account.rules)


def _component(workflow: Workflow, task: Task) -> str:
    return network.task_component(workflow, task)


def _scope(context: Context, workflow: Workflow, task: Task) -> Path:
    return context.task_path(workflow.name, task.name)


def _section(workflow: Workflow) -> str:
    return f"Workflow {workflow.name}"


def _labels(workflow: Workflow, task: Task) -> dict[str, Tree]:
    return {WORKFLOW_LABEL: workflow.name, TASK_LABEL: task.name}
