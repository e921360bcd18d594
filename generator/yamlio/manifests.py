"""Stage: rendered text → JSON-typed data, with the types that Helm and kubectl would read.

Input: a stream of YAML documents as a chart or a user's file holds it. Output: one :class:`Document` for each, and its
data by :func:`load`, or an :class:`Unreadable` that says where and why it can't be read. Nothing is raised for a user's
text.

Helm and kubectl read YAML through sigs.k8s.io/yaml, whose rules are those of go-yaml 2: `on` is a boolean, `0o17` is
15, `1e3` is a number, `2026-11-22` and `12:30` stay text. PyYAML's own rules are others, so only its scanner (libyaml)
is used here.
Source of the rules: https://github.com/kubernetes-sigs/yaml (resolve.go, yaml.go); compared with Helm in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from generator.records import dataclass
from generator.regexes import regex
from generator.yamlio.quick import read_quickly

Path: TypeAlias = tuple[str | int, ...]

MAX_ALIASED = 100_000
"""How many values the aliases of one document may stand for."""

MAX_DEPTH = 200
"""How deep lists and mappings may be nested; no Kubernetes object comes near it."""

_SEPARATOR = regex(r"^---(?=[ \t\r\n]|\Z)[ \t]*\r?\n?", re.MULTILINE)
_CONTENT = regex(r"^(?![ \t]*(?:#.*)?\r?$|[%].*$|\.\.\.\s*$)", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """One document of a stream: its text, and the line of the stream (from 1) on which that text begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Unreadable:
    """Why a document can't be read, and where in its text (line and column from 1)."""

    message: str
    line: int
    column: int


def split(stream: str) -> Iterator[Document]:
    """The documents of a stream, those with nothing but comments left out.

    A line that starts with `---` always ends a document in YAML, inside a block scalar too, so no parser is needed.
    """
    start, line = 0, 1
    for separator in [*_SEPARATOR.finditer(stream), None]:
        end = separator.start() if separator else len(stream)
        text = stream[start:end]
        if _CONTENT.search(text):
            yield Document(text, line)
        if separator:
            line += stream.count("\n", start, separator.end())
            start = separator.end()


def load(text: str) -> object | Unreadable:
    """The data of one document: dict, list, str, int, float, bool or None, with strings as keys.

    Whole floats come as integers, as they do when Go prints them as JSON. Keys that are written twice, values that JSON
    hasn't got (`.inf`), and aliases that expand beyond :data:`MAX_ALIASED` values are refused.
    """
    quickly = read_quickly(text)
    if quickly is not None:
        return quickly
    from generator.yamlio.scanned import read_scanned

    return read_scanned(text)


def locate(text: str, path: Path) -> tuple[int, int]:
    """Line and column (from 1) of the key or item at `path`; of the nearest parent when it isn't there."""
    from generator.yamlio.scanned import find_place

    return find_place(text, path)
