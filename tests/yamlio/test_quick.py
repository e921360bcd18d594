"""The quick reader reads what the scanner reads, or leaves the document to it."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.yamlio.manifests import split
from generator.yamlio.quick import read_quickly
from generator.yamlio.scanned import read_scanned

CHECKOUT = Path(__file__).parents[2]
FILES = [
    *sorted((CHECKOUT / "bench" / "corpus").glob("*.yaml")),
    *sorted((CHECKOUT / "tests/validate").rglob("*.yaml")),
]
DOCUMENTS = [document.text for file in FILES for document in split(file.read_text(encoding="utf-8"))]

PLAIN = """# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, "a.b/c": 'on', empty: {}}
  annotations:
spec:
  replicas: 2
  args: ["serve", --port=8080, 0o17, 1e3, ~]
  containers:
  - name: "app"
    ports:
      - {name: http, containerPort: 8080}
      -   name: metrics
          containerPort: 9090
    script: |
      set -e

        # indented
      exec app
    last: |-
      one
  matrix:
    - - 1
      - 2.50
    - - yes
"""

# fmt: off
ODD = (
    "", "# nothing", "a", "- a", "a: &x 1", "a: *x", "a: !!str 1", "a: >\n  b", "a: |2\n   b",
    "a: |+\n  b\n", "a: b\n  c",
    "a:\tb",
    "a: 'it''s'", 'a: "\\n"', "a: b # c", "a: b: c", "a: - b", "a: 1\na: 2", "{a: 1, a: 2}", "a: {b: 1, b: 2}", "on: 1",
    "1: 2",
    "a: [b,]", "a: [b: c]", "a: .inf", "<<: 1", "? a", "a: {b}", "a: [\n1]", " a: 1\nb: 2",
    "a:\n  b: 1\n c: 2", "a: |\nb",
    "-\n  a",
    "a: |\n   \n  b\n", "a: |\n  b", "a: \u2028", "a: \x07", "a: 1\r\nb: 2", "a: @b", "a: }", "a: b:",
)
# fmt: on


def test_what_helm_prints_is_read_quickly() -> None:
    quickly = read_quickly(PLAIN)
    assert quickly is not None
    assert quickly == read_scanned(PLAIN)
    assert quickly["spec"]["matrix"] == [[1, 2.5], [True]]
    assert quickly["spec"]["containers"][0]["script"] == "set -e\n\n  # indented\nexec app\n"


@pytest.mark.parametrize("text", ODD)
def test_what_is_not_plain_is_left_to_the_scanner(text: str) -> None:
    assert read_quickly(text) is None


def test_most_objects_are_plain() -> None:
    quick = [text for text in DOCUMENTS if read_quickly(text) is not None]
    assert len(quick) > len(DOCUMENTS) / 2 > 50
    assert all(alike(read_quickly(text), read_scanned(text)) for text in quick)


MARKS = (
    *" \n-:#\"'{}[],|>&*!%@`?~=<.\t",
    "  ",
    "- ",
    ": ",
    " #",
    "|\n",
    "|-\n",
    "key: ",
    "null",
    "1e3",
    "0o7",
    "<<: ",
    "y",
)


@given(st.integers(0, 2**32))
def test_spoilt_objects_are_read_alike(seed: int) -> None:
    draw = random.Random(seed)
    text = draw.choice((PLAIN, *DOCUMENTS))
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(text) + 1)
        match draw.randrange(4):
            case 0:
                text = text[:at] + text[at + draw.randint(1, 4) :]
            case 1:
                text = text[text.rfind("\n", 0, at) + 1 :] or text
            case _:
                text = text[:at] + draw.choice(MARKS) + text[at:]
    for document in split(text):
        quickly = read_quickly(document.text)
        assert quickly is None or alike(quickly, read_scanned(document.text))


def alike(one: Any, other: Any) -> bool:
    """Equal, types and order of keys included: 1, 1.0 and True are three things."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and bool(one == other)
