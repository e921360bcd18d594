"""What a user names, rendered: the one way from a spec, a chart or manifests to objects, for `validate` and `diff`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import click

from generator.cli.output import source_reader
from generator.compiler import KUBE_VERSION, Options, compile_spec, verify
from generator.diagnostics import Diagnostics
from generator.inputs import Input, Kind, load_manifests, opened, report_broken
from generator.manifest import Manifests
from generator.render.engine import Engine, find_engine
from generator.render.renderer import Settings, render_each
from generator.validate.known import Custom
from generator.validate.model import LAYERS, Checked, Layer
from generator.validate.places import ChartPlaces, FilePlaces
from generator.validate.validator import validate_manifests
from generator.write.temporary import temporary_folder


@dataclass
class Bench:
    """Renders and validates inputs with one set of options; `sources` gathers texts that findings point into,
    `lines` what else there is to say, `is_complete` whether all that was named could be checked.
    """

    diagnostics: Diagnostics
    kube_versions: tuple[str, ...] = ()
    values_files: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    helm: str | None = None
    root: Path | None = None
    custom: Custom = Custom()  # noqa: RUF009  # it is frozen

    def __post_init__(self) -> None:
        self.versions = self.kube_versions or (KUBE_VERSION,)
        self.sources: dict[str, str] = {}
        self.lines: list[str] = []
        self.is_complete = True

    @cached_property
    def engine(self) -> Engine | None:
        """The Helm that renders; None, reported, when there is none."""
        return find_engine(self.helm, self.diagnostics)

    def validate(self, named: str, layers: tuple[Layer, ...] = LAYERS) -> Checked | None:
        """Check one input; None when it could not be read or rendered."""
        before = self.diagnostics.count_errors()
        checked = self._validated(named, layers)
        if checked is None and self.diagnostics.count_errors() > before:
            self.is_complete = False
        return checked

    def _validated(self, named: str, layers: tuple[Layer, ...]) -> Checked | None:
        with opened(named, self.diagnostics, read_stdin=sys.stdin.buffer.read) as source:
            if source is None:
                return None
            if source.kind is Kind.SPEC:
                return self._validate_spec(source, layers)
            if source.kind is Kind.CHART:
                return self._validate_chart(source, layers)
            manifests = self._read(source)
            if manifests is None:
                return None
            return validate_manifests(manifests, self.versions, self.diagnostics, FilePlaces(), layers, self.custom)

    def manifests(self, named: str, beside: str = "") -> Manifests | None:
        """The objects of one input, rendered with one set of values."""
        with opened(named, self.diagnostics, read_stdin=sys.stdin.buffer.read, beside=beside) as source:
            found = self._read(source) if source else None
            if found:
                report_broken(found, self.diagnostics)
            return found

    def _read(self, source: Input) -> Manifests | None:
        return load_manifests(
            source, self.diagnostics, compile_spec=self._manifests_of_spec, render_chart=self._manifests_of_chart
        )

    def _manifests_of_spec(self, path: Path, root: Path | None) -> Manifests | None:
        compilation = compile_spec(path, Options(self.root or root), self.diagnostics)
        if compilation is None:
            return None
        self.sources.update(compilation.sources)
        with temporary_folder(compilation.files) as folder:
            return self._manifests_of_chart(folder)

    def _manifests_of_chart(self, path: Path) -> Manifests | None:
        settings = [Settings(self.versions[0], values_files=self.values_files, sets=self.sets)]
        return self._render(path, settings, str(path))

    def _render(self, chart: Path, settings: list[Settings], shown: str) -> Manifests | None:
        """What a chart renders to with each of the settings that it can be rendered with; None when there is none."""
        if self.engine is None:
            return None
        renderings = render_each(chart, settings, self.engine, self.diagnostics, shown=shown.rstrip("/"))
        rendered = [each.manifests for each in renderings if each]
        self.is_complete = self.is_complete and len(rendered) == len(settings)
        return sum(rendered, Manifests()) if rendered else None

    def _check_values(self, source: Input, settings: list[Settings]) -> None:
        from generator.inputs.chart_files import chart_files
        from generator.validate.values.checks import ValuesFile, check_values

        shown = source.named.rstrip("/")
        files = [(path, each.shown) for each in settings for path in each.values_files]
        others = [
            ValuesFile(str(path) if self.values_files else f"{shown}/{label}", text, label)
            for path, label in files
            if (text := source_reader({})(str(path))) is not None
        ]
        check_values(chart_files(source.path), shown, others, self.diagnostics)

    def _validate_spec(self, source: Input, layers: tuple[Layer, ...]) -> Checked | None:
        before = self.diagnostics.count_errors()
        compilation = compile_spec(source.path, Options(self.root or source.root, library=True), self.diagnostics)
        if compilation is None:
            if self.diagnostics.count_errors() == before:
                self.lines.append(f"{source.named} is a library: it was checked, and there is no chart to make")
            return None
        self.sources.update(compilation.sources)
        proved = verify(compilation, self.diagnostics, self.versions, self.helm, layers=layers, custom=self.custom)
        return proved.checked if proved else None

    def _validate_chart(self, source: Input, layers: tuple[Layer, ...]) -> Checked | None:
        """A chart with the values that were given, else with its own and each of its ci/ and environment files."""
        base = Settings(self.versions[0], values_files=self.values_files, sets=self.sets)
        settings = [base]
        if not self.values_files:
            settings += [replace(base, values_files=(path,), label=label) for path, label in values_beside(source.path)]
        if Layer.VALUES in layers:
            self._check_values(source, settings)
        manifests = self._render(source.path, settings, source.named)
        if manifests is None:
            return None
        folder = source.path

        def template(path: str) -> str | None:
            file = folder / path
            return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None

        places = ChartPlaces(source.named.rstrip("/"), read=template)
        return validate_manifests(manifests, self.versions, self.diagnostics, places, layers, self.custom)


def values_beside(chart: Path) -> list[tuple[Path, str]]:
    """The values files that a chart brings beside its own, with their names: of `ci/`, and of environments."""
    patterns = ("ci/*-values.yaml", "values-*.yaml", "values.*.yaml")
    found = {path.relative_to(chart).as_posix(): path for pattern in patterns for path in chart.glob(pattern)}
    return [(path, name) for name, path in sorted(found.items()) if name != "values.schema.yaml"]


def values_options(command: click.decorators.FC) -> click.decorators.FC:
    """-f and --set, as for helm."""
    path = click.Path(path_type=Path, exists=True, dir_okay=False)
    command = click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A value, as for helm.")(command)
    return click.option("-f", "--values", "values_files", multiple=True, type=path, help="A values file, as for helm.")(
        command
    )
