"""Pairs the objects of two sides: first by identity, then renamed ones by likeness.

Input: two sequences of manifests. Output: pairs, in which one side may be missing. Identity is Helm's: API group, kind,
namespace and name, without the version (Helm ≥ 4.1.1; in 4.0 the version counted, and a new apiVersion deleted the
object: https://github.com/helm/helm/pull/31772).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from generator.diff.model import Tree, dotted, leaves
from generator.diff.normal import normalise
from generator.kube.workloads import api_group
from generator.manifest import Manifest
from generator.records import dataclass

RENAMED_FROM: Final = 0.6
"""The least likeness at which one object removed and one added are shown as one that was renamed."""

_NAME_WEIGHT: Final = 4
_ALL_PAIRS: Final = 10_000
_NEIGHBOURS: Final = 20

Identity: TypeAlias = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Side:
    """An object of one side with its tree."""

    manifest: Manifest
    tree: dict[str, Tree]


Pair: TypeAlias = tuple[Side | None, Side | None]


def pairs(old: Sequence[Manifest], new: Sequence[Manifest], namespace: str) -> list[Pair]:
    """Every object of both sides once, alone or with its counterpart, sorted by kind and name."""
    before, after = _by_identity(old, namespace), _by_identity(new, namespace)
    removed = {key: side for key, side in before.items() if key not in after}
    added = {key: side for key, side in after.items() if key not in before}
    renamed = _renamed(removed, added)
    gone = {was for was, _ in renamed}
    come = {now for _, now in renamed}
    found: list[tuple[Identity, Pair]] = [(now, (removed[was], added[now])) for was, now in renamed]
    found += [(key, (side, after.get(key))) for key, side in before.items() if key not in gone]
    found += [(key, (None, side)) for key, side in added.items() if key not in come]
    return [pair for _, pair in sorted(found, key=lambda item: item[0])]


def _by_identity(manifests: Iterable[Manifest], namespace: str) -> dict[Identity, Side]:
    """The objects by identity; of equal ones the first meets the other side's first, the second its second."""
    found: dict[Identity, Side] = {}
    for manifest in manifests:
        ref = manifest.ref
        key = (api_group(ref.api_version), ref.kind, ref.namespace or namespace, ref.name)
        count = 0
        while (*key, count) in found:
            count += 1
        found[(*key, count)] = Side(manifest, normalise(manifest, namespace))
    return found


def _renamed(removed: dict[Identity, Side], added: dict[Identity, Side]) -> list[tuple[Identity, Identity]]:
    """The likeliest pairs of each kind; every object is in one pair at most."""
    features = {key: _features(side) for side_of in (removed, added) for key, side in side_of.items()}
    scored = []
    for was, now in _candidates(removed, added):
        score = _likeness(features[was], features[now], was[3], now[3])
        if score >= RENAMED_FROM:
            scored.append((-score, was, now))
    taken: set[Identity] = set()
    chosen = []
    for _, was, now in sorted(scored):
        if was not in taken and now not in taken:
            taken |= {was, now}
            chosen.append((was, now))
    return chosen


def _candidates(removed: dict[Identity, Side], added: dict[Identity, Side]) -> Iterator[tuple[Identity, Identity]]:
    """Pairs of one kind: all of them, or of very many objects only those whose names are neighbours in the alphabet."""
    for kind in sorted({key[:2] for key in removed} & {key[:2] for key in added}):
        olds = sorted((key for key in removed if key[:2] == kind), key=_name_first)
        news = sorted((key for key in added if key[:2] == kind), key=_name_first)
        if len(olds) * len(news) <= _ALL_PAIRS:
            yield from ((was, now) for was in olds for now in news)
            continue
        for index, was in enumerate(olds):
            middle = index * len(news) // len(olds)
            yield from ((was, now) for now in news[max(0, middle - _NEIGHBOURS) : middle + _NEIGHBOURS])


def _name_first(key: Identity) -> tuple[str, Identity]:
    return key[3], key


def _features(side: Side) -> frozenset[tuple[str, object]]:
    """What an object says, one entry a field (a line of a long text), with its own name left out wherever it stands."""
    found: set[tuple[str, object]] = set()
    name = side.manifest.ref.name
    for path, leaf in leaves(side.tree):
        if path[:2] in (("metadata", "name"), ("metadata", "namespace")) or path in (("kind",), ("apiVersion",)):
            continue
        place = dotted(path)
        if leaf.value == name and name:
            found.add((place, None))
        elif isinstance(leaf.value, str) and "\n" in leaf.value:
            found |= {(place, line) for line in leaf.value.splitlines()}
        elif not leaf.is_default:
            found.add((place, leaf.meaning))
    return frozenset(found)


def _likeness(was: frozenset[object], now: frozenset[object], old_name: str, new_name: str) -> float:
    """From 0 to 1: the share of what both say; the likeness of the names counts as much as a few fields."""
    names = SequenceMatcher(None, old_name, new_name, autojunk=False).ratio()
    size = (len(was) + len(now)) / 2
    return (len(was & now) + _NAME_WEIGHT * names) / (size + _NAME_WEIGHT)
