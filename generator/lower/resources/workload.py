"""What Deployments, StatefulSets and DaemonSets have in common."""

from __future__ import annotations

from collections.abc import Mapping

from generator.chart.model import Template
from generator.chart.nodes import Tree
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.service_pod import component_pod, workload_annotations
from generator.spec.service import Rollout

DEFAULT_HISTORY = 3


def workload(
    context: Context,
    component: Component,
    kind: str,
    head: Mapping[str, Tree],
    tail: Mapping[str, Tree] | None = None,
    name: Tree | None = None,
) -> Template:
    """A workload of apps/v1: `head` and `tail` are what its spec says before and after the selector and the pods."""
    pod = component_pod(context, component)
    metadata = context.metadata(component.name, annotations=workload_annotations(component))
    spec: dict[str, Tree] = {
        **head,
        "selector": {"matchLabels": context.selector(component.name)},
        "template": pod.tree,
        **(tail or {}),
    }
    tree: dict[str, Tree] = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": metadata if name is None else {**metadata, "name": name},
        "spec": spec,
    }
    spans = pod.under("spec.template")
    for key, path in (
        ("rollout", "spec.strategy"),
        ("replicas", "spec.replicas"),
        ("storage", "spec.volumeClaimTemplates"),
    ):
        if component.spec.has(key):
            spans[path] = component.spec.span(key)
    return component.template(kind.lower(), tree, spans)


def history(component: Component) -> int:
    """How many old versions stay for a rollback."""
    rollout = component.spec.rollout
    return rollout.history if rollout and rollout.history is not None else DEFAULT_HISTORY


def min_ready(component: Component) -> dict[str, Tree]:
    """How long a new pod must be ready before the next one is replaced, when the spec says so."""
    rollout = component.spec.rollout
    if not rollout or not rollout.min_ready or not rollout.min_ready.seconds:
        return {}
    return {"minReadySeconds": rollout.min_ready.whole_seconds}


def rolling_update(rollout: Rollout, surge: str, missing: str) -> Tree:
    """A rolling update with these defaults; of two bounds one must not be 0, so what is written decides the other.

    A DaemonSet takes only one that is not 0: a node has room for a new pod beside the old one, or loses the old first.
    """
    if rollout.max_surge and not rollout.max_unavailable:
        missing = "1" if _is_zero(rollout.max_surge) else "0"
    elif _is_zero(rollout.max_unavailable):
        surge = "1"
    bounds = {"maxSurge": rollout.max_surge or surge, "maxUnavailable": rollout.max_unavailable or missing}
    return {"type": "RollingUpdate", "rollingUpdate": {key: number(text) for key, text in bounds.items()}}


def _is_zero(text: str) -> bool:
    return bool(text) and not text.rstrip("%").strip("0")


def number(text: str) -> int | str:
    """A count as a number, a percentage as a text."""
    return text if text.endswith("%") else int(text)
