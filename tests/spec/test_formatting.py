"""`flowhelm fmt`: one style, and never another meaning; comments stay."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagnostics import Diagnostics
from generator.spec.formatting import format_spec
from generator.yamlio.formatter import is_safely_plain
from generator.yamlio.nodes import MappingNode, Node, plain
from generator.yamlio.reader import read_spec_text
from tests.hostile.full_spec import filled, full_spec, written
from tests.properties.specs import specs

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [*ROOT.glob("examples/**/*.yaml"), *ROOT.glob("tests/cases/**/*.yaml"), *ROOT.glob("charts-out/*/values.yaml")]
)


def read(text: str) -> Node | None:
    return read_spec_text(text.encode(), "spec.yaml", Diagnostics())


def formatted(text: str) -> str:
    diagnostics = Diagnostics()
    found = format_spec(text.encode(), "spec.yaml", diagnostics)
    assert found is not None, [finding.message for finding in diagnostics]
    return found


def variables(node: Node) -> Iterator[str]:
    """The names below `env`, whose order counts (rulings L27)."""
    for entry in node.entries if isinstance(node, MappingNode) else ():
        if entry.key == "env" and isinstance(entry.value, MappingNode):
            yield from entry.value.index
        yield from variables(entry.value)


def check(text: str) -> str:
    """Format a good text twice: it says the same, the second time changes nothing, no comment is lost."""
    once = formatted(text)
    assert formatted(once) == once
    before, after = read(text), read(once)
    assert before is not None
    assert after is not None
    assert plain(before) == plain(after)
    assert list(variables(before)) == list(variables(after))
    assert sorted(re.findall(r"#!\d+", text)) == sorted(re.findall(r"#!\d+", once))
    return once


def test_one_style() -> None:
    assert (
        formatted("""\
# yaml-language-server: $schema=flowhelm.schema.json
services:


    "web":   # the front
      # first
      'env': { A : "b", B: "yes", C: '1', D: "a: b", E: "it's", F: 'say "x"' , G: "${{ a }}" }
      image:   "shop/web:1.0.0"   # pinned
      args:
      - "--verbose"
      - - nested
      -   name: x
          value:  1
      # the end of args? no, of web
flowhelm: "v1"
version: "1.10"
x-anchor: 1
name: shop
    # far right
""")
        == """\
# yaml-language-server: $schema=flowhelm.schema.json

flowhelm: v1
name: shop
version: "1.10"
x-anchor: 1
services:
  web:       # the front
    image: shop/web:1.0.0         # pinned
    args:
      - --verbose
      - - nested
      - name: x
        value: 1
    # first
    env: {A: b, B: "yes", C: "1", D: "a: b", E: it's, F: say "x", G: "${{ a }}"}
    # the end of args? no, of web
# far right
"""
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: |\n      x\n       y\n\n\nb: 1\n", "a: |\n  x\n   y\n\nb: 1\n"),
        ("a:\n   b: |2-  # c\n       x\n      y\n", None),
        ("a: >+\n  x\n\n\nb: 1\n", "a: >+\n  x\n\n\nb: 1\n"),
        ("a: |\n  # no comment\n  x\n# a comment\n", "a: |\n  # no comment\n  x\n# a comment\n"),
        ("a: one\n   two\nb: \"x\n\n  y\"\n", "a: one\n  two\nb: \"x\n\n  y\"\n"),
        ("a: [1, # one\n      2]\n", "a: [1, # one\n  2]\n"),
        ("a: &x\n    b: 1\nc:\n   <<: *x\n   d: *x\n", "a: &x\n  b: 1\nc:\n  <<: *x\n  d: *x\n"),
        ("a: !!str 1\nb: !!str\n  x\n", "a: !!str 1\nb: !!str x\n"),
        ("a:\nb: ~\nc: {}\nd: []\n- x\n", None),
        ("? a\n: 1\n", "a: 1\n"),
        ("a:\r\n- 1\r\n", "a:\n  - 1\n"),
        ("- a\n- b\n", "- a\n- b\n"),
        ('{"a": "\\ud83d\\ude00"}\n', '{"a": "\\ud83d\\ude00"}\n'),
    ],
)  # fmt: skip
def test_layouts(text: str, expected: str | None) -> None:
    if read(text) is not None:
        once = check(text)
        assert expected is None or once == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_of_the_repository_keep_what_they_say(file: Path) -> None:
    text = file.read_bytes().decode("utf-8", errors="ignore")
    if read(text) is not None:
        check(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=15)
def test_the_whole_language_keeps_hostile_texts(text: str) -> None:
    spec = written(filled(full_spec(), lambda free: f"{free.harmless} {text}"))
    if read(spec) is not None:
        check(spec)


def commented(text: str, chance: random.Random) -> str:
    """The text with comments where they may stand: what is read stays the same."""
    before = read(text)
    assert before is not None
    lines = text.split("\n")
    for number in range(chance.randint(0, 12)):
        place = chance.randrange(len(lines))
        changed = list(lines)
        if chance.random() < 0.5:
            changed[place] += f" #!{number}"
        else:
            changed[place:place] = [""] * chance.randint(0, 2) + [" " * chance.randint(0, 8) + f"#!{number}"]
        after = read("\n".join(changed))
        if after is not None and plain(after) == plain(before):
            lines = changed
    return "\n".join(lines)


@settings(max_examples=40)
@given(specs(), st.randoms(use_true_random=False))
def test_any_spec_keeps_what_it_says(spec: dict[str, object], chance: random.Random) -> None:
    text = yaml.dump(
        spec,
        Dumper=yaml.SafeDumper,
        sort_keys=False,
        allow_unicode=chance.random() < 0.8,
        default_flow_style=chance.choice([True, False, None]),
        default_style=chance.choice([None, None, "'", '"']),
        width=chance.choice([20, 80, 1000]),
        indent=chance.choice([2, 3, 4]),
    )
    if read(text) is not None:
        check(commented(text, chance))


@given(st.text(max_size=12) | st.from_regex(r"[-+0-9.:_xobeE,a-f ]{1,10}", fullmatch=True), st.booleans())
def test_a_text_without_quotes_is_the_same_text_to_every_reader(text: str, flow: bool) -> None:
    if is_safely_plain(text, flow=flow):
        line = f"[{text}, x]" if flow else f"- {text}"
        root = read(line)
        assert root is not None
        assert plain(root) == ([text, "x"] if flow else [text])
        assert yaml.safe_load(line)[0] == text


def test_bad_yaml_is_refused() -> None:
    diagnostics = Diagnostics()
    assert format_spec(b"a: [1\n", "spec.yaml", diagnostics) is None
    assert [finding.code.id for finding in diagnostics] == ["FH0001"]
