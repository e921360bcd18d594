"""--preset and --config: by which rules findings are judged."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.cli.options import Command
from generator.diagnostics import Diagnostics
from generator.records import dataclass
from generator.validate.model import Preset

if TYPE_CHECKING:
    from generator.validate.rulebook import Rulebook


@dataclass
class Policing:
    """The rulebook of the configuration file that is in force, read once.

    `sources` has its text, `overlooked` the files with settings beside inputs, which are not followed: a folder from
    elsewhere must not judge itself.
    """

    preset: Preset | None = None
    file: Path | None = None
    sources: dict[str, str] = field(default_factory=dict)
    overlooked: set[str] = field(default_factory=set)
    _books: dict[Path | None, tuple[Rulebook, Diagnostics]] = field(default_factory=dict)

    def rulebook(self, named: str, diagnostics: Diagnostics) -> Rulebook:
        """The rules for an input: of the file that was named, else of the working directory or its checkout."""
        from datetime import datetime

        from generator.inputs import configuration as settings

        start = Path(named)
        file = self.file or settings.find_configuration(Path())
        beside = start.parent if start.is_file() else start if start.is_dir() else Path()
        if (other := settings.find_overlooked(beside, Path())) and other != file and not self.file:
            self.overlooked.add(settings.shown(other))
        if file not in self._books:
            mistakes = Diagnostics()
            configuration = settings.read_configuration(file, _is_code, mistakes) if file else settings.Configuration()
            if configuration.file:
                self.sources[configuration.file] = configuration.text
            today = datetime.now().astimezone().date()
            self._books[file] = (configuration.rulebook(self.preset, today), mistakes)
        book, mistakes = self._books[file]
        for mistake in mistakes:
            diagnostics.report(mistake)
        return book

    @property
    def news(self) -> list[str]:
        """Which files have a say, for people to see: what they turn off is not shown otherwise."""
        followed = [f"judged by the settings in {file}" for file in self.sources]
        return followed + [f"{file} is not followed: --config names it" for file in sorted(self.overlooked)]

    def report_idle(self, diagnostics: Diagnostics) -> None:
        """When all inputs have been checked: report the exceptions that are over, or without effect."""
        for book, _ in self._books.values():
            book.report_idle(diagnostics)


def _is_code(name: str) -> bool:
    from generator.catalog import all_codes

    return name in all_codes()


def _policing(context: click.Context, parameter: click.Parameter, value: Any) -> Any:  # noqa: ARG001
    return Preset(value) if value else None


def policing_options(command: Command) -> Command:
    """--preset and --config."""
    file = click.Path(path_type=Path, exists=True, dir_okay=False)
    command = click.option(
        "--config",
        type=file,
        help="Settings [default: .flowhelm.toml or pyproject.toml, here or up to the root of the checkout].",
    )(command)
    return click.option(
        "--preset",
        type=click.Choice([str(each) for each in Preset]),
        callback=_policing,
        help="How much policies ask [default: standard].",
    )(command)
