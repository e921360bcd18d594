"""The keys of services."""

from tests.keys.containers import ENV, ENV_FROM, FILES, IMAGE, PORTS, RESOURCES, WORDS, health
from tests.keys.pods import PLACEMENT, SECURITY, SPREAD, account, reasons
from tests.keys.rows import Place, Row, later

POD = "Deployment spec.template.spec"


def _words(container: str, prefix: str) -> dict[str, str]:
    return {"pod": POD, "container": f"{POD}.{container}", "file": f"ConfigMap data[{prefix}…]"}


SERVICE = Place("services.*", "…", _words("containers[0]", ""))
INIT = Place("services.*.init[]", "image: x/y:1, init: [{name: side, …}]", _words("initContainers[side]", "side."))
SIDECAR = Place(
    "services.*.sidecars[]", "image: x/y:1, sidecars: [{name: side, …}]", _words("initContainers[side]", "side.")
)
NAMED_INIT = Place("services.*.init[]", "image: x/y:1, init: [{…}]", {"pod": POD})
NAMED_SIDECAR = Place("services.*.sidecars[]", "image: x/y:1, sidecars: [{…}]", {"pod": POD})


def _name(containers: str) -> tuple[Row, ...]:
    at = f"pod {containers}[second].name"
    return (Row("name", "name: second", at, "second", "name: →Second", "FH1004", other="name: first"),)


def _rate(metric: str) -> str:
    def rate(more: str) -> str:
        return f'sum by (namespace, job) (rate({metric}{{namespace="default", job="r-keys-NAME"{more}}}[5m]))'

    bad = ', code=~"5.."'
    return f"(\n  {rate(bad)}\n  or\n  0 * {rate('')}\n)\n/\n({rate('')} > 0)"


def latency(metric: str, seconds: str) -> str:
    """The first rule of an objective of latency."""

    def rate(name: str, more: str) -> str:
        return f'sum by (namespace, job) (rate({metric}_{name}{{namespace="default", job="r-keys-NAME"{more}}}[5m]))'

    quick = f', le=~"{seconds}(\\\\.0)?"'
    return f"1 -\n{rate('bucket', quick)}\n/\n({rate('count', '')} > 0)"


