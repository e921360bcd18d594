"""Findings as SARIF 2.1.0, for code scanning.

Input: a report. Output: a SARIF log of one run. Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from generator.diagnostics import Code, Diagnostic, Note, Severity, Span
from generator.report.explain import explain
from generator.report.model import Report, Sources

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_FINGERPRINT = "flowhelm/v1"
_GITHUBS = "primaryLocationLineHash"
"""The only fingerprint that GitHub's code scanning reads, of the form `hash:occurrence`."""

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
        "results": [
            {**_result(finding, positions[finding.code.id]), "partialFingerprints": fingerprint}
            for finding, fingerprint in zip(report.findings, _fingerprints(report.findings), strict=True)
        ],
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


def _fingerprints(findings: Iterable[Diagnostic]) -> Iterator[dict[str, str]]:
    """What stays the same when lines move: file, code, object and path, and a number for the second of the same."""
    seen: Counter[str] = Counter()
    for finding in findings:
        about = (finding.span.file if finding.span else "", *finding.lasting)
        digest = sha256("\0".join(about).encode("utf-8", "replace")).hexdigest()[:32]
        seen[digest] += 1
        yield {_FINGERPRINT: f"{digest}:{seen[digest]}", _GITHUBS: f"{digest}:{seen[digest]}"}


def _result(finding: Diagnostic, rule: int) -> dict[str, Any]:
    values = f" (values: {finding.values_file})" if finding.values_file else ""
    message = finding.message + values + (f"; {finding.hint}" if finding.hint else "")
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
        location["logicalLocations"] = [{"fullyQualifiedName": finding.place, "kind": "resource"}]
    return location


def _related(note: Note, number: int) -> dict[str, Any]:
    return {"id": number, "message": {"text": note.message}, "physicalLocation": _physical(note.span)}


def _physical(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(span.file.replace("\\", "/"))},
        "region": {
            "startLine": span.start.line,
            "startColumn": span.start.column,
            "endLine": span.end.line,
            "endColumn": span.end.column,
        },
    }


def _uri(path: str) -> str:
    """A path from the root of the checkout as a relative reference; an absolute one as the address of a file."""
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
