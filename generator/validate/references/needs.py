"""What pods need before they can start: ConfigMaps, Secrets, claims, accounts; and the roles that bindings name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generator.diagnostics import Code, Severity
from generator.kube.workloads import value_at
from generator.manifest import Manifest, Path
from generator.records import dataclass
from generator.validate.model import Data, Problem, Related
from generator.validate.references import codes
from generator.validate.world import Item, Pods, World

Findings = Iterator[tuple[Manifest, Problem]]

_GROUP: Final = "rbac.authorization.k8s.io"
_EVERYWHERE: Final = frozenset(("kube-root-ca.crt", "openshift-service-ca.crt"))
_BUILT_IN_CLUSTER_ROLES: Final = frozenset(("admin", "edit", "view", "cluster-admin"))
_BUILT_IN_ROLES: Final = frozenset((("kube-system", "extension-apiserver-authentication-reader"),))
"""By namespace and name, without those that begin with `system:`. Source: namespace_policy.go of Kubernetes."""
_PARTS: Final = ("data", "stringData", "binaryData")
_MISSING: Final = {"ConfigMap": codes.NO_CONFIG_MAP, "Secret": codes.NO_SECRET}


@dataclass(frozen=True)
class _Need:
    """An object that a pod names: its kind and name, the keys of it that are used, and where."""

    kind: str
    name: str
    path: Path
    keys: tuple[tuple[str, Path], ...] = ()


def configuration(world: World) -> Findings:
    """ConfigMaps and Secrets that pods read, with the keys, are in the chart."""
    for pods in world.pods:
        missing: set[tuple[str, str]] = set()
        for need in _needs(pods):
            owner = pods.owner
            found = world.all(need.kind, need.name, owner.namespace)
            if not found:
                is_made = need.name in _EVERYWHERE or world.has(need.kind, need.name, owner.namespace)
                if not is_made and (need.kind, need.name) not in missing:
                    missing.add((need.kind, need.name))
                    message = f'{owner} → there is no {need.kind} "{need.name}" {world.here}'
                    yield owner.manifest, Problem(_MISSING[need.kind], message, need.path)
                continue
            yield from _keys(owner, found, need)


def _keys(owner: Item, alternatives: Sequence[Item], need: _Need) -> Findings:
    found = alternatives[0]
    known = {key for item in alternatives for part in _PARTS for key in item.data.get(part) or ()}
    for key, path in need.keys:
        if key not in known:
            there = ", ".join(sorted(known)) or "none"
            message = f'{owner} → {found} has no key "{key}"'
            severity = None if known else Severity.WARNING  # somebody fills an empty one later
            related = Related(f"{found} is here", found.manifest, ("metadata", "name"))
            yield owner.manifest, Problem(codes.NO_KEY, message, path, f"its keys: {there}", severity, (related,))


def _needs(pods: Pods) -> Iterator[_Need]:
    """What is not optional of the ConfigMaps and Secrets that pods read."""
    for path, container in pods.containers():
        for index, variable in enumerate(container.get("env") or ()):
            for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                here = (*path, "env", index, "valueFrom", key)
                reference = value_at(variable, ("valueFrom", key))
                if reference:
                    keys = (((str(reference["key"])), (*here, "key")),) if reference.get("key") else ()
                    yield from _need(kind, reference, "name", here, keys)
        for index, source in enumerate(container.get("envFrom") or ()):
            for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if source.get(key):
                    yield from _need(kind, source[key], "name", (*path, "envFrom", index, key))
    for index, volume in enumerate(pods.spec.get("volumes") or ()):
        here = (*pods.spec_path, "volumes", index)
        yield from _mounted(volume, here, "secretName")
        for number, source in enumerate(value_at(volume, ("projected", "sources")) or ()):
            yield from _mounted(source, (*here, "projected", "sources", number), "name")


def _mounted(source: Data, path: Path, secret_name: str) -> Iterator[_Need]:
    for key, kind, name in (("configMap", "ConfigMap", "name"), ("secret", "Secret", secret_name)):
        reference = source.get(key)
        if reference:
            items = enumerate(reference.get("items") or ())
            keys = tuple((str(item.get("key")), (*path, key, "items", index, "key")) for index, item in items)
            yield from _need(kind, reference, name, (*path, key), keys)


def _need(
    kind: str, reference: Data, field: str, path: Path, keys: tuple[tuple[str, Path], ...] = ()
) -> Iterator[_Need]:
    if reference.get(field) and not reference.get("optional"):
        yield _Need(kind, str(reference[field]), (*path, field), keys)


def claims(world: World) -> Findings:
    """PersistentVolumeClaims that pods mount are in the chart."""
    for pods in world.pods:
        for index, volume in enumerate(pods.spec.get("volumes") or ()):
            name = value_at(volume, ("persistentVolumeClaim", "claimName"))
            if name and world.find("PersistentVolumeClaim", str(name), pods.owner.namespace) is None:
                path = (*pods.spec_path, "volumes", index, "persistentVolumeClaim", "claimName")
                message = f'{pods.owner} → there is no PersistentVolumeClaim "{name}" {world.here}'
                yield pods.owner.manifest, Problem(codes.NO_CLAIM, message, path)


def accounts(world: World) -> Findings:
    """ServiceAccounts that pods run as are in the chart; `default` is in every namespace."""
    for pods in world.pods:
        name = str(pods.spec.get("serviceAccountName") or "default")
        if name != "default" and world.find("ServiceAccount", name, pods.owner.namespace) is None:
            message = f'{pods.owner} → there is no ServiceAccount "{name}" {world.here}'
            yield pods.owner.manifest, Problem(codes.NO_ACCOUNT, message, (*pods.spec_path, "serviceAccountName"))


def roles(world: World) -> Findings:
    """Roles that bindings name are in the chart, or come with Kubernetes."""
    for item in world.of_kind(f"{_GROUP}/RoleBinding", f"{_GROUP}/ClusterRoleBinding"):
        reference = item.data.get("roleRef") or {}
        kind, name = str(reference.get("kind")), str(reference.get("name") or "")
        namespace = item.namespace if kind == "Role" else ""
        if name and not _is_built_in(kind, namespace, name) and world.find(f"{_GROUP}/{kind}", name, namespace) is None:
            message = f'{item} → there is no {kind} "{name}" {world.here}'
            yield item.manifest, Problem(codes.NO_ROLE, message, ("roleRef", "name"))
        yield from _subjects(item, world)


def _is_built_in(kind: str, namespace: str, name: str) -> bool:
    known = name in _BUILT_IN_CLUSTER_ROLES if kind == "ClusterRole" else (namespace, name) in _BUILT_IN_ROLES
    return known or name.startswith("system:")


def _subjects(item: Item, world: World) -> Findings:
    for index, subject in enumerate(item.data.get("subjects") or ()):
        name, namespace = str(subject.get("name") or ""), str(subject.get("namespace") or item.namespace)
        is_ours = subject.get("kind") == "ServiceAccount" and namespace == item.namespace and name != "default"
        if is_ours and name and world.find("ServiceAccount", name, namespace) is None:
            code: Code = codes.NO_ACCOUNT
            message = f'{item} → there is no ServiceAccount "{name}" {world.here}'
            yield item.manifest, Problem(code, message, ("subjects", index, "name"))


RULES = (configuration, claims, accounts, roles)
