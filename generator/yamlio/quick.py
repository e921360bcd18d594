"""Stage: the YAML that Helm and kubectl print → data, line by line, in a fraction of the time that a scanner takes.

Input: one document. Output: what :func:`generator.yamlio.manifests.load` makes of it, or None: it holds something else
than block mappings, block lists, literal blocks, and scalars and flow collections on one line. Whatever is wrong in a
document is something else, so this reader never has to say what.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

from generator.regexes import regex
from generator.yamlio.scalars import plain, whole

_MAX_STACK = 60
_MAX_FLOW = 20
_MAX_KEY = 1000
_MAX_KEPT = 200
"""Characters of a line that is kept, read, for when it comes again."""
_LINE = regex(r"""( *)((?:- +)*)(?:([A-Za-z_][\w./-]*|"[^"\\]*"):(?: +|$))?(.*)""", re.ASCII)
_ODD = regex("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_QUOTED = regex(r""""([^"\\]*)"|'([^']*)'""")
_FLOW = regex(r""" *(?:([{}\[\],])|(?:"([^"\\]*)"|'([^']*)'|([\w./+=()$^~-][\w./+=()$^~% -]*))(: )?)""", re.ASCII)
_STARTS_NO_PLAIN: Final = frozenset("|>&*!%@`?:,]}#\t")

_NOTHING, _KEY, _SCALAR, _COLLECTION, _LITERAL = range(5)
"""What stands on a line behind its dashes: nothing or a comment, only a key, or the beginning of a value."""


class _Other(Exception):
    """The scanner has to read the document; never leaves this module."""


def read_quickly(text: str) -> dict[str, Any] | None:
    """The mapping that a document holds; None when it is not written so plainly."""
    is_plain = text.isascii() and text.replace("\n", "").isprintable()  # much quicker than the search
    if not is_plain and _ODD.search(text):
        return None
    try:
        return _Reader(text).read()
    except _Other:
        return None


class _Reader:
    """Reads one document.

    `stack` holds the open collections with their columns; `waiting` is the key of the innermost one, a mapping, whose
    value is not read yet.
    """

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.stack: list[tuple[int, Any]] = []
        self.waiting: str | None = None
        self.root: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        lines, stack = self.lines, self.stack
        number, end = 0, len(lines)
        while number < end:
            line = lines[number]
            number += 1
            column, dashes, key, holds, value = _line(line) if len(line) <= _MAX_KEPT else _parsed(line)
            if holds == _NOTHING:
                continue
            if dashes:
                column = self._open_lists(column, dashes)
            if key:
                if dashes or not stack or stack[-1][0] != column or stack[-1][1].__class__ is list:
                    self._open_mapping(column, is_item=bool(dashes))
                mapping = stack[-1][1]
                if key in mapping:
                    raise _Other
                mapping[key] = None
                self.waiting = key
            if holds == _SCALAR:
                self._put(value)
            elif holds == _COLLECTION:
                self._put(_copy(value))
            elif holds == _LITERAL:
                text, number = self._literal(value, number)
                self._put(text)
        if not self.root:
            raise _Other
        return self.root

    def _put(self, value: Any) -> None:
        top = self.stack[-1][1]
        if self.waiting is None:
            top.append(value)
        else:
            top[self.waiting] = value
            self.waiting = None

    def _push(self, column: int, collection: Any) -> None:
        """Open a collection as the value that comes next."""
        if len(self.stack) >= _MAX_STACK:
            raise _Other
        self._put(collection)
        self.stack.append((column, collection))

    def _end_right_of(self, column: int) -> tuple[int, Any]:
        """End what stands further right; the innermost collection that is left. A key that waits there is null."""
        stack = self.stack
        while stack and stack[-1][0] > column:
            stack.pop()
            self.waiting = None
        if not stack:
            raise _Other
        return stack[-1]

    def _open_lists(self, column: int, dashes: str) -> int:
        """Find or open the list of each dash; the column after the last."""
        top_column, top = self._end_right_of(column)
        if top.__class__ is not list or top_column != column:
            if self.waiting is None:
                raise _Other
            self._push(column, [])
        if dashes.count("-") == 1:
            return column + len(dashes)
        for dash in re.findall("- +", dashes)[:-1]:
            column += len(dash)
            self._push(column, [])
        return column + len(dashes) - dashes.rindex("-")

    def _open_mapping(self, column: int, is_item: bool) -> None:
        """Find or open the mapping that the key in a column belongs to."""
        if is_item:
            self._push(column, {})
        elif self.stack:
            top_column, top = self._end_right_of(column)
            if top.__class__ is list and top_column == column:  # it stood below its key, at the same column
                self.stack.pop()
                top_column, top = self.stack[-1]
            if top_column != column:
                if self.waiting is None:
                    raise _Other
                self._push(column, {})
            elif top.__class__ is list:
                raise _Other
        else:
            self.stack.append((column, self.root))

    def _literal(self, header: str, number: int) -> tuple[str, int]:
        """The text of a literal block whose first line is `number`, and the number of the line after it."""
        raw = self.lines
        header = header.rstrip(" ")
        first = next((line for line in raw[number:] if line.strip(" ")), "")
        indent = len(first) - len(first.lstrip(" "))
        if header not in ("|", "|-") or indent <= self.stack[-1][0]:
            raise _Other
        found: list[str] = []
        while number < len(raw) and not raw[number][:indent].strip(" "):
            found.append(raw[number][indent:])
            number += 1
        text = "\n".join(found).rstrip("\n")
        is_cut_off = number == len(raw) and raw[-1] != ""
        if is_cut_off or text.lstrip("\n")[:1] == " ":  # blank lines in front that are longer than the first line
            raise _Other
        return (text if header == "|-" else f"{text}\n"), number


