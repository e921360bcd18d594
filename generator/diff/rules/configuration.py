"""Changed ConfigMaps and Secrets that no pod restarts for.

A container reads its variables, and files mounted with subPath, when it starts; other mounted files change under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.diff import codes
from generator.diff.model import ObjectChange, Status
from generator.diff.rule import Finding, Rule, Upgrade
from generator.diff.rules.rejections import is_rejected
from generator.diff.wording import listed
from generator.kube.workloads import pod_template, value_at
from generator.records import dataclass

_LONG_LIVED = ("Deployment", "StatefulSet", "DaemonSet", "Pod", "ReplicaSet")


@dataclass(frozen=True)
class _Use:
    """How a pod uses a ConfigMap or Secret: all of it or one key, and whether its files follow a change."""

    kind: str
    name: str
    key: str | None
    follows: bool


def _kept(upgrade: Upgrade) -> Iterator[Finding]:
    for change, users in _changed(upgrade, follows=False):
        yield Finding(
            change,
            change.fields[0].path,
            f"{listed(users)} {_keep(users)} the old content until a restart: the pod template does not change",
            "Put a checksum of it into an annotation of the pod template, or `kubectl rollout restart` afterwards",
        )


def _followed(upgrade: Upgrade) -> Iterator[Finding]:
    for change, users in _changed(upgrade, follows=True):
        yield Finding(
            change,
            change.fields[0].path,
            f"the files in {listed(users)} change while the pods run, and nothing restarts",
        )


def _keep(users: list[str]) -> str:
    return "keeps" if len(users) == 1 else "keep"


def _changed(upgrade: Upgrade, *, follows: bool) -> Iterator[tuple[ObjectChange, list[str]]]:
    """Each changed configuration with the workloads that stay as they are and use it so."""
    users = _users(upgrade, follows=follows)
    for change in upgrade.changes:
        content = change.within(("data",)) + change.within(("binaryData",))
        if not content or change.group_kind not in (("", "ConfigMap"), ("", "Secret")):
            continue
        if change.status is not Status.CHANGED or is_rejected(change):
            continue
        keys = {field.path[1].removeprefix('["').removesuffix('"]') for field in content if len(field.path) > 1}
        place = (upgrade.namespace_of(change.manifest), change.ref.kind, change.ref.name)
        names = [name for name, key in users.get(place, ()) if key is None or not keys or key in keys]
        if names:
            yield change, list(dict.fromkeys(names))


def _users(upgrade: Upgrade, *, follows: bool) -> dict[tuple[str, str, str], list[tuple[str, str | None]]]:
    """By namespace, kind and name of a configuration: the workloads that use it, each with the key it takes."""
    found: dict[tuple[str, str, str], list[tuple[str, str | None]]] = {}
    for workload in upgrade.changes:
        if workload.new and _is_untouched(workload):
            namespace = upgrade.namespace_of(workload.new)
            for use in _uses(workload.new.data):
                if use.follows == follows:
                    found.setdefault((namespace, use.kind, use.name), []).append((str(workload.ref), use.key))
    return found


def _is_untouched(workload: ObjectChange) -> bool:
    """Whether the running pods of a workload stay: it is patched, and its template does not change."""
    return (
        workload.pair is not None
        and workload.ref.kind in _LONG_LIVED
        and not workload.manifest.is_hook
        and not workload.within(("spec", "template"))
    )


def _uses(data: Mapping[str, Any]) -> Iterator[_Use]:
    spec = (pod_template(data) or {}).get("spec")
    if not isinstance(spec, Mapping):
        return
    containers = [*_mappings(spec, "initContainers"), *_mappings(spec, "containers")]
    for container in containers:
        yield from _variables(container)
    mounts = [mount for container in containers for mount in _mappings(container, "volumeMounts")]
    for volume in _mappings(spec, "volumes"):
        fixed = any("subPath" in mount for mount in mounts if mount.get("name") == volume.get("name"))
        for kind, name in _sources(volume):
            yield _Use(kind, name, None, follows=not fixed)


def _variables(container: Mapping[str, Any]) -> Iterator[_Use]:
    for source in _mappings(container, "envFrom"):
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if name := _text_at(source, field, "name"):
                yield _Use(kind, name, None, follows=False)
    for variable in _mappings(container, "env"):
        for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
            if name := _text_at(variable, "valueFrom", field, "name"):
                yield _Use(kind, name, _text_at(variable, "valueFrom", field, "key"), follows=False)


def _sources(volume: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    projected = volume.get("projected")
    for source in (volume, *(_mappings(projected, "sources") if isinstance(projected, Mapping) else ())):
        if name := _text_at(source, "configMap", "name"):
            yield "ConfigMap", name
        if name := _text_at(source, "secret", "secretName") or _text_at(source, "secret", "name"):
            yield "Secret", name


def _text_at(data: Mapping[str, Any], *path: str) -> str | None:
    value = value_at(data, path)
    return value if isinstance(value, str) else None


def _mappings(parent: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    items = parent.get(field)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


RULES = (Rule(codes.NO_RESTART, _kept), Rule(codes.LIVE_UPDATE, _followed))
