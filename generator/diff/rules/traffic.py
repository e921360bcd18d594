"""Requests that will find no pod: Services that select nothing, workloads that drop to one replica."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator.diagnostics import Severity
from generator.diff import codes
from generator.diff.model import ObjectChange
from generator.diff.rule import Finding, Rule, Upgrade
from generator.kube.selectors import matches
from generator.kube.workloads import pod_template, value_at
from generator.manifest import Manifest


def _selects_nothing(upgrade: Upgrade) -> Iterator[Finding]:
    """Services that lose their pods, and new or newly aimed ones that find none.

    One that selected nothing before and is as it was stays unmentioned: its pods come from elsewhere.
    """
    old_pods, new_pods = list(_pods(upgrade, upgrade.old)), list(_pods(upgrade, upgrade.new))
    for change in upgrade.changes:
        if change.group_kind != ("", "Service") or not change.new or _selected(upgrade, change.new, new_pods):
            continue
        selected_before = change.old is not None and _selected(upgrade, change.old, old_pods)
        if selected_before or change.old is None or change.within(("spec", "selector")):
            yield _lost(change, had_pods=selected_before)


def _lost(change: ObjectChange, *, had_pods: bool) -> Finding:
    selector = ", ".join(f"{key}={value}" for key, value in sorted(_selector(change.manifest).items()))
    then = (
        "and every request to it will fail"
        if had_pods
        else "so requests to it will fail, unless they come from elsewhere"
    )
    return Finding(
        change,
        ("spec", "selector"),
        f"no pod of the new side has the labels {selector} that this Service selects, {then}",
        "Give the selector labels that the pod template has, and change both in one release",
        None if had_pods else Severity.WARNING,
    )


def _selected(upgrade: Upgrade, service: Manifest, pods: Iterable[tuple[str, Mapping[str, Any]]]) -> bool:
    """Whether a Service finds a pod; one without a selector is fed by someone else."""
    selector = _selector(service)
    namespace = upgrade.namespace_of(service)
    if not selector or value_at(service.data, ("spec", "type")) == "ExternalName":
        return True
    return any(where == namespace and matches(selector, labels) for where, labels in pods)


def _selector(service: Manifest) -> Mapping[str, Any]:
    selector = value_at(service.data, ("spec", "selector"))
    return selector if isinstance(selector, Mapping) else {}


def _pods(upgrade: Upgrade, manifests: Iterable[Manifest]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Namespace and labels of all the pods that a side makes."""
    for manifest in manifests:
        template = pod_template(manifest.data)
        labels = value_at(template, ("metadata", "labels")) if template is not None else None
        if isinstance(labels, Mapping):
            yield upgrade.namespace_of(manifest), labels


def _replicas_left(upgrade: Upgrade) -> Iterator[Finding]:
    path = ("spec", "replicas")
    for change in upgrade.changes:
        if not change.pair or change.group_kind not in (("apps", "Deployment"), ("apps", "StatefulSet")):
            continue
        old, new = change.pair
        before = value_at(old.data, path)
        scaler = upgrade.autoscaler_of(new)
        if isinstance(before, int) and before > 1 and value_at(new.data, path) is None and scaler:
            yield Finding(
                change,
                path,
                f"replicas: {before} is taken out and {scaler.ref} scales this workload: it drops to 1 pod until the "
                "autoscaler raises it again",
                "Keep `replicas` as many as there are now; or take it out when one pod is enough for a moment",
            )


RULES = (Rule(codes.SELECTS_NOTHING, _selects_nothing), Rule(codes.REPLICAS_LEFT_TO_HPA, _replicas_left))
