"""Names, labels, annotations, owners and finalizers of every object.

Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go; k8s.io/apiserver/pkg/registry/rest/create.go; the kinds'
own name rules in pkg/apis/*/validation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from generator.kube import addresses, names
from generator.kube.scopes import is_cluster_wide
from generator.kube.workloads import api_group
from generator.validate.api import codes, fields
from generator.validate.api.tables import QUALIFIED, checked, need
from generator.validate.model import Data, ObjectRule, Problem, Problems

MAX_ANNOTATIONS: Final = 256 << 10
_LISTS: Final = "List"
_RBAC: Final = "rbac.authorization.k8s.io"
# By group and kind; all others have DNS names. What can be part of a URL is the least that is asked of any name.
_NAMES: Final[Mapping[tuple[str, str], Callable[[str], str]]] = {
    ("", "Service"): names.dns_1035_mistake,
    ("", "Namespace"): names.dns_label_mistake,
    ("", "Event"): names.segment_mistake,
    ("apps", "StatefulSet"): names.dns_label_mistake,
    ("apiregistration.k8s.io", "APIService"): names.segment_mistake,
    ("certificates.k8s.io", "CertificateSigningRequest"): names.segment_mistake,
    ("networking.k8s.io", "IPAddress"): addresses.address_mistake,
    ("policy", "PodDisruptionBudget"): names.segment_mistake,
    **{
        (_RBAC, f"{scope}{what}"): names.segment_mistake
        for scope in ("", "Cluster")
        for what in ("Role", "RoleBinding")
    },
}
# Their own rules do not look at generateName, only at the name that the server makes of it.
_FREE_PREFIXES: Final = frozenset({("", "ReplicationController"), ("resource.k8s.io", "DeviceClass")})
_FIXED_NAMES: Final = frozenset(
    {("apiregistration.k8s.io", "APIService"), ("apiextensions.k8s.io", "CustomResourceDefinition")}
)
_LONGEST_PREFIX: Final = 58
_ENDING: Final = "x" * 5
# The server counts the generations of all other built-in kinds itself, whatever is written.
_GENERATION_KEPT: Final[Mapping[str, Collection[str]]] = {
    "": (
        "ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "Node", "PersistentVolume",
        "PersistentVolumeClaim", "ResourceQuota", "Secret", "Service", "ServiceAccount",
    ),
    "apiregistration.k8s.io": ("APIService",),
    "apps": ("ControllerRevision",),
    "autoscaling": ("HorizontalPodAutoscaler",),
    "certificates.k8s.io": ("CertificateSigningRequest",),
    "coordination.k8s.io": ("Lease",),
    "events.k8s.io": ("Event",),
    "networking.k8s.io": ("IPAddress", "ServiceCIDR"),
    "node.k8s.io": ("RuntimeClass",),
    _RBAC: ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    "resource.k8s.io": ("ResourceClaim", "ResourceClaimTemplate"),
    "storage.k8s.io": (
        "CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment", "VolumeAttributesClass",
    ),
}  # fmt: skip
_LONGEST: Final[Mapping[str, int]] = {"CronJob": 52}
_NAMED_BY_SERVER: Final = frozenset({("", "LimitRange")})
# Where a finalizer without a domain need not be one of Kubernetes' own.
_FREE_FINALIZERS: Final = frozenset(
    ("admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "coordination.k8s.io",
     "node.k8s.io", "policy")
)  # fmt: skip
_FINALIZERS: Final = ("kubernetes", "orphan", "foregroundDeletion")
_OWNER: Final = (need("[].apiVersion"), need("[].kind"), need("[].name"), need("[].uid"))


def _metadata(data: Data) -> Problems:
    kind, group = str(data.get("kind", "")), api_group(str(data.get("apiVersion", "")))
    if kind.endswith(_LISTS) and "items" in data:
        return
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        if (group, kind) not in _NAMED_BY_SERVER:
            yield Problem(codes.EMPTY, "metadata with a name is missing")
        return
    yield from _name(group, kind, metadata)
    namespace = metadata.get("namespace")
    if isinstance(namespace, str) and namespace and not is_cluster_wide(group, kind):
        yield from fields.named(namespace, names.dns_label_mistake, ("metadata", "namespace"))
    yield from meta(metadata, ("metadata",))
    generation = metadata.get("generation")
    if isinstance(generation, int) and kind in _GENERATION_KEPT.get(group, ()):
        yield from fields.between(generation, 0, None, ("metadata", "generation"))
    yield from _owners(metadata.get("ownerReferences") or ())
    yield from _finalizers(metadata.get("finalizers") or (), _is_strict(group))


def meta(metadata: Mapping[str, Any], path: tuple[str | int, ...]) -> Problems:
    """Labels and annotations, of objects and of pod templates."""
    labels = metadata.get("labels")
    if isinstance(labels, dict):
        yield from fields.labels(labels, (*path, "labels"))
    annotations = metadata.get("annotations")
    if not isinstance(annotations, dict):
        return
    size = 0
    for key, value in annotations.items():
        size += len(key) + len(value) if isinstance(value, str) else 0
        if wrong := names.label_key_mistake(key.lower()):
            where = (*path, "annotations", key)
            yield Problem(codes.LABEL, f'the annotation "{key}" must {wrong}', where)
    if size > MAX_ANNOTATIONS:
        message = f"the annotations have {size} characters; together they may have {MAX_ANNOTATIONS}"
        yield Problem(codes.LABEL, message, (*path, "annotations"))


def _name(group: str, kind: str, metadata: Mapping[str, Any]) -> Problems:
    name, prefix = metadata.get("name"), metadata.get("generateName")
    mistake = _NAMES.get((group, kind), names.subdomain_mistake)
    if isinstance(prefix, str) and prefix:
        yield from _prefix(prefix, group, kind, is_used=not name)
    elif not name and (group, kind) not in _NAMED_BY_SERVER:
        yield Problem(codes.EMPTY, "metadata.name is missing", ("metadata",))
    if not name or not isinstance(name, str):
        return
    path = ("metadata", "name")
    longest = _LONGEST.get(kind)
    if longest and len(name) > longest:
        message = f'name "{name}" must have at most {longest} characters: a {kind} adds 11 to it for what it makes'
        yield Problem(codes.NAME, message, path)
    for rule in dict.fromkeys((mistake, names.segment_mistake)):
        problems = tuple(fields.named(name, rule, path))
        if rule is names.dns_1035_mistake:
            problems = tuple(fields.relaxed(problems, name))
        yield from problems
        if problems:
            return


def _prefix(prefix: str, group: str, kind: str, *, is_used: bool) -> Problems:
    """What the server is to make a name of. It is looked at even beside a name, as what it makes is without one."""
    path, mistake = ("metadata", "generateName"), _NAMES.get((group, kind), names.subdomain_mistake)
    is_free = (group, kind) in _FREE_PREFIXES or (mistake is names.segment_mistake and group != _RBAC)
    wrong = "" if is_free else mistake(names.completed(prefix))
    wrong = wrong or names.segment_mistake(f"{prefix}{_ENDING}")
    if is_used and not wrong:
        made = f"{prefix[:_LONGEST_PREFIX]}{_ENDING}"
        longest = _LONGEST.get(kind)
        wrong = f"leave room for {len(_ENDING)} more" if longest and len(made) > longest else mistake(made)
    if (group, kind) in _FIXED_NAMES:
        wrong = "be left out: the name follows from the spec"
    if wrong:
        problem = Problem(codes.NAME, f'generateName "{prefix}" must {wrong}', path)
        is_service = mistake is names.dns_1035_mistake
        yield from fields.relaxed((problem,), names.completed(prefix)) if is_service else (problem,)


def _owners(owners: Any) -> Problems:
    path = ("metadata", "ownerReferences")
    yield from checked(owners, _OWNER, path)
    for index, owner in enumerate(owners):
        version = str(owner.get("apiVersion") or "")
        if version and (version.count("/") > 1 or version.endswith("/")):
            message = f'apiVersion "{version}" of the owner must be a version, or a group and a version'
            yield Problem(codes.EMPTY, message, (*path, index, "apiVersion"))
        if (version, owner.get("kind")) == ("v1", "Event"):
            yield Problem(codes.CHOICE, "an Event can't own anything", (*path, index, "kind"))
    # The API server takes an owner that is written twice for one.
    controllers = {json.dumps(owner, sort_keys=True) for owner in owners if owner.get("controller") is True}
    if len(controllers) > 1:
        yield Problem(codes.ALTERNATIVES, "only one owner can be the controller", path)


def _is_strict(group: str) -> bool:
    is_kubernetes = "." not in group or group.endswith(".k8s.io")
    is_custom = not is_kubernetes or group.endswith(
        ("x-k8s.io", "gateway.networking.k8s.io", "snapshot.storage.k8s.io")
    )
    return not is_custom and group not in _FREE_FINALIZERS


def _finalizers(finalizers: Any, is_strict: bool) -> Problems:
    path = ("metadata", "finalizers")
    for index, name in enumerate(finalizers):
        yield from finalizer(name, (*path, index), is_strict)
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        yield Problem(codes.COMBINATION, "the finalizers orphan and foregroundDeletion exclude each other", path)


def finalizer(name: str, path: tuple[str | int, ...], is_strict: bool = True) -> Problems:
    """The name of a finalizer: with a domain before a slash, unless it is one of Kubernetes' own."""
    problems = tuple(QUALIFIED(name, path))
    yield from problems
    if is_strict and not problems and "/" not in name and name not in _FINALIZERS:
        message = f'the finalizer "{name}" needs a domain: example.com/{name}'
        yield Problem(codes.NAME, message, path)


RULES = (ObjectRule(_metadata),)
