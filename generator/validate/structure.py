"""The layer `schema`: every object is made as its kind's schema says.

Input: one object and the schemas of a Kubernetes version. Output: its problems, in plain words, and its data without
the parts that have the wrong type or name, so that the rules of the next layers can rely on types.
"""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from generator.diagnostics import Code, Severity
from generator.kube.workloads import api_group
from generator.manifest import Manifest, Path
from generator.records import dataclass
from generator.validate import codes
from generator.validate.compilers import Violation
from generator.validate.custom.definitions import Description
from generator.validate.custom.formats import NAMES, PREFIX
from generator.validate.custom.instances import Judgement, defaulted, dropped, judged, without_nulls
from generator.validate.decoding import are_bytes, encoded, odd_values
from generator.validate.lifecycle import LIVES
from generator.validate.missing_kinds import why_missing
from generator.validate.model import Problem, Problems
from generator.validate.programs import is_for_a_program
from generator.validate.schemas import BUILT_IN_GROUPS, Schema, Schemas

_TYPES: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
# Required by the schemas, but the API server takes it as empty, fills it in, or drops what holds it: the ends of paths
# from the object's kind on, without the numbers of lists, * for any key. A real server was asked for each.
_OPTIONAL: Final = (
    ("CSIDriver", "spec"),
    ("CSINode", "spec"),
    ("CSINode", "spec", "drivers"),
    ("ControllerRevision", "revision"),
    ("DeviceClass", "spec"),
    ("EndpointSlice", "endpoints"),
    ("LimitRange", "spec", "limits"),
    ("PriorityClass", "value"),
    ("ResourceClaim", "spec"),
    ("ResourceClaimTemplate", "spec"),
    ("ResourceClaimTemplate", "spec", "spec"),
    ("capacity", "*", "value"),
    ("clusterTrustBundle", "path"),
    ("dataSource", "kind"),
    ("dataSource", "name"),
    ("forZones", "name"),
    ("httpHeaders", "value"),
    ("iscsi", "lun"),
    ("metric", "selector", "matchExpressions", "key"),
    ("metric", "selector", "matchExpressions", "operator"),
    ("ownerReferences", "apiVersion"),  # within templates; those of the object itself have a rule
    ("ownerReferences", "kind"),
    ("ownerReferences", "name"),
    ("ownerReferences", "uid"),
    ("podFailurePolicy", "rules"),
    ("pool", "generation"),
    ("preferredDuringSchedulingIgnoredDuringExecution", "preference"),
    ("roleRef", "apiGroup"),
    ("sharedCounters", "counters"),
    ("sharedCounters", "name"),
    ("consumesCounters", "counterSet"),
    ("consumesCounters", "counters"),
    ("counters", "*", "value"),
    ("validRange", "min"),
    ("devices", "nodeSelector", "nodeSelectorTerms"),  # dropped, unless each device has a selector of its own
    ("devices", "taints", "effect"),
    ("devices", "taints", "key"),
    ("sleep", "seconds"),
    ("sysctls", "value"),
    ("tokenRequests", "audience"),
    ("versions", "served"),
    ("versions", "storage"),
    ("webhook", "conversionReviewVersions"),
    ("workloadRef", "name"),
    ("workloadRef", "podGroup"),
)
_EMPTY: Final[Mapping[str, Any]] = {"array": [], "integer": 0, "number": 0, "boolean": False}
_SECRET_KINDS: Final = frozenset({"Secret"})


@dataclass(frozen=True)
class Structure:
    """What the schema layer found. `data` is well typed; `is_checked` is False when no schema is known for the kind.

    `undecodable` are problems with values that have the right JSON type, but that the API server can't decode;
    `not_evaluated` are the rules in CEL of a definition that could not be.
    """

    problems: tuple[Problem, ...]
    data: Mapping[str, Any]
    is_checked: bool = True
    undecodable: tuple[Problem, ...] = ()
    not_evaluated: frozenset[str] = frozenset()

    @property
    def is_spotless(self) -> bool:
        """Whether all was checked, and nothing is wrong."""
        return self.is_checked and not (self.problems or self.undecodable or self.not_evaluated)


