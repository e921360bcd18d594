"""flowhelm.schema.json takes the files that the parser takes, and no others.

What a JSON Schema cannot say, and so no file here depends on: how a number or boolean is spelt where a text belongs
(`0x1F`, `1.0`), the grammar inside `${{ }}`, which time zones there are, a range of a schedule that runs backwards, a
duration of more than 68 years, and what is missing after `defaults` are merged.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagnostics import Diagnostics
from generator.kube import cron
from generator.spec.codes import MISSING_KEY
from generator.spec.definitions import Definitions
from generator.spec.model import SPEC
from generator.spec.parser import parse_spec
from generator.spec.scalars import Choice, Formatted
from generator.spec.schema import schema_text, spec_schema
from generator.spec.shapes import Reading, RecordOf, Shape, keys_of
from generator.yamlio.nodes import Node, plain
from generator.yamlio.reader import read_spec_text

ROOT = Path(__file__).parents[2]
SCHEMA = spec_schema()

# At least one of these fits each format of the language, and others miss it by a character.
TEXTS = [
    "", " ", "a", "A", "-", "a-b", "-a", "a-", "a_b", "A_B", "9", "9a", "a.b", "a..b", ".", "..", "..a", "a/b", "/",
    "//", "/a", "/a/../b", "/a:b", "/..", "/a..b", "//a", "a:1", "a:1.0.0", "A:1", "a:",
    "r.example/a/b:1@sha256:" + "0" * 64, "sha256:" + "a" * 64, "sha256:" + "A" * 64, "a" * 15, "a" * 16, "a" * 63,
    "a" * 64, "a" * 253, "a" * 254, "/" + "a" * 199, "/" + "a" * 200, "a." * 31 + "a", "x" * 200 + "/a",
    "x" * 254 + "/a", "/a/b", "é", "\0", "a\0", "\x07", "a\nb", "\ufeff", "1.0.0", "v1.0.0", "1.0", "1.0.0-rc.1+b",
    "1.0.0-01", "01.0.0", "v1", "10%", "%", "-1", "1.5", "0644", "644", "888", "10s", "0s", "0.0s0m", "1h30m", "10",
    "ms", "1.5d", ".5s", "1" * 64 + "s", "100m", "1Gi", "1GB", "1e3", "-1Gi", "+1", ".5", "5.", "1e999", "0 3 * * *",
    "*/5 0-6 1,15 jan-MAR sun", "60 * * * *", "* * * * 7", "* * * *", "*/0 * * * *", " 0  3 * * * ", "@daily",
    "@every 1h30m", "@never", "TZ=UTC 0 3 * * *", "Etc/UTC", "Local", "Europe/Paris", "9Etc", ">=1.30.0-0",
    ">= 1.30, <1.36 || 1.2.x", "1.2 - 1.4", "=>>1", "shop.example.com", "*.example.com", "*.", "Shop.example",
    "GET /", "GET /a b", "GET a", "POST /", "${{ run.id }}", "a${{ run.id }}b", "${{ 'a}}' }}", "${{ 'a", "${{ }}",
    "${{ run.id",     "/${{ run.id }}", "GET /${{ run.id }}", "$ {{ }}", "{{ .Values }}", "}}", "$${{ run.id }}$",
    "true", "null", "succeeded", "jobs", "argo", "TCP", "deployment", "function", "ingress", "loadbalancer", "string",
    "forbid", "rolling", "all", "p99", "p99.9", "p49", "p99.99", "http_requests_total{status}", "a{b", "a:b",
]  # fmt: skip
VALUES: list[Any] = [
    *TEXTS, None, True, False, 0, 1, -1, 2, 99, 100, 101, 599, 600, 644, 1000, 1001, 65535, 65536, 2**31 - 1, 2**31,
    0.5, 99.5, -0.5, 1.25, [], ["a"], ["a", "a"], [None], [[]], [{}], {}, {"a": "b"}, {"a": None}, {"a": {}},
    {"A b": "a"}, ["/a"], [100], {"secret": "a", "key": "b"}, {"${{": "${{ run.id"},
]  # fmt: skip


def shapes() -> list[Shape[Any]]:
    """Every shape that the language is made of."""
    found: dict[int, Shape[Any]] = {}
    todo: list[Shape[Any]] = [SPEC]
    while todo:
        shape = todo.pop()
        if id(shape) not in found:
            found[id(shape)] = shape
            todo += shape.inside
            if isinstance(shape, RecordOf):
                todo += [declared.shape for _, declared in keys_of(shape.record).values() if not declared.later]
    return list(found.values())


SHAPES = shapes()


# One of each kind: what a key's shape takes in detail is tried on the shape alone.
KINDS: list[Any] = [
    None,
    True,
    1,
    1.5,
    "a",
    "true",
    "${{ run.id }}",
    "/a",
    [],
    ["a"],
    [None],
    {},
    {"a": "b"},
    {"a": {}},
]


@pytest.fixture(autouse=True, scope="module")
def any_time_zone() -> Iterator[None]:
    """Which time zones there are is beyond a schema: every name that looks like one is taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cron, "is_time_zone", lambda name: bool(re.fullmatch(cron.ZONE_PATTERN, name)))
        yield


