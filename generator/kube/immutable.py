"""Fields that the API server refuses to change once an object exists, with the words it refuses them in.

Source: the update validation of Kubernetes 1.35, by the functions that each entry names (`pkg/apis/*/validation`,
`apiextensions-apiserver`). Each entry was tried against a real API server, which `tests/cluster/oracle/changes.py` asks
about random changes of all these kinds. Kinds that are in no entry can be changed in every field that a chart writes:
ConfigMaps that are not immutable, ServiceAccounts, Roles, Ingresses, NetworkPolicies, HorizontalPodAutoscalers,
PodDisruptionBudgets, CronJobs, ReplicationControllers, LimitRanges, Leases, DeviceClasses, configurations of webhooks,
admission policies, flow schemas, Namespaces. `…` stands for what varies.
"""

from __future__ import annotations

from typing import Final

from generator.kube.lists import pattern
from generator.records import dataclass


@dataclass(frozen=True)
class Immutable:
    """A part of an object that is fixed once the object exists.

    `kinds` are `group/Kind`; `path` covers all that is below it except what is below one of `but`. `error` is what the
    API server says, `source` the function that says it. `once_set`: fixed only when the old object sets it.
    `when_written`: leaving it out keeps what there was, so that only another value is refused. `when` says in words
    what else makes a difference.
    """

    kinds: tuple[str, ...]
    path: tuple[str, ...]
    error: str
    source: str
    but: tuple[tuple[str, ...], ...] = ()
    once_set: bool = False
    when_written: bool = False
    when: str = ""


def _field(
    kinds: str,
    path: str,
    error: str,
    source: str,
    *,
    once_set: bool = False,
    when_written: bool = False,
    when: str = "",
) -> Immutable:
    return Immutable(tuple(kinds.split()), pattern(path), error, source, (), once_set, when_written, when)


def _fields(kinds: str, paths: str, error: str, source: str, *, when: str = "") -> tuple[Immutable, ...]:
    """Several fields of one kind, each refused in the same words after its own path, which stands for `@`."""
    return tuple(_field(kinds, path, error.replace("@", path), source, when=when) for path in paths.split())


def _all_but(kind: str, path: str, but: str, error: str, source: str) -> Immutable:
    return Immutable(
        (kind,),
        pattern(path),
        error,
        source,
        tuple(pattern(f"{path}.{part}".replace(".[", "[")) for part in but.split()),
    )


_FIXED: Final = "Invalid value: …: field is immutable"
_NOT_ONCE_SET: Final = "Invalid value: …: may not change once set"

WORKLOAD_SELECTOR: Final = (
    _field("apps/Deployment", "spec.selector", f"spec.selector: {_FIXED}", "ValidateDeploymentUpdate"),
    _field("apps/DaemonSet", "spec.selector", f"spec.selector: {_FIXED}", "ValidateDaemonSetSpecUpdate"),
    _field("apps/ReplicaSet", "spec.selector", f"spec.selector: {_FIXED}", "ValidateReplicaSetUpdate"),
)

STATEFUL_SET: Final = (
    _all_but(
        "apps/StatefulSet", "spec",
        "replicas ordinals template updateStrategy revisionHistoryLimit persistentVolumeClaimRetentionPolicy "
        "minReadySeconds",
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
        "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
        "forbidden",
        "ValidateStatefulSetUpdate",
    ),
)  # fmt: skip

VOLUME_CLAIM_TEMPLATES: Final = (
    _all_but(
        "apps/StatefulSet", "spec.volumeClaimTemplates", "[].kind [].apiVersion [].status", STATEFUL_SET[0].error,
        STATEFUL_SET[0].source,
    ),
)  # fmt: skip

JOB_TEMPLATE: Final = (
    _field(
        "batch/Job", "spec.template", f"spec.template: {_FIXED}", "ValidateJobSpecUpdate",
        when="a suspended Job can be told where its pods go, and change their labels and annotations",
    ),
)  # fmt: skip

JOB_SPEC: Final = (
    *_fields(
        "batch/Job",
        "spec.completionMode spec.selector spec.podFailurePolicy spec.successPolicy spec.managedBy "
        "spec.backoffLimitPerIndex",
        f"@: {_FIXED}", "ValidateJobSpecUpdate",
    ),
    _field(
        "batch/Job", "spec.completions", f"spec.completions: {_FIXED}", "validateCompletions",
        when="an indexed Job can, when completions and parallelism stay equal",
    ),
)  # fmt: skip

