"""What an environment may change: each pattern of rulings L10, as a value and in the object that it reaches."""

from dataclasses import dataclass
from typing import Any

from tests.keys.services import latency

_SCRAPED = "ports: {http: 80}, metrics: {}"
_EXPOSED = "ports: {http: 80}, expose: {host: NAME.example, tls: a, class: b, annotations: {a: b}}"
_TASK = "tasks: {t: {run: {image: x/y:1}%s}}"


@dataclass(frozen=True)
class Change:
    """An environment's change of one entry: the entry as the spec says it and as the environment changes it.

    `values` is the path below the entry's own values that gets `value`; `at` and `seen` are the object and field, as in
    a row. `wrong` is an override with a mistake where MARK stands, of code `code`.
    """

    pattern: str
    says: str
    changed: str
    values: str
    value: Any
    at: str
    seen: Any
    wrong: str
    code: str

    @property
    def section(self) -> str:
        """`services` or `workflows`."""
        return self.pattern.partition(".")[0]


def _service(key: str, says: str, changed: str, *rest: Any) -> Change:
    return Change(f"services.*.{key}", says if says.startswith("image") else f"image: x/y:1, {says}", changed, *rest)


def _workflow(key: str, says: str, changed: str, *rest: Any) -> Change:
    return Change(f"workflows.*.{key}", says if says.startswith("tasks") else f"{_TASK % ''}, {says}", changed, *rest)


_POD = "Deployment spec.template.spec"
_VOLUME = "storage: {data: {path: /d, size: 1Gi, class: a}}"
_CRON = "triggers: {schedule: {cron: '0 3 * * *'}}"
_TASK_POD = "CronJob/-t spec.jobTemplate.spec.template.spec"

