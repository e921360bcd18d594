"""Runs the layers over manifests.

Input: manifests, Kubernetes versions, layers. Output: findings in `diagnostics`, each at the user's line, and
:class:`Checked`: how much was looked at, and what was not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import groupby
from typing import TypeAlias

from generator.diagnostics import Diagnostic, Diagnostics, Note, Severity
from generator.kube.workloads import api_group
from generator.manifest import Manifest, Manifests, Path, path_text
from generator.validate import codes
from generator.validate.api import RULES as API_RULES
from generator.validate.api.codes import EMPTY
from generator.validate.custom.rules import is_installed
from generator.validate.custom_pods import with_typed_pods
from generator.validate.known import Custom, known_schemas
from generator.validate.model import LAYERS, Checked, Layer, ObjectRule, Problem, Problems
from generator.validate.places import Places
from generator.validate.policies import check_object, check_world
from generator.validate.policy.secrets import holds_secret
from generator.validate.references import RULES as REFERENCE_RULES
from generator.validate.rulebook import Rulebook
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
    rulebook: Rulebook | None = None,
) -> Checked:
    """Check manifests against one or more versions of Kubernetes.

    `manifests` may hold several renderings of a chart (with different values files): what is the same in them is looked
    at once, and references are followed within each rendering. A kind without a schema is counted as not checked;
    custom resources are checked against the definitions among the manifests, and what `custom` adds to them.
    `rulebook` says how severely findings count, and which are accepted.
    """
    book = rulebook or Rulebook()
    for broken in manifests.broken:
        span = places.of_broken(broken)
        diagnostics.add(codes.UNREADABLE, broken.message, span, values_file=broken.values_file)
    known = known_schemas(versions, manifests.objects, custom, diagnostics)
    if not known:  # rules rest on what the schemas have made sure of
        return Checked(0, 0, ())
    unique: dict[_Key, Manifest] = {}
    for manifest in manifests.objects:
        unique.setdefault(_key(manifest), manifest)
    if book.exemptions:
        for manifest in unique.values():
            book.look_at(manifest.ref, partial(_file, manifest, places))
    structures = {key: _structure(manifest, known) for key, manifest in unique.items()}
    asked = tuple(schemas.version for schemas in known)
    for finding in _findings(manifests.objects, structures, layers, book, places, asked):
        diagnostics.report(finding)
    not_checked = Counter(_kind(manifest) for key, manifest in unique.items() if not structures[key].is_checked)
    left = {(_kind(manifest), rule) for key, manifest in unique.items() for rule in structures[key].not_evaluated}
    rules_left = Counter(kind for kind, _ in sorted(left))
    if Layer.SCHEMA in layers:
        _report_not_checked(not_checked, diagnostics, Severity.ERROR if custom.is_strict else Severity.INFO)
        _report_not_evaluated(rules_left, diagnostics)
        for what, reason in {what: reason for schemas in known for what, reason in schemas.unusable.items()}.items():
            diagnostics.add(codes.BAD_LOCATION, f"{what} can't be used: {reason}")
    files = {manifest.source for manifest in manifests.objects} | {broken.source for broken in manifests.broken}
    return Checked(len(files), len(unique), asked, dict(not_checked), dict(rules_left))


def _file(manifest: Manifest, places: Places) -> str:
    return places.of(manifest, ()).file


def _kind(manifest: Manifest) -> str:
    return f"{manifest.ref.api_version} {manifest.ref.kind}"


def _findings(
    objects: Sequence[Manifest],
    structures: dict[_Key, Structure],
    layers: Collection[Layer],
    book: Rulebook,
    places: Places,
    versions: Sequence[str],
) -> Iterator[Diagnostic]:
    """What is not accepted, the worst first: of two findings that say the same, the worse one counts."""
    rendered: dict[_Key, list[Manifest]] = {}
    for manifest in objects:
        rendered.setdefault(_key(manifest), []).append(manifest)
    alone = (
        _finding(same[0], problem, places, book, dict.fromkeys(each.values_file for each in same))
        for key, same in rendered.items()
        for each in _problems(structures[key], layers)
        if (problem := _in_versions(each, versions) if each.until else each)
    )
    together = (
        _finding(manifest, problem, places, book, (manifest.values_file,))
        for manifest, problem in _between(objects, structures, layers, places.is_release)
    )
    found = [finding for finding in (*alone, *together) if finding]
    for finding in sorted(found, key=lambda finding: finding.severity.rank):
        if not book.accepts(finding):
            yield finding


def _in_versions(problem: Problem, versions: Sequence[str]) -> Problem | None:
    """A problem that later versions of Kubernetes do not have: with those asked for that have it, None without any."""
    refusing = [version for version in versions if _number(version) <= _number(problem.until)]
    if len(refusing) == len(versions):
        return problem
    return replace(problem, message=f"{problem.message} (in Kubernetes {', '.join(refusing)})") if refusing else None


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _key(manifest: Manifest) -> _Key:
    return (manifest.source, manifest.text, manifest.root)


def _structure(manifest: Manifest, known: Sequence[Schemas]) -> Structure:
    """What the schemas of all versions say; a problem that not all of them see names those that do."""
    each = [with_typed_pods(check_structure(manifest, schemas), manifest, schemas) for schemas in known]
    if all(structure.is_spotless for structure in each):
        return each[-1]
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
    data = structure.data
    if not data:
        return
    if Layer.API in layers:
        found = (problem for rule in _rules(data.get("apiVersion"), data.get("kind")) for problem in rule.check(data))
        yield from found if structure.is_spotless else _unsaid(found, structure, Layer.SCHEMA in layers)
    if Layer.POLICY in layers:
        yield from check_object(data)


def _unsaid(problems: Problems, structure: Structure, is_shown: bool) -> Problems:
    """What the layer before has not said: that the value can't be decoded, or that the field `"name"` is missing."""
    undecodable = {problem.path for problem in structure.undecodable if problem.severity is None}
    missing = {
        (problem.path, problem.message.rpartition(" ")[2])
        for problem in structure.problems
        if problem.code is codes.MISSING_FIELD and is_shown
    }
    for problem in problems:
        is_missing = problem.code is EMPTY and (problem.path, problem.message.partition(" ")[0]) in missing
        if not is_missing and problem.path not in undecodable:
            yield problem


