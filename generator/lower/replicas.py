"""How many pods a service has: a number, or the bounds between which load decides. Stage: lower."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.chart.nodes import If, Not, Tree, Value
from generator.lower import codes, schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.records import dataclass
from generator.spec.service import Metric

_MEASURES = {"cpu": "processor time", "memory": "memory"}


@dataclass(frozen=True)
class Replicas:
    """The values that say how many pods there are: `count`, unless `scaled`; `min` and the rest while it is."""

    count: Value
    scaled: Value | None = None
    max: Value | None = None
    targets: Mapping[str, Value] | None = None
    metrics: tuple[tuple[Metric, Value], ...] = ()

    @property
    def tree(self) -> Tree:
        """What a workload says under `replicas`: nothing where an HPA says it, or an upgrade would fight over it."""
        return If(Not(self.scaled), self.count) if self.scaled else self.count


def declare_replicas(context: Context, component: Component) -> Replicas:
    """Declare the values; the same ones, however often it is called."""
    spec, section = component.spec, component.section
    leaf = context.values.leaf
    if not component.scales:
        count, span = (1 if spec.replicas is None else spec.replicas), spec.span("replicas")
        path = (*component.scope, "replicas")
        return Replicas(leaf(path, "How many pods.", schemas.integer(0), count, section, span))
    scale, scope, span = component.autoscale, (*component.scope, "autoscale"), spec.span("autoscale")
    on = (
        "Let load decide how many pods there are; when false there are `min`. Turning it on in a running release makes "
    )
    on += "the number dip to 1 for a moment."
    scaled = leaf((*scope, "enabled"), on, schemas.FLAG, spec.autoscale is not None, section, span)
    least = scale.min or spec.replicas or 1
    fewest = leaf((*scope, "min"), "The fewest pods.", schemas.integer(1), least, section, span)
    most = leaf((*scope, "max"), "The most pods.", schemas.integer(1), max(scale.max, least), section, span)
    goals = {key: _goals(component, key) for key in _MEASURES}
    counted = {key: values for key, values in goals.items() if values}
    metrics = _metrics(context, component)
    alone = len(counted) + len(metrics) == 1
    targets = {}
    for key, values in counted.items():
        doc = f"Percent of the requested {_MEASURES[key]} to aim at"
        target = getattr(scale, key) or (values[0] if alone else 0)
        doc, schema = (f"{doc}.", schemas.integer(1)) if alone else (f"{doc}; 0: does not count.", schemas.integer(0))
        targets[key] = leaf((*scope, key), doc, schema, target, section, span)
    if metrics:
        context.values.group((*scope, "metrics"), "Of each metric, how much every pod should have.", span)
    measured = []
    for metric in metrics:
        now = next((each.target for each in scale.metric if each.name == metric.name), metric.target if alone else "")
        doc = f"How much of {metric.name} each pod should have" + ("." if alone else "; empty: does not count.")
        schema = schemas.QUANTITY if alone else schemas.QUANTITY_OR_NONE
        path = (*scope, "metrics", metric_key(metric.name))
        measured.append((metric, leaf(path, doc, schema, now, section, metric.node.span)))
    return Replicas(fewest, scaled, most, targets, tuple(measured))


def metric_key(name: str) -> str:
    """The key that stands for a metric in values.yaml."""
    return re.sub("[^A-Za-z0-9_]", "_", name)


def _metrics(context: Context, component: Component) -> list[Metric]:
    """The metrics that count in any environment; what a metric is cannot differ between them, only its target."""
    found: dict[str, Metric] = {}
    for each in component.everywhere:
        for metric in each.spec.autoscale.metric if each.spec.autoscale else ():
            first = found.setdefault(metric.name, metric)
            if (first.of, first.labels) != (metric.of, metric.labels):
                message = f"what the metric {metric.name} is cannot differ between environments"
                hint = "only its `target` can"
                context.diagnostics.add(codes.NOT_A_VALUE, message, metric.node.span, hint=hint)
    return list(found.values())


def _goals(component: Component, key: str) -> list[int]:
    """What the environments aim at, those that do."""
    written = (getattr(each.spec.autoscale, key, None) for each in component.everywhere)
    return [goal for goal in written if goal]
