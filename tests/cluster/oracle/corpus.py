"""The valid objects that are spoilt: those of the validator's tests (`tests/validate/objects.py`, `bases/`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from generator.manifest import read_manifests
from tests.validate.objects import OBJECTS, bases


def objects(namespace: str, kinds: Collection[str] = ()) -> dict[str, Mapping[str, Any]]:
    """The objects by name, of these kinds (none: of all); those that name their namespace name this one."""
    plain = [manifest.data for text in OBJECTS.values() for manifest in read_manifests(text, "objects.py").objects]
    found: dict[str, Mapping[str, Any]] = {}
    for data in [*plain, *bases(namespace)]:
        kind, name = data["kind"], data["metadata"].get("name", "")
        if not kinds or kind in kinds:
            found[f"{kind} {name} ({len(found)})"] = data
    return found
