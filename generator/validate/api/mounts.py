"""Where containers see the volumes of their pod: as folders (mounts), or as devices.

Source: kubernetes pkg/apis/core/validation (ValidateVolumeMounts, ValidateVolumeDevices).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

_PROPAGATION: Final = ("None", "HostToContainer", "Bidirectional")
_RECURSIVE: Final = ("Disabled", "IfPossible", "Enabled")


def mounts(item: Data, path: Path, volumes: Mapping[Any, Data]) -> Problems:
    """The mounts and devices of a container; `volumes` are those of its pod by name."""
    folders, devices = item.get("volumeMounts") or (), item.get("volumeDevices") or ()
    privileged = (item.get("securityContext") or {}).get("privileged") is True
    for index, mount in enumerate(folders):
        yield from _mount(mount, (*path, "volumeMounts", index), volumes, privileged=privileged)
    for problem in fields.unique(folders, "mountPath", (*path, "volumeMounts")):
        yield Problem(codes.MOUNT, problem.message, problem.path)
    for index, device in enumerate(devices):
        yield from _device(device, (*path, "volumeDevices", index), volumes)
    for key in ("name", "devicePath"):
        for problem in fields.unique(devices, key, (*path, "volumeDevices")):
            yield Problem(codes.MOUNT, problem.message, problem.path)
    for key, other in (("name", "name"), ("devicePath", "mountPath")):
        taken = {mount.get(other) for mount in folders} - {None, ""}
        for index, device in enumerate(devices):
            if device.get(key) in taken:
                message = f'{key} "{device[key]}" is used by a volumeMount too'
                yield Problem(codes.MOUNT, message, (*path, "volumeDevices", index, key))


def _mount(mount: Data, path: Path, volumes: Mapping[Any, Data], *, privileged: bool) -> Problems:
    name = mount.get("name")
    if name is not None and name not in volumes:
        near = ", ".join(sorted(str(volume) for volume in volumes)) or "none"
        message = f'volumeMount "{name}" has no volume of that name in the pod'
        yield Problem(codes.MOUNT, message, (*path, "name"), f"volumes of the pod: {near}")
    if mount.get("mountPath") == "":
        yield Problem(codes.EMPTY, "mountPath is empty", (*path, "mountPath"))
    for key in ("subPath", "subPathExpr"):
        yield from inside(mount.get(key), (*path, key))
    if mount.get("subPath") and mount.get("subPathExpr"):
        yield Problem(codes.ALTERNATIVES, "subPath and subPathExpr exclude each other", path)
    propagation, here = mount.get("mountPropagation"), (*path, "mountPropagation")
    yield from fields.word(propagation, _PROPAGATION, here)
    if propagation == "Bidirectional" and not privileged:
        yield Problem(codes.COMBINATION, "Bidirectional needs a privileged container", here)
    recursive, here = mount.get("recursiveReadOnly"), (*path, "recursiveReadOnly")
    yield from fields.word(recursive, _RECURSIVE, here)
    if recursive in ("IfPossible", "Enabled"):
        if not mount.get("readOnly"):
            yield Problem(codes.COMBINATION, "recursiveReadOnly needs readOnly: true", here)
        if propagation not in (None, "None"):
            yield Problem(codes.COMBINATION, "recursiveReadOnly needs mountPropagation: None", here)


def _device(device: Data, path: Path, volumes: Mapping[Any, Data]) -> Problems:
    name = device.get("name")
    if name is not None and name not in volumes:
        yield Problem(codes.MOUNT, f'volumeDevice "{name}" has no volume of that name in the pod', (*path, "name"))
    elif name is not None and not {"persistentVolumeClaim", "ephemeral"} & set(volumes[name]):
        message = f'the volume "{name}" is no claim, and so no device'
        yield Problem(codes.MOUNT, message, (*path, "name"))
    if device.get("devicePath") == "":
        yield Problem(codes.EMPTY, "devicePath is empty", (*path, "devicePath"))
    if ".." in str(device.get("devicePath") or "").split("/"):
        yield Problem(codes.PATH, "devicePath holds no ..", (*path, "devicePath"))


def inside(text: str | None, path: Path) -> Problems:
    """A path that must stay inside a volume."""
    if text and (text.startswith("/") or ".." in text.split("/")):
        yield Problem(codes.PATH, f'{path[-1]} "{text}" must be relative and hold no ..', path)
