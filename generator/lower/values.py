"""Collects the values of a chart while its objects are built.

Stage: lower. Whoever builds an object that reads a value declares the value here and gets the node that reads it,
so that no template reads a value that is not documented.
"""

from __future__ import annotations

from typing import Any

from generator.chart.nodes import Kind, Value
from generator.chart.values import JsonSchema, ValueEntry, Values
from generator.diagnostics import Span

Path = tuple[str, ...]
_KINDS = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "boolean": Kind.BOOLEAN,
    "object": Kind.TREE,
    "array": Kind.TREE,
}


class ValuesBuilder:
    """Values in the making; a path that is declared twice keeps its first declaration."""

    def __init__(self) -> None:
        self._entries: dict[Path, ValueEntry] = {}

    def group(self, path: Path, doc: str, span: Span | None = None) -> None:
        """Document an inner key."""
        self._entries.setdefault(path, ValueEntry(path, doc, span=span))

    def leaf(
        self, path: Path, doc: str, schema: JsonSchema, default: Any, section: str = "", span: Span | None = None
    ) -> Value:
        """Declare a value; returns the node that reads it."""
        self._entries.setdefault(path, ValueEntry(path, doc, schema, default, section=section, span=span))
        return value_at(path, schema)

    def optional(self, path: Path, doc: str, schema: JsonSchema, section: str = "", span: Span | None = None) -> Value:
        """Declare a value that may be set but is not in values.yaml."""
        self._entries.setdefault(path, ValueEntry(path, doc, schema, optional=True, section=section, span=span))
        return value_at(path, schema)

    @property
    def roots(self) -> frozenset[str]:
        """The keys at the top that have been declared."""
        return frozenset(path[0] for path in self._entries)

    def build(self) -> Values:
        """All entries, what belongs together in one place: keys stand in the order in which they first appeared."""
        places: dict[Path, int] = {}
        for path in self._entries:
            for length in range(1, len(path) + 1):
                places.setdefault(path[:length], len(places))

        def order(entry: ValueEntry) -> list[int]:
            return [places[entry.path[:length]] for length in range(1, len(entry.path) + 1)]

        return Values(tuple(sorted(self._entries.values(), key=order)))


def value_at(path: Path, schema: JsonSchema) -> Value:
    """The node that reads a value of this schema."""
    return Value(path, _KINDS.get(str(schema.get("type")), Kind.SCALAR))


def difference(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What must be laid over `base` to get `other`: maps are laid over key by key, all else is replaced."""
    changed: dict[str, Any] = {}
    for key, value in other.items():
        known = base.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            if inner := difference(known, value):
                changed[key] = inner
        elif key not in base or value != known or type(value) is not type(known):
            changed[key] = value
    return changed
