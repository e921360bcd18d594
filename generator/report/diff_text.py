"""Stage: a comparison → what a person reads in a terminal.

Input: a :class:`ChartDiff`. Output: text: the verdict, what the change will do, and every field that changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Severity
from generator.diff.model import ChartDiff, ObjectChange, Status
from generator.diff.verdict import verdict
from generator.report.diff_lines import SIGILS, field_lines, headline, printable, sections

_COLOURS = {
    "+": "\x1b[32m",
    "-": "\x1b[31m",
    "~": "\x1b[33m",
    Severity.ERROR: "\x1b[1;31m",
    Severity.WARNING: "\x1b[1;33m",
    Severity.INFO: "\x1b[1;34m",
}
_PLAIN = "\x1b[0m"


def diff_text(diff: ChartDiff, *, colour: bool = False) -> str:
    """The report as text, with a line break at its end; `colour` adds terminal colours."""
    lines = [verdict(diff)]
    for title, findings in sections(diff):
        lines += ["", title]
        for finding in findings:
            lines += _finding(finding, colour=colour)
    changed = [change for change in diff.changes if change.status is not Status.UNCHANGED]
    if changed:
        lines += ["", "Changes"]
        for change in changed:
            lines += _object(change, colour=colour)
    return "\n".join(lines) + "\n"


def _finding(finding: Diagnostic, *, colour: bool) -> Iterator[str]:
    severity = _painted(f"{finding.severity}[{finding.code.id}]", finding.severity, colour=colour)
    values = f" (with {finding.values_file})" if finding.values_file else ""
    yield f"  {severity} {printable(f'{finding.subject}{values}')}"
    yield f"    {printable(finding.message)}"
    if finding.hint:
        yield f"    help: {printable(finding.hint)}"


def _object(change: ObjectChange, *, colour: bool) -> Iterator[str]:
    sigil = SIGILS[change.status]
    yield _painted(f"{sigil} {headline(change)}", sigil, colour=colour)
    for field in change.fields:
        for mark, line in field_lines(field):
            yield _painted(f"    {mark} {line}".rstrip(), mark, colour=colour)


def _painted(text: str, kind: str, *, colour: bool) -> str:
    return f"{_COLOURS[kind]}{text}{_PLAIN}" if colour and kind in _COLOURS else text
