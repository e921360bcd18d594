"""Findings for programs: one JSON object, described by `findings.schema.json` beside this file.

Input: a report. Output: JSON text; what the object holds is fixed by that schema, the order of keys is stable.
"""

from __future__ import annotations

import json
from typing import Any

from generator.diagnostics import Diagnostic, Span
from generator.report.model import Report, Sources


def print_json(report: Report, sources: Sources, colour: bool = False) -> str:
    """The report as one JSON object."""
    del sources, colour  # no line of a file is shown
    coverage, known = report.coverage, report.known
    document = {
        "findings": [_finding(found) for found in report.findings],
        "checked": {
            "files": coverage.files if coverage else 0,
            "objects": coverage.objects if coverage else 0,
            "not_checked": dict(coverage.not_checked) if coverage else {},
            "rules_not_evaluated": dict(coverage.rules_not_evaluated) if coverage else {},
        },
        **({"baseline": {"known": known.count, "gone": list(known.gone)}} if known else {}),
        "versions": {key: list(value) if isinstance(value, tuple) else value for key, value in report.versions.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Diagnostic) -> dict[str, Any]:
    subject = finding.subject
    return {
        "code": finding.code.id,
        "severity": finding.severity.value,
        "message": finding.message,
        **_place(finding.span),
        "object": {
            "apiVersion": subject.api_version,
            "kind": subject.kind,
            "namespace": subject.namespace,
            "name": subject.name,
        }
        if subject
        else None,
        "path": finding.path,
        "hint": finding.hint,
        "values_file": finding.values_file,
        "notes": [{"message": note.message, **_place(note.span)} for note in finding.notes],
    }


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"file": "", "line": 0, "column": 0}
    return {"file": span.file, "line": span.start.line, "column": span.start.column}
