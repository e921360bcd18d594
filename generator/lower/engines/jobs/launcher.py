"""The CronJob from which runs are made, and the ConfigMap that says what a run is.

Stage: lower. Each Job made from the CronJob is one run, whether the schedule, the installation or a person made it.
"""

from __future__ import annotations

from generator.chart.model import Alias, Origin, Template
from generator.chart.nodes import Builtin, FileText, Include, Json, Merge, Tree
from generator.diagnostics import Span
from generator.kube.identifiers import MAX_CRONJOB
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.engines.jobs.bindings import bound_limits, bound_tasks
from generator.lower.engines.jobs.runner import CONTAINER, WORKFLOW_LABEL, config_mounts, from_field, runner_pod
from generator.lower.engines.jobs.task import NEVER
from generator.lower.engines.jobs.task_pod import header_variables, secret_headers
from generator.lower.pods import pod_template
from generator.lower.security import exemptions
from generator.plan.document import plan_text
from generator.resolve.model import Service, Task, Workflow

EXIT_FINAL = 10
"""The runner's exit code for a run that has failed; after any other it is started again (runtime/runner.py)."""

_RESTARTS = 10
_LATE_SECONDS = 3600
_BESIDES_SECONDS = 1800
"""What a run may last beyond its time-out: on_exit, waiting for services, and room for the runner's restarts."""


def launcher_name(context: Context, workflow: Workflow) -> Include:
    """The name of the CronJob; a Job made from it has 11 characters more."""
    return context.name(workflow.name, MAX_CRONJOB)


def launcher(context: Context, workflow: Workflow) -> Template:
    """The CronJob. Who may run beside whom is decided by the runner, which also sees the runs made by hand."""
    labels: dict[str, Tree] = {WORKFLOW_LABEL: workflow.name}
    spec: dict[str, Tree] = {
        **_schedule(context, workflow),
        "concurrencyPolicy": "Allow",
        **_history(context, workflow),
        "jobTemplate": {
            "metadata": {"labels": Merge((context.selector(workflow.name), labels))},
            "spec": _run_spec(context, workflow),
        },
    }
    noted = exemptions(None, any(each.secret for each in secret_headers(_own_calls(workflow))))
    tree: dict[str, Tree] = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": context.metadata(workflow.name, launcher_name(context, workflow), labels, noted),
        "spec": spec,
    }
    return _template(context, workflow, "cronjob", tree, _places(workflow))


def plan_config_map(context: Context, workflow: Workflow) -> Template:
    """plan.json, which the compiler made, and bindings.json, which Helm fills in."""
    path = f"files/{workflow.name}/plan.json"
    context.files[path] = plan_text(context.plans[workflow.name]).encode()
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": context.metadata(workflow.name, labels={WORKFLOW_LABEL: workflow.name}),
        "data": {"plan.json": FileText(path), "bindings.json": Json(_bindings(context, workflow))},
    }
    return _template(context, workflow, "configmap", tree)


def _schedule(context: Context, workflow: Workflow) -> dict[str, Tree]:
    """When runs start of themselves, if they do in any environment."""
    schedules = [each.spec.triggers.schedule if each.spec.triggers else None for each in _everywhere(context, workflow)]
    if not any(schedules):
        return {"schedule": NEVER, "suspend": True}
    current = workflow.spec.triggers.schedule if workflow.spec.triggers else None
    scope, section = (*context.workflow_path(workflow.name), "schedule"), _section(workflow)
    span = workflow.spec.span("triggers")
    context.values.group(scope, "", span)
    leaf = context.values.leaf
    zone = current.timezone if current else "Etc/UTC"
    return {
        "schedule": leaf(
            (*scope, "cron"), "When runs start.", schemas.CRON, current.cron if current else NEVER, section, span
        ),
        "timeZone": leaf((*scope, "timezone"), "Time zone of the schedule.", schemas.SOME_TEXT, zone, section, span),
        "suspend": leaf((*scope, "suspend"), "No runs by the schedule.", schemas.FLAG, current is None, section, span),
        "startingDeadlineSeconds": _LATE_SECONDS,
    }


