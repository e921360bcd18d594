"""What a pod mounts: writable paths, persistent volumes, files of the spec, Secrets and ConfigMaps.

Stage: lower. Each function gives volumes and mounts; :func:`merged` puts the volumes of several containers together.
Files with content of their own go into the chart's `files/<owner>/`, and from there into the owner's ConfigMap.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field

from generator.chart.nodes import Tree
from generator.kube.identifiers import MAX_NAME, shortened
from generator.lower.context import Context
from generator.records import dataclass
from generator.spec.parts import File

Volume = Mapping[str, Tree]
TEMPORARY = "/tmp"


@dataclass(frozen=True)
class Mounts:
    """The volumes that a container needs, by name, and where it mounts them."""

    volumes: Mapping[str, Volume] = field(default_factory=dict)
    mounts: tuple[Mapping[str, Tree], ...] = ()

    def __add__(self, other: Mounts) -> Mounts:
        return Mounts({**self.volumes, **other.volumes}, (*self.mounts, *other.mounts))

    def clear_of(self, names: Collection[str]) -> Mounts:
        """The same, its volumes called otherwise where a persistent volume has the name."""
        new = {name: f"{name}-volume" if name in names else name for name in self.volumes}
        volumes = {new[name]: {**volume, "name": new[name]} for name, volume in self.volumes.items()}
        mounts = tuple({**mount, "name": new[str(mount["name"])]} for mount in self.mounts)
        return Mounts(volumes, mounts)

    @property
    def paths(self) -> frozenset[str]:
        """All mount paths."""
        return frozenset(str(mount["mountPath"]).rstrip("/") for mount in self.mounts)


def scratch_mounts(prefix: str, paths: Iterable[str], taken: frozenset[str] = frozenset()) -> Mounts:
    """Writable, empty directories: `/tmp`, and those that the spec asks for, but for paths that are mounted already.

    `prefix` starts the volumes' names, so that no two containers share one.
    """
    found = Mounts()
    for path in dict.fromkeys((TEMPORARY, *(path.rstrip("/") for path in paths))):
        if path not in taken:
            name = f"{prefix}tmp" if path == TEMPORARY else _unused(f"{prefix}scratch{path}", found.volumes)
            found += Mounts({name: {"name": name, "emptyDir": {}}}, ({"name": name, "mountPath": path},))
    return found


def file_keys(files: Mapping[str, File]) -> dict[str, str]:
    """Path of a file → its key in a ConfigMap: the last part of the path, or all of it where that is not unique."""
    keys: dict[str, str] = {}
    lasts = [path.rsplit("/", 1)[-1] for path in files]
    for path in sorted(files):
        last = path.rsplit("/", 1)[-1]
        text = last if lasts.count(last) == 1 else path.strip("/").replace("/", "-")
        key = re.sub(r"[^-._a-zA-Z0-9]", "_", text)
        keys[path] = key if key not in keys.values() else f"{_digest(path)}-{key}"
    return keys


def file_mounts(context: Context, owner: str, container: str, files: Mapping[str, File]) -> Mounts:
    """The files of one container. `owner` is the component whose ConfigMap holds the contents."""
    found = Mounts()
    prefix = "" if container == owner else f"{container}."
    keys = file_keys(files)
    for path, file in sorted(files.items()):
        if file.secret or file.config:
            found += _foreign(path, file)
        else:
            key = prefix + keys[path]
            content = file.content.encode() if file.content is not None else context.system.content(file)
            context.files[f"files/{owner}/{key}"] = content
            found += _own(context, owner, path, key, file.mode)
    return found


def _own(context: Context, owner: str, path: str, key: str, mode: str) -> Mounts:
    name = "files" if not mode else f"files-{mode}"
    volume: dict[str, Tree] = {"name": name, "configMap": {"name": context.name(owner)} | _mode(mode)}
    return Mounts({name: volume}, ({"name": name, "mountPath": path, "subPath": key, "readOnly": True},))


def _foreign(path: str, file: File) -> Mounts:
    """A key of a Secret or ConfigMap as a file, or all keys as a directory."""
    kind, source = ("secret", file.secret) if file.secret else ("config", file.config)
    name = _volume_name(f"{kind}-{source}" + (f"-{file.mode}" if file.mode else ""))
    reference: dict[str, Tree] = {"secretName": source} if kind == "secret" else {"name": source}
    volume: dict[str, Tree] = {
        "name": name,
        "secret" if kind == "secret" else "configMap": reference | _mode(file.mode),
    }
    mount: dict[str, Tree] = {"name": name, "mountPath": path}
    part: dict[str, Tree] = {"subPath": file.field} if file.field else {}
    return Mounts({name: volume}, (mount | part | {"readOnly": True},))


def _mode(mode: str) -> dict[str, Tree]:
    return {"defaultMode": int(mode, 8)} if mode else {}


def _volume_name(text: str) -> str:
    """A volume's name out of an object's; a changed one gets a hash, so that two never meet."""
    name = text.replace(".", "-")
    return shortened(name if name == text else f"{name}-{_digest(text)}", MAX_NAME)


def _unused(text: str, used: Mapping[str, Volume]) -> str:
    name = shortened(re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"), MAX_NAME)
    return name if name not in used else shortened(f"{name}-{_digest(text)}", MAX_NAME)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
