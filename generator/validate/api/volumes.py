"""Volumes of pods, and the claims that StatefulSets and users make.

Source: kubernetes pkg/apis/core/validation (ValidateVolumes, ValidatePersistentVolumeClaimSpec).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.metadata import meta
from generator.validate.api.sources import source
from generator.validate.api.storage import ACCESS_MODES, access_modes
from generator.validate.api.tables import checked, field, named, need, one_of, selector
from generator.validate.model import Data, ObjectRule, Problem, Problems

_LONGEST_PORTAL: Final = 64


def volumes(items: Any, path: Path, pod: str = "", *, is_pod: bool = False, replaced: Collection[Any] = ()) -> Problems:
    """The volumes of a pod; `pod` is its name where that is known, as claims of its own are named after it.

    `is_pod`: it is a Pod, not a template of one. `replaced` are names for which a StatefulSet has claims instead; the
    API server does not look at volumes that have them.
    """
    items = [{} if volume.get("name") in replaced else volume for volume in items]
    own = {f"{pod}-{volume.get('name')}" for volume in items if pod and volume.get("ephemeral") is not None}
    for index, volume in enumerate(items):
        if not volume:
            continue
        here, name = (*path, index), volume.get("name", "")
        yield from fields.named(volume.get("name"), names.dns_label_mistake, (*here, "name"))
        sources = [key for key in volume if key != "name"]  # none at all is an emptyDir
        if len(sources) > 1:
            message = f'the volume "{name}" has {len(sources)} sources: {", ".join(sources)}'
            yield Problem(codes.ALTERNATIVES, message, here)
        for key in sources:
            yield from source(key, volume[key], (*here, key))
        if volume.get("ephemeral") is not None:
            yield from _ephemeral(volume["ephemeral"], (*here, "ephemeral"))
            if pod and names.subdomain_mistake(f"{pod}-{name}"):
                yield Problem(codes.NAME, f'"{pod}-{name}" cannot be the name of its claim', (*here, "name"))
        if (volume.get("persistentVolumeClaim") or {}).get("claimName") in own:
            message = "the claim of an ephemeral volume cannot be used by another volume"
            yield Problem(codes.COMBINATION, message, (*here, "persistentVolumeClaim", "claimName"))
        if is_pod and volume.get("image") is not None and not volume["image"].get("reference"):
            yield Problem(codes.EMPTY, "reference is missing", (*here, "image"))
        if (volume.get("iscsi") or {}).get("initiatorName") is not None:
            portal = f"{name}:{volume['iscsi'].get('targetPortal', '')}"
            if len(portal) > _LONGEST_PORTAL:
                message = f'"{portal}" must have at most {_LONGEST_PORTAL} characters with an initiatorName'
                yield Problem(codes.NAME, message, (*here, "name"))
    yield from fields.unique(items, "name", path)


def _ephemeral(value: Data, path: Path) -> Problems:
    template = value.get("volumeClaimTemplate")
    if template is None:
        yield Problem(codes.EMPTY, "volumeClaimTemplate is missing", path)
        return
    metadata, here = template.get("metadata") or {}, (*path, "volumeClaimTemplate", "metadata")
    yield from meta(metadata, here)
    for key in metadata:
        if key not in ("labels", "annotations"):
            yield Problem(codes.COMBINATION, f"a template of a claim has no {key}", (*here, key))
    yield from claim(template.get("spec") or {}, (*path, "volumeClaimTemplate", "spec"))


_CLAIM: Final = (
    field("accessModes[]", one_of(*ACCESS_MODES)),
    field("volumeMode", one_of("Block", "Filesystem")),
    field("storageClassName", named(names.subdomain_mistake, or_empty=True)),
    field("volumeAttributesClassName", named(names.subdomain_mistake, or_empty=True)),
    field("selector", selector),
)
_ORIGIN: Final = (need("kind"), need("name"), field("apiGroup", named(names.subdomain_mistake, or_empty=True)))
_CLAIM_KIND: Final = "PersistentVolumeClaim"
_ORIGINS: Final = (("", _CLAIM_KIND), ("snapshot.storage.k8s.io", "VolumeSnapshot"))


def claim(spec: Data, path: Path, *, is_own: bool = False) -> Problems:
    """The spec of a PersistentVolumeClaim; `is_own`: it is an object, not a template of one."""
    yield from fields.required(spec, "accessModes", path, "a claim needs accessModes")
    yield from checked(spec, _CLAIM, path)
    yield from access_modes(spec.get("accessModes") or (), (*path, "accessModes"))
    requests = (spec.get("resources") or {}).get("requests") or {}
    if requests.get("storage") is None:
        yield Problem(codes.EMPTY, "a claim needs resources.requests.storage", path)
    yield from fields.quantity(requests.get("storage"), (*path, "resources", "requests", "storage"), above=True)
    yield from _origins(spec, path, is_own=is_own)


def _origins(spec: Data, path: Path, *, is_own: bool) -> Problems:
    """Where the volume's content comes from. Of a claim, the API server drops a dataSource that is neither of both,
    unless a dataSourceRef stands beside it.
    """
    old, new = spec.get("dataSource"), spec.get("dataSourceRef")
    if is_own and old is not None and new is None and (old.get("apiGroup") or "", old.get("kind")) not in _ORIGINS:
        old = None
    for key, origin in (("dataSource", old), ("dataSourceRef", new)):
        if origin is None:
            continue
        here = (*path, key)
        yield from checked(origin, _ORIGIN, here)
        if origin.get("kind") and not origin.get("apiGroup") and origin["kind"] != _CLAIM_KIND:
            yield Problem(codes.COMBINATION, f"without apiGroup the kind must be {_CLAIM_KIND}", (*here, "kind"))
    if (
        old is not None
        and new is not None
        and any(old.get(key) != new.get(key) for key in ("apiGroup", "kind", "name"))
    ):
        yield Problem(codes.COMBINATION, "dataSource and dataSourceRef must be the same", (*path, "dataSource"))


def _claim(data: Data) -> Problems:
    yield from claim(data.get("spec") or {}, ("spec",), is_own=True)


RULES = (ObjectRule(_claim, ("PersistentVolumeClaim",)),)
