"""Alerting rules as trees. Stage: lower.

In the texts of an alert `@name@` is a gap that a chart or a release fills; braces are Prometheus' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from generator.chart.nodes import Builtin, Include, Join, Tree, Value
from generator.diagnostics import Span
from generator.records import dataclass
from generator.regexes import regex

_GAP = regex(r"@(\w+)@")
_ADDRESS = regex(r"https?://\S+")

Part = str | Include | Builtin | Value
Gaps = Mapping[str, "Part | tuple[Part, ...]"]


@dataclass(frozen=True)
class Alert:
    """One alerting rule that flowhelm brings; who wants another one turns it off with all others and writes its own."""

    name: str
    expression: str
    summary: str
    description: str
    runbook: str
    hold: str = ""
    severity: str = "warning"


@dataclass(frozen=True)
class Group:
    """A group of rules, and where in the spec it and what is in it come from."""

    tree: Tree
    span: Span
    places: Mapping[str, Span] = field(default_factory=dict)


def alerting_rule(alert: Alert, gaps: Gaps, labels: Mapping[str, Tree]) -> Tree:
    """An alert with its gaps filled."""
    texts = {"summary": alert.summary, "description": alert.description, **runbook(alert.runbook)}
    hold: dict[str, Tree] = {"for": alert.hold} if alert.hold else {}
    return {
        "alert": alert.name,
        "expr": filled(alert.expression, gaps),
        **hold,
        "labels": {"severity": alert.severity, **labels},
        "annotations": {key: filled(text, gaps) for key, text in texts.items()},
    }


def runbook(text: str) -> dict[str, str]:
    """The annotation that says what to do: Alertmanager's templates link what stands in `runbook_url`."""
    return {"runbook_url" if _ADDRESS.fullmatch(text) else "runbook": text} if text else {}


def filled(text: str, gaps: Gaps) -> Join | str:
    """The text with its gaps filled; one without any stays a plain text."""
    pieces = _GAP.split(text)
    parts: list[Part] = []
    for index, piece in enumerate(pieces):
        found = gaps[piece] if index % 2 else piece
        parts += found if isinstance(found, tuple) else (found,)
    return Join(_joined(parts)) if any(not isinstance(part, str) for part in parts) else "".join(map(str, parts))


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """Literals that stand beside one another become one."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)
