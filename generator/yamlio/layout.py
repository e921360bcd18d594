"""YAML text → its layout: what was written and how, with comments and blank lines, for the formatter.

Input: a text that `reader` has found good. Output: a tree of :class:`Part` values in which every comment has a place:
before an entry, behind it, or at the end of a collection.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import field
from typing import Any, TypeAlias

import yaml

from generator.records import dataclass
from generator.regexes import regex
from generator.yamlio.json_texts import whole_characters

_BREAK = regex("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT = regex(r"(?:^|(?<=[ \t]))#")
_HEADER = regex(r"[|>](?:[1-9][+-]?|[+-][1-9]?)?")
_NO_CODE = regex(r"[ \t]*(?:(?:-[ \t]+)*-|---|%.*)?[ \t]*")
_CORE = "tag:yaml.org,2002:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 0."""


@dataclass
class Scalar:
    """A scalar or alias: `lines` as written, `value` as read; `style` is how it was quoted, `*` for an alias.

    It starts with its properties, anchor and tag, behind which its text begins.
    """

    lines: list[str]
    value: str
    style: str
    properties: str
    start: Place
    begin: Place
    end: Place

    @property
    def is_block(self) -> bool:
        """Whether it is a literal or folded block."""
        return self.style in ("|", ">")


@dataclass
class Entry:
    """An entry of a mapping, or, without a key, an item of a list. In `before` an empty text is a blank line."""

    key: Scalar | None
    value: Part
    start: Place
    before: list[str] = field(default_factory=list)
    behind: str = ""
    column: int = 0


@dataclass
class Collection:
    """A mapping or list. `lines` is what was written, where a flow collection with comments is kept as it is."""

    mapping: bool
    flow: bool
    entries: list[Entry]
    properties: str
    start: Place
    end: Place
    tail: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


Part: TypeAlias = Scalar | Collection


@dataclass
class Layout:
    """A whole text: its root, and the comments above it."""

    root: Part
    header: list[str]
    has_anchors: bool


def read_layout(text: str) -> Layout:
    """The layout of a text with one good document."""
    text = whole_characters(text)
    lines = _BREAK.split(text)
    builder = _Builder(lines, _Loader(text))
    root = builder.document()
    comments = _Comments(lines, builder, root)
    comments.place()
    return Layout(root, comments.header, builder.has_anchors)


class _Builder:
    """Makes parts of the parser's events; remembers where scalars and flow collections stand."""

    def __init__(self, lines: list[str], loader: Any) -> None:
        self.lines, self.loader = lines, loader
        self.scalars: list[Scalar] = []
        self.flows: list[Collection] = []
        self.has_anchors = False

    def document(self) -> Part:
        try:
            while not isinstance(self.loader.peek_event(), (yaml.NodeEvent)):
                self.loader.get_event()
            return self._part(flow=False, column=0)
        finally:
            self.loader.dispose()

    def _part(self, *, flow: bool, column: int) -> Part:
        event = self.loader.get_event()
        start = (event.start_mark.line, event.start_mark.column)
        if isinstance(event, yaml.AliasEvent):
            return self._kept(Scalar([f"*{event.anchor}"], "", "*", "", start, start, _end(event)))
        properties = " ".join(each for each in (_anchor(event), _tag(event)) if each)
        self.has_anchors |= bool(event.anchor)
        if isinstance(event, yaml.ScalarEvent):
            return self._kept(self._scalar(event, properties, start, column))
        mapping, inside = isinstance(event, yaml.MappingStartEvent), flow or bool(event.flow_style)
        found = Collection(mapping, inside, [], properties, start, start)
        while not isinstance(self.loader.peek_event(), yaml.CollectionEndEvent):
            found.entries.append(self._entry(mapping, inside, start[1]))
        if properties and not inside:
            found.start = self._first(found) if found.entries else start
        found.end = _end(self.loader.get_event())
        if inside and not flow:
            self.flows.append(found)
        return found

    def _entry(self, mapping: bool, flow: bool, column: int) -> Entry:
        key = self._part(flow=flow, column=column) if mapping else None
        value = self._part(flow=flow, column=key.start[1] if key else column)
        assert key is None or isinstance(key, Scalar)
        return Entry(key, value, (key or value).start)

    def _first(self, collection: Collection) -> Place:
        """Where a block collection begins behind its properties: its first key, or its first dash."""
        line, column = collection.entries[0].start
        dash = -1 if collection.mapping else self.lines[line].rfind("-", 0, column)
        return line, column if dash < 0 else dash

    def _kept(self, scalar: Scalar) -> Scalar:
        self.scalars.append(scalar)
        return scalar

    def _scalar(self, event: Any, properties: str, start: Place, column: int) -> Scalar:
        end = _end(event)
        begin = self._behind_properties(event, start, end) if properties else start
        style = event.style or ""
        lines = self.lines[begin[0] : end[0] + 1]
        if len(lines) > end[0] - begin[0]:
            lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][begin[1] :]
        if style in ("|", ">"):
            lines = _block(lines, column)
        return Scalar(lines, event.value, style, properties, start, begin, end)

    def _behind_properties(self, event: Any, start: Place, end: Place) -> Place:
        """Where the scalar itself begins, behind its anchor and tag, which may stand on lines of their own."""
        line, column = start
        for _ in range(bool(event.anchor) + bool(_tag(event))):
            column += len(re.match(r"[^ \t]*", self.lines[line][column:]).group())  # type: ignore[union-attr]  # matches
            while (line, column) < end and not self.lines[line][column:].strip(" \t"):
                line, column = line + 1, 0
            column += len(self.lines[line][column:]) - len(self.lines[line][column:].lstrip(" \t"))
        return min((line, column), end)


