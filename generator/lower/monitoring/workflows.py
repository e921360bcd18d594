"""Alerts on workflows, from kube-state-metrics.

Stage: lower. A run is a Job that one of the workflow's CronJobs owns, whoever started it; `kube_job_owner` leads from
one to the other. Metrics: https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import WorkflowNote
from generator.chart.nodes import Builtin, Include, Tree, Value
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.monitoring.rules import Alert, Gaps, Group, Part, alerting_rule
from generator.resolve.model import Workflow

_SLOW_SHARE = 0.8
_LOOK = "kubectl describe job {{ $labels.job_name }} and kubectl logs job/{{ $labels.job_name }} tell what happened."
_LOOK_CRON = "kubectl describe cronjob {{ $labels.cronjob }} tells whether it is suspended or refused."

RUN_ALERTS = (
    Alert(
        "WorkflowRunFailed",
        """\
kube_job_failed{namespace="@namespace@", condition="true"} == 1
unless on (namespace, job_name)
kube_job_failed{namespace="@namespace@", condition="true"} offset 1h == 1
and on (namespace, job_name)
kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name@launchers@}""",
        "A run of the workflow @workflow@ failed",
        "The run {{ $labels.job_name }} of @workflow@ failed within the last hour.",
        _LOOK,
    ),
    Alert(
        "WorkflowRunTooSlow",
        """\
time() - kube_job_status_start_time{namespace="@namespace@"} > @slow@
and on (namespace, job_name)
kube_job_status_active{namespace="@namespace@"} > 0
and on (namespace, job_name)
kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name@launchers@}""",
        "A run of the workflow @workflow@ takes too long",
        "The run {{ $labels.job_name }} of @workflow@ has been going for {{ $value | humanizeDuration }}.",
        _LOOK,
    ),
    Alert(
        "WorkflowRunStuck",
        """\
kube_job_status_active{namespace="@namespace@"} > 0
unless on (namespace, job_name)
label_replace(
  kube_pod_owner{namespace="@namespace@", owner_kind="Job"}
  and on (namespace, pod)
  kube_pod_status_ready{namespace="@namespace@", condition="true"} == 1,
  "job_name", "$1", "owner_name", "(.*)"
)
and on (namespace, job_name)
kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name@launchers@}""",
        "A run of the workflow @workflow@ makes no progress",
        "The run {{ $labels.job_name }} of @workflow@ has had no ready pod for 15 minutes.",
        "kubectl describe job {{ $labels.job_name }} tells why its pod does not start: no room, image or rights.",
        hold="15m",
    ),
)

SCHEDULE_ALERTS = (
    Alert(
        "WorkflowScheduleMissed",
        """\
time() - kube_cronjob_next_schedule_time{namespace="@namespace@", cronjob="@launcher@"} > 900
and on (namespace, cronjob)
kube_cronjob_status_last_schedule_time{namespace="@namespace@", cronjob="@launcher@"}""",
        "The workflow @workflow@ did not start when it should have",
        "A run of @workflow@ has been due for {{ $value | humanizeDuration }}.",
        _LOOK_CRON,
    ),
    Alert(
        "WorkflowNeverRan",
        """\
time() - kube_cronjob_next_schedule_time{namespace="@namespace@", cronjob="@launcher@"} > 3600
unless on (namespace, cronjob)
kube_cronjob_status_last_schedule_time{namespace="@namespace@", cronjob="@launcher@"}""",
        "The workflow @workflow@ has never run on its schedule",
        "The first run of @workflow@ was due {{ $value | humanizeDuration }} ago.",
        _LOOK_CRON,
    ),
)


def workflow_group(context: Context, note: WorkflowNote) -> Group:
    """The alerts on the runs of a workflow, and on each of its schedules."""
    workflow = context.system.workflows[note.name]
    labels: dict[str, Tree] = {"workflow": workflow.name}
    gaps: Gaps = {
        "namespace": Builtin("Release.Namespace"),
        "launchers": _is_one_of(note),
        "slow": _slow_after(context, workflow),
        "workflow": workflow.name,
    }
    rules = [alerting_rule(alert, gaps, labels) for alert in RUN_ALERTS]
    for schedule in note.schedules:
        launched: Gaps = {**gaps, "launcher": schedule.launcher}
        rules += [alerting_rule(alert, launched, labels) for alert in SCHEDULE_ALERTS]
    return Group({"name": f"workflow-{workflow.name}", "rules": rules}, workflow.span)


def _is_one_of(note: WorkflowNote) -> tuple[Part, ...]:
    """The matcher of the CronJobs that runs are made from."""
    names = dict.fromkeys((note.launcher, *(schedule.launcher for schedule in note.schedules)))
    return ('="', note.launcher, '"') if len(names) == 1 else ('=~"', *_between(list(names)), '"')


def _between(names: list[Include]) -> Iterator[Part]:
    for index, name in enumerate(names):
        if index:
            yield "|"
        yield name


def _slow_after(context: Context, workflow: Workflow) -> Value:
    path = (*context.workflow_path(workflow.name), "alerts", "slowAfter")
    timeout = workflow.spec.timeout
    seconds = timeout.number if timeout else context.plans[workflow.name].timeout
    default = max(1, int(seconds * _SLOW_SHARE))
    section, span = f"Workflow {workflow.name}", workflow.spec.span("timeout")
    doc = "Seconds after which a run counts as too slow."
    return context.values.leaf(path, doc, schemas.integer(1), default, section, span)
