"""What a chart brings for Prometheus and Grafana, as a cluster with the operator's definitions takes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.emit.emitter import emit
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, execute

pytestmark = pytest.mark.cluster

SUMMARY = '{{ $labels.queue }} holds {{ $value | humanize }} "things"'
SPEC = f"""
services:
  web:
    image: registry.example.com/demo/echo:1.0.0
    ports: {{http: 8080}}
    metrics: {{interval: 15s}}
    slo: {{availability: 99.9, latency: {{p99: 250ms, p99.9: 1s}}}}
    alerts:
      Full: {{expr: 'queue_length{{job=~"web|\\\\w+"}} > 100', for: 1.5h, severity: page, summary: '{SUMMARY}'}}
workflows:
  close: {{tasks: {{tell: {{call: {{service: web, get: /}}}}}}}}
"""


def test_the_cluster_takes_rules_monitors_and_dashboards(namespace: Namespace, helm: Path, tmp_path: Path) -> None:
    folder = write_files(emit(chart_of(SPEC)), tmp_path / "shop")
    execute(helm, "install", "shop", folder, "--namespace", namespace.name)
    (rule,) = namespace.get("prometheusrules.monitoring.coreos.com")
    groups = {group["name"]: group["rules"] for group in rule["spec"]["groups"]}
    assert groups.keys() == {
        "workflow-close",
        "workflows",
        "service-web",
        "slo-web-availability",
        "slo-web-latency-p99",
        "slo-web-latency-p99.9",
    }
    (full,) = groups["service-web"]
    assert full == {
        "alert": "Full",
        "expr": 'queue_length{job=~"web|\\\\w+"} > 100',
        "for": "1h30m",
        "labels": {"severity": "page", "service": "web"},
        "annotations": {"summary": SUMMARY},
    }
    (monitor,) = namespace.get("servicemonitors.monitoring.coreos.com")
    assert monitor["spec"]["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "15s"}]
    dashboards = namespace.get("configmaps", "-l", "grafana_dashboard=1")
    titles = {json.loads(text)["title"] for each in dashboards for text in each["data"].values()}
    assert titles == {f"shop-web ({namespace.name})", f"close (shop, {namespace.name})"}