# fmt: off
CHANGES = (
    _service("image", "image: x/y:1", "image: x/y:2", "image.tag", "2", f"{_POD}.containers[0].image", "x/y:2",
             "image: →X", "FH1005"),
    _service("replicas", "replicas: 2", "replicas: 0", "replicas", 0, "Deployment spec.replicas", 0, "replicas: →'4'",
             "FH1002"),
    _service("autoscale", "autoscale: {max: 4, cpu: 70}", "autoscale: {max: 9}", "autoscale.max", 9,
             "HorizontalPodAutoscaler spec.maxReplicas", 9, "autoscale: {max: →0}", "FH1006"),
    _service("resources", "resources: {memory: 1Gi}", "resources: {memory: 2e9}", "resources.requests.memory", "2e9",
             f"{_POD}.containers[0].resources.limits.memory", "2e9", "resources: {memory: →2GB}", "FH1005"),
    _service("env", "env: {A: x}", "env: {A: 0755}", "env.A", "0755", f"{_POD}.containers[0].env[A].value", "0755",
             "env: {A: →[]}", "FH1002"),
    _service("placement", "placement: {priority: a}", "placement: {nodeSelector: {x: 'on'}}", "nodeSelector",
    {"x": "on"},
             f"{_POD}.nodeSelector.x", "on", "placement: {→zone: a}", "FH1001"),
    _service("placement", "placement: {spread: zone}", "placement: {spread: node}", "spreadOver",
    "kubernetes.io/hostname",
             f"{_POD}.topologySpreadConstraints[0].topologyKey", "kubernetes.io/hostname",
             "placement: {spread: →rack}", "FH1007"),
    _service("slo.availability", f"{_SCRAPED}, slo: {{availability: 99}}", "slo: {availability: 99.9}",
    "slo.availability",
             99.9, "PrometheusRule/=r-keys spec.groups[slo-NAME-availability].rules[slo:error_budget:ratio].expr",
             "vector((100 - 99.9) / 100)",
             "slo: {availability: →all}", "FH1002"),
    _service("slo.latency", f"{_SCRAPED}, slo: {{latency: {{p99: 1s}}}}", "slo: {latency: {p99: 500ms}}",
    "slo.latency.p99",
             0.5, "PrometheusRule/=r-keys spec.groups[slo-NAME-latency-p99].rules[0].expr",
             latency("http_request_duration_seconds", "0.5"),
             "slo: {latency: {p99: →0.5}}", "FH1005"),
    _service("storage.*.size", _VOLUME, "storage: {data: {size: 2Gi}}", "storage.data.size", "2Gi",
             "StatefulSet spec.volumeClaimTemplates[0].spec.resources.requests.storage", "2Gi",
             "storage: {data: {size: →big}}", "FH1005"),
    _service("storage.*.class", _VOLUME, "storage: {data: {class: fast}}", "storage.data.class", "fast",
             "StatefulSet spec.volumeClaimTemplates[0].spec.storageClassName", "fast",
             "storage: {data: {→path: /e}}", "FH1014"),
    _service("expose.host", _EXPOSED, "expose: {host: NAME.other.example}", "expose.host", "NAME.other.example",
             "Ingress spec.rules[0].host", "NAME.other.example", "expose: {host: →a_b}", "FH1005"),
    _service("expose.tls", _EXPOSED, "expose: {tls: other}", "expose.tls", "other", "Ingress spec.tls[0].secretName",
             "other", "expose: {tls: →A}", "FH1005"),
    _service("expose.class", _EXPOSED, "expose: {class: other}", "expose.class", "other",
    "Ingress spec.ingressClassName",
             "other", "expose: {→via: nodeport}", "FH1014"),
    _service("expose.gateway", "ports: {http: 80}, expose: {via: gateway, host: NAME.example, gateway: a}",
             "expose: {gateway: {name: b}}", "expose.gateway.name", "b", "HTTPRoute spec.parentRefs[0].name", "b",
             "expose: {gateway: {→nam: b}}", "FH1001"),
    _service("expose.annotations", _EXPOSED, "expose: {annotations: {a: 1.10}}", "expose.annotations", {"a": "1.10"},
             "Ingress metadata.annotations.a", "1.10", "expose: {annotations: {→a b: c}}", "FH1004"),
    _workflow("timeout", "timeout: 1h", "timeout: 90m", "timeout", "90m", "ConfigMap data[bindings.json].timeout",
    "90m",
              "timeout: →90", "FH1005"),
    _workflow("parallelism", "parallelism: 3", "parallelism: 7", "parallelism", 7,
              "ConfigMap data[bindings.json].parallelism", 7, "parallelism: →0", "FH1006"),
    _workflow("keep", "keep: {success: 1}", "keep: {success: 9}", "keep.success", 9,
              "CronJob spec.successfulJobsHistoryLimit", 9, "keep: {→sucess: 9}", "FH1001"),
    _workflow("triggers.schedule", _CRON, "triggers: {schedule: {cron: '@daily', timezone: Europe/Paris}}",
              "schedule.timezone", "Europe/Paris", "CronJob spec.timeZone", "Europe/Paris",
              "triggers: {schedule: {cron: →daily}}", "FH1005"),
    _workflow("tasks.*.resources", _TASK % "", "tasks: {t: {resources: {cpu: 2}}}", "tasks.t.resources.requests.cpu",
    "2",
              f"{_TASK_POD}.containers[0].resources.requests.cpu", "2", "tasks: {t: {resources: →2}}", "FH1002"),
    _workflow("tasks.*.timeout", _TASK % "", "tasks: {t: {timeout: 5m}}", "tasks.t.timeout", "5m",
              "ConfigMap data[bindings.json].tasks.t.timeout", "5m", "tasks: {t: {timeout: →0s}}", "FH1006"),
    _workflow("tasks.*.env", _TASK % ", env: {A: x}", "tasks: {t: {env: {A: 'no'}}}", "tasks.t.env.A", "no",
              f"{_TASK_POD}.containers[0].env[A].value", "no", "tasks: {t: {env: {→1: x}}}", "FH1004"),
    _workflow("tasks.*.retry", _TASK % "", "tasks: {t: {retry: {attempts: 4}}}", "tasks.t.retry.attempts", 4,
              "ConfigMap data[bindings.json].tasks.t.retry.attempts", 4, "tasks: {t: {→run: {image: z}}}", "FH1014"),
    _workflow("tasks.*.placement", _TASK % "", "tasks: {t: {placement: {spread: zone}}}", "tasks.t.spreadOver",
              "topology.kubernetes.io/zone", f"{_TASK_POD}.topologySpreadConstraints[0].topologyKey",
              "topology.kubernetes.io/zone", "tasks: {t: {placement: {spread: →[]}}}", "FH1002"),
    _workflow("tasks.*.placement", _TASK % "", "tasks: {t: {placement: {priority: high}}}",
              "tasks.t.priorityClassName", "high", f"{_TASK_POD}.priorityClassName", "high",
              "tasks: {t: {placement: {priority: →[]}}}", "FH1002"),
)
# fmt: on
