"""Findings as annotations of a GitHub pull request.

Input: a report. Output: one workflow command a line, the worst first; GitHub shows ten of each level a step, so the
rest are plain lines of the log. Source: GitHub Actions, "Workflow commands" (setting messages) and the limits of
annotations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Severity
from generator.report.excerpt import printable
from generator.report.model import Report, Sources

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST = 10
_LONGEST = 4_000


def print_github(report: Report, sources: Sources, colour: bool = False) -> str:
    """The report as workflow commands, and its summary."""
    del sources, colour  # GitHub shows the line itself
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    shown: Counter[Severity] = Counter()
    rest: list[Diagnostic] = []
    for finding in sorted(report.findings, key=lambda found: found.severity.rank):
        shown[finding.severity] += 1
        if shown[finding.severity] <= _MOST:
            yield _command(finding)
        else:
            rest.append(finding)
    if rest:
        yield f"GitHub shows {_MOST} annotations of each level; the other findings:"
        yield from map(_plain, rest)
    yield report.summary


def _command(finding: Diagnostic) -> str:
    properties = {"title": f"{finding.code.id} {finding.code.title}"}
    if finding.span:
        start, end = finding.span.start, finding.span.end
        properties = {"file": finding.span.file, "line": str(start.line), "col": str(start.column), **properties}
        if end.line == start.line:
            properties["endColumn"] = str(end.column)
    settings = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {settings}::{_data(_said(finding)[:_LONGEST])}"


def _plain(finding: Diagnostic) -> str:
    """A line of the log; it begins with a place or a severity, so that it never is a command."""
    where = f"{finding.span.file}:{finding.span.start.line}:{finding.span.start.column}: " if finding.span else ""
    return printable(f" {where}{finding.severity.value} {finding.code.id}: {_said(finding)}"[:_LONGEST])


def _said(finding: Diagnostic) -> str:
    message = finding.message + (f" ({finding.hint})" if finding.hint else "")
    values = f"values: {finding.values_file}" if finding.values_file else ""
    return "\n".join(part for part in (message, finding.place, values) if part)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
