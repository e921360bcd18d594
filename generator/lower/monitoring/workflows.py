"""Alerts on workflows, from kube-state-metrics.

Stage: lower. A run is a Job that one of the workflow's CronJobs owns, whoever started it; `kube_job_owner` leads from
one to the other. Metrics: https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload

What Prometheus read within the last minutes counts, and of the labels only those of the run are kept: a restart of
kube-state-metrics neither ends an alert nor makes it another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.chart.model import WorkflowNote
from generator.chart.nodes import Builtin, Include, Tree, Value
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.monitoring.rules import Alert, Gaps, Group, Part, alerting_rule
from generator.resolve.model import Workflow

NO_ALARM = 2**31 - 1
"""The deadline on the Job of a run that was cancelled or is retried (runtime/journal.py, docs/adr/0012)."""

_SLOW_SHARE = 0.8
_LATE_SECONDS = _STUCK_SECONDS = 900
_SEVERITY = "warning"

_RUN = "{{ $labels.job_name }} -n {{ $labels.namespace }}"
_LOOK = f"flowhelm status {_RUN} tells what happened; so do kubectl describe job {_RUN} and kubectl logs job/{_RUN}."
_LOOK_POD = (
    f"kubectl describe job {_RUN} tells why it has no pod, kubectl describe pods -l job-name={_RUN} why its pod "
    "does not start: no room, image, secret or rights."
)
_LOOK_CRON = (
    "kubectl describe cronjob {{ $labels.cronjob }} -n {{ $labels.namespace }} tells why: a quota that is used up, "
    "rights, or a controller that is away. If the run cannot wait: "
    "flowhelm run @release@ @workflow@ -n {{ $labels.namespace }}."
)

_OF_WORKFLOW = """\
and on (namespace, job_name)
last_over_time(kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name@launchers@}[5m])"""

_GOING_FOR = """\
time() - max by (namespace, job_name) (last_over_time(kube_job_status_start_time{namespace="@namespace@"}[5m]))"""

_HAS_ENDED = """\
(
  last_over_time(kube_job_complete{namespace="@namespace@", condition="true"}[5m]) == 1
  or
  last_over_time(kube_job_failed{namespace="@namespace@", condition="true"}[5m]) == 1
)"""

_WAITS_FOR_A_POD = f"""\
{_GOING_FOR} > @stuck@
unless on (namespace, job_name)
{_HAS_ENDED}
unless on (namespace, job_name)
label_replace(
  max_over_time(kube_pod_owner{{namespace="@namespace@", owner_kind="Job"}}[@stuck@s])
  and on (namespace, pod)
  max_over_time(kube_pod_status_ready{{namespace="@namespace@", condition="true"}}[@stuck@s]) == 1,
  "job_name", "$1", "owner_name", "(.*)"
)"""

_OVERDUE = """\
time() - max by (namespace, cronjob) (
  last_over_time(kube_cronjob_next_schedule_time{namespace="@namespace@", cronjob="@launcher@"}[5m])
) > @late@
unless on (namespace, cronjob)
last_over_time(kube_cronjob_spec_suspend{namespace="@namespace@", cronjob="@launcher@"}[5m]) == 1"""

_RAN_BEFORE = """\
last_over_time(kube_cronjob_status_last_schedule_time{namespace="@namespace@", cronjob="@launcher@"}[5m])"""

RUN_ALERTS = (
    Alert(
        "WorkflowRunFailed",
        f"""\
max by (namespace, job_name) (last_over_time(kube_job_failed{{namespace="@namespace@", condition="true"}}[5m])) == 1
unless on (namespace, job_name)
max_over_time(kube_job_failed{{namespace="@namespace@", condition="true"}}[6h] offset 1h) == 1
unless on (namespace, job_name)
last_over_time(kube_job_spec_active_deadline_seconds{{namespace="@namespace@"}}[5m]) == {NO_ALARM}
{_OF_WORKFLOW}""",
        "A run of the workflow @workflow@ failed",
        "The run {{ $labels.job_name }} of @workflow@ failed within the last hour.",
        f"{_LOOK} flowhelm retry {_RUN} does again what failed.",
    ),
    Alert(
        "WorkflowRunTooSlow",
        f"{_GOING_FOR} > @slow@\nunless on (namespace, job_name)\n{_HAS_ENDED}\n{_OF_WORKFLOW}",
        "A run of the workflow @workflow@ takes too long",
        "The run {{ $labels.job_name }} of @workflow@ has been going for {{ $value | humanizeDuration }}.",
        f"{_LOOK} flowhelm cancel {_RUN} ends it.",
    ),
    Alert(
        "WorkflowRunStuck",
        f"{_WAITS_FOR_A_POD}\n{_OF_WORKFLOW}",
        "A run of the workflow @workflow@ makes no progress",
        "The run {{ $labels.job_name }} of @workflow@ has had no ready pod for @stuck@ seconds.",
        _LOOK_POD,
    ),
    Alert(
        "WorkflowTaskStuck",
        f"""\
