"""How many pods a service has: a number, or the bounds between which load decides. Stage: lower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.chart.nodes import If, Not, Tree, Value
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context

_MEASURES = {"cpu": "processor time", "memory": "memory"}


@dataclass(frozen=True)
class Replicas:
    """The values that say how many pods there are: `count`, unless `scaled`; `min` and the rest while it is."""

    count: Value
    scaled: Value | None = None
    max: Value | None = None
    targets: Mapping[str, Value] | None = None

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
    targets = {}
    for key, values in counted.items():
        doc, alone = f"Percent of the requested {_MEASURES[key]} to aim at", len(counted) == 1
        target = getattr(scale, key) or (values[0] if alone else 0)
        doc, schema = (f"{doc}.", schemas.integer(1)) if alone else (f"{doc}; 0: does not count.", schemas.integer(0))
        targets[key] = leaf((*scope, key), doc, schema, target, section, span)
    return Replicas(fewest, scaled, most, targets)


def _goals(component: Component, key: str) -> list[int]:
    """What the environments aim at, those that do."""
    written = (getattr(each.spec.autoscale, key, None) for each in component.everywhere)
    return [goal for goal in written if goal]
