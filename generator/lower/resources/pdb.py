"""PodDisruptionBudget: how many pods a drain of nodes may take at once."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import MoreThan, Tree
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.replicas import declare_replicas
from generator.lower.resources.workload import number


def disruption_budgets(context: Context, component: Component) -> Iterator[Template]:
    """The service's budget, from two pods on: with one, it would only hold up drains."""
    if not component.has_replicas:
        return
    tree: dict[str, Tree] = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": context.metadata(component.name),
        "spec": {
            **_bound(component),
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": context.selector(component.name)},
        },
    }
    span = component.spec.span("disruption") if component.spec.has("disruption") else None
    yield component.template("pdb", tree, span=span, condition=MoreThan(declare_replicas(context, component).count, 1))


def _bound(component: Component) -> dict[str, Tree]:
    disruption = component.spec.disruption
    if disruption and disruption.min_available:
        return {"minAvailable": number(disruption.min_available)}
    return {"maxUnavailable": number((disruption and disruption.max_unavailable) or "1")}
