"""The reference of the language as Markdown, made from the declarations of its keys.

Output: the text of docs/spec-reference.md; `make goldens` writes it, a test compares it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.spec.environment import Overrides
from generator.spec.model import SPEC
from generator.spec.scalars import DynamicShape
from generator.spec.shapes import Either, Key, ListOf, MapOf, Record, RecordOf, Shape, keys_of

_INTRODUCTION = """\
# The keys of a spec

Made from the declarations in `generator/spec/`; `make goldens` writes it anew. A key in bold is required. *Later* marks
keys that belong to the language and are refused for now, with advice.

Names are lower-case letters, digits and `-`, a letter first. Durations are `250ms`, `10s`, `5m`, `1h`; quantities are
those of Kubernetes. `${{ … }}` is evaluated where *expressions* stands, and nowhere else. Top-level keys that start
with `x-` are ignored: a place for anchors.
"""


def reference() -> str:
    """The whole page; every record once, in the order in which they are met."""
    lines = [_INTRODUCTION]
    for record, title in _records():
        summary = (record.__doc__ or "").split("\n")[0]
        lines += [f"## {title}", "", summary, "", "| key | value | meaning |", "|---|---|---|"]
        lines += [_row(declared) for _, declared in keys_of(record).values()]
        lines.append("")
    return "\n".join(lines)


def _row(declared: Key) -> str:
    name = f"**`{declared.name}`**" if declared.required else f"`{declared.name}`"
    meaning = f"*Later.* {declared.doc}" if declared.later else declared.doc
    value = "any value" if declared.later else _value(declared.shape)
    if isinstance(declared.default, str) and declared.default:
        value += f"; `{declared.default}` by default"
    return f"| {name} | {_cell(value)} | {_cell(meaning)} |"


def _value(shape: Shape[Any]) -> str:
    """What the key takes, in words, with a link where that is a record."""
    match shape:
        case RecordOf(record=record):
            title = _title(record)
            return f"[{title}](#{title.lower().replace(' ', '-')})"
        case ListOf(item=item, single=single):
            return f"list of {_value(item)}" + (", or one" if single else "")
        case MapOf(value=value):
            return f"name: {_value(value)}"
        case Either(short=short, long=long):
            return f"{_value(short)}, or {_value(long)}"
        case Overrides():
            return shape.expected
        case DynamicShape():
            return f"{shape.expected}, *expressions*"
    links = ", ".join(_value(inner) for inner in shape.inside)
    return f"{shape.expected} ({links})" if links else shape.expected


def _records() -> Iterator[tuple[type[Record], str]]:
    """Every record that can be reached from the spec, once, with its title: what a record uses comes after it."""
    seen: set[type[Record]] = set()
    todo: list[Shape[Any]] = [SPEC]
    while todo:
        shape = todo.pop()
        if isinstance(shape, RecordOf):
            if shape.record in seen:
                continue
            seen.add(shape.record)
            yield shape.record, _title(shape.record)
            todo += [declared.shape for _, declared in reversed(keys_of(shape.record).values())]
        todo += reversed(shape.inside)


def _title(record: type[Record]) -> str:
    name = record.__name__
    return "".join(f" {char.lower()}" if char.isupper() and index else char for index, char in enumerate(name))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
