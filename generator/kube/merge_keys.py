"""How a strategic merge patch treats the lists in Kubernetes' objects: merged by a key, or replaced.

Input: API group, kind and the path of a list or map. Output: its merge key, or that a patch replaces it. Source: the
`patchStrategy` and `patchMergeKey` marks of kubernetes/api (1.35). Lists of custom resources are always replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from generator.kube.lists import pattern
from generator.kube.workloads import POD_TEMPLATES

_CONTAINER: Final[Mapping[str, str]] = {
    "env": "name",
    "ports": "containerPort",
    "volumeDevices": "devicePath",
    "volumeMounts": "mountPath",
}

_POD_SPEC: Final[Mapping[str, str]] = {
    "containers": "name",
    "ephemeralContainers": "name",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "resourceClaims": "name",
    "schedulingGates": "name",
    "topologySpreadConstraints": "topologyKey",
    "volumes": "name",
    **{f"{group}[].{path}": key for group in ("containers", "initContainers") for path, key in _CONTAINER.items()},
}

_KINDS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("", "Service"): {"spec.ports": "port"},
    ("", "ServiceAccount"): {"secrets": "name"},
}

_REPLACED: Final = frozenset({("policy", "PodDisruptionBudget", ("spec", "selector"))})


def merge_key(group: str, kind: str, path: tuple[str, ...]) -> str:
    """The field by which the items of the list at `path` (as :func:`pattern` makes it) are merged; empty: replaced."""
    return _table(group, kind).get(path, "")


def is_replaced(group: str, kind: str, path: tuple[str, ...]) -> bool:
    """Whether a patch replaces the map at `path` as a whole."""
    return (group, kind, path) in _REPLACED


@cache
def _table(group: str, kind: str) -> Mapping[tuple[str, ...], str]:
    table = {pattern(path): key for path, key in _KINDS.get((group, kind), {}).items()}
    if (group, kind) in POD_TEMPLATES:
        pod_spec = (*POD_TEMPLATES[group, kind], "spec")
        table |= {pod_spec + pattern(path): key for path, key in _POD_SPEC.items()}
    return table
