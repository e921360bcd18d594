"""Stage: two sets of manifests → what changes, and what an upgrade from the one to the other will do.

Input: manifests of both sides. Output: a :class:`ChartDiff` with the findings of all rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from generator.diagnostics import Diagnostic
from generator.diff.fields import compare
from generator.diff.match import Side, pairs
from generator.diff.model import ChartDiff, ObjectChange, Status, dotted
from generator.diff.rule import Finding, Rule, Upgrade
from generator.diff.rules import RULES
from generator.kube.lists import list_type
from generator.kube.workloads import api_group
from generator.manifest import Manifest


def diff(old: Sequence[Manifest], new: Sequence[Manifest], *, namespace: str = "default") -> ChartDiff:
    """Compares two sides that were rendered with the same release name, values and Kubernetes version.

    `namespace` is the release's: where objects land that name none. What is dangerous about the change stands in
    `findings`, ordered as reports show them.
    """
    changes = tuple(_object_change(*pair) for pair in pairs(old, new, namespace))
    upgrade = Upgrade(changes, namespace)
    findings = [_diagnostic(rule, finding) for rule in RULES for finding in rule.find(upgrade)]
    return ChartDiff(changes, tuple(sorted(findings, key=_order)))


def _object_change(old: Side | None, new: Side | None) -> ObjectChange:
    if old is None or new is None:
        status = Status.ADDED if old is None else Status.REMOVED
        return ObjectChange(status, old.manifest if old else None, new.manifest if new else None)
    group, kind = api_group(new.manifest.ref.api_version), new.manifest.ref.kind
    fields = compare(old.tree, new.tree, partial(list_type, group, kind))
    if any(field.path in (("metadata", "name"), ("metadata", "namespace")) for field in fields):
        return ObjectChange(Status.RENAMED, old.manifest, new.manifest, fields)
    return ObjectChange(Status.CHANGED if fields else Status.UNCHANGED, old.manifest, new.manifest, fields)


def _diagnostic(rule: Rule, finding: Finding) -> Diagnostic:
    return Diagnostic(
        rule.code,
        finding.message,
        hint=finding.hint,
        subject=finding.change.ref,
        path=dotted(finding.path),
        values_file=finding.change.manifest.values_file,
        severity=finding.severity or rule.code.severity,
    )


def _order(finding: Diagnostic) -> tuple[object, ...]:
    """The worst first, then by rule and object."""
    return (finding.severity.rank, finding.code.id, str(finding.subject), finding.path, finding.message)
