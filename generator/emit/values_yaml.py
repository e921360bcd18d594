"""Documented values → the text of values.yaml and of each values-<environment>.yaml.

Stage: emit. Input: `Values`, `Environment`. Output: text. Leaves carry helm-docs lines (`# -- (type) text`); inner
keys carry plain comments, because a described map hides its leaves from helm-docs.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import field

from generator.chart.values import Environment, ValueEntry, Values
from generator.records import dataclass
from generator.yamlio import writer

SCHEMA_LINE = "# yaml-language-server: $schema=values.schema.json\n"
_WIDTH = 110


def print_values(values: Values) -> str:
    """The text of values.yaml."""
    lines: list[str] = []
    for group in _tree(values).inner.values():
        if not group.is_optional:
            lines += ["", *_lines(group, 0)]
    return SCHEMA_LINE + "\n".join(lines) + "\n"


def print_environment(environment: Environment) -> str:
    """The text of an environment's values file."""
    title = f"# Values of the environment {environment.name}: only what differs from values.yaml.\n"
    return SCHEMA_LINE + title + writer.write_yaml(environment.values)


@dataclass
class _Key:
    """One key of values.yaml and the keys below it."""

    name: str = ""
    entry: ValueEntry | None = None
    inner: dict[str, _Key] = field(default_factory=dict)

    @property
    def is_optional(self) -> bool:
        return self.entry is not None and self.entry.optional


def _tree(values: Values) -> _Key:
    root = _Key()
    for entry in values:
        key = root
        for name in entry.path:
            key = key.inner.setdefault(name, _Key(name))
        key.entry = entry
    return root


def _lines(key: _Key, indent: int) -> Iterator[str]:
    pad = " " * indent
    entry = key.entry
    if entry is not None and entry.schema is not None:
        yield from _comment(f"-- ({entry.type_name}) {entry.doc}", pad)
        yield from writer.write_yaml({key.name: entry.default}, indent).rstrip("\n").split("\n")
        return
    if entry is not None and entry.doc:
        yield from _comment(entry.doc, pad)
    optional = [inner.entry for inner in key.inner.values() if inner.is_optional and inner.entry]
    kept = [inner for inner in key.inner.values() if not inner.is_optional]
    if not kept:
        yield from _optional(optional, pad)
        yield f"{pad}{writer.scalar(key.name)}: {{}}"
        return
    yield f"{pad}{writer.scalar(key.name)}:"
    yield from _optional(optional, pad + "  ")
    for inner in kept:
        yield from _lines(inner, indent + 2)


def _optional(entries: list[ValueEntry], pad: str) -> Iterator[str]:
    for entry in entries:
        yield from _comment(f"{entry.path[-1]} ({entry.type_name}, not set): {entry.doc}", pad)


def _comment(text: str, pad: str) -> list[str]:
    """A comment of one or more lines; characters that YAML would end it at, or refuse, become spaces."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return textwrap.wrap(text, _WIDTH, initial_indent=pad + "# ", subsequent_indent=pad + "# ", break_on_hyphens=False)
