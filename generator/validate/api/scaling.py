"""HorizontalPodAutoscalers and PodDisruptionBudgets.

Source: kubernetes pkg/apis/autoscaling/validation, pkg/apis/policy/validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields, resources
from generator.validate.model import Data, ObjectRule, Problem, Problems

_SOURCES: Final = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}
_TARGETS: Final = {
    "resource": ("averageUtilization", "averageValue"),
    "containerResource": ("averageUtilization", "averageValue"),
    "pods": ("averageValue",),
    "object": ("value", "averageValue"),
    "external": ("value", "averageValue"),
}


def _least(low: Any, metrics: Iterable[Data], path: Path) -> Problems:
    """At least one pod; none with a metric that is there without them, as HPAScaleToZero is on in Kubernetes 1.37."""
    can_be_none = low == 0 and any(metric.get("type") in ("Object", "External") for metric in metrics)
    for problem in fields.between(low, 1, None, path):
        yield replace(problem, until="1.36") if can_be_none else problem


def _autoscaler(data: Data) -> Problems:
    yield from fields.required(data, "spec", ())
    spec = data.get("spec") or {}
    low, high = spec.get("minReplicas"), spec.get("maxReplicas")
    yield from fields.between(high, 1, None, ("spec", "maxReplicas"))
    yield from _least(low, spec.get("metrics") or (), ("spec", "minReplicas"))
    if high is not None and low is not None and high < low:
        message = f"maxReplicas {high} must be at least minReplicas {low}"
        yield Problem(codes.RANGE, message, ("spec", "maxReplicas"))
    yield from _reference(spec.get("scaleTargetRef") or {}, ("spec", "scaleTargetRef"))
    yield from fields.between(
        spec.get("targetCPUUtilizationPercentage"), 1, None, ("spec", "targetCPUUtilizationPercentage")
    )
    for index, metric in enumerate(spec.get("metrics") or ()):
        yield from _metric(metric, ("spec", "metrics", index))
    for direction, rules in (spec.get("behavior") or {}).items():
        yield from _scaling(rules or {}, ("spec", "behavior", direction))


def _reference(target: Data, path: Path, *, needs_group: bool = True) -> Problems:
    version = target.get("apiVersion") or ""
    has_group = version.count("/") == 1 and not version.startswith("/")
    if target and not has_group and (needs_group or version.count("/") > 1):
        message = f'apiVersion "{version}" of the target must have a group and a version, as apps/v1'
        yield Problem(codes.EMPTY, message, (*path, "apiVersion") if version else path)
    for key in ("kind", "name"):
        if target.get(key) == "":
            yield Problem(codes.EMPTY, f"{path[-1]}.{key} is empty", (*path, key))
        yield from fields.named(target.get(key), names.segment_mistake, (*path, key))


def _metric(metric: Data, path: Path) -> Problems:
    kind = metric.get("type")
    yield from fields.word(kind, tuple(_SOURCES), (*path, "type"))
    wanted = _SOURCES.get(str(kind))
    if wanted is None:
        return
    if metric.get(wanted) is None:
        yield Problem(codes.ALTERNATIVES, f"a metric of type {kind} needs `{wanted}`", path)
        return
    for key in _SOURCES.values():
        if key != wanted and metric.get(key) is not None:
            yield Problem(codes.ALTERNATIVES, f"`{key}` does not go with type {kind}", (*path, key))
    yield from _source(metric[wanted], (*path, wanted), wanted)


def _source(source: Data, path: Path, wanted: str) -> Problems:
    if source.get("target") is not None:
        yield from _target(source["target"], (*path, "target"), _TARGETS[wanted], is_one=wanted != "object")
    if (described := source.get("describedObject")) is not None:
        yield from _reference(described, (*path, "describedObject"), needs_group=False)
    if (metric := source.get("metric")) is not None:
        if metric.get("name") == "":
            yield Problem(codes.EMPTY, "the metric has no name", (*path, "metric", "name"))
        yield from fields.named(metric.get("name"), names.segment_mistake, (*path, "metric", "name"))
    for key in ("name", "container"):
        if source.get(key) == "":
            yield Problem(codes.EMPTY, f"{key} is empty", (*path, key))
    if wanted == "containerResource":
        yield from fields.named(source.get("container") or None, names.dns_label_mistake, (*path, "container"))
        if source.get("name") and (mistake := resources.name_mistake(source["name"])):
            yield Problem(codes.CHOICE, mistake, (*path, "name"))


def _target(target: Data, path: Path, allowed: Sequence[str], *, is_one: bool) -> Problems:
    yield from fields.word(target.get("type"), ("Utilization", "Value", "AverageValue"), (*path, "type"))
    yield from fields.between(target.get("averageUtilization"), 1, None, (*path, "averageUtilization"))
    for key in ("averageValue", "value"):
        yield from fields.quantity(target.get(key), (*path, key), above=True)
    there = [key for key in allowed if target.get(key) is not None]
    if not there or (is_one and len(there) > 1):
        what = f"the target takes one of {', '.join(allowed)}"
        yield Problem(codes.ALTERNATIVES, f"{what}; here is {' and '.join(there) or 'nothing'}", path)


def _scaling(rules: Data, path: Path) -> Problems:
    window = rules.get("stabilizationWindowSeconds")
    yield from fields.between(window, 0, 3600, (*path, "stabilizationWindowSeconds"))
    yield from fields.quantity(rules.get("tolerance"), (*path, "tolerance"))
    yield from fields.word(rules.get("selectPolicy"), ("Max", "Min", "Disabled"), (*path, "selectPolicy"))
    yield from fields.quantity(rules.get("tolerance"), (*path, "tolerance"))
    if rules.get("policies") == []:
        yield Problem(codes.EMPTY, "policies has no policy", (*path, "policies"), "leave policies out, or write one")
    for index, policy in enumerate(rules.get("policies") or ()):
        here = (*path, "policies", index)
        yield from fields.word(policy.get("type"), ("Pods", "Percent"), (*here, "type"))
        yield from fields.between(policy.get("value"), 1, None, (*here, "value"))
        yield from fields.between(policy.get("periodSeconds"), 1, 1800, (*here, "periodSeconds"))


def _budget(data: Data) -> Problems:
    spec = data.get("spec") or {}
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        message = "minAvailable and maxUnavailable exclude each other"
        yield Problem(codes.ALTERNATIVES, message, ("spec", "maxUnavailable"))
    for key in ("minAvailable", "maxUnavailable"):
        yield from fields.number_or_percent(spec.get(key), ("spec", key))
    yield from fields.selector(spec.get("selector"), ("spec", "selector"))
    policies = ("IfHealthyBudget", "AlwaysAllow")
    yield from fields.word(spec.get("unhealthyPodEvictionPolicy"), policies, ("spec", "unhealthyPodEvictionPolicy"))


RULES = (
    ObjectRule(_autoscaler, ("autoscaling/HorizontalPodAutoscaler",)),
    ObjectRule(_budget, ("policy/PodDisruptionBudget",)),
)
