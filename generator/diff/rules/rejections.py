"""Changes that the API server refuses, so that the upgrade fails half done.

Hooks are left out: Helm deletes a hook and creates it anew, and never patches it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.diagnostics import Code
from generator.diff import codes, exceptions
from generator.diff.exceptions import Spared
from generator.diff.model import FieldChange, Leaf, ObjectChange
from generator.diff.rule import Finding, Rule, Upgrade
from generator.diff.wording import counted, described
from generator.kube import immutable
from generator.kube.immutable import Immutable
from generator.kube.quantities import amount
from generator.kube.selectors import selects
from generator.kube.workloads import value_at
from generator.manifest import Manifest


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
                for found in _touching(change, fixed, old):
                    if not spared or not spared(found, old, new):
                        touched.setdefault(fixed.error, []).append(found)
            for error, found_fields in touched.items():
                yield _refusal(change, found_fields, error, hint)

    return Rule(code, find)


def _touching(change: ObjectChange, fixed: Immutable, old: Manifest) -> Iterator[FieldChange]:
    if "/".join(change.group_kind) in fixed.kinds:
        is_open = fixed.once_set and value_at(old.data, fixed.path) is None
        for found in () if is_open else change.touching(fixed.path):
            is_kept = fixed.when_written and found.after is None
            if not is_kept and not _is_kept_anyway(found, old) and not any(found.is_within(free) for free in fixed.but):
                yield found


def _is_kept_anyway(found: FieldChange, old: Manifest) -> bool:
    """Whether the object stays as it is: nobody writes the field, or an account has its old name, too."""
    before, after = found.before, found.after
    if isinstance(before, Leaf) and isinstance(after, Leaf) and before.is_default and after.is_default:
        return True
    if found.path[-1] == "serviceAccount" and isinstance(after, Leaf):
        return bool(after.value == value_at(old.data, (*found.path[:-1], "serviceAccountName")))
    return found.path[-1] in ("serviceAccount", "serviceAccountName") and after is None


def _shrunk_claims(upgrade: Upgrade) -> Iterator[Finding]:
    path = ("spec", "resources", "requests", "storage")
    for change, old, new in _patched(upgrade):
        if change.group_kind == ("", "PersistentVolumeClaim"):
            sizes = (value_at(side.data, path) for side in (old, new))
            before, after = (amount(size) if isinstance(size, (str, int, float)) else None for size in sizes)
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


_POD_HINT = "Use a Deployment, which replaces its pods; or delete the Pod first"
_FIXED_IN_PODS = _fixed(codes.POD, immutable.POD, _POD_HINT)


def _pods(upgrade: Upgrade) -> Iterator[Finding]:
    """What is fixed in a Pod, and what can change in one direction only."""
    yield from _FIXED_IN_PODS.find(upgrade)
    for change, old, new in _patched(upgrade):
        if change.group_kind == ("", "Pod"):
            for path, error in exceptions.one_way_in_pods(old, new):
                yield _refusal(change, change.within(path), error, _POD_HINT)


_FIXED_IN_DEFINITIONS = _fixed(
    codes.DEFINITION, immutable.DEFINITION, "Make a new definition with another name, and move the objects to it"
)


def _definitions(upgrade: Upgrade) -> Iterator[Finding]:
    """What names a kind, and the version in which its objects were stored."""
    yield from _FIXED_IN_DEFINITIONS.find(upgrade)
    for change, old, new in _patched(upgrade):
        if change.group_kind == ("apiextensions.k8s.io", "CustomResourceDefinition"):
            was, versions = ([*_versions(side)] for side in (old, new))
            for version in was:
                if version.get("storage") is True and version.get("name") not in [
                    each.get("name") for each in versions
                ]:
                    error = "status.storedVersions[0]: Invalid value: …: missing from spec.versions; …"
                    hint = "Keep the version, not served; take it out when a migration has rewritten all objects"
                    yield _refusal(change, change.within(("spec", "versions")), error, hint)


def _versions(definition: Manifest) -> Iterator[Mapping[str, object]]:
    found = value_at(definition.data, ("spec", "versions"))
    yield from (version for version in (found if isinstance(found, list) else ()) if isinstance(version, Mapping))


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
        exceptions.claim_template,
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
        exceptions.suspended,
    ),
    _fixed(
        codes.JOB_SPEC,
        immutable.JOB_SPEC,
        "Give the Job another name, or delete it before the upgrade",
        exceptions.scaled_together,
    ),
    _fixed(
        codes.VOLUME_CLAIM,
        immutable.VOLUME_CLAIM,
        "Make a new claim beside the old one and copy the data",
        exceptions.claim,
    ),
    Rule(codes.VOLUME_CLAIM_SHRUNK, _shrunk_claims),
    _fixed(
        codes.SERVICE,
        immutable.SERVICE,
        "Make a second Service with another name; or delete this one first, and accept a gap",
        exceptions.service,
    ),
    _fixed(codes.ROLE_REFERENCE, immutable.ROLE_REFERENCE, "Give the binding another name: the old one is deleted"),
    _fixed(codes.SECRET_TYPE, immutable.SECRET_TYPE, "Give the Secret another name, and name that in the pods"),
    _fixed(
        codes.IMMUTABLE_CONFIGURATION,
        immutable.CONFIGURATION,
        "Give the object another name whenever its content changes, and name that in the pods",
        exceptions.mutable,
    ),
    _fixed(codes.STORAGE, immutable.STORAGE, "Make a new one with another name", exceptions.volume),
    Rule(codes.POD, _pods),
    _fixed(codes.CLASSES, immutable.CLASSES, "Make a new class with another name"),
    _fixed(codes.FIXED, immutable.OTHERS, "Make a new object with another name", exceptions.other),
    Rule(codes.DEFINITION, _definitions),
    Rule(codes.SELECTOR_MISMATCH, _mismatched_selectors),
    Rule(codes.STRATEGY, _strategies),
)
