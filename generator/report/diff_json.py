"""Stage: a comparison → one JSON object for programs.

Input: a :class:`ChartDiff`. Output: text that fits `diff.schema.json`, which stands beside this file.
"""

from __future__ import annotations

import json
from typing import Any

from generator.diagnostics import Diagnostic, ObjectRef
from generator.diff import codes
from generator.diff.model import HIDDEN, ChartDiff, FieldChange, ObjectChange, Status, Tree, dotted, leaves
from generator.diff.verdict import count, verdict
from generator.diff.wording import plain


def diff_json(diff: ChartDiff) -> str:
    """The report as JSON, with a line break at its end. Hidden values are `••••`."""
    shown = [change for change in diff.changes if change.status is not Status.UNCHANGED]
    report = {
        "format": 1,
        "verdict": verdict(diff),
        "summary": {str(status): len(diff.with_status(status)) for status in Status}
        | {"rejected": count(diff, codes.REJECTED), "restarts": count(diff, codes.RESTARTS)},
        "findings": [_finding(finding) for finding in diff.findings],
        "objects": [_object(change) for change in shown],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def _finding(finding: Diagnostic) -> dict[str, Any]:
    span = finding.span
    return {
        "code": finding.code.id,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        "object": _reference(finding.subject) if finding.subject else None,
        "path": finding.path,
        "file": span.file if span else None,
        "line": span.start.line if span else None,
        "column": span.start.column if span else None,
        "values_file": finding.values_file,
    }


def _object(change: ObjectChange) -> dict[str, Any]:
    return {
        "status": str(change.status),
        "object": _reference(change.ref),
        "renamed_from": _reference(change.old.ref) if change.status is Status.RENAMED and change.old else None,
        "source": change.manifest.source,
        "changes": [_field(field) for field in change.fields],
    }


def _reference(ref: ObjectRef) -> dict[str, str]:
    return {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def _field(change: FieldChange) -> dict[str, Any]:
    """`before` and `after` are there only when the field is."""
    parts = {"before": change.before, "after": change.after}
    values = {name: plain(part) for name, part in parts.items() if part is not None}
    hidden = any(_hides(part) for part in parts.values())
    return {"path": dotted(change.path), **values, "order_only": change.order_only, "hidden": hidden}


def _hides(part: Tree | None) -> bool:
    return part is not None and any(leaf.value == HIDDEN for _, leaf in leaves(part))
