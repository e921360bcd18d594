"""What a command prints: findings and news for people on stderr, results for programs on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from generator import __version__
from generator.cli.options import Reporting
from generator.diagnostics import Diagnostics, Severity
from generator.records import dataclass
from generator.validate.model import Checked

if TYPE_CHECKING:
    from generator.report.model import KnownFindings
    from generator.runs.tree import Line

COLOURS = {"succeeded": "green", "failed": "red", "running": "cyan", "cancelled": "yellow"}
"""Of the statuses of runs and tasks."""


@dataclass(frozen=True)
class Proof:
    """What findings rest on: the Helm that rendered, what was checked, and what a baseline has left out."""

    helm: str = ""
    checked: Checked | None = None
    known: KnownFindings | None = None


def show(
    diagnostics: Diagnostics,
    reporting: Reporting,
    news: Sequence[str] = (),
    sources: Mapping[str, str] | None = None,
    proof: Proof | None = None,
) -> None:
    """Print the findings in the format that was asked for, and in text also the news and a summary."""
    from generator.report.formats import FORMATS
    from generator.report.model import Coverage, Report
    from generator.report.places import from_root

    checked = proof.checked if proof else None
    coverage = (
        Coverage(checked.files, checked.objects, checked.not_checked, checked.rules_not_evaluated) if checked else None
    )
    versions: dict[str, str | tuple[str, ...]] = {"flowhelm": __version__}
    if proof and proof.helm:
        versions["helm"] = proof.helm
    if checked:
        versions["kubernetes"] = checked.versions
    report = Report(tuple(diagnostics), coverage, versions, proof.known if proof else None)
    if reporting.format in ("sarif", "github"):
        here = Path.cwd()
        report = from_root(report, here, Path(os.environ.get("GITHUB_WORKSPACE") or here))
    known = {**diagnostics.texts, **(sources or {})}
    if reporting.format != "text":
        click.echo(FORMATS[reporting.format](report, source_reader(known)), nl=False)
        return
    report = replace(report, every_place=reporting.verbose)
    notes = 0 if reporting.verbose else diagnostics.count(Severity.INFO)
    if notes:
        shown = tuple(found for found in report.findings if found.severity is not Severity.INFO)
        report = replace(report, findings=shown)
    if report.findings or not reporting.quiet:
        text = FORMATS["text"](report, source_reader(known), has_colour(reporting.color))
        click.echo(text, nl=False, err=True, color=True)
    if reporting.quiet:
        return
    for line in (*news, *([f"-v shows {notes} more note{'s' * (notes > 1)}"] if notes else [])):
        click.echo(line, err=True)


def has_colour(wanted: str, out: TextIO | None = None) -> bool:
    """Whether to colour what goes to `out`, by default stderr: as told, else on a terminal without NO_COLOR."""
    if wanted != "auto":
        return wanted == "always"
    return is_terminal(out or sys.stderr) and not os.environ.get("NO_COLOR")


def is_terminal(out: TextIO) -> bool:
    """Whether somebody sees it who can be shown more than plain lines."""
    return out.isatty() and os.environ.get("TERM") != "dumb"


def styled(line: Line, *, coloured: bool) -> str:
    """A line about a run, in the colour of its status."""
    return click.style(line.text, COLOURS[line.status]) if coloured and line.status in COLOURS else line.text


def source_reader(known: Mapping[str, str]) -> Callable[[str], str | None]:
    """File → text, for the lines that a report shows: from memory, else from disk."""

    def read(file: str) -> str | None:
        if file in known:
            return known[file]
        try:
            if not Path(file).is_file():  # a pipe may never end
                return None
            return Path(file).read_text(encoding="utf-8-sig", errors="replace")
        except (OSError, ValueError):
            return None

    return read