@cache
def _rules(api_version: object, kind: object) -> tuple[ObjectRule, ...]:
    name = f"{api_group(str(api_version or ''))}/{kind or ''}".removeprefix("/")
    return tuple(rule for rule in API_RULES if not rule.kinds or name in rule.kinds)


def _between(
    objects: Sequence[Manifest], structures: dict[_Key, Structure], layers: Collection[Layer], is_release: bool
) -> Iterator[tuple[Manifest, Problem]]:
    """What is wrong between the objects of one rendering."""
    if not {Layer.REFERENCES, Layer.POLICY} & set(layers):
        return
    for _, group in groupby(objects, key=lambda manifest: manifest.values_file):
        each = ((manifest, structures[_key(manifest)].data) for manifest in group)
        world = World.of(each, is_release=is_release)
        if Layer.REFERENCES in layers:
            for rule in REFERENCE_RULES:
                yield from rule(world)
        if Layer.POLICY in layers:
            yield from check_world(world)


def _finding(
    manifest: Manifest, problem: Problem, places: Places, book: Rulebook, values_files: Collection[str]
) -> Diagnostic | None:
    """The finding of a problem; None when the rulebook has its code off."""
    judged = book.judge(problem, values_files)
    if judged is None:
        return None
    message, hint = problem.message, problem.hint
    masked = problem.masked or holds_secret(manifest.data, problem.path)
    if masked and ", but is " in message:  # and then comes the value
        message, hint = message.partition(", but is ")[0], "write it in quotes"
    notes = tuple(Note(related.message, places.of(related.manifest, related.path)) for related in problem.related)
    return Diagnostic(
        problem.code,
        message,
        places.of_secret(manifest, problem.path) if masked else places.of(manifest, problem.path),
        hint,
        notes,
        manifest.ref,
        path_text(problem.path),
        judged[1],
        judged[0],
        masked,
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
