"""The checksum over mounted files, as Helm computes it."""

from __future__ import annotations

from pathlib import Path

from generator.chart.model import Chart, Metadata, Origin, Template
from generator.chart.nodes import FilesChecksum, Include, Tree
from generator.chart.values import ValueEntry, Values
from generator.diagnostics import Span
from tests.charts import rendered


def checksum(helm: Path, folder: Path, text: bytes) -> str:
    entries = [ValueEntry((name,), "", {"type": "string"}, "") for name in ("nameOverride", "fullnameOverride")]
    entries += [ValueEntry((name,), "", {"type": "object"}, {}) for name in ("commonLabels", "networkPolicy", "global")]
    entries.append(ValueEntry(("extraObjects",), "", {"type": "array"}, []))
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": Include("fullname")},
        "data": {"checksum": FilesChecksum("files/*")},
    }
    template = Template("templates/all.yaml", tree, Origin(Span.at("spec.yaml", 1)))
    files = {"files/blob.bin": b"\x7f\xfe\xff", "files/text.conf": text}
    chart = Chart(Metadata("shop", "1.0.0", description=""), Values(tuple(entries)), (template,), files)
    return str(rendered(helm, folder, chart)["ConfigMap", "r-shop"]["data"]["checksum"])


def test_a_changed_text_shows_beside_a_binary_file(helm: Path, tmp_path: Path) -> None:
    assert checksum(helm, tmp_path, b"a=1") != checksum(helm, tmp_path, b"a=2")
