"""What a row of the table says of one key of the language, and how rows become one spec with a line for each.

A row is written where the key's record is: `resources.cpu` once, for the main container, for init containers, sidecars
and tasks. A :class:`Place` is one of these: it frames what the row says, and knows the objects that come of it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.diagnostics import Diagnostics
from generator.yamlio.nodes import plain
from generator.yamlio.reader import read_spec_text

HEAD = "flowhelm: v1\nname: keys\nversion: 1.0.0\n"
MARK = "→"
"""In a wrong text: the finding is where the next character stands."""

MISSING = type("Missing", (), {"__repr__": lambda _: "nothing"})()
"""What is at a path that leads nowhere."""


@dataclass(frozen=True)
class Row:
    """One key: what says it, what it changes, and a mistake in it.

    `key` is its path from the place's record, `a.*.b` below a name of the user's own, `a[].b` in the items of a list.
    `says` is flow YAML that has the key; NAME in it is the name of the service or workflow. `at` is the field that
    changes, as `Kind/suffix path`, and `value` what stands there; without the key (or with `other` instead of `says`,
    where the key cannot go) something else does. `wrong` has MARK at the place of its only finding, of code `code`.
    """

    key: str
    says: str
    at: str
    value: Any
    wrong: str
    code: str
    other: str = ""
    note: str = field(default="", compare=False)


def later(key: str, says: str) -> Row:
    """A key that belongs to the language and is refused for now."""
    return Row(key, "", "", None, says, "FH1010")


@dataclass(frozen=True)
class Place:
    """Where a record stands: the path of its keys, what stands around it, and the objects that it becomes.

    `frame` has `…` where a row's text goes; before it comes `base`, unless the text begins with one of the keys
    `instead`. `words` are short for the start of an `at`: `pod` for `Deployment spec.template.spec`. `section` is the
    part of the spec that the frame is an entry of.
    """

    key: str
    frame: str
    words: Mapping[str, str]
    base: str = "image: x/y:1"
    instead: tuple[str, ...] = ("image",)
    section: str = "services"

    def rows(self, *tables: Sequence[Row]) -> tuple[Placed, ...]:
        """The rows of these tables, here."""
        return tuple(Placed(row, self) for table in tables for row in table)


@dataclass(frozen=True)
class Placed:
    """A row at a place."""

    row: Row
    place: Place

    @property
    def key(self) -> str:
        """The whole path of the key in the language."""
        return f"{self.place.key}.{self.row.key}".removeprefix(".")

    @property
    def says(self) -> str:
        """The entry of the spec, in flow style."""
        return self._framed(self.row.says)

    @property
    def without(self) -> str:
        """The same entry without the key."""
        if self.row.other:
            return self._framed(self.row.other)
        tree = read(self.says)
        below = self.key.removeprefix(f"{self.place.section}.*.")
        _remove(tree, below.replace("[]", ".[]").split("."))
        return json.dumps(tree, ensure_ascii=False)[1:-1]

    @property
    def wrong(self) -> tuple[str, int]:
        """The entry with the mistake, and how many characters stand before the finding."""
        text = self._framed(self.row.wrong)
        return text.replace(MARK, ""), text.index(MARK)

    @property
    def at(self) -> tuple[str, str]:
        """The object, as `Kind/suffix`, and the path in it."""
        first, _, rest = self.row.at.partition(" ")
        if first not in self.place.words:
            return first, rest
        kind, _, start = self.place.words[first].partition(" ")
        return kind, start.replace("…", rest) if "…" in start else ".".join(part for part in (start, rest) if part)

    def _framed(self, text: str) -> str:
        is_whole = text.removeprefix(MARK).partition(":")[0] in self.place.instead
        parts = [self.place.base, text] if self.place.base and not is_whole else [text]
        return self.place.frame.replace("…", ", ".join(part for part in parts if part))


def read(flow: str) -> Any:
    """What an entry in flow style says."""
    found = Diagnostics()
    node = read_spec_text(("{" + flow + "}").encode(), "row", found)
    assert node is not None, (flow, [each.message for each in found])
    return copy.deepcopy(plain(node))


def _remove(tree: Any, steps: Sequence[str]) -> None:
    """Take away the key at a path of the language; names and items on the way are the first there are."""
    step, rest = steps[0], steps[1:]
    if step == "[]":
        _remove(tree[0] if isinstance(tree, list) else tree, rest)
        return
    name = next(iter(tree)) if step == "*" else step
    if rest:
        _remove(tree[name], rest)
    else:
        del tree[name]


Entry = tuple[str, str, str]
"""Section, name and flow YAML of an entry of the spec."""


@dataclass(frozen=True)
class Named:
    """A placed row with the names of its entry with, and its entry without, the key."""

    placed: Placed
    name: str
    other: str


def whole_spec(placed: Iterable[Placed], around: Sequence[Entry]) -> tuple[str, list[Named]]:
    """One spec with two entries of each row, with and without its key; entries that say the same are one."""
    names = {(section, text): name for section, name, text in around}
    named = []
    for each in placed:
        section = each.place.section
        said = (names.setdefault((section, text), f"{section[0]}{len(names)}") for text in (each.says, each.without))
        named.append(Named(each, *said))
    return HEAD + sections((section, name, text) for (section, text), name in names.items()), named


def sections(entries: Iterable[Entry]) -> str:
    """Entries by section, one a line, with their own names in them."""
    lines: dict[str, list[str]] = {}
    for section, name, text in entries:
        lines.setdefault(section, []).append(f"  {name}: {{{text.replace('NAME', name)}}}\n")
    return "".join(f"{section}:\n{''.join(each)}" for section, each in lines.items())


def value_at(tree: Any, path: str) -> Any:
    """What stands at a path as in `spec.containers[web].args[0]`; texts on the way are JSON."""
    for step in _steps(path):
        if isinstance(tree, str):
            tree = json.loads(tree)
        tree = _item(tree, step) if isinstance(tree, list) else tree.get(step, MISSING)
        if tree is MISSING:
            return MISSING
    return tree


def _item(items: Sequence[Any], step: str) -> Any:
    """An item by number, or by what it is known by."""
    if step.lstrip("-").isdigit():
        return items[int(step)] if len(items) > int(step) else MISSING
    known = ("name", "mountPath", "key", "topologyKey", "host", "path", "type", "alert", "record", "port")
    for key in known:
        for item in items:
            if isinstance(item, Mapping) and str(item.get(key)) == step:
                return item
    return MISSING


def _steps(path: str) -> Iterator[str]:
    rest = path
    while rest:
        if rest.startswith("["):
            step, _, rest = rest[1:].partition("]")
        else:
            end = min((rest.index(sign) for sign in ".[" if sign in rest), default=len(rest))
            step, rest = rest[:end], rest[end:]
        yield step
        rest = rest.removeprefix(".")
