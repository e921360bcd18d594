"""Paths of findings as readers elsewhere need them: code hosts know files by their path in the repository.

Input: a report, the folder that its paths start from, the root of the checkout. Output: the report with paths from the
root, `/` between their parts; what lies outside the root has its absolute path.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from generator.diagnostics import Diagnostic, Span
from generator.report.model import Report


def from_root(report: Report, here: Path, root: Path) -> Report:
    """The same findings, with files named from the root."""

    def moved(span: Span) -> Span:
        if span.file.startswith("<"):  # standard input is no file
            return span
        path = Path(os.path.normpath(here / span.file))
        return replace(span, file=(path.relative_to(root) if path.is_relative_to(root) else path).as_posix())

    def finding(found: Diagnostic) -> Diagnostic:
        notes = tuple(replace(note, span=moved(note.span)) for note in found.notes)
        return replace(found, span=moved(found.span) if found.span else None, notes=notes)

    return replace(report, findings=tuple(map(finding, report.findings)))
