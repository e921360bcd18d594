"""Changes of fixed fields that the API server allows all the same, and fields that change in one direction only.

Input: a change and both objects. Output: whether it is spared. Source: the functions of `generator/kube/immutable.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from generator.diff.model import FieldChange, Path
from generator.kube.lists import pattern
from generator.kube.workloads import value_at
from generator.manifest import Manifest

Spared: TypeAlias = Callable[[FieldChange, Manifest, Manifest], bool]
"""Whether this change of a fixed field is allowed all the same."""

_OPEN_WHILE_SUSPENDED: Final = tuple(
    pattern(f"spec.template.{path}")
    for path in (
        "metadata.labels",
        "metadata.annotations",
        "spec.affinity.nodeAffinity",
        "spec.nodeSelector",
        "spec.schedulingGates",
        "spec.tolerations",
    )
)
_AFFINITY: Final = ("spec", "template", "spec", "affinity")
_GENERAL: Final = {
    "failure-domain.beta.kubernetes.io/": "topology.kubernetes.io/",
    "beta.kubernetes.io/": "kubernetes.io/",
}


def claim_template(found: FieldChange, _old: Manifest, _new: Manifest) -> bool:
    """Volume claim templates have a rule of their own."""
    return found.is_within(("spec", "volumeClaimTemplates"))


def suspended(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """A Job that waits to be started may still be told where its pods go."""
    if value_at(old.data, ("spec", "suspend")) is not True:
        return False
    if found.path == _AFFINITY:  # all of it came or went
        affinity = value_at(old.data, _AFFINITY) or value_at(new.data, _AFFINITY)
        return isinstance(affinity, Mapping) and set(affinity) <= {"nodeAffinity"}
    return any(map(found.is_within, _OPEN_WHILE_SUSPENDED))


def scaled_together(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """An indexed Job may be resized when completions and parallelism stay equal."""
    spec = new.data["spec"]
    indexed = spec.get("completionMode") == value_at(old.data, ("spec", "completionMode")) == "Indexed"
    return indexed and found.path == ("spec", "completions") and spec.get("completions") == spec.get("parallelism")


def service(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """What belongs to one type of Service may come and go with the type; a second address or family may, too."""
    types = {str(value_at(side.data, ("spec", "type")) or "ClusterIP") for side in (old, new)}
    name = found.path[1]
    if name in ("clusterIP", "clusterIPs"):
        return "ExternalName" in types or (name == "clusterIPs" and _has_same_first(name, old, new))
    if name == "ipFamilies":
        is_headless = any(value_at(side.data, ("spec", "clusterIP")) == "None" for side in (old, new))
        is_new = not value_at(old.data, ("spec", name))
        return "ExternalName" in types or is_headless or is_new or _has_same_first(name, old, new)
    return types != {"LoadBalancer"}


def _has_same_first(name: str, old: Manifest, new: Manifest) -> bool:
    before, after = (value_at(side.data, ("spec", name)) for side in (old, new))
    return isinstance(before, list) and isinstance(after, list) and before[:1] == after[:1] != []


def mutable(_found: FieldChange, old: Manifest, _new: Manifest) -> bool:
    """Only what was immutable before is fixed."""
    return old.data.get("immutable") is not True


def volume(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """A volume may be given what it needs to grow, another class, and names of labels that are no longer beta."""
    if found.is_within(pattern("spec.csi.controllerExpandSecretRef")):
        return value_at(old.data, pattern("spec.csi.controllerExpandSecretRef")) is None
    if found.path[:2] == ("spec", "volumeAttributesClassName"):
        return found.after is not None
    if found.path[:2] != ("spec", "nodeAffinity"):
        return False
    before, after = (json.dumps(value_at(side.data, ("spec", "nodeAffinity")), sort_keys=True) for side in (old, new))
    for beta, general in _GENERAL.items():
        before = before.replace(beta, general)
    return before == after


def claim(found: FieldChange, _old: Manifest, _new: Manifest) -> bool:
    """An empty source of data is none."""
    return found.path[-1] in ("dataSource", "dataSourceRef") and not found.before and not found.after


def other(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """A ServiceCIDR may get a second range behind its first; what is written twice in a quota counts once."""
    before, after = (value_at(side.data, found.path[:2]) for side in (old, new))
    if not isinstance(before, list) or not isinstance(after, list):
        return False
    if found.path[1] == "scopes":
        return {str(each) for each in before} == {str(each) for each in after}
    return found.path[1] == "cidrs" and len(before) == 1 and len(after) == 2 and before == after[:1]


def one_way_in_pods(old: Manifest, new: Manifest) -> Iterator[tuple[Path, str]]:
    """Where a Pod was changed in the direction that is closed, with what the API server says."""
    before, after = (value_at(side.data, ("spec", "activeDeadlineSeconds")) for side in (old, new))
    path: Path = ("spec", "activeDeadlineSeconds")
    if before is not None and after is None:
        yield path, "spec.activeDeadlineSeconds: Invalid value: …: must not update from a positive integer to nil value"
    elif isinstance(before, int) and isinstance(after, int) and after > before:
        yield path, "spec.activeDeadlineSeconds: Invalid value: …: must be less than or equal to previous value"
        return  # as the server does
    kept = [_untimed(each) for each in _items(new, "tolerations")]
    if any(_untimed(each) not in kept for each in _items(old, "tolerations")):
        error = "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
        yield ("spec", "tolerations"), error
    gates = [each.get("name") for each in _items(old, "schedulingGates")]
    if any(each.get("name") not in gates for each in _items(new, "schedulingGates")):
        error = "spec.schedulingGates…: Forbidden: only deletion is allowed, but found new scheduling gate …"
        yield ("spec", "schedulingGates"), error


def _items(pod: Manifest, name: str) -> Iterator[Mapping[str, Any]]:
    found = value_at(pod.data, ("spec", name))
    yield from (item for item in (found if isinstance(found, list) else ()) if isinstance(item, Mapping))


def _untimed(toleration: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds" and value not in ("", None)}
