"""What a user names, rendered: the one way from a spec, a chart or manifests to objects, for `validate` and `diff`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import click

from generator.compiler import KUBE_VERSION, Options, compile_spec
from generator.diagnostics import Diagnostics
from generator.inputs.opened import Input, opened
from generator.inputs.reading import load_manifests, report_broken
from generator.manifest import Manifests
from generator.records import dataclass
from generator.render.engine import Engine, find_engine
from generator.render.renderer import Settings, render_each
from generator.validate.known import Custom
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
    custom: Custom = Custom()  # it is frozen

    def __post_init__(self) -> None:
        self.versions = self.kube_versions or (KUBE_VERSION,)
        self.sources: dict[str, str] = {}
        self.lines: list[str] = []
        self.is_complete = True

    @cached_property
    def engine(self) -> Engine | None:
        """The Helm that renders; None, reported, when there is none."""
        return find_engine(self.helm, self.diagnostics)

    def manifests(self, named: str, beside: str = "") -> Manifests | None:
        """The objects of one input, rendered with one set of values."""
        with opened(named, self.diagnostics, read_stdin=sys.stdin.buffer.read, beside=beside) as source:
            found = self.read(source) if source else None
            if found:
                report_broken(found, self.diagnostics)
            return found

    def read(self, source: Input, *, may_be_empty: bool = False) -> Manifests | None:
        """The manifests of an opened input; None, reported, when there are none."""
        return load_manifests(
            source,
            self.diagnostics,
            compile_spec=self._manifests_of_spec,
            render_chart=self._manifests_of_chart,
            may_be_empty=may_be_empty,
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
        return self.render(path, settings, str(path))

    def render(
        self, chart: Path, settings: list[Settings], shown: str, meanwhile: Callable[[], None] | None = None
    ) -> Manifests | None:
        """What a chart renders to with each of the settings that it can be rendered with; None when there is none.

        `meanwhile` is what is done while Helm works, or without it.
        """
        if self.engine is None:
            if meanwhile:
                meanwhile()
            return None
        renderings = render_each(
            chart, settings, self.engine, self.diagnostics, shown=shown.rstrip("/"), meanwhile=meanwhile
        )
        rendered = [each.manifests for each in renderings if each]
        self.is_complete = self.is_complete and len(rendered) == len(settings)
        return sum(rendered, Manifests()) if rendered else None


def _regular_files(_context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Values are read several times, by another program: a pipe of this one's (`-f <(…)`) can't be."""
    for path in paths:
        if not path.is_file():
            raise click.BadParameter(f"{path} is a pipe or a device; write what comes out of it into a file")
    return paths


def values_options(command: click.decorators.FC) -> click.decorators.FC:
    """-f and --set, as for helm."""
    path = click.Path(path_type=Path, exists=True, dir_okay=False)
    command = click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A value, as for helm.")(command)
    return click.option(
        "-f",
        "--values",
        "values_files",
        multiple=True,
        type=path,
        callback=_regular_files,
        help="A values file, as for helm.",
    )(command)
