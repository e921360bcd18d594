"""Stage: a chart's values files and templates → findings of the layer `values`.

Input: the files of a chart, the values files that it is used with. Output: findings in `diagnostics`: each at the line
of the values file, or of the template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from generator.diagnostics import Diagnostics, Span
from generator.manifest import path_text
from generator.records import dataclass
from generator.regexes import regex
from generator.validate.values import codes
from generator.validate.values.charts import defaults_of, read_values_of
from generator.validate.values.evaluation import Mention, Reading
from generator.validate.values.known import Steps
from generator.yamlio.manifests import load, locate

_OWN = "values.yaml"
_ANCHOR = regex(r"(?:^|[\s:\[{,-])&[^\s,\]}]+")
_BY_OTHERS = ("global", "enabled", "exports")
"""Keys that mean something to the charts above, whether or not a template reads them."""


@dataclass(frozen=True)
class ValuesFile:
    """Values that a chart is used with: the path of the file as shown, its text, and its name in findings."""

    shown: str
    text: str
    label: str = ""

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """What it holds; nothing when it can't be read, which Helm reports."""
        data = load(self.text)
        return data if isinstance(data, dict) else {}


def check_values(files: Mapping[str, str], shown: str, others: Sequence[ValuesFile], diagnostics: Diagnostics) -> None:
    """Compare values and templates. `files` is the chart, `shown` its path, `others` are values beside its own."""
    own = ValuesFile(f"{shown}/{_OWN}", files.get(_OWN, ""))
    every = (own, *others)
    reading = read_values_of(files, [each.values for each in every])
    if reading is None or not reading.is_complete:
        return
    for file in every:
        for path in reading.readers.unread(file.values):
            if path[0] not in _BY_OTHERS and "global" not in path and not _is_anchor(file, path):
                _report_unread(file, path, reading, diagnostics)
    known = [defaults_of(files), *(each.values for each in others)]
    schema = _schema(files.get("values.schema.json"))
    comments = "\n".join(line for line in own.text.splitlines() if line.lstrip().startswith("#"))
    seen: set[Steps] = set()
    for mention in sorted(reading.mentions, key=lambda found: (found.file, found.offset)):
        if not mention.file or mention.path in seen:
            continue
        seen.add(mention.path)
        refused = _refused(schema, mention.path)
        if refused:
            key = path_text(refused)
            _report(mention, files, shown, diagnostics, codes.REFUSED, f"values.schema.json does not allow {key}", "")
        elif _is_missing(mention.path, known, reading, schema) and not _is_described(mention.path, comments):
            hint = _did_you_mean(mention.path, known[0])
            message = f"{path_text(mention.path)} is not in values.yaml"
            _report(mention, files, shown, diagnostics, codes.MISSING, message, hint or "give it a value or a default")


def _report_unread(file: ValuesFile, path: Steps, reading: Reading, diagnostics: Diagnostics) -> None:
    line, column = locate(file.text, path)
    looked_for = reading.readers.looked_for(path[:-1]) - _at(file.values, path[:-1]).keys()
    close = get_close_matches(path[-1], sorted(looked_for), 1, 0.7) or [
        key for key in sorted(looked_for) if key.lower() == path[-1].lower()
    ]
    hint = f"templates read {path_text((*path[:-1], close[0]))}" if close else "remove it, or read it in a template"
    diagnostics.add(
        codes.UNREAD,
        f"no template reads {path_text(path)}",
        Span.at(file.shown, line, column, len(path[-1])),
        hint=hint,
        path=path_text(path),
        values_file=file.label,
    )


def _report(
    mention: Mention,
    files: Mapping[str, str],
    shown: str,
    diagnostics: Diagnostics,
    code: Any,
    message: str,
    hint: str,
) -> None:
    text = files[mention.file]
    line = text.count("\n", 0, mention.offset) + 1
    column = mention.offset - text.rfind("\n", 0, mention.offset)
    written = re.compile(r"[$.\w]+").match(text, mention.offset)
    span = Span.at(f"{shown}/{mention.file}", line, column, len(written[0]) if written else 1)
    diagnostics.add(code, message, span, hint=hint, path=path_text(mention.path))


def _is_anchor(file: ValuesFile, path: Steps) -> bool:
    """Whether a part of the file has an anchor, by which other keys may take it up."""
    if "*" not in file.text:
        return False
    line, column = locate(file.text, path)
    lines = file.text.splitlines()[line - 1 :]
    end = next((n for n, text in enumerate(lines[1:], 1) if text.strip() and _indent(text) < column), len(lines))
    return any(_ANCHOR.search(text) for text in lines[:end])


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _at(values: object, path: Sequence[str]) -> Mapping[str, Any]:
    for step in path:
        values = values.get(step) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else {}


def _is_missing(path: Steps, known: Sequence[Mapping[str, Any]], reading: Reading, schema: Mapping[str, Any]) -> bool:
    """Whether a place is nowhere, in a mapping that has other keys, and nobody cares for that."""
    parent = _at(known[0], path[:-1])
    if not path or path[0] == "global" or (len(path) > 1 and not parent):
        return False
    if any(path[-1] in _at(values, path[:-1]) for values in known) or path in reading.guarded:
        return False
    return path[-1] not in _properties(schema, path[:-1])


def _is_described(path: Steps, comments: str) -> bool:
    """Whether a comment in values.yaml shows the key: it is there to be set, and may be left out."""
    return re.search(rf"^\s*#[#\s]*-?\s*{re.escape(path[-1])}\s*:", comments, re.MULTILINE) is not None


def _did_you_mean(path: Steps, values: Mapping[str, Any]) -> str:
    there = sorted(_at(values, path[:-1]))
    close = get_close_matches(path[-1], there, 1, 0.7) or [key for key in there if key.lower() == path[-1].lower()]
    return f"did you mean {path_text((*path[:-1], close[0]))}?" if close else ""


# --- values.schema.json ----------------------------------------------------------------------------------------------

_BY_OTHER_WORDS = frozenset(
    ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas", "not")
)


def _schema(text: str | None) -> Mapping[str, Any]:
    try:
        data = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _refused(schema: Mapping[str, Any], path: Steps) -> Steps | None:
    """The key on the way to a place that the schema forbids."""
    for depth, here in enumerate(_levels(schema, path)):
        properties = here.get("properties")
        closed = here.get("additionalProperties") is False and isinstance(properties, dict)
        if closed and path[depth] not in (properties or {}) and path[depth] != "global":
            return path[: depth + 1]
    return None


def _properties(schema: Mapping[str, Any], path: Steps) -> Mapping[str, Any]:
    here = list(_levels(schema, (*path, "")))
    properties = here[len(path)].get("properties") if len(here) > len(path) else None
    return properties if isinstance(properties, dict) else {}


def _levels(schema: Any, path: Steps) -> Iterator[Mapping[str, Any]]:
    """The schemas of the mappings on the way to a place, as far as they say all in plain words."""
    for step in path:
        if not isinstance(schema, dict) or _BY_OTHER_WORDS & schema.keys():
            return
        yield schema
        properties = schema.get("properties")
        schema = properties.get(step) if isinstance(properties, dict) else None
