"""The reference of the language as Markdown, made from the declarations of its keys.

Output: the text of docs/spec-reference.md; `make goldens` writes it, a test compares it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.spec.environment import ENVIRONMENT, Overrides
from generator.spec.model import SPEC
from generator.spec.reference_examples import EXAMPLES
from generator.spec.scalars import DynamicShape, JsonShape
from generator.spec.shapes import Either, Key, ListOf, MapOf, Record, RecordOf, Shape, keys_of

_INTRODUCTION = """\
# The keys of a spec

Made from the declarations in `generator/spec/`; `make goldens` writes it anew. A key in bold is required. *Later* marks
keys that belong to the language and are refused for now, with advice.

Names are lower-case letters, digits and `-`, a letter first. Durations are `250ms`, `10s`, `5m`, `1h`; quantities are
those of Kubernetes. `${{ … }}` is evaluated where *expressions* stands, and nowhere else. Top-level keys that start
with `x-` are ignored: a place for anchors.

A number or boolean is taken as written where a text belongs: `COUNTRY: no`, `PORT: 8080`, `appVersion: 1.10`.

*Value* marks keys that an environment may change, and that have a place in the chart's values.yaml:
`environments: {prod: {services: {web: {replicas: 4}}, workflows: {nightly: {timeout: 2h}}}}`.

Editors complete and check specs with the JSON Schema that `flowhelm schema` prints; `flowhelm fmt` brings keys into the
order of this page.
"""


def _values() -> dict[type[Record], frozenset[str]]:
    """Which keys of a record an environment may change."""
    found: dict[type[Record], frozenset[str]] = {}
    todo: list[Shape[Any]] = [ENVIRONMENT]
    while todo:
        shape = todo.pop()
        if isinstance(shape, Overrides) and shape.record:
            found[shape.record.record] = frozenset(shape.shapes)
        if isinstance(shape, (Overrides, MapOf)):
            todo += shape.inside
    return found


_VALUES = _values()


def reference() -> str:
    """The whole page; every record once, in the order in which they are met."""
    lines = [_INTRODUCTION]
    for record, title in _records():
        summary = (record.__doc__ or "").split("\n")[0]
        lines += [f"## {title}", "", summary, "", "| key | value | meaning |", "|---|---|---|"]
        values = _VALUES.get(record, frozenset())
        lines += [_row(declared, declared.name in values) for _, declared in keys_of(record).values()]
        lines += ["", "```yaml", EXAMPLES[record.__name__], "```", ""]
    return "\n".join(lines)


def _row(declared: Key, is_value: bool) -> str:
    name = f"**`{declared.name}`**" if declared.required else f"`{declared.name}`"
    meaning = f"*Later.* {declared.doc}" if declared.later else declared.doc
    meaning += " *Value.*" if is_value else ""
    value = "any value" if declared.later else _value(declared.shape)
    if not declared.required and declared.default not in (None, "", ()):
        value += f"; `{json.dumps(declared.default)}` by default".replace('"', "")
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
        case JsonShape():
            return "any value, *expressions* in its texts"
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
