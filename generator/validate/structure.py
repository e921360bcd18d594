"""The layer `schema`: every object is made as its kind's schema says.

Input: one object and the schemas of a Kubernetes version. Output: its problems, in plain words, and its data without
the parts that have the wrong type, so that the rules of the next layers can rely on types.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from generator.diagnostics import Code
from generator.kube.workloads import api_group
from generator.manifest import Manifest, Path
from generator.validate import codes
from generator.validate.compilers import Violation
from generator.validate.model import Problem, Problems
from generator.validate.removed import REPLACEMENTS
from generator.validate.schemas import BUILT_IN_GROUPS, Schema, Schemas

_TYPES: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_SECRET_KINDS: Final = frozenset({"Secret"})


@dataclass(frozen=True)
class Structure:
    """What the schema layer found. `data` is well typed; `is_checked` is False when no schema is known for the kind."""

    problems: tuple[Problem, ...]
    data: Mapping[str, Any]
    is_checked: bool = True


def check_structure(manifest: Manifest, schemas: Schemas) -> Structure:
    """Check one object against the schema of its kind."""
    reference = manifest.ref
    if not reference.api_version or not reference.kind:
        missing = [name for name in ("apiVersion", "kind") if not _is_text(manifest.data.get(name))]
        verb = "is" if len(missing) == 1 else "are"
        return Structure((Problem(codes.NO_KIND, f"{' and '.join(missing)} {verb} missing"),), {})
    nulls = tuple(_nulls(manifest.data))
    data = _without(manifest.data, nulls) if nulls else manifest.data
    problems = [_null(path) for path in nulls]
    schema = schemas.find(reference.api_version, reference.kind)
    if schema is None:
        if api_group(reference.api_version) in BUILT_IN_GROUPS:
            problems.append(_no_such_kind(reference.api_version, reference.kind))
            return Structure(tuple(problems), data)
        return Structure(tuple(problems), data, is_checked=False)
    if schema.is_custom:  # there the API server takes null for a value, which the schema allows or not
        data, problems = manifest.data, []
    violations = tuple(schema.check(data))
    problems += _explained(violations, data, schema, reference.kind in _SECRET_KINDS)
    wrong = tuple(found.path for found in violations if found.keyword not in ("required", "additionalProperties"))
    return Structure(tuple(problems), _without(data, wrong) if wrong else data)


def _no_such_kind(api_version: str, kind: str) -> Problem:
    replacement = REPLACEMENTS.get((api_version, kind))
    hint = f"write `apiVersion: {replacement}`" if replacement else ""
    return Problem(codes.NO_SUCH_KIND, f"there is no {kind} in {api_version}", ("apiVersion",), hint)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _nulls(data: object, path: Path = ()) -> Iterator[Path]:
    """The places of mapping values that are null."""
    if isinstance(data, dict):
        for key, value in data.items():
            if value is None:
                yield (*path, key)
            elif value.__class__ is dict or value.__class__ is list:
                yield from _nulls(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            if item.__class__ is dict or item.__class__ is list:
                yield from _nulls(item, (*path, index))


def _null(path: Path) -> Problem:
    return Problem(codes.NULL, f"{_name(path)} is empty (null)", path, "write a value, or leave the key out")


def _without(data: Any, paths: tuple[Path, ...]) -> Any:
    """A copy without what stands at these paths: the nearest key above each of them is left out."""
    drop = {_to_key(path) for path in paths}

    def copy(value: Any, here: Path) -> Any:
        if isinstance(value, dict):
            return {key: copy(item, (*here, key)) for key, item in value.items() if (*here, key) not in drop}
        if isinstance(value, list):
            return [copy(item, (*here, index)) for index, item in enumerate(value)]
        return value

    return copy(data, ())


def _to_key(path: Path) -> Path:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _explained(violations: tuple[Violation, ...], data: Any, schema: Schema, is_secret: bool) -> Iterator[Problem]:
    for violation in violations:
        yield from _problems(violation, data, schema, is_secret)


def _problems(violation: Violation, data: Any, schema: Schema, is_secret: bool) -> Problems:
    path, wanted = violation.path, violation.wanted
    value = _value(data, path)
    shown = "another type" if is_secret else _shown(value)
    match violation.keyword:
        case "additionalProperties":
            for name in wanted:
                hint = _suggestion(name, path, schema)
                yield Problem(codes.UNKNOWN_FIELD, f'unknown field "{name}"', (*path, name), hint)
        case "required":
            yield Problem(codes.MISSING_FIELD, f'{_name(path)} needs the field "{wanted}"', path)
        case "type":
            types = [name for name in wanted if name != "null"]
            asked = " or ".join(_TYPES.get(name, name) for name in types)
            message = f"{_name(path)} must be {asked}, but is {shown}"
            yield Problem(codes.WRONG_TYPE, message, path, _quoting(types, value))
        case "oneOf" | "anyOf" if isinstance(value, (dict, list, bool)):
            yield Problem(codes.WRONG_TYPE, f"{_name(path)} must be a number or a text, but is {shown}", path)
        case "enum":
            allowed = ", ".join(str(item) for item in wanted)
            yield Problem(codes.VALUE, f"{_name(path)} must be one of {allowed}, but is {shown}", path)
        case keyword:
            yield _limit(keyword, wanted, path, shown)


def _limit(keyword: str, wanted: Any, path: Path, shown: str) -> Problem:
    sentence = {
        "minimum": f"must be at least {wanted}",
        "maximum": f"must be at most {wanted}",
        "minLength": f"must have at least {wanted} characters",
        "maxLength": f"must have at most {wanted} characters",
        "minItems": f"must have at least {wanted} items",
        "maxItems": f"must have at most {wanted} items",
        "pattern": f"must match {wanted}",
        "minProperties": f"must have at least {wanted} keys",
        "maxProperties": f"must have at most {wanted} keys",
        "uniqueItems": "must not hold a value twice",
        "const": f"must be {wanted}",
    }.get(keyword, f"breaks the schema's rule `{keyword}`")
    code: Code = codes.VALUE
    return Problem(code, f"{_name(path)} {sentence}, but is {shown}", path)


def _suggestion(name: str, path: Path, schema: Schema) -> str:
    fields = schema.fields_at(path)
    lower = {field.lower(): field for field in fields}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    return f'did you mean "{lower[near[0]]}"?' if near else ""


def _quoting(types: list[str], value: Any) -> str:
    if types == ["string"] and isinstance(value, (bool, int, float)):
        return f'write it in quotes: "{json.dumps(value)}"'
    if isinstance(value, str) and types in (["integer"], ["number"], ["boolean"]):
        return "write it without quotes" if value.strip("-").isdigit() or value in ("true", "false") else ""
    return ""


def _name(path: Path) -> str:
    """The last steps of a path: `replicas`, `item 2 of args`."""
    if not path:
        return "the object"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {_name(path[:-1])}"
    return path[-1]


def _value(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _shown(value: Any) -> str:
    match value:
        case None:
            return "empty (null)"
        case bool():
            return "true" if value else "false"
        case str():
            text = value if len(value) <= 60 else f"{value[:60]}…"
            return f"the text {json.dumps(text, ensure_ascii=False)}"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return f"the number {json.dumps(value)}"
