"""Expressions of CEL in policies, webhooks, device classes and definitions of custom resources.

Source: k8s.io/apiserver/pkg/admission/plugin/cel (the variables of each place, and their types), pkg/cel/common/
schemas.go (SchemaDeclType), pkg/cel/escaping.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.kube.cel import RESERVED, CelError, Type, mistake, type_of
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.tables import Check
from generator.validate.model import Data, Problem, Problems

_KIND: Final = {"group": "string", "version": "string", "kind": "string"}
_RESOURCE: Final = {"group": "string", "version": "string", "resource": "string"}
_USER: Final = {
    "username": "string",
    "uid": "string",
    "groups": ("list", "string"),
    "extra": ("map", ("list", "string")),
}
_REQUEST: Final = {
    "kind": _KIND,
    "resource": _RESOURCE,
    "subResource": "string",
    "requestKind": _KIND,
    "requestResource": _RESOURCE,
    "requestSubResource": "string",
    "name": "string",
    "namespace": "string",
    "operation": "string",
    "userInfo": _USER,
    "dryRun": "bool",
    "options": "dyn",
}
_TEXTS: Final = ("map", "string")
_METADATA: Final = {
    **dict.fromkeys(("name", "generateName", "namespace", "UID", "resourceVersion"), "string"),
    **dict.fromkeys(("labels", "annotations"), _TEXTS),
    **dict.fromkeys(("creationTimestamp", "deletionTimestamp"), "timestamp"),
    **dict.fromkeys(("deletionGracePeriodSeconds", "generation"), "int"),
    "finalizers": ("list", "string"),
}
_NAMESPACE: Final = {"metadata": _METADATA, "spec": {"finalizers": ("list", "string")}, "status": {"phase": "string"}}
MESSAGE: Final[Mapping[str, Type]] = {
    "object": "dyn",
    "oldObject": "dyn",
    "request": _REQUEST,
    "namespaceObject": _NAMESPACE,
}
"""What an expression for a message may use."""

POLICY: Final[Mapping[str, Type]] = {**MESSAGE, "authorizer": {"requestResource": "authorizer"}}
"""What any other expression of a policy or webhook may use, and the parameters when there are some."""

DEVICE: Final[Mapping[str, Type]] = {
    "device": {
        "driver": "string",
        "attributes": ("map", ("map", "dyn")),
        "capacity": ("map", ("map", "quantity")),
        "allowMultipleAllocations": "bool",
    }
}
"""What a selector of devices may use."""


def expression(variables: Mapping[str, Type], *wanted: str) -> Check:
    """An expression whose result has one of these types (none: any), and that uses no other variables."""

    def check(value: Any, path: Path) -> Problems:
        if not value.strip():
            yield Problem(codes.EMPTY, f'"{fields.what(path)}" is missing', path)
        elif wrong := mistake(value, variables, wanted):
            yield Problem(codes.EXPRESSION, f"the expression can't be compiled: {wrong}", path)

    return check


def result_type(text: str, variables: Mapping[str, Type]) -> Type:
    """The type of an expression's result; `dyn` when it can't be compiled, which is said elsewhere."""
    try:
        return type_of(text, variables)
    except (CelError, RecursionError):
        return "dyn"


_SCALARS: Final = {"string": "string", "boolean": "bool", "integer": "int", "number": "double"}
_FORMATS: Final = {"byte": "bytes", "date": "timestamp", "date-time": "timestamp", "duration": "duration"}
_RESOURCE_FIELDS: Final = {
    "apiVersion": "string",
    "kind": "string",
    "metadata": {"name": "string", "generateName": "string"},
}
_ESCAPES: Final = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


def schema_type(schema: Data, *, is_root: bool = False) -> Type:
    """The type of what a schema of a custom resource describes; None for what rules can't look at."""
    kind = schema.get("type") or ""
    if schema.get("x-kubernetes-int-or-string"):
        return "dyn"
    if kind in _SCALARS:
        return _FORMATS.get(schema.get("format") or "", "string") if kind == "string" else _SCALARS[kind]
    if kind == "array":
        inner = schema_type(schema["items"]) if isinstance(schema.get("items"), Mapping) else None
        return ("list", inner) if inner is not None else None
    if kind != "object":
        return None
    more = schema.get("additionalProperties")
    if isinstance(more, Mapping):
        inner = schema_type(more)
        return ("map", inner) if inner is not None else None
    inner = {_escaped(name): schema_type(each) for name, each in (schema.get("properties") or {}).items()}
    known = {name: each for name, each in inner.items() if each is not None}
    return {**known, **_RESOURCE_FIELDS} if is_root or schema.get("x-kubernetes-embedded-resource") else known


def _escaped(name: str) -> str:
    if name in RESERVED:
        return f"__{name}__"
    for sign, word in _ESCAPES:
        name = name.replace(sign, word)
    return name
