"""Runs the layers over manifests.

Input: manifests, Kubernetes versions, layers. Output: findings in `diagnostics`, each at the user's line, and
:class:`Checked`: how much was looked at, and what was not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import TypeAlias

from generator.diagnostics import Diagnostic, Diagnostics, Note, Severity
from generator.kube.workloads import api_group
from generator.manifest import Manifest, Manifests, Path, path_text
from generator.validate import codes
from generator.validate.api import RULES as API_RULES
from generator.validate.api.codes import EMPTY
from generator.validate.custom.rules import is_installed
from generator.validate.known import Custom, known_schemas
from generator.validate.model import LAYERS, Checked, Layer, ObjectRule, Problem
from generator.validate.places import Places
from generator.validate.policy import RULES as POLICY_RULES
from generator.validate.references import RULES as REFERENCE_RULES
from generator.validate.schemas import Schemas
from generator.validate.structure import Structure, check_structure
from generator.validate.world import World

_Key: TypeAlias = tuple[str, str, Path]


def validate_manifests(
    manifests: Manifests,
    versions: Sequence[str],
    diagnostics: Diagnostics,
    places: Places,
    layers: Collection[Layer] = LAYERS,
    custom: Custom = Custom(),  # noqa: B008  # it is frozen
) -> Checked:
    """Check manifests against one or more versions of Kubernetes.

    `manifests` may hold several renderings of a chart (with different values files): what is the same in them is looked
    at once, and references are followed within each rendering. A kind without a schema is counted as not checked;
    custom resources are checked against the definitions among the manifests, and what `custom` adds to them.
    """
    for broken in manifests.broken:
        span = places.of_broken(broken)
        diagnostics.add(codes.UNREADABLE, broken.message, span, values_file=broken.values_file)
    known = known_schemas(versions, manifests.objects, custom, diagnostics)
    if not known:  # rules rest on what the schemas have made sure of
        return Checked(0, 0, ())
    unique: dict[_Key, Manifest] = {}
    for manifest in manifests.objects:
        unique.setdefault(_key(manifest), manifest)
    structures = {key: _structure(manifest, known) for key, manifest in unique.items()}
    for key, manifest in unique.items():
        for problem in _problems(structures[key], layers):
            diagnostics.report(_finding(manifest, problem, places))
    if Layer.REFERENCES in layers:
        for manifest, problem in _broken_references(manifests.objects, structures, places.is_release):
            diagnostics.report(_finding(manifest, problem, places))
    not_checked = Counter(_kind(manifest) for key, manifest in unique.items() if not structures[key].is_checked)
    left = {(_kind(manifest), rule) for key, manifest in unique.items() for rule in structures[key].not_evaluated}
    rules_left = Counter(kind for kind, _ in sorted(left))
    if Layer.SCHEMA in layers:
        _report_not_checked(not_checked, diagnostics, Severity.ERROR if custom.is_strict else Severity.INFO)
        _report_not_evaluated(rules_left, diagnostics)
        for what, reason in {what: reason for schemas in known for what, reason in schemas.unusable.items()}.items():
            diagnostics.add(codes.BAD_LOCATION, f"{what} can't be used: {reason}")
    files = {manifest.source for manifest in manifests.objects} | {broken.source for broken in manifests.broken}
    versions_known = tuple(schemas.version for schemas in known)
    return Checked(len(files), len(unique), versions_known, dict(not_checked), dict(rules_left))


def _kind(manifest: Manifest) -> str:
    return f"{manifest.ref.api_version} {manifest.ref.kind}"


def _key(manifest: Manifest) -> _Key:
    return (manifest.source, manifest.text, manifest.root)


def _structure(manifest: Manifest, known: Sequence[Schemas]) -> Structure:
    """What the schemas of all versions say; a problem that not all of them see names those that do."""
    each = [check_structure(manifest, schemas) for schemas in known]
    if not each:
        return Structure((), manifest.data, is_checked=False)
    seen: dict[Problem, list[str]] = {}
    for schemas, structure in zip(known, each, strict=True):
        for problem in structure.problems:
            seen.setdefault(problem, []).append(schemas.version)
    problems = tuple(
        problem
        if len(versions) == len(known) and problem.code is not codes.NO_SUCH_KIND
        else replace(problem, message=f"{problem.message} (in Kubernetes {', '.join(versions)})")
        for problem, versions in seen.items()
    )
    undecodable = tuple(dict.fromkeys(problem for structure in each for problem in structure.undecodable))
    not_evaluated = frozenset(rule for structure in each for rule in structure.not_evaluated)
    is_checked = all(structure.is_checked for structure in each)
    return Structure(problems, each[-1].data, is_checked, undecodable, not_evaluated)


def _problems(structure: Structure, layers: Collection[Layer]) -> Iterator[Problem]:
    """Everything that is wrong with one object by itself."""
    if Layer.SCHEMA in layers:
        yield from structure.problems
    if Layer.SCHEMA in layers or Layer.API in layers:
        yield from structure.undecodable
    data, known = structure.data, {problem.path for problem in structure.undecodable}
    missing = {
        (problem.path, problem.message.rpartition(" ")[2])
        for problem in structure.problems
        if problem.code is codes.MISSING_FIELD and Layer.SCHEMA in layers
    }
    if not data:
        return
    kind = f"{api_group(str(data.get('apiVersion', '')))}/{data.get('kind', '')}".removeprefix("/")
    for layer in (Layer.API, Layer.POLICY):
        if layer in layers:
            for rule in _rules(layer, kind):
                yield from (problem for problem in rule.check(data) if not _is_said(problem, known, missing))


def _is_said(problem: Problem, undecodable: Collection[Path], missing: Collection[tuple[Path, str]]) -> bool:
    """Whether the layer before has said it: the value can't be decoded, or the field `"name"` is missing."""
    is_missing = problem.code is EMPTY and (problem.path, problem.message.partition(" ")[0]) in missing
    return is_missing or problem.path in undecodable