_Line: TypeAlias = tuple[int, str, str, int, Any]
"""The column, the dashes, the key, and what stands behind them: the value itself, of a literal its header."""


def _parsed(line: str) -> _Line:
    found = _LINE.fullmatch(line)
    if found is None:
        raise _Other
    indent, dashes, key, rest = found.groups()
    column, key = len(indent), _key(key or "")
    if not rest or rest[0] == "#":
        if dashes and not key:
            raise _Other
        return column, dashes, key, _KEY if key else _NOTHING, None
    if not key and not dashes:
        raise _Other
    if rest[0] == "|":
        return column, dashes, key, _LITERAL, rest
    if rest[0] in "{[":
        return column, dashes, key, _COLLECTION, _flow(rest.rstrip(" "))
    return column, dashes, key, _SCALAR, _scalar(rest)


_line = lru_cache(maxsize=10_000)(_parsed)
"""The lines of manifests repeat."""


def _key(text: str) -> str:
    """A key as it is meant; empty where the line has none."""
    is_quoted = text[:1] == '"'
    key = text[1:-1] if is_quoted else text
    is_odd = text == '""' if is_quoted else key and plain(key) is not key
    if is_odd or len(key) > _MAX_KEY:
        raise _Other
    return key


def _copy(value: Any) -> Any:
    """A collection, of which each place in a document has its own."""
    if value.__class__ is dict:
        return {key: _copy(item) if item.__class__ in (dict, list) else item for key, item in value.items()}
    return [_copy(item) if item.__class__ in (dict, list) else item for item in value]


def _scalar(text: str) -> Any:
    """The value of a scalar that takes the rest of a line."""
    text = text.rstrip(" ")
    first = text[0]
    if first in "\"'":
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise _Other
        return quoted[1] if quoted[1] is not None else quoted[2]
    if first in _STARTS_NO_PLAIN or (first == "-" and text[1:2] in ("", " ")):
        raise _Other
    if ": " in text or " #" in text or "\t" in text or text[-1] == ":":
        raise _Other
    return _plain(text)


def _plain(text: str) -> Any:
    value = plain(text)
    if value is None or value.__class__ in (str, int, bool):
        return value
    if value.__class__ is float and math.isfinite(value):
        return whole(value)
    raise _Other


def _flow(text: str) -> Any:
    """A flow collection that takes the rest of a line."""
    value, at = _flow_value(text, 0, _MAX_FLOW)
    if at != len(text):
        raise _Other
    return value


def _flow_value(text: str, at: int, depth: int) -> tuple[Any, int]:
    mark, value, is_key, at = _flow_token(text, at)
    if not mark and not is_key:
        return value, at
    if not depth or mark not in ("{", "["):
        raise _Other
    closing = "}" if mark == "{" else "]"
    made: Any = {} if mark == "{" else []
    after = _FLOW.match(text, at)
    if after and after[1] == closing:
        return made, after.end()
    while mark != closing:
        if closing == "]":
            value, at = _flow_value(text, at, depth - 1)
            made.append(value)
        else:
            _, key, is_key, at = _flow_token(text, at)
            if not is_key or not isinstance(key, str) or key in made:
                raise _Other
            made[key], at = _flow_value(text, at, depth - 1)
        mark, _, _, at = _flow_token(text, at)
        if mark not in (",", closing):
            raise _Other
    return made, at


def _flow_token(text: str, at: int) -> tuple[str, Any, bool, int]:
    """A bracket or comma, or a scalar; whether it is a key; and where it ends."""
    found = _FLOW.match(text, at)
    if found is None:
        raise _Other
    mark, double, single, bare, colon = found.groups()
    if mark:
        return mark, None, False, found.end()
    if bare is None:
        return "", double if double is not None else single, colon is not None, found.end()
    bare = bare.rstrip(" ")
    if bare[0] == "-" and bare[1:2] in ("", " "):
        raise _Other
    return "", _plain(bare), colon is not None, found.end()
