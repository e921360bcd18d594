"""Patches: what Helm makes of a patched chart is what kubectl makes of the rendered object and the patch."""

from __future__ import annotations

import copy
import difflib
import json
import random
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.diagnostics import Diagnostics
from generator.kube.merge_keys import merge_key
from generator.kube.workloads import api_group
from tests.charts import chart_of, rendered
from tests.lower.test_services import BUSY

SYSTEM: dict[str, Any] = yaml.safe_load(BUSY)
SERVICES = {
    "web": ("Deployment", "Service", "ServiceAccount", "ConfigMap", "Ingress", "HorizontalPodAutoscaler",
            "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "Pod", "NetworkPolicy.connection"),
    "store": ("StatefulSet", "Service", "Service.headless", "Role", "RoleBinding"),
    "agent": ("DaemonSet",),
}  # fmt: skip
NAMES = {
    ("web", "Pod"): "r-shop-web-connection",
    ("web", "NetworkPolicy.connection"): "r-shop-web-connection",
    ("store", "Service.headless"): "r-shop-store-headless",
}
# What may fill the gaps of the templates.
FILLED = """
commonLabels: {team: shop}
commonAnnotations: {owner: shop, note: "1"}
monitoring: {labels: {release: prom}}
services:
  web:
    podAnnotations: {sidecar/inject: "no"}
    podLabels: {tier: front}
    nodeSelector: {zone: a}
    affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
    extraVolumes: [{name: more, emptyDir: {}}]
    extraVolumeMounts: [{name: more, mountPath: /more}]
    extraEnv: {MORE: "1"}
    topologySpreadConstraints: [{topologyKey: rack, maxSkew: 1, whenUnsatisfiable: ScheduleAnyway}]
"""
PATCHES: dict[tuple[str, str], str] = {
    ("web", "Deployment"): """
spec:
  minReadySeconds: 5
  strategy: {$retainKeys: [type], type: Recreate}
  template:
    metadata:
      labels: {tier: null, new: label}
      annotations: {sidecar/inject: "yes", checksum/files: null}
    spec:
      hostAliases: [{ip: 192.0.2.1, hostnames: [a]}]
      securityContext: {$patch: replace, runAsUser: 10}
      imagePullSecrets: [{name: more}]
      tolerations: [{key: only, operator: Exists}]
      affinity: {nodeAffinity: null, podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
      topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, maxSkew: 3}, {topologyKey: room, maxSkew: 2}]
      containers:
      - name: web
        resources: {limits: {cpu: "1", memory: null}, claims: [{name: gpu}]}
        env: [{name: MODE, value: slow}, {name: STORE, $patch: delete}, {name: NEW, value: "{{ x }} ${{ y }}"}]
        ports: [{containerPort: 9090, hostPort: 9090}, {containerPort: 1234, name: new}]
        volumeMounts: [{mountPath: /tmp, $patch: delete}, {mountPath: /data, name: data}]
        livenessProbe: {$patch: delete}
      - {name: third, image: "x:1"}
      initContainers: [{name: proxy, $patch: delete}, {name: only, image: "busybox:1.37"}]
      readinessGates: [{conditionType: a}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
""",
    ("web", "Service"): "{metadata: {labels: {team: null}}, spec: {ports: [{port: 80, name: x}], type: NodePort}}",
    ("web", "PodDisruptionBudget"): "{spec: {selector: {matchLabels: {a: b}}}}",
    ("web", "Ingress"): "{metadata: {annotations: {a: c, owner: null}}, spec: {ingressClassName: nginx, tls: null}}",
    ("store", "StatefulSet"): "{spec: {volumeClaimTemplates: [], template: {spec: {volumes: [{$patch: replace}]}}}}",
    ("store", "Service.headless"): "{spec: {publishNotReadyAddresses: true}}",
    ("agent", "DaemonSet"): "{spec: {template: {spec: {volumes: [{name: tmp, emptyDir: {medium: Memory}}]}}}}",
}  # fmt: skip


def kubectl_patch(kubectl: Path, data: Mapping[str, Any], patch: Any) -> Any:
    kind = "merge" if "coreos" in data["apiVersion"] else "strategic"
    command = [str(kubectl), "patch", "--local", f"--type={kind}", "-o", "json", "-f", "-", "-p", json.dumps(patch)]
    done = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stderr}\n{json.dumps(data)}\n{patch}"
    return cleaned(json.loads(done.stdout))


def cleaned(data: Any) -> Any:
    """Without what is empty or set by the server, lists that are merged by a key in one order."""
    if isinstance(data, dict):
        kept = {key: cleaned(value) for key, value in data.items() if key not in ("status", "creationTimestamp")}
        return {key: value for key, value in kept.items() if value not in (None, {}, [])}
    if isinstance(data, list):
        items = [cleaned(item) for item in data]
        return (
            sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
            if all(isinstance(item, dict) for item in items)
            else items
        )
    return data


def with_patches(patches: Mapping[tuple[str, str], Any]) -> str:
    system = copy.deepcopy(SYSTEM)
    for (service, kind), patch in patches.items():
        system["services"][service].setdefault("patches", {})[kind] = patch
    return yaml.safe_dump(system, sort_keys=False)


