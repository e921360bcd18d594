"""Names, labels and annotations of every object.

Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go; the kinds' own name rules in pkg/apis/*/validation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from generator.kube import names
from generator.validate.api import codes, fields
from generator.validate.model import Data, ObjectRule, Problem, Problems

MAX_ANNOTATIONS: Final = 256 << 10
_LISTS: Final = "List"
_NAMES: Final[Mapping[str, Callable[[str], str]]] = {
    "Service": names.dns_1035_mistake,
    "Namespace": names.dns_label_mistake,
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), names.segment_mistake),
    "PodDisruptionBudget": names.segment_mistake,
    "IPAddress": names.address_mistake,
}
_LONGEST: Final[Mapping[str, int]] = {"CronJob": 52}


def _metadata(data: Data) -> Problems:
    kind = str(data.get("kind", ""))
    if kind.endswith(_LISTS) and "items" in data:
        return
    metadata = data.get("metadata")
    if not isinstance(metadata, Mapping):
        yield Problem(codes.EMPTY, "metadata with a name is missing")
        return
    yield from _name(kind, metadata)
    if isinstance(namespace := metadata.get("namespace"), str) and namespace:
        yield from fields.named(namespace, names.dns_label_mistake, ("metadata", "namespace"))
    yield from meta(metadata, ("metadata",))


def meta(metadata: Mapping[str, Any], path: tuple[str | int, ...]) -> Problems:
    """Labels and annotations, of objects and of pod templates."""
    labels = metadata.get("labels")
    if isinstance(labels, Mapping):
        yield from fields.labels(labels, (*path, "labels"))
    annotations = metadata.get("annotations")
    if not isinstance(annotations, Mapping):
        return
    size = 0
    for key, value in annotations.items():
        size += len(key) + len(value) if isinstance(value, str) else 0
        if wrong := names.label_key_mistake(key.lower()):
            where = (*path, "annotations", key)
            yield Problem(codes.LABEL, f'the annotation "{key}" must {wrong}', where)
    if size > MAX_ANNOTATIONS:
        message = f"the annotations have {size} characters; together they may have {MAX_ANNOTATIONS}"
        yield Problem(codes.LABEL, message, (*path, "annotations"))


def _name(kind: str, metadata: Mapping[str, Any]) -> Problems:
    name = metadata.get("name")
    if not name:
        if not metadata.get("generateName"):
            yield Problem(codes.EMPTY, "metadata.name is missing", ("metadata",))
        return
    if not isinstance(name, str):
        return
    path = ("metadata", "name")
    longest = _LONGEST.get(kind)
    if longest and len(name) > longest:
        message = f'name "{name}" must have at most {longest} characters: a {kind} adds 11 to it for what it makes'
        yield Problem(codes.NAME, message, path)
    yield from fields.named(name, _NAMES.get(kind, names.subdomain_mistake), path)


RULES = (ObjectRule(_metadata),)
