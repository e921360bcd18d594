"""Valid objects, and how to change one place in them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from generator.diagnostics import Diagnostics
from generator.manifest import Manifest, read_manifests
from generator.validate.model import LAYERS, Layer
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests
from generator.yamlio.manifests import Unreadable, load

GONE = object()
"""In place of a value: the key is left out."""

POD = """\
      serviceAccountName: web
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: web
        image: shop/web:1.0.0
        ports: [{name: http, containerPort: 8080}, {containerPort: 8081}]
        env: [{name: A, value: x}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        readinessProbe: {httpGet: {path: /, port: http}}
        volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes: [{name: tmp, emptyDir: {}}]
"""
TEMPLATE = f"""\
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
{POD}"""

OBJECTS = {
    "Deployment": f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{app: web}}, annotations: {{example.com/note: "any text: at all"}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}
{TEMPLATE}""",
    "StatefulSet": f"""\
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: web
  selector: {{matchLabels: {{app: web}}}}
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: 0}}}}
  volumeClaimTemplates:
  - metadata: {{name: data}}
    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
{TEMPLATE.replace("/tmp}]", "/tmp}, {name: data, mountPath: /data}]")}""",
    "DaemonSet": f"""\
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: agent}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 0, maxUnavailable: 1}}}}
{TEMPLATE}""",
    "Job": f"""\
apiVersion: batch/v1
kind: Job
metadata: {{name: migrate}}
spec:
  backoffLimit: 3
{TEMPLATE}      restartPolicy: Never
""",
    "CronJob": """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers: [{name: a, image: shop/a:1}]
""",
    "Service": """\
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}, {name: admin, port: 81, targetPort: 8081}]
""",
    "Ingress": """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  tls: [{hosts: [shop.example.com], secretName: tls}]
  rules:
  - host: shop.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
""",
    "NetworkPolicy": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 5000, endPort: 5010}]}]
""",
    "HorizontalPodAutoscaler": """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 5
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Pods, value: 1, periodSeconds: 60}]}}
""",
    "PodDisruptionBudget": """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
""",
    "PersistentVolumeClaim": """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
""",
    "ConfigMap": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: info}
binaryData: {logo: aGk=}
""",
    "Secret": """\
apiVersion: v1
kind: Secret
metadata: {name: tls}
type: kubernetes.io/tls
data: {tls.crt: aGk=, tls.key: aGk=}
""",
    "ServiceAccount": """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
""",
    "Role": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "reader:web"}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
""",
    "ClusterRoleBinding": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "reader:web"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
""",
    "RoleBinding": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "reader:web"}
subjects: [{kind: ServiceAccount, name: web}]
""",
    "ServiceMonitor": """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http, interval: 30s}]}
""",
    "PodMonitor": """\
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: http}]}
""",
    "PrometheusRule": """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: web}
spec: {groups: [{name: web, rules: [{alert: Down, expr: up == 0, for: 5m, labels: {severity: page}}]}]}
""",
    "HTTPRoute": """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{name: public, sectionName: https}, {name: public, sectionName: http, namespace: edge}]
  hostnames: [shop.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /shop}, headers: [{name: a, value: b}, {name: c, value: d}]}]
    filters:
    - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}], remove: [c]}}
    - {type: RequestMirror, requestMirror: {backendRef: {name: web, port: 80}, percent: 5}}
    - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}
    backendRefs: [{name: web, port: 80, weight: 9}]
    timeouts: {request: 10s, backendRequest: 5s}
  - filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]
""",
    "Gateway": """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public}
spec:
  gatewayClassName: edge
  infrastructure: {labels: {a: b}, annotations: {example.com/a: b}}
  addresses: [{type: Hostname, value: edge.example.com}, {value: 192.0.2.1}]
  listeners:
  - {name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}
  - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop-tls}]}}
""",
}
"""One valid object of each kind; together they make a chart in which all references hold."""

BASES = Path(__file__).parent / "bases"


def bases(namespace: str = "shop") -> Iterator[dict[str, Any]]:
    """Valid objects of nearly all kinds, several of the common ones: together they use every union and most fields.

    Only Events name the namespace they stand in; what mentions a namespace of the application mentions this one.
    """
    for path in sorted(BASES.glob("*.yaml")):
        text = path.read_text().replace("namespace: shop", f"namespace: {namespace}")
        for document in text.split("\n---\n"):
            data = load(document)
            assert isinstance(data, dict), f"{path.name}: {data}"
            yield data


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """A valid object (`Kind`, or `Kind/name` of the bases) with another value at `path` (or without the key: GONE)."""
    data = copy.deepcopy(_valid(kind))
    *steps, last = [int(step[1:-1]) if step[0] == "[" else step for step in re.findall(r"\[\d+\]|[^.\[\]]+", path)]
    here: Any = data
    for step in steps:
        here = here.setdefault(step, {}) if isinstance(here, dict) else here[step]
    if value is GONE:
        del here[last]
    else:
        here[last] = value
    assert isinstance(data, dict)
    return data


@cache
def _valid(kind: str) -> Any:
    if "/" in kind:
        return next(base for base in bases() if f"{base['kind']}/{base['metadata'].get('name')}" == kind)
    data = load(OBJECTS[kind])
    assert not isinstance(data, Unreadable)
    return data


def found(text: str | dict[str, Any], *layers: Layer) -> list[tuple[str, str, str]]:
    """Code, path and message of what is found in a stream (or one object) against Kubernetes 1.35."""
    if isinstance(text, str):
        manifests = read_manifests(text, "file.yaml")
    else:
        manifests = type(read_manifests(""))((Manifest(text, "file.yaml"),))
    diagnostics = Diagnostics()
    validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), layers or LAYERS)
    return [(finding.code.id, finding.path, finding.message) for finding in diagnostics]
