"""Definitions of custom resources: CustomResourceDefinitions, and JSON schemas that were made of them.

Input: objects and schemas. Output: :class:`Definition` by API group and kind, with what its versions say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final, Protocol

from generator.kube.workloads import value_at
from generator.manifest import Manifest
from generator.records import dataclass
from generator.validate.custom.structural import is_schema, of_catalog, of_definition

CRD: Final = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")


@dataclass(frozen=True)
class Description:
    """What is known of one kind in one API version.

    `source` is the schema as it was written, with all that is no JSON schema; `document` the JSON schema made of it,
    None when it is no schema at all. `deprecation` is what the API server warns of; empty when there is nothing.
    """

    source: Mapping[str, Any]
    document: Mapping[str, Any] | None
    origin: str = ""
    deprecation: str = ""


class Descriptions(Protocol):
    """Where custom resources are described."""

    def find(self, api_version: str, kind: str) -> Description | None:
        """The description of a kind; None when there is none here."""
        ...


@dataclass(frozen=True)
class Definitions:
    """CustomResourceDefinitions, by API group and kind; of two of one name the first counts."""

    crds: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    origin: str = ""

    @classmethod
    def of(cls, objects: Iterable[Manifest], origin: str = "") -> Definitions:
        """Those among some objects."""
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for manifest in objects:
            if is_definition(manifest):
                spec = manifest.data["spec"]
                found.setdefault((spec["group"], spec["names"]["kind"]), spec)
        return cls(found, origin)

    def find(self, api_version: str, kind: str) -> Description | None:
        """The description of a kind in an API version that is served."""
        spec = self.crds.get((api_version.rpartition("/")[0], kind))
        for version in (spec or {}).get("versions") or ():
            if isinstance(version, Mapping) and version.get("name") == api_version.rpartition("/")[2]:
                return _description(version, api_version, kind, self.origin)
        return None

    def served(self, api_version: str, kind: str) -> tuple[str, ...] | None:
        """The API versions in which a kind is served; None when it is not defined here."""
        group = api_version.rpartition("/")[0]
        spec = self.crds.get((group, kind))
        return None if spec is None else tuple(f"{group}/{name}" for name in _served(spec))


def is_definition(manifest: Manifest) -> bool:
    """Whether an object is a CustomResourceDefinition that says what it defines."""
    if (manifest.ref.api_version, manifest.ref.kind) != CRD:
        return False
    texts = (value_at(manifest.data, path) for path in (("spec", "group"), ("spec", "names", "kind")))
    return all(isinstance(text, str) for text in texts) and isinstance(
        value_at(manifest.data, ("spec", "versions")), list
    )


def _served(spec: Mapping[str, Any]) -> Iterator[str]:
    for version in spec["versions"]:
        if isinstance(version, Mapping) and version.get("served"):
            yield str(version.get("name"))


def _description(version: Mapping[str, Any], api_version: str, kind: str, origin: str) -> Description | None:
    schema = value_at(version, ("schema", "openAPIV3Schema"))
    if not isinstance(schema, Mapping) or not version.get("served"):
        return None
    has_status = value_at(version, ("subresources", "status")) is not None
    document = of_definition(schema, api_version, kind, has_status) if is_schema(schema) else None
    warning = version.get("deprecationWarning") or f"{api_version} {kind} is deprecated"
    return Description(schema, document, origin, str(warning) if version.get("deprecated") else "")


def described_by(schema: Mapping[str, Any], origin: str = "") -> Description:
    """The description that a JSON schema of the CRDs-catalog gives."""
    return Description(schema, of_catalog(schema) if is_schema(schema) else None, origin)
