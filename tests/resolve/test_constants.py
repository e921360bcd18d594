"""Constants of declared types, as defaults and triggers give them."""

from __future__ import annotations

import pytest

from generator.diagnostics import Diagnostics
from generator.resolve.constants import Mistake, constant
from generator.resolve.types import DYNAMIC, INTEGER, NUMBER, STRING, accepts, list_of
from generator.yamlio.nodes import MappingNode, Node
from generator.yamlio.reader import read_spec_text


def node(text: str) -> Node:
    root = read_spec_text(f"value: {text}\n".encode(), "spec.yaml", Diagnostics())
    assert isinstance(root, MappingNode)
    value = root.get("value")
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("abc", "string", "abc"),
        ("0755", "string", "0755"),
        ("1.10", "string", "1.10"),
        ("false", "string", "false"),
        ("3", "integer", 3),
        ("3.0", "integer", 3),
        ("3", "number", 3),
        ("2.5", "number", 2.5),
        ("true", "boolean", True),
        ("[1, a]", "list", [1, "a"]),
        ("{b: {d: 1, c: 2}, a: 1}", "object", {"a": 1, "b": {"c": 2, "d": 1}}),
    ],
)
def test_a_constant_has_the_declared_type(text: str, declared: str, expected: object) -> None:
    found = constant(node(text), declared)
    assert (found, repr(found)) == (expected, repr(expected))  # keys in order, 3 and 3.0 apart


@pytest.mark.parametrize(
    ("text", "declared", "words"),
    [
        ("", "string", "this is nothing"),
        ("[a]", "string", "a text"),
        ("3.5", "integer", "a whole number"),
        ("true", "integer", "a whole number"),
        ("true", "number", "a number"),
        ("'3'", "integer", "remove the quotes"),
        ("'true'", "boolean", "remove the quotes"),
        ("1", "boolean", "true or false"),
        ("{a: 1}", "list", "a list"),
        ("[1]", "object", "a mapping"),
        ("[.inf]", "list", "no form in JSON"),
        ("{a: {b: .nan}}", "object", "no form in JSON"),
        ("{a: ['${{ run.id }}']}", "object", "only constants"),
    ],
)
def test_anything_else_is_a_mistake(text: str, declared: str, words: str) -> None:
    found = constant(node(text), declared)
    assert isinstance(found, Mistake)
    assert words in f"{found.message} | {found.hint}"


def test_what_may_stand_where_a_type_is_declared() -> None:
    assert accepts(NUMBER, INTEGER)
    assert not accepts(INTEGER, NUMBER)
    assert accepts(list_of(DYNAMIC), list_of(INTEGER))
    assert not accepts(list_of(STRING), list_of(INTEGER))
    assert not accepts(STRING, list_of(STRING))
    assert accepts(STRING, DYNAMIC)
