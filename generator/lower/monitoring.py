"""Alerts on workflows, from kube-state-metrics.

Stage: lower. A run is a Job that the workflow's CronJob owns, whoever started it; `kube_job_owner` leads from one to
the other. Metrics: https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.chart.model import MONITORING_API, Origin, Template, WorkflowNote
from generator.chart.nodes import Builtin, Include, Join, Tree, Value
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.resources.servicemonitor import MONITORED, MONITORING_LABELS
from generator.resolve.model import Workflow

_SLOW_SHARE = 0.8
_GAP = re.compile(r"@(\w+)@")
_LOOK = "kubectl describe job {{ $labels.job_name }} and kubectl logs job/{{ $labels.job_name }} tell what happened."
_LOOK_CRON = "kubectl describe cronjob {{ $labels.cronjob }} tells whether it is suspended or refused."

Gaps = Mapping[str, Include | Builtin | Value]


@dataclass(frozen=True)
class Alert:
    """One alerting rule on a workflow; in its texts `@workflow@` and the like are gaps."""

    name: str
    expression: str
    summary: str
    description: str
    runbook: str
    hold: str = ""
    scheduled: bool = False


ALERTS = (
    Alert(
        "WorkflowRunFailed",
        """\
kube_job_failed{namespace="@namespace@", condition="true"} == 1
unless on (namespace, job_name)
kube_job_failed{namespace="@namespace@", condition="true"} offset 1h == 1
and on (namespace, job_name)
kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name="@launcher@"}""",
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
kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name="@launcher@"}""",
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
kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name="@launcher@"}""",
        "A run of the workflow @workflow@ makes no progress",
        "The run {{ $labels.job_name }} of @workflow@ has had no ready pod for 15 minutes.",
        "kubectl describe job {{ $labels.job_name }} tells why its pod does not start: no room, image or rights.",
        hold="15m",
    ),
    Alert(
        "WorkflowScheduleMissed",
        """\
time() - kube_cronjob_next_schedule_time{namespace="@namespace@", cronjob="@launcher@"} > 900
and on (namespace, cronjob)
kube_cronjob_status_last_schedule_time{namespace="@namespace@", cronjob="@launcher@"}""",
        "The workflow @workflow@ did not start when it should have",
        "A run of @workflow@ has been due for {{ $value | humanizeDuration }}.",
        _LOOK_CRON,
        scheduled=True,
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
        scheduled=True,
    ),
)


def prometheus_rules(context: Context, notes: Sequence[WorkflowNote]) -> Iterator[Template]:
    """One PrometheusRule, with a group for each workflow."""
    if not notes:
        return
    workflows = [context.system.workflows[note.name] for note in notes]
    groups = [_group(context, workflow, note) for workflow, note in zip(workflows, notes, strict=True)]
    tree: dict[str, Tree] = {
        "apiVersion": MONITORING_API,
        "kind": "PrometheusRule",
        "metadata": context.metadata("monitoring", Join((Include("fullname"),)), MONITORING_LABELS),
        "spec": {"groups": groups},
    }
    spans = {f"spec.groups[{index}]": workflow.span for index, workflow in enumerate(workflows)}
    origin = Origin(workflows[0].span, spans)
    yield Template("templates/monitoring/prometheusrule.yaml", tree, origin, MONITORED)


def _group(context: Context, workflow: Workflow, note: WorkflowNote) -> Tree:
    gaps: Gaps = {
        "namespace": Builtin("Release.Namespace"),
        "launcher": note.launcher,
        "slow": _slow_after(context, workflow),
    }
    rules = [_rule(alert, workflow.name, gaps) for alert in ALERTS if note.schedules or not alert.scheduled]
    return {"name": f"workflow-{workflow.name}", "rules": rules}


def _slow_after(context: Context, workflow: Workflow) -> Value:
    path = (*context.workflow_path(workflow.name), "alerts", "slowAfter")
    timeout = workflow.spec.timeout
    seconds = timeout.number if timeout else context.plans[workflow.name].timeout
    default = max(1, int(seconds * _SLOW_SHARE))
    section, span = f"Workflow {workflow.name}", workflow.spec.span("timeout")
    doc = "Seconds after which a run counts as too slow."
    return context.values.leaf(path, doc, schemas.integer(1), default, section, span)


def _rule(alert: Alert, workflow: str, gaps: Gaps) -> Tree:
    texts = {"summary": alert.summary, "description": alert.description, "runbook": alert.runbook}
    hold: dict[str, Tree] = {"for": alert.hold} if alert.hold else {}
    return {
        "alert": alert.name,
        "expr": _filled(alert.expression, gaps),
        **hold,
        "labels": {"severity": "warning", "workflow": workflow},
        "annotations": {key: text.replace("@workflow@", workflow) for key, text in texts.items()},
    }


def _filled(text: str, gaps: Gaps) -> Join:
    pieces = _GAP.split(text)
    return Join(tuple(gaps[piece] if index % 2 else piece for index, piece in enumerate(pieces) if piece))