@cache
def _rules(layer: Layer, kind: str) -> tuple[ObjectRule, ...]:
    rules = API_RULES if layer is Layer.API else POLICY_RULES
    return tuple(rule for rule in rules if not rule.kinds or kind in rule.kinds)


def _broken_references(
    objects: Sequence[Manifest], structures: dict[_Key, Structure], is_release: bool
) -> Iterator[tuple[Manifest, Problem]]:
    for _, group in groupby(objects, key=lambda manifest: manifest.values_file):
        each = ((manifest, structures[_key(manifest)].data) for manifest in group)
        world = World.of(each, is_release=is_release)
        for rule in REFERENCE_RULES:
            yield from rule(world)


def _finding(manifest: Manifest, problem: Problem, places: Places) -> Diagnostic:
    notes = tuple(Note(related.message, places.of(related.manifest, related.path)) for related in problem.related)
    return Diagnostic(
        problem.code,
        problem.message,
        places.of(manifest, problem.path),
        problem.hint,
        notes,
        manifest.ref,
        path_text(problem.path),
        manifest.values_file,
        problem.severity or problem.code.severity,
    )


def _report_not_checked(not_checked: Counter[str], diagnostics: Diagnostics, severity: Severity) -> None:
    for kind, count in sorted(not_checked.items()):
        objects = "1 object was" if count == 1 else f"{count} objects were"
        message = f"{objects} not checked: no schema is known for {kind}"
        hint = "`--schema-location` takes its definition" if severity is Severity.ERROR else ""
        diagnostics.add(codes.NOT_CHECKED, message, severity=severity, hint=hint)


def _report_not_evaluated(rules_left: Mapping[str, int], diagnostics: Diagnostics) -> None:
    hint = "" if is_installed() else "`pip install 'flowhelm[cel]'` brings what evaluates them"
    for kind, count in rules_left.items():
        rules = "1 rule in CEL was" if count == 1 else f"{count} rules in CEL were"
        diagnostics.add(codes.RULES_LEFT, f"{rules} not evaluated for {kind}", hint=hint)
