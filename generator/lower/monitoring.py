"""Alerts on workflows, from kube-state-metrics.

Stage: lower. A run is a Job that the workflow's CronJob owns, whoever started it; `kube_job_owner` leads from one
to the other. Metrics: https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.chart.model import Origin, Template, WorkflowNote
from generator.chart.nodes import Builtin, Include, Join, Tree, Value
from generator.kube.durations import Duration
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.resources.servicemonitor import MONITORED, MONITORING_LABELS
from generator.resolve.model import Workflow

_DAY = 24 * 3600
_SLOW_SHARE = 0.8
_NAMESPACE = Builtin("Release.Namespace")
_LOOK = "kubectl describe job {{ $labels.job_name }} and kubectl logs job/{{ $labels.job_name }} tell what happened."
Part = str | Include | Builtin | Value


@dataclass(frozen=True)
class _Alert:
    """One alerting rule. In `lines` of the expression, `JOB`, `OWNER` and `CRON` stand for the selectors in braces."""

    name: str
    lines: Sequence[Part]
    summary: str
    description: str
    runbook: str
    severity: str = "warning"
    hold: str = ""


def prometheus_rules(context: Context, notes: Sequence[WorkflowNote]) -> Iterator[Template]:
    """One PrometheusRule with a group for each workflow."""
    pairs = [(context.system.workflows[note.name], note) for note in notes]
    if not pairs:
        return
    groups: list[Tree] = [_group(context, workflow, note) for workflow, note in pairs]
    tree: dict[str, Tree] = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": context.metadata("monitoring", Include("fullname"), MONITORING_LABELS),
        "spec": {"groups": groups},
    }
    spans = {f"spec.groups[{index}]": workflow.span for index, (workflow, _) in enumerate(pairs)}
    origin = Origin(pairs[0][0].span, spans)
    yield Template("templates/monitoring/prometheusrule.yaml", tree, origin, MONITORED)


def _group(context: Context, workflow: Workflow, note: WorkflowNote) -> Tree:
    rules = [_rule(alert, workflow) for alert in _alerts(context, workflow, note)]
    return {"name": f"workflow-{workflow.name}", "rules": rules}


def _alerts(context: Context, workflow: Workflow, note: WorkflowNote) -> list[_Alert]:
    name = workflow.name
    jobs: tuple[Part, ...] = ('{namespace="', _NAMESPACE, '"}')
    failed: tuple[Part, ...] = ('kube_job_failed{namespace="', _NAMESPACE, '", condition="true"}')
    owned: tuple[Part, ...] = (
        "\nand on (namespace, job_name)\n",
        'kube_job_owner{namespace="',
        _NAMESPACE,
        '", owner_kind="CronJob", owner_name="',
        note.launcher,
        '"}',
    )
    alerts = [
        _Alert(
            "WorkflowRunFailed",
            (*failed, " == 1\nunless on (namespace, job_name)\n", *failed, " offset 1h == 1", *owned),
            f"A run of the workflow {name} failed",
            f"The run {{{{ $labels.job_name }}}} of {name} failed within the last hour.",
            _LOOK,
        ),
        _Alert(
            "WorkflowRunTooSlow",
            (
                "time() - kube_job_status_start_time",
                *jobs,
                " > ",
                _slow_after(context, workflow),
                "\nand on (namespace, job_name)\nkube_job_status_active",
                *jobs,
                " > 0",
                *owned,
            ),
            f"A run of the workflow {name} takes too long",
            f"The run {{{{ $labels.job_name }}}} of {name} has been going for {{{{ $value | humanizeDuration }}}}.",
            _LOOK,
        ),
        _Alert(
            "WorkflowRunStuck",
            (
                "kube_job_status_active",
                *jobs,
                " > 0\nunless on (namespace, job_name)\nkube_job_status_ready",
                *jobs,
                " > 0",
                *owned,
            ),
            f"A run of the workflow {name} makes no progress",
            f"The run {{{{ $labels.job_name }}}} of {name} has had no ready pod for 15 minutes.",
            "kubectl describe job {{ $labels.job_name }} tells why its pod does not start: no room, image or rights.",
            hold="15m",
        ),
    ]
    return alerts + (_schedule_alerts(name, note) if note.schedule else [])


def _schedule_alerts(name: str, note: WorkflowNote) -> list[_Alert]:
    cron: tuple[Part, ...] = ('{namespace="', _NAMESPACE, '", cronjob="', note.launcher, '"}')
    late: tuple[Part, ...] = ("time() - kube_cronjob_next_schedule_time", *cron)
    ran: tuple[Part, ...] = ("kube_cronjob_status_last_schedule_time", *cron)
    look = "kubectl describe cronjob {{ $labels.cronjob }} tells whether it is suspended or refused."
    return [
        _Alert(
            "WorkflowScheduleMissed",
            (*late, " > 900\nand on (namespace, cronjob)\n", *ran),
            f"The workflow {name} did not start when it should have",
            f"The last run of {name} that was due has been missing for {{{{ $value | humanizeDuration }}}}.",
            look,
        ),
        _Alert(
            "WorkflowNeverRan",
            (*late, " > 3600\nunless on (namespace, cronjob)\n", *ran),
            f"The workflow {name} has never run",
            f"The first run of {name} was due {{{{ $value | humanizeDuration }}}} ago.",
            look,
        ),
    ]


def _slow_after(context: Context, workflow: Workflow) -> Value:
    timeout = workflow.spec.timeout
    seconds = timeout.whole_seconds if isinstance(timeout, Duration) else _DAY
    path = (*context.workflow_path(workflow.name), "alerts", "slowAfter")
    doc = "Seconds after which a run counts as too slow."
    section, span = f"Workflow {workflow.name}", workflow.spec.span("timeout")
    return context.values.leaf(path, doc, schemas.integer(1), max(1, int(seconds * _SLOW_SHARE)), section, span)


def _rule(alert: _Alert, workflow: Workflow) -> Tree:
    hold: dict[str, Tree] = {"for": alert.hold} if alert.hold else {}
    return {
        "alert": alert.name,
        "expr": Join(tuple(alert.lines)),
        **hold,
        "labels": {"severity": alert.severity, "workflow": workflow.name},
        "annotations": {"summary": alert.summary, "description": alert.description, "runbook": alert.runbook},
    }
