"""The schemas of Kubernetes' kinds, and of the custom resources that charts use most.

Input: apiVersion and kind. Output: a compiled :class:`Schema`. The schemas of Kubernetes come with the package
kubernetes-validate (strict: an unknown field is an error), those of custom resources with flowhelm
(`generator/schemas/<group>/<kind>_<version>.json`). A kind's schema is read and compiled once, when it is first needed.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from generator.manifest import Path as ObjectPath
from generator.validate.compilers import Check, Compiler, compiler
from generator.validate.decoding import Shape

_OWN: Final = Path(__file__).parents[1] / "schemas"
_API_VERSION = re.compile(r"(?:([a-z0-9](?:[-.a-z0-9]*[a-z0-9])?)/)?(v[a-z0-9]+)")
_KIND = re.compile(r"[A-Z][A-Za-z0-9]*")
_FOLDER = re.compile(r"v(\d+\.\d+)\.\d+-local-strict")

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


@dataclass(frozen=True)
class Schema:
    """The compiled schema of one kind."""

    document: Mapping[str, Any]
    check: Check
    definitions: Mapping[str, Any]

    def fields_at(self, path: ObjectPath) -> tuple[str, ...]:
        """The names of the fields that the mapping at `path` may have; empty when it may have any."""
        return tuple(self.at(path).get("properties", ()))

    def at(self, path: ObjectPath) -> Mapping[str, Any]:
        """The schema of the value at `path`; empty when there is none."""
        node = self.resolved(self.document)
        for step in path:
            inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
            node = self.resolved(inner if inner is not None else node.get("additionalProperties"))
        return node

    @cached_property
    def shape(self) -> Shape:
        """What the values of an object of this kind must decode to."""
        return Shape(self, self.document)

    def resolved(self, node: Any) -> Mapping[str, Any]:
        """The schema that a node refers to, or the node itself; empty when it is no schema."""
        while isinstance(node, dict) and "$ref" in node:
            reference = node["$ref"].rpartition("/")[2]
            node = self.document.get("$defs", {}).get(reference) or self.definitions.get(reference)
        return node if isinstance(node, dict) else {}


@dataclass(frozen=True)
class Schemas:
    """The schemas for one version of Kubernetes (`1.37`)."""

    version: str
    folder: Path

    def find(self, api_version: str, kind: str) -> Schema | None:
        """The schema of a kind; None when there is none."""
        return self._find(api_version, kind)

    def has(self, api_version: str, kind: str) -> bool:
        """Whether there is a schema for a kind."""
        return self._document(api_version, kind) is not None

    @cached_property
    def _find(self) -> Callable[[str, str], Schema | None]:
        return cache(self._compiled)

    def _compiled(self, api_version: str, kind: str) -> Schema | None:
        document = self._document(api_version, kind)
        if document is None:
            return None
        return Schema(document, self._compiler.compile(document), self._definitions["$defs"])

    def _document(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """What the schema says, with its references."""
        known = _API_VERSION.fullmatch(api_version)
        if not known or not _KIND.fullmatch(kind):
            return None
        group, version = known[1] or "", known[2]
        if group in BUILT_IN_GROUPS:
            name = f"{group.partition('.')[0]}-{version}" if group else version
            path = self.folder / f"{kind.lower()}-{name}.json"
        else:
            path = _OWN / group / f"{kind.lower()}_{version}.json"
        if not path.is_file():
            return None
        document: dict[str, Any] = json.loads(path.read_bytes())
        fields = document.get("properties", {})
        is_it = api_version in fields.get("apiVersion", {}).get("enum", ())
        return document if is_it and kind in fields.get("kind", {}).get("enum", ()) else None

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = json.loads((self.folder / "_definitions.json").read_bytes())
        return definitions

    @cached_property
    def _compiler(self) -> Compiler:
        return compiler(self._definitions)


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
