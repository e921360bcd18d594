"""Makes the two sides of a comparison from short YAML."""

import copy
from pathlib import Path
from typing import Any

from generator.diff.comparison import diff
from generator.diff.model import ChartDiff
from generator.manifest import Manifest, read_manifests

CASES = Path(__file__).parents[1] / "cases" / "diff"


def manifests(text: str) -> tuple[Manifest, ...]:
    """The objects of a YAML stream; the test is wrong when one cannot be read."""
    found = read_manifests(text, "manifests.yaml")
    assert not found.broken, found.broken
    return found.objects


def compared(old: str, new: str) -> ChartDiff:
    """What changes between two YAML streams."""
    return diff(manifests(old), manifests(new))


def case(name: str) -> ChartDiff:
    """What changes between the two sides of a case."""
    return compared((CASES / name / "old.yaml").read_text(), (CASES / name / "new.yaml").read_text())


def of(*objects: dict[str, Any]) -> tuple[Manifest, ...]:
    """Manifests of data."""
    return tuple(Manifest(copy.deepcopy(data), "manifests.yaml") for data in objects)


def codes_of(found: ChartDiff) -> list[str]:
    """The codes of the findings."""
    return [finding.code.id for finding in found.findings]