def check_structure(manifest: Manifest, schemas: Schemas) -> Structure:
    """Check one object against the schema of its kind."""
    reference = manifest.ref
    if not reference.api_version or not reference.kind:
        missing = [name for name in ("apiVersion", "kind") if not _is_text(manifest.data.get(name))]
        verb = "is" if len(missing) == 1 else "are"
        return Structure((Problem(codes.NO_KIND, f"{' and '.join(missing)} {verb} missing"),), {})
    if is_for_a_program(reference.api_version, reference.kind):
        return Structure((), {}, is_checked=False)
    schema = schemas.find(reference.api_version, reference.kind)
    odd = odd_values(manifest.data, schema.shape if schema else None)
    nulls = tuple(path for path, value, _ in odd if value is None)
    undecodable = tuple(problem for _, _, problem in odd if problem)
    data = _decoded(manifest.data, (), schema) if len(odd) > len(undecodable) else manifest.data
    if schema is None:
        problems = [_null(path) for path in nulls]
        is_built_in = api_group(reference.api_version) in BUILT_IN_GROUPS
        served = None if is_built_in else schemas.served(reference.api_version, reference.kind)
        if is_built_in or served is not None:
            problems.append(_no_such_kind(reference.api_version, reference.kind, schemas, served))
        return Structure(tuple(problems), data, is_checked=is_built_in or served is not None)
    if schema.description:
        return _custom(manifest, schema, schema.description, undecodable)
    violations = tuple(schema.check(data))
    problems = list(_deprecated(reference.api_version, reference.kind, schemas.version))
    refused = {violation.path for violation in violations}
    problems += [_null_field(path, schema) for path in nulls if path not in refused]
    problems += _explained(violations, data, schema, reference.kind)
    wrong = tuple(path for found in violations for path in _misplaced(found))
    return Structure(tuple(problems), _without(data, wrong) if wrong else data, undecodable=undecodable)


def _misplaced(found: Violation) -> Iterator[Path]:
    """What the rules of the next layers must not see: values of the wrong type, and unknown fields."""
    if found.keyword == "additionalProperties":
        yield from ((*found.path, name) for name in found.wanted)
    elif found.keyword != "required":
        yield found.path


def _custom(
    manifest: Manifest, schema: Schema, description: Description, undecodable: tuple[Problem, ...]
) -> Structure:
    """Check a custom resource against its definition."""
    plain = without_nulls(manifest.data, description.source)
    full = {**defaulted(plain, description.source)}
    if "metadata" in plain:
        plain["metadata"] = full["metadata"] = _decoded(plain["metadata"], ("metadata",), schema)
    violations = tuple(schema.check(full))
    problems = [Problem(codes.DEPRECATED, description.deprecation, ("apiVersion",))] if description.deprecation else []
    problems += [_null_field(path, schema) for path in dropped(manifest.data, plain)]
    problems += _explained(violations, full, schema, manifest.ref.kind)
    wrong = tuple(path for found in violations for path in _misplaced(found))
    judgement = Judgement() if violations or undecodable else judged(full, description.source)
    problems += judgement.problems
    data = _without(plain, wrong) if wrong else plain
    return Structure(tuple(problems), data, True, undecodable, judgement.not_evaluated)


def _no_such_kind(api_version: str, kind: str, schemas: Schemas, served: tuple[str, ...] | None) -> Problem:
    if served is not None:
        hint = f"its CustomResourceDefinition serves {', '.join(served) or 'nothing'}"
    else:
        hint = why_missing(api_version, kind, schemas)
    return Problem(codes.NO_SUCH_KIND, f"there is no {kind} in {api_version}", ("apiVersion",), hint)


def _deprecated(api_version: str, kind: str, version: str) -> Problems:
    """A warning for what the version of Kubernetes still takes, and a later one may not."""
    life = LIVES.get((api_version, kind))
    if life and life.is_deprecated_in(version):
        gone = f", and gone from {life.removed} on" if life.removed else ""
        message = f"{api_version} {kind} is deprecated since Kubernetes {life.deprecated}{gone}"
        yield Problem(codes.DEPRECATED, message, ("apiVersion",), life.advice)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _decoded(data: Any, path: Path, schema: Schema | None) -> Any:
    """The data as Go decodes it: a null field isn't there, one in a list or under a free key is an empty value.

    In a list of a custom resource it stays a null.
    """
    if isinstance(data, dict):
        is_free = schema is not None and bool(schema.at(path).get("additionalProperties"))
        return {
            key: _empty((*path, key), schema) if value is None else _decoded(value, (*path, key), schema)
            for key, value in data.items()
            if value is not None or is_free
        }
    if not isinstance(data, list):
        return data
    if schema and schema.at(path).get("format") == "byte" and are_bytes(data):
        return encoded(data)
    is_kept = schema is not None and not schema.is_built_in and path[0] != "metadata"
    return [
        item if item is None and is_kept else _empty(here, schema) if item is None else _decoded(item, here, schema)
        for here, item in (((*path, index), item) for index, item in enumerate(data))
    ]


