"""Strict JSON schemas of custom resources, out of the structural schemas of their definitions.

Input: the `openAPIV3Schema` of one version (or a schema of the CRDs-catalog). Output: a JSON schema that takes what the
API server takes once defaults are filled in: a field that the definition does not name is an error, unless it says
`x-kubernetes-preserve-unknown-fields`; `nullable` and `x-kubernetes-int-or-string` mean what they do there.
Source: apiextensions-apiserver, pkg/apiserver/schema (pruning, objectmeta), pkg/apiserver/validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.validate.compilers import DEFINITIONS, go_pattern
from generator.validate.custom.formats import FORMATS, PREFIX, normalized

_META: Final = {"$ref": f"{DEFINITIONS}#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
_KEPT: Final = (
    "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
)  # fmt: skip
_LOGIC: Final = ("allOf", "anyOf", "oneOf")
_KIND: Final = {"type": "string", "pattern": "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", "maxLength": 63}
_TYPES: Final[tuple[tuple[str, type], ...]] = (
    ("properties", dict), ("required", list), ("enum", list), ("pattern", str), *((key, list) for key in _LOGIC),
    ("x-kubernetes-validations", list), ("x-kubernetes-list-map-keys", list),
)  # fmt: skip
_NUMBERS: Final = ("int32", "int64")

Node = Mapping[str, Any]


def of_definition(schema: Node, api_version: str, kind: str, has_status: bool) -> dict[str, Any]:
    """The JSON schema of a kind's objects. Of a status that is a subresource, only the names of fields count."""
    result = _strict(schema, is_closed=True)
    fields: dict[str, Any] = result.setdefault("properties", {})
    metadata = schema.get("properties", {}).get("metadata")
    if has_status and "status" in fields:
        fields["status"] = _names_only(fields["status"])
    fields["apiVersion"] = {"type": "string", "enum": [api_version]}
    fields["kind"] = {"type": "string", "enum": [kind]}
    fields["metadata"] = {"allOf": [_META, _logic(metadata)]} if metadata and len(metadata) > 1 else _META
    result["required"] = [*dict.fromkeys(("apiVersion", "kind", "metadata", *result.get("required", ())))]
    return result


def of_catalog(schema: Node) -> dict[str, Any]:
    """A JSON schema that somebody made of a definition: as strict as it is, with the API server's idea of defaults.

    One that holds references stays as it is.
    """
    if not _stands_alone(schema):
        return dict(schema)
    result = _strict(schema, is_closed=False)
    fields = result.get("properties", {})
    if "metadata" in fields and "properties" not in fields["metadata"]:
        fields["metadata"] = _META
    return result


def is_schema(node: Any) -> bool:
    """Whether the keywords that are read here have the types of their values."""
    if isinstance(node, bool):
        return True
    if not isinstance(node, Mapping) or not all(isinstance(node.get(key, of()), of) for key, of in _TYPES):
        return False
    parts = [*node.get("properties", {}).values(), *(each for key in _LOGIC for each in node.get(key, ()))]
    parts += [node[key] for key in ("items", "additionalProperties", "not") if key in node]
    return all(map(is_schema, parts)) and all(isinstance(each, Mapping) for each in node.get("properties", {}).values())


def _stands_alone(node: Any) -> bool:
    if isinstance(node, Mapping):
        return "$ref" not in node and all(_stands_alone(value) for value in node.values())
    return all(_stands_alone(item) for item in node) if isinstance(node, list) else True


