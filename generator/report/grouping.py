"""Findings that say the same of many places, put together: a reader wants to know once what is wrong, then where else.

Input: findings. Output: groups in the order of their first findings.

Two findings say the same when code, severity, words and help are equal but for what tells where they are: the name of
the object, the path in it, and, in policies, the names in quotes (of containers, variables, images).
"""

from __future__ import annotations

from collections.abc import Iterable

from generator.diagnostics import Diagnostic
from generator.records import dataclass
from generator.regexes import regex

_POLICY = "FH4"
_QUOTED = regex(r'"[^"]*"')
_WORD = regex(r"[\w.\-/\[\]]+")


@dataclass(frozen=True)
class Group:
    """The first finding, which stands for all, and the `others`."""

    first: Diagnostic
    others: tuple[Diagnostic, ...] = ()


def grouped(findings: Iterable[Diagnostic]) -> list[Group]:
    """The findings, those that say the same in one group."""
    alike: dict[tuple[object, ...], list[Diagnostic]] = {}
    for finding in findings:
        alike.setdefault(_meaning(finding), []).append(finding)
    return [Group(first, tuple(others)) for first, *others in alike.values()]


def place(finding: Diagnostic) -> str:
    """Where a finding is, in one line: `web.yaml:7:3, Service web, spec.ports[0]`."""
    start = finding.span.start if finding.span else None
    where = f"{finding.span.file}:{start.line}:{start.column}" if finding.span and start else ""
    names = _QUOTED.findall(finding.message) if finding.code.id.startswith(_POLICY) else ()
    return ", ".join(part for part in (where, finding.place, *names) if part)


def _meaning(finding: Diagnostic) -> tuple[object, ...]:
    return (finding.code.id, finding.severity, _words(finding.message, finding), _words(finding.hint, finding))


def _words(text: str, finding: Diagnostic) -> str:
    if finding.code.id.startswith(_POLICY):
        text = _QUOTED.sub('""', text)
    subject = finding.subject
    places = (finding.path, subject.name if subject else "")
    if not any(place and place in text for place in places):
        return text
    text = _WORD.sub(lambda word: "" if word[0] in places else word[0], text)
    return text.replace(f"{subject.kind} ", "") if subject else text
