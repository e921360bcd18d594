"""The schemas of Kubernetes' kinds, and of the custom resources that charts use most.

Input: apiVersion and kind. Output: a compiled :class:`Schema`. The schemas of Kubernetes come with the package
kubernetes-validate (strict: an unknown field is an error), those of custom resources with flowhelm
(`generator/schemas/<group>/<kind>_<version>.json`). A kind's schema is read and compiled once, when it is first needed.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from generator.manifest import Path as ObjectPath
from generator.records import dataclass
from generator.regexes import regex
from generator.validate.compilers import BadSchema, Check, Compiler, compiler
from generator.validate.custom.definitions import Definitions, Description, Descriptions
from generator.validate.custom.formats import FORMATS, PREFIX
from generator.validate.decoding import Shape
from generator.validate.shared import Definitions as SharedDefinitions
from generator.validate.shared import definitions_in

_OWN: Final = Path(__file__).parents[1] / "schemas"
_API_VERSION = regex(r"(?:([a-z0-9](?:[-.a-z0-9]*[a-z0-9])?)/)?(v[a-z0-9]+)")
_KIND = regex(r"[A-Z][A-Za-z0-9]*")
_FOLDER = regex(r"v(\d+\.\d+)\.\d+-local-strict")

BUILT_IN_GROUPS: Final = frozenset(
    (
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "lifecycle.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    )
)
"""API groups that only Kubernetes itself has kinds in."""


# In a definition of a custom resource, a schema or something else, and what has no fields: the bundle leaves it open.
_SCHEMA: Final = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_STATUS: Final = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus"
_SCHEMA_OR: Final = {"Array": "array", "Bool": "boolean", "StringArray": "array"}


def _schema_or(other: str) -> dict[str, Any]:
    return {
        "type": ["object", other, "null"],
        "if": {"type": "object"},
        "then": {"$ref": f"#/$defs/{_SCHEMA}"},
    }


@dataclass(frozen=True)
class Schema:
    """The compiled schema of one kind."""

    document: Mapping[str, Any]
    check: Check
    definitions: Mapping[str, Any]
    description: Description | None = None
    """Of a custom resource whose definition is known."""

    def fields_at(self, path: ObjectPath) -> tuple[str, ...]:
        """The names of the fields that the mapping at `path` may have; empty when it may have any."""
        return tuple(self.at(path).get("properties", ()))

    def at(self, path: ObjectPath) -> Mapping[str, Any]:
        """The schema of the value at `path`; empty when there is none."""
        return self.resolved(self._raw_at(path)[-1])

    def is_loose(self, path: ObjectPath) -> bool:
        """Whether the API server drops unknown fields here without a word: schemas below items decode themselves."""
        references = (node.get("$ref", "") for node in self._raw_at(path) if isinstance(node, Mapping))
        return any(f"{_SCHEMA}Or" in reference for reference in references)

    def _raw_at(self, path: ObjectPath) -> list[Any]:
        """The schemas on the way to a place, as they are written."""
        found: list[Any] = [self.document]
        for step in path:
            node = self.resolved(found[-1])
            inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
            found.append(inner if inner is not None else node.get("additionalProperties"))
        return found

    @cached_property
    def is_built_in(self) -> bool:
        """Whether the kind is one of Kubernetes' own."""
        versions = self.document.get("properties", {}).get("apiVersion", {}).get("enum") or ("",)
        return str(versions[0]).rpartition("/")[0] in BUILT_IN_GROUPS

    @cached_property
    def shape(self) -> Shape:
        """What the values of an object of this kind must decode to."""
        return Shape(self, self.document)

    def resolved(self, node: Any) -> Mapping[str, Any]:
        """The schema that a node refers to, or the node itself; empty when it is no schema."""
        while isinstance(node, dict) and (found := node if "$ref" in node else node.get("then")):
            reference = found["$ref"].rpartition("/")[2]
            node = self.document.get("$defs", {}).get(reference) or self.definitions.get(reference)
        return node if isinstance(node, dict) else {}