def _history(context: Context, workflow: Workflow) -> dict[str, Tree]:
    keep, span = workflow.spec.keep, workflow.spec.span("keep")
    scope, section = (*context.workflow_path(workflow.name), "keep"), _section(workflow)
    context.values.group(scope, "", span)
    leaf = context.values.leaf
    return {
        "successfulJobsHistoryLimit": leaf(
            (*scope, "success"), "Succeeded runs that stay.", schemas.integer(0), keep.success if keep else 3, section
        ),
        "failedJobsHistoryLimit": leaf(
            (*scope, "failure"), "Failed runs that stay.", schemas.integer(0), keep.failure if keep else 3, section
        ),
    }


def _run_spec(context: Context, workflow: Workflow) -> Tree:
    """A run: one pod at a time, started again when it breaks; its deadline is for a runner that never starts."""
    plan = config_mounts("plan", context.name(workflow.name), "plan")
    env: list[Tree] = [
        from_field("FLOWHELM_RUN", "metadata.labels['batch.kubernetes.io/job-name']"),
        from_field("FLOWHELM_RUN_UID", "metadata.labels['batch.kubernetes.io/controller-uid']"),
        from_field("FLOWHELM_NAMESPACE", "metadata.namespace"),
        from_field("FLOWHELM_POD_UID", "metadata.uid"),
        *header_variables(_own_calls(workflow)),
    ]
    pod = runner_pod(context, workflow.name, workflow.name, "run", env, plan)
    failed: dict[str, Tree] = {
        "action": "FailJob",
        "onExitCodes": {"containerName": CONTAINER, "operator": "In", "values": [EXIT_FINAL]},
    }
    disrupted: dict[str, Tree] = {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }
    return {
        "backoffLimit": _RESTARTS,
        "activeDeadlineSeconds": int(context.plans[workflow.name].timeout) + _BESIDES_SECONDS,
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": {"rules": [failed, disrupted]},
        "template": pod_template(context, pod).tree,
    }


def _own_calls(workflow: Workflow) -> list[Task]:
    """The tasks whose requests the run's own pod sends, those of reused workflows included."""
    return [task for each in workflow.with_reused() for task in each.all_tasks() if not task.has_pod]


def _bindings(context: Context, workflow: Workflow) -> Tree:
    """Names and addresses in this release, and what the values say; see runtime/plan.py for the format."""
    plan = context.plans[workflow.name]
    bound: dict[str, Tree] = {
        "release": Builtin("Release.Name"),
        "workflow": launcher_name(context, workflow),
        **bound_limits(context, workflow),
    }
    bound["services"] = {name: _address(context, context.system.services[name]) for name in plan.services}
    bound["tasks"] = bound_tasks(context, workflow)
    return bound


def _address(context: Context, service: Service) -> Tree:
    numbers: dict[str, Tree] = {name: port.port for name, port in sorted(service.spec.ports.items())}
    main: dict[str, Tree] = {"main": service.main_port} if service.main_port else {}
    return {"host": context.host(service), "scheme": service.scheme, **main, "ports": numbers}


def _everywhere(context: Context, workflow: Workflow) -> list[Workflow]:
    return list(context.workflows(workflow.name))


def _section(workflow: Workflow) -> str:
    return f"Workflow {workflow.name}"


def _places(workflow: Workflow) -> dict[str, Span]:
    spec = workflow.spec
    parts = {
        "spec.schedule": ("triggers", "schedule"),
        "spec.timeZone": ("triggers", "schedule"),
        "spec.successfulJobsHistoryLimit": ("keep",),
        "spec.failedJobsHistoryLimit": ("keep",),
        "spec.jobTemplate.spec.activeDeadlineSeconds": ("timeout",),
    }
    return {path: spec.span(*keys) for path, keys in parts.items() if spec.has(keys[0])}


def _template(
    context: Context, workflow: Workflow, kind: str, tree: dict[str, Tree], places: dict[str, Span] | None = None
) -> Template:
    path = f"templates/workflows/{workflow.name}/{kind}.yaml"
    alias = Alias("workflow", context.workflow_path(workflow.name))
    return Template(path, tree, Origin(workflow.span, places or {}), alias=alias)
