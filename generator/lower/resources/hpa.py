"""HorizontalPodAutoscaler: as many pods as the load needs."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Dot, Kind, Tree, Value, With
from generator.kube.identifiers import MAX_NAME, MAX_STATEFULSET
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.replicas import declare_replicas
from generator.spec.service import Metric

_DESCRIBED = {"service": ("v1", "Service"), "ingress": ("networking.k8s.io/v1", "Ingress")}
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
        "metrics": [
            *(_resource(name, value) for name, value in (replicas.targets or {}).items()),
            *(_metric(context, component, metric, value) for metric, value in replicas.metrics),
        ],
    }
    tree: dict[str, Tree] = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": context.metadata(component.name),
        "spec": spec,
    }
    span = component.spec.span("autoscale")
    first = len(replicas.targets or {})
    spans = {f"spec.metrics[{first + index}]": each.node.span for index, (each, _) in enumerate(replicas.metrics)}
    yield component.template("hpa", tree, spans, span=span, condition=replicas.scaled)


def _resource(name: str, value: Value) -> Tree:
    target: dict[str, Tree] = {"type": "Utilization", "averageUtilization": Dot(Kind.INTEGER)}
    return With(value, {"type": "Resource", "resource": {"name": name, "target": target}})


def _metric(context: Context, component: Component, metric: Metric, value: Value) -> Tree:
    """A metric of the custom or external metrics API; the target is always what one pod should have of it."""
    selector: dict[str, Tree] = {"selector": {"matchLabels": dict(metric.labels)}} if metric.labels else {}
    body: dict[str, Tree] = {
        "metric": {"name": metric.name, **selector},
        "target": {"type": "AverageValue", "averageValue": Dot(Kind.TEXT)},
    }
    if metric.of in _DESCRIBED:
        api, kind = _DESCRIBED[metric.of]
        name = context.host(component.service) if metric.of == "service" else context.name(component.name)
        body = {"describedObject": {"apiVersion": api, "kind": kind, "name": name}, **body}
    source = {"pods": "Pods", "external": "External"}.get(metric.of, "Object")
    return With(value, {"type": source, source.lower(): body})
