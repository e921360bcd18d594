"""Compares the validator's verdicts with the server's: a table by kind, and where they differ."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import Manifest, Manifests
from generator.validate.model import Layer
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests
from tests.cluster.oracle.mutations import Mutant
from tests.cluster.oracle.server import Answer

MISSED, FALSE_ALARM = "only the server refuses", "only we refuse"


@dataclass(frozen=True)
class Difference:
    """A mutant on which the two do not agree. `said` is what the one that refuses it says."""

    how: str
    mutant: Mutant
    said: str


@dataclass
class Tally:
    """The mutants of one kind."""

    mutants: int = 0
    refused: int = 0
    found: int = 0
    false_alarms: int = 0
    undecided: int = 0

    @property
    def recall(self) -> float:
        """The share of what the server refuses that the validator refuses too; 0 without any."""
        return self.found / self.refused if self.refused else 0.0


@dataclass
class Comparison:
    """All mutants: a tally by kind, and the differences."""

    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    differences: list[Difference] = field(default_factory=list)

    @property
    def total(self) -> Tally:
        """All kinds together."""
        total = Tally()
        for tally in self.kinds.values():
            for name in vars(total):
                setattr(total, name, getattr(total, name) + getattr(tally, name))
        return total


def errors(data: Mapping[str, Any], version: str) -> list[str]:
    """What the validator calls an error in one object."""
    diagnostics = Diagnostics()
    manifests = Manifests((Manifest(data, "object.yaml", text=json.dumps(data)),))
    validate_manifests(manifests, [version], diagnostics, FilePlaces(), [Layer.SCHEMA, Layer.API])
    return [finding.message for finding in diagnostics if finding.severity is Severity.ERROR]


def compare(mutants: Sequence[Mutant], answers: Sequence[Answer], version: str) -> Comparison:
    """The verdicts on each mutant."""
    found = Comparison()
    for mutant, answer in zip(mutants, answers, strict=True):
        tally = found.kinds[mutant.kind]
        tally.mutants += 1
        if answer.depends_on_others:
            tally.undecided += 1
            continue
        differs = difference(mutant, answer, version)
        if differs:
            found.differences.append(differs)
        if answer.is_taken:
            tally.false_alarms += differs is not None
        else:
            tally.refused += 1
            tally.found += differs is None
    return found


def difference(mutant: Mutant, answer: Answer, version: str) -> Difference | None:
    """How the verdicts on one mutant differ; None when they agree, or when the answer is not about it alone."""
    if answer.depends_on_others:
        return None
    ours = errors(mutant.data, version)
    if answer.is_taken:
        return Difference(FALSE_ALARM, mutant, ours[0]) if ours else None
    return None if ours else Difference(MISSED, mutant, answer.message)


def table(found: Comparison) -> Iterator[str]:
    """The tally by kind as a table in Markdown."""
    yield "| kind | mutants | refused by the server | found | recall % | false alarms | undecided |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, tally in [*sorted(found.kinds.items()), ("all", found.total)]:
        yield (
            f"| {name} | {tally.mutants} | {tally.refused} | {tally.found} | {100 * tally.recall:.2f} "
            f"| {tally.false_alarms} | {tally.undecided} |"
        )


def grouped(differences: Iterable[Difference]) -> list[list[Difference]]:
    """The differences by what is said, without what differs from object to object; the most frequent first."""
    groups: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for each in differences:
        groups[each.how, _general(each.said)].append(each)
    return sorted(groups.values(), key=lambda group: (group[0].how != FALSE_ALARM, -len(group)))


def _general(said: str) -> str:
    said = re.sub(r"^.*? is invalid: (\[)?", "", said)
    said = re.sub(r'"(?:[^"\\]|\\.)*"', '"…"', said)
    said = re.sub(r"\[\d+\]|\[[^\]]{0,60}\]", "[…]", said)
    said = re.sub(r"^.*?((?:volumes|containers|initContainers|ephemeralContainers)\[)", r"…\1", said)
    return re.sub(r"\b\d+\b", "N", said)[:160]
