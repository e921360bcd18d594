"""Reading rendered text: the same values that Helm reads, and a place for each text that can't be read."""

import json
import random
import re
import subprocess
from pathlib import Path

import pytest

from generator.yamlio.manifests import MAX_ALIASED, Document, Unreadable, load, locate, split
from generator.yamlio.writer import write_yaml
from tests.helm import helm_binary

SEED = 20_261_122
SCALARS = 14_000


def test_documents_are_split_at_separators_and_know_their_line() -> None:
    stream = "# only a comment\n---\na: 1\n---   \n\n---\nb: |\n  --- not here\nc: 2\n--- # comment\nd: 3\n"
    documents = list(split(stream))
    assert [(document.line, load(document.text)) for document in documents] == [
        (3, {"a": 1}),
        (7, {"b": "--- not here\n", "c": 2}),
        (10, {"d": 3}),
    ]


def test_windows_line_ends_and_text_after_the_dashes() -> None:
    assert [load(document.text) for document in split("--- {a: 1}\r\n---\r\nb: 2\r\n")] == [{"a": 1}, {"b": 2}]


def test_an_empty_stream_has_no_documents() -> None:
    assert list(split("")) == []
    assert list(split("\n# nothing\n---\n...\n")) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True),
        ("y", True),
        ("N", False),
        ("Off", False),
        ("1e3", 1000),
        ("0o17", 15),
        ("010", 8),
        ("0x1F", 31),
        ("08", 8),
        ("1_000", 1000),
        ("1.0", 1),
        ("1.5", 1.5),
        ("-0b11", -3),
        ("~", None),
        ("", None),
        ("2026-11-22", "2026-11-22"),
        ("12:30", "12:30"),
        ("=", "="),
        ("1e999", "1e999"),
        ("+", "+"),
        ("18446744073709551615", 2**64 - 1),
        ("1e21", 1e21),
    ],
)
def test_plain_scalars_have_the_types_of_go(text: str, value: object) -> None:
    read = load(f"- {text}")
    assert isinstance(read, list)
    read = read[0]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", 'the key "c" is written twice', (2, 11)),
        ("a: .inf", ".inf is no number that JSON has", (1, 4)),
        ("a:\n  ~: 1", "an empty key (null)", (2, 3)),
        ("a: &x [*x]", 'the anchor "&x" contains itself', (1, 8)),
        ("a: *x", 'the alias "*x" has no anchor "&x" before it', (1, 4)),
        ("? [a]\n: 1", "a list or mapping can't be a key", (1, 3)),
        ("a: b: c", "mapping values are not allowed in this context", (1, 5)),
        ("a: 'b\x07'", "the character U+0007 isn't allowed in YAML", (1, 6)),
        ("a: 1\n---\nb: 2", "a second document begins here", (2, 1)),
        ("a: {{ x }}", "a list or mapping can't be a key", (1, 5)),
        ("[" * 100_000, "lists and mappings are nested more than 200 deep", (1, 201)),
        ("a: \ud800", "the character U+D800 isn't allowed in YAML", (1, 4)),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text: str, message: str, place: tuple[int, int]) -> None:
    read = load(text)
    assert isinstance(read, Unreadable)
    assert read.message.startswith(message)
    assert (read.line, read.column) == place


def test_aliases_are_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    read = load("\n".join(lines))
    assert isinstance(read, Unreadable)
    assert read.message == f"aliases stand for more than {MAX_ALIASED} values"


def test_merge_keys_and_tags() -> None:
    text = "base: &b {x: 1, w: 2}\nmine: {x: 9, <<: *b}\nboth: {<<: [*b, {z: 3}], w: 4}\n"
    assert load(text) == {"base": {"x": 1, "w": 2}, "mine": {"x": 1, "w": 2}, "both": {"x": 1, "w": 4, "z": 3}}


