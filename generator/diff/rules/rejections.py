"""Changes that the API server refuses, so that the upgrade fails half done.

Hooks are left out: Helm deletes a hook and creates it anew, and never patches it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from generator.diagnostics import Code
from generator.diff import codes
from generator.diff.model import FieldChange, ObjectChange
from generator.diff.rule import Finding, Rule, Upgrade
from generator.diff.wording import counted, described
from generator.kube import immutable
from generator.kube.immutable import Immutable
from generator.kube.lists import pattern
from generator.kube.quantities import amount
from generator.kube.selectors import selects
from generator.kube.workloads import value_at
from generator.manifest import Manifest

Spared: TypeAlias = Callable[[FieldChange, Manifest, Manifest], bool]
"""Whether this change of a fixed field is allowed all the same."""

_OPEN_WHILE_SUSPENDED = tuple(
    pattern(f"spec.template.{path}")
    for path in (
        "metadata.labels",
        "metadata.annotations",
        "spec.affinity",
        "spec.nodeSelector",
        "spec.schedulingGates",
        "spec.tolerations",
    )
)


def is_rejected(change: ObjectChange) -> bool:
    """Whether the API server will refuse to change this object."""
    alone = Upgrade((change,), "")
    return any(True for rule in RULES for _ in rule.find(alone))


def _patched(upgrade: Upgrade) -> Iterator[tuple[ObjectChange, Manifest, Manifest]]:
    """The objects that Helm will patch."""
    for change in upgrade.changes:
        if change.fields and change.pair and not any(side.is_hook for side in change.pair):
            yield change, *change.pair


def _refusal(change: ObjectChange, found: Sequence[FieldChange], error: str, hint: str) -> Finding:
    found = found or change.fields
    more = f" (and {counted(len(found) - 1, 'more field')})" if len(found) > 1 else ""
    outcome = f"the API server refuses this with “{error}”, and the upgrade stops half done"
    return Finding(change, found[0].path, f"{described(found[0])}{more}: {outcome}", hint)


def _fixed(code: Code, fields: Sequence[Immutable], hint: str, spared: Spared | None = None) -> Rule:
    """A rule for fields that cannot change; `spared` knows its exceptions."""

    def find(upgrade: Upgrade) -> Iterator[Finding]:
        for change, old, new in _patched(upgrade):
            touched: dict[str, list[FieldChange]] = {}
            for fixed in fields:
                for found in _touching(change, fixed):
                    if not spared or not spared(found, old, new):
                        touched.setdefault(fixed.error, []).append(found)
            for error, found_fields in touched.items():
                yield _refusal(change, found_fields, error, hint)

    return Rule(code, find)


def _touching(change: ObjectChange, fixed: Immutable) -> Iterator[FieldChange]:
    if "/".join(change.group_kind) in fixed.kinds:
        for found in change.within(fixed.path):
            is_kept = (fixed.once_set and found.before is None) or (fixed.when_written and found.after is None)
            if not is_kept and not any(found.is_within(free) for free in fixed.but):
                yield found


def _claim_template(found: FieldChange, _old: Manifest, _new: Manifest) -> bool:
    """Volume claim templates have a rule of their own."""
    return found.is_within(("spec", "volumeClaimTemplates"))


def _suspended(found: FieldChange, old: Manifest, _new: Manifest) -> bool:
    """A Job that waits to be started may still be told where its pods go."""
    return value_at(old.data, ("spec", "suspend")) is True and any(map(found.is_within, _OPEN_WHILE_SUSPENDED))


def _scaled_together(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """An indexed Job may be resized when completions and parallelism stay equal."""
    spec = new.data["spec"]
    indexed = spec.get("completionMode") == value_at(old.data, ("spec", "completionMode")) == "Indexed"
    return indexed and found.path == ("spec", "completions") and spec.get("completions") == spec.get("parallelism")


def _other_type(found: FieldChange, old: Manifest, new: Manifest) -> bool:
    """What belongs to one type of Service may come and go with the type."""
    types = {str(value_at(side.data, ("spec", "type")) or "ClusterIP") for side in (old, new)}
    if found.path[1] in ("clusterIP", "clusterIPs"):
        return "ExternalName" in types
    return types != {"LoadBalancer"}


def _mutable(_found: FieldChange, old: Manifest, _new: Manifest) -> bool:
    """Only what was immutable before is fixed."""
    return old.data.get("immutable") is not True


def _shrunk_claims(upgrade: Upgrade) -> Iterator[Finding]:
    path = ("spec", "resources", "requests", "storage")
    for change, old, new in _patched(upgrade):
        if change.group_kind == ("", "PersistentVolumeClaim"):
            before, after = (amount(value_at(side.data, path) or "") for side in (old, new))
            if before is not None and after is not None and after < before:
                error = "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"
                yield _refusal(change, change.within(path), error, "Make a smaller claim beside it and copy the data")


def _mismatched_selectors(upgrade: Upgrade) -> Iterator[Finding]:
    error = "spec.template.metadata.labels: Invalid value: …: `selector` does not match template `labels`"
    for change, old, new in _patched(upgrade):
        if change.group_kind[0] == "apps" and not _selects_own_pods(new) and _selects_own_pods(old):
            yield _refusal(
                change,
                change.within(("spec", "template", "metadata")) or change.within(("spec",)),
                error,
                "Leave the labels that the selector names as they were",
            )


def _selects_own_pods(workload: Manifest) -> bool:
    selector = value_at(workload.data, ("spec", "selector"))
    labels = value_at(workload.data, ("spec", "template", "metadata", "labels"))
    return not isinstance(selector, Mapping) or selects(selector, labels if isinstance(labels, Mapping) else {})


def _strategies(upgrade: Upgrade) -> Iterator[Finding]:
    """A default that server-side apply cannot take away; on a StatefulSet Helm 3 cannot either."""
    for change, old, new in _patched(upgrade):
        field, other, error = {
            ("apps", "Deployment"): (
                "strategy",
                "Recreate",
                "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
            ),
            ("apps", "StatefulSet"): (
                "updateStrategy",
                "OnDelete",
                "spec.updateStrategy.rollingUpdate: Invalid value: …: only allowed for updateStrategy 'RollingUpdate'",
            ),
        }.get(change.group_kind, ("", "", ""))
        kind, details = (value_at(old.data, ("spec", field, part)) for part in ("type", "rollingUpdate"))
        is_filled_in = not kind or (field == "strategy" and not details)
        was_rolling = kind in (None, "RollingUpdate")
        if field and was_rolling and is_filled_in and value_at(new.data, ("spec", field, "type")) == other:
            hint = "Upgrade twice: first write `rollingUpdate` out, then change the type"
            if field == "strategy":
                hint += "; or upgrade with --server-side=false (Helm 3 is not affected)"
            yield _refusal(change, change.within(("spec", field)), error, hint)


RULES = (
    _fixed(
        codes.SELECTOR,
        immutable.WORKLOAD_SELECTOR,
        "Keep the selector; or give the workload another name, so that the new one starts beside the old one",
    ),
    _fixed(
        codes.STATEFUL_SET,
        immutable.STATEFUL_SET,
        "Keep the field; or first `kubectl delete statefulset NAME --cascade=orphan`, which leaves the pods alone",
        _claim_template,
    ),
    _fixed(
        codes.VOLUME_CLAIM_TEMPLATE,
        immutable.VOLUME_CLAIM_TEMPLATES,
        "`kubectl delete statefulset NAME --cascade=orphan`, change the existing claims by hand, then upgrade",
    ),
    _fixed(
        codes.JOB_TEMPLATE,
        immutable.JOB_TEMPLATE,
        "Give the Job another name for each version, make it a hook, or delete it before the upgrade",
        _suspended,
    ),
    _fixed(
        codes.JOB_SPEC,
        immutable.JOB_SPEC,
        "Give the Job another name, or delete it before the upgrade",
        _scaled_together,
    ),
    _fixed(codes.VOLUME_CLAIM, immutable.VOLUME_CLAIM, "Make a new claim beside the old one and copy the data"),
    Rule(codes.VOLUME_CLAIM_SHRUNK, _shrunk_claims),
    _fixed(
        codes.SERVICE,
        immutable.SERVICE,
        "Make a second Service with another name; or delete this one first, and accept a gap",
        _other_type,
    ),
    _fixed(codes.ROLE_REFERENCE, immutable.ROLE_REFERENCE, "Give the binding another name: the old one is deleted"),
    _fixed(codes.SECRET_TYPE, immutable.SECRET_TYPE, "Give the Secret another name, and name that in the pods"),
    _fixed(
        codes.IMMUTABLE_CONFIGURATION,
        immutable.CONFIGURATION,
        "Give the object another name whenever its content changes, and name that in the pods",
        _mutable,
    ),
    _fixed(codes.STORAGE, immutable.STORAGE, "Make a new one with another name"),
    _fixed(codes.POD, immutable.POD, "Use a Deployment, which replaces its pods; or delete the Pod first"),
    _fixed(codes.CLASSES, immutable.CLASSES, "Make a new class with another name"),
    Rule(codes.SELECTOR_MISMATCH, _mismatched_selectors),
    Rule(codes.STRATEGY, _strategies),
)
