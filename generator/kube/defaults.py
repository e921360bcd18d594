"""What the API server fills in where an object leaves a field out.

Input: API group and kind. Output: the kind's :class:`Default` entries, parents before their children. Source: the
defaulting of Kubernetes 1.35 (SetDefaults_* of apps, batch, core, networking, autoscaling); compared with a real API
server in tests/cluster. Only fields that charts write are listed; what the API server allocates (cluster addresses,
node ports) is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from generator.kube.lists import pattern
from generator.kube.workloads import POD_TEMPLATES
from generator.records import dataclass

Computed = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True)
class Default:
    """One default: `field` of every mapping at `parent` is `value` when it is left out.

    A callable computes the value from that mapping, and gives None for no default. An empty mapping makes room for the
    defaults below it.
    """

    parent: tuple[str, ...]
    field: str
    value: object | Computed

    def for_object(self, parent: Mapping[str, Any]) -> object:
        """The default in this mapping; None when there is none."""
        return self.value(parent) if callable(self.value) else self.value


def _pull_policy(container: Mapping[str, Any]) -> object:
    image = str(container.get("image", ""))
    last = image.rpartition("/")[2]
    return "Always" if "@" not in image and (":" not in last or last.endswith(":latest")) else "IfNotPresent"


def _if(field: str, wanted: object, value: object) -> Computed:
    return lambda parent: value if parent.get(field) == wanted else None


def _unless(field: str, unwanted: object, value: object) -> Computed:
    return lambda parent: value if parent.get(field) != unwanted else None


def _policy_types(spec: Mapping[str, Any]) -> object:
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _volume_source(volume: Mapping[str, Any]) -> object:
    return {} if set(volume) <= {"name"} else None


_PROBE: Final = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
    "httpGet.path": "/",
    "httpGet.scheme": "HTTP",
    "grpc.service": "",
}
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")

_CONTAINER: Final = {
    "imagePullPolicy": _pull_policy,
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "ports[].protocol": "TCP",
    "env[].valueFrom.fieldRef.apiVersion": "v1",
    "lifecycle.postStart.httpGet.scheme": "HTTP",
    "lifecycle.preStop.httpGet.scheme": "HTTP",
    **{f"{probe}.{field}": value for probe in _PROBES for field, value in _PROBE.items()},
}

_POD_SPEC: Final = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "terminationGracePeriodSeconds": 30,
    "volumes[].emptyDir": _volume_source,
    "volumes[].configMap.defaultMode": 0o644,
    "volumes[].secret.defaultMode": 0o644,
    "volumes[].downwardAPI.defaultMode": 0o644,
    "volumes[].downwardAPI.items[].fieldRef.apiVersion": "v1",
    "volumes[].projected.defaultMode": 0o644,
    "volumes[].projected.sources[].serviceAccountToken.expirationSeconds": 3600,
    "volumes[].hostPath.type": "",
    **{f"{group}[].{path}": value for group in ("containers", "initContainers") for path, value in _CONTAINER.items()},
}

_JOB_SPEC: Final = {
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "suspend": False,
    "completions": lambda spec: None if "parallelism" in spec else 1,
    "parallelism": 1,
}

_CLAIM_SPEC: Final = {"volumeMode": "Filesystem"}
_READ_ONLY_SOURCES: Final = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume",
    "gcePersistentDisk", "glusterfs", "iscsi", "nfs", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos",
)  # fmt: skip
_RBAC: Final = "rbac.authorization.k8s.io"
_BINDING: Final = {"roleRef.apiGroup": _RBAC, "subjects[].apiGroup": _unless("kind", "ServiceAccount", _RBAC)}
_EXACT_COUNT: Final = _if("allocationMode", "ExactCount", 1)
_DEVICE_CLAIM: Final = {
    "spec.devices.requests[].exactly.allocationMode": "ExactCount",
    "spec.devices.requests[].exactly.count": _EXACT_COUNT,
    "spec.devices.requests[].firstAvailable[].allocationMode": "ExactCount",
    "spec.devices.requests[].firstAvailable[].count": _EXACT_COUNT,
}
_POLICY_PORTS: Final = {f"spec.{way}[].ports[].protocol": "TCP" for way in ("ingress", "egress")}

_KINDS: Final[Mapping[tuple[str, str], Mapping[str, object]]] = {
    ("", "Service"): {
        "spec.type": "ClusterIP",
        "spec.sessionAffinity": "None",
        "spec.internalTrafficPolicy": _unless("type", "ExternalName", "Cluster"),
        "spec.ports[].protocol": "TCP",
        "spec.ports[].targetPort": lambda port: port.get("port"),
    },
    ("", "Secret"): {"type": "Opaque"},
    ("", "PersistentVolumeClaim"): {f"spec.{field}": value for field, value in _CLAIM_SPEC.items()},
    ("", "PersistentVolume"): {
        "spec.volumeMode": "Filesystem",
        "spec.persistentVolumeReclaimPolicy": "Retain",
        "spec.hostPath.type": "",
        "spec.iscsi.iscsiInterface": "default",
        "spec.iscsi.lun": 0,
        "spec.rbd.pool": "rbd",
        "spec.rbd.user": "admin",
        "spec.rbd.keyring": "/etc/ceph/keyring",
        "spec.scaleIO.storageMode": "ThinProvisioned",
        "spec.scaleIO.fsType": "xfs",
        "spec.azureDisk.cachingMode": "ReadWrite",
        "spec.azureDisk.kind": "Shared",
        "spec.azureDisk.fsType": "ext4",
        **{f"spec.{source}.readOnly": False for source in _READ_ONLY_SOURCES},
    },
    ("apps", "Deployment"): {
        "spec.replicas": 1,
        "spec.revisionHistoryLimit": 10,
        "spec.progressDeadlineSeconds": 600,
        "spec.strategy": {},
        "spec.strategy.type": "RollingUpdate",
        "spec.strategy.rollingUpdate": _if("type", "RollingUpdate", {}),
        "spec.strategy.rollingUpdate.maxSurge": "25%",
        "spec.strategy.rollingUpdate.maxUnavailable": "25%",
    },
    ("apps", "StatefulSet"): {
        "spec.replicas": 1,
        "spec.revisionHistoryLimit": 10,
        "spec.podManagementPolicy": "OrderedReady",
        "spec.updateStrategy": {},
        "spec.updateStrategy.type": "RollingUpdate",
        "spec.updateStrategy.rollingUpdate": _if("type", "RollingUpdate", {}),
        "spec.updateStrategy.rollingUpdate.partition": 0,
        "spec.persistentVolumeClaimRetentionPolicy": {},
        "spec.persistentVolumeClaimRetentionPolicy.whenDeleted": "Retain",
        "spec.persistentVolumeClaimRetentionPolicy.whenScaled": "Retain",
        **{f"spec.volumeClaimTemplates[].spec.{field}": value for field, value in _CLAIM_SPEC.items()},
    },
    ("apps", "DaemonSet"): {
        "spec.revisionHistoryLimit": 10,
        "spec.updateStrategy": {},
        "spec.updateStrategy.type": "RollingUpdate",
        "spec.updateStrategy.rollingUpdate": _if("type", "RollingUpdate", {}),
        "spec.updateStrategy.rollingUpdate.maxSurge": 0,
        "spec.updateStrategy.rollingUpdate.maxUnavailable": 1,
    },
    ("apps", "ReplicaSet"): {"spec.replicas": 1},
    ("batch", "Job"): {f"spec.{field}": value for field, value in _JOB_SPEC.items()},
    ("batch", "CronJob"): {
        "spec.concurrencyPolicy": "Allow",
        "spec.suspend": False,
        "spec.successfulJobsHistoryLimit": 3,
        "spec.failedJobsHistoryLimit": 1,
    },
    ("autoscaling", "HorizontalPodAutoscaler"): {"spec.minReplicas": 1},
    ("networking.k8s.io", "NetworkPolicy"): {"spec.policyTypes": _policy_types, **_POLICY_PORTS},
    (_RBAC, "RoleBinding"): _BINDING,
    (_RBAC, "ClusterRoleBinding"): _BINDING,
    ("storage.k8s.io", "StorageClass"): {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
    ("storage.k8s.io", "CSIDriver"): {
        "spec.attachRequired": True,
        "spec.podInfoOnMount": False,
        "spec.storageCapacity": False,
        "spec.fsGroupPolicy": "ReadWriteOnceWithFSType",
        "spec.volumeLifecycleModes": ["Persistent"],
        "spec.requiresRepublish": False,
        "spec.seLinuxMount": False,
    },
    ("resource.k8s.io", "ResourceClaim"): _DEVICE_CLAIM,
    ("resource.k8s.io", "ResourceClaimTemplate"): {f"spec.{path}": value for path, value in _DEVICE_CLAIM.items()},
    ("scheduling.k8s.io", "PriorityClass"): {"preemptionPolicy": "PreemptLowerPriority"},
}


@cache
def defaults(group: str, kind: str) -> tuple[Default, ...]:
    """All defaults of a kind, in the order in which they are to be filled in."""
    table = [_default(pattern(path), value) for path, value in _KINDS.get((group, kind), {}).items()]
    if (group, kind) in POD_TEMPLATES:
        pod_spec = (*POD_TEMPLATES[group, kind], "spec")
        table += [_default(pod_spec + pattern(path), value) for path, value in _POD_SPEC.items()]
    return tuple(table)


def _default(path: tuple[str, ...], value: object) -> Default:
    return Default(path[:-1], path[-1], value)