(
{_WAITS_FOR_A_POD}
)
* on (namespace, job_name) group_left (run)
max by (namespace, job_name, run) (
  label_replace(
    last_over_time(kube_job_owner{{namespace="@namespace@", owner_kind="Job"}}[5m]),
    "run", "$1", "owner_name", "(.*)"
  )
  and on (namespace, run)
  label_replace(
    last_over_time(
      kube_job_owner{{namespace="@namespace@", owner_kind="CronJob", owner_name@launchers@}}[5m]
    ),
    "run", "$1", "job_name", "(.*)"
  )
)""",
        "A task of the workflow @workflow@ makes no progress",
        "{{ $labels.job_name }}, a task of the run {{ $labels.run }} of @workflow@, has had no ready pod for @stuck@ "
        "seconds.",
        _LOOK_POD,
    ),
)

SCHEDULE_ALERTS = (
    Alert(
        "WorkflowScheduleMissed",
        f"{_OVERDUE}\nand on (namespace, cronjob)\n{_RAN_BEFORE}",
        "The workflow @workflow@ did not start when it should have",
        "A run of @workflow@ has been due for {{ $value | humanizeDuration }}.",
        _LOOK_CRON,
        hold="1m",
    ),
    Alert(
        "WorkflowNeverRan",
        f"{_OVERDUE}\nunless on (namespace, cronjob)\n{_RAN_BEFORE}",
        "The workflow @workflow@ has never run on its schedule",
        "The first run of @workflow@ was due {{ $value | humanizeDuration }} ago.",
        _LOOK_CRON,
        hold="1m",
    ),
)

UNWATCHED = Alert(
    "WorkflowsNotWatched",
    'absent(kube_cronjob_info{namespace="@namespace@", cronjob@launchers@})',
    "The workflows of @release@ are not watched",
    "Prometheus has had no kube_cronjob_info of them for an hour, so no alert on their runs can fire.",
    "Look whether kube-state-metrics runs and shows CronJobs, Jobs and Pods of @namespace@, and whether Prometheus "
    "keeps its labels (honor_labels).",
    hold="1h",
)


def workflow_groups(context: Context, notes: Sequence[WorkflowNote]) -> Iterator[Group]:
    """A group for each workflow, and one that tells when nobody watches them."""
    if not notes:
        return
    yield from (_workflow_group(context, note) for note in notes)
    launchers = [name for note in notes for name in _launchers(note)]
    gaps: Gaps = {
        "namespace": Builtin("Release.Namespace"),
        "release": Builtin("Release.Name"),
        "launchers": _is_one_of(launchers),
    }
    span = context.system.workflows[notes[0].name].span
    yield Group({"name": "workflows", "rules": [alerting_rule(UNWATCHED, gaps, {})]}, span)


def _workflow_group(context: Context, note: WorkflowNote) -> Group:
    """The alerts on the runs of a workflow, and on each of its schedules."""
    workflow = context.system.workflows[note.name]
    gaps: Gaps = {
        "namespace": Builtin("Release.Namespace"),
        "release": Builtin("Release.Name"),
        "launchers": _is_one_of(_launchers(note)),
        "workflow": workflow.name,
        "slow": _seconds(context, workflow, "slowAfter", _slow_after(context, workflow), "a run counts as too slow"),
        "stuck": _seconds(
            context, workflow, "stuckAfter", _STUCK_SECONDS, "a run without a ready pod counts as stuck", least=60
        ),
    }
    if note.schedules:
        late = _seconds(context, workflow, "lateAfter", _LATE_SECONDS, "a run that is due counts as missed")
        gaps = {**gaps, "late": late}
    labels: dict[str, Tree] = {"severity": _severity(context, workflow), "workflow": workflow.name}
    rules = [alerting_rule(alert, gaps, labels) for alert in RUN_ALERTS]
    for schedule in note.schedules:
        launched: Gaps = {**gaps, "launcher": schedule.launcher}
        rules += [alerting_rule(alert, launched, labels) for alert in SCHEDULE_ALERTS]
    return Group({"name": f"workflow-{workflow.name}", "rules": rules}, workflow.span)


def _launchers(note: WorkflowNote) -> list[Include]:
    """The CronJobs that runs of the workflow are made from."""
    return list(dict.fromkeys((note.launcher, *(schedule.launcher for schedule in note.schedules))))


def _is_one_of(names: list[Include]) -> tuple[Part, ...]:
    """The matcher of these names."""
    return ('="', names[0], '"') if len(names) == 1 else ('=~"', *_between(names), '"')


def _between(names: list[Include]) -> Iterator[Part]:
    for index, name in enumerate(names):
        if index:
            yield "|"
        yield name


def _seconds(context: Context, workflow: Workflow, key: str, default: int, what: str, least: int = 1) -> Value:
    """A value of the workflow's alerts."""
    path = (*context.workflow_path(workflow.name), "alerts", key)
    span = workflow.spec.span("timeout") if key == "slowAfter" else None
    doc = f"Seconds after which {what}."
    return context.values.leaf(path, doc, schemas.integer(least), default, f"Workflow {workflow.name}", span)


def _severity(context: Context, workflow: Workflow) -> Value:
    path = (*context.workflow_path(workflow.name), "alerts", "severity")
    doc = "Label of the workflow's alerts by which they are routed."
    return context.values.leaf(path, doc, schemas.SOME_TEXT, _SEVERITY, f"Workflow {workflow.name}")


def _slow_after(context: Context, workflow: Workflow) -> int:
    timeout = workflow.spec.timeout
    seconds = timeout.number if timeout else context.plans[workflow.name].timeout
    return max(1, int(seconds * _SLOW_SHARE))
