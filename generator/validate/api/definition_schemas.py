"""The schemas in CustomResourceDefinitions: they must be structural.

Source: apiextensions-apiserver pkg/apiserver/schema/validation.go (ValidateStructural), convert.go, and
pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.kube.go_patterns import go_pattern_matches, go_pattern_mistake
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.expressions import expression, schema_type
from generator.validate.api.tables import checked, field, need, one_of
from generator.validate.model import Data, Problem, Problems

_TYPES: Final = ("array", "boolean", "integer", "number", "object", "string")
_UNKNOWN: Final = ("$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties")
_ONLY_OUTSIDE: Final = (
    "type",
    "additionalProperties",
    "default",
    "title",
    "description",
    "nullable",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-validations",
)
"""What may not stand below allOf, anyOf, oneOf and not."""

_INT_OR_STRING: Final = [{"type": "integer"}, {"type": "string"}]
# fmt: off
_AT_ROOT: Final = frozenset((
    "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf", "required", "items", "properties",
    "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
))
# fmt: on
_VALUES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_RULE: Final = (
    need("rule"),
    field("reason", one_of("FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate")),
)
_STEP: Final = regex(r"\.([A-Za-z_][\w-]*)|\['([^']+)'\]")


def root_schema(schema: Data, path: Path, *, has_status: bool) -> Problems:
    """The schema of one version."""
    if schema.get("nullable"):
        yield Problem(codes.COMBINATION, "the root can't be nullable", (*path, "nullable"))
    if schema.get("additionalProperties") is not None:
        message = "additionalProperties does not go with the root"
        yield Problem(codes.COMBINATION, message, (*path, "additionalProperties"))
    if schema.get("type") not in (None, "", "object"):
        yield Problem(codes.CHOICE, "type of the root must be object", (*path, "type"))
    for key in schema if has_status else ():
        if key not in _AT_ROOT and schema[key] not in (False, None, "", [], {}):
            message = f"with a status subresource, {key} does not go with the root"
            yield Problem(codes.COMBINATION, message, (*path, key))
    yield from _schema(schema, path, is_root=True)


def field_at(schema: Data, text: str) -> Data | None:
    """The part of a schema that a path as `.spec.size` leads to; None when there is none."""
    if not text or _STEP.sub("", text):
        return None
    for name, quoted in _STEP.findall(text):
        found = (schema.get("properties") or {}).get(name or quoted)
        if not isinstance(found, Mapping):
            return None
        schema = found
    return schema


def _schema(schema: Data, path: Path, *, is_root: bool = False) -> Problems:
    kind = schema.get("type") or ""
    embedded = bool(schema.get("x-kubernetes-embedded-resource"))
    either = bool(schema.get("x-kubernetes-int-or-string"))
    yield from _own(schema, kind, path)
    yield from _rules(schema, path, is_root=is_root)
    if embedded and kind != "object":
        yield Problem(codes.EMPTY, "x-kubernetes-embedded-resource needs type: object", path)
    elif not kind and not either and not schema.get("x-kubernetes-preserve-unknown-fields"):
        yield Problem(codes.EMPTY, "type is missing", path)
    for key in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource") if either else ():
        if schema.get(key):
            yield Problem(codes.COMBINATION, f"{key} does not go with x-kubernetes-int-or-string", (*path, key))
    if embedded:
        yield from _embedded(schema, path)
    if kind == "array" and schema.get("items") is None:
        yield Problem(codes.EMPTY, "a list needs items", path)
    yield from _metadata(schema, path, is_root=is_root, embedded=embedded)
    yield from _default(schema, kind, path)
    yield from _nested_all(schema, path, either=either)
    properties = schema.get("properties") or {}
    for name, inner in properties.items():
        if not (name == "metadata" and is_root):
            yield from _schema(inner, (*path, "properties", name))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from _schema(schema[key], (*path, key))


def _own(schema: Data, kind: str, path: Path) -> Problems:
    """What a schema says by itself, wherever it stands."""
    if kind:
        yield from fields.choice(kind, _TYPES, (*path, "type"))
    for key in _UNKNOWN:
        if schema.get(key) not in (None, "", {}):
            yield Problem(codes.COMBINATION, f"{key} is not supported", (*path, key))
    if isinstance(schema.get("items"), list):
        yield Problem(codes.COMBINATION, "items must be one schema", (*path, "items"))
    if schema.get("uniqueItems"):
        hint = "write x-kubernetes-list-type: set"
        yield Problem(codes.COMBINATION, "uniqueItems can't be true", (*path, "uniqueItems"), hint)
    more = schema.get("additionalProperties")
    if schema.get("properties") and more is not None and more is not True:
        message = "additionalProperties and properties exclude each other"
        yield Problem(codes.COMBINATION, message, (*path, "additionalProperties"))
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        key = "x-kubernetes-preserve-unknown-fields"
        yield Problem(codes.COMBINATION, f"{key} is true, or left out", (*path, key))
    yield from _pattern(schema, path)
    yield from _list_type(schema, kind, path)
    if (grain := schema.get("x-kubernetes-map-type")) is not None:
        yield from fields.word(grain, ("atomic", "granular"), (*path, "x-kubernetes-map-type"))
        if kind != "object":
            yield Problem(codes.COMBINATION, "x-kubernetes-map-type needs type: object", path)


def _pattern(schema: Data, path: Path) -> Problems:
    if mistake := go_pattern_mistake(schema.get("pattern") or ""):
        yield Problem(codes.NAME, f"pattern is no regular expression of Go: {mistake}", (*path, "pattern"))


def _list_type(schema: Data, kind: str, path: Path) -> Problems:
    what, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or ()
    items = schema.get("items") if isinstance(schema.get("items"), Mapping) else None
    here = (*path, "x-kubernetes-list-type")
    if keys and what != "map":
        yield Problem(codes.COMBINATION, "x-kubernetes-list-map-keys needs x-kubernetes-list-type: map", path)
    if what is None:
        return
    yield from fields.word(what, ("atomic", "set", "map"), here)
    if kind != "array":
        yield Problem(codes.COMBINATION, "x-kubernetes-list-type needs type: array", here)
    if what == "set" and items is not None:
        grain = items.get("x-kubernetes-map-type") if items.get("type") == "object" else "atomic"
        if items.get("type") == "array":
            grain = items.get("x-kubernetes-list-type", "atomic")
        if grain != "atomic":
            yield Problem(codes.COMBINATION, "the items of a set must be atomic", (*path, "items"))
        if items.get("nullable"):
            yield Problem(codes.COMBINATION, "the items of a set can't be nullable", (*path, "items", "nullable"))
    if what == "map":
        yield from _map_list(items, keys, path)


def _map_list(items: Data | None, keys: Any, path: Path) -> Problems:
    if not keys:
        yield Problem(codes.EMPTY, "x-kubernetes-list-type: map needs x-kubernetes-list-map-keys", path)
    if items is None or items.get("type") != "object":
        yield Problem(codes.COMBINATION, "x-kubernetes-list-type: map needs items of type object", path)
        return
    if items.get("nullable"):
        yield Problem(codes.COMBINATION, "the items of a map can't be nullable", (*path, "items", "nullable"))
    here = (*path, "x-kubernetes-list-map-keys")
    if len(set(keys)) != len(keys):
        yield Problem(codes.DUPLICATE, "a key is named twice", here)
    for key in dict.fromkeys(keys):
        found = (items.get("properties") or {}).get(key)
        if found is None:
            yield Problem(codes.CHOICE, f'the items have no property "{key}"', here)
            continue
        where = (*path, "items", "properties", key)
        if found.get("type") in ("array", "object"):
            yield Problem(codes.COMBINATION, f'the key "{key}" can be no list and no mapping', (*where, "type"))
        if found.get("nullable"):
            yield Problem(codes.COMBINATION, f'the key "{key}" can\'t be nullable', (*where, "nullable"))
        if found.get("default") is None and key not in (items.get("required") or ()):
            message = f'the key "{key}" must be required, or have a default'
            yield Problem(codes.EMPTY, message, (*path, "items"))


def _rules(schema: Data, path: Path, *, is_root: bool) -> Problems:
    rules = schema.get("x-kubernetes-validations") or ()
    itself = schema_type(schema, is_root=is_root) if rules else None
    for index, rule in enumerate(rules):
        here = (*path, "x-kubernetes-validations", index)
        yield from checked(rule, _RULE, here)
        text, message = rule.get("rule") or "", rule.get("message") or ""
        for key in ("rule", "message", "messageExpression", "fieldPath"):
            if rule.get(key) and not rule[key].strip():
                yield Problem(codes.EMPTY, f"{key} is empty", (*here, key))
        if "\n" in message.strip() or "\r" in message.strip():
            yield Problem(codes.NAME, "the message holds a line break", (*here, "message"))
        elif "\n" in text.strip() and not message.strip():
            yield Problem(codes.EMPTY, "a rule of several lines needs a message", here)
        if rule.get("fieldPath") and field_at(schema, rule["fieldPath"]) is None:
            yield Problem(codes.PATH, f'fieldPath "{rule["fieldPath"]}" leads nowhere', (*here, "fieldPath"))
        variables = {"self": itself, "oldSelf": "dyn" if rule.get("optionalOldSelf") else itself}
        for key, wanted in (("rule", "bool"), ("messageExpression", "string")):
            if (rule.get(key) or "").strip():
                yield from expression(variables, wanted)(rule[key], (*here, key))


def _embedded(schema: Data, path: Path) -> Problems:
    if schema.get("additionalProperties") is not None:
        message = "additionalProperties does not go with an embedded resource"
        yield Problem(codes.COMBINATION, message, (*path, "additionalProperties"))
    if not schema.get("properties") and not schema.get("x-kubernetes-preserve-unknown-fields"):
        message = "an embedded resource needs properties, or x-kubernetes-preserve-unknown-fields"
        yield Problem(codes.EMPTY, message, path)


def _metadata(schema: Data, path: Path, *, is_root: bool, embedded: bool) -> Problems:
    """What every object has is known, and can hardly be said otherwise."""
    if not is_root and not embedded:
        return
    properties = schema.get("properties") or {}
    for name, kind in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
        inner = properties.get(name)
        if inner is not None and inner.get("type") != kind:
            yield Problem(codes.CHOICE, f"type of {name} must be {kind}", (*path, "properties", name, "type"))
    metadata = properties.get("metadata")
    if is_root and metadata is not None:
        said = {key for key in metadata if metadata[key] not in (None, "", {}, False)} - {"type", "description"}
        if said - {"properties"} or set(metadata.get("properties") or ()) - {"name", "generateName"}:
            message = "of metadata, only name and generateName can be said more of"
            yield Problem(codes.COMBINATION, message, (*path, "properties", "metadata"))


def _default(schema: Data, kind: str, path: Path) -> Problems:
    value = schema.get("default")
    if value is None or kind not in _VALUES:
        return
    is_of = isinstance(value, _VALUES[kind]) and (kind == "boolean" or not isinstance(value, bool))
    choices = schema.get("enum")
    if not is_of or (choices and value not in choices):
        yield Problem(codes.CHOICE, "the default is no value that the schema takes", (*path, "default"))
        return
    low, high = schema.get("minimum"), schema.get("maximum")
    if kind in ("integer", "number") and ((low is not None and value < low) or (high is not None and value > high)):
        yield Problem(codes.RANGE, "the default is out of range", (*path, "default"))
    if kind == "string" and schema.get("pattern") and go_pattern_matches(schema["pattern"], value) is False:
        yield Problem(codes.CHOICE, "the default does not match the pattern", (*path, "default"))


def _nested_all(schema: Data, path: Path, *, either: bool) -> Problems:
    """The schemas below allOf, anyOf, oneOf and not."""
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key) or ()):
            is_pattern = either and key == "anyOf" and schema["anyOf"] == _INT_OR_STRING
            first = either and key == "allOf" and index == 0 and inner.get("anyOf") == _INT_OR_STRING
            if not is_pattern:
                yield from _nested(inner, (*path, key, index), skips_any=first)
    if isinstance(schema.get("not"), Mapping):
        yield from _nested(schema["not"], (*path, "not"))


def _nested(schema: Data, path: Path, *, skips_any: bool = False) -> Problems:
    for key in _ONLY_OUTSIDE:
        if schema.get(key) not in (None, "", [], {}, False):
            yield Problem(codes.COMBINATION, f"{key} can't stand here: write it outside", (*path, key))
    yield from _pattern(schema, path)
    for name, inner in (schema.get("properties") or {}).items():
        yield from _nested(inner, (*path, "properties", name))
    if isinstance(schema.get("items"), Mapping):
        yield from _nested(schema["items"], (*path, "items"))
    rest = {key: value for key, value in schema.items() if not (skips_any and key == "anyOf")}
    yield from _nested_all(rest, path, either=False)
