"""Deployment: a service without state of its own."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Tree
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.replicas import declare_replicas
from generator.lower.resources.workload import history, min_ready, rolling_update, workload
from generator.spec.service import Rollout


def deployments(context: Context, component: Component) -> Iterator[Template]:
    """The service's Deployment."""
    if component.service.kind != "deployment":
        return
    rollout = component.spec.rollout or Rollout()
    head: dict[str, Tree] = {
        "replicas": declare_replicas(context, component).tree,
        "revisionHistoryLimit": history(component),
        **min_ready(component),
        "strategy": _strategy(component, rollout),
    }
    yield workload(context, component, "Deployment", head)


def _strategy(component: Component, rollout: Rollout) -> Tree:
    """Written out in full: what the server fills in, a later version of the chart could not take away.

    A volume that one node alone may mount would keep a new pod waiting for the old one, which waits for it.
    """
    volumes = component.spec.storage.values()
    alone = any(volume.access.startswith("ReadWriteOnce") for volume in volumes) and not rollout.has("strategy")
    if alone or rollout.strategy == "recreate":
        return {"type": "Recreate"}
    return rolling_update(rollout, "1", "0")
