"""The values of a chart: what a user of the chart may set, what it means, and what it must look like.

Stage: chart. `values.yaml`, the table of the README and `values.schema.json` all come from these entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.diagnostics import Span
from generator.records import dataclass

JsonSchema = Mapping[str, Any]


@dataclass(frozen=True)
class ValueEntry:
    """One documented key.

    `path` from the root of values.yaml; `schema` a JSON Schema (draft-07) of it; `default` as JSON data, never null;
    `doc` a sentence or two. A *group* (`schema` None) documents an inner key: it has the keys of the entries below it
    and no others. An `optional` entry may be set but is not in values.yaml.
    """

    path: tuple[str, ...]
    doc: str
    schema: JsonSchema | None = None
    default: Any = None
    optional: bool = False
    section: str = ""
    span: Span | None = None

    @property
    def dotted(self) -> str:
        """The path as `--set` takes it."""
        return ".".join(self.path)

    @property
    def type_name(self) -> str:
        """The type in the words of helm-docs."""
        names = {"integer": "int", "boolean": "bool", "array": "list"}
        kinds = (self.schema or {}).get("type", "object")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return "/".join(names.get(kind, kind) for kind in kinds)


@dataclass(frozen=True)
class Values:
    """All entries, in the order of values.yaml: a group before what is in it."""

    entries: tuple[ValueEntry, ...] = ()

    def __iter__(self) -> Iterator[ValueEntry]:
        return iter(self.entries)

    @property
    def defaults(self) -> dict[str, Any]:
        """What values.yaml says, as data."""
        tree: dict[str, Any] = {}
        for entry in self.entries:
            if not entry.optional:
                put(tree, entry.path, {} if entry.schema is None else entry.default)
        return tree


@dataclass(frozen=True)
class Environment:
    """A values file of its own: `values-<name>.yaml`, with the difference from the defaults and nothing else."""

    name: str
    values: Mapping[str, Any]
    span: Span | None = None


def put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a value deep in a tree of dicts, making what is missing on the way."""
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value
