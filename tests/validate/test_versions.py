"""Rules that a later version of Kubernetes has relaxed are held against the versions that are asked for."""

from typing import Any

import pytest

from generator.diagnostics import Diagnostics
from generator.manifest import Manifest, Manifests
from generator.validate.model import Layer
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests
from tests.validate.objects import changed

QUEUE = [{"type": "External", "external": {"metric": {"name": "a"}, "target": {"type": "Value", "value": "1"}}}]
RULE = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}


def found(data: dict[str, Any], *versions: str) -> list[str]:
    """The errors in an object for these versions."""
    diagnostics = Diagnostics()
    manifests = Manifests((Manifest(data, "file.yaml"),))
    validate_manifests(manifests, versions, diagnostics, FilePlaces(), [Layer.API])
    return [finding.message for finding in diagnostics]


def scaled() -> dict[str, Any]:
    """An autoscaler that may take away all pods."""
    data = changed("HorizontalPodAutoscaler", "spec.minReplicas", 0)
    return {**data, "spec": {**data["spec"], "metrics": QUEUE}}


def restarted() -> dict[str, Any]:
    """A container that restarts the whole pod."""
    data = changed("Deployment", "spec.template.spec.containers[0].restartPolicy", "Never")
    data["spec"]["template"]["spec"]["containers"][0]["restartPolicyRules"] = [RULE]
    return data


@pytest.mark.parametrize(
    ("data", "last"),
    [
        (changed("Service", "metadata.name", "3scale"), "1.35"),
        (changed("Ingress", "spec.rules[0].http.paths[0].backend.service.name", "3scale"), "1.35"),
        (scaled(), "1.36"),
        (restarted(), "1.35"),
    ],
    ids=["service", "backend", "autoscaler", "restart"],
)
def test_what_later_versions_take(data: dict[str, Any], last: str) -> None:
    following = f"1.{int(last.partition('.')[2]) + 1}"
    [message] = found(data, last)
    assert found(data, following) == []
    assert found(data, last, following) == [f"{message} (in Kubernetes {last})"]


def test_what_no_version_takes() -> None:
    assert len(found(changed("Service", "metadata.name", "3_scale"), "1.37")) == 1
    assert len(found(changed("HorizontalPodAutoscaler", "spec.minReplicas", 0), "1.37")) == 1