@dataclass(frozen=True)
class Schemas:
    """The schemas for one version of Kubernetes (`1.37`).

    `places` describe custom resources, the first one that knows a kind counts; what flowhelm has itself comes last.
    `unusable` gathers, by the place they come from, the schemas that can't be used and why.
    """

    version: str
    folder: Path
    places: tuple[Descriptions, ...] = ()
    unusable: dict[str, str] = field(default_factory=dict, compare=False)

    def knowing(self, places: Sequence[Descriptions]) -> Schemas:
        """These schemas, and what is described at other places."""
        return replace(self, places=tuple(places), unusable={})

    def get_ready(self) -> None:
        """Read what the schemas share."""
        _shelf(self.folder)

    def find(self, api_version: str, kind: str) -> Schema | None:
        """The schema of a kind; None when there is none."""
        return self._find(api_version, kind) if self.places else _bundled(self.folder, api_version, kind)

    def served(self, api_version: str, kind: str) -> tuple[str, ...] | None:
        """The API versions in which a definition among the objects serves a kind; None when none defines it."""
        own = (place for place in self.places if isinstance(place, Definitions) and not place.origin)
        return next((found for place in own if (found := place.served(api_version, kind)) is not None), None)

    def has(self, api_version: str, kind: str) -> bool:
        """Whether there is a schema for a kind among those that are bundled."""
        return _document(self.folder, api_version, kind) is not None

    @cached_property
    def _find(self) -> Callable[[str, str], Schema | None]:
        return cache(self._described)

    def _described(self, api_version: str, kind: str) -> Schema | None:
        known = _API_VERSION.fullmatch(api_version)
        if known and _KIND.fullmatch(kind) and (known[1] or "") not in BUILT_IN_GROUPS:
            for place in self.places:
                description = place.find(api_version, kind)
                if description and (schema := self._compiled(description, f"{api_version} {kind}")):
                    return schema
        return _bundled(self.folder, api_version, kind)

    def _compiled(self, description: Description, named: str) -> Schema | None:
        shelf = _shelf(self.folder)
        formats = {PREFIX + name: test for name, test in FORMATS.items()}
        try:
            if description.document is None:
                raise BadSchema("it is no JSON schema")
            check = shelf.compiler.compile(description.document, formats)
        except BadSchema as error:
            reason = str(error).splitlines()[0]
            self.unusable[f"the schema of {named} in {description.origin or 'the input'}"] = reason
            return None
        return Schema(description.document, check, shelf.definitions, description)


@dataclass(frozen=True)
class _Shelf:
    """What the schemas of one version share."""

    definitions: SharedDefinitions
    compiler: Compiler


@cache
def _shelf(folder: Path) -> _Shelf:
    bundled = definitions_in((folder / "_definitions.json").read_bytes())
    changes = {
        name: bundled[name] | _schema_or(others)
        for kind, others in _SCHEMA_OR.items()
        if (name := f"{_SCHEMA}Or{kind}") in bundled
    }
    if _STATUS in bundled:
        changes[_STATUS] = bundled[_STATUS] | {"additionalProperties": False}
    definitions = bundled.changed(changes)
    return _Shelf(definitions, compiler(definitions))


@cache
def _bundled(folder: Path, api_version: str, kind: str) -> Schema | None:
    """The schema of a kind that comes with kubernetes-validate or flowhelm, compiled once."""
    document = _document(folder, api_version, kind)
    if document is None:
        return None
    shelf = _shelf(folder)
    return Schema(document, shelf.compiler.compile(document), shelf.definitions)


def _document(folder: Path, api_version: str, kind: str) -> dict[str, Any] | None:
    """What the schema says, with its references."""
    known = _API_VERSION.fullmatch(api_version)
    if not known or not _KIND.fullmatch(kind):
        return None
    group, version = known[1] or "", known[2]
    if group in BUILT_IN_GROUPS:
        name = f"{group.partition('.')[0]}-{version}" if group else version
        path = folder / f"{kind.lower()}-{name}.json"
    else:
        path = _OWN / group / f"{kind.lower()}_{version}.json"
    if not path.is_file():
        return None
    document: dict[str, Any] = json.loads(path.read_bytes())
    fields = document.get("properties", {})
    is_it = api_version in fields.get("apiVersion", {}).get("enum", ())
    return document if is_it and kind in fields.get("kind", {}).get("enum", ()) else None


@cache
def available_versions() -> Mapping[str, Path]:
    """The Kubernetes versions whose schemas are installed, oldest first, with their folders."""
    spec = importlib.util.find_spec("kubernetes_validate")
    roots = list(spec.submodule_search_locations or ()) if spec else []
    folders = [path for root in roots for path in Path(root, "kubernetes-json-schema").iterdir()]
    found = {match[1]: path for path in folders if (match := _FOLDER.fullmatch(path.name))}
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


@cache
def schemas_for(version: str) -> Schemas | None:
    """The schemas of a Kubernetes version (`1.33`, `v1.33.2`); None when they aren't installed."""
    minor = ".".join(version.removeprefix("v").split(".")[:2])
    folder = available_versions().get(minor)
    return Schemas(minor, folder) if folder else None
