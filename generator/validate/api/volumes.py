"""Volumes of pods, and the claims that StatefulSets and users make.

Source: kubernetes pkg/apis/core/validation (ValidateVolumes, ValidatePersistentVolumeClaimSpec).
"""

from __future__ import annotations

from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.containers import inside
from generator.validate.model import Data, ObjectRule, Problem, Problems

_ACCESS: Final = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")


def volumes(items: Any, path: Path) -> Problems:
    """The volumes of a pod."""
    for index, volume in enumerate(items):
        here = (*path, index)
        yield from fields.named(volume.get("name"), names.dns_label_mistake, (*here, "name"))
        sources = [key for key in volume if key != "name"]  # none at all is an emptyDir
        if len(sources) > 1:
            message = f'the volume "{volume.get("name", "")}" has {len(sources)} sources: {", ".join(sources)}'
            yield Problem(codes.ALTERNATIVES, message, here)
        for key in sources:
            yield from _source(key, volume[key], (*here, key))
    yield from fields.unique(items, "name", path)


def _source(key: str, source: Data, path: Path) -> Problems:
    match key:
        case "emptyDir":
            yield from fields.quantity(source.get("sizeLimit"), (*path, "sizeLimit"))
        case "configMap" | "secret" | "downwardAPI":
            yield from _mode(source.get("defaultMode"), (*path, "defaultMode"))
            if key == "configMap":
                yield from fields.required(source, "name", path, "the volume's ConfigMap has no name")
            if key == "secret":
                yield from fields.required(source, "secretName", path, "the volume's Secret has no name")
            yield from _items(source.get("items") or (), (*path, "items"))
        case "projected":
            yield from _mode(source.get("defaultMode"), (*path, "defaultMode"))
            for index, part in enumerate(source.get("sources") or ()):
                for inner in ("configMap", "secret", "downwardAPI"):
                    here = (*path, "sources", index, inner, "items")
                    yield from _items((part.get(inner) or {}).get("items") or (), here)
        case "hostPath":
            yield from fields.required(source, "path", path)
            if ".." in str(source.get("path", "")).split("/"):
                yield Problem(codes.PATH, "the path of a hostPath volume holds no ..", (*path, "path"))
        case "persistentVolumeClaim":
            yield from fields.required(source, "claimName", path)
        case "ephemeral":
            template = source.get("volumeClaimTemplate") or {}
            yield from claim(template.get("spec") or {}, (*path, "volumeClaimTemplate", "spec"))


def _mode(mode: int | None, path: Path) -> Problems:
    if mode is not None and not 0 <= mode <= 0o777:
        hint = "file modes are octal: write 0644 or 0o644" if mode > 0o777 else ""
        yield Problem(codes.RANGE, f"{path[-1]} {mode} must be from 0 to 0777 (511)", path, hint)


def _items(items: Any, path: Path) -> Problems:
    for index, item in enumerate(items):
        yield from _mode(item.get("mode"), (*path, index, "mode"))
        yield from inside(item.get("path"), (*path, index, "path"))


def claim(spec: Data, path: Path) -> Problems:
    """The spec of a PersistentVolumeClaim."""
    yield from fields.required(spec, "accessModes", path, "a claim needs accessModes")
    for index, mode in enumerate(spec.get("accessModes") or ()):
        yield from fields.choice(mode, _ACCESS, (*path, "accessModes", index))
    modes = spec.get("accessModes") or ()
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        yield Problem(codes.COMBINATION, "ReadWriteOncePod does not go with other access modes", (*path, "accessModes"))
    requests = (spec.get("resources") or {}).get("requests") or {}
    if requests.get("storage") is None:
        yield Problem(codes.EMPTY, "a claim needs resources.requests.storage", path)
    yield from fields.quantity(requests.get("storage"), (*path, "resources", "requests", "storage"), above=True)
    yield from fields.choice(spec.get("volumeMode"), ("Block", "Filesystem"), (*path, "volumeMode"))
    if spec.get("storageClassName"):
        yield from fields.named(spec["storageClassName"], names.subdomain_mistake, (*path, "storageClassName"))
    yield from fields.selector(spec.get("selector"), (*path, "selector"))


def _claim(data: Data) -> Problems:
    yield from claim(data.get("spec") or {}, ("spec",))


RULES = (ObjectRule(_claim, ("PersistentVolumeClaim",)),)