def test_tags_choose_the_type() -> None:
    assert load("{s: !!str 5, f: !x 5, b: !!binary aGk=, t: ! 5}") == {"s": "5", "f": "5", "b": "hi", "t": "5"}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("spec",), (2, 1)),
        (("spec", "ports", 1), (5, 5)),
        (("spec", "ports", 1, "name"), (6, 5)),
        (("spec", "ports", 0, "gone"), (4, 5)),
        (("spec", "selector", "a.b/c"), (7, 14)),
    ],
)
def test_places_of_paths(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    text = "kind: Service\nspec:\n  ports:\n  - port: 80\n  - port: 81\n    name: x\n  selector: {a.b/c: d}\n"
    assert locate(text, path) == place


def test_documents_are_values() -> None:
    assert list(split("a: 1")) == [Document("a: 1", 1)]


WORDS = ("y", "on", "NO", "True", "null", "~", ".inf", "-.INF", ".nan", "<<", "=", "2026-11-22", "12:30:45", "0o644")
ALPHABETS = (
    "0123456789",
    "0123456789._eE+-",
    "01234567xobXOBabcdefABCDEF_",
    "-+.0123456789e",
    "yYnNoOfFtTrRuUeE~",
    "0123456789:-TZ",
)
NO_PLAIN_SCALAR = re.compile(r"-|---|\.\.\.|\?|.*:")
TEXTS = (
    "a: {<<: {x: 1}, x: 2}",
    "m: {x: 2, <<: {x: 1}}",
    "1: a",
    "1.5: a",
    "true: a",
    "1e6: a",
    "0x10: a",
    "a: !!int 5",
    "a: !!float 5",
    "a: !!str 5",
    "a: !!int x",
    "a: ! 5",
    "a: '5'",
    'a: "5"',
    "a: >-\n  x\n  y\n",
    "a: |+\n  x\n\n",
    "a: [1, 2.0, ~, ]",
    "-1.0e7: x",
    "a: {b, c: }",
    "? a\n: b",
    "a: !!binary aGk=",
    "? {a: b}\n: c",
    "a: &x 1\nb: *x",
    "a: !x {b: c}",
    "1234567.0: a",
    "0.1: x",
    "-.5: x",
    "a: .4_",
    "a: ._4",
    "0.00001: x",
    "m: {<<: [{x: 1}, {x: 2, z: 3}]}",
)


def _scalars() -> list[str]:
    """Number-like and word-like scalars, the same in every run."""
    rng = random.Random(SEED)
    made = list(WORDS)
    while len(made) < SCALARS:
        text = "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randint(1, 8)))
        if not NO_PLAIN_SCALAR.fullmatch(text):
            made.append(text)
    return made


def test_the_same_values_as_helm(tmp_path: Path) -> None:
    """`fromYaml | toJson` of real Helm is the judge; one call for all."""
    texts = [*(f"a: {scalar}" for scalar in _scalars()), *TEXTS]
    pairs = ((text, answer, load(text)) for text, answer in zip(texts, _read_by_helm(texts, tmp_path), strict=True))
    differing = {text: (answer, read) for text, answer, read in pairs if not _agree(answer, read)}
    assert differing == {}


def test_helm_reads_the_texts_that_were_written(tmp_path: Path) -> None:
    """What looks like a number, a date or a boolean, and is a text, stays one: as a value, in a list and as a key."""
    scalars = sorted(set(_scalars()))
    trees = [{"a": text, "list": [text], text: "key"} for text in scalars]
    answers = _read_by_helm([write_yaml(tree) for tree in trees], tmp_path)
    differing = {text: answer for text, tree, answer in zip(scalars, trees, answers, strict=True) if answer != tree}
    assert len(scalars) > 10_000
    assert differing == {}


def _read_by_helm(texts: list[str], folder: Path) -> list[object]:
    """What Helm's own fromYaml makes of each text."""
    chart = folder / "types"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: types\nversion: 1.0.0\n")
    (chart / "templates" / "all.yaml").write_text("{{ range .Values.texts }}\n#> {{ fromYaml . | toJson }}{{ end }}\n")
    values = folder / "values.json"
    values.write_text(json.dumps({"texts": texts}))
    command = [helm_binary(), "template", "r", str(chart), "-f", str(values)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line[2:]) for line in output.splitlines() if line.startswith("#>")]
    assert len(answers) == len(texts)
    return answers


def _agree(answer: object, read: object) -> bool:
    """Where Helm reports an error, or silently takes one of two equal keys, the text must be refused."""
    if isinstance(answer, dict) and set(answer) == {"Error"}:
        return isinstance(read, Unreadable)
    return read == answer
