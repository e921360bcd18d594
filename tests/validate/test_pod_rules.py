"""The API server's rules for pods, workloads, Jobs and autoscalers: each finds what it is for.

A real API server judges the same cases in tests/cluster.
"""

from typing import Any

import pytest

from generator.validate.model import Layer
from tests.validate.objects import GONE, changed, found

PROBES = "Pod/None"  # its name is generated
VOLUMES, PLACED, HOST, DEVICES = "Pod/volumes", "Pod/placed", "Pod/host", "Pod/devices"
MIGRATE, INDEXED, SIMPLE = "Job/migrate", "Job/indexed", "Job/simple"
WEB, SIDE = "spec.containers[0]", "spec.initContainers[1]"
INIT = "spec.initContainers[0]"
AFFINITY = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
NEAR = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
FAILURE = "spec.podFailurePolicy.rules"

# fmt: off
CONTAINERS: list[tuple[str, str, Any, str]] = [
    (PROBES, f"{WEB}.image", " busybox", "FH3101"),
    (PROBES, f"{WEB}.resources.requests", {"storage": "1Gi"}, "FH3105"),
    (PROBES, f"{WEB}.resources.requests", {"cpux": "1"}, "FH3105"),
    (PROBES, f"{WEB}.resources.requests", {"example.com/gpu": "1500m", "cpu": "1"}, "FH3107 FH3110"),
    (PROBES, f"{WEB}.resources.limits", {"example.com/gpu": "2", "hugepages-2Mi": "4Mi"}, "FH3110"),
    (PROBES, f"{WEB}.resources", {"requests": {"example.com/gpu": "1"}}, "FH3110"),
    (PROBES, f"{WEB}.resources", {"limits": {"hugepages-2Mi": "4Mi"}}, "FH3116"),
    (PROBES, f"{WEB}.resources", {"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}}, "FH3107"),
    (PROBES, f"{WEB}.resources.claims", [{"name": "gpu"}], "FH3105"),
    (PROBES, f"{WEB}.resizePolicy", [{"resourceName": "disk", "restartPolicy": "NotRequired"}], "FH3105"),
    (PROBES, f"{WEB}.resizePolicy[0].resourceName", "memory", "FH3106"),
    (PROBES, f"{WEB}.livenessProbe.terminationGracePeriodSeconds", 0, "FH3107"),
    (PROBES, f"{WEB}.readinessProbe.terminationGracePeriodSeconds", 5, "FH3116"),
    (PROBES, f"{WEB}.livenessProbe.httpGet.httpHeaders[0].name", "a b", "FH3101"),
    (PROBES, f"{WEB}.lifecycle.preStop.sleep.seconds", 31, "FH3107"),
    (PROBES, f"{INIT}.lifecycle", {"preStop": {"sleep": {"seconds": 1}}}, "FH3116"),
    (PROBES, f"{INIT}.restartPolicyRules", [{"action": "Restart"}], "FH3113"),
    (PROBES, f"{WEB}.restartPolicy", "Sometimes", "FH3105"),
    (PROBES, f"{WEB}.restartPolicyRules", [{"action": "Restart", "exitCodes": {"operator": "In"}}], "FH3113"),
    (PROBES, f"{WEB}.env[2].valueFrom.resourceFieldRef.divisor", "3", "FH3105"),
    (PROBES, f"{WEB}.env[2].valueFrom.resourceFieldRef.resource", "limits.disk", "FH3105"),
    (PROBES, f"{WEB}.env[1].valueFrom.fieldRef.fieldPath", "metadata.labels['a b']", "FH3102"),
    (PROBES, f"{WEB}.env[1].valueFrom.fieldRef.apiVersion", "v2", "FH3105"),
    (PROBES, f"{WEB}.env[4].valueFrom.secretKeyRef.key", "a/b", "FH3203"),
    (PROBES, f"{WEB}.envFrom[0].prefix", "=", "FH3101"),
    (PROBES, f"{WEB}.envFrom[0].configMapRef.name", "", "FH3113"),
    (PROBES, f"{WEB}.ports[0].hostPort", 5353, ""),
    (PROBES, f"{WEB}.ports[0]", {"containerPort": 53, "protocol": "UDP", "hostPort": 5353, "hostIP": "127.0.0.1"},
     "FH3106"),
    (VOLUMES, f"{WEB}.volumeMounts[1].readOnly", False, "FH3116"),
    (VOLUMES, f"{WEB}.volumeMounts[0].mountPropagation", "Bidirectional", "FH3116"),
    (VOLUMES, f"{WEB}.volumeMounts[0].mountPropagation", "", "FH3105"),
    (VOLUMES, f"{WEB}.volumeDevices[0].name", "empty", "FH3109"),
    (VOLUMES, f"{WEB}.volumeDevices[0].name", "none", "FH3109"),
    (VOLUMES, f"{WEB}.volumeDevices[0].devicePath", "/empty", "FH3109"),
    (VOLUMES, f"{WEB}.volumeDevices[0].devicePath", "/dev/../x", "FH3117"),
]
SOURCES: list[tuple[str, str, Any, str]] = [
    (VOLUMES, "spec.volumes[3].hostPath.type", "Folder", "FH3105"),
    (VOLUMES, "spec.volumes[6].downwardAPI.items[0].fieldRef.fieldPath", "status.podIP", "FH3105"),
    (VOLUMES, "spec.volumes[6].downwardAPI.items[1].resourceFieldRef.containerName", GONE, "FH3113"),
    (VOLUMES, "spec.volumes[6].downwardAPI.items[0].path", "..a", "FH3117"),
    (VOLUMES, "spec.volumes[7].projected.sources[3].serviceAccountToken.expirationSeconds", 60, "FH3107"),
    (VOLUMES, "spec.volumes[7].projected.sources[2].downwardAPI.items[0].path", "p/a", "FH3106"),
    (VOLUMES, "spec.volumes[8].ephemeral.volumeClaimTemplate.metadata.name", "a", "FH3116"),
    (VOLUMES, "spec.volumes[8].ephemeral", {}, "FH3113"),
    (VOLUMES, "spec.volumes[9].csi.driver", "a_b", "FH3101"),
    (VOLUMES, "spec.volumes[10].nfs.path", "export", "FH3117"),
    (VOLUMES, "spec.volumes[11].iscsi.lun", 256, "FH3107"),
    (VOLUMES, "spec.volumes[11].iscsi.iqn", "storage", "FH3101"),
    (VOLUMES, "spec.volumes[11].iscsi.chapAuthSession", True, "FH3113"),
    (VOLUMES, "spec.volumes[12].fc.wwids", ["a"], "FH3108"),
    (VOLUMES, "spec.volumes[12].fc.lun", GONE, "FH3113"),
    (VOLUMES, "spec.volumes[13].image.reference", "", "FH3113"),
    (VOLUMES, "spec.volumes[13].image.pullPolicy", "Often", "FH3105"),
    (VOLUMES, "spec.volumes[0]", {"name": "empty", "storageos": {"volumeName": "A"}}, "FH3101"),
    (VOLUMES, "spec.volumes[0]", {"name": "empty", "azureDisk": {"diskName": "a", "diskURI": "x", "kind": "Managed"}},
     "FH3116"),
    (VOLUMES, "spec.volumes[0]", {"name": "empty", "flexVolume": {"driver": "a", "options": {"k8s.io/x": "y"}}},
     "FH3203"),
    (VOLUMES, "spec.volumes[0]", {"name": "empty", "flocker": {}}, "FH3108"),
    (VOLUMES, "spec.volumes[0]", {"name": "empty", "rbd": {"monitors": [], "image": "a"}}, "FH3113"),
]
PODS: list[tuple[str, str, Any, str]] = [
    (PLACED, "spec.tolerations[0].value", "a b", "FH3102"),
    (PLACED, "spec.tolerations[0].operator", "Gt", "FH3105"),
    (PLACED, f"{AFFINITY}[0].matchExpressions[0].key", "a b", "FH3102"),
    (PLACED, f"{AFFINITY}[0].matchFields[0].key", "metadata.namespace", "FH3105"),
    (PLACED, f"{AFFINITY}", [], "FH3113"),
    (PLACED, f"{NEAR}.namespaces", ["A"], "FH3101"),
    (PLACED, f"{NEAR}.topologyKey", "a b", "FH3102"),
    (PLACED, f"{NEAR}.matchLabelKeys", ["app"], "FH3106"),
    (PLACED, f"{NEAR}.labelSelector", GONE, ""),
    (PLACED, "spec.topologySpreadConstraints[1].minDomains", 2, "FH3116"),
    (PLACED, "spec.topologySpreadConstraints[0].nodeTaintsPolicy", "Keep", "FH3105"),
    (PLACED, "spec.topologySpreadConstraints[0].labelSelector", GONE, "FH3116"),
    (PLACED, "spec.readinessGates[0].conditionType", "-1", "FH3102"),
    (PLACED, "spec.schedulingGates", [{"name": "a"}, {"name": "a"}], "FH3106"),
    (PLACED, "spec.securityContext.supplementalGroupsPolicy", "Some", "FH3105"),
    (PLACED, "spec.securityContext.sysctls[0].name", "Net", "FH3101"),
    (PLACED, "spec.hostNetwork", True, "FH3116"),
    (PLACED, "spec.os", {"name": "windows"}, "FH3116"),
    (PLACED, "spec.os", {"name": "beos"}, "FH3105"),
    (PLACED, f"{WEB}.securityContext.procMount", "Unmasked", "FH3116"),
    (PLACED, f"{WEB}.securityContext.seccompProfile.localhostProfile", "/a", "FH3117"),
    (PLACED, f"{WEB}.securityContext.appArmorProfile.localhostProfile", GONE, "FH3113"),
    (PLACED, f"{WEB}.securityContext.windowsOptions", {"runAsUserName": "a\\b\\c"}, "FH3101"),
    (PLACED, f"{WEB}.securityContext.windowsOptions", {"hostProcess": True}, "FH3116"),
    (HOST, "spec.shareProcessNamespace", True, "FH3116"),
    (HOST, "spec.hostUsers", False, "FH3116"),
    (PROBES, "spec.hostnameOverride", "a.b", "FH3116"),
    (PROBES, "spec.preemptionPolicy", "Sometimes", "FH3105"),
    (PROBES, "spec.dnsConfig.searches", ["a b"], "FH3202"),
    (PROBES, "spec.dnsConfig.nameservers", ["10.0.0.1"] * 4, "FH3107"),
    (PROBES, "spec.dnsConfig.options", [{"value": "2"}], "FH3113"),
    (PROBES, "spec.hostAliases[0].hostnames", ["a b"], "FH3202"),
    (PROBES, "spec.ephemeralContainers", [{"name": "debug", "image": "busybox"}], "FH3116"),
    (DEVICES, "spec.resourceClaims[0]", {"name": "gpu"}, "FH3108"),
    (DEVICES, "spec.resourceClaims[0].name", "GPU", "FH3101 FH3105"),
    (DEVICES, f"{WEB}.resources.claims", [{"name": "gpu"}, {"name": "gpu"}], "FH3106"),
    (DEVICES, "spec.resources.claims", [{"name": "gpu"}], "FH3116"),
    (DEVICES, "spec.resources.requests", {"ephemeral-storage": "1Gi"}, "FH3105"),
    (DEVICES, "spec.resources.limits", {"cpu": "1m"}, "FH3110"),
]
WORKLOADS: list[tuple[str, str, Any, str]] = [
    ("StatefulSet/db", "metadata.name", "a.b", "FH3101"),
    ("StatefulSet/db", "spec.ordinals", {"start": -1}, "FH3107"),
    ("StatefulSet/db", "spec.revisionHistoryLimit", -1, ""),
    ("StatefulSet/db", "spec.volumeClaimTemplates[0].kind", "Claim", ""),
    ("DaemonSet/surge", "spec.updateStrategy.rollingUpdate", {"maxSurge": 0, "maxUnavailable": "0%"}, "FH3115"),
    ("DaemonSet/surge", "spec.updateStrategy.rollingUpdate", {"maxSurge": 1}, "FH3115"),
    ("Deployment", "spec.minReadySeconds", 600, "FH3116"),
    ("ReplicationController/old", "spec.selector", {"app": "new"}, "FH3112"),
    ("ReplicationController/old", "spec.template", GONE, "FH3113"),
    ("ControllerRevision/db-1", "revision", -1, "FH3107"),
    ("ControllerRevision/db-1", "data", GONE, "FH3113"),
    ("PodTemplate/web", "template", GONE, "FH3113"),
    (MIGRATE, "metadata.name", "x" * 64, "FH3101"),
    (INDEXED, "metadata.name", "a.b", "FH3101"),
    (INDEXED, "spec.maxFailedIndexes", 10_000, "FH3107"),
    (INDEXED, "spec.managedBy", "controller", "FH3101"),
    (INDEXED, "spec.successPolicy.rules[0].succeededIndexes", "4-2", "FH3107"),
    (INDEXED, "spec.successPolicy.rules[0]", {}, "FH3113"),
    (INDEXED, "spec.successPolicy.rules", [], "FH3113"),
    (SIMPLE, "spec.successPolicy", {"rules": [{"succeededCount": 1}]}, "FH3116"),
    (SIMPLE, "spec.manualSelector", True, "FH3113"),
    (MIGRATE, f"{FAILURE}[0].action", "Retry", "FH3105"),
    (MIGRATE, f"{FAILURE}[0].onExitCodes.values", [0], "FH3107"),
    (MIGRATE, f"{FAILURE}[0].onExitCodes.values", [3, 2], "FH3106"),
    (MIGRATE, f"{FAILURE}[0].onExitCodes.containerName", "none", "FH3105"),
    (MIGRATE, f"{FAILURE}[0].onExitCodes", GONE, "FH3108"),
    ("CronJob/nightly", "spec.jobTemplate.spec.selector", {"matchLabels": {"a": "b"}}, "FH3116"),
    ("HorizontalPodAutoscaler/small", "spec.scaleTargetRef.apiVersion", "v1", "FH3113"),
    ("HorizontalPodAutoscaler/web", "spec.behavior.scaleDown.policies", [], "FH3113"),
    ("HorizontalPodAutoscaler/web", "spec.metrics[0].resource.target.averageUtilization", 0, "FH3107"),
    ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target", {"type": "Value", "averageValue": "0"}, "FH3107"),
    ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target",
     {"type": "Value", "averageValue": "1", "averageUtilization": 1}, "FH3108"),
    ("PodDisruptionBudget/db", "spec.unhealthyPodEvictionPolicy", "", "FH3105"),
]
# fmt: on
CASES = CONTAINERS + SOURCES + PODS + WORKLOADS


@pytest.mark.parametrize(("kind", "path", "value", "code"), CASES)
def test_each_rule(kind: str, path: str, value: Any, code: str) -> None:
    assert {found_code for found_code, _, _ in found(changed(kind, path, value), Layer.API)} == set(code.split())
