"""ServiceMonitor: where the Prometheus Operator finds a service's metrics."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import MONITORING_API, Template
from generator.chart.nodes import Kind, Tree, Value
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.resources.service import FURTHER_LABEL, has_further_services

MONITORED = Value(("monitoring", "enabled"), Kind.BOOLEAN)
MONITORING_LABELS = Value(("monitoring", "labels"), Kind.TREE)


def service_monitors(context: Context, component: Component) -> Iterator[Template]:
    """The service's ServiceMonitor, when it has metrics; it reads one Service alone, or each pod would count twice."""
    metrics = component.spec.metrics
    if metrics is None or component.service.port(metrics.port) is None:
        return
    endpoint: dict[str, Tree] = {"port": metrics.port or component.service.main_port, "path": metrics.path}
    if metrics.interval:
        endpoint["interval"] = f"{metrics.interval.whole_seconds}s"
    selector: dict[str, Tree] = {"matchLabels": context.selector(component.name)}
    if has_further_services(component):
        selector["matchExpressions"] = [{"key": FURTHER_LABEL, "operator": "DoesNotExist"}]
    tree: dict[str, Tree] = {
        "apiVersion": MONITORING_API,
        "kind": "ServiceMonitor",
        "metadata": context.metadata(component.name, labels=MONITORING_LABELS),
        "spec": {"selector": selector, "endpoints": [endpoint]},
    }
    span = component.spec.span("metrics")
    yield component.template("servicemonitor", tree, {"spec.endpoints": span}, span=span, condition=MONITORED)
