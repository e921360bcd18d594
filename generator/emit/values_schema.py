"""Documented values → values.schema.json.

Stage: emit. Input: `Values`. Output: the text of a draft-07 schema (Helm before 3.18.5 reads no later draft),
self-contained, closed wherever the entries do not say that a map is open. At the root `global` (shared with other
charts) and `enabled` (the usual `condition:` of a parent chart) are always allowed: else the chart could not be a
sub-chart.
"""

from __future__ import annotations

import json
from typing import Any

from generator.chart.values import ValueEntry, Values
from generator.regexes import regex

_UNPRINTABLE = regex("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def print_schema(values: Values, chart: str) -> str:
    """The text of values.schema.json."""
    root = _closed({})
    for entry in values:
        _place(root, entry)
    shared = root["properties"].setdefault("global", _closed({}))
    shared.pop("additionalProperties", None)
    root["properties"].setdefault(
        "enabled", {"type": "boolean", "description": "For a parent chart's condition; this chart does not read it."}
    )
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": f"Values of the chart {chart}"}
    return _readable(json.dumps(head | root, indent=2, ensure_ascii=False)) + "\n"


def _readable(text: str) -> str:
    """JSON that Helm 3 can read: it takes the file for YAML, in which control characters must be escaped."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _place(root: dict[str, Any], entry: ValueEntry) -> None:
    inner = root
    for key in entry.path[:-1]:
        inner = inner["properties"].setdefault(key, _closed({}))
    key, described = entry.path[-1], {"description": entry.doc} if entry.doc else {}
    if entry.schema is None:
        inner["properties"][key] = described | inner["properties"].get(key, _closed({}))
    else:
        default = {} if entry.optional else {"default": entry.default}
        inner["properties"][key] = described | dict(entry.schema) | default


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"type": "object", "additionalProperties": False, "properties": {}}
