"""Where users keep the schemas of custom resources: `--schema-location`.

Input: a folder, a file, or a template of paths as kubeconform has them. Output: a place that describes kinds. Nothing
is fetched. A folder holds definitions (YAML), and schemas in the layout of the CRDs-catalog, `GROUP/KIND_VERSION.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from generator.diagnostics import Diagnostics
from generator.manifest import Manifest, read_manifests
from generator.records import dataclass
from generator.regexes import regex
from generator.validate import codes
from generator.validate.custom.definitions import Definitions, Description, Descriptions, described_by

_ACTION: Final = regex(r"\{\{-?\s*(.*?)\s*-?\}\}")
_FIELD: Final = regex(r"\.[A-Za-z]+")
_ADDRESS: Final = regex(r"[A-Za-z][A-Za-z0-9+.-]*://")
_YAML: Final = frozenset((".yaml", ".yml"))
_LARGEST: Final = 64 << 20
BUNDLED: Final = "default"
"""As kubeconform calls the schemas that it has itself; here those always count."""

Clean = Callable[[Iterable[Manifest]], Iterable[Manifest]]
"""Leaves out of definitions what has the wrong type."""


@dataclass(frozen=True)
class Template:
    """Paths of JSON schemas, made of a kind and its API version."""

    text: str

    def find(self, api_version: str, kind: str) -> Description | None:
        """What the file of a kind says."""
        values = _fields(api_version, kind)
        path = _ACTION.sub(lambda action: values[action[1].removeprefix(".")], self.text)
        return _schema_in(Path(path))


@dataclass(frozen=True)
class Folder:
    """A folder of schemas and definitions."""

    path: Path
    clean: Clean

    def find(self, api_version: str, kind: str) -> Description | None:
        """What a file of the CRDs-catalog's layout says of a kind, else a definition."""
        group, _, version = api_version.rpartition("/")
        name = f"{kind.lower()}_{version}.json"
        beside = self.path / name if self.path.name == group else None
        for path in filter(None, (self.path / group / name, beside)):
            if found := _schema_in(path):
                return found
        return self._definitions.find(api_version, kind)

    @cached_property
    def _definitions(self) -> Definitions:
        files = sorted(path for path in self.path.rglob("*") if path.suffix in _YAML and path.is_file())
        objects = (manifest for path in files for manifest in _definitions_in(path))
        return Definitions.of(self.clean(objects), str(self.path))


@dataclass(frozen=True)
class File:
    """One JSON schema; its path says of what, as in the CRDs-catalog."""

    path: Path

    def find(self, api_version: str, kind: str) -> Description | None:
        """What it says, when it is about this kind."""
        group, _, version = api_version.rpartition("/")
        is_it = self.path.name == f"{kind.lower()}_{version}.json" and self.path.absolute().parent.name == group
        found = _schema_in(self.path)
        fields = (found.source.get("properties") or {}) if found else {}
        says = [fields.get(key, {}).get("enum") for key in ("apiVersion", "kind")]
        return found if is_it or says == [[api_version], [kind]] else None


def read_location(text: str, clean: Clean, diagnostics: Diagnostics) -> Descriptions | None:
    """The place that a `--schema-location` names; None, with the reason in `diagnostics`, when there is none.

    `default` names none: the schemas that come with flowhelm are always there.
    """
    path = Path(text)
    if text == BUNDLED:
        return None
    if _ADDRESS.match(text):
        _report(f"{text} is an address, and schemas are not fetched", "fetch them, and name the folder", diagnostics)
    elif "{{" in text:
        return _template(text, diagnostics)
    elif path.is_dir():
        return Folder(path, clean)
    elif not path.is_file():
        _report(f"there is no file or folder {text}", "", diagnostics)
    elif path.suffix == ".json" and (schema := _schema_in(path)) and "spec" not in schema.source:
        return File(path)
    else:
        found = Definitions.of(clean(_definitions_in(path)), text)
        if found.crds:
            return found
        _report(
            f"{text} holds neither a CustomResourceDefinition of apiextensions.k8s.io/v1 nor a JSON schema",
            "",
            diagnostics,
        )
    return None


def _report(message: str, hint: str, diagnostics: Diagnostics) -> None:
    diagnostics.add(codes.BAD_LOCATION, message, hint=hint)


def _template(text: str, diagnostics: Diagnostics) -> Template | None:
    known = _fields("v1", "Kind")
    for action in _ACTION.findall(text):
        if not _FIELD.fullmatch(action) or action[1:] not in known:
            fields = ", ".join(f".{name}" for name in known)
            _report(f"{{{{ {action} }}}} in {text} is not known", f"there are {fields}", diagnostics)
            return None
    return Template(text)


def _fields(api_version: str, kind: str) -> dict[str, str]:
    """What a template may name, as in kubeconform."""
    group, _, version = api_version.rpartition("/")
    suffix = f"-{group.partition('.')[0]}-{version}" if group else f"-{version}"
    return {
        "ResourceKind": kind.lower(),
        "ResourceAPIVersion": version,
        "Group": group,
        "KindSuffix": suffix,
        "StrictSuffix": "-strict",
        "NormalizedKubernetesVersion": "master",
    }


def _definitions_in(path: Path) -> Iterator[Manifest]:
    """The objects of a file that holds definitions; other files aren't parsed."""
    data = _read(path)
    if b"CustomResourceDefinition" in data:
        yield from read_manifests(data.decode("utf-8-sig", errors="replace"), str(path)).objects


@cache
def _schema_in(path: Path) -> Description | None:
    """The JSON schema of a file; None when it isn't there, or is none."""
    try:
        schema: Any = json.loads(_read(path) or "null")
    except (ValueError, RecursionError):
        return None
    return described_by(schema, str(path)) if isinstance(schema, dict) else None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""
