"""What a user names, validated: specs, charts, manifests, and folders of all of them.

Input: operands of the command line, by a :class:`Bench`. Output: findings, and how much was looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from generator.cli.output import source_reader
from generator.cli.policing import Policing
from generator.cli.rendering import Bench
from generator.compiler import Options, compile_spec, verify
from generator.inputs.opened import Input, Kind, opened
from generator.inputs.reading import charts_in, manifest_files
from generator.manifest import Manifests
from generator.records import dataclass
from generator.render.renderer import Settings
from generator.validate.known import get_ready
from generator.validate.model import LAYERS, Checked, Layer
from generator.validate.places import ChartPlaces, FilePlaces, Places
from generator.validate.validator import validate_manifests


@dataclass
class ValidationBench(Bench):
    """A bench that validates, with some of the layers; `is_complete` says whether all that was named was checked."""

    layers: tuple[Layer, ...] = LAYERS
    policing: Policing = field(default_factory=Policing)

    def validate(self, named: str) -> Checked | None:
        """Check one input; None when it could not be read or rendered."""
        before = self.diagnostics.count_errors()
        with opened(named, self.diagnostics, read_stdin=sys.stdin.buffer.read) as source:
            checked = self._validate(source) if source else None
            if source:
                self._keep_texts(source)
        if checked is None and self.diagnostics.count_errors() > before:
            self.is_complete = False
        return checked

    def _validate(self, source: Input) -> Checked | None:
        if source.kind is Kind.SPEC:
            return self._validate_spec(source)
        if source.kind is Kind.CHART:
            return self._validate_chart(source)
        named = source.named.rstrip("/")
        charts = list(charts_in(source.path)) if source.path.is_dir() else []
        each = [self.validate(f"{named}/{chart.relative_to(source.path).as_posix()}") for chart in charts]
        if not charts or any(manifest_files(source.path)):
            each.append(self._validate_manifests(source, may_be_empty=bool(charts)))
        checked = [one for one in each if one]
        return Checked.total(checked) if checked else None

    def _validate_manifests(self, source: Input, *, may_be_empty: bool) -> Checked | None:
        before = self.diagnostics.count_errors()
        manifests = self.read(source, may_be_empty=may_be_empty)
        self.is_complete = self.is_complete and self.diagnostics.count_errors() == before
        if manifests is None:
            return None
        return self._judge(source, manifests, FilePlaces())

    def _judge(self, source: Input, manifests: Manifests, places: Places) -> Checked:
        book = self.policing.rulebook(source.named, self.diagnostics)
        return validate_manifests(manifests, self.versions, self.diagnostics, places, self.layers, self.custom, book)

    def _keep_texts(self, source: Input) -> None:
        """Keep what findings point into where the input goes away: standard input, pipes, archives, commits."""
        shown = "<stdin>" if source.named == "-" else source.named.rstrip("/")
        if str(source.path) == source.named:
            return
        read = source_reader({})
        for found in self.diagnostics:
            for file in {span.file for span in (found.span, *(note.span for note in found.notes)) if span}:
                if file.startswith(shown) and file not in self.sources:
                    text = read(str(source.path / file.removeprefix(shown).lstrip("/")))
                    self.sources |= {file: text} if text is not None else {}

    def _check_values(self, source: Input, settings: list[Settings]) -> Mapping[str, str]:
        """Check the values of a chart; its files, which are read for that."""
        from generator.inputs.chart_files import chart_files
        from generator.validate.values.checks import ValuesFile, check_values

        shown = source.named.rstrip("/")
        used = [(path, each.shown) for each in settings for path in each.values_files]
        others = [
            ValuesFile(str(path) if self.values_files else f"{shown}/{label}", text, label)
            for path, label in used
            if (text := source_reader({})(str(path))) is not None
        ]
        files = chart_files(source.path, shown, self.diagnostics)
        check_values(files, shown, others, self.diagnostics)
        return files

    def _validate_spec(self, source: Input) -> Checked | None:
        before = self.diagnostics.count_errors()
        compilation = compile_spec(source.path, Options(self.root or source.root, library=True), self.diagnostics)
        if compilation is None:
            if self.diagnostics.count_errors() == before:
                self.lines.append(f"{source.named} is a library: it was checked, and there is no chart to make")
            return None
        self.sources.update(compilation.sources)
        book = self.policing.rulebook(source.named, self.diagnostics)
        proved = verify(
            compilation, self.diagnostics, self.versions, self.helm, self.layers, custom=self.custom, rulebook=book
        )
        return proved.checked if proved else None

    def _validate_chart(self, source: Input) -> Checked | None:
        """A chart with the values that were given, else with its own and each of its ci/ and environment files."""
        base = Settings(self.versions[0], values_files=self.values_files, sets=self.sets)
        settings = [base]
        if not self.values_files:
            settings += [replace(base, values_files=(path,), label=label) for path, label in values_beside(source.path)]
        files: dict[str, str] = {}
        folder = source.path

        def meanwhile() -> None:
            if Layer.VALUES in self.layers:
                files.update(self._check_values(source, settings))
            get_ready(self.versions)

        manifests = self.render(folder, settings, source.named, meanwhile)
        if manifests is None:
            return None

        def template(path: str) -> str | None:
            if path in files:
                return files[path]
            file = folder / path
            return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None

        places = ChartPlaces(source.named.rstrip("/"), read=template)
        return self._judge(source, manifests, places)


def values_beside(chart: Path) -> list[tuple[Path, str]]:
    """The values files that a chart brings beside its own, with their names: of `ci/`, and of environments."""
    patterns = ("ci/*-values.yaml", "values-*.yaml", "values.*.yaml")
    found = {path.relative_to(chart).as_posix(): path for pattern in patterns for path in chart.glob(pattern)}
    return [(path, name) for name, path in sorted(found.items()) if name != "values.schema.yaml"]
