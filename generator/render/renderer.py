"""Renders a chart.

Input: a chart folder (or packaged chart), settings, an engine. Output: :class:`Rendering`, or None with the reasons in
`diagnostics`, each at the line of the template, the values file or, where the origins are known, the user's spec.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.chart.model import CARD, Origins
from generator.diagnostics import Diagnostics, Note, Span
from generator.manifest import Manifests, path_text, read_manifests
from generator.render import codes
from generator.render.engine import Engine, environment
from generator.render.failure import Failure, failures, missing_dependencies
from generator.render.process import End, Limits, Outcome, end_all, run
from generator.yamlio.manifests import Unreadable, load, locate
from generator.yamlio.writer import write_yaml

# Helm's own list, without a cluster, is that of a client library, which hasn't got the aggregation layer's.
_IN_EVERY_CLUSTER = ("apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1/APIService")


@dataclass(frozen=True)
class Settings:
    """How a chart is rendered.

    `kube_version` is what the templates see of the cluster; `values_files` are as for `helm -f`, later ones win; `sets`
    as for `--set`; `label` names the set of values in findings (default: the paths; empty for the chart's own).
    """

    kube_version: str
    release: str = "release"
    namespace: str = "default"
    values_files: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    api_versions: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    label: str | None = None

    @property
    def shown(self) -> str:
        """The set of values as findings name it; empty for the chart's own values."""
        return " + ".join(map(str, self.values_files)) if self.label is None else self.label


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
        missing = missing_dependencies(outcome.stderr) if outcome.status else ()
        if missing and chart.is_dir():
            outcome = _template(_without(missing, chart, scratch), settings, engine, scratch)
            _report_missing(missing, shown or str(chart), settings, diagnostics, origins)
    if outcome.end is End.DONE and outcome.status == 0:
        return Rendering(outcome.stdout, settings, missing)
    _Reporter(chart, shown or str(chart), settings, diagnostics, origins).report(outcome)
    return None


def render_each(
    chart: Path,
    settings: Sequence[Settings],
    engine: Engine,
    diagnostics: Diagnostics,
    origins: Origins | None = None,
    shown: str = "",
) -> list[Rendering | None]:
    """Render one chart with several sets of values, side by side; the answers are in the order of the settings."""
    sinks = [Diagnostics() for _ in settings]

    def one(pair: tuple[Settings, Diagnostics]) -> Rendering | None:
        return render(chart, pair[0], engine, pair[1], origins, shown)

    with ThreadPoolExecutor(max_workers=cpu_count() or 1) as pool:
        try:
            answers = list(pool.map(one, zip(settings, sinks, strict=True)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
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


def _template(chart: Path, settings: Settings, engine: Engine, home: Path) -> Outcome:
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
    ]
    return run(command, environment(home), settings.limits)


def _without(missing: Sequence[str], chart: Path, scratch: Path) -> Path:
    """A copy of the chart, of links to its files, that doesn't name the missing dependencies.

    They stand in Chart.yaml, and in requirements.yaml for charts of `apiVersion: v1`.
    """
    copy = scratch / "chart"
    copy.mkdir()
    for path in chart.iterdir():
        if path.name in ("Chart.yaml", "requirements.yaml"):
            data = load(path.read_text(encoding="utf-8"))
            if isinstance(data, dict) and "dependencies" in data:
                data["dependencies"] = [entry for entry in data["dependencies"] or () if entry["name"] not in missing]
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


@dataclass(frozen=True)
class _Reporter:
    """Turns a failed rendering into findings."""

    chart: Path
    shown: str
    settings: Settings
    diagnostics: Diagnostics
    origins: Origins | None

    def report(self, outcome: Outcome) -> None:
        limits = self.settings.limits
        if outcome.end is End.TIME:
            self._add(Failure(codes.TIME_LIMIT, f"Helm did not end within {limits.seconds:g} s and was killed"))
        elif outcome.end is End.OUTPUT:
            size = f"{limits.output / (1 << 20):g} MiB"
            self._add(Failure(codes.OUTPUT_LIMIT, f"the chart renders to more than {size}"))
        elif outcome.status < 0 and not outcome.stderr:
            self._add(Failure(codes.CRASH, f"Helm was killed by signal {-outcome.status}"))
        else:
            for failure in failures(outcome.stderr):
                self._add(failure)

    def _add(self, failure: Failure) -> None:
        span, notes = self._place(failure)
        path = path_text(failure.values_path or ())
        message = f"{path or 'the values'}: {failure.message}" if failure.values_path is not None else failure.message
        label = self.settings.shown
        self.diagnostics.add(failure.code, message, span, notes=notes, path=path, values_file=label)

    def _place(self, failure: Failure) -> tuple[Span, tuple[Note, ...]]:
        if failure.values_path is not None:
            return self._in_values(failure.values_path), ()
        span = self._span(failure.file, failure.line, failure.column)
        notes = tuple(Note("called from here", self._span(*place)) for place in failure.via)
        origin = self.origins.find(failure.file, "") if self.origins and failure.file else None
        return (origin, (Note("in this template", span), *notes)) if origin else (span, notes)

    def _span(self, file: str, line: int, column: int) -> Span:
        return Span.at(f"{self.shown}/{file}" if file else self.shown, max(line, 1), max(column, 1))

    def _in_values(self, path: tuple[str | int, ...]) -> Span:
        """Where the value was set: in the last values file that has it, else in the chart's own."""
        own = f"{self.shown}/values.yaml"
        files = [(file, str(file)) for file in reversed(self.settings.values_files)]
        for file, name in (*files, (self.chart / "values.yaml", own)):
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            if path and _has(load(text), path):
                return Span.at(name, *locate(text, path))
        return Span.at(own, 1)


def _has(data: object | Unreadable, path: tuple[str | int, ...]) -> bool:
    for step in path:
        is_there = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if not is_there:
            return False
        assert isinstance(data, dict | list)
        data = data[step]  # type: ignore[index]  # a step that is there fits its container
    return True


def _full(version: str) -> str:
    """`1.33` → `1.33.0`: what a cluster of that version says."""
    return version if version.count(".") > 1 else f"{version}.0"
