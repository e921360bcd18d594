"""StatefulSet: a service with persistent volumes, or one whose pods need names that stay."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Tree
from generator.kube.identifiers import MAX_STATEFULSET
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.replicas import declare_replicas
from generator.lower.resources.persistentvolumeclaim import claim_spec
from generator.lower.resources.service import headless_name
from generator.lower.resources.workload import history, min_ready, number, workload
from generator.spec.service import Rollout, Volume


def statefulsets(context: Context, component: Component) -> Iterator[Template]:
    """The service's StatefulSet."""
    if component.service.kind != "statefulset":
        return
    rollout = component.spec.rollout or Rollout()
    head: dict[str, Tree] = {
        "serviceName": headless_name(context, component),
        "replicas": declare_replicas(context, component).tree,
        "revisionHistoryLimit": history(component),
        **min_ready(component),
        "updateStrategy": _strategy(rollout),
    }
    claims = [_claim(context, component, name, volume) for name, volume in sorted(component.spec.storage.items())]
    tail: dict[str, Tree] = {"volumeClaimTemplates": claims} if claims else {}
    yield workload(context, component, "StatefulSet", head, tail, context.name(component.name, MAX_STATEFULSET))


def _strategy(rollout: Rollout) -> Tree:
    if rollout.strategy == "recreate":
        return {"type": "OnDelete"}
    missing: dict[str, Tree] = {"maxUnavailable": number(rollout.max_unavailable)} if rollout.max_unavailable else {}
    return {"type": "RollingUpdate", "rollingUpdate": {"partition": 0} | missing}


def _claim(context: Context, component: Component, name: str, volume: Volume) -> Tree:
    """A claim for each pod. Its labels never change, because claims of a StatefulSet cannot."""
    metadata: dict[str, Tree] = {"name": name, "labels": context.selector(component.name)}
    return {"metadata": metadata, "spec": claim_spec(context, component, name, volume)}
