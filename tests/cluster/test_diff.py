"""What the review forecasts, against what a real API server and real upgrades do."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.diff.codes import REJECTED, RESTARTS
from generator.diff.comparison import diff
from generator.diff.model import ChartDiff, Leaf, Tree
from generator.diff.normal import normalise
from generator.kube.defaults import defaults
from generator.manifest import Manifest, read_manifests
from tests.cluster.cluster import CommandFailed, execute, wait_for
from tests.diff.test_rules import HARMLESS

pytestmark = pytest.mark.cluster

CASES = Path(__file__).parents[1] / "cases" / "diff"
# v2beta2 is not served any more; the claim's words are those of one that is bound to a volume.
NOT_TRIED = {"api-version-bumped"}
OTHER_WORDS = {"volume-claim-shrunk"}


@dataclass
class Place:
    """A namespace without Pod Security, and kubectl."""

    name: str
    program: Path

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """The output of kubectl; raises CommandFailed."""
        return execute(self.program, "--namespace", self.name, *arguments, stdin=stdin)

    def pods(self) -> dict[str, set[str]]:
        """The names of the pods that run, by the app they belong to."""
        found: dict[str, set[str]] = {}
        for pod in json.loads(self.kubectl("get", "pods", "-o", "json"))["items"]:
            if "deletionTimestamp" not in pod["metadata"]:
                found.setdefault(pod["metadata"]["labels"]["app"], set()).add(pod["metadata"]["uid"])
        return found


@pytest.fixture(scope="module")
def place(kubectl: Path) -> Iterator[Place]:
    """One namespace for this file, deleted at its end."""
    made = Place(f"e2e-diff-{secrets.token_hex(3)}", kubectl)
    execute(kubectl, "create", "namespace", made.name)
    yield made
    execute(kubectl, "delete", "namespace", made.name, "--wait=false")


def read(text: str) -> tuple[Manifest, ...]:
    return read_manifests(text, "manifests.yaml").objects


def forecasts(old: str, new: str) -> ChartDiff:
    return diff(read(old), read(new))


def quoted(found: ChartDiff) -> list[str]:
    """What the review says the API server will say."""
    messages = [finding.message for finding in found.findings if finding.code in REJECTED]
    return [error for message in messages for error in re.findall("“(.*?)”", message, re.DOTALL)]


def says(error: str, said: str) -> bool:
    """Whether the words between the `…` are in what was said, in their order."""
    return re.search(".*".join(map(re.escape, error.split("…"))), said, re.DOTALL) is not None


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir() if folder.name not in NOT_TRIED))
def test_the_api_server_refuses_what_is_forecast_and_nothing_else(place: Place, name: str) -> None:
    old, new = ((CASES / name / f"{side}.yaml").read_text() for side in ("old", "new"))
    errors = quoted(forecasts(old, new))
    apply = ("apply", "--server-side", "--field-manager=helm", "-f", "-")
    place.kubectl(*apply, stdin=old)
    try:
        said = ""
        place.kubectl(*apply, "--dry-run=server", stdin=new)
    except CommandFailed as failed:
        said = failed.stderr
    finally:
        place.kubectl("delete", "--ignore-not-found", "--grace-period=0", "--force", "-f", "-", stdin=old)
    assert bool(said) == bool(errors), said
    if name not in OTHER_WORDS:
        assert [error for error in errors if not says(error, said)] == [], said


# Helm deletes hooks before it creates them anew; a claim that is not bound to a volume yet does not even grow.
ALLOWED = [
    (old, old.replace(part, other))
    for code, old, part, other in HARMLESS
    if code in {rejected.id for rejected in REJECTED} - {"FH5008"} and "helm.sh/hook" not in old
]


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_the_api_server_takes_what_the_rules_let_pass(place: Place, old: str, new: str) -> None:
    assert not quoted(forecasts(old, new))
    apply = ("apply", "--server-side", "--field-manager=helm", "-f", "-")
    try:
        place.kubectl(*apply, stdin=old)
        place.kubectl(*apply, "--dry-run=server", stdin=new)
    finally:
        place.kubectl("delete", "--ignore-not-found", "--grace-period=0", "--force", "-f", "-", stdin=old)


MINIMAL: dict[tuple[str, str], dict[str, Any]] = {
    ("v1", "Service"): {"ports": [{"port": 80}]},
    ("v1", "Pod"): {},
    ("v1", "PersistentVolumeClaim"): {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    ("apps/v1", "Deployment"): {"selector": {"matchLabels": {"app": "x"}}, "template": {}},
    ("apps/v1", "DaemonSet"): {"selector": {"matchLabels": {"app": "x"}}, "template": {}},
    ("apps/v1", "ReplicaSet"): {"selector": {"matchLabels": {"app": "x"}}, "template": {}},
    ("apps/v1", "StatefulSet"): {"selector": {"matchLabels": {"app": "x"}}, "template": {}, "volumeClaimTemplates": [
        {"metadata": {"name": "d"},
         "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": 1}}}}]},
    ("batch/v1", "Job"): {"template": {}},
    ("batch/v1", "CronJob"): {"schedule": "@daily", "jobTemplate": {"spec": {"template": {}}}},
    ("autoscaling/v2", "HorizontalPodAutoscaler"): {
        "maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}},
    ("networking.k8s.io/v1", "NetworkPolicy"): {"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]},
}  # fmt: skip
PROBE: dict[str, Any] = {"httpGet": {"port": 80}}
POD: dict[str, Any] = {
    "metadata": {"labels": {"app": "x"}},
    "spec": {
        "containers": [
            {"name": "a", "image": "busybox", "ports": [{"containerPort": 80}], "livenessProbe": PROBE},
            {"name": "b", "image": "busybox:1.37", "readinessProbe": {"grpc": {"port": 1}}, "startupProbe": PROBE,
             "env": [{"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        ],
        "volumes": [
            {"name": "empty"},
            {"name": "config", "configMap": {"name": "x"}},
            {"name": "secret", "secret": {"secretName": "x"}},
            {"name": "host", "hostPath": {"path": "/tmp"}},
            {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {"name": "about", "downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}},
        ],
    },
}  # fmt: skip


def filled_in(tree: Tree, path: str = "") -> Iterator[tuple[str, object]]:
    """Every field that `normalise` filled in."""
    if isinstance(tree, Leaf):
        if tree.is_default:
            yield path, tree.value
    else:
        parts = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, part in parts:
            yield from filled_in(part, f"{path}.{key}")


@pytest.mark.parametrize(("version", "kind"), MINIMAL)
def test_defaults_are_the_api_servers(place: Place, version: str, kind: str) -> None:
    spec = json.loads(json.dumps(MINIMAL[version, kind]))
    for holder in (spec, spec.get("jobTemplate", {}).get("spec", {})):
        if "template" in holder:
            never = {"restartPolicy": "Never"} if kind in ("Job", "CronJob") else {}
            holder["template"] = {**POD, "spec": {**POD["spec"], **never}}
    data = {"apiVersion": version, "kind": kind, "metadata": {"name": "minimal"}, "spec": spec or POD["spec"]}
    written = normalise(Manifest(data, ""), place.name)
    stored = json.loads(place.kubectl("create", "--dry-run=server", "-o", "json", "-f", "-", stdin=json.dumps(data)))
    known = dict(filled_in(written))
    assert len(known) >= 1 or not defaults(version.rpartition("/")[0], kind)
    assert {path: value_at(stored, path) for path in known} == known


def value_at(data: Any, path: str) -> Any:
    for key in path.removeprefix(".").split("."):
        data = data[int(key)] if isinstance(data, list) else data.get(key)
    return data


WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: %(name)s}
spec:
  replicas: %(replicas)s
  selector: {matchLabels: {app: %(name)s}}
  template:
    metadata: {labels: {app: %(name)s}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: busybox:1.37
          imagePullPolicy: IfNotPresent
          command: [sleep, "100000"]
          env: [{name: A, value: "1"}, {name: B, value: "2"}]
          resources: {limits: {cpu: 500m}, requests: {cpu: 1m}}
          envFrom: [{configMapRef: {name: %(config)s, optional: true}}]
---
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: info}\n---\n"
PARTS = {
    "changed": WORKLOAD % {"name": "changed", "replicas": 2, "config": "none"},
    "reordered": WORKLOAD % {"name": "reordered", "replicas": 1, "config": "none"},
    "rewritten": WORKLOAD % {"name": "rewritten", "replicas": 1, "config": "none"},
    "scaled": WORKLOAD % {"name": "scaled", "replicas": 1, "config": "none"},
    "configured": WORKLOAD % {"name": "configured", "replicas": 1, "config": "settings"},
    "settings": CONFIG,
}
RESTARTING = {
    **PARTS,
    "changed": PARTS["changed"].replace('value: "1"', 'value: "3"'),
    "reordered": PARTS["reordered"].replace(
        '{name: A, value: "1"}, {name: B, value: "2"}', '{name: B, value: "2"}, {name: A, value: "1"}'
    ),
    "rewritten": PARTS["rewritten"]
    .replace("cpu: 500m", "cpu: 0.5")
    .replace("          imagePullPolicy: IfNotPresent\n", "          terminationMessagePolicy: File\n"),
    "scaled": PARTS["scaled"].replace("replicas: 1", "replicas: 2"),
    "settings": CONFIG.replace("info", "debug"),
}
REFUSED = {
    **PARTS,
    "changed": PARTS["changed"].replace("app: changed", "app: other"),
    "settings": RESTARTING["settings"],
}


def write_chart(folder: Path, parts: dict[str, str]) -> str:
    """A chart of these manifests; returns them as one stream."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: pair\nversion: 1.0.0\n")
    for name, text in parts.items():
        (folder / "templates" / f"{name}.yaml").write_text(text)
    return "---\n".join(parts.values())


