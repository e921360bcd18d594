"""Expression trees as the JSON of a plan."""

from __future__ import annotations

import json

import pytest

from generator.diagnostics import Diagnostics, Span
from generator.plan.expression import JSON, expression_json, text_json
from generator.runtime.expressions import evaluate
from generator.spec.expression import Text
from generator.spec.expression_text import parse_text


def parse(value: str) -> Text:
    found = Diagnostics()
    text = parse_text(value, Span.at("spec.yaml", 1, 1, len(value)), found)
    assert not list(found)
    return text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("null", '["lit", null]'),
        ("1.0", '["lit", 1.0]'),
        ("tasks.t.outputs.y", '["name", "tasks", "t", "outputs", "y"]'),
        ("tasks['if-failed'].status", '["name", "tasks", "if-failed", "status"]'),
        ("response.a[0]", '["index", ["field", ["name", "response"], "a"], ["lit", 0]]'),
        ("[1, item]", '["list", ["lit", 1], ["name", "item"]]'),
        ("!inputs.a && true", '["&&", ["!", ["name", "inputs", "a"]], ["lit", true]]'),
        ("inputs.a ? 'x' : 'y'", '["?:", ["name", "inputs", "a"], ["lit", "x"], ["lit", "y"]]'),
        ("item.size() > 2", '[">", ["size", ["name", "item"]], ["lit", 2]]'),
        ("inputs.a.matches('^x')", '["matches", ["name", "inputs", "a"], ["lit", "^x"]]'),
    ],
)
def test_each_form_has_its_json(source: str, expected: str) -> None:
    expression = parse("${{ " + source + " }}").expression
    assert expression is not None
    assert json.dumps(expression_json(expression)) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain {{ text }}", "plain {{ text }}"),
        ("${{ inputs.a }}", {"value": ["name", "inputs", "a"]}),
        ("/orders/${{ inputs.a }}", {"text": ["/orders/", ["name", "inputs", "a"]]}),
    ],
)
def test_a_text_is_a_constant_a_value_or_parts(written: str, expected: JSON) -> None:
    assert text_json(parse(written)) == expected


def test_a_reported_mistake_never_becomes_a_plan() -> None:
    text = parse_text("${{ }}", Span.at("spec.yaml", 1, 1, 6), Diagnostics())
    with pytest.raises(ValueError, match="invalid"):
        text_json(text)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("inputs.n + 1 == 4", True),
        ("1 + 0.5", 1.5),
        ("-5 < inputs.n && !(inputs.n in [1, 2])", True),
        ("inputs.s + 'é' == 'aé'", True),
        ("inputs.o.list[1] == null || false", True),
        ("inputs.o['list'].size() == 2 ? 'two' : 'more'", "two"),
        ("'list' in inputs.o", True),
        ("[1] + [2]", [1, 2]),
        (r"inputs.s.matches('^[a-c]$') && !'1a'.matches('^\\d$')", True),
        ("'a\\n'.matches('a$')", False),
        ("inputs.s.startsWith('a') && inputs.s.endsWith('a') && inputs.s.contains('a')", True),
        ("'🚀é'.size()", 2),
    ],
)
def test_the_runner_evaluates_what_the_compiler_writes(source: str, expected: object) -> None:
    values = {"n": 3, "s": "a", "o": {"list": [1, None]}}
    expression = parse("${{ " + source + " }}").expression
    assert expression is not None
    result = evaluate(json.loads(json.dumps(expression_json(expression))), lambda path: values[path[1]])
    assert (result, type(result)) == (expected, type(expected))
