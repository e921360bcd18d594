"""Fields that the API server refuses to change once an object exists, with the words it refuses them in.

Source: the update validation of Kubernetes 1.35; each entry was tried against a real API server. `…` stands for what
varies.
"""

from __future__ import annotations

from typing import Final

from generator.kube.lists import pattern
from generator.records import dataclass


@dataclass(frozen=True)
class Immutable:
    """A part of an object that is fixed once the object exists.

    `kinds` are `group/Kind`; `path` covers all that is below it except what is below one of `but`. `error` is what the
    API server says. `once_set`: fixed only when the old object sets it. `when_written`: leaving it out keeps what there
    was, so that only another value is refused.
    """

    kinds: tuple[str, ...]
    path: tuple[str, ...]
    error: str
    but: tuple[tuple[str, ...], ...] = ()
    once_set: bool = False
    when_written: bool = False


def _field(kinds: str, path: str, error: str, *, once_set: bool = False, when_written: bool = False) -> Immutable:
    return Immutable(tuple(kinds.split()), pattern(path), error, (), once_set, when_written)


def _all_but(kind: str, path: str, but: str, error: str) -> Immutable:
    return Immutable((kind,), pattern(path), error, tuple(pattern(f"{path}.{part}") for part in but.split()))


_FIXED: Final = "Invalid value: …: field is immutable"
_NOT_ONCE_SET: Final = "Invalid value: …: may not change once set"

WORKLOAD_SELECTOR: Final = (
    _field("apps/Deployment apps/DaemonSet apps/ReplicaSet", "spec.selector", f"spec.selector: {_FIXED}"),
)

STATEFUL_SET: Final = (
    _all_but(
        "apps/StatefulSet", "spec",
        "replicas ordinals template updateStrategy revisionHistoryLimit persistentVolumeClaimRetentionPolicy "
        "minReadySeconds",
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
        "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
        "forbidden",
    ),
)  # fmt: skip

VOLUME_CLAIM_TEMPLATES: Final = (_field("apps/StatefulSet", "spec.volumeClaimTemplates", STATEFUL_SET[0].error),)

JOB_TEMPLATE: Final = (_field("batch/Job", "spec.template", f"spec.template: {_FIXED}"),)

_JOB_FIELDS: Final = ("completionMode", "completions", "selector", "podFailurePolicy", "successPolicy", "managedBy")
JOB_SPEC: Final = tuple(
    _field("batch/Job", f"spec.{name}", f"spec.{name}: {_FIXED}") for name in (*_JOB_FIELDS, "backoffLimitPerIndex")
)

_CLAIM: Final = (
    "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
    "bound claims"
)
VOLUME_CLAIM: Final = (
    *(
        _field("/PersistentVolumeClaim", f"spec.{name}", _CLAIM)
        for name in ("accessModes", "selector", "volumeMode", "dataSource", "dataSourceRef")
    ),
    *(
        _field("/PersistentVolumeClaim", f"spec.{name}", _CLAIM, once_set=True)
        for name in ("storageClassName", "volumeName")
    ),
)

SERVICE: Final = (
    _field("/Service", "spec.clusterIP", f"spec.clusterIPs[0]: {_NOT_ONCE_SET}", when_written=True),
    _field("/Service", "spec.clusterIPs", f"spec.clusterIPs[0]: {_NOT_ONCE_SET}", when_written=True),
    _field("/Service", "spec.loadBalancerClass", f"spec.loadBalancerClass: {_NOT_ONCE_SET}"),
    _field(
        "/Service",
        "spec.healthCheckNodePort",
        "spec.healthCheckNodePort: Forbidden: field is immutable",
        when_written=True,
    ),
)

ROLE_REFERENCE: Final = (
    _field(
        "rbac.authorization.k8s.io/RoleBinding rbac.authorization.k8s.io/ClusterRoleBinding",
        "roleRef", "roleRef: Invalid value: …: cannot change roleRef",
    ),
)  # fmt: skip

SECRET_TYPE: Final = (_field("/Secret", "type", f"type: {_FIXED}"),)

CONFIGURATION: Final = tuple(
    _field("/ConfigMap /Secret", name, f"{name}: Forbidden: field is immutable when `immutable` is set")
    for name in ("data", "binaryData", "immutable")
)
"""Only of objects that say `immutable: true`."""

_STORAGE_CLASS: Final = "storage.k8s.io/StorageClass"
STORAGE: Final = (
    *(
        _field(_STORAGE_CLASS, name, f"{name}: Forbidden: updates to {name} are forbidden.")
        for name in ("provisioner", "parameters", "reclaimPolicy")
    ),
    _field(_STORAGE_CLASS, "volumeBindingMode", f"volumeBindingMode: {_FIXED}"),
    _field("/PersistentVolume", "spec.volumeMode", f"volumeMode: {_FIXED}"),
    *(
        _field(
            "/PersistentVolume", f"spec.{source}",
            "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
        )
        for source in ("csi", "hostPath", "local", "nfs", "iscsi", "fc")
    ),
)  # fmt: skip

POD: Final = (
    _all_but(
        "/Pod", "spec",
        "containers[].image initContainers[].image activeDeadlineSeconds tolerations",
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`",
    ),
)  # fmt: skip

CLASSES: Final = (
    _field("scheduling.k8s.io/PriorityClass", "value", "value: Forbidden: may not be changed in an update."),
    _field("scheduling.k8s.io/PriorityClass", "preemptionPolicy", f"preemptionPolicy: {_FIXED}"),
    _field("networking.k8s.io/IngressClass", "spec.controller", f"spec.controller: {_FIXED}"),
)
