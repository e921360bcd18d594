"""The valid objects that are spoilt: those of the validator's tests, and the richer ones of `objects/*.yaml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from generator.manifest import read_manifests
from tests.validate.objects import OBJECTS

FOLDER = Path(__file__).parent / "objects"


def objects(kinds: Collection[str] = ()) -> dict[str, Mapping[str, Any]]:
    """The objects by name, of these kinds (none: of all). Raises `ValueError` for a file that can't be read."""
    texts = {name: text for name, text in OBJECTS.items()}
    texts |= {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
    found = {}
    for source, text in texts.items():
        read = read_manifests(text, source)
        if read.broken:
            raise ValueError(f"{source}: {read.broken[0]}")
        for manifest in read.objects:
            if not kinds or manifest.ref.kind in kinds:
                found[f"{source}: {manifest.ref.kind} {manifest.ref.name}"] = manifest.data
    return found
