"""API versions that Kubernetes has given up, and what took their place.

Source: Kubernetes documentation, "Deprecated API Migration Guide".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_APPS: Final = ("apps/v1beta1", "apps/v1beta2", "extensions/v1beta1")

REPLACEMENTS: Final[Mapping[tuple[str, str], str]] = {
    **{(old, kind): "apps/v1" for old in _APPS for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")},
    ("extensions/v1beta1", "Ingress"): "networking.k8s.io/v1",
    ("extensions/v1beta1", "NetworkPolicy"): "networking.k8s.io/v1",
    ("networking.k8s.io/v1beta1", "Ingress"): "networking.k8s.io/v1",
    ("networking.k8s.io/v1beta1", "IngressClass"): "networking.k8s.io/v1",
    ("batch/v1beta1", "CronJob"): "batch/v1",
    ("policy/v1beta1", "PodDisruptionBudget"): "policy/v1",
    **{("autoscaling/" + old, "HorizontalPodAutoscaler"): "autoscaling/v2" for old in ("v2beta1", "v2beta2")},
    **{
        (f"rbac.authorization.k8s.io/{old}", kind): "rbac.authorization.k8s.io/v1"
        for old in ("v1alpha1", "v1beta1")
        for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
    },
    **{
        ("storage.k8s.io/v1beta1", kind): "storage.k8s.io/v1"
        for kind in ("CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment")
    },
    **{
        ("admissionregistration.k8s.io/v1beta1", kind): "admissionregistration.k8s.io/v1"
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    },
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"): "apiextensions.k8s.io/v1",
    ("apiregistration.k8s.io/v1beta1", "APIService"): "apiregistration.k8s.io/v1",
    ("scheduling.k8s.io/v1alpha1", "PriorityClass"): "scheduling.k8s.io/v1",
    ("scheduling.k8s.io/v1beta1", "PriorityClass"): "scheduling.k8s.io/v1",
    ("coordination.k8s.io/v1beta1", "Lease"): "coordination.k8s.io/v1",
    ("discovery.k8s.io/v1beta1", "EndpointSlice"): "discovery.k8s.io/v1",
    ("events.k8s.io/v1beta1", "Event"): "events.k8s.io/v1",
    ("node.k8s.io/v1beta1", "RuntimeClass"): "node.k8s.io/v1",
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest"): "certificates.k8s.io/v1",
    **{
        (f"flowcontrol.apiserver.k8s.io/{old}", kind): "flowcontrol.apiserver.k8s.io/v1"
        for old in ("v1beta1", "v1beta2", "v1beta3")
        for kind in ("FlowSchema", "PriorityLevelConfiguration")
    },
}
"""What to write in place of an apiVersion and kind that is gone."""