class Judge:
    """The two verdicts on a value: of a shape's `read`, and of its schema."""

    def __init__(self, shape: Shape[Any], complete: bool) -> None:
        self.shape, self.complete = shape, complete
        definitions = Definitions(complete)
        schema = shape.schema(definitions)
        self.schema = {"$schema": SCHEMA["$schema"], **schema, "$defs": definitions.found}
        self.validator = jsonschema_rs.validator_for(self.schema)

    def agree(self, value: Any) -> bool:
        """Whether both say the same, which is also whether the value is good."""
        node, diagnostics = node_of(value), Diagnostics()
        if self.shape is SPEC:
            parse_spec(node, diagnostics)
        else:
            self.shape.read(node, Reading(diagnostics, self.complete))
        read, valid = not diagnostics.has_errors, self.validator.is_valid(value)
        if valid and not read and isinstance(value, dict) and "defaults" in value:
            read = {found.code for found in diagnostics} == {MISSING_KEY}
        assert read == valid, (
            f"{self.shape.expected}: the parser says {read}, the schema {valid}: {value!r}\n"
            + "\n".join(
                [found.message for found in diagnostics]
                + [error.message for error in self.validator.iter_errors(value)]
            )
        )
        return read


def node_of(value: Any) -> Node:
    node = read_spec_text(json.dumps(value).encode(), "spec.yaml", Diagnostics())
    assert node is not None
    assert plain(node) == value
    return node


class Sampler:
    """Makes values that a schema takes, by chance."""

    def __init__(self, schema: Any, chance: random.Random) -> None:
        self.definitions, self.chance = schema["$defs"], chance

    def value(self, schema: Any, room: int) -> Any:
        """A value; `room` bounds how deep what is optional goes."""
        if "$ref" in schema:
            return self.value(self.definitions[schema["$ref"].removeprefix("#/$defs/")], room)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        if "properties" in schema:
            return self.record(schema, room)
        if "anyOf" in schema and "type" not in schema:
            return self.value(self.chance.choice(schema["anyOf"]), room)
        if isinstance(schema.get("allOf"), list) and "$ref" in schema["allOf"][0]:
            return {**self.value(schema["allOf"][0], room)}
        if schema.get("type") == "array":
            least = schema.get("minItems", 0)
            return [
                self.value(schema["items"], room - 1)
                for _ in range(self.chance.randint(least, max(least, min(room, 2))))
            ]
        if isinstance(schema.get("additionalProperties"), dict) and schema.get("type") == "object":
            names = fitting(json.dumps(schema.get("propertyNames", {})), json.dumps(TEXTS))
            count = self.chance.randint(
                schema.get("minProperties", 0), 2 if room > 0 else schema.get("minProperties", 0)
            )
            return {
                self.chance.choice(names): self.value(schema["additionalProperties"], room - 1) for _ in range(count)
            }
        good = fitting(json.dumps({**schema, "$defs": self.definitions}), json.dumps(VALUES))
        return deepcopy(self.chance.choice(good))

    def record(self, schema: Any, room: int) -> Any:
        """A mapping with the keys that are required, and some of the others."""
        properties = {name: part for name, part in schema["properties"].items() if part.get("not") != {}}
        choices = [each["required"][0] for each in schema.get("oneOf", []) if each["required"][0] in properties]
        more = [each["required"][0] for each in schema.get("anyOf", []) if each["required"][0] in properties]
        wanted = {*schema.get("required", ()), *([self.chance.choice(choices)] if choices else [])}
        wanted |= {self.chance.choice(more)} if more else set()
        rest = sorted(properties.keys() - wanted - set(choices))
        if room > 0:
            wanted |= set(self.chance.sample(rest, min(len(rest), self.chance.randint(0, 3))))
        return {name: self.value(properties[name], room - 1) for name in sorted(wanted)}


@cache
def fitting(schema: str, values: str) -> list[Any]:
    """Those of the values that the schema takes."""
    validator = jsonschema_rs.validator_for({"$schema": SCHEMA["$schema"], **json.loads(schema)})
    found = [value for value in json.loads(values) if validator.is_valid(value)]
    assert found, f"TEXTS or VALUES need one that fits {schema[:300]}"
    return found


