"""How Kubernetes compares the lists in its objects: by a merge key, as a set, or in order.

Input: API group, kind and the path of a list. Output: its :class:`ListType`. Source: the `listType` and `listMapKey`
marks of kubernetes/api (1.35). Some lists are atomic there and yet have no order that means anything (tolerations, the
rules of a Role): they count as sets here, because a change is then read as what was added and what was taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from generator.kube.workloads import POD_TEMPLATES
from generator.records import dataclass


@dataclass(frozen=True)
class ListType:
    """How the items of two versions of a list are paired: by the fields `keys`; without, by position or by value."""

    keys: tuple[str, ...] = ()
    ordered: bool = False


BY_NAME: Final = ListType(("name",))
SET: Final = ListType()
ORDERED: Final = ListType(ordered=True)

_CONTAINER: Final[Mapping[str, ListType]] = {
    "args": ORDERED,
    "command": ORDERED,
    "env": BY_NAME,
    "envFrom": ORDERED,
    "ports": ListType(("containerPort", "protocol")),
    "resources.claims": BY_NAME,
    "volumeDevices": ListType(("devicePath",)),
    "volumeMounts": ListType(("mountPath",)),
    "securityContext.capabilities.add": SET,
    "securityContext.capabilities.drop": SET,
}

_POD_SPEC: Final[Mapping[str, ListType]] = {
    "containers": BY_NAME,
    "initContainers": BY_NAME,
    "hostAliases": ListType(("ip",)),
    "imagePullSecrets": BY_NAME,
    "readinessGates": ListType(("conditionType",)),
    "resourceClaims": BY_NAME,
    "schedulingGates": BY_NAME,
    "securityContext.supplementalGroups": SET,
    "securityContext.sysctls": BY_NAME,
    "tolerations": SET,
    "topologySpreadConstraints": ListType(("topologyKey", "whenUnsatisfiable")),
    "volumes": BY_NAME,
    "volumes[].configMap.items": ListType(("path",)),
    "volumes[].secret.items": ListType(("path",)),
    "volumes[].projected.sources": ORDERED,
    **{f"{group}[].{path}": kind for group in ("containers", "initContainers") for path, kind in _CONTAINER.items()},
}

_RBAC_ROLE: Final[Mapping[str, ListType]] = {
    "rules": SET,
    "rules[].apiGroups": SET,
    "rules[].resources": SET,
    "rules[].resourceNames": SET,
    "rules[].verbs": SET,
}
_WEBHOOKS: Final[Mapping[str, ListType]] = {"webhooks": BY_NAME}

_KINDS: Final[Mapping[tuple[str, str], Mapping[str, ListType]]] = {
    ("", "Service"): {
        "spec.ports": ListType(("port", "protocol")),
        "spec.externalIPs": SET,
        "spec.loadBalancerSourceRanges": SET,
    },
    ("", "ResourceQuota"): {"spec.scopes": SET},
    ("", "ServiceAccount"): {"secrets": BY_NAME, "imagePullSecrets": BY_NAME},
    ("", "PersistentVolumeClaim"): {"spec.accessModes": SET},
    ("", "PersistentVolume"): {"spec.accessModes": SET},
    ("apps", "StatefulSet"): {
        "spec.volumeClaimTemplates": ListType(("metadata.name",)),
        "spec.volumeClaimTemplates[].spec.accessModes": SET,
    },
    ("autoscaling", "HorizontalPodAutoscaler"): {"spec.metrics": SET},
    ("networking.k8s.io", "NetworkPolicy"): {"spec.ingress": SET, "spec.egress": SET, "spec.policyTypes": SET},
    ("networking.k8s.io", "Ingress"): {
        "spec.rules": ListType(("host",)),
        "spec.rules[].http.paths": ListType(("path", "pathType")),
        "spec.tls": SET,
    },
    ("rbac.authorization.k8s.io", "Role"): _RBAC_ROLE,
    ("rbac.authorization.k8s.io", "ClusterRole"): _RBAC_ROLE,
    ("rbac.authorization.k8s.io", "RoleBinding"): {"subjects": SET},
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): {"subjects": SET},
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): _WEBHOOKS,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): {"spec.versions": BY_NAME},
    ("monitoring.coreos.com", "PrometheusRule"): {"spec.groups": BY_NAME},
    ("monitoring.coreos.com", "ServiceMonitor"): {"spec.endpoints": ListType(("port", "path"))},
    ("monitoring.coreos.com", "PodMonitor"): {"spec.podMetricsEndpoints": ListType(("port", "path"))},
}


def pattern(text: str) -> tuple[str, ...]:
    """A path as written in these tables, in parts: `spec.ports[].name` → `spec`, `ports`, `[]`, `name`."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[str]:
    for part in text.split("."):
        key = part.removesuffix("[]")
        yield key
        if key != part:
            yield "[]"


def list_type(group: str, kind: str, path: tuple[str, ...]) -> ListType | None:
    """The type of the list at `path` (parts as :func:`pattern` makes them); None when no type of Kubernetes tells."""
    return _table(group, kind).get(path)


@cache
def _table(group: str, kind: str) -> Mapping[tuple[str, ...], ListType]:
    table = {pattern(path): found for path, found in _KINDS.get((group, kind), {}).items()}
    if (group, kind) in POD_TEMPLATES:
        pod_spec = (*POD_TEMPLATES[group, kind], "spec")
        table |= {pod_spec + pattern(path): found for path, found in _POD_SPEC.items()}
    return table
