"""Data → YAML text that reads back as the same data."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.yamlio.manifests import load
from generator.yamlio.writer import is_plain, scalar, write_yaml

TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab \n\t#:-'\"{}[]%&*!|>,?@`~.019eEonyx_", max_size=30),
    st.sampled_from(
        ["", "~", "on", "y", "N", "null", "1e3", "0o17", "0x1F", "010", "1_000", "12:30", ".inf", "-", "=", "<<"]
    ),
)
DATA = st.recursive(
    st.one_of(TEXTS, st.integers(-(2**53), 2**53), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, DATA, max_size=4))
@settings(max_examples=400, deadline=None)
def test_what_is_written_reads_back_as_the_same(data: dict[str, object]) -> None:
    assert load(write_yaml(data)) == data


@pytest.mark.parametrize("text", ["http", "a b", "/healthz", "shop/web", "nginx.ingress", "user@host", "x-1"])
def test_words_stay_bare(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    "text", ["yes", "1.0", "a: b", "a #b", "", "-x", "{a}", "0755", "12:30", "*a", "n", "é", "a\nb"]
)
def test_what_could_be_read_otherwise_is_quoted(text: str) -> None:
    assert not is_plain(text)
    assert scalar(text).startswith('"')


def test_lists_are_indented_below_their_key_and_texts_of_lines_are_blocks() -> None:
    data = {"args": ["a", {"b": 1, "c": []}], "text": "one\ntwo\n", "end": "one\n  two", "none": {}}
    assert write_yaml(data) == (
        "args:\n  - a\n  - b: 1\n    c: []\ntext: |\n  one\n  two\nend: |-\n  one\n    two\nnone: {}\n"
    )
