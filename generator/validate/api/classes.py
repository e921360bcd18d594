"""PriorityClasses, RuntimeClasses, Leases.

Source: kubernetes pkg/apis/scheduling/validation, pkg/apis/node/validation, pkg/apis/coordination/validation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from generator.manifest import Path
from generator.validate.api import codes
from generator.validate.api.placement import tolerations
from generator.validate.api.resources import of_container
from generator.validate.api.tables import DNS_LABEL, field, labels, need, one_of, table, within
from generator.validate.model import Data, ObjectRule, Problem, Problems

_HIGHEST: Final = 1_000_000_000
_SYSTEM: Final = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def _priority(data: Data) -> Problems:
    name, value = str((data.get("metadata") or {}).get("name") or ""), data.get("value") or 0
    if name.startswith("system-"):
        if _SYSTEM.get(name) != value or data.get("globalDefault"):
            message = "names that begin with system- are for Kubernetes' own classes"
            yield Problem(codes.NAME, message, ("metadata", "name"))
    elif value > _HIGHEST:
        yield Problem(codes.RANGE, f"value {value} must be at most {_HIGHEST}", ("value",))


def _overhead(value: Any, path: Path) -> Problems:
    """What each pod of the class needs besides: as the limits of a container."""
    for problem in of_container({"limits": value}, path):
        yield replace(problem, path=(*path, *problem.path[len(path) + 1 :]))


def _distinct(value: Any, path: Path) -> Problems:
    same = [{name: item.get(name) or "" for name in ("key", "operator", "value", "effect")} for item in value]
    for index, item in enumerate(same):
        if item in same[:index]:
            yield Problem(codes.DUPLICATE, "the toleration is there twice", (*path, index))


_RUNTIME: Final = table(
    need("handler", DNS_LABEL),
    field("overhead.podFixed", _overhead),
    field("scheduling.nodeSelector", labels),
    field("scheduling.tolerations", tolerations, _distinct),
)
_LEASE: Final = table(
    field("spec.leaseDurationSeconds", within(1)),
    field("spec.leaseTransitions", within(0)),
)

RULES = (
    ObjectRule(_priority, ("scheduling.k8s.io/PriorityClass",)),
    ObjectRule(
        table(field("preemptionPolicy", one_of("PreemptLowerPriority", "Never"))), ("scheduling.k8s.io/PriorityClass",)
    ),
    ObjectRule(_RUNTIME, ("node.k8s.io/RuntimeClass",)),
    ObjectRule(_LEASE, ("coordination.k8s.io/Lease",)),
)
