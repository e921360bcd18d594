"""Pods of custom resources are looked at as those of Deployments are, whatever else is in the object."""

import copy
import json
from typing import Any

import pytest

from generator.kube.workloads import CUSTOM_PODS
from generator.validate.model import Layer
from tests.validate.objects import found

KINDS = sorted(CUSTOM_PODS)
PLAIN = [kind for kind in KINDS if kind[0] != "serving.knative.dev"]
TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {
        "serviceAccountName": "web",
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [
            {
                "name": "web",
                "image": "shop/web:1",
                "securityContext": {"privileged": True},
                "ports": [{"name": "http", "containerPort": 8080}],
                "envFrom": [{"configMapRef": {"name": "settings"}}],
            }
        ],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    },
}
SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: https}]}
"""


def resource(kind: tuple[str, str], template: Any) -> dict[str, Any]:
    """A custom resource with a pod template."""
    data: Any = copy.deepcopy(template)
    for key in reversed(CUSTOM_PODS[kind]):
        data = {key: data}
    if not CUSTOM_PODS[kind]:  # it is a template itself
        data = copy.deepcopy(template)
    data["metadata"] = {**data.get("metadata", {}), "name": "web"}
    return {"apiVersion": f"{kind[0]}/v1alpha1", "kind": kind[1], **data}


@pytest.mark.parametrize("kind", KINDS)
def test_policies_see_their_containers(kind: tuple[str, str]) -> None:
    said = [(code, path) for code, path, _ in found(resource(kind, TEMPLATE), Layer.POLICY) if code == "FH4100"]
    place = ".".join((*CUSTOM_PODS[kind], "spec.containers[0].securityContext.privileged"))
    assert said == [("FH4100", place)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_they_need_is_looked_for(kind: tuple[str, str]) -> None:
    said = {code for code, _, _ in found(json.dumps(resource(kind, TEMPLATE)) + SERVICE, Layer.REFERENCES)}
    # the port that the Service leads to, ConfigMap, Secret, claim, account
    assert said == {"FH3403", "FH3406", "FH3407", "FH3409", "FH3410"}


@pytest.mark.parametrize("kind", PLAIN)
def test_what_no_pod_can_be_is_an_error(kind: tuple[str, str]) -> None:
    wrong = copy.deepcopy(TEMPLATE)
    wrong["spec"]["containers"][0]["name"] = "Web"
    assert [code for code, _, _ in found(resource(kind, wrong), Layer.API)] == ["FH3101"]


def test_knative_fills_in_names_and_asks_for_readiness() -> None:
    service = ("serving.knative.dev", "Service")
    template = {"spec": {"containerConcurrency": 5, "containers": [{"image": "shop/web:1"}]}}
    assert found(resource(service, template), Layer.API) == []
    assert "FH4206" not in {code for code, _, _ in found(resource(service, template), Layer.POLICY)}
    rollout = {code for code, _, _ in found(resource(("argoproj.io", "Rollout"), TEMPLATE), Layer.POLICY)}
    assert "FH4206" in rollout


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "junk",
    [
        None, 3, "x", [], {}, {"spec": 3}, {"spec": {"containers": "x"}}, {"metadata": {"labels": 3}, "spec": {}},
        {"spec": {"containers": [3, None, {"name": 3, "env": "x", "ports": [{"containerPort": "a"}]}]}},
        {"spec": {"volumes": {"a": 1}, "containers": [{"name": "a", "securityContext": []}]}},
    ],
)  # fmt: skip
def test_templates_of_any_shape_are_borne(kind: tuple[str, str], junk: Any) -> None:
    if CUSTOM_PODS[kind] or isinstance(junk, dict):
        found(resource(kind, junk) if not isinstance(junk, dict) or CUSTOM_PODS[kind] else {
            "apiVersion": f"{kind[0]}/v1", "kind": kind[1], **junk}, *Layer)  # fmt: skip


def test_a_rollout_may_take_the_pods_of_a_deployment() -> None:
    rollout = resource(("argoproj.io", "Rollout"), None) | {
        "spec": {"workloadRef": {"kind": "Deployment", "name": "a"}}
    }
    assert found(rollout, Layer.API, Layer.POLICY) == []
