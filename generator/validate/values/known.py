"""What is known of a value while a template is looked at without being run.

A value is a place in the chart's values, the data of a template, something built of these, or unknown. Places are paths
from the values of the top chart; `*` stands for any key or item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Final, TypeAlias

from generator.records import dataclass

Steps: TypeAlias = tuple[str, ...]
ANY: Final = "*"


@dataclass(frozen=True)
class Unknown:
    """Nothing is known."""


@dataclass(frozen=True)
class Text:
    """A string that stands in the template."""

    text: str


@dataclass(frozen=True)
class Root:
    """The data of a chart's templates (`.Values`, `.Release` …); `prefix` is where its values stand."""

    prefix: Steps


@dataclass(frozen=True)
class Place:
    """A place in the values."""

    path: Steps


@dataclass(frozen=True)
class Record:
    """What `dict` made; see :func:`record`."""

    entries: tuple[tuple[str, Known], ...]
    size: int = 1


@dataclass(frozen=True)
class Items:
    """What `list` made; see :func:`items`."""

    items: tuple[Known, ...]
    size: int = 1


@dataclass(frozen=True)
class Either:
    """One of several; see :func:`either`."""

    options: frozenset[Known]
    size: int = 1


Known: TypeAlias = Unknown | Text | Root | Place | Record | Items | Either
UNKNOWN: Final = Unknown()


_MAX_SIZE = 2_000
"""Parts of a value; what is larger is not followed, because every copy would double the work."""


def record(entries: Mapping[str, Known]) -> Known | None:
    """What `dict` makes; None when it is too large to follow."""
    size = 1 + sum(map(size_of, entries.values()))
    return Record(tuple(entries.items()), size) if size <= _MAX_SIZE else None


def items(values: Iterable[Known]) -> Known | None:
    """What `list` makes; None when it is too large to follow."""
    made = tuple(values)
    size = 1 + sum(map(size_of, made))
    return Items(made, size) if size <= _MAX_SIZE else None


def size_of(value: Known) -> int:
    """How many parts a value has."""
    return value.size if isinstance(value, Record | Items | Either) else 1


def either(values: Iterable[Known]) -> Known:
    """One of these values; nothing that can be known stays of an empty list."""
    options = frozenset(option for value in values for option in options_of(value))
    if len(options) > 1:
        options -= {UNKNOWN}
    if len(options) == 1:
        return next(iter(options))
    return Either(options, 1 + sum(map(size_of, options))) if options else UNKNOWN


def options_of(value: Known) -> Iterable[Known]:
    """What a value may be."""
    return value.options if isinstance(value, Either) else (value,)


@dataclass
class Readers:
    """Which places of the values are read: a tree of keys. `is_whole` says that everything below is read too."""

    is_whole: bool = False
    keys: dict[str, Readers] = field(default_factory=dict)

    def touch(self, path: Steps) -> Readers:
        """Note that a place is looked at, not what is below it."""
        node = self
        for step in path:
            below = node.keys.get(step)
            if below is None:
                below = node.keys[step] = Readers()
            node = below
        return node

    def read(self, path: Steps) -> None:
        """Note that a place is read with everything below."""
        self.touch(path).is_whole = True

    def unread(self, values: Mapping[str, object], path: Steps = ()) -> Iterator[Steps]:
        """The outermost keys of these values that nothing reads."""
        for key, value in values.items():
            here = (*path, key)
            readers = self._at(here)
            if not readers:
                yield here
            elif isinstance(value, Mapping) and not any(node.is_whole for node in readers):
                yield from self.unread(value, here)

    def looked_for(self, path: Steps) -> set[str]:
        """The keys that templates look for in the mapping at a place."""
        return {key for node in self._at(path) for key in node.keys} - {ANY}

    def _at(self, path: Steps) -> list[Readers]:
        """All nodes that stand for a place; one that is read as a whole stands for all below it."""
        nodes = [self]
        for step in path:
            below: list[Readers] = []
            for node in nodes:
                if node.is_whole:
                    below.append(node)
                else:
                    below += [node.keys[key] for key in (step, ANY) if key in node.keys]
            nodes = below
        return nodes
