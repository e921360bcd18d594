"""The schemas of custom resources say what the projects' own definitions say.

A judge of its own reads a definition as the API server does (defaults first, unknown fields are errors), and must come
to the validator's verdict on thousands of spoilt objects. Rules in CEL and keys of lists are tried in test_api_rules,
and with a real API server in tests/cluster.
"""

from __future__ import annotations

import copy
import random
import re
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from generator.validate.model import Layer
from generator.validate.schemas import available_versions, schemas_for
from generator.yamlio.manifests import load
from tests.validate.objects import OBJECTS, found

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("ServiceMonitor", "PodMonitor", "PrometheusRule", "HTTPRoute", "Gateway")
MUTANTS = 800
TYPES: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "array": list,
    "object": dict,
    "integer": int,
    "number": (int, float),
}
# fmt: off
VALUES: tuple[Any, ...] = (
    True, False, -1, 0, 1, 65536, 2**31, 2**40, 1.5, "", "x", "X_y", "a b", "30s", "HTTP", "PathPrefix", "/x", {},
    {"a": "b"}, {"name": "n", "port": 1}, [], ["a"], ["a"] * 17, [{}], [{"name": "a", "value": "b"}],
)
# fmt: on


def script() -> Any:
    loader = SourceFileLoader("crd_schemas", str(ROOT / "scripts" / "crd-schemas"))
    spec = spec_from_loader("crd_schemas", loader)
    assert spec
    module = module_from_spec(spec)
    sys.modules["crd_schemas"] = module  # dataclasses look their module up
    loader.exec_module(module)
    return module


CRDS = script()
DEFINITIONS = {definition["spec"]["names"]["kind"]: version for definition, version in CRDS.definitions()}


def test_the_schemas_are_those_that_the_script_makes() -> None:
    assert {path: (ROOT / "generator/schemas" / path).read_text() for path in CRDS.schemas()} == CRDS.schemas()
    assert set(DEFINITIONS) == set(KINDS)


def test_every_schema_is_found() -> None:
    schemas = schemas_for(max(available_versions()))
    assert schemas
    for kind in KINDS:
        assert schemas.find(load(OBJECTS[kind])["apiVersion"], kind) is not None  # type: ignore[index]


def defaulted(value: Any, schema: dict[str, Any]) -> Any:
    """The value with what the API server fills in."""
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        missing = {name: each["default"] for name, each in fields.items() if "default" in each and name not in value}
        more = schema.get("additionalProperties")
        inner = {name: fields.get(name, more if isinstance(more, dict) else {}) for name in {**missing, **value}}
        return {name: defaulted(copy.deepcopy(each), inner[name]) for name, each in {**missing, **value}.items()}
    if isinstance(value, list):
        return [defaulted(item, schema.get("items", {})) for item in value]
    return value


