"""The objects of one task: a suspended CronJob, from whose template the runner makes a Job for each try.

Stage: lower. The pod itself is made by `task_pod`.
"""

from __future__ import annotations

from typing import cast

from generator.chart.model import Alias, Origin, Template
from generator.chart.nodes import FilesChecksum, Include, Merge, Tree
from generator.kube.identifiers import MAX_CRONJOB
from generator.lower import network, schemas
from generator.lower.context import Context
from generator.lower.engines.jobs.rights import account, rights
from generator.lower.engines.jobs.schedules import NEVER
from generator.lower.engines.jobs.task_pod import calls_api, secret_headers, task_labels, task_pod
from generator.lower.resources.configmap import file_data
from generator.lower.security import exemptions
from generator.lower.variables import reads_secrets
from generator.plan.planner import TASK_TIMEOUT, WORKFLOW_TIMEOUT
from generator.resolve.model import Container, Task, Workflow
from generator.yamlio.nodes import plain

CHECKSUM = "checksum/files"


def template_name(context: Context, workflow: Workflow, task: Task) -> Include:
    """The name of the task's CronJob."""
    return context.name(_component(workflow, task), MAX_CRONJOB)


def task_objects(context: Context, workflow: Workflow, task: Task) -> list[Template]:
    """A task with a pod of its own: its CronJob, account, rights, files, and what it may reach. Others have none."""
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
        metadata = context.metadata(component, labels=task_labels(workflow, task))
        tree: dict[str, Tree] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **data}
        found.append(
            Template(f"{folder}/configmap.yaml", tree, Origin(task.spec.span("sql" if task.spec.sql else "files")))
        )
    api = [network.api_server_rule(context)] if calls_api(context, container) else []
    egress = [*api, *network.egress_rules(context, task.edges)]
    allowed = network.policy(context, component, f"{folder}/networkpolicy.yaml", task.span, egress=egress)
    return [*found, allowed] if allowed else found


def _cron_job(context: Context, workflow: Workflow, task: Task, container: Container, folder: str) -> Template:
    component, labels = _component(workflow, task), task_labels(workflow, task)
    pod = task_pod(context, workflow, task, container)
    timeout = task.spec.timeout
    job: dict[str, Tree] = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": _deadline(workflow, task),
        "podReplacementPolicy": "Failed",
        "template": pod.tree,
    }
    spec: dict[str, Tree] = {
        "schedule": NEVER,
        "suspend": True,
        "concurrencyPolicy": "Forbid",
        "jobTemplate": {
            "metadata": {"labels": Merge((context.selector(component), labels)), **_checksum(context, component)},
            "spec": job,
        },
    }
    keys = [*secret_headers([task]), *([task.spec.sql.dsn] if task.spec.sql and task.spec.sql.dsn else [])]
    secrets = reads_secrets(container.env, container.env_from) or any(each.secret for each in keys)
    noted = exemptions(container.security, secrets)
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


def _checksum(context: Context, component: str) -> dict[str, Tree]:
    """By which a run that began before an upgrade sees that the task's files are others now (runtime/jobs.py)."""
    folder = f"files/{component}/"
    return {"annotations": {CHECKSUM: FilesChecksum(f"{folder}*")}} if file_data(context, folder) else {}


def _deadline(workflow: Workflow, task: Task) -> int:
    """A try's time in whole seconds; a wait without a time-out has the workflow's."""
    if task.spec.timeout:
        return task.spec.timeout.whole_seconds
    if task.kind != "wait":
        return int(TASK_TIMEOUT)
    return workflow.spec.timeout.whole_seconds if workflow.spec.timeout else int(WORKFLOW_TIMEOUT)


def _component(workflow: Workflow, task: Task) -> str:
    return network.task_component(workflow, task)


def _section(workflow: Workflow) -> str:
    return f"Workflow {workflow.name}"
