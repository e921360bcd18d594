"""The API server's rules for kinds beside workloads: each finds what it is for, and takes what is right.

A real API server judges the same cases in tests/cluster.
"""

from typing import Any

import pytest

from generator.validate.model import Layer
from tests.validate.objects import GONE, changed, found

OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1"}
SERVICE, HEADLESS, OUTSIDE, BALANCED = "Service/web", "Service/headless", "Service/outside", "Service/balanced"
CLASS, SLICE, FQDN, ENDPOINTS = "IngressClass/nginx", "EndpointSlice/web-1", "EndpointSlice/outside-1", "Endpoints/web"
NFS, DRIVER, CLAIM, NODE = (
    "PersistentVolume/nfs",
    "CSIDriver/csi.example.com",
    "PersistentVolumeClaim",
    "Node/node-9.example.com",
)
QUOTA, LIMITS, FLOW, LEVEL = (
    "ResourceQuota/quota",
    "LimitRange/limits",
    "FlowSchema/jobs",
    "PriorityLevelConfiguration/batch",
)
REQUEST, API = "CertificateSigningRequest/jane", "APIService/v1beta1.metrics.example.com"
TERM = "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0]"
SCOPE = "spec.scopeSelector.matchExpressions[0]"
INLINE = {"accessModes": ["ReadWriteOnce"], "csi": {"driver": "a.b", "volumeHandle": "c"}}
INGRESS_PATH = "spec.rules[0].http.paths"
RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"

