"""The defects by which validators were compared: a shop in which nothing is wrong, with one mistake at a time.

43 are what a real API server refuses and strict schemas let pass, 24 are of other kinds: schema, YAML, references. Each
is found, with its cause and on its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostic, Diagnostics, Severity
from generator.manifest import read_manifests
from generator.validate.model import Preset
from generator.validate.places import FilePlaces
from generator.validate.presets import Policy
from generator.validate.rulebook import Rulebook
from generator.validate.validator import validate_manifests

SHOP = (Path(__file__).parent / "shop.yaml").read_text()


@dataclass(frozen=True)
class Defect:
    """`old` (the first after `of`, a kind) becomes `new`; found is `code`, with `word`, on the line that holds `at`."""

    name: str
    of: str
    old: str
    new: str
    code: str
    word: str
    at: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        before, kind, after = SHOP.partition(f"kind: {self.of}\n")
        assert self.old in after, self.name
        return before + kind + after.replace(self.old, self.new, 1)


POD_LABELS = "      labels:\n        app: web\n"
DEFECTS = (
    Defect("s01 port 99999", "Deployment", "containerPort: 8080", "containerPort: 99999", "FH3104", "65535"),
    Defect("s02 name", "ConfigMap", "name: settings", "name: Bad_Name", "FH3101", "Bad_Name"),
    Defect("s03 no metadata", "PodDisruptionBudget", "metadata:\n  name: web\n", "", "FH3113", "name", "policy/v1"),
    Defect("s04 no name", "Role", "  name: reader\n", "  labels: {}\n", "FH3113", "name", "metadata:"),
    Defect("s05 label of 64", "Deployment", "commit: a1b2c3", "commit: " + "a" * 64, "FH3102", "63"),
    Defect("s06 label with space", "Deployment", "commit: a1b2c3", "commit: a b", "FH3102", "a b"),
    Defect(
        "s07 selector and template",
        "Deployment",
        POD_LABELS,
        "      labels:\n        app: wob\n",
        "FH3112",
        "selector",
        "selector:",
    ),
    Defect("s08 quantity", "Deployment", "memory: 64Mi", "memory: abc", "FH3103", "abc"),
    Defect("s09 request over limit", "Deployment", "memory: 64Mi", "memory: 256Mi", "FH3110", "limit"),
    Defect("s10 protocol", "Deployment", "protocol: TCP", "protocol: HTTP", "FH3105", "TCP"),
    Defect("s11 restartPolicy", "Deployment", "restartPolicy: Always", "restartPolicy: Foo", "FH3105", "Always"),
    Defect("s12 Job restarts", "Job", "restartPolicy: Never", "restartPolicy: Always", "FH3111", "OnFailure"),
    Defect("s13 pull policy", "Deployment", "imagePullPolicy: IfNotPresent", "imagePullPolicy: Foo", "FH3105", "Never"),
    Defect("s14 type", "Service", "type: ClusterIP", "type: Foo", "FH3105", "NodePort"),
    Defect("s15 port names", "Deployment", "- name: metrics", "- name: http", "FH3106", "twice"),
    Defect("s16 container names", "Deployment", "- name: side", "- name: web", "FH3106", "twice"),
    Defect(
        "s17 no such volume",
        "Deployment",
        "- name: tmp\n          mount",
        "- name: temp\n          mount",
        "FH3109",
        "temp",
        "- name: temp",
    ),
    Defect("s18 mountPath", "Deployment", "mountPath: /settings", "mountPath: /tmp", "FH3109", "/tmp"),
    Defect(
        "s19 no handler",
        "Deployment",
        "          httpGet:\n            path: /ready\n            port: http",
        "          periodSeconds: 5",
        "FH3108",
        "readinessProbe",
        "readinessProbe:",
    ),
    Defect(
        "s20 two handlers",
        "Deployment",
        "            port: http",
        "            port: http\n          tcpSocket:\n            port: http",
        "FH3108",
        "tcpSocket",
        "readinessProbe:",
    ),
    Defect(
        "s21 two sources",
        "Deployment",
        "emptyDir: {}",
        "emptyDir: {}\n        configMap: {name: settings}",
        "FH3108",
        "emptyDir",
        "- name: tmp",
    ),
    Defect(
        "s22 two values",
        "Deployment",
        "- name: LEVEL\n",
        "- name: LEVEL\n          value: info\n",
        "FH3108",
        "valueFrom",
        "- name: LEVEL",
    ),
    Defect("s23 schedule", "CronJob", "0 3 * * *", "0 25 * * *", "FH3114", "25"),
    Defect("s24 concurrency", "CronJob", "concurrencyPolicy: Forbid", "concurrencyPolicy: Foo", "FH3105", "Replace"),
    Defect(
        "s25 min over max",
        "HorizontalPodAutoscaler",
        "minReplicas: 2",
        "minReplicas: 9",
        "FH3107",
        "maxReplicas",
        "maxReplicas",
    ),
    Defect("s26 metric", "HorizontalPodAutoscaler", "- type: Resource", "- type: Foo", "FH3105", "Foo"),
    Defect("s27 CIDR", "NetworkPolicy", "10.0.0.0/8", "10.0.0.0/33", "FH3201", "10.0.0.0/33"),
    Defect("s28 policyTypes", "NetworkPolicy", "- Egress", "- Foo", "FH3105", "Foo"),
    Defect(
        "s29 min and max",
        "PodDisruptionBudget",
        "maxUnavailable: 1",
        "maxUnavailable: 1\n  minAvailable: 1",
        "FH3108",
        "minAvailable",
        "maxUnavailable",
    ),
    Defect("s30 150 %", "PodDisruptionBudget", "maxUnavailable: 1", "maxUnavailable: 150%", "FH3107", "100"),
    Defect("s31 base64", "Secret", "c2hvcA==", "not base64!", "FH3204", "base64"),
    Defect("s32 key", "ConfigMap", "LEVEL: info", "a/b: info", "FH3203", "a/b"),
    Defect("s33 pathType", "Ingress", "pathType: Prefix", "pathType: Foo", "FH3105", "ImplementationSpecific"),
    Defect(
        "s34 name and number",
        "Ingress",
        "number: 80",
        "number: 80\n              name: http",
        "FH3108",
        "number",
        "port:",
    ),
    Defect("s35 replicas", "Deployment", "replicas: 2", "replicas: -1", "FH3107", "-1"),
    Defect("s36 no surge", "Deployment", "maxSurge: 1", "maxSurge: 0", "FH3115", "maxUnavailable", "rollingUpdate:"),
    Defect(
        "s37 Recreate",
        "Deployment",
        "type: RollingUpdate",
        "type: Recreate",
        "FH3115",
        "rollingUpdate",
        "rollingUpdate:",
    ),
    Defect("s38 whenUnsatisfiable", "Deployment", "ScheduleAnyway", "Foo", "FH3105", "DoNotSchedule"),
    Defect("s39 image", "Deployment", "image: shop/web:1.4.2", 'image: ""', "FH3113", "image", "- name: web"),
    Defect("s40 Indexed", "Job", "  completions: 2\n", "  parallelism: 2\n", "FH3116", "completions", "completionMode"),
    Defect(
        "s41 overflow", "Deployment", "containerPort: 8080", "containerPort: 1099511627776", "FH3013", "1099511627776"
    ),
    Defect("s42 no verbs", "Role", "verbs: [get]", "verbs: []", "FH3206", "verb", "- apiGroups"),
    Defect(
        "s43 null selector",
        "Deployment",
        "matchLabels:\n      app: web\n",
        "matchLabels: null\n",
        "FH3113",
        "selector",
        "selector:",
    ),
    Defect("x01 unknown field", "Deployment", "replicas: 2", "replica: 2", "FH3010", "replica"),
    Defect("x02 wrong type", "Deployment", "replicas: 2", 'replicas: "3"', "FH3011", "replicas"),
    Defect(
        "x03 no selector",
        "Deployment",
        "  selector:\n    matchLabels:\n      app: web\n",
        "",
        "FH3012",
        "selector",
        "spec:",
    ),
    Defect(
        "x04 null list",
        "CronJob",
        "containers:\n          - name: nightly\n",
        "containers: null\n          xs:\n          - name: nightly\n",
        "FH3012",
        "containers",
        "spec:",
    ),
    Defect("x05 ServiceMonitor", "ServiceMonitor", "- port: metrics", "- prt: metrics", "FH3010", "prt"),
    Defect(
        "x06 key twice", "ConfigMap", "LEVEL: info", "LEVEL: info\n  LEVEL: debug", "FH3001", "twice", "LEVEL: debug"
    ),
    Defect("x07 12e03", "Deployment", "commit: a1b2c3", "commit: 12e03", "FH3011", "commit"),
    Defect("x08 y", "Deployment", "commit: a1b2c3", "commit: y", "FH3011", "commit"),
    Defect(
        "x09 twice",
        "Service",
        "  name: web\n",
        "  name: web\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n",
        "FH3401",
        "twice",
        "name: web",
    ),
    Defect(
        "x10 removed API",
        "HorizontalPodAutoscaler",
        "apiVersion: policy/v1\n",
        "apiVersion: policy/v1beta1\n",
        "FH3003",
        "policy/v1",
    ),
    Defect("x11 no pod", "Service", "tier: front", "tier: back", "FH3402", "no pods", "selector:"),
    Defect("x12 target name", "Service", "targetPort: http", "targetPort: web", "FH3403", "web"),
    Defect("x13 target number", "Service", "targetPort: 9090", "targetPort: 9091", "FH3413", "9091"),
    Defect("x14 probe port", "Deployment", "            port: http", "            port: htp", "FH3403", "htp"),
    Defect("x15 HPA target", "HorizontalPodAutoscaler", "    name: web", "    name: wob", "FH3404", "wob"),
    Defect("x16 Ingress service", "Ingress", "            name: web", "            name: wob", "FH3405", "wob"),
    Defect("x17 Ingress port", "Ingress", "number: 80", "number: 81", "FH3403", "81"),
    Defect("x18 account", "Deployment", "serviceAccountName: web", "serviceAccountName: wob", "FH3410", "wob"),
    Defect(
        "x19 ConfigMap",
        "Deployment",
        "        configMap:\n          name: settings",
        "        configMap:\n          name: other",
        "FH3406",
        "other",
    ),
    Defect("x20 key", "Deployment", "key: LEVEL", "key: DEPTH", "FH3408", "DEPTH"),
    Defect("x21 budget", "PodDisruptionBudget", "app: web", "app: wob", "FH3402", "no pods", "selector:"),
    Defect("x22 policy", "NetworkPolicy", "app: web", "app: wob", "FH3402", "no pods", "podSelector:"),
    Defect("x23 monitor port", "ServiceMonitor", "- port: metrics", "- port: metric", "FH3403", "metric"),
    Defect("x24 monitor", "ServiceMonitor", "app: web", "app: wob", "FH3412", "no Service", "selector:"),
)


def found(text: str) -> list[Diagnostic]:
    diagnostics, book = Diagnostics(), Rulebook(Policy(Preset.MINIMAL))
    validate_manifests(read_manifests(text, "shop.yaml"), ["1.35"], diagnostics, FilePlaces(), rulebook=book)
    return list(diagnostics)


def test_nothing_is_wrong_with_the_shop() -> None:
    assert [finding.message for finding in found(SHOP) if finding.severity is not Severity.INFO] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_the_defect_is_found_with_its_cause_and_on_its_line(defect: Defect) -> None:
    lines = defect.text.splitlines()
    places = [
        lines[finding.span.start.line - 1]
        for finding in found(defect.text)
        if finding.span and finding.code.id == defect.code and defect.word in finding.message
    ]
    expected = defect.at or defect.new.strip().splitlines()[-1].strip()
    assert [line for line in places if expected in line], f"{defect.code} with {defect.word!r} in {places}"


def test_the_table_holds_all_of_them() -> None:
    names = [defect.name.split()[0] for defect in DEFECTS]
    assert names == [f"s{number:02}" for number in range(1, 44)] + [f"x{number:02}" for number in range(1, 25)]
