"""Sub-charts: Chart.yaml's entries, their values, and the way to their pods."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from generator.emit.emitter import emit
from tests.charts import chart_of, objects, rendered, write_files

SPEC = """
services:
  web: {image: "shop/web:1.0.0", calls: ["cache:6379"]}
dependencies:
  - name: cache
    version: ^1.2.0
    repository: https://charts.example.com
    condition: cache.deep.enabled
    values: {size: 2Gi, deep: {level: "on"}, text: "{{ .Values.x }} ${{ y }}"}
  - {name: cache, version: 1.2.3, repository: "oci://charts.example.com/shop", alias: second, tags: [data, big]}
  - {name: queue, version: ">=1 <3", repository: "@internal", condition: "extras.queue,queue.on"}
"""
TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Chart.Name }}"}
data: {values: {{ .Values | toJson | quote }}}
"""


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """The chart on disk, with small charts in the place of its sub-charts."""
    write_files(emit(chart_of(SPEC)), tmp_path)
    for folder, name, version in (("cache", "cache", "1.2.3"), ("queue", "queue", "2.0.0")):
        card = yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version})
        files = {"Chart.yaml": card, "values.yaml": "size: 1Gi\n", "templates/cm.yaml": TEMPLATE}
        write_files({path: text.encode() for path, text in files.items()}, tmp_path / "charts" / folder)
    return tmp_path


def sub_charts(helm: Path, chart: Path, *arguments: str) -> dict[str, object]:
    found = objects(helm, chart, *arguments)
    return {
        name: yaml.safe_load(data["data"]["values"])
        for (kind, name), data in found.items()
        if kind == "ConfigMap" and "values" in data["data"]
    }


def test_the_entries_stand_in_the_chart() -> None:
    card = yaml.safe_load(emit(chart_of(SPEC))["Chart.yaml"])
    address = "https://charts.example.com"
    assert card["dependencies"] == [
        {"name": "cache", "version": "^1.2.0", "repository": address, "condition": "cache.deep.enabled"},
        {
            "name": "cache",
            "version": "1.2.3",
            "repository": "oci://charts.example.com/shop",
            "alias": "second",
            "tags": ["data", "big"],
        },
        {"name": "queue", "version": ">=1 <3", "repository": "@internal", "condition": "extras.queue,queue.on"},
    ]


def test_sub_charts_get_their_values(helm: Path, chart: Path) -> None:
    found = sub_charts(helm, chart, "--set", "second.some.thing=else,global.x=y")
    assert found["cache"] == {
        "size": "2Gi",
        "deep": {"level": "on", "enabled": True},
        "text": "{{ .Values.x }} ${{ y }}",
        "global": {"x": "y", "imagePullSecrets": [], "imageRegistry": "", "storageClass": ""},
    }
    second = found["second"]
    assert isinstance(second, dict)
    assert (second["size"], second["some"]) == ("1Gi", {"thing": "else"})


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        ("cache.deep.enabled=false", {"second", "queue"}),
        ("tags.data=false,tags.big=false", {"cache", "queue"}),
        ("extras.queue=false", {"cache", "second"}),
    ],
)
def test_sub_charts_are_turned_off(helm4: Path, chart: Path, setting: str, left: set[str]) -> None:
    assert set(sub_charts(helm4, chart, "--set", setting)) == left


def test_a_switch_is_true_or_false(helm4: Path, chart: Path) -> None:
    command = [str(helm4), "template", "r", str(chart), "--set", "cache.deep.enabled=perhaps"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode
    assert "/cache/deep/enabled" in result.stderr


def test_a_service_may_call_the_pods_of_a_sub_chart(helm4: Path, chart: Path, tmp_path: Path) -> None:
    spec = objects(helm4, chart)["NetworkPolicy", "r-shop-web"]["spec"]
    labels = {"app.kubernetes.io/name": "cache", "app.kubernetes.io/instance": "r"}
    rule = {"to": [{"podSelector": {"matchLabels": labels}}], "ports": [{"port": 6379, "protocol": "TCP"}]}
    assert spec["egress"] == [rule]
    alone = rendered(helm4, tmp_path / "alone", chart_of(SPEC.partition("dependencies:")[0]))
    assert rule not in alone["NetworkPolicy", "r-shop-web"]["spec"]["egress"], "another name means something else"