_CLAIM: Final = (
    "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
    "bound claims"
)
_CLAIM_UPDATE: Final = "ValidatePersistentVolumeClaimUpdate"
VOLUME_CLAIM: Final = (
    *_fields(
        "/PersistentVolumeClaim",
        "spec.accessModes spec.selector spec.volumeMode spec.dataSource spec.dataSourceRef spec.resources.limits",
        _CLAIM, _CLAIM_UPDATE,
    ),
    *(
        _field("/PersistentVolumeClaim", path, _CLAIM, _CLAIM_UPDATE, once_set=True)
        for path in ("spec.storageClassName", "spec.volumeName")
    ),
    Immutable(
        ("/PersistentVolumeClaim",),
        ("metadata", "annotations", '["volume.beta.kubernetes.io/storage-class"]'),
        f"metadata.annotations[volume.beta.kubernetes.io/storage-class]: {_FIXED}", _CLAIM_UPDATE,
    ),
)  # fmt: skip

SERVICE: Final = (
    *(
        _field(
            "/Service", path, f"spec.clusterIPs[0]: {_NOT_ONCE_SET}", "validateUpgradeDowngradeClusterIPs",
            when_written=True, when="the first address, unless the Service is or becomes an ExternalName",
        )
        for path in ("spec.clusterIP", "spec.clusterIPs")
    ),
    _field(
        "/Service", "spec.ipFamilies", f"spec.ipFamilies[0]: {_NOT_ONCE_SET}", "validateUpgradeDowngradeIPFamilies",
        when_written=True, when="the first of them, while the Service has an address of its own",
    ),
    _field(
        "/Service", "spec.loadBalancerClass", f"spec.loadBalancerClass: {_NOT_ONCE_SET}",
        "validateLoadBalancerClassField", when="while it stays a LoadBalancer",
    ),
    _field(
        "/Service", "spec.healthCheckNodePort", "spec.healthCheckNodePort: Forbidden: field is immutable",
        "validateServiceExternalTrafficFieldsUpdate", when_written=True, when="while it stays a LoadBalancer",
    ),
)  # fmt: skip

ROLE_REFERENCE: Final = tuple(
    _field(
        f"rbac.authorization.k8s.io/{kind}", "roleRef", "roleRef: Invalid value: …: cannot change roleRef",
        f"Validate{kind}Update",
    )
    for kind in ("RoleBinding", "ClusterRoleBinding")
)  # fmt: skip

SECRET_TYPE: Final = (_field("/Secret", "type", f"type: {_FIXED}", "ValidateSecretUpdate"),)

CONFIGURATION: Final = tuple(
    _field(
        f"/{kind}", name, f"{name}: Forbidden: field is immutable when `immutable` is set", f"Validate{kind}Update",
        when="once the object says `immutable: true`",
    )
    for kind, names in (("ConfigMap", ("data", "binaryData", "immutable")), ("Secret", ("data", "immutable")))
    for name in names
)  # fmt: skip

_STORAGE_CLASS: Final = "storage.k8s.io/StorageClass"
STORAGE: Final = (
    *_fields(
        _STORAGE_CLASS, "provisioner parameters reclaimPolicy", "@: Forbidden: updates to @ are forbidden.",
        "ValidateStorageClassUpdate",
    ),
    _field(_STORAGE_CLASS, "volumeBindingMode", f"volumeBindingMode: {_FIXED}", "ValidateStorageClassUpdate"),
    *_fields(
        "storage.k8s.io/VolumeAttributesClass", "driverName parameters", "@: Forbidden: updates to @ are forbidden.",
        "ValidateVolumeAttributesClassUpdate",
    ),
    _field(
        "storage.k8s.io/CSIDriver", "spec.attachRequired", f"spec.attachedRequired: {_FIXED}", "ValidateCSIDriverUpdate"
    ),
    _field(
        "storage.k8s.io/CSIDriver", "spec.volumeLifecycleModes", f"spec.volumeLifecycleModes: {_FIXED}",
        "ValidateCSIDriverUpdate",
    ),
    *(
        _field(
            "storage.k8s.io/CSINode", f"spec.drivers[].{name}", f"spec.drivers: {_FIXED}", "ValidateCSINodeUpdate",
            when="of a driver that stays",
        )
        for name in ("nodeID", "topologyKeys")
    ),
    *_fields(
        "storage.k8s.io/CSIStorageCapacity", "nodeTopology storageClassName", f"@: {_FIXED}",
        "ValidateCSIStorageCapacityUpdate",
    ),
    _field("storage.k8s.io/VolumeAttachment", "spec", f"spec: {_FIXED}", "ValidateVolumeAttachmentUpdate"),
    _field("/PersistentVolume", "spec.volumeMode", f"volumeMode: {_FIXED}", "ValidatePersistentVolumeUpdate"),
    _field(
        "/PersistentVolume", "spec.nodeAffinity", f"nodeAffinity: {_FIXED}, except for updating from beta label to GA",
        "validatePvNodeAffinity", once_set=True,
    ),
    _field(
        "/PersistentVolume", "spec.volumeAttributesClassName",
        "spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden",
        "ValidatePersistentVolumeUpdate", when="left out, once it is set",
    ),
    _all_but(
        "/PersistentVolume", "spec",
        "accessModes capacity claimRef mountOptions nodeAffinity persistentVolumeReclaimPolicy storageClassName "
        "volumeAttributesClassName volumeMode",
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation",
        "ValidatePersistentVolumeUpdate",
    ),
)  # fmt: skip

