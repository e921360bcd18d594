"""Which schemas count: those of the versions of Kubernetes that were asked for, and what describes custom resources.

Input: versions, `--schema-location`s, and the objects that are checked. Output: the :class:`Schemas` of each version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.diagnostics import Diagnostics
from generator.manifest import Manifest
from generator.records import dataclass
from generator.validate import codes
from generator.validate.custom.definitions import CRD, Definitions, Descriptions, is_definition
from generator.validate.custom.locations import read_location
from generator.validate.schemas import Schemas, available_versions, schemas_for
from generator.validate.structure import check_structure


@dataclass(frozen=True)
class Custom:
    """What users say of custom resources: where they are described, and whether each has to be."""

    places: tuple[Descriptions, ...] = ()
    is_strict: bool = False


def read_places(locations: Sequence[str], diagnostics: Diagnostics) -> tuple[Descriptions, ...]:
    """The places that `--schema-location`s name; one that can't be read is in `diagnostics`."""
    found = (read_location(location, _well_typed, diagnostics) for location in locations)
    return tuple(place for place in found if place)


def known_schemas(
    versions: Sequence[str], objects: Iterable[Manifest], custom: Custom, diagnostics: Diagnostics
) -> tuple[Schemas, ...]:
    """The schemas of each version that there are schemas for.

    What a `--schema-location` says of a custom resource counts before the definitions among the objects themselves.
    """
    known = tuple(_of_versions(versions, diagnostics))
    own = Definitions.of(_well_typed(manifest for manifest in objects if is_definition(manifest)))
    places = (*custom.places, *([own] if own.crds else ()))
    return tuple(schemas.knowing(places) for schemas in known) if places else known


def get_ready(versions: Sequence[str]) -> None:
    """Load what every check needs, whatever the objects are: for a moment in which there is nothing else to do."""
    for version in versions:
        if schemas := schemas_for(version):
            schemas.get_ready()


def _of_versions(versions: Sequence[str], diagnostics: Diagnostics) -> Iterator[Schemas]:
    for version in dict.fromkeys(versions):
        schemas = schemas_for(version)
        if schemas:
            yield schemas
        else:
            there = list(available_versions())
            hint = f"choose one from {there[0]} to {there[-1]}" if there else "install the package kubernetes-validate"
            diagnostics.add(codes.NO_SCHEMAS, f"there are no schemas for Kubernetes {version}", hint=hint)


def _well_typed(objects: Iterable[Manifest]) -> Iterator[Manifest]:
    """The CustomResourceDefinitions among some objects, without what has the wrong type."""
    schemas = schemas_for(next(reversed([*available_versions()]), ""))
    for manifest in objects:
        if schemas and (manifest.ref.api_version, manifest.ref.kind) == CRD:
            yield replace(manifest, data=check_structure(manifest, schemas).data)
