"""Renders a chart.

Input: a chart folder (or packaged chart), settings, an engine. Output: :class:`Rendering`, or None with the reasons in
`diagnostics`, each at the line of the template, the values file or, where the origins are known, the user's spec.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.chart.model import CARD, Origins
from generator.diagnostics import Diagnostics, Severity, Span
from generator.manifest import Manifests, read_manifests
from generator.records import dataclass
from generator.render import codes
from generator.render.engine import Engine, environment
from generator.render.process import End, Outcome, run
from generator.render.settings import Settings
from generator.render.together import together
from generator.yamlio.manifests import load
from generator.yamlio.writer import write_yaml

__all__ = ["Rendering", "Settings", "lint", "render", "render_each"]

_MOST_OUTPUT = 256 << 20
"""Characters that all renderings of a chart may have together."""

# Helm's own list, without a cluster, is that of a client library, which hasn't got the aggregation layer's.
_IN_EVERY_CLUSTER = ("apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1/APIService")


@dataclass(frozen=True)
class Rendering:
    """A rendered chart; `not_rendered` are the dependencies that were left out because they aren't in the chart."""

    text: str
    settings: Settings
    not_rendered: tuple[str, ...] = ()

    @property
    def manifests(self) -> Manifests:
        """The objects, read anew at each access."""
        return read_manifests(self.text, values_file=self.settings.shown)


def render(
    chart: Path,
    settings: Settings,
    engine: Engine,
    diagnostics: Diagnostics,
    origins: Origins | None = None,
    shown: str = "",
) -> Rendering | None:
    """Render one chart with one set of values.

    Nothing is fetched: dependencies that aren't in `charts/` are left out and reported as not checked. `shown` is the
    chart's path in findings (default: `chart` itself).
    """
    with TemporaryDirectory(prefix="flowhelm-") as home:
        scratch = Path(home)
        outcome = _template(chart, settings, engine, scratch)
        missing = _missing(outcome)
        if missing and chart.is_dir():
            outcome = _template(_without(missing, chart, scratch), settings, engine, scratch)
            _report_missing(missing, shown or str(chart), settings, diagnostics, origins)
        if outcome.status and chart.is_dir() and "library charts are not installable" in outcome.stderr:
            outcome = _template(_as_application(chart, scratch), settings, engine, scratch)
            message = "this is a library chart: its templates were parsed, and there is nothing to render"
            diagnostics.add(codes.LIBRARY, message, Span.at(f"{shown or chart}/{CARD}", 1))
    if outcome.end is End.DONE and outcome.status == 0:
        return Rendering(outcome.stdout, settings, missing)

    from generator.render.failure_report import FailureReport

    def rendered() -> str:
        with TemporaryDirectory(prefix="flowhelm-") as home:
            return _template(chart, settings, engine, Path(home), "--debug").stdout

    report = FailureReport(chart, shown or str(chart), settings, diagnostics, origins, rendered)
    report.report(outcome)
    return None


def render_each(
    chart: Path,
    settings: Sequence[Settings],
    engine: Engine,
    diagnostics: Diagnostics,
    origins: Origins | None = None,
    shown: str = "",
    meanwhile: Callable[[], None] | None = None,
) -> list[Rendering | None]:
    """Render one chart with several sets of values, side by side; the answers are in the order of the settings.

    `meanwhile` is what this thread does while Helm works.
    A chart that takes too long with one set, or gives too much with all that were tried, is not tried with the others.
    """
    sinks = [Diagnostics() for _ in settings]
    spent: list[str] = []
    sizes: list[int] = []

    def one(pair: tuple[Settings, Diagnostics]) -> Rendering | None:
        each, sink = pair
        if spent:
            where = Span.at(shown or str(chart), 1)
            message = f"not rendered with {each.shown or 'its own values'}: {spent[0]}"
            sink.add(codes.TIME_LIMIT, message, where, values_file=each.shown, severity=Severity.WARNING)
            return None
        answer = render(chart, each, engine, sink, origins, shown)
        sizes.append(len(answer.text) if answer else 0)
        if any(finding.code is codes.TIME_LIMIT for finding in sink):
            spent.append("with other values it takes too long")
        elif sum(sizes) > _MOST_OUTPUT:
            spent.append(f"with other values it gives {_MOST_OUTPUT >> 20} MiB already")
        return answer

    answers = together(one, list(zip(settings, sinks, strict=True)), meanwhile)
    for sink in sinks:
        for finding in sink:
            diagnostics.report(finding)
    return answers


