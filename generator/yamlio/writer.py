"""Data → YAML text that Go's YAML reader (Helm, kubectl) reads back as the same data.

Strings are written plain only where no reader can take them for anything else; all others are double-quoted, texts of
several lines are block scalars. Facts: `y`, `on`, `1e3`, `0o17`, `012` and `1_000` change their type in Go's YAML 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from generator.regexes import regex

_PLAIN = regex(r"[A-Za-z_/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+()-]+)*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_UNPRINTABLE = regex("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def quote(text: str) -> str:
    """The text as a double-quoted YAML scalar on one line."""
    escaped = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", escaped)


def scalar(value: str | int | float | bool | None) -> str:
    """The scalar on one line, quoted only where it must be."""
    if isinstance(value, str):
        return value if is_plain(value) else quote(value)
    return json.dumps(value)


def is_plain(text: str) -> bool:
    """Whether every YAML reader takes the bare text as this very string."""
    return bool(_PLAIN.fullmatch(text)) and text.lower() not in _RESERVED


def is_block(text: str) -> bool:
    """Whether the text can and should stand as a literal block scalar: several lines, nothing that a block would lose.

    More than one final newline would need `|+`, which Helm before 4.2 cuts; such a text is quoted instead.
    """
    if "\n" not in text or text.strip("\n") == "" or text.endswith("\n\n"):
        return False
    if text[0] in " \t\n" or "\r" in text or "\t" in text or _UNPRINTABLE.search(text):
        return False
    return all(line == line.rstrip() for line in text.split("\n"))


def block(text: str, indent: int) -> str:
    """A literal block scalar: the indicator and the lines, indented by `indent` spaces, without a final newline."""
    header = "|" if text.endswith("\n") else "|-"
    pad = " " * indent
    return "\n".join([header, *(pad + line if line else "" for line in text.removesuffix("\n").split("\n"))])


def write_yaml(data: object, indent: int = 0) -> str:
    """A whole document, block style, two spaces, lists indented below their key; it ends with a newline.

    `data` holds only mappings with string keys, sequences, and scalars; the order of keys is kept.
    """
    return "\n".join(_lines(data, indent)) + "\n"


def _lines(data: object, indent: int) -> list[str]:
    pad = " " * indent
    if isinstance(data, Mapping) and data:
        return [line for key, value in data.items() for line in _entry(f"{pad}{scalar(key)}:", value, indent + 2)]
    if isinstance(data, Sequence) and not isinstance(data, str) and data:
        return [line for value in data for line in _item(pad, value, indent)]
    return [pad + _inline(data, indent)]


def _entry(head: str, value: object, indent: int) -> list[str]:
    if _nested(value):
        return [head, *_lines(value, indent)]
    return f"{head} {_inline(value, indent)}".split("\n")


def _item(pad: str, value: object, indent: int) -> list[str]:
    if _nested(value):
        first, *rest = _lines(value, indent + 2)
        return [f"{pad}- {first.lstrip(' ')}", *rest]
    return f"{pad}- {_inline(value, indent + 2)}".split("\n")


def _nested(value: object) -> bool:
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, str) and bool(value)


def _inline(value: object, indent: int) -> str:
    if isinstance(value, str) and is_block(value):
        return block(value, indent)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, str) or value is None or isinstance(value, (bool, int, float)):
        return scalar(value)
    return "[]"