# Object, place, value there, code.
# fmt: off
METADATA: list[tuple[str, str, Any, str]] = [
    ("Namespace/shop-new", "metadata.name", "a.b", "FH3101"),
    ("IPAddress/192.0.2.7", "metadata.name", "192.0.2.07", "FH3101"),
    ("IPAddress/2001:db8::7", "metadata.name", "2001:DB8::7", "FH3101"),
    ("Role/reader:web", "metadata.name", "a%b", "FH3101"),
    ("Pod/None", "metadata.generateName", "Web-", "FH3101"),
    ("ConfigMap/settings", "metadata.finalizers", ["keep"], "FH3101"),
    ("ConfigMap/settings", "metadata.finalizers", ["a b/c"], "FH3101"),
    ("ConfigMap/settings", "metadata.finalizers", ["orphan", "foregroundDeletion"], "FH3116"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"uid": ""}], "FH3113"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"apiVersion": "a/b/c"}], "FH3113"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"apiVersion": "v1", "kind": "Event"}], "FH3105"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"controller": True}] * 2, "FH3108"),
]
NETWORK: list[tuple[str, str, Any, str]] = [
    (SERVICE, "spec.type", "Clusterip", "FH3105"),
    (SERVICE, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 86401, "FH3107"),
    (SERVICE, "spec.internalTrafficPolicy", "", "FH3105"),
    (SERVICE, "spec.trafficDistribution", "PreferFar", "FH3105"),
    (SERVICE, "spec.externalIPs", ["127.0.0.1"], "FH3201"),
    (SERVICE, "spec.externalIPs", ["10.0.0"], "FH3201"),
    (SERVICE, "spec.ipFamilies", ["IPv4", "IPv4"], "FH3106"),
    (SERVICE, "spec.ipFamilies", ["IPv5"], "FH3105"),
    (SERVICE, "spec.ipFamilyPolicy", "Dual", "FH3105"),
    (SERVICE, "spec.clusterIP", "::1::", "FH3201"),
    (SERVICE, "spec.clusterIPs", ["10.96.7.7"], "FH3116"),
    (SERVICE, "spec.clusterIP", "2001:db8::1", "FH3116"),
    (SERVICE, "spec.ports[0].appProtocol", "a b", "FH3101"),
    (SERVICE, "spec.ports[1].name", "http", "FH3106"),
    (SERVICE, "spec.ports[0].nodePort", 30001, "FH3116"),
    (SERVICE, "spec.allocateLoadBalancerNodePorts", True, "FH3116"),
    (SERVICE, "spec.loadBalancerClass", "a/b", "FH3116"),
    (SERVICE, "spec.healthCheckNodePort", 31000, "FH3116"),
    (SERVICE, "metadata.annotations", {RANGES: "10.0.0.0/8"}, "FH3116"),
    (HEADLESS, "spec.type", "NodePort", "FH3116"),
    (HEADLESS, "spec.clusterIPs", ["None", "None"], "FH3116"),
    (OUTSIDE, "spec.externalName", "a_b", "FH3202"),
    (OUTSIDE, "spec.ipFamilies", ["IPv4"], "FH3116"),
    (BALANCED, "spec.loadBalancerClass", "a b", "FH3101"),
    (BALANCED, "spec.loadBalancerSourceRanges", ["10.0.0.0"], "FH3201"),
    (BALANCED, "spec.healthCheckNodePort", 70000, "FH3104"),
    ("Service/node-port", "spec.externalTrafficPolicy", "local", "FH3105"),
    ("Ingress/web", "metadata.annotations", {"kubernetes.io/ingress.class": "other"}, "FH3116"),
    ("Ingress/web", "spec.ingressClassName", "", "FH3101"),
    ("Ingress/web", "spec.rules[0].host", "10.0.0.1", "FH3202"),
    ("Ingress/web", f"{INGRESS_PATH}[2].backend.resource.apiGroup", "A", "FH3101"),
    ("Ingress/web", f"{INGRESS_PATH}[2].backend.resource.kind", "", "FH3113"),
    ("Ingress/web", f"{INGRESS_PATH}[0].pathType", "", "FH3105"),
    ("NetworkPolicy/web", "spec.podSelector.matchExpressions[0].values", ["a b"], "FH3102"),
    ("NetworkPolicy/web", "spec.egress[0].ports[0].endPort", 70000, "FH3104"),
    ("NetworkPolicy/web", "spec.egress[0].to[0].ipBlock.cidr", "10.0.0.0/255.0.0.0", "FH3201"),
    (CLASS, "spec.controller", "controller", "FH3101"),
    (CLASS, "spec.controller", "a.b/" + "c" * 250, "FH3118"),
    (CLASS, "spec.controller", "a.b/c d", "FH3101"),
    (CLASS, "spec.parameters.scope", "Everywhere", "FH3105"),
    (CLASS, "spec.parameters.scope", "Cluster", "FH3116"),
    (CLASS, "spec.parameters.namespace", GONE, "FH3113"),
    ("IPAddress/192.0.2.7", "spec", {}, "FH3113"),
    ("IPAddress/192.0.2.7", "spec.parentRef.resource", "a/b", "FH3101"),
    ("ServiceCIDR/more", "spec.cidrs", [], "FH3113"),
    ("ServiceCIDR/more", "spec.cidrs", ["10.0.0.1/8"], "FH3201"),
    ("ServiceCIDR/more", "spec.cidrs", ["10.0.0.0/8", "11.0.0.0/8"], "FH3116"),
    (SLICE, "addressType", "IPv5", "FH3105"),
    (SLICE, "endpoints[0].addresses", [], "FH3113"),
    (SLICE, "endpoints[0].addresses", ["2001:db8::1"], "FH3201"),
    (SLICE, "endpoints[0].addresses", ["169.254.0.1"], "FH3201"),
    (SLICE, "endpoints[0].addresses", ["10.0.0.1"] * 101, "FH3118"),
    (SLICE, "endpoints[0].hostname", "", "FH3101"),
    (SLICE, "endpoints[0].hints.forZones", [{"name": "a"}] * 2, "FH3106"),
    (SLICE, "ports", [{}, {}], "FH3106"),
    (SLICE, "ports[0].protocol", "", "FH3105"),
    (FQDN, "endpoints[0].addresses", ["example"], "FH3202"),
    ("EndpointSlice/six-1", "endpoints[0].addresses", ["2001:DB8::1"], "FH3201"),
    (ENDPOINTS, "subsets[0].addresses[0].ip", "0.0.0.0", "FH3201"),
    (ENDPOINTS, "subsets[0].ports[0].name", "", "FH3113"),
    (ENDPOINTS, "subsets[1].addresses", [], "FH3113"),
]
STORAGE: list[tuple[str, str, Any, str]] = [
    (NFS, "spec.accessModes", [], "FH3113"),
    (NFS, "spec.accessModes", ["ReadWriteOncePod", "ReadWriteMany"], "FH3116"),
    (NFS, "spec.capacity", {"storage": "1Gi", "cpu": "1"}, "FH3113"),
    (NFS, "spec.capacity.storage", "0", "FH3107"),
    (NFS, "spec.persistentVolumeReclaimPolicy", "Keep", "FH3105"),
    (NFS, "spec.nfs.path", "export", "FH3117"),
    (NFS, "spec.nfs.server", "", "FH3113"),
    (NFS, "spec.hostPath", {"path": "/a"}, "FH3108"),
    (NFS, "spec.nfs", GONE, "FH3108"),
    (NFS, "spec.volumeAttributesClassName", "gold", "FH3116"),
    ("PersistentVolume/csi", "spec.csi.driver", "a_b", "FH3101"),
    ("PersistentVolume/csi", "spec.csi.nodePublishSecretRef.namespace", "", "FH3113"),
    ("PersistentVolume/local", "spec.nodeAffinity", GONE, "FH3113"),
    ("PersistentVolume/local", "spec.nodeAffinity.required.nodeSelectorTerms", [], "FH3113"),
    ("PersistentVolume/local", f"{TERM}.operator", "Is", "FH3105"),
    ("PersistentVolume/local", f"{TERM}.values", ["a b"], "FH3102"),
    ("PersistentVolume/host", "spec.hostPath.path", "/a/../b", "FH3117"),
    ("PersistentVolume/host", "spec.hostPath.type", "Folder", "FH3105"),
    ("PersistentVolume/iscsi", "spec.iscsi.iqn", "iqn.2001:storage", "FH3101"),
    ("PersistentVolume/iscsi", "spec.iscsi.lun", 256, "FH3107"),
    ("PersistentVolume/iscsi", "spec.iscsi.secretRef", GONE, "FH3113"),
    ("PersistentVolume/iscsi", "spec.iscsi.initiatorName", "iqn.2001-04.com.example:" + "a" * 60, ""),
    ("PersistentVolume/fc", "spec.fc.targetWWNs", ["a"], "FH3108 FH3113"),
    ("PersistentVolume/azure", "spec.azureFile.secretNamespace", "", "FH3113"),
    ("PersistentVolumeClaim/cloned", "spec.dataSourceRef.kind", "VolumeSnapshot", "FH3116"),
    ("PersistentVolumeClaim/restored", "spec.dataSourceRef", {"kind": CLAIM, "name": "a"}, "FH3116"),
    ("PersistentVolumeClaim/restored", "spec.volumeMode", "", "FH3105"),
    ("StorageClass/fast", "provisioner", "", "FH3113"),
    ("StorageClass/fast", "provisioner", "a b", "FH3101"),
    ("StorageClass/fast", "parameters", {"": "a"}, "FH3203"),
    ("StorageClass/fast", "volumeBindingMode", "Later", "FH3105"),
    ("StorageClass/fast", "allowedTopologies", [{}], "FH3106"),
    ("StorageClass/fast", "allowedTopologies[0].matchLabelExpressions[0].values", ["a", "a"], "FH3106"),
    ("VolumeAttributesClass/gold", "parameters", {}, "FH3113"),
    ("VolumeAttachment/attached", "spec.source", {}, "FH3108"),
    ("VolumeAttachment/attached", "spec.source", {"inlineVolumeSpec": INLINE | {"storageClassName": "a"}}, "FH3116"),
    ("VolumeAttachment/attached", "spec.nodeName", "a_b", "FH3101"),
    (DRIVER, "spec.tokenRequests[0].expirationSeconds", 599, "FH3107"),
    (DRIVER, "spec.tokenRequests[0].audience", "", "FH3106"),
    (DRIVER, "spec.volumeLifecycleModes", ["Forever"], "FH3105"),
    (DRIVER, "spec.nodeAllocatableUpdatePeriodSeconds", 9, "FH3107"),
    ("CSINode/node-8", "spec.drivers[0].topologyKeys", ["a", "a"], "FH3106"),
    ("CSINode/node-8", "spec.drivers[0].nodeID", "a" * 257, "FH3118"),
    ("CSIStorageCapacity/zone-a", "capacity", "-1", "FH3107"),
]
CONFIGURATION: list[tuple[str, str, Any, str]] = [
    ("Secret/ssh", "data", {"ssh-privatekey": ""}, "FH3113"),
    ("Secret/cfg", "data", {".dockercfg": "W10="}, "FH3204"),
    ("Secret/token", "metadata.annotations", {}, "FH3113"),
    (QUOTA, "spec.hard", {"bananas": "1"}, "FH3101"),
    (QUOTA, "spec.hard", {"storage": "1"}, "FH3101"),
    (QUOTA, "spec.hard", {"pods": "1.5"}, "FH3107"),
    (QUOTA, "spec.hard", {"count/jobs.batch": "-1"}, "FH3107"),
    (QUOTA, "spec.scopes", ["BestEffort"], "FH3116"),
    ("ResourceQuota/scoped", "spec.scopes", ["Terminating", "NotTerminating"], "FH3116"),
    ("ResourceQuota/scoped", f"{SCOPE}.operator", "Exists", "FH3116"),
    ("ResourceQuota/scoped", f"{SCOPE}.scopeName", "Name", "FH3105"),
    ("ResourceQuota/scoped", f"{SCOPE}.values", [], "FH3113"),
    (LIMITS, "spec.limits[0].type", "Containers", "FH3105"),
    (LIMITS, "spec.limits[1].type", "Container", "FH3106"),
    (LIMITS, "spec.limits[1].default", {"cpu": "1"}, "FH3116"),
    (LIMITS, "spec.limits[0].min", {"pods": "1"}, "FH3105"),
    (LIMITS, "spec.limits[0].min.cpu", "400m", "FH3110"),
    (LIMITS, "spec.limits[0].maxLimitRequestRatio.cpu", "201", "FH3110"),
    (LIMITS, "spec.limits[0].maxLimitRequestRatio.cpu", "0.5", "FH3107"),
    (LIMITS, "spec.limits[2]", {"type": "PersistentVolumeClaim"}, "FH3113"),
    ("PriorityClass/high", "value", 1_000_000_001, "FH3107"),
    ("PriorityClass/high", "metadata.name", "system-high", "FH3101"),
    ("PriorityClass/high", "preemptionPolicy", "Always", "FH3105"),
    ("RuntimeClass/gvisor", "handler", "Run", "FH3101"),
    ("RuntimeClass/gvisor", "overhead.podFixed", {"gpu": "1"}, "FH3105"),
    ("RuntimeClass/gvisor", "overhead.podFixed", {"cpu": "1", "hugepages-2Mi": "3Mi"}, "FH3107"),
    ("RuntimeClass/gvisor", "scheduling.tolerations", [{"operator": "Exists"}] * 2, "FH3106"),
    ("Lease/leader", "spec.leaseDurationSeconds", 0, "FH3107"),
    ("Lease/leader", "spec.strategy", "Newest", "FH3105"),
    ("Lease/leader", "spec.preferredHolder", "a", "FH3116"),
    (FLOW, "spec.matchingPrecedence", 1, "FH3107"),
    (FLOW, "spec.rules[0].subjects[1].kind", "Group", "FH3207"),
    (FLOW, "spec.rules[0].resourceRules[0].verbs", ["get", "*"], "FH3116"),
    (FLOW, "spec.rules[0].resourceRules[0].verbs", ["read"], "FH3105"),
    (FLOW, "spec.rules[0].resourceRules[0].namespaces", [], "FH3206"),
    (FLOW, "spec.rules[0].nonResourceRules[0].nonResourceURLs", ["/a*"], "FH3117"),
    (LEVEL, "spec.type", "Exempt", "FH3116 FH3108"),
    (LEVEL, "spec.limited", GONE, "FH3108"),
    (LEVEL, "spec.limited.lendablePercent", 101, "FH3107"),
    (LEVEL, "spec.limited.limitResponse.type", "Reject", "FH3108"),
    (LEVEL, "spec.limited.limitResponse.queuing.handSize", 65, "FH3107"),
    (LEVEL, "spec.limited.limitResponse.queuing.handSize", 30, "FH3107"),
]
CLUSTER: list[tuple[str, str, Any, str]] = [
    ("Namespace/shop-new", "spec.finalizers", ["keep"], "FH3101"),
    ("Namespace/shop-new", "metadata.labels", {"pod-security.kubernetes.io/warn": "Restricted"}, "FH3105"),
    ("Namespace/shop-new", "metadata.labels", {"pod-security.kubernetes.io/warn-version": "1.35"}, "FH3105"),
    (NODE, "spec.taints[0].effect", "NoRun", "FH3105"),
    (NODE, "spec.taints", [{"key": "a", "effect": "NoExecute"}] * 2, "FH3106"),
    (NODE, "spec.podCIDR", "10.0.0.0", "FH3201"),
    (NODE, "spec.podCIDRs", ["10.244.1.0/24", "10.245.1.0/24"], "FH3116"),
    ("Event/web.1", "involvedObject.namespace", "other", "FH3116"),
    ("Event/web.2", "series.count", 1, "FH3107"),
    ("Event/web.2", "action", "", "FH3113"),
    ("Event/web.2", "type", "Error", "FH3105"),
    ("Event/web.2", "deprecatedCount", 3, "FH3116"),
    ("Event/web.2", "note", "a" * 1025, "FH3118"),
    (REQUEST, "spec.request", "aGk=", "FH3208"),
    (REQUEST, "spec.usages", ["client auth", "client auth"], "FH3106"),
    (REQUEST, "spec.usages", ["all"], "FH3105"),
    (REQUEST, "spec.signerName", "signer", "FH3101"),
    (REQUEST, "spec.signerName", "kubernetes.io/legacy-unknown", "FH3101"),
    (REQUEST, "spec.expirationSeconds", 599, "FH3107"),
    (API, "metadata.name", "v1.metrics", "FH3101"),
    (API, "spec.versionPriority", 0, "FH3107"),
    (API, "spec.caBundle", "aGk=", "FH3116"),
    (API, "spec.service", GONE, "FH3116"),
    (API, "spec.service.port", 0, "FH3104"),
]
RIGHT: list[tuple[str, str, Any]] = [
    ("LimitRange/limits", "metadata", {}),
    ("LimitRange/limits", "spec.limits", [{"type": "example.com/kind", "min": {"example.com/a": "1"}}]),
    ("PersistentVolumeClaim/cloned", "spec.dataSource", {"kind": "Odd", "name": "dropped"}),
    (NODE, "spec.podCIDR", GONE),
    (LEVEL, "spec.limited.limitResponse.queuing", {}),
    ("CertificateSigningRequest/jane", "metadata.name", "system:node:a"),
    ("Lease/leader", "metadata.finalizers", ["keep"]),
    ("Pod/None", "metadata.generateName", "web-"),
    ("Namespace/shop-new", "metadata.namespace", "A"),
    (SERVICE, "spec.sessionAffinity", "None"),
    (SERVICE, "spec.ports[0].targetPort", 0),
    (OUTSIDE, "spec.externalName", "db.example.com."),
    (BALANCED, "spec.loadBalancerSourceRanges", [" 10.0.0.0/8"]),
    ("NetworkPolicy/web", "spec.egress[0].to[0].ipBlock", {"cidr": "010.0.0.1/8"}),
    (SLICE, "ports[0].port", 0),
    (FQDN, "endpoints[0].addresses", ["db.example.com."]),
]
# fmt: on
WRONG = METADATA + NETWORK + STORAGE + CONFIGURATION + CLUSTER


@pytest.mark.parametrize(("kind", "path", "value", "code"), WRONG)
def test_each_rule(kind: str, path: str, value: Any, code: str) -> None:
    assert {found_code for found_code, _, _ in found(changed(kind, path, value), Layer.API)} == set(code.split())


@pytest.mark.parametrize(("kind", "path", "value"), RIGHT)
def test_what_is_right(kind: str, path: str, value: Any) -> None:
    assert found(changed(kind, path, value), Layer.SCHEMA, Layer.API) == []
