"""Data that an upgrade deletes, or leaves behind where nothing reads it any more."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Severity
from generator.diff import codes
from generator.diff.model import Status
from generator.diff.rule import Finding, Rule, Upgrade
from generator.kube.workloads import value_at
from generator.manifest import Manifest


def _claim_removed(upgrade: Upgrade) -> Iterator[Finding]:
    """Claims that leave the chart, or change their name; those that Helm is told to keep stay."""
    for change in upgrade.changes:
        if change.old is None or change.group_kind != ("", "PersistentVolumeClaim") or _is_kept(change.old):
            continue
        if change.status in (Status.REMOVED, Status.RENAMED):
            yield Finding(
                change,
                ("metadata", "name"),
                f"Helm deletes the claim {change.old.ref.name}, and with it data, unless the volume's reclaim policy "
                "is Retain",
                "Back it up; the annotation helm.sh/resource-policy: keep, set a release earlier, keeps the claim",
            )


def _claims_left(upgrade: Upgrade) -> Iterator[Finding]:
    """StatefulSets with volumes whose pods get other names: their claims are named after them."""
    for change in upgrade.changes:
        if change.old is None or change.group_kind != ("apps", "StatefulSet"):
            continue
        claims = value_at(change.old.data, ("spec", "volumeClaimTemplates"))
        if not claims or change.status not in (Status.REMOVED, Status.RENAMED):
            continue
        old = change.old.ref.name
        if change.status is Status.RENAMED:
            message = f"the pods of {change.ref.name} start with empty volumes: the data stays in the claims of {old}"
            hint = "Keep the name, or copy the data into the new claims before the old ones are removed"
            yield Finding(change, ("metadata", "name"), message, hint)
        else:
            message = f"the claims of {old} stay, and nothing reads them any more"
            hint = (
                f"Remove them by hand when their data is not needed: kubectl get pvc, names that end in -{old}-<number>"
            )
            yield Finding(change, ("metadata", "name"), message, hint, Severity.WARNING)


def _is_kept(manifest: Manifest) -> bool:
    return bool(value_at(manifest.data, ("metadata", "annotations", "helm.sh/resource-policy")) == "keep")


RULES = (Rule(codes.CLAIM_REMOVED, _claim_removed), Rule(codes.CLAIMS_LEFT, _claims_left))
