"""Spec text → nodes: types, places, and what is refused."""

import itertools
import json
import time

import pytest

from generator.diagnostics import Diagnostics
from generator.yamlio import codes
from generator.yamlio.manifests import Unreadable, load, locate
from generator.yamlio.nodes import MappingNode, ScalarNode, merged, plain
from generator.yamlio.reader import MAX_BYTES, core_value, read_spec_text

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in itertools.pairwise("abcdefghij")
)


def read(text: str | bytes):
    diagnostics = Diagnostics()
    data = text if isinstance(text, bytes) else text.encode()
    return read_spec_text(data, "spec.yaml", diagnostics), list(diagnostics)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("no", "no"), ("12:30", "12:30"), ("0755", "0755"), ("2026-11-22", "2026-11-22"),
        ("1_000", "1_000"), ("~", None), ("", None), ("null", None), ("Null", None), ("nULL", "nULL"),
        ("true", True), ("False", False), ("tRUE", "tRUE"), ("0", 0), ("-17", -17), ("+5", 5),
        ("0x1F", 31), ("0o17", 15),
        ("0o18", "0o18"), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("1.10", 1.1), (".inf", float("inf")),
        ("-.Inf", float("-inf")), ("1.2.3", "1.2.3"), ("-", "-"), (".", "."), ("=", "="), ("1e", "1e"),
    ],
)  # fmt: skip
def test_plain_scalars_have_the_core_schemas_types(text: str, value: object) -> None:
    found = core_value(text)
    assert found == value
    assert type(found) is type(value)


def test_quotes_make_text_and_text_is_kept_as_written() -> None:
    root, findings = read("a: '1.10'\nb: 1.10\nc: !!str 8080\n")
    assert not findings
    assert isinstance(root, MappingNode)
    assert [(node.value, node.text) for node in (entry.value for entry in root) if isinstance(node, ScalarNode)] == [
        ("1.10", "1.10"),
        (1.1, "1.10"),
        ("8080", "8080"),
    ]


def test_every_node_knows_its_place() -> None:
    root, _ = read("services:\n  wéb: {image: 'a:1', ports: [80, 81]}\n")
    assert isinstance(root, MappingNode)
    place = root.span_of("services", "wéb", "image")
    assert (place.start.line, place.start.column, place.end.column) == (2, 16, 21)
    assert root.span_of("services", "wéb", "ports", 1).start.column == 35
    assert root.span_of("services", "wéb", "missing", 7).start.column == 8, "the deepest node on the path"


def test_merge_keys_own_keys_win_and_keep_their_places() -> None:
    root, findings = read("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 9\n")
    assert not findings
    assert isinstance(root, MappingNode)
    assert plain(root.index["z"].value) == {"a": 9, "b": 2, "c": 4}
    assert root.span_of("z", "c").start.line == 2


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: {b: 1\n", codes.SYNTAX, 2, 1),
        ("a: b: c", codes.SYNTAX, 1, 5),
        ("a: 1\nb:\n  c: 1\n  c: 2", codes.DUPLICATE_KEY, 4, 3),
        ("a:\n\tb: 1", codes.TAB, 2, 1),
        ("a: &a [*a]", codes.ALIAS, 1, 8),
        ("a: *b", codes.ALIAS, 1, 4),
        ("a: !env X", codes.TAG, 1, 4),
        ("? [a]\n: b", codes.KEY, 1, 3),
        ("a:\n  <<: 5", codes.MERGE, 2, 7),
        ("---\na: 1\n---\nb: 2", codes.DOCUMENTS, 3, 1),
        ("a: " + "9" * 400, codes.NUMBER, 1, 4),
        (b"a: caf\xe9", codes.ENCODING, 1, 7),
        ("a: 1\nb: \x07", codes.ENCODING, 2, 4),
        ("a: 1".encode("utf-16"), codes.ENCODING, 1, 1),
        ("", codes.SYNTAX, 1, 1),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str | bytes, code: object, line: int, column: int) -> None:
    root, findings = read(text)
    assert root is None
    (finding,) = findings
    assert finding.span is not None
    assert (finding.code, finding.span.start.line, finding.span.start.column) == (code, line, column)


def test_all_duplicate_keys_are_reported_at_once() -> None:
    _, findings = read("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n")
    assert [finding.code for finding in findings] == [codes.DUPLICATE_KEY] * 3
    assert all(finding.notes for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "a" * (MAX_BYTES + 1),
        "\n".join(f"k{i}: {i}" for i in range(60_000)),
    ],
    ids=["bomb", "brackets", "braces", "dashes", "large", "many"],
)  # fmt: skip
def test_hostile_text_ends_quickly_with_one_finding(text: str) -> None:
    started = time.process_time()
    root, findings = read(text)
    assert root is None
    assert len(findings) == 1
    assert time.process_time() - started < 6  # a third of it on a usual machine, tests of other cores beside it


def test_bom_crlf_and_json_are_read() -> None:
    root, findings = read('\ufeff{"a": "x",\r\n "b": [1, true]}\r\n')
    assert not findings
    assert root is not None
    assert plain(root) == {"a": "x", "b": [1, True]}


def test_json_may_write_a_character_in_two_halves() -> None:
    written = json.dumps({"😀": ["x😀😀", "\\ud83d\\ude00 as it is", "\\😀"], "b": 1})
    root, findings = read(written)
    assert not findings
    assert root is not None
    assert plain(root) == json.loads(written)
    assert load(written) == json.loads(written)
    assert locate(written, ("b",)) != (1, 1)


@pytest.mark.parametrize("written", ['a: "\\ud83d\\ude00"', '{"a": "\\ude00\\ud83d"}', """{a: "\\ud83d\\ude00"}"""])
def test_halves_of_characters_are_nothing_of_yaml(written: str) -> None:
    assert read(written)[0] is None
    assert isinstance(load(written), Unreadable)


def test_merged_mappings_are_deep_and_lists_are_replaced() -> None:
    base, _ = read("a: {x: 1, y: [1, 2]}\nb: 1\n")
    over, _ = read("c: 3\na: {y: [3], z: 4}\n")
    assert over is not None
    assert plain(merged(base, over)) == {"a": {"x": 1, "y": [3], "z": 4}, "b": 1, "c": 3}