def test_an_upgrade_restarts_exactly_the_pods_that_were_forecast(place: Place, helm: Path, tmp_path: Path) -> None:
    old, new = write_chart(tmp_path / "old", PARTS), write_chart(tmp_path / "new", RESTARTING)
    found = forecasts(old, new)
    assert not quoted(found)
    forecast = {finding.subject.name for finding in found.findings if finding.code in RESTARTS and finding.subject}
    assert forecast == {"changed", "reordered"}
    options = ("--namespace", place.name, "--wait", "--timeout", "2m")
    try:
        execute(helm, "install", "restarting", str(tmp_path / "old"), *options)
        before = place.pods()
        execute(helm, "upgrade", "restarting", str(tmp_path / "new"), *options)
        after = wait_for("two pods of scaled", lambda: pods if len((pods := place.pods())["scaled"]) == 2 else None)
        assert {name for name in before if not before[name] <= after[name]} == forecast
        assert all(not before[name] & after[name] for name in forecast)
        level = place.kubectl("exec", "deploy/configured", "--", "sh", "-c", "echo $level").strip()
        assert level == "info", "a pod that does not restart keeps the old configuration: FH5402"
    finally:
        execute(helm, "uninstall", "restarting", "--namespace", place.name, "--wait")


def test_an_upgrade_is_refused_with_the_forecast_words_and_stops_half_done(
    place: Place, helm: Path, tmp_path: Path
) -> None:
    old, new = write_chart(tmp_path / "old", PARTS), write_chart(tmp_path / "new", REFUSED)
    (error,) = quoted(forecasts(old, new))
    options = ("--namespace", place.name, "--timeout", "1m")
    try:
        execute(helm, "install", "refused", str(tmp_path / "old"), *options)
        with pytest.raises(CommandFailed) as failed:
            execute(helm, "upgrade", "refused", str(tmp_path / "new"), *options)
        assert says(error, failed.value.stderr), failed.value.stderr
        level = place.kubectl("get", "configmap", "settings", "-o", "jsonpath={.data.level}")
        assert level == "debug", "what came before the refused object is changed"
    finally:
        execute(helm, "uninstall", "refused", "--namespace", place.name, "--wait")
