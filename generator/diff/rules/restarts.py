"""Which pods an upgrade replaces, how many of them and in which way; and which changes running pods do not get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.diff import codes
from generator.diff.model import FieldChange, ObjectChange, Status
from generator.diff.rule import Finding, Rule, Upgrade
from generator.diff.rules.rejections import is_rejected
from generator.diff.wording import counted, described
from generator.kube.workloads import value_at
from generator.manifest import Manifest

_ROLLING = ("Deployment", "StatefulSet", "DaemonSet")
_TEMPLATE = ("spec", "template")


def _restarts(upgrade: Upgrade) -> Iterator[Finding]:
    for change, fields in _retemplated(upgrade):
        meant = [field for field in fields if not field.order_only]
        if meant and (who := _replaced(change, upgrade)):
            more = f" and {counted(len(meant) - 1, 'more change')}" if len(meant) > 1 else ""
            yield Finding(change, meant[0].path, f"{who} because of {described(meant[0])}{more}")


def _restarts_for_order(upgrade: Upgrade) -> Iterator[Finding]:
    for change, fields in _retemplated(upgrade):
        if all(field.order_only for field in fields) and (who := _replaced(change, upgrade)):
            yield Finding(
                change,
                fields[0].path,
                f"{who} though nothing changes but an order: {described(fields[0])}",
                "Keep the old order",
            )


def _held_back(upgrade: Upgrade) -> Iterator[Finding]:
    for change, fields in _retemplated(upgrade):
        strategy = _strategy(change.manifest)
        partition = _partition(strategy)
        if strategy.get("type") == "OnDelete":
            reason = "the strategy is OnDelete: each pod keeps the old template until someone deletes it"
        elif partition:
            reason = f"the partition is {partition}: pods with a lower number keep the old template"
        else:
            continue
        yield Finding(
            change,
            fields[0].path,
            f"{described(fields[0])}: {reason}",
            "Delete those pods one by one after the upgrade",
        )


def _retemplated(upgrade: Upgrade) -> Iterator[tuple[ObjectChange, tuple[FieldChange, ...]]]:
    """The workloads that stay and get another pod template."""
    for change in upgrade.changes:
        fields = change.within(_TEMPLATE)
        is_workload = change.group_kind in (("apps", kind) for kind in _ROLLING)
        if fields and is_workload and change.status is Status.CHANGED and not is_rejected(change):
            yield change, fields


def _replaced(change: ObjectChange, upgrade: Upgrade) -> str:
    """Which pods are replaced and how, as the beginning of a sentence; empty when none is."""
    assert change.old
    assert change.new
    strategy = _strategy(change.new)
    way = strategy.get("type") or "RollingUpdate"
    if way == "OnDelete":
        return ""
    if change.ref.kind == "DaemonSet":
        rolling = strategy.get("rollingUpdate") or {}
        return f"its pod on every node restarts (RollingUpdate, maxUnavailable {rolling.get('maxUnavailable', 1)})"
    if bounds := _autoscaled(change.new, upgrade):
        return f"all its pods restart ({bounds}; {_manner(change, way, strategy)})"
    running = min(_replicas(change.old), _replicas(change.new)) - _partition(strategy)
    if running <= 0:
        return ""
    verb = "restarts" if running == 1 else "restart"
    return f"{counted(running, 'pod')} {verb} ({_manner(change, way, strategy)})"


def _manner(change: ObjectChange, way: str, strategy: Mapping[str, Any]) -> str:
    if way == "Recreate":
        return "Recreate: all stop before the new ones start"
    if change.ref.kind == "StatefulSet":
        return f"{way}: one after another, the last first"
    rolling = strategy.get("rollingUpdate") or {}
    return f"{way}, maxSurge {rolling.get('maxSurge', '25%')}, maxUnavailable {rolling.get('maxUnavailable', '25%')}"


def _strategy(workload: Manifest) -> Mapping[str, Any]:
    field = "strategy" if workload.ref.kind == "Deployment" else "updateStrategy"
    strategy = value_at(workload.data, ("spec", field))
    return strategy if isinstance(strategy, Mapping) else {}


def _partition(strategy: Mapping[str, Any]) -> int:
    partition = value_at(strategy, ("rollingUpdate", "partition"))
    return partition if isinstance(partition, int) else 0


def _replicas(workload: Manifest) -> int:
    replicas = value_at(workload.data, ("spec", "replicas"))
    return replicas if isinstance(replicas, int) else 1


def _autoscaled(workload: Manifest, upgrade: Upgrade) -> str:
    """How many pods an autoscaler keeps of a workload; empty when none does."""
    scaler = upgrade.autoscaler_of(workload)
    spec = scaler.data.get("spec") if scaler else None
    return (
        f"{spec.get('minReplicas', 1)} to {spec.get('maxReplicas', '?')} by its autoscaler"
        if isinstance(spec, Mapping)
        else ""
    )


RULES = (
    Rule(codes.RESTART, _restarts),
    Rule(codes.ORDER_RESTART, _restarts_for_order),
    Rule(codes.HELD_BACK, _held_back),
)
