"""`extra`: objects come out of Helm as they were written."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.charts import chart_of, rendered

RAW = r"""
services:
  extra: {image: "a:1"}
extra:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings, namespace: elsewhere, labels: {a: "on"}}
    data:
      "{{ .Values.x }}": "{{ fail `no` }} ${{ services.x.url }} $(HOME)"
      script: |
        #!/bin/sh
        echo "{{ `{{` }}"
      text: " {{- end }}\n\n"
  - {apiVersion: v1, kind: Config.Map, metadata: {name: settings}, numbers: [1, 1.5, 1e6, 0x10, "0755"], flags: [true]}
  - {apiVersion: v1, kind: Config-Map, metadata: {name: settings}}
"""


def test_objects_come_out_as_they_were_written(helm: Path, tmp_path: Path) -> None:
    found = rendered(helm, tmp_path, chart_of(RAW))
    written = yaml.safe_load(RAW)["extra"]
    assert found["ConfigMap", "settings"] == written[0]
    numbers = [1, 1.5, 1000000, 16, "0755"]
    assert found["Config.Map", "settings"] == {**written[1], "numbers": numbers}
    assert found["Config-Map", "settings"] == written[2]


def test_each_object_has_a_file_of_its_own() -> None:
    paths = [each.path for each in chart_of(RAW).templates if "settings" in each.path]
    assert paths == [
        "templates/extra-objects/config-map-settings.yaml",
        "templates/extra-objects/config.map-settings.yaml",
        "templates/extra-objects/configmap-settings.yaml",
    ]
    twice = RAW.replace("Config.Map", "configmap")
    assert len({each.path for each in chart_of(twice).templates}) == len(chart_of(twice).templates)


def test_a_part_of_an_object_has_its_line() -> None:
    chart = chart_of(RAW)
    origin = next(each.origin for each in chart.templates if each.path.endswith("/configmap-settings.yaml"))
    assert [origin.find(path).start.line for path in ("metadata.labels.a", "data.script", "data.other")] == [10, 13, 11]
