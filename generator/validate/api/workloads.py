"""Deployments, ReplicaSets, StatefulSets, DaemonSets.

Source: kubernetes pkg/apis/apps/validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from generator.kube import names
from generator.kube.selectors import matches, selects
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.volumes import claim
from generator.validate.model import Data, ObjectRule, Problem, Problems

_LASTING: Final = ("apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "apps/DaemonSet", "ReplicationController")


_PROGRESS_SECONDS: Final = 600
"""What progressDeadlineSeconds is when it is not written."""


def _workload(data: Data) -> Problems:
    """What all of them have in common."""
    spec = data.get("spec")
    if spec is None:
        yield Problem(codes.EMPTY, "spec is missing")
        return
    numbers = ("replicas", "minReadySeconds", "progressDeadlineSeconds")
    for key in numbers if data.get("kind") == "StatefulSet" else (*numbers, "revisionHistoryLimit"):
        yield from fields.between(spec.get(key), 0, None, ("spec", key))
    ready, deadline = spec.get("minReadySeconds") or 0, spec.get("progressDeadlineSeconds")
    if deadline is None and data.get("kind") == "Deployment":
        deadline = _PROGRESS_SECONDS
    if deadline is not None and data.get("kind") == "Deployment" and deadline <= ready:
        message = f"progressDeadlineSeconds {deadline} must be greater than minReadySeconds {ready}"
        yield Problem(codes.COMBINATION, message, ("spec", "progressDeadlineSeconds"))
    policy = value_at(spec, ("template", "spec", "restartPolicy"))
    if policy not in (None, "", "Always"):
        message = f'restartPolicy "{policy}" must be Always in a {data.get("kind")}'
        yield Problem(codes.RESTART, message, ("spec", "template", "spec", "restartPolicy"))
    if value_at(spec, ("template", "spec", "activeDeadlineSeconds")) is not None:
        message = f"activeDeadlineSeconds does not go with a {data.get('kind')}"
        yield Problem(codes.COMBINATION, message, ("spec", "template", "spec", "activeDeadlineSeconds"))


def _controller(data: Data) -> Problems:
    """A ReplicationController: its selector is a plain one, and taken from the template when it is missing."""
    spec = data.get("spec") or {}
    if not isinstance(spec.get("template"), Mapping):
        yield Problem(codes.EMPTY, "the pod template is missing", ("spec",))
        return
    labels = value_at(spec, ("template", "metadata", "labels")) or {}
    wanted = spec.get("selector") or labels
    if not wanted:
        yield Problem(codes.EMPTY, "a selector, or labels of the template, are missing", ("spec",))
    elif not matches(wanted, labels):
        message = "the selector does not match the labels of the pod template"
        yield Problem(codes.SELECTOR, message, ("spec", "selector"))


def _selector(data: Data) -> Problems:
    """The selector finds the pods of the template."""
    selector = value_at(data, ("spec", "selector"))
    if selector is None:
        return
    path = ("spec", "selector")
    broken = list(fields.selector(selector, path))
    yield from broken
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        yield Problem(codes.EMPTY, "the selector is empty: it would take every pod of the namespace", path)
        return
    labels = value_at(data, ("spec", "template", "metadata", "labels")) or {}
    if broken or selects(selector, labels):
        return  # what is no selector at all is refused for that, not for what it selects
    wanted = (selector.get("matchLabels") or {}).items()
    wrong = [f"{key}={value}" for key, value in wanted if labels.get(key) != value]
    missing = f" (not {', '.join(wrong)})" if wrong else ""
    message = f"the selector does not match the labels of the pod template{missing}"
    yield Problem(codes.SELECTOR, message, path, "give the template the labels that the selector asks for")


def _deployment(data: Data) -> Problems:
    strategy = value_at(data, ("spec", "strategy")) or {}
    path = ("spec", "strategy")
    kind = strategy.get("type")
    yield from fields.choice(kind, ("Recreate", "RollingUpdate"), (*path, "type"))
    rolling = strategy.get("rollingUpdate")
    if kind == "Recreate" and rolling is not None:
        message = "rollingUpdate does not go with type Recreate"
        yield Problem(codes.STRATEGY, message, (*path, "rollingUpdate"))
    elif rolling is not None:
        yield from _rolling(rolling, (*path, "rollingUpdate"))


def _rolling(rolling: Data, path: Path) -> Problems:
    yield from fields.number_or_percent(rolling.get("maxUnavailable"), (*path, "maxUnavailable"))
    yield from fields.number_or_percent(rolling.get("maxSurge"), (*path, "maxSurge"), at_most_all=False)
    if _is_zero(rolling.get("maxUnavailable", "25%")) and _is_zero(rolling.get("maxSurge", "25%")):
        message = "maxSurge and maxUnavailable are both 0, so an update could never begin"
        yield Problem(codes.STRATEGY, message, path)


def _is_zero(value: object) -> bool:
    return value == 0 or (isinstance(value, str) and value.rstrip("%").strip("0") == "")


def _stateful(data: Data) -> Problems:
    spec = data.get("spec") or {}
    strategy = spec.get("updateStrategy") or {}
    kind = strategy.get("type")
    path = ("spec", "updateStrategy")
    yield from fields.choice(kind, ("OnDelete", "RollingUpdate"), (*path, "type"))
    rolling = strategy.get("rollingUpdate")
    if kind == "OnDelete" and rolling is not None:
        yield Problem(codes.STRATEGY, "rollingUpdate does not go with type OnDelete", (*path, "rollingUpdate"))
    elif rolling is not None:
        yield from fields.between(rolling.get("partition"), 0, None, (*path, "rollingUpdate", "partition"))
    yield from fields.between(value_at(spec, ("ordinals", "start")), 0, None, ("spec", "ordinals", "start"))
    if spec.get("serviceName"):
        yield from fields.named(spec["serviceName"], names.dns_label_mistake, ("spec", "serviceName"))
    yield from fields.choice(
        spec.get("podManagementPolicy"), ("OrderedReady", "Parallel"), ("spec", "podManagementPolicy")
    )
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for key in ("whenDeleted", "whenScaled"):
        where = ("spec", "persistentVolumeClaimRetentionPolicy", key)
        yield from fields.choice(retention.get(key), ("Retain", "Delete"), where)
    for index, template in enumerate(spec.get("volumeClaimTemplates") or ()):
        here = ("spec", "volumeClaimTemplates", index)
        name = value_at(template, ("metadata", "name"))
        if not name:
            yield Problem(codes.EMPTY, "the claim has no name", here)
        yield from fields.named(name or None, names.dns_label_mistake, (*here, "metadata", "name"))
        yield from claim(template.get("spec") or {}, (*here, "spec"))


def _daemon(data: Data) -> Problems:
    strategy = value_at(data, ("spec", "updateStrategy")) or {}
    path = ("spec", "updateStrategy")
    kind = strategy.get("type")
    yield from fields.choice(kind, ("OnDelete", "RollingUpdate"), (*path, "type"))
    if kind != "OnDelete" and strategy.get("rollingUpdate") is not None:
        rolling, here = strategy["rollingUpdate"], (*path, "rollingUpdate")
        yield from fields.number_or_percent(rolling.get("maxUnavailable"), (*here, "maxUnavailable"))
        yield from fields.number_or_percent(rolling.get("maxSurge"), (*here, "maxSurge"))
        surges, rests = not _is_zero(rolling.get("maxSurge", 0)), not _is_zero(rolling.get("maxUnavailable", 1))
        if surges and rests:
            message = "maxSurge and maxUnavailable of a DaemonSet exclude each other"
            yield Problem(codes.STRATEGY, message, here, "set maxUnavailable: 0 with a maxSurge")
        elif not surges and not rests:
            message = "maxSurge and maxUnavailable are both 0, so an update could never begin"
            yield Problem(codes.STRATEGY, message, here)


def _revision(data: Data) -> Problems:
    if data.get("data") is None:
        yield Problem(codes.EMPTY, "data is missing")
    elif not isinstance(data["data"], Mapping):
        yield Problem(codes.EMPTY, "data must be a mapping", ("data",))
    yield from fields.between(data.get("revision"), 0, None, ("revision",))


RULES = (
    ObjectRule(_revision, ("apps/ControllerRevision",)),
    ObjectRule(_controller, ("ReplicationController",)),
    ObjectRule(_workload, _LASTING),
    ObjectRule(_selector, _LASTING[:-1]),
    ObjectRule(_deployment, ("apps/Deployment",)),
    ObjectRule(_stateful, ("apps/StatefulSet",)),
    ObjectRule(_daemon, ("apps/DaemonSet",)),
)
