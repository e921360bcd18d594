"""--baseline and --write-baseline: findings that are known are left out, and how they become known.

Input: what the options say, and the findings of a command. Output: the findings that are new.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.cli.output import Proof
from generator.diagnostics import Diagnostics
from generator.records import dataclass

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Baseline:
    """A baseline to compare with, or one to write."""

    file: Path | None = None
    target: Path | None = None

    def without_known(
        self, diagnostics: Diagnostics, proof: Proof, *, is_complete: bool
    ) -> tuple[Diagnostics, Proof] | None:
        """The findings that are new; None when the baseline can't be read, and all of them without one.

        Only when everything was looked at (`is_complete`) can it be said what is no longer found.
        """
        if self.file is None:
            return diagnostics, proof
        from generator.inputs.baseline import compare, read_baseline
        from generator.report.model import KnownFindings

        known = read_baseline(self.file, diagnostics)
        if known is None:
            return None
        compared = compare(diagnostics, known)
        gone = tuple(entry.shown for entry in compared.gone) if is_complete else ()
        return compared.new, replace(proof, known=KnownFindings(compared.known, gone))

    def write(self, diagnostics: Diagnostics) -> str:
        """Write all findings down as known; the line to print. Raises a usage error when the file can't be written."""
        from generator.report.json import print_json
        from generator.report.model import Report
        from generator.write.replacement import replace_file

        assert self.target
        try:
            replace_file(self.target, print_json(Report.of(diagnostics), lambda _: None).encode())
        except OSError as error:
            raise click.UsageError(f"{self.target} can't be written: {error.strerror}") from error
        return f"wrote {self.target}: from now on, --baseline {self.target} shows only other findings"


def baseline_options(command: Command) -> Command:
    """--baseline and --write-baseline, which the command gets as one `baseline` argument."""
    options = (
        click.option(
            "--baseline",
            "file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Show only findings that this file does not have.",
        ),
        click.option(
            "--write-baseline",
            "target",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write all findings to this file, for --baseline, and exit 0.",
        ),
    )

    @functools.wraps(command)
    def gathering(*, file: Path | None, target: Path | None, **others: Any) -> Any:
        if file and target:
            raise click.UsageError("--write-baseline writes all findings down, so it goes without --baseline")
        return command(baseline=Baseline(file, target), **others)

    return functools.reduce(lambda inner, option: option(inner), reversed(options), gathering)  # type: ignore[return-value]
