"""What Prometheus and Grafana are told of the chart: alerts, objectives, dashboards.

Stage: lower. Output: one PrometheusRule, with a group for each workflow and one for all of them, each service with
alerts of its own and each objective; dashboards (dashboards.py). All of it is there only while the value
`monitoring.enabled` is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.chart.model import MONITORING_API, Origin, Template, WorkflowNote
from generator.chart.nodes import Include, Join, Tree
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.monitoring.objectives import objective_groups
from generator.lower.monitoring.rules import Group
from generator.lower.monitoring.services import alert_groups
from generator.lower.monitoring.workflows import workflow_groups
from generator.lower.resources.servicemonitor import MONITORED, MONITORING_LABELS


def prometheus_rules(context: Context, notes: Sequence[WorkflowNote]) -> Iterator[Template]:
    """The PrometheusRule, when there is anything to watch."""
    groups: list[Group] = list(workflow_groups(context, notes))
    for _, service in sorted(context.system.services.items()):
        component = Component.of(context, service)
        groups += [*alert_groups(component), *objective_groups(context, component)]
    if not groups:
        return
    tree: dict[str, Tree] = {
        "apiVersion": MONITORING_API,
        "kind": "PrometheusRule",
        "metadata": context.metadata("monitoring", Join((Include("fullname"),)), MONITORING_LABELS),
        "spec": {"groups": [group.tree for group in groups]},
    }
    spans = {f"spec.groups[{index}]": group.span for index, group in enumerate(groups)}
    for index, group in enumerate(groups):
        spans |= {f"spec.groups[{index}].{path}": span for path, span in group.places.items()}
    origin = Origin(groups[0].span, spans)
    yield Template("templates/monitoring/prometheusrule.yaml", tree, origin, MONITORED)
