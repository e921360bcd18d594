"""The text of a spec → the same in one style, its known keys in the order in which the reference has them.

Input: a file's bytes. Output: the formatted text, or None with the reasons in the diagnostics. Values never change:
what comes out is read again and compared. Names of the user's own, and unknown keys, keep their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.diagnostics import Diagnostics, Span
from generator.spec.environment import Overrides
from generator.spec.model import SPEC
from generator.spec.shapes import Either, ListOf, MapOf, RecordOf, Shape
from generator.yamlio import codes
from generator.yamlio.formatter import format_text
from generator.yamlio.layout import Collection, Entry
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.yamlio.reader import read_spec_text

_ANCHORS_BEFORE = "imports"
"""Top-level keys for anchors, `x-…`, stand before this one: what uses them comes below."""


def format_spec(data: bytes, shown: str, diagnostics: Diagnostics) -> str | None:
    """The formatted text; None when the file is not good YAML."""
    before = read_spec_text(data, shown, diagnostics)
    if before is None:
        return None
    text = format_text(data.decode("utf-8-sig"), lambda root: _arrange(root, [SPEC]))
    after = read_spec_text(text.encode(), shown, Diagnostics())
    if after is None or not _same(before, after):
        message = "this text cannot be formatted without a change of what it says"
        diagnostics.add(codes.FORMAT, message, Span.at(shown, 1), hint="look for unusual line breaks and tags")
        return None
    return text


def _arrange(part: Collection, shapes: list[Shape[Any]]) -> None:
    """Bring the entries of a collection, and of what is in it, into their order."""
    if part.lines:
        return
    shapes = [found for shape in shapes for found in _collections(shape)]
    order, inside = _order(shapes)
    if part.mapping and order:
        known = [entry for entry in part.entries if _name(entry) in order]
        part.entries = [
            *sorted(known, key=lambda entry: order[_name(entry)]),
            *(entry for entry in part.entries if _name(entry) not in order),
        ]
        if SPEC in shapes:
            part.entries = _with_anchors_first(part.entries)
    for entry in part.entries:
        if isinstance(entry.value, Collection):
            _arrange(entry.value, inside.get(_name(entry), inside.get("", [])))


def _collections(shape: Shape[Any]) -> Iterator[Shape[Any]]:
    """The shapes of mappings and lists that a value of this shape can have."""
    if isinstance(shape, (RecordOf, MapOf, ListOf, Overrides)):
        yield shape
        if isinstance(shape, ListOf) and shape.single:
            yield from _collections(shape.item)
    else:
        for inner in (shape.short, shape.long) if isinstance(shape, Either) else shape.inside:
            yield from _collections(inner)


def _order(shapes: list[Shape[Any]]) -> tuple[dict[str, int], dict[str, list[Shape[Any]]]]:
    """The places of known keys, and the shapes of what is below each key; below any other one under the empty key."""
    order: dict[str, int] = {"<<": -1}
    inside: dict[str, list[Shape[Any]]] = {"": []}
    for shape in shapes:
        if isinstance(shape, (MapOf, ListOf)):
            inside[""].append(shape.value if isinstance(shape, MapOf) else shape.item)
            continue
        keys = shape.shapes if isinstance(shape, Overrides) else {}
        if isinstance(shape, RecordOf):
            keys = {name: declared.shape for name, (_, declared) in shape.keys.items()}
        for name, below in keys.items():
            order.setdefault(name, len(order))
            inside.setdefault(name, []).append(below)
    return (order if len(order) > 1 else {}), inside


def _with_anchors_first(entries: list[Entry]) -> list[Entry]:
    anchors = [entry for entry in entries if _name(entry).startswith("x-")]
    others = [entry for entry in entries if not _name(entry).startswith("x-")]
    names = list(SPEC.keys)
    place = next(
        (
            index
            for index, entry in enumerate(others)
            if _name(entry) in names and names.index(_name(entry)) >= names.index(_ANCHORS_BEFORE)
        ),
        len(others),
    )
    return [*others[:place], *anchors, *others[place:]]


def _name(entry: Entry) -> str:
    return entry.key.value if entry.key else ""


def _same(one: Node, other: Node) -> bool:
    """Whether two nodes say the same, in whatever order the keys of a mapping are."""
    match one, other:
        case ScalarNode(), ScalarNode():
            return one.text == other.text and type(one.value) is type(other.value)
        case SequenceNode(), SequenceNode():
            return len(one.items) == len(other.items) and all(map(_same, one.items, other.items))
        case MappingNode(), MappingNode():
            return one.index.keys() == other.index.keys() and all(
                _same(entry.value, other.index[entry.key].value) for entry in one.entries
            )
    return False