def _strict(source: Node, is_closed: bool) -> dict[str, Any]:
    is_either = bool(source.get("x-kubernetes-int-or-string"))
    result: dict[str, Any] = _limits(source)
    if is_either:
        result["type"] = ["integer", "string", "null"] if source.get("nullable") else ["integer", "string"]
    elif "type" in source:
        kind = result.get("type", source["type"])
        result["type"] = _with_null(kind) if source.get("nullable") else kind
    for key in _LOGIC:
        branches = [_logic(each, is_either) for each in source.get(key, ())]
        if any(branches):
            result[key] = branches
    if "not" in source:
        result["not"] = _logic(source["not"])
    fields = source.get("properties", {})
    if needed := [name for name in source.get("required", ()) if "default" not in fields.get(name, {})]:
        result["required"] = needed
    if "items" in source:
        items = source["items"]
        result["items"] = _strict(items, is_closed) if isinstance(items, Mapping) else items
    if fields:
        result["properties"] = {name: _strict(value, is_closed) for name, value in fields.items()}
    more = source.get("additionalProperties")
    if isinstance(more, Mapping):
        result["additionalProperties"] = _strict(more, is_closed)
    elif more is not None:
        result["additionalProperties"] = more
    elif is_closed and source.get("type") == "object" and not source.get("x-kubernetes-preserve-unknown-fields"):
        result["additionalProperties"] = False
    return _embedded(result) if source.get("x-kubernetes-embedded-resource") else result


def _embedded(result: dict[str, Any]) -> dict[str, Any]:
    """An object of some kind in a field of another has a kind, and metadata that are such."""
    fields = {**result.get("properties", {}), "apiVersion": {"type": "string", "minLength": 1}, "kind": _KIND}
    needed = dict.fromkeys((*result.get("required", ()), "apiVersion", "kind"))
    return {**result, "properties": {**fields, "metadata": _META}, "required": [*needed]}


def _limits(source: Node) -> dict[str, Any]:
    """What a node asks of a single value."""
    result = {key: source[key] for key in _KEPT if key in source}
    if "enum" in source:
        result["enum"] = [*source["enum"], None] if source.get("nullable") else source["enum"]
    if "pattern" in source and (pattern := go_pattern(source["pattern"])) is not None:
        result["pattern"] = pattern
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        key = exclusive if source.get(exclusive) is True else bound
        if bound in source:
            result[key] = source[bound]
        if source.get(exclusive, True) not in (True, False):
            result[exclusive] = source[exclusive]
    name = str(source.get("format", ""))
    if source.get("type") == "integer":
        result["format"] = name if name in _NUMBERS else "int64"
    elif normalized(name) in FORMATS:
        result["format"] = PREFIX + normalized(name)
        if source.get("type") == "string":  # with a format the server takes a list as well, and looks no further
            result |= {"type": ["string", "array"], "items": {"additionalProperties": False}}
    return result


def _logic(source: Any, is_either: bool = False) -> dict[str, Any]:
    """A part that only says which values are allowed: nothing in it makes a field known or unknown."""
    if not isinstance(source, Mapping):
        return {}
    result = {} if is_either else {"type": source["type"]} if "type" in source else {}
    result |= _limits(source)
    for key in _LOGIC:
        branches = [_logic(each, is_either) for each in source.get(key, ())]
        if any(branches):
            result[key] = branches
    if "not" in source:
        result["not"] = _logic(source["not"])
    if "required" in source:
        result["required"] = source["required"]
    if "properties" in source:
        result["properties"] = {name: _logic(value) for name, value in source["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in source:
            result[key] = _logic(source[key]) if isinstance(source[key], Mapping) else source[key]
    return result


def _names_only(schema: dict[str, Any]) -> dict[str, Any]:
    """Only which fields there are; what is no object has none."""
    if not schema.keys() & {"properties", "items", "additionalProperties"}:
        return {"additionalProperties": False, "items": {"additionalProperties": False}} if "type" in schema else {}
    result: dict[str, Any] = {}
    if "properties" in schema:
        result["properties"] = {name: _names_only(value) for name, value in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            result[key] = _names_only(schema[key])
        elif key in schema:
            result[key] = schema[key]
    return result


def _with_null(kind: Any) -> list[Any]:
    return [*(kind if isinstance(kind, list) else [kind]), "null"]
