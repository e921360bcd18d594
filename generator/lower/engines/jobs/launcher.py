"""The CronJobs from which runs are made, and the ConfigMap that says what a run is.

Stage: lower. Each Job made from one of the CronJobs is one run, whether a schedule, the installation or a person made
it.
"""

from __future__ import annotations

from generator.chart.model import Alias, Origin, Template
from generator.chart.nodes import Builtin, FileText, Json, Merge, Tree
from generator.diagnostics import Span
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.engines.jobs.bindings import bound_limits, bound_tasks
from generator.lower.engines.jobs.runner import CONTAINER, WORKFLOW_LABEL, config_mounts, from_field, runner_pod
from generator.lower.engines.jobs.schedules import NEVER, Slot, bound_schedule, launcher_name, slots, timing
from generator.lower.engines.jobs.task_pod import header_variables, secret_headers
from generator.lower.pods import pod_template
from generator.lower.security import exemptions
from generator.plan.document import plan_text
from generator.resolve.model import Service, Task, Workflow

EXIT_FINAL = 10
"""The runner's exit code for a run that has failed; after any other it is started again (runtime/runner.py)."""

VERDICT: dict[str, Tree] = {
    "action": "FailJob",
    "onExitCodes": {"containerName": CONTAINER, "operator": "In", "values": [EXIT_FINAL]},
}
"""The rule of a Job by which a failed run is not started again."""

TRIGGER = "flowhelm.dev/trigger"
"""The annotation by which a run's Job says what made it (runtime/admission.py)."""

_RESTARTS = 10
_BESIDES_SECONDS = 1800
"""What a run may last beyond its time-out: on_exit, waiting for services, and room for the runner's restarts."""


def launchers(context: Context, workflow: Workflow) -> list[Template]:
    """The CronJobs: the workflow's own, and one for each of several schedules.

    Who may run beside whom is decided by the runner, which also sees the runs made by hand.
    """
    places = _places(workflow)
    timed = {slot.cron_job: slot for slot in slots(context, workflow)}
    own = timed.pop(launcher_name(context, workflow), None)
    found = [_launcher(context, workflow, own, places)]
    for slot in timed.values():
        number = int(slot.trigger.rpartition("-")[2]) - 1
        span = workflow.spec.span("triggers", "schedule", number)
        found.append(_launcher(context, workflow, slot, {**places, "spec.schedule": span, "spec.timeZone": span}))
    return found


def _launcher(context: Context, workflow: Workflow, slot: Slot | None, places: dict[str, Span]) -> Template:
    """One CronJob. A Job of one of several schedules says which it was made by."""
    labels: dict[str, Tree] = {WORKFLOW_LABEL: workflow.name}
    several = slot is not None and slot.cron_job != launcher_name(context, workflow)
    noted: dict[str, Tree] = {"annotations": {TRIGGER: slot.trigger}} if slot and several else {}
    spec: dict[str, Tree] = {
        **(timing(context, workflow, slot) if slot else {"schedule": NEVER, "suspend": True}),
        "concurrencyPolicy": "Allow",
        **_history(context, workflow),
        "jobTemplate": {
            "metadata": {"labels": Merge((context.selector(workflow.name), labels)), **noted},
            "spec": run_spec(context, workflow),
        },
    }
    name = slot.cron_job if slot else launcher_name(context, workflow)
    tree: dict[str, Tree] = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": context.metadata(workflow.name, name, labels, noted_exemptions(workflow)),
        "spec": spec,
    }
    return _template(context, workflow, slot.trigger if slot and several else "cronjob", tree, places)


def noted_exemptions(workflow: Workflow) -> dict[str, str]:
    """What scanners must know of the run's pod: why it has secrets in variables."""
    return exemptions(None, any(each.secret for each in secret_headers(_own_calls(workflow))))


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


def deadline(context: Context, workflow: Workflow) -> int:
    """Seconds after which a run ends whatever its runner does; a runner sets it anew for what the values say."""
    return int(context.plans[workflow.name].timeout) + _BESIDES_SECONDS


def run_spec(context: Context, workflow: Workflow) -> Tree:
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
    disrupted: dict[str, Tree] = {
        "action": "Ignore",
        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
    }
    return {
        "backoffLimit": _RESTARTS,
        "activeDeadlineSeconds": deadline(context, workflow),
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": {"rules": [VERDICT, disrupted]},
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
    bound |= bound_schedule(context, workflow)
    bound["tasks"] = bound_tasks(context, workflow)
    return bound


def _address(context: Context, service: Service) -> Tree:
    numbers: dict[str, Tree] = {name: port.port for name, port in sorted(service.spec.ports.items())}
    main: dict[str, Tree] = {"main": service.main_port} if service.main_port else {}
    return {"host": context.host(service), "scheme": service.scheme, **main, "ports": numbers}


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