def lint(chart: Path, settings: Settings, engine: Engine) -> tuple[str, ...]:
    """What `helm lint --strict` says of a chart, one line each; empty when it says nothing but information.

    The library can't: the engine has to be a binary.
    """
    with TemporaryDirectory(prefix="flowhelm-") as home:
        command = [*engine.program, "lint", str(chart), "--strict", "--quiet"]
        command += [f"--kube-version={_full(settings.kube_version)}"]
        command += [f"--values={path}" for path in settings.values_files]
        outcome = run(command, environment(Path(home)), settings.limits)
    lines = (outcome.stdout + outcome.stderr).splitlines()
    said = tuple(line for line in lines if line.startswith(("[WARNING]", "[ERROR]", "Error:")))
    return said or (("helm lint failed without a word",) if outcome.status else ())


def _template(chart: Path, settings: Settings, engine: Engine, home: Path, *more: str) -> Outcome:
    command = [
        *engine.program,
        "template",
        settings.release,
        str(chart.absolute()),
        "--include-crds",
        f"--namespace={settings.namespace}",
        f"--kube-version={_full(settings.kube_version)}",
        *(f"--api-versions={version}" for version in (*_IN_EVERY_CLUSTER, *settings.api_versions)),
        *(f"--values={path.absolute()}" for path in settings.values_files),
        *(f"--set={setting}" for setting in settings.sets),
        *(() if engine.is_library else more),
    ]
    return run(command, environment(home), settings.limits)


def _missing(outcome: Outcome) -> tuple[str, ...]:
    """The dependencies that Helm has not found."""
    if not outcome.status:
        return ()
    from generator.render.failure import missing_dependencies

    return missing_dependencies(outcome.stderr)


def _without(missing: Sequence[str], chart: Path, scratch: Path) -> Path:
    """A copy of the chart that doesn't name the missing dependencies.

    They stand in Chart.yaml, and in requirements.yaml for charts of `apiVersion: v1`.
    """

    def change(data: dict[str, Any]) -> None:
        if "dependencies" in data:
            data["dependencies"] = [entry for entry in data["dependencies"] or () if entry["name"] not in missing]

    return _changed(chart, scratch / "chart", change)


def _as_application(chart: Path, scratch: Path) -> Path:
    """A copy of a library chart that Helm renders, which is to say parses."""

    def change(data: dict[str, Any]) -> None:
        data.pop("type", None)

    return _changed(chart, scratch / "application", change)


def _changed(chart: Path, copy: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of the chart, of links to its files, whose Chart.yaml says something else."""
    copy.mkdir()
    for path in chart.iterdir():
        if path.name in ("Chart.yaml", "requirements.yaml"):
            data = load(path.read_text(encoding="utf-8"))
            if isinstance(data, dict):
                change(data)
            (copy / path.name).write_text(write_yaml(data), encoding="utf-8")
        elif path.name not in ("Chart.lock", "requirements.lock"):
            (copy / path.name).symlink_to(path.absolute(), path.is_dir())
    return copy


def _report_missing(
    missing: Sequence[str], shown: str, settings: Settings, diagnostics: Diagnostics, origins: Origins | None
) -> None:
    for name in missing:
        written = origins.find(CARD, f"dependencies.{name}") if origins else None
        diagnostics.add(
            codes.NOT_RENDERED,
            f'the dependency "{name}" is not in charts/, so it was left out and not checked',
            written or Span.at(f"{shown}/{CARD}", 1),
            hint="`flowhelm compile --dependencies` fetches it" if written else "`helm dependency build` fetches it",
            values_file=settings.shown,
        )


def _full(version: str) -> str:
    """`1.33` → `1.33.0`: what a cluster of that version says."""
    return version if version.count(".") > 1 else f"{version}.0"
