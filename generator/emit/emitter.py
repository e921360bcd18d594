"""Chart → FileSet: every file of the chart, in memory.

Stage: emit. Input: :class:`Chart`. Output: path → bytes, sorted by path; the same chart gives the same bytes.
"""

from __future__ import annotations

from generator.chart.model import GATEWAY_API, MONITORING_API, Chart, FileSet
from generator.chart.nodes import Include
from generator.chart.values import ValueEntry
from generator.emit.actions import Actions, action
from generator.emit.environment import render_text
from generator.emit.filters import ActionText
from generator.emit.metadata import print_metadata
from generator.emit.printer import print_template
from generator.emit.values_schema import print_schema
from generator.emit.values_yaml import print_environment, print_values
from generator.records import dataclass

# Files that are texts with gaps: path in the chart → source under templates/.
TEXTS = (
    (".helmignore", "chart/helmignore"),
    ("README.md", "chart/README.md"),
    ("templates/NOTES.txt", "chart/NOTES.txt"),
    ("templates/_helpers.tpl", "chart/_helpers.tpl"),
    ("templates/extra-objects.yaml", "chart/extra-objects.yaml"),
)

# What a cluster may lack, with the value that does without it: `ct install` tries the chart without all of it.
OPTIONAL = {MONITORING_API: ("monitoring", "the Prometheus Operator"), GATEWAY_API: ("gateway", "Gateway API")}


def emit(chart: Chart) -> FileSet:
    """All files of the chart but the record of ownership, which the writer makes."""
    files = dict(chart.files)
    for path, text in _texts(chart).items():
        files[path] = text.encode()
    return dict(sorted(files.items()))


def _texts(chart: Chart) -> dict[str, str]:
    name = chart.metadata.name

    def named(node: str | Include) -> str:
        return node if isinstance(node, str) else ActionText(action(Actions(name).include(node)))

    texts = {
        "Chart.yaml": print_metadata(chart.metadata),
        "values.yaml": print_values(chart.values),
        "values.schema.json": print_schema(chart.values, name),
    }
    for environment in chart.environments:
        texts[f"values-{environment.name}.yaml"] = print_environment(environment)
    lacking = [OPTIONAL[each.api] for each in chart.guide.requirements if each.api in OPTIONAL]
    if lacking:
        texts[f"ci/without-{lacking[0][0]}-values.yaml"] = render_text("chart/without-values.yaml", lacking=lacking)
    for path, source in TEXTS:
        texts[path] = render_text(source, chart=chart, sections=_sections(chart), named=named)
    for template in chart.templates:
        texts[template.path] = print_template(template, name, chart.files)
    return texts


@dataclass(frozen=True)
class Section:
    """One table of the README."""

    title: str
    entries: tuple[ValueEntry, ...]


def _sections(chart: Chart) -> list[Section]:
    """The keys that can be set, by section, in the order of values.yaml."""
    titles: dict[str, list[ValueEntry]] = {}
    for entry in chart.values:
        if entry.schema is not None:
            titles.setdefault(entry.section or "Common", []).append(entry)
    return [Section(title, tuple(entries)) for title, entries in titles.items()]
