"""Charts as tests make them: out of a spec's text, and rendered with Helm."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.chart.model import Chart, FileSet
from generator.diagnostics import Diagnostics
from generator.emit.emitter import emit
from generator.graph import build_graph
from generator.lower.lowering import lower
from generator.manifest import read_manifests
from generator.plan.planner import plan_workflows
from generator.resolve.model import System
from tests.systems import sound_system

RELEASE = "r"


def chart_of(text: str, diagnostics: Diagnostics | None = None) -> Chart:
    """The chart of a spec without mistakes, but for those that lowering finds."""
    return lowered(sound_system(text), diagnostics)


def lowered(system: System, diagnostics: Diagnostics | None = None) -> Chart:
    """The chart of a system."""
    found = Diagnostics() if diagnostics is None else diagnostics
    chart = lower(system, plan_workflows(system, build_graph(system, found)), found)
    assert diagnostics is not None or not found.has_errors, [finding.message for finding in found]
    return chart


def write_files(files: FileSet, folder: Path) -> Path:
    """The folder, with the files in it."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def rendered(
    helm: Path, folder: Path, chart: Chart, *arguments: str, release: str = RELEASE
) -> Mapping[tuple[str, str], dict[str, Any]]:
    """The objects that Helm makes of the chart, by kind and name."""
    write_files(emit(chart), folder)
    return objects(helm, folder, *arguments, release=release)


def objects(
    helm: Path, folder: Path, *arguments: str, release: str = RELEASE
) -> Mapping[tuple[str, str], dict[str, Any]]:
    """The objects that Helm makes of a chart on disk."""
    command = [str(helm), "template", release, str(folder), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    found = read_manifests(result.stdout)
    assert not found.broken, found.broken
    named = [(each.ref, dict(each.data)) for each in found.objects]
    assert len({(ref.kind, ref.name) for ref, _ in named}) == len(named)
    return {(ref.kind, ref.name): data for ref, data in named}