# fmt: off
GENERAL = (
    Row("kind", "kind: daemonset", "DaemonSet metadata.labels[app.kubernetes.io/component]", "NAME", "kind: →statefull",
        "FH1007"),
    Row("kind", "kind: statefulset", "StatefulSet spec.serviceName", "r-keys-NAME-headless", "kind: →function",
        "FH1010"),
    Row("workdir", "workdir: /srv/a b", "container workingDir", "/srv/a b", "workdir: →srv", "FH1005"),
    Row("ports", "ports: {http: 80}", "Service spec.ports",
        [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}], "ports: {a: 80, b: →80}", "FH2434"),
    Row("ports.*.port", "ports: {http: {port: 81}}", "Service spec.ports[http].port", 81, "ports: {→http: {}}",
        "FH1003",
        other="ports: {http: 80}"),
    Row("ports.*.appProtocol", "ports: {http: {port: 80, appProtocol: kubernetes.io/h2c}}",
        "Service spec.ports[http].appProtocol", "kubernetes.io/h2c", "ports: {http: {port: 80, appProtocol: →[]}}",
        "FH1002"),
    Row("replicas", "replicas: 0", "Deployment spec.replicas", 0, "replicas: →'2'", "FH1002"),
    Row("replicas", "replicas: 3", "Deployment spec.replicas", 3, "replicas: →1.5", "FH1002"),
    Row("scratch", "scratch: [/var/cache/]", "container volumeMounts[/var/cache].name", "scratch-var-cache",
        "scratch: [→/]", "FH1005"),
    Row("hostname", "ports: {http: 80}, hostname: NAME-fixed", "Service/=NAME-fixed spec.type", "ClusterIP",
        "hostname: →A_B", "FH1004"),
    Row("calls", "calls: [peer]", "NetworkPolicy spec.egress[0].ports", [{"port": 8080, "protocol": "TCP"}],
        "calls: [→pear]", "FH2001"),
    Row("calls", "calls: ['db.example.com:5432']", "NetworkPolicy spec.egress[0].ports[0].port", 5432,
        "calls: [→'db.example.com:x']", "FH2014"),
    Row("depends_on", "depends_on: [peer]", "pod initContainers[wait-for-peer].args", ["r-keys-peer", "8080"],
        "depends_on: [→pier]", "FH2001"),
    Row("extends", "extends: small", "container workingDir", "/from/template", "extends: →smal", "FH2005"),
    Row("patches", "patches: {Deployment: {spec: {paused: true}}}", "Deployment spec.paused", True, "patches: →[]",
        "FH1002"),
    later("traffic", "→traffic: {}"),
    Row("accept", "rollout: {grace: 1.5s}, accept: {FH2424: it is long enough}", "finding FH2424", 0,
        "accept: {→FH9999: x}", "FH2461"),
)
AUTOSCALE = (
    Row("autoscale", "autoscale: {max: 4, cpu: 70}", "HorizontalPodAutoscaler spec.scaleTargetRef.name", "r-keys-NAME",
        "→autoscale: {cpu: 70}", "FH1003"),
    Row("autoscale.min", "autoscale: {min: 2, max: 4, cpu: 70}", "HorizontalPodAutoscaler spec.minReplicas", 2,
        "autoscale: {min: 5, max: →4, cpu: 70}", "FH2432"),
    Row("autoscale.max", "autoscale: {max: 5, cpu: 70}", "HorizontalPodAutoscaler spec.maxReplicas", 5,
        "autoscale: {max: →0, cpu: 70}", "FH1006", other="autoscale: {max: 4, cpu: 70}"),
    Row("autoscale.cpu", "autoscale: {max: 4, cpu: 55}",
        "HorizontalPodAutoscaler spec.metrics[0].resource.target.averageUtilization", 55,
        "autoscale: {max: 4, cpu: →70%}", "FH1002", other="autoscale: {max: 4, memory: 70}"),
    Row("autoscale.memory", "autoscale: {max: 4, memory: 65}",
        "HorizontalPodAutoscaler spec.metrics[0].resource.target.averageUtilization", 65,
        "autoscale: {max: 4, memory: →0}", "FH1006", other="autoscale: {max: 4, cpu: 70}"),
    later("autoscale.queue", "autoscale: {max: 4, →queue: {}}"),
    Row("autoscale.metric", "autoscale: {max: 4, metric: {name: lag, target: 100}}",
        "HorizontalPodAutoscaler spec.metrics[0].pods.metric.name", "lag", "autoscale: {max: 4, metric: →lag}",
        "FH1002",
        other="autoscale: {max: 4, cpu: 70}"),
    Row("autoscale.metric[].name", "autoscale: {max: 4, metric: [{name: lag, target: 100}]}",
        "HorizontalPodAutoscaler spec.metrics[0].pods.metric.name", "lag",
        "autoscale: {max: 4, metric: [{→nam: lag, target: 1}]}", "FH1001",
        other="autoscale: {max: 4, metric: {name: other, target: 100}}"),
    Row("autoscale.metric[].target", "autoscale: {max: 4, metric: {name: lag, target: 1.5k}}",
        "HorizontalPodAutoscaler spec.metrics[0].pods.target.averageValue", "1.5k",
        "autoscale: {max: 4, metric: {name: lag, target: →many}}", "FH1005",
        other="autoscale: {max: 4, metric: {name: lag, target: 100}}"),
    Row("autoscale.metric[].of", "autoscale: {max: 4, metric: {name: lag, target: 1, of: external}}",
        "HorizontalPodAutoscaler spec.metrics[0].type", "External",
        "autoscale: {max: 4, metric: {name: lag, target: 1, of: →queue}}", "FH1007"),
    Row("autoscale.metric[].labels", "autoscale: {max: 4, metric: {name: lag, target: 1, labels: {a: 'on'}}}",
        "HorizontalPodAutoscaler spec.metrics[0].pods.metric.selector.matchLabels", {"a": "on"},
        "autoscale: {max: 4, metric: {name: lag, target: 1, labels: {→a b: c}}}", "FH1004"),
)
STORAGE = (
    Row("storage", "storage: {data: {path: /d, size: 1Gi}}", "StatefulSet spec.volumeClaimTemplates[0].metadata.name",
        "data", "storage: {→Data: {path: /d, size: 1Gi}}", "FH1004"),
    Row("storage.*.path", "storage: {data: {path: /d, size: 1Gi}}",
        "StatefulSet spec.template.spec.containers[0].volumeMounts[/d].name", "data",
        "storage: {data: {path: →/, size: 1Gi}}", "FH1005", other="storage: {data: {path: /e, size: 1Gi}}"),
    Row("storage.*.size", "storage: {data: {path: /d, size: 1.5Gi}}",
        "StatefulSet spec.volumeClaimTemplates[0].spec.resources.requests.storage", "1.5Gi",
        "storage: {→data: {path: /d}}", "FH1003", other="storage: {data: {path: /d, size: 1Gi}}"),
    Row("storage.*.class", "storage: {data: {path: /d, size: 1Gi, class: fast.ssd}}",
        "StatefulSet spec.volumeClaimTemplates[0].spec.storageClassName", "fast.ssd",
        "storage: {data: {path: /d, size: 1Gi, class: →Fast}}", "FH1005"),
    Row("storage.*.access", "storage: {data: {path: /d, size: 1Gi, access: ReadWriteMany}}",
        "StatefulSet spec.volumeClaimTemplates[0].spec.accessModes", ["ReadWriteMany"],
        "storage: {data: {path: /d, size: 1Gi, access: →RWX}}", "FH1007"),
)
EXPOSE = (
    Row("expose", "ports: {http: 80}, expose: {host: NAME.a.example}", "Ingress spec.rules[0].host", "NAME.a.example",
        "ports: {http: 80}, expose: →nothing", "FH1002", note="one map"),
    Row("expose", "ports: {http: 80}, expose: [{host: NAME.b.example}, {host: NAME.c.example}]",
        "Ingress/-2 spec.rules[0].host", "NAME.c.example", "ports: {http: 80}, expose: [→~]", "FH1002"),
    Row("expose[].host", "ports: {http: 80}, expose: [{host: '*.NAME.example'}]", "Ingress spec.rules[0].host",
        "*.NAME.example", "ports: {http: 80}, expose: [{host: →a_b}]", "FH1005",
        other="ports: {http: 80}, expose: {via: loadbalancer}"),
    Row("expose[].path", "ports: {http: 80}, expose: {host: NAME.d.example, path: /x}",
        "Ingress spec.rules[0].http.paths[0].path", "/x", "ports: {http: 80}, expose: {host: a.b, path: →x}", "FH1005"),
    Row("expose[].tls", "ports: {http: 80}, expose: {host: NAME.e.example, tls: cert}",
        "Ingress spec.tls[0].secretName",
        "cert", "ports: {http: 80}, expose: {host: a.b, tls: →true story}", "FH1005"),
    Row("expose[].via", "ports: {http: 80}, expose: {via: loadbalancer}", "Service spec.type",
        "LoadBalancer", "ports: {http: 80}, expose: {via: →magic}", "FH1007",
        other="ports: {http: 80}, expose: {host: NAME.f.example}"),
    Row("expose[].via", "ports: {http: 80}, expose: {via: nodeport}", "Service spec.type", "NodePort",
        "ports: {http: 80}, expose: →{via: ingress}", "FH1003",
        other="ports: {http: 80}, expose: {host: NAME.g.example}"),
    Row("expose[].gateway", "ports: {http: 80}, expose: {via: gateway, host: NAME.l.example, gateway: shop}",
        "HTTPRoute spec.parentRefs[0].name", "shop", "ports: {http: 80}, expose: →{via: gateway, host: a.b}", "FH1003",
        other="ports: {http: 80}, expose: {via: gateway, host: NAME.m.example, gateway: other}"),
    Row("expose[].gateway.name",
        "ports: {http: 80}, expose: {via: gateway, host: NAME.n.example, gateway: {name: shop}}",
        "HTTPRoute spec.parentRefs[0].name", "shop",
        "ports: {http: 80}, expose: {via: gateway, host: a.b, gateway: {name: →S}}", "FH1005",
        other="ports: {http: 80}, expose: {via: gateway, host: NAME.o.example, gateway: {name: other}}"),
    Row("expose[].gateway.namespace",
        "ports: {http: 80}, expose: {via: gateway, host: NAME.p.example, gateway: {name: shop, namespace: infra}}",
        "HTTPRoute spec.parentRefs[0].namespace", "infra",
        "ports: {http: 80}, expose: {via: gateway, host: a.b, gateway: {name: s, namespace: →a.b}}", "FH1005"),
    Row("expose[].gateway.listener",
        "ports: {http: 80}, expose: {via: gateway, host: NAME.q.example, gateway: {name: shop, listener: https}}",
        "HTTPRoute spec.parentRefs[0].sectionName", "https",
        "ports: {http: 80}, expose: {via: gateway, host: a.b, gateway: {name: s, listener: →~}}", "FH1002"),
    Row("expose[].class", "ports: {http: 80}, expose: {host: NAME.h.example, class: nginx}",
        "Ingress spec.ingressClassName", "nginx", "ports: {http: 80}, expose: {host: a.b, class: →[]}", "FH1002"),
    Row("expose[].port", "ports: {a: 80, b: 81}, expose: {host: NAME.i.example, port: b}",
        "Ingress spec.rules[0].http.paths[0].backend.service.port.name", "b",
        "ports: {a: 80, b: 81}, expose: {host: a.b, port: →c}", "FH2003",
        other="ports: {a: 80, b: 81}, expose: {host: NAME.j.example, port: a}"),
    Row("expose[].annotations", "ports: {http: 80}, expose: {host: NAME.k.example, annotations: {a.b/c: 1.10}}",
        "Ingress metadata.annotations[a.b/c]", "1.10",
        "ports: {http: 80}, expose: {host: a.b, annotations: {→a b: c}}", "FH1004"),
)
_MINE = "PrometheusRule/=r-keys spec.groups[service-NAME].rules[Mine]"
_ALERT = "expr: up == 0, summary: It is down"
ALERTS = (
    Row("alerts", f"alerts: {{Mine: {{{_ALERT}}}}}", f"{_MINE}.labels.service", "NAME",
        f"alerts: {{→a-b: {{{_ALERT}}}}}", "FH1004"),
    Row("alerts.*.expr", f"alerts: {{Mine: {{{_ALERT}}}}}", f"{_MINE}.expr", "up == 0",
        "alerts: {→Mine: {summary: x}}", "FH1003", other="alerts: {Mine: {expr: up == 1, summary: x}}"),
    Row("alerts.*.summary", "alerts: {Mine: {expr: up, summary: '{{ $labels.x }} is on'}}",
        f"{_MINE}.annotations.summary",
        "{{ $labels.x }} is on", "alerts: {Mine: {expr: up, summary: →~}}", "FH1002",
        other="alerts: {Mine: {expr: up, summary: x}}"),
    Row("alerts.*.for", f"alerts: {{Mine: {{{_ALERT}, for: 90s}}}}", f"{_MINE}.for", "1m30s",
        f"alerts: {{Mine: {{{_ALERT}, for: →90}}}}", "FH1005"),
    Row("alerts.*.severity", f"alerts: {{Mine: {{{_ALERT}, severity: page}}}}", f"{_MINE}.labels.severity", "page",
        f"alerts: {{Mine: {{{_ALERT}, severity: →at once}}}}", "FH1005"),
    Row("alerts.*.description", f"alerts: {{Mine: {{{_ALERT}, description: 1e3}}}}", f"{_MINE}.annotations.description",
        "1e3", f"alerts: {{Mine: {{{_ALERT}, description: →[]}}}}", "FH1002"),
    Row("alerts.*.runbook", f"alerts: {{Mine: {{{_ALERT}, runbook: 'https://r'}}}}", f"{_MINE}.annotations.runbook_url",
        "https://r", f"alerts: {{Mine: {{{_ALERT}, runbook: →{{}}}}}}", "FH1002"),
)
_GROUP = "PrometheusRule/=r-keys spec.groups[slo-NAME-availability]"
_SCRAPED = "ports: {http: 80}, metrics: {}"
_SLO = f"{_SCRAPED}, slo: {{availability: 99"
SLO = (
    Row("slo", f"{_SLO}}}", f"{_GROUP}.name", "slo-NAME-availability", f"{_SCRAPED}, slo: →99", "FH1002"),
    Row("slo.availability", f"{_SLO}.5}}", f"{_GROUP}.rules[SloBudgetBurnsFast].labels.objective", "availability",
        f"{_SCRAPED}, slo: {{availability: →100}}", "FH1006", other=f"{_SCRAPED}, slo: {{latency: {{p99: 1s}}}}"),
    Row("slo.latency", f"{_SCRAPED}, slo: {{latency: {{p99: 250ms}}}}",
        "PrometheusRule/=r-keys spec.groups[slo-NAME-latency-p99].rules[SloBudgetBurnsFast].labels.objective",
        "latency-p99",
        f"{_SCRAPED}, slo: {{latency: {{→p: 1s}}}}", "FH1005", other=f"{_SLO}}}"),
    Row("slo.window", f"{_SLO}, window: 7d}}", f"{_GROUP}.rules[7].record", "slo:errors:ratio_rate7d",
        f"{_SLO}, window: →week}}", "FH1005"),
    Row("slo.metric", f"{_SLO}, metric: {{requests: reqs}}}}", f"{_GROUP}.rules[0].expr", _rate("reqs"),
        f"{_SLO}, metric: →reqs}}", "FH1002"),
    Row("slo.metric.requests", f"{_SLO}, metric: {{requests: reqs}}}}", f"{_GROUP}.rules[0].expr", _rate("reqs"),
        f"{_SLO}, metric: {{requests: →a b}}}}", "FH1005"),
    Row("slo.metric.duration", f"{_SCRAPED}, slo: {{latency: {{p99: 250ms}}, metric: {{duration: took_bucket}}}}",
        "PrometheusRule/=r-keys spec.groups[slo-NAME-latency-p99].rules[0].expr", latency("took", "0.25"),
        f"{_SLO}, metric: {{duration: →a b}}}}", "FH1005"),
)
METRICS = (
    Row("metrics", "ports: {http: 80}, metrics: {}", "ServiceMonitor spec.endpoints[0].path", "/metrics",
        "ports: {http: 80}, metrics: →true", "FH1002"),
    Row("metrics.port", "ports: {http: 80, admin: 81}, metrics: {port: admin}", "ServiceMonitor spec.endpoints[0].port",
        "admin", "ports: {http: 80}, metrics: {port: →admin}", "FH2003"),
    Row("metrics.path", "ports: {http: 80}, metrics: {path: /m}", "ServiceMonitor spec.endpoints[0].path", "/m",
        "ports: {http: 80}, metrics: {path: →m}", "FH1005"),
    Row("metrics.interval", "ports: {http: 80}, metrics: {interval: 1m}", "ServiceMonitor spec.endpoints[0].interval",
        "60s", "ports: {http: 80}, metrics: {interval: →1 minute}", "FH1005"),
)
ROLLOUT = (
    Row("rollout", "rollout: {strategy: recreate}", "Deployment spec.strategy.type", "Recreate", "rollout: →recreate",
        "FH1002"),
    Row("rollout.strategy", "rollout: {strategy: recreate}", "Deployment spec.strategy", {"type": "Recreate"},
        "rollout: {strategy: →blue-green}", "FH1007"),
    Row("rollout.max_surge", "rollout: {max_surge: 25%}", "Deployment spec.strategy.rollingUpdate.maxSurge", "25%",
        "rollout: {max_surge: →-1}", "FH1005"),
    Row("rollout.max_unavailable", "rollout: {max_unavailable: 2}",
        "Deployment spec.strategy.rollingUpdate.maxUnavailable", 2, "rollout: {max_unavailable: →half}", "FH1005"),
    Row("rollout.min_ready", "rollout: {min_ready: 1m}", "Deployment spec.minReadySeconds", 60,
        "rollout: {min_ready: →1}", "FH1005"),
    Row("rollout.grace", "rollout: {grace: 2m}", "pod terminationGracePeriodSeconds", 120, "rollout: {grace: →0s}",
        "FH1006"),
    Row("rollout.history", "rollout: {history: 0}", "Deployment spec.revisionHistoryLimit", 0,
        "rollout: {history: →-1}",
        "FH1006"),
)
DISRUPTION = (
    Row("disruption", "replicas: 3, disruption: {min_available: 2}", "PodDisruptionBudget spec.minAvailable", 2,
        "disruption: →2", "FH1002"),
    Row("disruption.min_available", "replicas: 3, disruption: {min_available: 50%}",
        "PodDisruptionBudget spec.minAvailable", "50%", "replicas: 3, disruption: {min_available: →3}", "FH2437"),
    Row("disruption.max_unavailable", "replicas: 3, disruption: {max_unavailable: 2}",
        "PodDisruptionBudget spec.maxUnavailable", 2, "disruption: {min_available: 1, →max_unavailable: 1}", "FH2437"),
)
SIDES = (
    Row("init", "init: [{name: first, image: a/b:1}]", "pod initContainers[first].image", "a/b:1", "init: →{}",
        "FH1002"),
    Row("sidecars", "sidecars: [{name: beside, image: a/b:1}]", "pod initContainers[beside].restartPolicy", "Always",
        "sidecars: [{name: →NAME, image: a/b:1}]", "FH2435"),
)
# Only a probe of a sidecar asks what is spoken on its port.
PROTOCOL = (
    Row("ports.*.appProtocol", "ports: {web: {port: 443, appProtocol: https}}, health: {ready: GET /}",
        "container readinessProbe.httpGet.scheme", "HTTPS", "ports: {web: {port: 80, appProtocol: →[]}}", "FH1002"),
)
# fmt: on


PLACED = (
    *SERVICE.rows(
        GENERAL, IMAGE, WORDS, ENV, ENV_FROM, FILES, PORTS, RESOURCES, health("ports: {http: 80, other: 81}")
    ),
    *SERVICE.rows(ALERTS, SLO, AUTOSCALE, STORAGE, EXPOSE, METRICS, ROLLOUT, DISRUPTION, SIDES),
    *SERVICE.rows(SECURITY, reasons("Deployment"), account(""), PLACEMENT, SPREAD),
    *NAMED_INIT.rows(_name("initContainers")),
    *NAMED_SIDECAR.rows(_name("initContainers")),
    *INIT.rows(IMAGE, WORDS, ENV, ENV_FROM, FILES, PORTS, RESOURCES),
    *SIDECAR.rows(
        PROTOCOL, IMAGE, WORDS, ENV, ENV_FROM, FILES, PORTS, RESOURCES, health("ports: {http: 80, other: 81}")
    ),
)