def mistakes(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Why the API server would refuse the value, by the definition's own words."""
    if schema.get("x-kubernetes-int-or-string"):
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            yield f"{path}: neither number nor text"
    elif (kind := schema.get("type")) and not is_a(value, kind):
        yield f"{path}: not {kind}"
        return
    yield from _limits(value, schema, path)
    if isinstance(value, dict):
        fields, more = schema.get("properties", {}), schema.get("additionalProperties")
        yield from (f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, inner in value.items():
            if name in fields or isinstance(more, dict):
                yield from mistakes(inner, fields.get(name, more), f"{path}.{name}")
            elif fields and not more and not schema.get("x-kubernetes-preserve-unknown-fields"):
                yield f"{path}.{name} is unknown"
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from mistakes(item, schema.get("items", {}), f"{path}[{index}]")


def is_a(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _limits(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: not one of {schema['enum']}"
    pattern = schema.get("pattern", "")
    flags = re.IGNORECASE if "(?i)" in pattern else 0
    if isinstance(value, str) and not re.search(pattern.replace("(?i)", ""), value, flags):
        yield f"{path}: not {pattern}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{path}: out of range"
        if schema.get("format") == "int32" and not -(2**31) <= value < 2**31:
            yield f"{path}: beyond 32 bits"
    for kind, what in ((str, "Length"), (list, "Items"), (dict, "Properties")):
        if isinstance(value, kind):
            low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}", 10**9)
            if not low <= len(value) <= high:
                yield f"{path}: too short or long"


def refused(data: dict[str, Any], kind: str) -> list[str]:
    """The judge's verdict on an object."""
    schema = DEFINITIONS[kind]["schema"]["openAPIV3Schema"]
    fields = {name: each for name, each in schema["properties"].items() if name not in ("metadata", "status")}
    rest = {name: value for name, value in data.items() if name != "metadata"}
    closed = {**schema, "properties": fields}
    return list(mistakes(defaulted(rest, closed), closed))


def mutants(kind: str, rng: random.Random) -> Iterator[dict[str, Any]]:
    """The object with one or two places of its spec changed, left out, written twice, or given another field."""
    root = DEFINITIONS[kind]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    for _ in range(MUTANTS):
        data = load(OBJECTS[kind])
        assert isinstance(data, dict)
        for _ in range(rng.randint(1, 2)):
            spoil(data, root, rng)
            if not isinstance(data.get("spec"), dict):
                break
        yield data


def spoil(data: dict[str, Any], schema: Any, rng: random.Random) -> None:
    """Change one place; what is written there is often what the definition there nearly allows."""
    here: Any = data
    step: Any = "spec"
    while isinstance(here[step], (dict, list)) and here[step] and rng.random() > 0.15:
        here = here[step]
        step = rng.choice(list(here) if isinstance(here, dict) else range(len(here)))
        more = schema.get("additionalProperties")
        inner = schema.get("properties", {}).get(step, more) if isinstance(here, dict) else schema.get("items")
        schema = inner if isinstance(inner, dict) else {}
    chance, fields = rng.random(), schema.get("properties", {})
    if chance < 0.1 and here is not data:
        del here[step]
    elif chance < 0.15:
        here[step] = copy.deepcopy(rng.choice(VALUES))
    elif chance < 0.2 and isinstance(here[step], dict):
        here[step][rng.choice(["nope", *fields])] = copy.deepcopy(rng.choice(VALUES))
    elif chance < 0.7 and isinstance(here[step], dict) and fields:
        name = rng.choice(sorted(fields))
        here[step][name] = nearly(fields[name], rng)
    elif chance < 0.8 and isinstance(here, list):
        here.append(copy.deepcopy(here[step]))
    else:
        here[step] = nearly(schema, rng)


def nearly(schema: dict[str, Any], rng: random.Random, depth: int = 0) -> Any:
    """A value at the bounds of a definition, on this side or the other."""
    kind = schema.get("type", "string")
    if rng.random() < 0.03:
        return copy.deepcopy(rng.choice(VALUES))
    if "enum" in schema and rng.random() < 0.8:
        return rng.choice(schema["enum"])
    if kind in ("integer", "number"):
        low, high = schema.get("minimum", 0), schema.get("maximum", 2**31 - 1)
        return rng.choice([low, low - 1, high, high + 1, (low + high) // 2])
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "array":
        low, high = schema.get("minItems", 0), min(schema.get("maxItems", 2), 65)
        size = rng.choice([0, 1, 1, low, high, high + 1]) if depth < 4 else 0
        return [nearly(schema.get("items", {}), rng, depth + 1)] * size
    if kind == "object":
        fields = schema.get("properties", {})
        names = [name for name in fields if rng.random() < (0.85 if name in schema.get("required", ()) else 0.2)]
        return {name: nearly(fields[name], rng, depth + 1) for name in names if depth < 6}
    texts = ["a", "", "/a", "5s", "1", "1KB", "A-b", "a.b", "*.a.b", "a" * schema.get("maxLength", 30)]
    return rng.choice([*texts, "a" * (schema.get("maxLength", 30) + 1), "a b"])


@pytest.mark.parametrize("kind", KINDS)
def test_spoilt_objects_have_the_same_verdict(kind: str) -> None:
    data = load(OBJECTS[kind])
    assert isinstance(data, dict)
    assert refused(data, kind) == [], "the judge takes the sound object"
    verdicts = {True: 0, False: 0}
    for data in mutants(kind, random.Random(kind)):
        ours, theirs = [message for _, _, message in found(data, Layer.SCHEMA)], refused(data, kind)
        assert bool(ours) == bool(theirs), f"the validator: {ours}\nthe definition: {theirs}\n{data}"
        verdicts[bool(ours)] += 1
    assert min(verdicts.values()) > MUTANTS / 20, "mutants of both kinds"