POD: Final = (
    _all_but(
        "/Pod", "spec",
        "containers[].image initContainers[].image activeDeadlineSeconds tolerations schedulingGates priority "
        "workloadRef",
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations`",
        "ValidatePodUpdate",
    ),
)  # fmt: skip

CLASSES: Final = (
    _field(
        "scheduling.k8s.io/PriorityClass", "value", "value: Forbidden: may not be changed in an update.",
        "ValidatePriorityClassUpdate",
    ),
    _field(
        "scheduling.k8s.io/PriorityClass", "preemptionPolicy", f"preemptionPolicy: {_FIXED}",
        "ValidatePriorityClassUpdate",
    ),
    _field(
        "networking.k8s.io/IngressClass", "spec.controller", f"spec.controller: {_FIXED}",
        "validateIngressClassSpecUpdate",
    ),
    _field("node.k8s.io/RuntimeClass", "handler", f"handler: {_FIXED}", "ValidateRuntimeClassUpdate"),
)  # fmt: skip

_RESOURCE: Final = "resource.k8s.io"
_OF_FEATURES: Final = (
    "devices.constraints[].distinctAttribute "
    "devices.requests[].exactly.tolerations devices.requests[].firstAvailable[].tolerations "
    "devices.requests[].exactly.capacity devices.requests[].firstAvailable[].capacity"
)
"""Dropped without a word, and so never changed, while their features are off, as they are by default in 1.35."""

OTHERS: Final = (
    _field("apps/ControllerRevision", "data", f"data: {_FIXED}", "ValidateControllerRevisionUpdate"),
    _field("discovery.k8s.io/EndpointSlice", "addressType", f"addressType: {_FIXED}", "ValidateEndpointSliceUpdate"),
    _field("/ResourceQuota", "spec.scopes", f"spec.scopes: {_FIXED}", "ValidateResourceQuotaUpdate"),
    _all_but(
        f"{_RESOURCE}/ResourceClaim", "spec", _OF_FEATURES, f"spec: {_FIXED}", "ValidateResourceClaimUpdate"
    ),
    _all_but(
        f"{_RESOURCE}/ResourceClaimTemplate", "spec", " ".join(f"spec.{path}" for path in _OF_FEATURES.split()),
        f"spec: {_FIXED}", "ValidateResourceClaimTemplateUpdate",
    ),
    *_fields(
        f"{_RESOURCE}/ResourceSlice", "spec.driver spec.pool.name spec.nodeName", f"@: {_FIXED}",
        "validateResourceSliceSpec",
    ),
    _field("networking.k8s.io/IPAddress", "spec.parentRef", f"spec.parentRef: {_FIXED}", "ValidateIPAddressUpdate"),
    _field(
        "networking.k8s.io/ServiceCIDR", "spec.cidrs", f"spec.cidrs…: {_FIXED}", "ValidateServiceCIDRUpdate",
        when="unless a second one is added behind the first",
    ),
    _field(
        "certificates.k8s.io/ClusterTrustBundle", "spec.signerName", f"spec.signerName: {_FIXED}",
        "ValidateClusterTrustBundleUpdate",
    ),
)  # fmt: skip

DEFINITION: Final = _fields(
    "apiextensions.k8s.io/CustomResourceDefinition", "spec.group spec.names.plural spec.names.kind spec.scope",
    f"@: {_FIXED}", "validateCustomResourceDefinitionSpecUpdate",
)  # fmt: skip

ALL: Final = (
    *WORKLOAD_SELECTOR,
    *STATEFUL_SET,
    *VOLUME_CLAIM_TEMPLATES,
    *JOB_TEMPLATE,
    *JOB_SPEC,
    *VOLUME_CLAIM,
    *SERVICE,
    *ROLE_REFERENCE,
    *SECRET_TYPE,
    *CONFIGURATION,
    *STORAGE,
    *POD,
    *CLASSES,
    *OTHERS,
    *DEFINITION,
)
