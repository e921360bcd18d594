"""Inputs are read by what is declared, and everything wrong is said at once, without a value in it."""

import json

import pytest

from generator.runs.inputs import MOST_BYTES, described, read_given
from generator.runtime.plan import Declared

DECLARED = {
    "order": Declared("object"),
    "name": Declared("string"),
    "count": Declared("integer", 1),
    "share": Declared("number", 0.5),
    "gift": Declared("boolean", False),
    "parts": Declared("list", []),
}
NEEDED = ("order={}", "name=x")


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("name=a=b", "a=b"),
        ("name=", ""),
        ("name=12", "12"),
        (
            "name=\"quoted\" 'too'\n$(date) `id` ${HOME} \\ {{ x }} ü € 🎁",
            "\"quoted\" 'too'\n$(date) `id` ${HOME} \\ {{ x }} ü € 🎁",
        ),
        ("count=3", 3),
        ("count=3.0", 3),
        ("share=3", 3),
        ("share=.25e1", None),
        ("share=2.5", 2.5),
        ("gift=true", True),
        ('parts=["a", 1, null]', ["a", 1, None]),
        ('order={"id": 1, "a": {"b": "ü"}}', {"id": 1, "a": {"b": "ü"}}),
    ],
)
def test_read_by_type(pair: str, value: object) -> None:
    name = pair.partition("=")[0]
    given = read_given([each for each in NEEDED if not each.startswith(f"{name}=")] + [pair], None, DECLARED)
    if value is None:
        assert given.problems == ("the input share is not a number, such as 0.5",)
    else:
        assert given.problems == ()
        assert given.values[name] == value


def test_all_problems_at_once_and_no_value_in_them() -> None:
    pairs = [
        "ordr={}",
        "count=SECRET",
        "gift=SECRET",
        "share=NaN",
        'parts={"SECRET": 1}',
        "parts=[1]",
        "x",
        "count=1.5",
    ]
    problems = read_given(pairs, None, DECLARED).problems
    assert problems == (
        "the input count is not a whole number, such as 3",
        "the input gift is not true or false",
        "the input share: NaN is not JSON",
        'the input parts is an object, not a list in JSON, such as ["a", "b"]',
        "the input parts is given twice",
        "--input takes name=value, and one has no =",
        "the input count is given twice",
        "there is no input ordr; did you mean order?",
        "the input name is missing; it is a string",
    )
    assert "SECRET" not in "".join(problems)


def test_broken_json_says_where() -> None:
    problems = read_given(["name=x", 'order={"id": }'], None, DECLARED).problems
    assert problems == ('the input order is not an object in JSON, such as {"id": 3}: it is no JSON at character 8',)


def test_a_file_and_what_overrides_it() -> None:
    file = json.dumps({"order": {"id": 1}, "name": "file", "count": None})
    assert read_given(["name=line"], file, DECLARED).values == {"order": {"id": 1}, "name": "line"}


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("[1]", 'the input file is a list, not an object such as {"name": "value"}'),
        ("{", "the input file is not JSON: line 1, column 2: Expecting property name enclosed in double quotes"),
        ('{"name": "x", "order": {}, "count": "3"}', "the input count is a string, not a whole number, such as 3"),
        ('{"name": 3, "order": {}}', "the input name is an integer, not a string"),
        ('{"name": "x", "order": {}, "odd": 1}', "there is no input odd"),
        ('{"name": "\\ud800", "order": {}}', "the input file: it holds half a character (a lone surrogate)"),
    ],
)
def test_a_file_that_is_wrong(file: str, problem: str) -> None:
    assert problem in read_given([], file, DECLARED).problems


def test_bytes_that_are_no_text() -> None:
    assert read_given(["order={}", "name=\udcff"], None, DECLARED).problems == ("the input name is not text in UTF-8",)


def test_inputs_that_no_job_can_hold() -> None:
    given = read_given(["order={}", "name=" + "x" * MOST_BYTES], None, DECLARED)
    assert given.problems == (
        f"the inputs are {MOST_BYTES + 25} bytes of JSON; at most {MOST_BYTES} can be given to a run",
    )


def test_declarations_as_people_read_them() -> None:
    assert list(described(DECLARED))[:3] == ["order  object, required", "name   string, required", "count  integer"]
