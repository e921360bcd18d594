"""API versions that Kubernetes gives up: since when they are deprecated, when they go, and what takes their place.

Input: apiVersion and kind. Output: a :class:`Life`; None for what is there to stay.
Source: k8s.io/api (0.19 to 0.37), `APILifecycleDeprecated`, `…Removed` and `…Replacement`, as well as those of
kube-aggregator and apiextensions-apiserver; Kubernetes documentation, "Deprecated API Migration Guide".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from generator.records import dataclass

Minor: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Life:
    """Of one kind in one API version. `removed` is empty for what has no date; `replacement` is an apiVersion.

    `changes` says what must be written otherwise there, or what to do when no API version takes its place.
    """

    deprecated: str
    removed: str
    replacement: str
    changes: str = ""

    def is_deprecated_in(self, version: str) -> bool:
        """Whether a version of Kubernetes still takes it, but warns."""
        return minor(version) >= minor(self.deprecated) and not self.is_removed_in(version)

    def is_removed_in(self, version: str) -> bool:
        """Whether a version of Kubernetes does not know it any more."""
        return bool(self.removed) and minor(version) >= minor(self.removed)

    @property
    def advice(self) -> str:
        """What to write instead."""
        write = f"write `apiVersion: {self.replacement}`" if self.replacement else ""
        return "; ".join(filter(None, (write, self.changes)))


_PSP = "use Pod Security admission: the label pod-security.kubernetes.io/enforce of the Namespace"
_APPS = "spec.selector is required, and must match the labels of the template"
_INGRESS = "pathType is required, and a backend is `service: {name: …, port: {number: …}}`"
_WEBHOOKS = "sideEffects and admissionReviewVersions are required"
_POLICIES = "ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding"
_MUTATING = "MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding"
_RBAC = "ClusterRole, ClusterRoleBinding, Role, RoleBinding"
_FLOW = "FlowSchema, PriorityLevelConfiguration"
_CLAIMS = "DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice"
_ALPHA_CLAIMS = "PodSchedulingContext, ResourceClaim, ResourceClaimTemplate, ResourceClass"

# fmt: off
_ROWS: Final[tuple[tuple[str, str, Life], ...]] = (
    ("v1", "Endpoints", Life("1.33", "", "", "use an EndpointSlice of discovery.k8s.io/v1")),
    ("v1", "ComponentStatus", Life("1.19", "", "")),
    ("admissionregistration.k8s.io/v1alpha1", _POLICIES, Life("1.29", "1.32", "admissionregistration.k8s.io/v1")),
    ("admissionregistration.k8s.io/v1beta1", _POLICIES, Life("1.31", "1.34", "admissionregistration.k8s.io/v1")),
    ("admissionregistration.k8s.io/v1alpha1", _MUTATING, Life("1.35", "1.38", "admissionregistration.k8s.io/v1")),
    ("admissionregistration.k8s.io/v1beta1", _MUTATING, Life("1.37", "1.40", "admissionregistration.k8s.io/v1")),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration, ValidatingWebhookConfiguration",
     Life("1.16", "1.22", "admissionregistration.k8s.io/v1", _WEBHOOKS)),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition",
     Life("1.16", "1.22", "apiextensions.k8s.io/v1", "every version needs a structural schema")),
    ("apiregistration.k8s.io/v1beta1", "APIService", Life("1.19", "1.22", "apiregistration.k8s.io/v1")),
    ("apps/v1beta1", "ControllerRevision, Deployment, StatefulSet", Life("1.8", "1.16", "apps/v1", _APPS)),
    ("apps/v1beta2", "ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet",
     Life("1.9", "1.16", "apps/v1", _APPS)),
    ("authentication.k8s.io/v1alpha1", "SelfSubjectReview", Life("1.29", "1.32", "authentication.k8s.io/v1")),
    ("authentication.k8s.io/v1beta1", "SelfSubjectReview", Life("1.30", "1.33", "authentication.k8s.io/v1")),
    ("authentication.k8s.io/v1beta1", "TokenReview", Life("1.19", "1.22", "authentication.k8s.io/v1")),
    ("authorization.k8s.io/v1beta1",
     "LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview",
     Life("1.19", "1.22", "authorization.k8s.io/v1", "spec.group is called spec.groups")),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler",
     Life("1.22", "1.25", "autoscaling/v2", "a metric's aim is `target: {type: Utilization, averageUtilization: …}`")),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", Life("1.23", "1.26", "autoscaling/v2")),
    ("batch/v2alpha1", "CronJob", Life("1.8", "1.21", "batch/v1")),
    ("batch/v1beta1", "CronJob", Life("1.21", "1.25", "batch/v1")),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest",
     Life("1.19", "1.22", "certificates.k8s.io/v1", "signerName and usages are required")),
    ("certificates.k8s.io/v1alpha1", "ClusterTrustBundle", Life("1.34", "1.37", "certificates.k8s.io/v1")),
    ("certificates.k8s.io/v1beta1", "ClusterTrustBundle, PodCertificateRequest",
     Life("1.37", "1.40", "certificates.k8s.io/v1")),
    ("coordination.k8s.io/v1beta1", "Lease", Life("1.19", "1.22", "coordination.k8s.io/v1")),
    ("coordination.k8s.io/v1alpha1", "LeaseCandidate", Life("1.32", "1.32", "coordination.k8s.io/v1beta1")),
    ("coordination.k8s.io/v1alpha2", "LeaseCandidate", Life("1.35", "1.38", "coordination.k8s.io/v1beta1")),
    ("coordination.k8s.io/v1beta1", "LeaseCandidate", Life("1.36", "1.39", "")),
    ("discovery.k8s.io/v1beta1", "EndpointSlice",
     Life("1.21", "1.25", "discovery.k8s.io/v1", "an endpoint's node is nodeName, its zone is zone")),
    ("events.k8s.io/v1beta1", "Event", Life("1.22", "1.25", "events.k8s.io/v1")),
    ("extensions/v1beta1", "DaemonSet, Deployment, ReplicaSet", Life("1.8", "1.16", "apps/v1", _APPS)),
    ("extensions/v1beta1", "Ingress", Life("1.14", "1.22", "networking.k8s.io/v1", _INGRESS)),
    ("extensions/v1beta1", "NetworkPolicy", Life("1.9", "1.16", "networking.k8s.io/v1")),
    ("extensions/v1beta1", "PodSecurityPolicy", Life("1.11", "1.16", "", _PSP)),
    ("flowcontrol.apiserver.k8s.io/v1alpha1", _FLOW, Life("1.20", "1.21", "flowcontrol.apiserver.k8s.io/v1")),
    ("flowcontrol.apiserver.k8s.io/v1beta1", _FLOW, Life("1.23", "1.26", "flowcontrol.apiserver.k8s.io/v1")),
    ("flowcontrol.apiserver.k8s.io/v1beta2", _FLOW, Life("1.26", "1.29", "flowcontrol.apiserver.k8s.io/v1")),
    ("flowcontrol.apiserver.k8s.io/v1beta3", _FLOW, Life("1.29", "1.32", "flowcontrol.apiserver.k8s.io/v1")),
    ("networking.k8s.io/v1alpha1", "ClusterCIDR", Life("1.28", "1.29", "")),
    ("networking.k8s.io/v1alpha1", "IPAddress, ServiceCIDR", Life("1.30", "1.31", "networking.k8s.io/v1")),
    ("networking.k8s.io/v1beta1", "IPAddress, ServiceCIDR", Life("1.34", "1.37", "networking.k8s.io/v1")),
    ("networking.k8s.io/v1beta1", "Ingress", Life("1.19", "1.22", "networking.k8s.io/v1", _INGRESS)),
    ("networking.k8s.io/v1beta1", "IngressClass", Life("1.19", "1.22", "networking.k8s.io/v1")),
    ("node.k8s.io/v1beta1", "RuntimeClass", Life("1.22", "1.25", "node.k8s.io/v1")),
    ("policy/v1beta1", "PodDisruptionBudget",
     Life("1.21", "1.25", "policy/v1", "an empty selector selects every pod of the namespace")),
    ("policy/v1beta1", "PodSecurityPolicy", Life("1.21", "1.25", "", _PSP)),
    ("rbac.authorization.k8s.io/v1alpha1", _RBAC, Life("1.17", "1.22", "rbac.authorization.k8s.io/v1")),
    ("rbac.authorization.k8s.io/v1beta1", _RBAC, Life("1.17", "1.22", "rbac.authorization.k8s.io/v1")),
    ("resource.k8s.io/v1alpha1", "PodScheduling, ResourceClaim, ResourceClaimTemplate, ResourceClass",
     Life("1.27", "1.27", "resource.k8s.io/v1")),
    ("resource.k8s.io/v1alpha2", f"{_ALPHA_CLAIMS}, ResourceClaimParameters, ResourceClassParameters, ResourceSlice",
     Life("1.31", "1.31", "resource.k8s.io/v1")),
    ("resource.k8s.io/v1alpha3", "PodSchedulingContext", Life("1.32", "1.32", "")),
    ("resource.k8s.io/v1alpha3", _CLAIMS, Life("1.32", "1.34", "resource.k8s.io/v1")),
    ("resource.k8s.io/v1alpha3", "DeviceTaintRule", Life("1.36", "1.39", "resource.k8s.io/v1")),
    ("resource.k8s.io/v1beta1", _CLAIMS, Life("1.35", "1.38", "resource.k8s.io/v1")),
    ("resource.k8s.io/v1beta2", _CLAIMS, Life("1.36", "1.39", "resource.k8s.io/v1")),
    ("scheduling.k8s.io/v1alpha1", "PriorityClass", Life("1.14", "1.22", "scheduling.k8s.io/v1")),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", Life("1.14", "1.22", "scheduling.k8s.io/v1")),
    ("scheduling.k8s.io/v1alpha1", "Workload", Life("1.36", "1.36", "scheduling.k8s.io/v1beta1")),
    ("scheduling.k8s.io/v1alpha2", "PodGroup, Workload", Life("1.37", "1.37", "scheduling.k8s.io/v1beta1")),
    ("storage.k8s.io/v1alpha1", "CSIStorageCapacity, VolumeAttachment", Life("1.21", "1.24", "storage.k8s.io/v1")),
    ("storage.k8s.io/v1alpha1", "VolumeAttributesClass", Life("1.32", "1.35", "storage.k8s.io/v1")),
    ("storage.k8s.io/v1beta1", "CSINode", Life("1.17", "1.22", "storage.k8s.io/v1")),
    ("storage.k8s.io/v1beta1", "CSIDriver, StorageClass, VolumeAttachment", Life("1.19", "1.22", "storage.k8s.io/v1")),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", Life("1.24", "1.27", "storage.k8s.io/v1")),
    ("storage.k8s.io/v1beta1", "VolumeAttributesClass", Life("1.34", "1.37", "storage.k8s.io/v1")),
    ("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration", Life("1.33", "1.35", "storagemigration.k8s.io/v1")),
    ("storagemigration.k8s.io/v1beta1", "StorageVersionMigration", Life("1.37", "1.40", "storagemigration.k8s.io/v1")),
)
# fmt: on


def _lives() -> Iterator[tuple[tuple[str, str], Life]]:
    for api_version, kinds, life in _ROWS:
        for kind in kinds.split(", "):
            yield (api_version, kind), life


LIVES: Final[Mapping[tuple[str, str], Life]] = dict(_lives())
"""By apiVersion and kind."""


def minor(version: str) -> Minor:
    """`1.25` as numbers, which compare as versions do."""
    major, _, rest = version.partition(".")
    return int(major), int(rest)
