"""Kinds, patches and objects of the user's own, on a cluster: what the API server keeps, and pods that start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.emit.emitter import emit
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release, execute
from tests.hostile.test_texts import TEXTS

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gateway_api")]

ECHO = "registry.example.com/demo/echo:1.0.0"
HOSTILE = {name: text for name, text in TEXTS.items() if name != "long"}
SPEC: dict[str, Any] = {
    "defaults": {"resources": {"cpu": "10m", "memory": "32Mi"}, "security": {"user": 65532}},
    "services": {
        "web": {
            "image": ECHO,
            "ports": {"http": 8080},
            "health": {"ready": "GET /readyz", "live": "GET /healthz"},
            "autoscale": {
                "max": 3,
                "cpu": 70,
                "memory": 80,
                "metric": [
                    {"name": "hits", "target": "100", "labels": {"verb": "get"}},
                    {"name": "queue", "target": 5, "of": "external"},
                    {"name": "calls", "target": "1k", "of": "service"},
                ],
            },
            "expose": [
                {"via": "gateway", "host": "shop.example.com", "path": "/a", "gateway": "public"},
                {
                    "via": "gateway",
                    "host": "*.example.com",
                    "gateway": {"name": "public", "namespace": "edge", "listener": "https"},
                },
                {"via": "nodeport"},
            ],
            "init": [{"name": "first", "image": "busybox:1.37", "command": ["true"]}],
            "sidecars": [
                {
                    "name": "beside",
                    "image": "busybox:1.37",
                    "command": ["sh", "-c", "trap 'exit 0' TERM; touch /tmp/up; while :; do sleep 1; done"],
                    "health": {"startup": {"exec": ["test", "-f", "/tmp/up"]}},
                }
            ],
            "files": {"/etc/text": {"content": TEXTS["go-template"]}},
            "patches": {
                "Deployment": {
                    "metadata": {"annotations": HOSTILE},
                    "spec": {
                        "minReadySeconds": 1,
                        "template": {
                            "spec": {
                                "containers": [
                                    {
                                        "name": "web",
                                        "env": [{"name": "PATCHED", "value": "yes"}],
                                        "livenessProbe": None,
                                        "resources": {"limits": {"cpu": "1"}},
                                    }
                                ]
                            }
                        },
                    },
                },
                "Service": {"spec": {"ports": [{"port": 8080, "appProtocol": "http"}]}},
                "ServiceAccount": {"metadata": {"labels": {"patched": "yes"}}},
            },
        },
        "agent": {"image": ECHO, "kind": "daemonset", "ports": {"http": 8080}, "depends_on": ["web"]},
    },
    "workflows": {
        "flow": {
            "tasks": {"t": {"run": {"image": ECHO}, "patches": {"Job": {"spec": {"ttlSecondsAfterFinished": 60}}}}}
        }
    },
    "extra": [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "raw"}, "data": HOSTILE},
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "public"},
            "spec": {"gatewayClassName": "none", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
        },
    ],
}


@pytest.fixture
def release(namespace: Namespace, helm4: Path, tmp_path: Path) -> Release:
    chart = chart_of(yaml.safe_dump(SPEC, sort_keys=False))
    return Release(namespace, helm4, write_files(emit(chart), tmp_path / "shop"))


def test_the_server_keeps_everything_as_it_was_meant(release: Release, namespace: Namespace) -> None:
    release.install()
    check_patches(namespace)
    assert namespace.get("configmap", "raw")["data"] == HOSTILE
    metrics = namespace.get("hpa", "shop-web")["spec"]["metrics"]
    assert sorted(metric["type"] for metric in metrics) == ["External", "Object", "Pods", "Resource", "Resource"]
    assert len(namespace.get("httproute")) == 2
    assert namespace.get("gateway.gateway.networking.k8s.io", "public")["spec"]["listeners"][0]["port"] == 80
    check_sidecar(namespace.get("pods", "-l", release.selector("web"))[0])
    before = {item["metadata"]["name"]: item["metadata"]["generation"] for item in namespace.get("deployments")}
    release.upgrade()
    after = {item["metadata"]["name"]: item["metadata"]["generation"] for item in namespace.get("deployments")}
    assert before == after, "an upgrade changes nothing that has not changed"


def check_patches(namespace: Namespace) -> None:
    deployment = namespace.get("deployment", "shop-web")
    assert {name: deployment["metadata"]["annotations"].get(name) for name in HOSTILE} == HOSTILE
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert "livenessProbe" not in container
    assert container["resources"]["limits"]["cpu"] == "1"
    assert {"name": "PATCHED", "value": "yes"} in container["env"]
    assert namespace.get("service", "shop-web")["spec"]["ports"][0]["appProtocol"] == "http"
    assert namespace.get("serviceaccount", "shop-web")["metadata"]["labels"]["patched"] == "yes"
    assert namespace.get("cronjob", "shop-flow-t")["spec"]["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 60


def check_sidecar(pod: dict[str, Any]) -> None:
    """It has started when the service does, and the init containers have ended."""
    states = {each["name"]: each for each in pod["status"]["initContainerStatuses"]}
    assert states["first"]["state"]["terminated"]["exitCode"] == 0
    assert states["beside"]["ready"]
    main = pod["status"]["containerStatuses"][0]
    assert states["beside"]["state"]["running"]["startedAt"] <= main["state"]["running"]["startedAt"]


def test_the_server_takes_volumes_that_pods_share(namespace: Namespace, helm4: Path, tmp_path: Path) -> None:
    """Only tried: the cluster has no StorageClass."""
    storage = {"pictures": {"path": "/srv", "size": "1Mi", "access": "ReadWriteMany"}}
    patches = {"PersistentVolumeClaim.pictures": {"spec": {"volumeMode": "Block"}}}
    shared = {"image": ECHO, "kind": "deployment", "replicas": 3, "storage": storage, "patches": patches}
    chart = chart_of(
        yaml.safe_dump({"services": {"shared": shared, "own": {**shared, "kind": "statefulset", "patches": {}}}})
    )
    text = execute(helm4, "template", "shop", write_files(emit(chart), tmp_path / "shop"))
    tried = namespace.kubectl("apply", "--dry-run=server", "-o", "json", "-f", "-", stdin=text)
    items = {
        (item["kind"], item["metadata"]["name"]): item["spec"] for item in json.loads(tried)["items"] if "spec" in item
    }
    claim = items["PersistentVolumeClaim", "shop-shared-pictures"]
    assert (claim["accessModes"], claim["volumeMode"]) == (["ReadWriteMany"], "Block")
    assert len(items["StatefulSet", "shop-own"]["volumeClaimTemplates"]) == 1
