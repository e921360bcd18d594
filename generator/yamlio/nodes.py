"""Positioned YAML: what `reader` makes of a spec's text, and what every later stage points into."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TypeAlias

from generator.diagnostics import Position, Span
from generator.records import dataclass

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class ScalarNode:
    """One scalar: `value` typed by YAML 1.2 core (rulings C03), `text` as written but for quotes and escapes."""

    span: Span
    value: Scalar
    text: str
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether nothing, `~` or `null` was written."""
        return self.value is None


@dataclass(frozen=True)
class SequenceNode:
    """A list."""

    span: Span
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Entry:
    """One `key: value` of a mapping. Keys are always text: `on` and `8080` stay what they look like."""

    key: str
    key_span: Span
    value: Node


@dataclass(frozen=True)
class MappingNode:
    """A mapping with unique keys, in the order of the text; merge keys are already expanded."""

    span: Span
    entries: tuple[Entry, ...]

    @cached_property
    def index(self) -> dict[str, Entry]:
        """The entries by key."""
        return {entry.key: entry for entry in self.entries}

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None."""
        entry = self.index.get(key)
        return entry.value if entry else None

    def __contains__(self, key: str) -> bool:
        return key in self.index

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def span_of(self, *path: str | int) -> Span:
        """The span of the value at `path`; where the path leaves the tree, that of the deepest node on it."""
        return descend(self, path).span

    def key_span(self, key: str) -> Span:
        """The span of the key itself, or of the mapping when it has no such key."""
        entry = self.index.get(key)
        return entry.key_span if entry else self.span


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode

NOWHERE = Span("", Position(0, 0), Position(0, 0))
"""The span of what nobody wrote: a default."""

EMPTY = MappingNode(NOWHERE, ())


def descend(node: Node, path: tuple[str | int, ...]) -> Node:
    """The node at `path` below `node`, or the deepest one on the way."""
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node.index:
            node = node.index[step].value
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
    return node


def plain(node: Node) -> object:
    """The node's data without positions: dict, list and scalars."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}


def only(node: MappingNode, keys: Collection[str]) -> MappingNode:
    """The node with only those of its entries that have one of the keys."""
    return MappingNode(node.span, tuple(entry for entry in node.entries if entry.key in keys))


def merged(base: Node | None, over: Node) -> Node:
    """`over` laid on `base`: mappings merge deeply, lists and scalars are replaced (rulings L09).

    Keys keep the order of `base`, new ones follow; every part keeps its own span.
    """
    if not isinstance(base, MappingNode) or not isinstance(over, MappingNode):
        return over
    entries = [
        Entry(entry.key, over.index[entry.key].key_span, merged(entry.value, over.index[entry.key].value))
        if entry.key in over.index
        else entry
        for entry in base.entries
    ]
    entries += [entry for entry in over.entries if entry.key not in base.index]
    return MappingNode(over.span, tuple(entries))
