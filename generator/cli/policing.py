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
    """The rulebooks of the configuration files that are in force for the inputs, each read once.

    `sources` has the texts of these files.
    """

    preset: Preset | None = None
    file: Path | None = None
    sources: dict[str, str] = field(default_factory=dict)
    _books: dict[Path | None, tuple[Rulebook, Diagnostics]] = field(default_factory=dict)

    def rulebook(self, named: str, diagnostics: Diagnostics) -> Rulebook:
        """The rules for an input, by the file that was named, else by the nearest one above the input."""
        from datetime import datetime

        from generator.inputs.configuration import Configuration, find_configuration, read_configuration

        start = Path(named)
        file = self.file or find_configuration(start.parent if start.is_file() else start if start.is_dir() else Path())
        if file not in self._books:
            mistakes = Diagnostics()
            configuration = read_configuration(file, _is_code, mistakes) if file else Configuration()
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
        return [f"judged by the settings in {file}" for file in self.sources]

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
        "--config", type=file, help="Settings [default: .flowhelm.toml or pyproject.toml, beside the input or above]."
    )(command)
    return click.option(
        "--preset",
        type=click.Choice([str(each) for each in Preset]),
        callback=_policing,
        help="How much policies ask [default: standard].",
    )(command)
