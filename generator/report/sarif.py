"""Findings as SARIF 2.1.0, for code scanning.

Input: a report. Output: a SARIF log of one run. Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from generator.diagnostics import Code, Diagnostic, Note, Severity, Span
from generator.report.explain import explain
from generator.report.model import Report, Sources

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def print_sarif(report: Report, sources: Sources, colour: bool = False) -> str:
    """The report as a SARIF log."""
    del sources, colour  # readers of SARIF show the line themselves
    codes = sorted({finding.code.id: finding.code for finding in report.findings}.values(), key=lambda code: code.id)
    positions = {code.id: index for index, code in enumerate(codes)}
    driver: dict[str, Any] = {"name": "flowhelm", "rules": [_rule(code) for code in codes]}
    version = report.versions.get("flowhelm")
    if isinstance(version, str):
        driver["version"] = version
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, positions[finding.code.id]) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.id,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {"text": explain(code)},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }


def _result(finding: Diagnostic, rule: int) -> dict[str, Any]:
    message = finding.message + (f"; {finding.hint}" if finding.hint else "")
    result: dict[str, Any] = {
        "ruleId": finding.code.id,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_location(finding)] if finding.span or finding.subject else [],
    }
    if finding.notes:
        result["relatedLocations"] = [_related(note, index) for index, note in enumerate(finding.notes, 1)]
    return result


def _location(finding: Diagnostic) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if finding.span:
        location["physicalLocation"] = _physical(finding.span)
    if finding.subject:
        name = f"{finding.subject} {finding.path}".strip()
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return location


def _related(note: Note, number: int) -> dict[str, Any]:
    return {"id": number, "message": {"text": note.message}, "physicalLocation": _physical(note.span)}


def _physical(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": quote(span.file.replace("\\", "/"))},
        "region": {
            "startLine": span.start.line,
            "startColumn": span.start.column,
            "endLine": span.end.line,
            "endColumn": span.end.column,
        },
    }
