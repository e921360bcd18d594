"""Ways in through a Gateway, and autoscalers with metrics of one's own, as Helm renders them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import Diagnostics
from generator.emit.emitter import emit
from tests.charts import chart_of, rendered, write_files

ROUTED = """
services:
  web:
    image: shop/web:1.0.0
    ports: {http: {port: 80, target: 8080}, admin: 9000}
    expose:
      - via: gateway
        host: shop.example.com
        path: /orders
        gateway: {name: public, namespace: edge, listener: https}
        annotations: {a: b}
      - {via: gateway, host: admin.example.com, port: admin, gateway: inner}
      - {host: shop.example.com, path: /}
  api:
    image: shop/api:1.0.0
    ports: {http: 8080}
    hostname: api
    expose: {via: gateway, host: api.example.com, gateway: public}
environments:
  prod: {services: {api: {expose: {host: api.shop.example, gateway: {name: other, listener: web}}}}}
"""


def test_each_way_in_is_a_route(helm: Path, tmp_path: Path) -> None:
    found = rendered(helm, tmp_path, chart_of(ROUTED))
    route, second = found["HTTPRoute", "r-shop-web"], found["HTTPRoute", "r-shop-web-2"]
    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["metadata"]["annotations"] == {"a": "b"}
    assert route["spec"] == {
        "parentRefs": [{"name": "public", "namespace": "edge", "sectionName": "https"}],
        "hostnames": ["shop.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/orders"}}],
                "backendRefs": [{"name": "r-shop-web", "port": 80}],
            }
        ],
    }
    assert second["spec"]["parentRefs"] == [{"name": "inner"}]
    assert second["spec"]["rules"][0]["backendRefs"] == [{"name": "r-shop-web", "port": 9000}]
    assert found["HTTPRoute", "r-shop-api"]["spec"]["rules"][0]["backendRefs"] == [{"name": "api", "port": 8080}]
    assert ("Ingress", "r-shop-web") in found


def test_the_gateway_of_an_environment_is_another(helm4: Path, tmp_path: Path) -> None:
    write_files(emit(chart_of(ROUTED)), tmp_path)
    found = rendered(helm4, tmp_path, chart_of(ROUTED), "--values", str(tmp_path / "values-prod.yaml"))
    spec = found["HTTPRoute", "r-shop-api"]["spec"]
    assert (spec["hostnames"], spec["parentRefs"]) == (["api.shop.example"], [{"name": "other", "sectionName": "web"}])


def test_only_the_gateway_may_call_what_is_behind_it(helm4: Path, tmp_path: Path) -> None:
    setting = "networkPolicy.gateway.namespaceSelector.matchLabels.name=edge"
    rules = rendered(helm4, tmp_path, chart_of(ROUTED), "--set", setting)["NetworkPolicy", "r-shop-api"]["spec"][
        "ingress"
    ]
    gateway = {"namespaceSelector": {"matchLabels": {"name": "edge"}}, "podSelector": {}}
    assert {"from": [gateway], "ports": [{"port": 8080, "protocol": "TCP"}]} in rules


def test_a_cluster_without_gateway_api_can_do_without(helm4: Path, tmp_path: Path) -> None:
    chart = chart_of(ROUTED)
    assert [each.switch for each in chart.guide.requirements] == ["gateway.enabled=false"]
    values = write_files(emit(chart), tmp_path) / "ci" / "without-gateway-values.yaml"
    found = rendered(helm4, tmp_path, chart, "--values", str(values))
    assert not [name for kind, name in found if kind == "HTTPRoute"]
    for arguments, words in (
        ([], "api is reached at api.example.com/ through the Gateway public in the namespace default."),
        (["--values", str(values)], "api is not reached from outside"),
    ):
        command = [str(helm4), "install", "r", str(tmp_path), "--dry-run=client", *arguments]
        notes = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert words in notes


def scaler(autoscale: str, helm: Path, folder: Path, *arguments: str, more: str = "") -> list[Any]:
    text = f"services: {{web: {{image: 'a:1', ports: {{http: 80}}, autoscale: {{max: 5, {autoscale}}}{more}}}}}"
    found = rendered(helm, folder, chart_of(text), *arguments)
    metrics: list[Any] = found["HorizontalPodAutoscaler", "r-shop-web"]["spec"]["metrics"]
    return metrics


def test_metrics_of_all_kinds_together(helm: Path, tmp_path: Path) -> None:
    text = """cpu: 70, metric: [{name: http_requests, target: 100, labels: {verb: get}},
    {name: queue.example.com|orders, target: 30, of: external}, {name: hits, target: 500m, of: service},
    {name: edge_hits, target: 1k, of: ingress}]"""
    cpu, pods, external, service, ingress = scaler(text, helm, tmp_path, more=", expose: {host: a.example.com}")
    assert cpu["resource"]["name"] == "cpu"
    metric = {"name": "http_requests", "selector": {"matchLabels": {"verb": "get"}}}
    target = {"type": "AverageValue", "averageValue": "100"}
    assert pods == {"type": "Pods", "pods": {"metric": metric, "target": target}}
    assert external["external"]["metric"] == {"name": "queue.example.com|orders"}
    described = {"apiVersion": "v1", "kind": "Service", "name": "r-shop-web"}
    metric, target = {"name": "hits"}, {"type": "AverageValue", "averageValue": "500m"}
    assert service == {"type": "Object", "object": {"describedObject": described, "metric": metric, "target": target}}
    assert ingress["object"]["describedObject"]["kind"] == "Ingress"


def test_targets_of_metrics_are_values(helm4: Path, tmp_path: Path) -> None:
    arguments = ["--set", "services.web.autoscale.metrics.a_b=7,services.web.autoscale.cpu=0"]
    (only,) = scaler("cpu: 70, metric: {name: a.b, target: 5}", helm4, tmp_path, *arguments)
    assert only["pods"]["target"]["averageValue"] == "7"


def test_the_only_target_cannot_be_taken_away(helm4: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="does not match pattern"):
        scaler("metric: {name: a, target: 5}", helm4, tmp_path, "--set-string", "services.web.autoscale.metrics.a=")


def test_an_environment_may_aim_at_less_but_not_at_something_else() -> None:
    text = """
    services: {web: {image: "a:1", autoscale: {max: 5, metric: {name: a, target: 5}}}}
    environments:
      prod: {services: {web: {autoscale: {metric: {name: a, target: 3}}}}}
      test: {services: {web: {autoscale: {metric: {name: a, target: 3, of: external}}}}}
    """
    found = Diagnostics()
    chart = chart_of(text, found)
    values = next(each.values for each in chart.environments if each.name == "prod")
    assert values == {"services": {"web": {"autoscale": {"metrics": {"a": "3"}}}}}
    assert [each.code.id for each in found] == ["FH2491"]
