"""PersistentVolumes, StorageClasses, and what CSI drivers bring.

Source: kubernetes pkg/apis/core/validation (ValidatePersistentVolumeSpec), pkg/apis/storage/validation.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.placement import node_selector
from generator.validate.api.sources import driver, source
from generator.validate.api.tables import (
    QUALIFIED,
    QUALIFIED_LOWER,
    SUBDOMAIN,
    Field,
    at_most,
    checked,
    distinct,
    field,
    longest,
    named,
    need,
    one_of,
    quantity,
    selector,
    table,
    unique,
    within,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

ACCESS_MODES: Final = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_MAX_PARAMETERS: Final = 512
_MAX_SIZE: Final = 256 << 10
_SHORTEST_TOKEN: Final = 600
_SIZE: Final = "storage"

_CSI_SECRETS: Final = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
)


def _no_way_up(value: Any, path: Path) -> Problems:
    if ".." in value.split("/"):
        yield Problem(codes.PATH, f"{fields.what(path)} must hold no ..", path)


# What volumes that outlive pods ask for beyond those of pods, in the order in which the API server looks at them.
_SOURCES: Final[Mapping[str, tuple[Field, ...]]] = {
    "hostPath": (),
    "gcePersistentDisk": (),
    "awsElasticBlockStore": (),
    "glusterfs": (field("endpointsNamespace", named(names.dns_label_mistake)),),
    "flocker": (),
    "nfs": (),
    "rbd": (),
    "quobyte": (),
    "cephfs": (),
    "iscsi": (need("secretRef?.name"),),
    "cinder": (need("secretRef?.namespace"),),
    "fc": (),
    "flexVolume": (),
    "azureFile": (need("secretNamespace?"),),
    "vsphereVolume": (),
    "photonPersistentDisk": (),
    "portworxVolume": (),
    "azureDisk": (),
    "scaleIO": (),
    "local": (need("path", _no_way_up),),
    "storageos": (need("secretRef?.name"), need("secretRef?.namespace")),
    "csi": (
        need("volumeHandle"),
        *(need(f"{key}?.name", SUBDOMAIN) for key in _CSI_SECRETS),
        *(need(f"{key}?.namespace", named(names.dns_label_mistake)) for key in _CSI_SECRETS),
    ),
}
_VOLUME: Final = (
    need("accessModes"),
    field("accessModes[]", one_of(*ACCESS_MODES)),
    field("persistentVolumeReclaimPolicy", one_of("Delete", "Recycle", "Retain", or_empty=True)),
    field("volumeMode", one_of("Block", "Filesystem")),
    field("storageClassName", named(names.subdomain_mistake, or_empty=True)),
    need("nodeAffinity?.required", node_selector),
)


def access_modes(modes: Collection[str], path: Path) -> Problems:
    """A volume of one pod alone is not one of several."""
    others = [mode for mode in modes if mode in ACCESS_MODES and mode != "ReadWriteOncePod"]
    if "ReadWriteOncePod" in modes and others:
        yield Problem(codes.COMBINATION, "ReadWriteOncePod does not go with other access modes", path)


def _volume(data: Data) -> Problems:
    spec, path, name = data.get("spec") or {}, ("spec",), str((data.get("metadata") or {}).get("name") or "")
    yield from checked(spec, _VOLUME, path)
    yield from access_modes(spec.get("accessModes") or (), (*path, "accessModes"))
    capacity = spec.get("capacity") or {}
    if set(capacity) != {_SIZE}:
        yield Problem(codes.EMPTY, "a volume needs a capacity of storage, and nothing else", (*path, "capacity"))
    for key, size in capacity.items():
        yield from fields.quantity(size, (*path, "capacity", key), above=True)
    yield from _sources(spec, path)
    yield from _iscsi_name(spec, name)
    host, policy = spec.get("hostPath") or {}, spec.get("persistentVolumeReclaimPolicy")
    if policy == "Recycle" and posixpath.normpath(host.get("path") or ".") == "/":
        message = "the whole of a node can't be recycled"
        yield Problem(codes.COMBINATION, message, (*path, "persistentVolumeReclaimPolicy"))
    if "local" in spec and spec.get("nodeAffinity") is None:
        yield Problem(codes.EMPTY, "a local volume needs nodeAffinity", path)
    yield from _attributes(spec, path)


def _sources(spec: Data, path: Path) -> Problems:
    there = [key for key in _SOURCES if spec.get(key) is not None]
    if not there:
        yield Problem(codes.ALTERNATIVES, "a volume needs a source", path)
    for key in there[1:]:
        if key != "flexVolume":
            message = f"a volume has one source, but here are {' and '.join(there)}"
            yield Problem(codes.ALTERNATIVES, message, (*path, key))
    for key in there[:1]:
        yield from source(key, spec[key], (*path, key))
        yield from checked(spec[key], _SOURCES[key], (*path, key))


def _iscsi_name(spec: Data, name: str) -> Problems:
    iscsi = spec.get("iscsi") or {}
    if iscsi.get("initiatorName") is not None and len(f"{name}:{iscsi.get('targetPortal') or ''}") > 64:
        message = "with an initiatorName, the volume's name and targetPortal have at most 63 characters together"
        yield Problem(codes.TOO_MANY, message, ("spec", "iscsi", "targetPortal"))


def _attributes(spec: Data, path: Path) -> Problems:
    name = spec.get("volumeAttributesClassName")
    if name is None:
        return
    yield from SUBDOMAIN(name, (*path, "volumeAttributesClassName"))
    if spec.get("csi") is None:
        message = "volumeAttributesClassName needs a csi source"
        yield Problem(codes.COMBINATION, message, (*path, "volumeAttributesClassName"))


def _parameters(value: Any, path: Path) -> Problems:
    yield from at_most(_MAX_PARAMETERS)(value, path)
    if "" in value:
        yield Problem(codes.KEY, "a parameter has no name", path)
    if sum(len(key.encode()) + len(text.encode()) for key, text in value.items()) > _MAX_SIZE:
        yield Problem(codes.TOO_LARGE, f"the parameters hold more than {_MAX_SIZE} bytes", path)


_STORAGE_CLASS: Final = table(
    need("provisioner", QUALIFIED_LOWER),
    field("parameters", _parameters),
    field("reclaimPolicy", one_of("Delete", "Retain", or_empty=True)),
    field("volumeBindingMode", one_of("Immediate", "WaitForFirstConsumer")),
    field("allowedTopologies[].matchLabelExpressions", unique("key")),
    field("allowedTopologies[].matchLabelExpressions[].key", QUALIFIED),
    need("allowedTopologies[].matchLabelExpressions[].values", distinct),
)


def _topologies(data: Data) -> Problems:
    seen: list[dict[str, set[str]]] = [{}]
    for index, term in enumerate(data.get("allowedTopologies") or ()):
        expressions = term.get("matchLabelExpressions") or ()
        same = {str(item.get("key") or ""): set(item.get("values") or ()) for item in expressions}
        if same in seen:
            what = "is empty" if not same else "is there twice"
            yield Problem(codes.DUPLICATE, f"the topology {what}", ("allowedTopologies", index))
        seen.append(same)


_ATTRIBUTES_CLASS: Final = table(need("driverName", QUALIFIED_LOWER), need("parameters", _parameters))
_ATTACHMENT: Final = table(
    need("spec.attacher", driver),
    need("spec.nodeName", SUBDOMAIN),
    field("spec.source.persistentVolumeName", SUBDOMAIN),
)


def _attachment(data: Data) -> Problems:
    path = ("spec", "source")
    found = (data.get("spec") or {}).get("source") or {}
    ways = ("persistentVolumeName", "inlineVolumeSpec")
    yield from fields.exactly_one(found, ways, path, "a source is a persistentVolumeName or an inlineVolumeSpec")
    inline = found.get("inlineVolumeSpec")
    if inline is None:
        return
    here = (*path, "inlineVolumeSpec")
    yield from checked(inline, _VOLUME[:2], here)
    yield from access_modes(inline.get("accessModes") or (), (*here, "accessModes"))
    yield from _sources(inline, here)
    for key in ("claimRef", "capacity", "nodeAffinity", "storageClassName"):
        if inline.get(key):
            yield Problem(codes.COMBINATION, f"an inline volume takes no {key}", (*here, key))
    for key, only in (("persistentVolumeReclaimPolicy", "Retain"), ("volumeMode", "Filesystem")):
        if inline.get(key) not in (None, "", only):
            yield Problem(codes.CHOICE, f"{key} of an inline volume must be {only}", (*here, key))
    if inline.get("csi") is None:
        yield Problem(codes.EMPTY, "an inline volume needs a csi source", here)


_DRIVER: Final = table(
    field("spec.fsGroupPolicy", one_of("ReadWriteOnceWithFSType", "File", "None")),
    field("spec.volumeLifecycleModes[]", one_of("Persistent", "Ephemeral")),
    field("spec.tokenRequests[].expirationSeconds", within(_SHORTEST_TOKEN, 1 << 32)),
    field("spec.nodeAllocatableUpdatePeriodSeconds", within(10)),
)


def _tokens(data: Data) -> Problems:
    spec = data.get("spec") or {}
    requests = [{"audience": item.get("audience") or ""} for item in spec.get("tokenRequests") or ()]
    yield from fields.unique(requests, "audience", ("spec", "tokenRequests"))
    if spec.get("serviceAccountTokenInSecrets") is not None and not requests:
        message = "serviceAccountTokenInSecrets needs tokenRequests"
        yield Problem(codes.COMBINATION, message, ("spec", "serviceAccountTokenInSecrets"))


_NODE: Final = table(
    field("spec.drivers", unique("name")),
    need("spec.drivers[].name", driver),
    need("spec.drivers[].nodeID", longest(256)),
    field("spec.drivers[].allocatable.count", within(0)),
    field("spec.drivers[].topologyKeys", distinct),
    field("spec.drivers[].topologyKeys[]", QUALIFIED),
)
_CAPACITY: Final = table(
    need("storageClassName", SUBDOMAIN), field("nodeTopology", selector), field("capacity", quantity())
)

_GROUP: Final = "storage.k8s.io"
RULES = (
    ObjectRule(_volume, ("PersistentVolume",)),
    ObjectRule(_STORAGE_CLASS, (f"{_GROUP}/StorageClass",)),
    ObjectRule(_topologies, (f"{_GROUP}/StorageClass",)),
    ObjectRule(_ATTRIBUTES_CLASS, (f"{_GROUP}/VolumeAttributesClass",)),
    ObjectRule(_ATTACHMENT, (f"{_GROUP}/VolumeAttachment",)),
    ObjectRule(_attachment, (f"{_GROUP}/VolumeAttachment",)),
    ObjectRule(_DRIVER, (f"{_GROUP}/CSIDriver",)),
    ObjectRule(_tokens, (f"{_GROUP}/CSIDriver",)),
    ObjectRule(_NODE, (f"{_GROUP}/CSINode",)),
    ObjectRule(_CAPACITY, (f"{_GROUP}/CSIStorageCapacity",)),
)
