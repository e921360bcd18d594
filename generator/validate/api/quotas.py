"""How much of each resource there may be: ResourceQuotas and LimitRanges.

Source: kubernetes pkg/apis/core/helper (IsStandardResourceName, IsExtendedResourceName, IsResourceQuotaScopeValidFor-
Resource), pkg/apis/core/validation (ValidateResourceQuota, ValidateLimitRange), pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from generator.kube import names
from generator.kube.quantities import lenient_amount
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.resources import name_mistake
from generator.validate.model import Data, ObjectRule, Problem, Problems

_CONTAINER: Final = frozenset(("cpu", "memory", "ephemeral-storage"))
_COUNTED: Final = frozenset(
    (
        "pods",
        "resourcequotas",
        "services",
        "replicationcontrollers",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    )
)
_QUOTA: Final = (
    _CONTAINER
    | _COUNTED
    | {f"{way}.{name}" for way in ("requests", "limits") for name in _CONTAINER}
    | {"requests.storage"}
)
_STANDARD: Final = _QUOTA | {"storage"}
_HUGE_PAGES: Final = ("hugepages-", "requests.hugepages-")
_NATIVE: Final = "kubernetes.io/"
_POD_RESOURCES: Final = frozenset(
    ("pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
)
_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "Terminating": _POD_RESOURCES,
    "NotTerminating": _POD_RESOURCES,
    "BestEffort": frozenset(("pods",)),
    "NotBestEffort": _POD_RESOURCES,
    "PriorityClass": _POD_RESOURCES,
    "CrossNamespacePodAffinity": _POD_RESOURCES,
    "VolumeAttributesClass": frozenset(("persistentvolumeclaims", "requests.storage")),
}
_EXISTS_ONLY: Final = frozenset(
    ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity")
)
_OPPOSITES: Final = (frozenset(("BestEffort", "NotBestEffort")), frozenset(("Terminating", "NotTerminating")))
_BEYOND: Final = 1 << 63  # the API server can't compare what is larger
_LIMIT_TYPES: Final = ("Pod", "Container", "PersistentVolumeClaim")


def _is_extended(name: str) -> bool:
    """Whether the resource is one that somebody added to nodes; it is counted in whole numbers."""
    is_native = "/" not in name or _NATIVE in name
    return not is_native and not name.startswith("requests.") and not names.label_key_mistake(f"requests.{name}")


def _may_be_overcommitted(name: str) -> bool:
    """Whether a limit may be above the request."""
    return ("/" not in name or _NATIVE in name) and not name.startswith("hugepages-")


def _resource_mistake(name: str) -> str:
    """For names of any resource."""
    if mistake := names.label_key_mistake(name):
        return mistake
    is_known = "/" in name or name in _STANDARD or name.startswith(_HUGE_PAGES)
    return "" if is_known else "be a resource of Kubernetes, or have a domain as example.com/gpu"


def _quota_resource_mistake(name: str) -> str:
    """For names of resources that a quota can bound."""
    if mistake := _resource_mistake(name):
        return mistake
    is_known = "/" in name or name in _QUOTA or name.startswith(_HUGE_PAGES)
    return "" if is_known else "be a resource that quotas know"


def _resource_amount(name: str, value: Any, path: Path) -> Problems:
    """How much of a resource: not below 0, and whole where it is counted."""
    yield from fields.quantity(value, path)
    number = _number(value)
    if number is not None and number.denominator != 1 and (name in _COUNTED or _is_extended(name)):
        yield Problem(codes.RANGE, f"{name} {value} must be a whole number", path)


def _number(value: Any) -> Fraction | None:
    return lenient_amount(value) if value is not None else None


def _quota(data: Data) -> Problems:
    spec = data.get("spec") or {}
    hard = spec.get("hard") or {}
    for name, value in hard.items():
        path = ("spec", "hard", name)
        yield from fields.named(name, _quota_resource_mistake, path)
        yield from _resource_amount(name, value, path)
    scopes = spec.get("scopes") or ()
    for index, scope in enumerate(scopes):
        yield from _scope(scope, hard, ("spec", "scopes", index))
    yield from _opposites(scopes, ("spec", "scopes"))
    path = ("spec", "scopeSelector", "matchExpressions")
    expressions = (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    for index, expression in enumerate(expressions):
        yield from _scope(expression.get("scopeName") or "", hard, (*path, index, "scopeName"))
        yield from _scope_operator(expression, (*path, index))
    yield from _opposites([item.get("scopeName") for item in expressions], path)


def _scope(scope: str, hard: Iterable[str], path: Path) -> Problems:
    bounded = _SCOPES.get(scope)
    if bounded is None:
        yield Problem(codes.CHOICE, f'the scope "{scope}" must be one of {", ".join(_SCOPES)}', path)
        return
    for name in hard:
        is_standard = name in _QUOTA or name.startswith(_HUGE_PAGES)
        if is_standard and name not in bounded:
            yield Problem(codes.COMBINATION, f"the scope {scope} does not go with {name}", path)


def _scope_operator(expression: Data, path: Path) -> Problems:
    operator, values = expression.get("operator") or "", expression.get("values") or ()
    if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        message = f'the operator "{operator}" must be one of In, NotIn, Exists, DoesNotExist'
        yield Problem(codes.CHOICE, message, (*path, "operator"))
    elif expression.get("scopeName") in _EXISTS_ONLY and operator != "Exists":
        message = f"the scope {expression.get('scopeName')} takes the operator Exists only"
        yield Problem(codes.COMBINATION, message, (*path, "operator"))
    if operator in ("In", "NotIn") and not values:
        yield Problem(codes.EMPTY, f"the operator {operator} needs values", path)
    if operator in ("Exists", "DoesNotExist") and values:
        yield Problem(codes.COMBINATION, f"the operator {operator} takes no values", path)


def _opposites(scopes: Iterable[Any], path: Path) -> Problems:
    for pair in _OPPOSITES:
        if pair <= set(scopes):
            yield Problem(codes.COMBINATION, f"the scopes {' and '.join(sorted(pair))} exclude each other", path)


def _limit_range(data: Data) -> Problems:
    limits = (data.get("spec") or {}).get("limits") or ()
    for index, limit in enumerate(limits):
        yield from _limit(limit, ("spec", "limits", index))
    yield from fields.unique(limits, "type", ("spec", "limits"))


def _limit(limit: Data, path: Path) -> Problems:
    kind = limit.get("type") or ""
    if mistake := names.label_key_mistake(kind):
        yield Problem(codes.CHOICE, f'type "{kind}" must {mistake}', (*path, "type"))
    elif "/" not in kind and kind not in _LIMIT_TYPES:
        yield Problem(codes.CHOICE, f'type "{kind}" must be one of {", ".join(_LIMIT_TYPES)}', (*path, "type"))
    bounds = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")
    for key in bounds:
        if kind == "Pod" and key.startswith("default"):
            if limit.get(key):
                yield Problem(codes.COMBINATION, f"{key} does not go with type Pod", (*path, key))
            continue
        for name in limit.get(key) or ():
            if kind in ("Pod", "Container") and (wrong := name_mistake(name)):
                yield Problem(codes.CHOICE, wrong, (*path, key, name))
            elif kind not in ("Pod", "Container"):
                yield from fields.named(name, _resource_mistake, (*path, key, name))
    if kind == "PersistentVolumeClaim" and not any("storage" in (limit.get(key) or ()) for key in ("min", "max")):
        yield Problem(codes.EMPTY, "type PersistentVolumeClaim needs min or max of storage", path)
    known = {key: {name: _number(value) for name, value in (limit.get(key) or {}).items()} for key in bounds}
    if kind == "Container":
        known["default"] = known["max"] | known["default"]
        known["defaultRequest"] = known["min"] | known["default"] | known["defaultRequest"]
    for name in sorted({name for each in known.values() for name in each}):
        yield from _order(name, {key: known[key].get(name) for key in bounds}, path, kind == "Pod")


def _order(name: str, bounds: Mapping[str, Fraction | None], path: Path, is_pod: bool) -> Problems:
    """Min ≤ defaultRequest ≤ default ≤ max, and a ratio that min and max leave room for."""
    order = ("min", "max") if is_pod else ("min", "defaultRequest", "default", "max")
    for place, key in enumerate(order):
        for above in order[place + 1 :]:
            low, high = bounds[key], bounds[above]
            if low is not None and high is not None and low > high:
                yield Problem(codes.LIMIT, f"{key} of {name} is above {above}", (*path, key))
    low, high, ratio = bounds["min"], bounds["max"], bounds["maxLimitRequestRatio"]
    if ratio is not None and ratio < 1:
        yield Problem(
            codes.RANGE, f"maxLimitRequestRatio of {name} must be at least 1", (*path, "maxLimitRequestRatio")
        )
    elif ratio is not None and ratio < _BEYOND and low and high is not None and ratio > high / low:
        message = f"maxLimitRequestRatio of {name} is above what min and max leave room for"
        yield Problem(codes.LIMIT, message, (*path, "maxLimitRequestRatio"))
    default, request = bounds["default"], bounds["defaultRequest"]
    if not is_pod and None not in (default, request) and default != request and not _may_be_overcommitted(name):
        yield Problem(codes.LIMIT, f"default and defaultRequest of {name} must be the same", (*path, "default"))


RULES = (ObjectRule(_quota, ("ResourceQuota",)), ObjectRule(_limit_range, ("LimitRange",)))
