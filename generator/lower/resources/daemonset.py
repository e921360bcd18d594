"""DaemonSet: a service with one pod on each node."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Tree
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.resources.workload import history, min_ready, rolling_update, workload
from generator.spec.service import Rollout


def daemonsets(context: Context, component: Component) -> Iterator[Template]:
    """The service's DaemonSet."""
    if component.service.kind != "daemonset":
        return
    rollout = component.spec.rollout or Rollout()
    head: dict[str, Tree] = {
        "revisionHistoryLimit": history(component),
        **min_ready(component),
        "updateStrategy": _strategy(rollout),
    }
    yield workload(context, component, "DaemonSet", head)


def _strategy(rollout: Rollout) -> Tree:
    if rollout.strategy == "recreate":
        return {"type": "OnDelete"}
    return rolling_update(rollout, "0", "1")