def good_value(judge: Judge, chance: random.Random, room: int) -> Any:
    """A value that the judge finds good."""
    for _ in range(200):
        value = Sampler(judge.schema, chance).value(judge.schema, room)
        if judge.agree(value):
            return value
    raise AssertionError(f"found no good {judge.shape.expected}")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a value with each of its keys or indices."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with one change somewhere."""
    value = deepcopy(value)
    if not (found := list(places(value))):
        return chance.choice(VALUES)
    holder, key = chance.choice(found)
    change = chance.choice(["replace", "replace", "remove", "unknown", "rename", "wrap", "move"])
    if change == "replace":
        holder[key] = deepcopy(chance.choice(VALUES))
    elif change == "wrap":
        holder[key] = [holder[key]] if chance.random() < 0.5 else {"a": holder[key]}
    elif change == "move":
        other, from_key = chance.choice(found)
        holder[key] = deepcopy(other[from_key]) if from_key in range(len(other)) or isinstance(other, dict) else None
    elif isinstance(holder, list):
        del holder[key]
    elif change == "unknown":
        holder[chance.choice(["unknown", "x-a", "image", "Env"])] = chance.choice(VALUES)
    else:
        moved = holder.pop(key)
        if change == "rename":
            holder[chance.choice(TEXTS)] = moved
    return value


def test_the_schema_is_up_to_date(expect_file: Callable[[str, Path], None]) -> None:
    expect_file(schema_text(), ROOT / "flowhelm.schema.json")


def patterns(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from (value for key, value in tree.items() if key == "pattern" and isinstance(value, str))
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from patterns(inner)


def test_patterns_hold_only_escapes_that_editors_know() -> None:
    """Editors compile them with ECMAScript's flag `u`, which refuses to escape what needs no escape."""
    escapes = {escape for pattern in patterns(SCHEMA) for escape in re.findall(r"\\(.)", pattern)}
    assert escapes <= set("^$\\.*+?()[]{}|/sSxutrn"), escapes


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "partial"])
def test_every_shape_takes_the_values_that_its_schema_takes(complete: bool) -> None:
    for shape in SHAPES:
        judge = Judge(shape, complete)
        words = [*shape.choices, *shape.later] if isinstance(shape, Choice) else []
        verdicts = {judge.agree(value) for value in [*VALUES, *words]}
        assert not isinstance(shape, Formatted) or verdicts == {True, False}, f"TEXTS need a good {shape.expected}"


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "partial"])
@pytest.mark.parametrize(
    "shape", [each for each in SHAPES if isinstance(each, RecordOf)], ids=lambda each: each.record.__name__
)
def test_every_key_takes_the_values_that_its_schema_takes(shape: RecordOf[Any], complete: bool) -> None:
    if shape is SPEC and not complete:
        return
    judge = Judge(shape, complete)
    base = good_value(judge, random.Random(shape.expected), room=0)
    for name in keys_of(shape.record):
        for value in KINDS:
            judge.agree({**base, name: value})
        judge.agree({key: value for key, value in base.items() if key != name})


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_whole_files_are_taken_by_both_or_by_neither(chance: random.Random) -> None:
    judge = Judge(SPEC, complete=True)
    value = good_value(judge, chance, room=5)
    for _ in range(20):
        changed = mutated(value, chance)
        judge.agree(changed)


@pytest.mark.parametrize("kind", ["approve", "wait", "workflow"])
def test_the_rules_of_tasks_hold_in_the_defaults_too(kind: str) -> None:
    value = {"wait": "1s"}.get(kind, "x")
    judge = Judge(SPEC, complete=True)
    whole = {"flowhelm": "v1", "name": "a", "version": "1.0.0", "defaults": {kind: value, "with": {}}}
    whole["services"] = {"a": {"image": "busybox:1.37"}}
    assert judge.agree(whole) == (kind == "workflow")


def test_a_difference_would_be_noticed() -> None:
    judge = Judge(SPEC, complete=True)
    schema = deepcopy(judge.schema)
    del schema["$defs"]["Spec"]["required"]
    judge.validator = jsonschema_rs.validator_for(schema)
    with pytest.raises(AssertionError, match="the parser says False, the schema True"):
        judge.agree({"name": "a", "version": "1.0.0", "services": {}})


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*/spec.yaml")), ids=lambda path: path.parent.name)
def test_the_examples_fit(path: Path) -> None:
    node = read_spec_text(path.read_bytes(), "spec.yaml", Diagnostics())
    assert node is not None
    jsonschema_rs.validate(SCHEMA, plain(node))


def test_findings_of_the_language_are_findings_of_the_schema() -> None:
    beyond = {"expression-syntax": "grammar", "bad-formats": "has others too"}
    for path in sorted((ROOT / "tests/cases/errors").glob("*/spec.yaml")):
        diagnostics = Diagnostics()
        node = read_spec_text(path.read_bytes(), "spec.yaml", diagnostics)
        if node is None or path.parent.name in beyond:
            continue
        parse_spec(node, diagnostics)
        refused = any(found.code.id.startswith("FH1") for found in diagnostics)
        assert refused != jsonschema_rs.is_valid(SCHEMA, plain(node)), path.parent.name