def _empty(path: Path, schema: Schema | None) -> Any:
    """What Go makes of a null at a place that exists nevertheless."""
    node = schema.at(path) if schema else {}
    if "oneOf" in node:
        return "0"
    kinds = node.get("type") or ()
    if node.get("properties") or "object" in kinds:
        return {}
    return next((copy.copy(value) for name, value in _EMPTY.items() if name in kinds), "")


def _null(path: Path) -> Problem:
    return Problem(codes.NULL, f"{_name(path)} is empty (null)", path, "write a value, or leave the key out")


def _null_field(path: Path, schema: Schema) -> Problem:
    """A null, whose field the API server must know all the same."""
    key, fields = path[-1], schema.fields_at(path[:-1])
    if fields and isinstance(key, str) and key not in fields:
        return _unknown_field(key, path[:-1], schema)
    is_dropped = isinstance(key, str) and bool(fields)
    return replace(_null(path), severity=Severity.INFO) if is_dropped else _null(path)


def _unknown_field(name: str, path: Path, schema: Schema) -> Problem:
    severity = Severity.WARNING if schema.is_loose(path) else None
    hint = _suggestion(name, path, schema)
    return Problem(codes.UNKNOWN_FIELD, f'unknown field "{name}"', (*path, name), hint, severity)


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


def _explained(violations: tuple[Violation, ...], data: Any, schema: Schema, kind: str) -> Iterator[Problem]:
    for violation in violations:
        if violation.keyword != "required" or not _is_optional((kind, *violation.path, violation.wanted)):
            yield from _problems(violation, data, schema, kind in _SECRET_KINDS)


def _is_optional(path: Path) -> bool:
    """Whether the API server takes the object without the field. It drops the status of a new object."""
    names = tuple(step for step in path if isinstance(step, str))
    if names[1] == "status" and len(names) > 2:
        return True
    return any(_ends_with(names, end) for end in _OPTIONAL)


def _ends_with(names: Sequence[str], end: Sequence[str]) -> bool:
    return len(names) >= len(end) and all(
        wanted in ("*", name) for wanted, name in zip(reversed(end), reversed(names), strict=False)
    )


def _problems(violation: Violation, data: Any, schema: Schema, is_secret: bool) -> Problems:
    path, wanted = violation.path, violation.wanted
    value = _value(data, path)
    shown = "another type" if is_secret else _shown(value)
    match violation.keyword:
        case "additionalProperties":
            for name in wanted:
                yield _unknown_field(name, path, schema)
        case "falseSchema" if isinstance(value, dict):  # it may have no fields at all
            for name in value:
                yield _unknown_field(name, path, schema)
        case "required":
            yield Problem(codes.MISSING_FIELD, f'{_name(path)} needs the field "{wanted}"', path)
        case "type":
            types = [name for name in wanted if name != "null"]
            types = ["string"] if types == ["string", "array"] else types  # a text with a format, see custom.structural
            asked = " or ".join(_TYPES.get(name, name) for name in types)
            message = f"{_name(path)} must be {asked}, but is {shown}"
            yield Problem(codes.WRONG_TYPE, message, path, _quoting(types, value))
        case "oneOf" | "anyOf" if isinstance(value, (dict, list, bool)) and not schema.description:
            yield Problem(codes.WRONG_TYPE, f"{_name(path)} must be a number or a text, but is {shown}", path)
        case "enum" if "volumeClaimTemplates" not in path:  # the API server does not read what kind they say they are
            allowed = ", ".join(str(item) if item != "" else '""' for item in wanted if item is not None)
            yield Problem(codes.VALUE, f"{_name(path)} must be one of {allowed}, but is {shown}", path)
        case keyword if keyword != "enum":
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
        "exclusiveMinimum": f"must be above {wanted}",
        "exclusiveMaximum": f"must be below {wanted}",
        "multipleOf": f"must be a multiple of {wanted}",
        "format": f"must be {_format(wanted)}",
        "anyOf": "must fit one of the alternatives of its definition",
        "oneOf": "must fit exactly one of the alternatives of its definition",
        "not": "must not be what its definition rules out",
    }.get(keyword, f"breaks the schema's rule `{keyword}`")
    code: Code = codes.VALUE
    return Problem(code, f"{_name(path)} {sentence}, but is {shown}", path)


def _format(wanted: Any) -> str:
    name = str(wanted).removeprefix(PREFIX)
    return NAMES.get(name, f"of the format {name}")


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
