"""Why Kubernetes does not know a kind: removed, not there yet, in another API version, or misspelt.

Input: apiVersion, kind, and the schemas of the version that was asked for. Output: words for a hint.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

from generator.validate.lifecycle import LIVES, minor
from generator.validate.schemas import Schemas, available_versions, schemas_for


def why_missing(api_version: str, kind: str, schemas: Schemas) -> str:
    """What is known of a kind that these schemas do not hold, and what to write instead; empty when nothing is."""
    life = LIVES.get((api_version, kind))
    if life and life.is_removed_in(schemas.version):
        return f"Kubernetes {life.removed} removed it" + (f": {life.advice}" if life.advice else "")
    later = (version for version in available_versions() if minor(version) > minor(schemas.version))
    since = next((version for version in later if _has(version, api_version, kind)), None)
    if since:
        return f"it comes with Kubernetes {since}"
    homes = sorted({found for found, name in _kinds(schemas, f"{kind.lower()}-*") if name == kind})
    if homes:
        return f"write `apiVersion: {' or '.join(homes)}`"
    names = [name for found, name in _kinds(schemas, "*") if found == api_version]
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(kind.lower(), lower, n=1, cutoff=0.8)
    return f'did you mean "{lower[near[0]]}"?' if near else ""


def _has(version: str, api_version: str, kind: str) -> bool:
    schemas = schemas_for(version)
    return schemas is not None and schemas.has(api_version, kind)


def _kinds(schemas: Schemas, pattern: str) -> Iterator[tuple[str, str]]:
    """The apiVersion and kind of the schemas whose file names match. A schema for a part of an object has none."""
    for path in sorted(schemas.folder.glob(f"{_plain(pattern)}.json")):
        fields = json.loads(path.read_bytes()).get("properties", {})
        for api_version in fields.get("apiVersion", {}).get("enum", ()):
            for kind in fields.get("kind", {}).get("enum", ()):
                if not kind.endswith("List"):
                    yield api_version, kind


def _plain(pattern: str) -> str:
    """Without what means something in a pattern, or leads to another folder."""
    return "".join(letter for letter in pattern if letter.isalnum() or letter in "-*")
