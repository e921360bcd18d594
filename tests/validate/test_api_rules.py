"""The API server's own rules: each finds what it is for, and says nothing of a valid object."""

from typing import Any

import pytest

from generator.kube.quantities import suffix_hint
from generator.validate.api import codes
from generator.validate.model import Layer
from tests.validate import test_kinds
from tests.validate.objects import GONE, OBJECTS, bases, changed, found

CONTAINER = "spec.template.spec.containers[0]"
POD = "spec.template.spec"
JOB_POD = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}
PATHS = "spec.rules[0].http.paths[0]"
MATCH = "spec.rules[0].matches[0]"
MODIFIER = "spec.rules[0].filters[0].requestHeaderModifier"
MIRROR = "spec.rules[0].filters[1].requestMirror"
REWRITE = "spec.rules[0].filters[2].urlRewrite.path"
REDIRECT = {"type": "RequestRedirect", "requestRedirect": {"port": 80}}

# Kind, place, value there, code, start of the message.
# fmt: off
CASES: list[tuple[str, str, Any, str, str]] = [
    # metadata
    ("Deployment", "metadata.name", "My_App", "FH3101", 'name "My_App" must hold only a-z'),
    ("Deployment", "metadata.name", "a" * 254, "FH3101", "name"),
    ("Deployment", "metadata.name", GONE, "FH3113", "metadata.name is missing"),
    ("Deployment", "metadata", GONE, "FH3113", "metadata with a name is missing"),
    ("Service", "metadata.name", "1web", "FH3101", 'name "1web" must hold only a-z, 0-9 and -, begin with a letter'),
    ("CronJob", "metadata.name", "n" * 53, "FH3101", "name"),
    ("Role", "metadata.name", "a/b", "FH3101", 'name "a/b" must not be . or .. and hold no /'),
    ("Deployment", "metadata.namespace", "My.Space", "FH3101", "namespace"),
    ("Deployment", "metadata.labels", {"version": "1.0+5"}, "FH3102", 'the value "1.0+5" of the label "version" must'),
    ("Deployment", "metadata.labels", {"a/b/c": "x"}, "FH3102", 'the label "a/b/c" must have a DNS name'),
    ("Deployment", "metadata.annotations", {"a b": "x"}, "FH3102", 'the annotation "a b" must hold only'),
    ("Deployment", "metadata.annotations", {"a": "x" * 262_144}, "FH3102", "the annotations have 262145 characters"),
    ("Deployment", "spec.template.metadata.annotations", {"a b": "x"}, "FH3102", 'the annotation "a b"'),
    ("Deployment", "metadata", {"generateName": "web-"}, "", ""),
    ("Deployment", "metadata", {"generateName": "webA-"}, "FH3101", 'generateName "webA-" must hold only a-z'),
    ("Deployment", "metadata", {"name": "web", "generateName": "webA-"}, "", ""),  # the last two are not looked at
    ("Deployment", "metadata", {"name": "web", "generateName": "a b"}, "FH3101", 'generateName "a b" must'),
    ("Deployment", "metadata", {"name": "web", "generateName": "a/"}, "FH3101", 'generateName "a/" must'),
    ("CronJob", "metadata", {"generateName": "n" * 47}, "", ""),
    ("CronJob", "metadata", {"generateName": "n" * 48}, "FH3101", "generateName"),
    ("PodDisruptionBudget", "metadata", {"generateName": "."}, "", ""),
    ("Role", "metadata", {"generateName": "."}, "FH3101", 'generateName "." must not be .'),
    ("Role", "metadata", {"generateName": "a%"}, "FH3101", 'generateName "a%" must not'),
    ("ConfigMap", "metadata", {"name": "a", "generation": -1}, "FH3107", "generation -1 must be at least 0"),
    ("Deployment", "metadata", {"name": "a", "generation": -1}, "", ""),
    ("Deployment", "metadata", {"name": "a", "ownerReferences": [{"kind": "A", "name": "b", "uid": "1"}]}, "FH3113",
     '"apiVersion" is missing'),
    ("Deployment", "spec.template.metadata.ownerReferences", [{"name": "b"}], "", ""),
    # pods
    ("Deployment", f"{POD}.ephemeralContainers", [{"name": "a", "image": "a"}], "FH3116", "a pod is made without eph"),
    ("Deployment", f"{POD}.resources", {"claims": []}, "FH3116", "claims stand in containers"),
    ("Deployment", f"{POD}.containers", [], "FH3113", "a pod needs at least one container"),
    ("Deployment", f"{POD}.terminationGracePeriodSeconds", -1, "", ""),
    ("Deployment", f"{POD}.activeDeadlineSeconds", 5, "FH3116", "activeDeadlineSeconds does not go with a Deployment"),
    ("Deployment", f"{POD}.dnsPolicy", "none", "FH3105", 'dnsPolicy "none" must be one of'),
    ("Deployment", f"{POD}.dnsPolicy", "None", "FH3116", "dnsPolicy None needs dnsConfig"),
    ("Deployment", f"{POD}.hostAliases", [{"ip": "10.0.0", "hostnames": ["a"]}], "FH3201", 'ip "10.0.0" is no IP'),
    ("Deployment", f"{POD}.securityContext", {"runAsUser": -1}, "FH3107", "runAsUser -1 must be at least 0"),
    ("Deployment", f"{POD}.securityContext.seccompProfile", {"type": "Localhost"}, "FH3113", "a profile of type Local"),
    ("Deployment", f"{POD}.tolerations", [{"operator": "Equal"}], "FH3116", "a toleration without a key"),
    ("Deployment", f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "value": "b"}], "FH3116", "operator Exis"),
    ("Deployment", f"{POD}.nodeSelector", {"disk": "ssd!"}, "FH3102", 'the value "ssd!" of the label'),
    ("Deployment", f"{POD}.serviceAccountName", "Web", "FH3101", 'serviceAccountName "Web" must'),
    ("Deployment", f"{POD}.hostNetwork", True, "", ""),
    ("Deployment", f"{POD}.topologySpreadConstraints",
     [{"maxSkew": 0, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}], "FH3107", "maxSkew 0"),
    ("Deployment", f"{POD}.affinity",
     {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 0,
      "podAffinityTerm": {"topologyKey": "zone"}}]}}, "FH3107", "weight 0 must be at least 1"),
    ("Deployment", f"{POD}.affinity",
     {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
         "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In"}]}]}}},
     "FH3113", "the operator In"),
    # containers
    ("Deployment", f"{CONTAINER}.name", "Web", "FH3101", 'name "Web" must hold only'),
    ("Deployment", f"{CONTAINER}.image", "", "FH3113", 'the container "web" has no image'),
    ("Deployment", f"{CONTAINER}.image", " a", "FH3101", 'image " a" has spaces around it'),
    ("Deployment", f"{CONTAINER}.imagePullPolicy", "always", "FH3105", 'imagePullPolicy "always" must be one of'),
    ("Deployment", f"{CONTAINER}.ports[0].containerPort", 80800, "FH3104", "containerPort 80800 must be from 1 to"),
    ("Deployment", f"{CONTAINER}.ports[0].name", "a-name-too-long-for-it", "FH3104", "name"),
    ("Deployment", f"{CONTAINER}.ports[0].protocol", "tcp", "FH3105", 'protocol "tcp" must be one of TCP'),
    ("Deployment", f"{CONTAINER}.ports", [{"name": "http", "containerPort": 1}, {"name": "http", "containerPort": 2}],
     "FH3106", 'name "http" is used twice in ports'),
    ("Deployment", f"{CONTAINER}.env[0].name", "A=B", "FH3101", 'name "A=B" must hold only printable'),
    ("Deployment", f"{CONTAINER}.env[1].value", "x", "FH3108", "B has a value and valueFrom"),
    ("Deployment", f"{CONTAINER}.env[1].valueFrom", {}, "FH3108", "valueFrom of B takes one source; here is nothing"),
    ("Deployment", f"{CONTAINER}.env[1].valueFrom.fieldRef.fieldPath", "spec.x", "FH3105", 'fieldPath "spec.x"'),
    ("Deployment", f"{CONTAINER}.env[1].name", "A", "FH3106", 'name "A" is used twice in env'),
    (
        "CronJob", "spec.jobTemplate.spec.template.spec.containers[0].env", [{"name": "A"}, {"name": "A"}],
        "FH3106", 'name "A" is used twice in env',
    ),
    ("Deployment", f"{CONTAINER}.envFrom", [{}], "FH3108", "envFrom takes one source"),
    ("Deployment", f"{CONTAINER}.volumeMounts[0].name", "data", "FH3109", 'volumeMount "data" has no volume'),
    ("Deployment", f"{CONTAINER}.volumeMounts[0].subPath", "../x", "FH3117", 'subPath "../x" must be relative'),
    ("Deployment", f"{CONTAINER}.volumeMounts", [{"name": "tmp", "mountPath": "/a"}] * 2, "FH3109",
     'mountPath "/a" is used twice'),
    ("Deployment", f"{CONTAINER}.resources.requests.memory", "512MB", "FH3103", 'memory "512MB" is not a quantity'),
    ("Deployment", f"{CONTAINER}.resources.requests.memory", "1Gi", "FH3110", "the request of memory (1Gi) is above"),
    ("Deployment", f"{CONTAINER}.resources.requests.cpu", "-1", "FH3107", "cpu -1 must be at least 0"),
    ("Deployment", f"{CONTAINER}.resources.limits.gpu", 1, "FH3105", '"gpu" is no resource'),
    ("Deployment", f"{CONTAINER}.readinessProbe", {"periodSeconds": 5}, "FH3108", "readinessProbe needs one of exec"),
    ("Deployment", f"{CONTAINER}.readinessProbe.tcpSocket", {"port": 80}, "FH3108", "readinessProbe needs one of exec"),
    ("Deployment", f"{CONTAINER}.readinessProbe.httpGet.port", 0, "FH3104", "port 0 must be from 1 to 65535"),
    ("Deployment", f"{CONTAINER}.readinessProbe.httpGet.scheme", "http", "FH3105", 'scheme "http" must be one of HTTP'),
    ("Deployment", f"{CONTAINER}.readinessProbe.timeoutSeconds", -1, "FH3107", "timeoutSeconds -1"),
    ("Deployment", f"{CONTAINER}.livenessProbe", {"tcpSocket": {"port": 80}, "successThreshold": 2}, "FH3107",
     "successThreshold of livenessProbe must be 1"),
    ("Deployment", f"{CONTAINER}.lifecycle", {"preStop": {}}, "FH3108", "preStop needs one action"),
    ("Deployment", f"{CONTAINER}.securityContext.privileged", True, "FH3116", "a privileged container can't be"),
    ("Deployment", f"{POD}.initContainers", [{"name": "web", "image": "a"}], "FH3106", 'name "web" is used twice'),
    ("Deployment", f"{POD}.initContainers",
     [{"name": "i", "image": "a", "readinessProbe": {"tcpSocket": {"port": 80}}}], "FH3116", "a container that runs"),
    ("Deployment", f"{POD}.initContainers",
     [{"name": "i", "image": "a", "restartPolicy": "Always", "readinessProbe": {"tcpSocket": {"port": 80}}}], "", ""),
    # volumes
    ("Deployment", f"{POD}.volumes", [{"name": "tmp", "emptyDir": {}, "hostPath": {"path": "/"}}], "FH3108",
     'the volume "tmp" has 2 sources'),
    ("Deployment", f"{POD}.volumes", [{"name": "tmp"}], "", ""),
    ("Deployment", f"{POD}.volumes", [{"name": "tmp"}, {"name": "tmp"}], "FH3106", 'name "tmp" is used twice'),
    ("Deployment", f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "1 Gi"}}], "FH3103", "sizeLimit"),
    ("Deployment", f"{POD}.volumes", [{"name": "tmp", "secret": {"secretName": "a", "defaultMode": 644}}], "FH3107",
     "defaultMode 644 must be from 0 to 0777"),
    ("Deployment", f"{POD}.volumes", [{"name": "tmp", "configMap": {}}], "FH3113", "a volume of kind configMap needs"),
    ("Deployment", f"{POD}.volumes",
     [{"name": "tmp", "configMap": {"name": "a", "items": [{"key": "a", "path": "/a"}]}}], "FH3117", 'path "/a"'),
    # workloads
    ("Deployment", "spec.replicas", -1, "FH3107", "replicas -1 must be at least 0"),
    ("Deployment", "spec.selector", {"matchLabels": {"app": "api"}}, "FH3112", "the selector does not match the label"),
    ("Deployment", "spec.selector", {}, "FH3113", "the selector is empty"),
    ("Deployment", "spec.selector", {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, "",
     ""),
    ("Deployment", "spec.selector", {"matchExpressions": [{"key": "app", "operator": "In", "values": ["b"]}]}, "FH3112",
     "the selector does not match"),
    ("Deployment", "spec.selector.matchExpressions", [{"key": "app", "operator": "Is"}], "FH3105", 'operator "Is"'),
    ("Deployment", "spec.progressDeadlineSeconds", 0, "FH3116", "progressDeadlineSeconds 0 must be greater"),
    ("Deployment", "spec.strategy.type", "Recreate", "FH3115", "rollingUpdate does not go with type Recreate"),
    ("Deployment", "spec.strategy.type", "Rolling", "FH3105", 'type "Rolling" must be one of'),
    ("Deployment", "spec.strategy.rollingUpdate", {"maxSurge": "0%", "maxUnavailable": 0}, "FH3115", "maxSurge and"),
    ("Deployment", "spec.strategy.rollingUpdate.maxSurge", "half", "FH3107", 'maxSurge "half" must be a whole number'),
    ("Deployment", "spec.strategy.rollingUpdate.maxSurge", "150%", "", ""),
    ("Deployment", f"{POD}.restartPolicy", "Never", "FH3111", 'restartPolicy "Never" must be Always'),
    ("StatefulSet", "spec.volumeClaimTemplates[0].spec.dataSource", {"kind": "Own", "name": "a"}, "FH3116", "without"),
    ("PersistentVolumeClaim", "spec.dataSource", {"kind": "Own", "name": "a"}, "", ""),  # the server drops it
    ("StatefulSet", "spec.updateStrategy.type", "OnDelete", "FH3115", "rollingUpdate does not go with type OnDelete"),
    ("StatefulSet", "spec.serviceName", "Db", "FH3101", 'serviceName "Db" must hold only'),
    ("StatefulSet", "spec.podManagementPolicy", "parallel", "FH3105", 'podManagementPolicy "parallel"'),
    ("StatefulSet", "spec.volumeClaimTemplates[0].spec.accessModes", ["RWO"], "FH3105", 'accessModes "RWO" must be'),
    ("StatefulSet", "spec.volumeClaimTemplates[0].metadata.name", "other", "FH3109", 'volumeMount "data" has no'),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate.maxSurge", 1, "FH3115", "maxSurge and maxUnavailable of a Daemon"),
    # jobs
    ("Job", f"{POD}.restartPolicy", GONE, "FH3111", "restartPolicy is missing"),
    ("Job", f"{POD}.restartPolicy", "Always", "FH3111", "restartPolicy of a Job must be"),
    ("Job", "spec.backoffLimit", -1, "FH3107", "backoffLimit -1"),
    ("Job", "spec.completionMode", "Indexed", "", ""),
    ("Job", "spec", {"completionMode": "Indexed", "parallelism": 2, "template": JOB_POD}, "FH3116", "completionMode I"),
    ("Job", "spec.maxFailedIndexes", 1, "FH3116", "maxFailedIndexes needs completionMode"),
    ("Job", "spec.selector", {"matchLabels": {"a": "b"}}, "FH3116", "a Job makes its selector itself"),
    ("Job", "spec.selector", {}, "", ""),
    ("Job", "spec.selector", {"matchLabels": {"job-name": "migrate"}}, "", ""),
    ("Job", "spec.selector", {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, "FH3116", "a Job mak"),
    ("Job", "spec.template.metadata.labels", {"job-name": "other"}, "FH3116", 'the label "job-name" of the pods is'),
    ("Job", "spec.template.metadata.labels", {"job-name": "migrate"}, "", ""),
    ("Job", "spec.podReplacementPolicy", "Never", "FH3105", 'podReplacementPolicy "Never"'),
    ("Job", "spec", GONE, "FH3113", '"spec" is missing'),
    ("CronJob", "spec", GONE, "FH3113", '"spec" is missing'),
    ("CronJob", "spec.jobTemplate", {}, "FH3113", "the spec of the Job is missing"),
    ("CronJob", "spec.schedule", "every day", "FH3114", 'schedule "every day"'),
    ("CronJob", "spec.jobTemplate.spec.completionMode", "Indexed", "FH3116", "completionMode Indexed needs compl"),
    ("CronJob", "spec.schedule", "@daily", "", ""),
    ("CronJob", "spec.schedule", "0,,+3 *-x * * *,", "", ""),
    ("CronJob", "spec.schedule", "1-2-3 * * * *", "FH3114", 'schedule "1-2-3 * * * *": minute'),
    ("CronJob", "spec.schedule", "*/2/3 * * * *", "FH3114", 'schedule "*/2/3 * * * *": minute: the step'),
    ("CronJob", "spec.schedule", "@every -1.h", "", ""),
    ("CronJob", "spec.schedule", "TZ=UTC 0 3 * * *", "FH3114", "schedule"),
    ("CronJob", "spec.timeZone", "Mars/Base", "FH3114", 'timeZone "Mars/Base" is not known'),
    ("CronJob", "spec.concurrencyPolicy", "forbid", "FH3105", 'concurrencyPolicy "forbid"'),
    ("CronJob", "spec.startingDeadlineSeconds", -1, "FH3107", "startingDeadlineSeconds -1"),
    ("CronJob", "spec.jobTemplate.spec.template.spec.restartPolicy", "Always", "FH3111", "restartPolicy of a Job"),
    # network
    ("Service", "spec.ports", [], "FH3113", "a Service needs at least one port"),
    ("Service", "spec.ports[0].port", 0, "FH3104", "port 0 must be from 1 to 65535"),
    ("Service", "spec.ports[0].name", GONE, "FH3113", "with several ports, each needs a name"),
    ("Service", "spec.ports[1].name", "http", "FH3106", 'name "http" is used twice in ports'),
    ("Service", "spec.ports[1].port", 80, "FH3106", 'port "TCP/80" is used twice in ports'),
    ("Service", "spec.ports[0].nodePort", 30000, "FH3116", "nodePort does not go with type ClusterIP"),
    ("Service", "spec.ports[0].targetPort", "HTTP", "FH3104", 'targetPort "HTTP" must hold only'),
    ("Service", "spec.type", "Cluster", "FH3105", 'type "Cluster" must be one of ClusterIP'),
    ("Service", "spec.type", "ExternalName", "FH3113", "type ExternalName needs externalName"),
    ("Service", "spec.clusterIP", "10.0.0", "FH3201", 'clusterIP "10.0.0" is no IP address'),
    ("Service", "spec.clusterIP", "None", "", ""),
    ("Service", "spec.externalTrafficPolicy", "Local", "FH3116", "externalTrafficPolicy does not go with"),
    ("Service", "spec.loadBalancerSourceRanges", ["10.0.0.0/8"], "FH3116", "loadBalancerSourceRanges needs type"),
    ("Ingress", "spec.rules", [], "FH3113", "an Ingress needs rules or a defaultBackend"),
    ("Ingress", "spec.rules[0].host", "Shop.example.com", "FH3202", 'host "Shop.example.com" must hold only'),
    ("Ingress", "spec.rules[0].host", "10.0.0.1", "FH3202", 'host "10.0.0.1" must be a DNS name'),
    ("Ingress", "spec.rules[0].host", "*.example.com", "", ""),
    ("Ingress", "spec.tls[0].hosts", [""], "FH3202", "the host is empty"),
    ("Ingress", "spec.tls[0].secretName", "A b", "FH3101", 'secretName "A b" must hold only'),
    ("Ingress", f"{PATHS}.path", "shop", "FH3117", 'path "shop" must begin with /'),
    ("Ingress", f"{PATHS}.path", "/a//b", "FH3117", 'path "/a//b" must not hold //'),
    ("Ingress", f"{PATHS}.pathType", "prefix", "FH3105", 'pathType "prefix"'),
    ("Ingress", f"{PATHS}.backend.service.port", {"name": "http", "number": 80}, "FH3108", "the port of a backend is"),
    ("Ingress", f"{PATHS}.backend", {}, "FH3108", "a backend is a service or a resource"),
    ("NetworkPolicy", "spec.policyTypes", ["Egress"] * 3, "FH3106", "policyTypes holds a direction twice"),
    ("NetworkPolicy", "spec.policyTypes", [""], "FH3105", 'policyTypes "" must be one of'),
    ("NetworkPolicy", "spec.policyTypes", ["ingress"], "FH3105", 'policyTypes "ingress" must be one of'),
    ("NetworkPolicy", "spec.egress[0].to[0].ipBlock.cidr", "10.0/8", "FH3201", '"10.0/8" is no range of addresses'),
    ("NetworkPolicy", "spec.egress[0].to[0].ipBlock.except", ["11.0.0.0/16"], "FH3201", '"11.0.0.0/16" must be a stri'),
    ("NetworkPolicy", "spec.egress[0].ports[0].endPort", 80, "FH3107", "endPort 80 must be at least port 5000"),
    ("NetworkPolicy", "spec.ingress[0].ports[0].endPort", 80, "FH3116", "endPort needs a port that is a number"),
    ("NetworkPolicy", "spec.ingress[0].from", [{}], "FH3113", "a peer needs"),
    # scaling
    ("HorizontalPodAutoscaler", "spec", GONE, "FH3113", '"spec" is missing'),
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef.apiVersion", "apps", "FH3113", 'apiVersion "apps" of the target'),
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "a/b", "FH3101", 'name "a/b" must not'),
    ("HorizontalPodAutoscaler", "spec.maxReplicas", 1, "FH3107", "maxReplicas 1 must be at least minReplicas 2"),
    ("HorizontalPodAutoscaler", "spec.minReplicas", 0, "FH3107", "minReplicas 0 must be at least 1"),
    ("HorizontalPodAutoscaler", "spec.metrics[0].type", "Pods", "FH3108", "a metric of type Pods needs `pods`"),
    ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target.type", "AverageValue", "", ""),
    ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target", {"type": "Utilization"}, "FH3108", "the target"),
    ("HorizontalPodAutoscaler", "spec.metrics[0].resource.target.averageValue", "1", "FH3108", "the target takes one"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleDown.stabilizationWindowSeconds", 3601, "FH3107", "stabilization"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleDown.policies[0].periodSeconds", 0, "FH3107", "periodSeconds 0"),
    ("PodDisruptionBudget", "metadata.name", "My_Budget", "", ""),
    ("PodDisruptionBudget", "spec.minAvailable", 1, "FH3108", "minAvailable and maxUnavailable exclude each other"),
    ("PodDisruptionBudget", "spec.maxUnavailable", "101%", "FH3107", "maxUnavailable 101% must be at most 100%"),
    # storage and configuration
    ("PersistentVolumeClaim", "spec.resources", {}, "FH3113", "a claim needs resources.requests.storage"),
    ("PersistentVolumeClaim", "spec.resources.requests.storage", 0, "FH3107", "storage 0 must be above 0"),
    ("PersistentVolumeClaim", "spec.accessModes", [], "FH3113", "a claim needs accessModes"),
    ("ConfigMap", "data", {"a/b": "x"}, "FH3203", 'the key "a/b" must hold only letters'),
    ("ConfigMap", "binaryData", {"a": "!"}, "FH3204", 'the value of "a" is not base64'),
    ("ConfigMap", "binaryData", {"level": "aGk="}, "FH3106", 'the key "level" is in data and in binaryData'),
    ("ConfigMap", "data", {"a": "x" * (1 << 20)}, "FH3205", "the ConfigMap holds 1048578 bytes"),
    ("Secret", "data", {"tls.crt": "plain text", "tls.key": "aGk="}, "FH3204", 'the value of "tls.crt" is not base64'),
    ("Secret", "data", {"tls.crt": "aGk="}, "FH3113", 'a Secret of type kubernetes.io/tls needs the key "tls.key"'),
    # access
    ("Role", "rules[0].verbs", [], "FH3206", "the rule names no verbs"),
    ("Role", "rules[0].apiGroups", GONE, "FH3206", "the rule names no apiGroups"),
    ("Role", "rules[0].resources", [], "FH3206", "the rule names no resources"),
    ("Role", "rules", [{"nonResourceURLs": ["/x"], "verbs": ["get"]}], "FH3206", "nonResourceURLs are for ClusterRole"),
    ("ClusterRoleBinding", "subjects[0].namespace", GONE, "FH3207", 'the ServiceAccount "web" needs its namespace'),
    ("ClusterRoleBinding", "subjects[0].kind", "Account", "FH3105", 'kind "Account" must be one of User'),
    ("ClusterRoleBinding", "subjects[0].kind", "", "FH3207", "the kind of the subject is empty"),
    ("ClusterRoleBinding", "roleRef.kind", "Role", "FH3105", 'kind "Role" must be one of ClusterRole'),
    ("RoleBinding", "roleRef.kind", "", "FH3113", "roleRef has no kind"),
    ("RoleBinding", "roleRef.name", "a/b", "FH3101", 'name "a/b" must not be'),
    ("PrometheusRule", "spec.groups", [{"name": "a"}, {"name": "a"}], "FH3106", 'name "a" is used twice in groups'),
    ("RoleBinding", "roleRef.apiGroup", "rbac", "FH3105", "apiGroup of roleRef must be"),
    # the rest of each topic
    ("ClusterRoleBinding", "subjects[0].name", "", "FH3207", "the subject has no name"),
    ("ClusterRoleBinding", "subjects[0].apiGroup", "x", "FH3207", "apiGroup of a ServiceAccount must be empty"),
    ("ClusterRoleBinding", "subjects", [{"kind": "User", "name": "a", "apiGroup": "x"}], "FH3207", "apiGroup of a Use"),
    ("Secret", "data", {"tls.crt": "", "tls.key": "eHh4" * 350_000}, "FH3205", "the Secret holds 1050000 bytes"),
    ("Secret", "type", "kubernetes.io/basic-auth", "FH3113", "a Secret of type kubernetes.io/basic-auth needs usernam"),
    ("Secret", "stringData", {"a/b": ""}, "FH3203", 'the key "a/b" must'),
    ("Deployment", f"{CONTAINER}.ports[0].hostPort", 70_000, "FH3104", "hostPort 70000 must be from 1 to 65535"),
    ("Deployment", f"{CONTAINER}.env[0].name", "", "FH3113", "a variable without a name"),
    ("Deployment", f"{CONTAINER}.volumeMounts[0].mountPath", "", "FH3113", "mountPath is empty"),
    ("Deployment", f"{CONTAINER}.volumeMounts[0]",
     {"name": "tmp", "mountPath": "/a", "subPath": "a", "subPathExpr": "b"},
     "FH3108", "subPath and subPathExpr exclude each other"),
    ("Deployment", f"{CONTAINER}.livenessProbe", {"grpc": {"port": 0}}, "FH3104", "port 0 must be"),
    ("Deployment", f"{CONTAINER}.livenessProbe", {"exec": {}}, "FH3113", "exec needs a command"),
    ("Deployment", f"{CONTAINER}.securityContext.capabilities.add", ["CAP_SYS_ADMIN"], "FH3116", "CAP_SYS_ADMIN can't"),
    ("Deployment", "spec.selector.matchExpressions", [{"key": "app", "operator": "NotIn"}], "FH3113", "the operator"),
    ("Deployment", "spec.selector.matchExpressions", [{"key": "app", "operator": "Exists", "values": ["a"]}], "FH3116",
     "the operator Exists takes no values"),
    ("Deployment", "spec.selector.matchExpressions", [{"key": "a b", "operator": "DoesNotExist"}], "FH3102", 'the key'),
    ("Job", "spec.podFailurePolicy", {"rules": []}, "", ""),
    ("Job", "spec", {"podFailurePolicy": {"rules": []}, "podReplacementPolicy": "TerminatingOrFailed",
                     "template": JOB_POD}, "FH3116", "with podFailurePolicy, podReplacementPolicy must be Failed"),
    ("Job", "spec", {"podFailurePolicy": {"rules": []}, "template": {"spec": {**JOB_POD["spec"],
                     "restartPolicy": "OnFailure"}}}, "FH3116", "podFailurePolicy needs restartPolicy: Never"),
    ("Job", "spec", {"completionMode": "Indexed", "completions": 2, "maxFailedIndexes": 1, "template": JOB_POD},
     "FH3116", "maxFailedIndexes needs backoffLimitPerIndex"),
    ("CronJob", "spec.schedule", "", "FH3114", "the schedule is empty"),
    ("Service", "spec", {"type": "NodePort", "clusterIP": "None", "ports": [{"port": 1}]}, "FH3116", "clusterIP None"),
    ("Service", "spec.externalIPs", ["10.0"], "FH3201", 'externalIPs "10.0" is no IP address'),
    ("Service", "spec", {"type": "ExternalName", "externalName": "A b"}, "FH3202", 'externalName "A b" must hold only'),
    ("Service", "spec", {"type": "ExternalName", "externalName": "a", "clusterIP": "10.0.0.1"}, "FH3116", "clusterIP"),
    ("Ingress", "spec.defaultBackend", {"service": {"name": "1", "port": {"number": 80}}}, "FH3101", 'name "1" must'),
    ("Ingress", "spec.ingressClassName", "A b", "FH3101", 'ingressClassName "A b" must'),
    ("Ingress", f"{PATHS}.path", "/a/..", "FH3117", 'path "/a/.." must not end with'),
    ("Ingress", PATHS, {"path": "a", "pathType": "ImplementationSpecific", "backend": {"service": {
        "name": "a", "port": {"number": 1}}}}, "FH3117", 'path "a" must begin with /'),
    ("NetworkPolicy", "spec.egress[0].to[0].podSelector", {}, "FH3116", "ipBlock does not go with a selector"),
    ("Deployment", f"{POD}.hostname", "A", "FH3101", 'hostname "A" must'),
    ("Deployment", f"{POD}.dnsConfig", {"nameservers": ["a"]}, "FH3201", 'nameservers "a" is no IP address'),
    ("Deployment", f"{POD}.securityContext.supplementalGroups", [-1], "FH3107", "supplementalGroups -1 must be"),
    ("Deployment", f"{POD}.securityContext.seccompProfile.localhostProfile", "a", "FH3116", "localhostProfile does no"),
    ("Deployment", f"{POD}", {"hostNetwork": True, "containers": [
        {"name": "a", "image": "a", "ports": [{"containerPort": 1, "hostPort": 2}]}]}, "FH3116", "with hostNetwork, h"),
    ("Deployment", f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "tolerationSeconds": 1}], "FH3116",
     "tolerationSeconds needs effect"),
    ("Deployment", f"{POD}.affinity", {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 1, "preference": {"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1", "2"]}]}}]}},
     "FH3116", "the operator Gt takes exactly one value"),
    ("Deployment", f"{POD}.affinity", {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 1, "preference": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["1"]}]}}]}},
     "FH3116", "the operator Exists takes no values"),
    ("Deployment", f"{POD}.affinity", {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": ""}]}}, "FH3113", '"topologyKey" is missing'),
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef.kind", "", "FH3113", "scaleTargetRef.kind is empty"),
    ("HorizontalPodAutoscaler", "spec.metrics[0].pods", {"metric": {"name": "a"}, "target": {
        "type": "AverageValue", "averageValue": 1}}, "FH3108", "`pods` does not go with type Resource"),
    ("Deployment", f"{POD}.volumes[0]", {"name": "tmp", "projected": {"defaultMode": 1000, "sources": [
        {"configMap": {"name": "a", "items": [{"key": "a", "path": "b"}]}}]}}, "FH3107", "defaultMode 1000 must be"),
    ("Deployment", f"{POD}.volumes[0]", {"name": "tmp", "hostPath": {"path": "/a/../b"}}, "FH3117", "the path of a ho"),
    ("Deployment", f"{POD}.volumes[0]", {"name": "tmp", "persistentVolumeClaim": {"claimName": ""}}, "FH3113",
     'a volume of kind persistentVolumeClaim needs'),
    ("Deployment", f"{POD}.volumes[0]", {"name": "tmp", "ephemeral": {"volumeClaimTemplate": {"spec": {
        "accessModes": ["ReadWriteOnce"]}}}}, "FH3113", "a claim needs resources.requests.storage"),
    ("PersistentVolumeClaim", "spec.accessModes", ["ReadWriteOnce", "ReadWriteOncePod"], "FH3116", "ReadWriteOncePod"),
    ("PersistentVolumeClaim", "spec.storageClassName", "A b", "FH3101", 'storageClassName "A b" must'),
    ("Deployment", "spec", GONE, "FH3113", "spec is missing"),
    ("ServiceMonitor", "spec.scrapeProtocols", ["PrometheusProto", "PrometheusProto"], "FH3106", "name"),
    # HTTPRoutes
    ("HTTPRoute", "spec.parentRefs[1].namespace", GONE, "", ""),
    ("HTTPRoute", "spec.parentRefs[1]", {"name": "public"}, "FH3116", "with several references to one parent"),
    ("HTTPRoute", "spec.parentRefs[1]", {"name": "public", "sectionName": "https"}, "FH3106", "the same parent"),
    ("HTTPRoute", "spec.parentRefs[1]", {"name": "public", "kind": "Service", "group": ""}, "", ""),
    ("HTTPRoute", "spec.rules", [{"matches": [{}] * 64}] * 3, "FH3110", "the rules have 192 matches together"),
    ("HTTPRoute", f"{MATCH}.path.value", "shop", "FH3117", 'path "shop" must begin with /'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a//b", "FH3117", 'path "/a//b" must not hold //'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a/../b", "FH3117", 'path "/a/../b" must not hold /../'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a/./b", "FH3117", 'path "/a/./b" must not hold /./'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a%2Fb", "FH3117", 'path "/a%2Fb" must not hold %2F'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a%2fb", "FH3117", 'path "/a%2fb" must not hold %2f'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a#b", "FH3117", 'path "/a#b" must not hold #'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a/..", "FH3117", 'path "/a/.." must not end with'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a/.", "FH3117", 'path "/a/." must not end with'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a b", "FH3117", 'path "/a b" holds a character that must be'),
    ("HTTPRoute", f"{MATCH}.path.value", "/a%zz", "FH3117", 'path "/a%zz" holds a character that must be'),
    ("HTTPRoute", f"{MATCH}.path.value", "/%41-._~!$&'()*+,;=:@", "", ""),
    ("HTTPRoute", f"{MATCH}.headers[1].name", "a", "FH3106", "name"),
    ("HTTPRoute", f"{MATCH}.queryParams", [{"name": "a", "value": "b"}] * 2, "FH3106", "name"),
    ("HTTPRoute", "spec.rules[1].backendRefs", [{"name": "web", "port": 80}], "FH3116", "a redirect does not go with"),
    ("HTTPRoute", f"{MATCH}.path.type", "Exact", "FH3116", "urlRewrite with replacePrefixMatch needs"),
    ("HTTPRoute", "spec.rules[0].matches", [{}, {}], "FH3116", "urlRewrite with replacePrefixMatch needs"),
    ("HTTPRoute", "spec.rules[0].matches", GONE, "", ""),
    ("HTTPRoute", "spec.rules[0].backendRefs[0].port", GONE, "FH3113", "a reference to a Service needs its port"),
    ("HTTPRoute", "spec.rules[0].backendRefs[0]", {"name": "a", "kind": "Bucket", "group": "example.com"}, "", ""),
    ("HTTPRoute", "spec.rules[0].filters[0].requestHeaderModifier", GONE, "FH3108", "type RequestHeaderModifier needs"),
    ("HTTPRoute", "spec.rules[0].filters[0].urlRewrite", {"hostname": "a.b"}, "FH3108", "`urlRewrite` does not go"),
    ("HTTPRoute", f"{MODIFIER}.set", [{"name": "a", "value": "b"}] * 2, "FH3106", "name"),
    ("HTTPRoute", f"{MODIFIER}.remove", ["a", "a"], "FH3106", "name"),
    ("HTTPRoute", f"{MIRROR}.fraction", {"numerator": 1}, "FH3108", "percent and fraction exclude each other"),
    ("HTTPRoute", MIRROR, {"backendRef": {"name": "a", "port": 1}, "fraction": {"numerator": 101}}, "FH3107", "the"),
    ("HTTPRoute", f"{MIRROR}.backendRef.port", GONE, "FH3113", "a reference to a Service needs its port"),
    ("HTTPRoute", f"{REWRITE}.replacePrefixMatch", GONE, "FH3108", "type ReplacePrefixMatch needs"),
    ("HTTPRoute", f"{REWRITE}.replaceFullPath", "/x", "FH3108", "`replaceFullPath` does not go with"),
    ("HTTPRoute", "spec.rules[0].timeouts.backendRequest", "11s", "FH3107", "backendRequest must not be longer"),
    ("HTTPRoute", "spec.rules[0].timeouts", {"request": "0s", "backendRequest": "5s"}, "", ""),
    ("HTTPRoute", "spec.rules[1].filters", [REDIRECT, REDIRECT], "FH3106", "a filter of type Request"),
    ("HTTPRoute", "spec.rules[1].filters", [REDIRECT, {"type": "URLRewrite", "urlRewrite": {}}], "FH3116", "Request"),
    # Gateways
    ("Gateway", "spec.listeners[1].name", "http", "FH3106", "name"),
    ("Gateway", "spec.listeners[0].tls", {"certificateRefs": [{"name": "a"}]}, "FH3116", "tls does not go with"),
    ("Gateway", "spec.listeners[1].tls.mode", "Passthrough", "FH3116", "protocol HTTPS needs mode Terminate"),
    ("Gateway", "spec.listeners[1].tls", {}, "FH3113", "mode Terminate needs certificateRefs or options"),
    ("Gateway", "spec.listeners[1].tls", {"options": {"a/b": "c"}}, "", ""),
    ("Gateway", "spec.listeners[0].protocol", "TCP", "FH3116", "hostname does not go with protocol TCP"),
    ("Gateway", "spec.listeners[1]", {"name": "a", "port": 80, "protocol": "HTTP", "hostname": "*.example.com"},
     "FH3106", "two listeners have one port"),
    ("Gateway", "spec.addresses", [{"value": "192.0.2.1"}] * 2, "FH3106", "value"),
    ("Gateway", "spec.addresses[1].value", "edge", "FH3201", 'value "edge" is no IP address'),
    ("Gateway", "spec.addresses[0].value", "", "FH3202", 'hostname "" is no DNS name'),
    ("Gateway", "spec.addresses[0].value", "a_b", "FH3202", 'hostname "a_b" is no DNS name'),
    ("Gateway", "spec.infrastructure.labels", {"a b": "c"}, "FH3102", '"a b" cannot be the key'),
]
# fmt: on


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_valid_object_has_no_findings(kind: str) -> None:
    assert found(OBJECTS[kind], Layer.SCHEMA, Layer.API) == []


@pytest.mark.parametrize("data", list(bases()), ids=lambda data: f"{data['kind']}-{data['metadata'].get('name', '')}")
def test_an_object_that_a_real_server_takes_has_no_findings(data: dict[str, Any]) -> None:
    findings = found(data, Layer.SCHEMA, Layer.API)
    assert [each for each in findings if each[0] != "FH3006"] == [], "that an API version is deprecated is no mistake"


@pytest.mark.parametrize(("kind", "path", "value", "code", "message"), CASES)
def test_each_rule(kind: str, path: str, value: Any, code: str, message: str) -> None:
    findings = found(changed(kind, path, value), Layer.API)
    assert [found_code for found_code, _, _ in findings] == ([code] if code else [])
    assert all(said.startswith(message) for _, _, said in findings)


def test_every_code_has_a_case() -> None:
    assert {code.id for code in codes.CODES} == {
        case[3] for case in (*CASES, *test_kinds.WRONG) if " " not in case[3]
    } - {""}


def test_a_wrong_type_does_not_stop_the_rules_for_the_rest() -> None:
    data = changed("Deployment", "spec.replicas", "3")
    data["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = 0
    data["spec"]["template"]["spec"]["containers"][0]["args"] = [1]
    assert sorted(code for code, _, _ in found(data, Layer.SCHEMA, Layer.API)) == ["FH3011", "FH3011", "FH3104"]


def test_quantities_get_a_suggestion() -> None:
    texts = ("512MB", "1 Gi", "2gb", "much")
    hints = {text: suffix_hint(text) for text in texts}
    assert hints == {"512MB": 'write "512M"', "1 Gi": 'write "1Gi"', "2gb": 'write "2G"', "much": ""}


def test_the_pods_of_an_indexed_job_have_names() -> None:
    job = changed("Job", "metadata.name", "a.b")
    job["spec"] = {"completionMode": "Indexed", "template": JOB_POD}  # the server fills in one completion
    assert [message for _, _, message in found(job, Layer.API)] == [
        '"a.b-0", the name of a pod, must hold only a-z, 0-9 and -, and begin and end with a letter or digit'
    ]
    job["spec"]["completions"] = 0
    assert found(job, Layer.API) == []
