"""NetworkPolicies: whoever has rights at the Kubernetes API also reaches it, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.charts import chart_of, rendered

SPEC = """
services:
  watcher:
    image: example.com/watcher:1.0.0
    account: {rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
  web: {image: "example.com/web:1.0.0", ports: {http: 8080}, calls: ["mail.example.com:587"]}
workflows:
  flow:
    tasks:
      own:
        run: {image: "example.com/own:1.0.0"}
        account: {rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
      borrowed: {run: {service: watcher}}
      plain: {run: {service: web}, calls: ["mail.example.com:587"]}
"""


def egress_ports(objects: Mapping[tuple[str, str], dict[str, Any]], component: str) -> list[list[int]]:
    spec = objects["NetworkPolicy", f"r-shop-{component}"]["spec"]
    return [[port["port"] for port in rule["ports"]] for rule in spec.get("egress", [])]


@pytest.mark.parametrize("component", ["watcher", "flow-own", "flow-borrowed"])
def test_pods_with_rights_reach_the_api_server(helm4: Path, tmp_path: Path, component: str) -> None:
    assert egress_ports(rendered(helm4, tmp_path, chart_of(SPEC)), component) == [[443, 6443]]


@pytest.mark.parametrize("component", ["web", "flow-plain"])
def test_pods_without_rights_do_not(helm4: Path, tmp_path: Path, component: str) -> None:
    assert egress_ports(rendered(helm4, tmp_path, chart_of(SPEC)), component) == [[587]]


@pytest.mark.parametrize(("enabled", "rules"), [("true", 1), ("false", 0)])
def test_only_prometheus_may_call_a_service_that_nobody_calls(
    helm: Path, tmp_path: Path, enabled: str, rules: int
) -> None:
    text = "services: {web: {image: 'a:1', ports: {metrics: 9090}, metrics: {}, expose: {via: nodeport}}, "
    text += "job: {image: 'a:1', ports: {metrics: 9090}, metrics: {}}}"
    found = rendered(helm, tmp_path, chart_of(text), "--set", f"monitoring.enabled={enabled}")
    spec = found["NetworkPolicy", "r-shop-job"]["spec"]
    assert spec["policyTypes"] == ["Ingress"]
    assert len(spec.get("ingress", [])) == rules
    assert spec.get("ingress", []) is not None
