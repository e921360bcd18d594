"""Stage: a comparison → what a person reads in a terminal.

Input: a :class:`ChartDiff`. Output: text: the verdict, what the change will do, and every field that changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Severity
from generator.diff.model import ChartDiff
from generator.diff.verdict import verdict
from generator.report.diff_lines import Entry, entries, printable, sections

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
    if not diff.is_empty:
        lines += ["", "Changes"]
        for entry in entries(diff):
            lines += _entry(entry, colour=colour)
    return "\n".join(lines) + "\n"


def _finding(finding: Diagnostic, *, colour: bool) -> Iterator[str]:
    severity = _painted(f"{finding.severity}[{finding.code.id}]", finding.severity, colour=colour)
    values = f" (with {finding.values_file})" if finding.values_file else ""
    yield f"  {severity} {printable(f'{finding.subject}{values}')}"
    yield f"    {printable(finding.message)}"
    if finding.hint:
        yield f"    help: {printable(finding.hint)}"


def _entry(entry: Entry, *, colour: bool) -> Iterator[str]:
    yield _painted(f"{entry.sigil} {entry.headline}", entry.sigil, colour=colour)
    for mark, line in entry.lines:
        yield _painted(f"    {mark} {line}".rstrip(), mark, colour=colour)


def _painted(text: str, kind: str, *, colour: bool) -> str:
    return f"{_COLOURS[kind]}{text}{_PLAIN}" if colour and kind in _COLOURS else text