def differences(helm: Path, kubectl: Path, folder: Path, patches: Mapping[tuple[str, str], Any]) -> Iterator[str]:
    filled = folder / "filled.yaml"
    filled.write_text(FILLED)
    plain, changed = chart_of(BUSY), chart_of(with_patches(patches), Diagnostics())
    for index, arguments in enumerate(([], ["--values", str(filled)])):
        before = rendered(helm, folder / f"before-{index}", plain, *arguments)
        after = rendered(helm, folder / f"after-{index}", changed, *arguments)
        for (service, label), patch in patches.items():
            key = (label.partition(".")[0], NAMES.get((service, label), f"r-shop-{service}"))
            expected = kubectl_patch(kubectl, before[key], patch)
            wanted, found = (yaml.safe_dump(each).splitlines() for each in (expected, cleaned(after[key])))
            lines = list(difflib.unified_diff(wanted, found, "kubectl", "helm", lineterm="", n=4))
            if lines:
                yield "\n".join([f"{service} {label}", json.dumps(patch), *lines])


def test_a_patch_does_what_kubectl_does(helm4: Path, kubectl: Path, tmp_path: Path) -> None:
    patches = {key: yaml.safe_load(text) for key, text in PATCHES.items()}
    assert "\n".join(differences(helm4, kubectl, tmp_path, patches)) == ""


@pytest.mark.parametrize("seed", range(3))
def test_patches_thought_up_do_what_kubectl_does(helm4: Path, kubectl: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    objects = rendered(helm4, tmp_path / "seen", chart_of(BUSY))
    patches = {}
    for service, kinds in SERVICES.items():
        for label in kinds:
            data = objects[label.partition(".")[0], NAMES.get((service, label), f"r-shop-{service}")]
            group = api_group(data["apiVersion"])
            patch = patch_of(data, rng, (group, data["kind"]), ())
            patches[service, label] = {key: value for key, value in patch.items() if key not in ("apiVersion", "kind")}
            if not isinstance(patches[service, label].get("metadata", {}), dict):
                del patches[service, label]["metadata"]
            for part in ("name", "$patch", "labels"):
                patches[service, label].get("metadata", {}).pop(part, None)
    assert "\n".join(differences(helm4, kubectl, tmp_path, patches)) == ""


def patch_of(data: Any, rng: random.Random, kind: tuple[str, str], path: tuple[str, ...]) -> Any:
    """A patch that changes, removes and adds a few things in an object."""
    if isinstance(data, dict):
        keys = rng.sample(sorted(data), rng.randint(1, min(3, len(data)))) if data else []
        patch = {key: patch_of(data[key], rng, kind, (*path, key)) for key in keys}
        if path[-1:] in (("labels",), ("annotations",), ("data",), ("nodeSelector",), ("matchLabels",)):
            patch = {key: rng.choice([None, "text"]) for key in patch} | {rng.choice(["new", "a/b", "team"]): "{{ x"}
        return {key: value if len(path) != 1 or rng.random() < 0.9 else None for key, value in patch.items()}
    if isinstance(data, list):
        key = merge_key(*kind, path)
        if not key or not all(isinstance(item, dict) for item in data) or not data:
            return [*data[:1], *data[:1]] if rng.random() < 0.5 else data[1:]
        item = rng.choice(data)
        if rng.random() < 0.3:
            return [{key: item[key], "$patch": "delete"}]
        return [{**patch_of(item, rng, kind, (*path, "[]")), key: item[key]}]
    return data if rng.random() < 0.5 else None


def test_a_task_is_patched_through_its_job(helm4: Path, tmp_path: Path) -> None:
    task = (
        "{run: {image: 'x:1'}, patches: {Job: {spec: {backoffLimit: 2}}, ServiceAccount: {metadata: {labels: {a: b}}}}}"
    )
    found = rendered(helm4, tmp_path, chart_of(f"workflows: {{w: {{tasks: {{t: {task}}}}}}}"))
    assert found["CronJob", "r-shop-w-t"]["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 2
    assert found["ServiceAccount", "r-shop-w-t"]["metadata"]["labels"]["a"] == "b"


def test_places_follow_items_when_others_are_removed() -> None:
    text = """
services:
  web:
    image: a:1
    env: {FIRST: a, SECOND: b}
    patches:
      Deployment:
        spec: {template: {spec: {containers: [{name: web, env: [
          {name: FIRST, $patch: delete}, {name: NEW, value: c}]}]}}}
"""
    chart = chart_of(text)
    origin = next(each.origin for each in chart.templates if each.tree["kind"] == "Deployment")
    env = "spec.template.spec.containers[0].env"
    line = {index: origin.find(f"{env}[{index}]").start for index in (0, 1)}
    assert (line[0].line, line[1].line) == (8, 12)
    assert origin.find(f"{env}[1].value").start.column > line[1].column


def test_patches_of_defaults_are_for_those_who_have_the_object(helm4: Path, tmp_path: Path) -> None:
    patch = "defaults: {patches: {StatefulSet: {spec: {minReadySeconds: 9}}, Deployment: {spec: {minReadySeconds: 5}}}}"
    services = "services: {a: {image: 'a:1'}, b: {image: 'b:1', kind: statefulset}}"
    found = rendered(helm4, tmp_path, chart_of(f"{patch}\n{services}"))
    assert found["Deployment", "r-shop-a"]["spec"]["minReadySeconds"] == 5
    assert found["StatefulSet", "r-shop-b"]["spec"]["minReadySeconds"] == 9
