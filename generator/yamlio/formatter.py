"""YAML text → the same in one style: two spaces, quotes only where needed, one blank line at most; comments stay.

Input: a text that `reader` has found good, and how to arrange the keys of mappings. Output: a text that reads as the
same values. Collections keep the form they were written in, block or flow, but for a flow that does not fit its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from generator.regexes import regex
from generator.yamlio.layout import Collection, Entry, Part, Scalar, read_layout
from generator.yamlio.reader import core_value
from generator.yamlio.writer import quote

WIDTH = 120
Arrange: TypeAlias = Callable[[Collection], None]
"""Brings the entries of a root, and of what is in it, into their order."""

_INDICATORS = "-?:,[]{}#&*!|>'\"%@`"
# What YAML 1.1, which other tools read, takes for a boolean, null or number, though it is a text here.
_OLD_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"})
_OLD_NUMBER = regex(
    r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_,]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?"
)
_DATE = regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")
_OPTION = regex("--?[A-Za-z]")
_UNPRINTABLE = regex("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def format_text(text: str, arrange: Arrange) -> str:
    """The text in flowhelm's style. What is no mapping in block style is left as it is."""
    layout = read_layout(text)
    root = layout.root
    if not isinstance(root, Collection) or root.flow or not root.mapping:
        return text
    header = _header(root)
    written = [entry.key and entry.key.value for entry in root.entries]
    if not layout.has_anchors:  # an alias may not come to stand before its anchor
        arrange(root)
    if written != [entry.key and entry.key.value for entry in root.entries] and header and header[-1]:
        header.append("")
    lines = [*_squeezed(header), *_block(root, 0)]
    return "\n".join(line.rstrip(" ") if not line.strip() else line for line in lines).strip("\n") + "\n"


def _header(root: Collection) -> list[str]:
    """The comments that belong to the whole text: those up to the last blank line before the first entry, or all."""
    first = root.entries[0]
    end = max((index for index, line in enumerate(first.before) if not line), default=len(first.before) - 1) + 1
    header, first.before = first.before[:end], first.before[end:]
    return header


def _squeezed(comments: list[str]) -> list[str]:
    """The comments with at most one blank line between them."""
    return [line for index, line in enumerate(comments) if line or index == 0 or comments[index - 1]]


def _block(part: Collection, indent: int) -> list[str]:
    """The lines of a collection in block style."""
    pad = " " * indent
    lines: list[str] = []
    for entry in part.entries:
        before = _squeezed(entry.before)
        lines += [pad + line if line else "" for line in (before if lines else _unblanked(before))]
        lines += _entry(entry, indent)
    return lines + [pad + line if line else "" for line in _squeezed(part.tail)]


def _unblanked(before: list[str]) -> list[str]:
    return before[1:] if before and not before[0] else before


def _entry(entry: Entry, indent: int) -> list[str]:
    pad, value = " " * indent, entry.value
    head = pad + (f"{_one_line(entry.key, flow=False)}{' :' if entry.key.style == '*' else ':'}" if entry.key else "-")
    if isinstance(value, Collection) and value.entries and not value.lines and not _fits(value, head):
        below = _block(value, indent + 2)
        if entry.key or value.properties or entry.behind or not below[0].startswith(" " * (indent + 2)):
            return [_commented(" ".join([head, *filter(None, [value.properties])]), entry), *below]
        return [f"{pad}- {below[0][indent + 2 :]}", *below[1:]]
    first, *more = _value(value, indent + 2)
    line = f"{head} {first}".rstrip(" ") if first else head
    if more and not (isinstance(value, Scalar) and value.is_block):
        return [line, *more[:-1], _commented(more[-1], entry)]
    return [_commented(line, entry), *more]


def _commented(line: str, entry: Entry) -> str:
    """The line with the comment behind it, in its column where there is room."""
    if not entry.behind:
        return line
    return line + " " * max(entry.column - len(line), 2) + entry.behind


def _fits(value: Collection, head: str) -> bool:
    """Whether a flow collection fits the line; a comment behind it may stand out."""
    return value.flow and len(head) + 1 + len(_one_line(value, flow=False)) <= WIDTH


def _value(part: Part, indent: int) -> list[str]:
    """A scalar, a flow collection or an empty one: the first line, and those below it."""
    pad = " " * indent
    properties = f"{part.properties} " if part.properties else ""
    if isinstance(part, Collection) and part.lines:
        first, *more = part.lines
        shift = min((len(line) - len(line.lstrip(" ")) for line in more if line.strip()), default=0)
        return [properties + first.rstrip(), *(pad + line[shift:].rstrip() if line.strip() else "" for line in more)]
    if isinstance(part, Collection) or (len(part.lines) == 1 and not part.is_block):
        return [_one_line(part, flow=False)]
    first, *more = part.lines
    if part.is_block:
        header = re.sub("[1-9]", "2", first)
        return [properties + header, *(pad + line if line else "" for line in more)]
    return [properties + first.rstrip(" \t"), *(pad + line.strip(" \t") if line.strip(" \t") else "" for line in more)]


def _one_line(part: Part, *, flow: bool) -> str:
    """The part on one line; `flow` says whether it stands in a flow collection."""
    properties = f"{part.properties} " if part.properties else ""
    if isinstance(part, Scalar):
        return (properties + _scalar(part, flow=flow)).rstrip(" ")
    inner = ", ".join(_flow_entries(part))
    return properties + (f"{{{inner}}}" if part.mapping else f"[{inner}]")


def _flow_entries(part: Collection) -> Iterator[str]:
    for entry in part.entries:
        value = _one_line(entry.value, flow=True)
        if entry.key is None:
            yield value
        else:
            key = _one_line(entry.key, flow=True)
            yield f"{key}{' :' if entry.key.style == '*' else ':'} {value}"


def _scalar(scalar: Scalar, *, flow: bool) -> str:
    """A scalar on one line: as written where it was plain, with the quotes it needs where it was quoted."""
    if len(scalar.lines) == 1 and (scalar.style in ("", "*") or scalar.properties):
        return scalar.lines[0]
    if is_safely_plain(scalar.value, flow=flow):
        return scalar.value
    single = "'" + scalar.value.replace("'", "''") + "'"
    fit_for_single = '"' in scalar.value or "\\" in scalar.value
    return single if fit_for_single and not _UNPRINTABLE.search(scalar.value) else quote(scalar.value)


def is_safely_plain(text: str, *, flow: bool) -> bool:
    """Whether YAML of any version takes the bare text as this very string, and people too: `*` looks like an alias."""
    if not text or text != text.strip() or _UNPRINTABLE.search(text) or not isinstance(core_value(text), str):
        return False
    if text.lower() in _OLD_WORDS or _OLD_NUMBER.fullmatch(text) or _DATE.fullmatch(text):
        return False
    if text[0] in _INDICATORS and not _OPTION.match(text):
        return False
    if "*" in text or ": " in text or " #" in text or text.endswith(":") or text.startswith(("---", "...")):
        return False
    return not flow or not any(char in text for char in ",[]{}:?")