def _block(lines: list[str], column: int) -> list[str]:
    """A block scalar's header and its lines without their indentation."""
    header = _HEADER.match(lines[0])
    assert header is not None
    content = lines[1:] if lines[-1] else lines[1:-1]
    digits = [char for char in header.group() if char.isdigit()]
    filled = [line for line in content if line.strip(" ")]
    indent = column + int(digits[0]) if digits else len(filled[0]) - len(filled[0].lstrip(" ")) if filled else 0
    kept = [line[indent:] for line in content]
    while kept and not kept[-1] and "+" not in header.group():
        kept.pop()
    return [header.group(), *kept]


def _end(event: Any) -> Place:
    return event.end_mark.line, event.end_mark.column


def _anchor(event: Any) -> str:
    return f"&{event.anchor}" if event.anchor else ""


def _tag(event: Any) -> str:
    if not event.tag:
        return ""
    return str(event.tag).replace(_CORE, "!!", 1) if event.tag != "!" else "!"


class _Comments:
    """Finds comments and blank lines, and gives each to the entry or collection that it belongs to."""

    def __init__(self, lines: list[str], builder: _Builder, root: Part) -> None:
        self.lines, self.builder, self.root = lines, builder, root
        self.header: list[str] = []
        self.slots = list(_slots(root, ()))
        self.starts = [entry.start[0] for entry, _ in self.slots]

    def place(self) -> None:
        inside = self._inside()
        pending: list[tuple[int, str]] = []
        following = 0
        for number, line in enumerate(self.lines):
            if number in inside:
                continue
            while following < len(self.slots) and self.starts[following] <= number:
                self._release(pending, following)
                pending, following = [], following + 1
            code, comment, column = self._split(number, line)
            if _NO_CODE.fullmatch(code):
                if comment or not code.strip():
                    pending.append((column, comment))
            elif comment:
                slot = bisect_right(self.starts, number) - 1
                if slot >= 0:
                    entry = self.slots[slot][0]
                    entry.behind, entry.column = comment, column
                else:
                    self.header.append(comment)
        self._release(pending, len(self.slots))

    def _inside(self) -> set[int]:
        """The lines that belong to a scalar or a flow collection of several lines, but for the last of each."""
        found: set[int] = set()
        for scalar in self.builder.scalars:
            if scalar.is_block:
                found.update(range(scalar.begin[0] + 1, scalar.begin[0] + len(scalar.lines)))
            else:
                found.update(range(scalar.begin[0], scalar.end[0]))
        for flow in self.builder.flows:
            span = range(flow.start[0], flow.end[0])
            if any(number not in found and self._split(number, self.lines[number])[1] for number in span):
                flow.lines = self.lines[flow.start[0] : flow.end[0] + 1]
                flow.lines[-1] = flow.lines[-1][: flow.end[1]]
                flow.lines[0] = flow.lines[0][flow.start[1] :]
            found.update(span)
        return found

    def _split(self, number: int, line: str) -> tuple[str, str, int]:
        """A line's code, its comment, and the comment's column."""
        begin = 0
        for scalar in self._scalars_on(number):
            begin = max(begin, scalar)
        found = _COMMENT.search(line, begin)
        if not found:
            return line, "", 0
        return line[: found.start()], line[found.start() :].rstrip(), found.start()

    def _scalars_on(self, number: int) -> Iterator[int]:
        for scalar in self._by_line().get(number, ()):
            yield scalar.begin[1] + len(scalar.lines[0]) if scalar.is_block else scalar.end[1]

    def _by_line(self) -> dict[int, list[Scalar]]:
        if not hasattr(self, "_lines"):
            self._lines: dict[int, list[Scalar]] = {}
            for scalar in self.builder.scalars:
                self._lines.setdefault(scalar.begin[0] if scalar.is_block else scalar.end[0], []).append(scalar)
        return self._lines

    def _release(self, pending: list[tuple[int, str]], following: int) -> None:
        """Give what stands between two entries to the end of a deeper collection, or to the entry that follows."""
        entry, at = (
            (self.slots[following][0], self.slots[following][1][-1].start[1])
            if following < len(self.slots)
            else (None, -1)
        )
        chain = self.slots[following - 1][1] if following else ()
        rest = 0
        for index, (column, comment) in enumerate(pending):
            if not comment:
                continue
            deeper = [each for each in chain if at < each.start[1] <= column]
            if entry is not None and not deeper:
                break
            # A list may stand in the column of its key: then what follows belongs to the mapping.
            target = max(deeper, key=lambda each: each.start[1]).tail if deeper else self._end().tail
            target += [text for _, text in pending[rest : index + 1]]
            rest = index + 1
        if entry is not None:
            entry.before += [comment for _, comment in pending[rest:]]

    def _end(self) -> Collection:
        assert isinstance(self.root, Collection)
        return self.root


def _slots(part: Part, chain: tuple[Collection, ...]) -> Iterator[tuple[Entry, tuple[Collection, ...]]]:
    """Every entry of a block collection in the order of the text, with the collections around it."""
    if isinstance(part, Collection) and not part.flow:
        for entry in part.entries:
            yield entry, (*chain, part)
            yield from _slots(entry.value, (*chain, part))
