"""Findings as annotations of a GitHub pull request.

Input: a report. Output: one workflow command a line. Source: GitHub Actions, "Workflow commands", setting messages.
"""

from __future__ import annotations

from generator.diagnostics import Diagnostic, Severity
from generator.report.model import Report, Sources

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def print_github(report: Report, sources: Sources, colour: bool = False) -> str:
    """The report as workflow commands, and its summary."""
    del sources, colour  # GitHub shows the line itself
    return "".join(f"{line}\n" for line in (*map(_command, report.findings), report.summary))


def _command(finding: Diagnostic) -> str:
    properties = {"title": f"{finding.code.id} {finding.code.title}"}
    if finding.span:
        start, end = finding.span.start, finding.span.end
        properties = {"file": finding.span.file, "line": str(start.line), "col": str(start.column), **properties}
        if end.line == start.line:
            properties["endColumn"] = str(end.column)
    message = finding.message + (f" ({finding.hint})" if finding.hint else "")
    settings = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {settings}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
