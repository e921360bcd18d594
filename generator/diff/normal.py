"""Brings an object into the form in which it is compared: a tree in which equal is what means the same to Kubernetes.

Input: a manifest. Output: its tree, defaults filled in, quantities by value, secrets hidden. Two objects that the API
server stores alike have equal trees.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Final

from generator.diff.model import HIDDEN, Leaf, Path, Scalar, Tree
from generator.kube.credentials import credential_form, names_credential
from generator.kube.defaults import defaults
from generator.kube.quantities import amount
from generator.kube.workloads import api_group
from generator.manifest import Manifest

BUILT_IN: Final = frozenset(
    {
        "",
        "apps",
        "autoscaling",
        "batch",
        "policy",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
"""API groups whose objects Kubernetes itself defines: there null, an empty list and a missing field are one."""

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps a whole object, a Secret's data with it."""

_EMPTY_IS_ABSENT: Final = frozenset(
    {"annotations", "binaryData", "data", "labels", "limits", "matchLabels", "nodeSelector", "requests"}
)
_QUANTITIES: Final = frozenset({"capacity", "hard", "limits", "requests"})
_QUANTITY_FIELDS: Final = frozenset({"averageValue", "divisor", "sizeLimit"})


def normalise(manifest: Manifest, namespace: str) -> dict[str, Tree]:
    """The tree of an object; `namespace` is where it lands when it names none."""
    data = {key: value for key, value in manifest.data.items() if key != "status"}
    group, kind = api_group(manifest.ref.api_version), manifest.ref.kind
    if (group, kind) == ("", "Secret"):
        data = _merged_secret(data)
    metadata = data.get("metadata")
    if isinstance(metadata, Mapping):
        data["metadata"] = {"namespace": namespace, **metadata}
    tree = _Reader(built_in=group in BUILT_IN, kind=kind).tree(data, ())
    assert isinstance(tree, dict)
    for default in defaults(group, kind):
        for parent in _mappings(tree, default.parent):
            if default.field not in parent:
                value = default.for_object({key: _plain(part) for key, part in parent.items()})
                if value is not None:
                    parent[default.field] = _default_tree(value)
    return tree


class _Reader:
    """Reads the data of one object."""

    def __init__(self, *, built_in: bool, kind: str) -> None:
        self._built_in = built_in
        self._is_secret = built_in and kind == "Secret"
        self._is_config = built_in and kind == "ConfigMap"

    def tree(self, value: Any, path: Path) -> Tree:
        if isinstance(value, Mapping):
            return {
                key: _hidden(part) if self._is_hidden(value, key, path) else self.tree(part, (*path, key))
                for key, part in value.items()
                if not self._is_absent(key, part)
            }
        if isinstance(value, list):
            return [self.tree(part, (*path, "[]")) for part in value]
        if isinstance(value, str) and credential_form(value):
            return _hidden(value)
        return Leaf(self._meaning(value, path), value)

    def _is_absent(self, key: str, value: object) -> bool:
        if not self._built_in:
            return False
        return value is None or value == [] or (key in _EMPTY_IS_ABSENT and value == {})

    def _is_hidden(self, parent: Mapping[str, Any], key: str, path: Path) -> bool:
        if self._is_secret and (path == ("data",) or key == LAST_APPLIED):
            return True
        if self._is_config and path == ("data",):
            return names_credential(key)
        name = parent.get("name")
        return key == "value" and isinstance(name, str) and names_credential(name)

    def _meaning(self, value: Scalar, path: Path) -> Hashable:
        if self._built_in and not isinstance(value, bool) and isinstance(value, (str, int, float)):
            is_quantity = path[-1] in _QUANTITY_FIELDS or (len(path) > 1 and path[-2] in _QUANTITIES)
            quantity = amount(value) if is_quantity else None
            if quantity is not None:
                return "quantity", quantity
        return _json_type(value), value


def _json_type(value: object) -> str:
    """What sets `true`, `1` and `"1"` apart, which Python would find equal in part."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return type(value).__name__


def _merged_secret(data: Mapping[str, Any]) -> dict[str, Any]:
    """A Secret with `stringData` put into `data`, as the API server does, and the values decoded."""
    encoded = data.get("data")
    values = dict(encoded) if isinstance(encoded, Mapping) else {}
    values = {key: _decoded(value) for key, value in values.items()}
    plain = data.get("stringData")
    if isinstance(plain, Mapping):
        values |= {key: str(value).encode() for key, value in plain.items()}
    return {key: value for key, value in data.items() if key != "stringData"} | {"data": values}


def _decoded(value: object) -> object:
    try:
        return base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return value


def _hidden(value: object) -> Leaf:
    """A leaf that tells whether a value changed, and nothing more."""
    return Leaf(hashlib.sha256(value if isinstance(value, bytes) else repr(value).encode()).hexdigest(), HIDDEN)


def _mappings(tree: Tree, path: Path) -> Iterator[dict[str, Tree]]:
    """The mappings at a path, in which `[]` stands for every item of a list."""
    if not path:
        if isinstance(tree, dict):
            yield tree
    elif path[0] == "[]":
        for item in tree if isinstance(tree, list) else ():
            yield from _mappings(item, path[1:])
    elif isinstance(tree, dict) and path[0] in tree:
        yield from _mappings(tree[path[0]], path[1:])


def _plain(tree: Tree) -> object:
    return tree.value if isinstance(tree, Leaf) else tree


def _default_tree(value: object) -> Tree:
    if isinstance(value, dict):
        return {}
    if isinstance(value, list):
        return [_default_tree(part) for part in value]
    assert value is None or isinstance(value, (str, int, float))
    return Leaf((_json_type(value), value), value, is_default=True)
