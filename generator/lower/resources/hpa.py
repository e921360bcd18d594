"""HorizontalPodAutoscaler: as many pods as the load needs."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Dot, Kind, Tree, Value, With
from generator.kube.identifiers import MAX_NAME, MAX_STATEFULSET
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.replicas import declare_replicas

_KINDS = {"deployment": "Deployment", "statefulset": "StatefulSet"}


def autoscalers(context: Context, component: Component) -> Iterator[Template]:
    """The service's HPA, while load decides how many pods there are."""
    if not component.scales or component.service.kind not in _KINDS:
        return
    replicas = declare_replicas(context, component)
    limit = MAX_STATEFULSET if component.service.kind == "statefulset" else MAX_NAME
    target: dict[str, Tree] = {
        "apiVersion": "apps/v1",
        "kind": _KINDS[component.service.kind],
        "name": context.name(component.name, limit),
    }
    spec: dict[str, Tree] = {
        "scaleTargetRef": target,
        "minReplicas": replicas.count,
        "maxReplicas": replicas.max or 1,
        "metrics": [_metric(name, value) for name, value in (replicas.targets or {}).items()],
    }
    tree: dict[str, Tree] = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": context.metadata(component.name),
        "spec": spec,
    }
    span = component.spec.span("autoscale")
    yield component.template("hpa", tree, span=span, condition=replicas.scaled)


def _metric(name: str, value: Value) -> Tree:
    target: dict[str, Tree] = {"type": "Utilization", "averageUtilization": Dot(Kind.INTEGER)}
    return With(value, {"type": "Resource", "resource": {"name": name, "target": target}})
