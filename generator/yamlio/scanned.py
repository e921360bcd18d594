"""Rendered text → data, and the places in it, by the scanner of libyaml: for all that the quick reader leaves.

Input: the text of one document. Output: as of :mod:`generator.yamlio.manifests`, which alone calls this and loads it
when it has to: PyYAML costs as much as all the rest that reads manifests.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from collections.abc import Iterator
from dataclasses import field
from typing import Any, Final

import yaml

from generator.records import dataclass
from generator.yamlio.json_texts import whole_characters
from generator.yamlio.manifests import MAX_ALIASED, MAX_DEPTH, Path, Unreadable
from generator.yamlio.scalars import MERGE, Merge, plain, whole

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"


def read_scanned(text: str) -> object | Unreadable:
    """The data of one document."""
    builder = _Builder()
    try:
        for event in yaml.parse(whole_characters(text), Loader=_LOADER):
            builder.take(event)
    except _Refused as refused:
        return Unreadable(refused.message, refused.mark.line + 1, refused.mark.column + 1)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = ", ".join(part for part in (error.problem, error.context) if part)
        return Unreadable(message, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        return _bad_character(text)
    return builder.result


def find_place(text: str, path: Path) -> tuple[int, int]:
    """Line and column (from 1) of the key or item at `path`, or of its nearest parent."""
    best, found = 0, (1, 1)
    here: list[str | int | None] = []
    try:
        for depth, event in _steps(text, here):
            reached = depth <= len(path) and tuple(here[:depth]) == path[:depth]
            if reached and depth >= best:
                mark: Any = event.start_mark
                best, found = depth, (mark.line + 1, mark.column + 1)
                if depth == len(path):
                    break
    except (yaml.YAMLError, UnicodeEncodeError):
        pass
    return found


def _steps(text: str, here: list[str | int | None]) -> Iterator[tuple[int, yaml.Event]]:
    """Each key and each item of a document with its depth; `here` holds the path while the walk goes on."""
    expects_key: list[bool] = []
    for event in yaml.parse(whole_characters(text), Loader=_LOADER):
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            here.pop()
            expects_key.pop()
        elif not isinstance(event, yaml.NodeEvent):
            continue
        elif here and expects_key[-1]:
            here[-1] = event.value if isinstance(event, yaml.ScalarEvent) else None
            expects_key[-1] = False
            yield len(here), event
            if not isinstance(event, yaml.CollectionStartEvent):
                continue
        elif here and isinstance(here[-1], int):
            here[-1] += 1
            yield len(here), event
        elif here:
            expects_key[-1] = True
        else:
            yield 0, event
        if isinstance(event, yaml.CollectionStartEvent):
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            here.append(None if is_mapping else -1)
            expects_key.append(is_mapping)


class _Refused(Exception):
    """Ends the reading of one document; never leaves this module."""

    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


@dataclass
class _Frame:
    """A list or mapping that is being read."""

    value: Any
    anchor: str | None
    key: str | Merge | None = None
    weight: int = 1
    merged: set[str] = field(default_factory=set)


@dataclass
class _Builder:
    """Builds a document's data from the scanner's events; with a stack, so that depth is only a number."""

    result: object = None
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int] | None] = field(default_factory=dict)
    aliased: int = 0
    documents: int = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = event.value if event.implicit[1] else _scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            self._add(value, event, 1)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            frame = self.stack.pop()
            if frame.anchor:
                self.anchors[frame.anchor] = (frame.value, frame.weight)
            self._add(frame.value, event, frame.weight)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                raise _Refused("a second document begins here", event.start_mark)

    def _open(self, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _Refused(f"lists and mappings are nested more than {MAX_DEPTH} deep", event.start_mark)
        top = self.stack[-1] if self.stack else None
        if top is not None and top.key is None and isinstance(top.value, dict):
            raise _Refused("a list or mapping can't be a key", event.start_mark)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if name not in self.anchors:
            raise _Refused(f'the alias "*{name}" has no anchor "&{name}" before it', event.start_mark)
        known = self.anchors[name]
        if known is None:
            raise _Refused(f'the anchor "&{name}" contains itself', event.start_mark)
        value, weight = known
        self.aliased += weight
        if self.aliased > MAX_ALIASED:
            raise _Refused(f"aliases stand for more than {MAX_ALIASED} values", event.start_mark)
        self._add(value, event, weight)

    def _add(self, value: Any, event: Any, weight: int) -> None:
        """Put a value where it belongs: the document itself, an item of a list, a key or a key's value."""
        top = self.stack[-1] if self.stack else None
        is_key = top is not None and top.key is None and top.value.__class__ is dict
        if not is_key and (value is MERGE or value.__class__ is float):
            value = "<<" if isinstance(value, Merge) else whole(value)
        if top is None:
            self.result = value
            return
        top.weight += weight
        if top.value.__class__ is list:
            top.value.append(value)
        elif top.key is None:
            top.key = _key(value, event)
            if isinstance(top.key, str) and top.key in top.value and top.key not in top.merged:
                raise _Refused(f'the key "{top.key}" is written twice', event.start_mark)
        elif isinstance(top.key, Merge):
            _merge(top, value, event)
            top.key = None
        else:
            top.merged.discard(top.key)
            top.value[top.key] = value
            top.key = None


def _merge(frame: _Frame, value: Any, event: Any) -> None:
    """What stands before `<<` is overwritten, what comes after it wins; of a list the first wins: as Helm reads it."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) for part in parts):
        raise _Refused("only a mapping, or a list of them, can be merged with <<", event.start_mark)
    for part in reversed(parts):
        frame.merged.update(part)
        frame.value.update(part)


def _key(value: Any, event: Any) -> str | Merge:
    match value:
        case str() | Merge():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _short(value)
        case _:
            raise _Refused("an empty key (null)", event.start_mark)


def _short(value: float) -> str:
    """A float key as Go prints it: the fewest digits that give the same 32-bit number, `1e+06` from a million on."""
    (single,) = struct.unpack("f", struct.pack("f", value))
    texts = (f"{single:.{digits}e}" for digits in range(9))
    scientific = next(text for text in texts if struct.pack("f", float(text)) == struct.pack("f", single))
    digits, exponent = len(scientific.partition("e")[0].lstrip("-").replace(".", "")), int(scientific.partition("e")[2])
    return scientific if exponent < -4 or exponent >= 6 else f"{single:.{max(digits - 1 - exponent, 0)}f}"


def _scalar(event: Any) -> Any:
    """The value of a scalar that is plain or has a tag."""
    text: str = event.value
    if event.tag is None or event.tag == "!":
        value = text if event.tag else plain(text)
    elif not event.tag.startswith(_TAG):
        value = text
    else:
        value = _tagged(event.tag.removeprefix(_TAG), text, event)
    if isinstance(value, float) and not math.isfinite(value):
        raise _Refused(f"{text} is no number that JSON has", event.start_mark)
    return value


def _tagged(tag: str, text: str, event: Any) -> Any:
    if tag == "binary":
        try:
            return base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise _Refused("!!binary is no base64", event.start_mark) from None
    wanted = {"int": (int,), "float": (int, float), "bool": (bool,), "null": (type(None),)}.get(tag)
    if wanted is None:
        return text
    value = plain(text)
    if type(value) not in wanted:
        raise _Refused(f'"{text}" is no !!{tag}', event.start_mark)
    return value


def _bad_character(text: str) -> Unreadable:
    """YAML allows no control characters but tab, line feed and carriage return."""
    found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]", text)
    at = found.start() if found else 0
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return Unreadable(f"the character U+{ord(text[at]):04X} isn't allowed in YAML", line, column)
