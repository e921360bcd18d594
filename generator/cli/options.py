"""Options that several commands have, and what they mean."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from generator.diagnostics import Diagnostics, Severity
from generator.records import dataclass

Command = TypeVar("Command", bound=Callable[..., Any])

FAIL_ON = ("error", "warning", "info", "never")


@dataclass(frozen=True)
class Reporting:
    """How findings are shown, and from which severity on they decide the exit code."""

    format: str
    fail_on: str
    quiet: bool
    verbose: bool
    color: str

    def exit_code(self, diagnostics: Diagnostics) -> int:
        """0 clean · 1 errors · 3 findings at or above --fail-on below error (design: precedence 1, 3)."""
        if diagnostics.has_errors:
            return 1
        if self.fail_on != "never":
            limit = Severity(self.fail_on).rank
            if any(found.severity.rank <= limit for found in diagnostics):
                return 3
        return 0


def reporting_options(formats: tuple[str, ...]) -> Callable[[Command], Command]:
    """--format, --fail-on, --quiet and --color, which the command gets as one `reporting` argument."""
    options = (
        click.option("--format", type=click.Choice(formats), default="text", help="How findings are shown."),
        click.option("--fail-on", type=click.Choice(FAIL_ON), default="error", help="Exit 3 from this severity on."),
        click.option("-q", "--quiet", is_flag=True, help="Show findings only."),
        click.option("-v", "--verbose", is_flag=True, help="Show notes too, and every place of each finding."),
        click.option(
            "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour findings."
        ),
    )

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gathering(*, format: str, fail_on: str, quiet: bool, verbose: bool, color: str, **others: Any) -> Any:  # noqa: A002
            return command(reporting=Reporting(format, fail_on, quiet, verbose, color), **others)

        return functools.reduce(lambda inner, option: option(inner), reversed(options), gathering)  # type: ignore[return-value]

    return decorate


def helm_option(command: Command) -> Command:
    """--helm: which Helm renders."""
    return click.option(
        "--helm", envvar="FLOWHELM_HELM", default=None, help="The helm to render with; the one on PATH by default."
    )(command)


def _kube_versions(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for version in value:
        if not re.fullmatch(r"v?[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?", version):
            raise click.BadParameter(f"{version} is no version of Kubernetes; write it as in 1.35")
    return value


def kube_version_option(command: Command) -> Command:
    """--kube-version, repeatable."""
    return click.option(
        "--kube-version",
        "kube_versions",
        multiple=True,
        callback=_kube_versions,
        metavar="V",
        help="Kubernetes version to check against.",
    )(command)


def schema_options(command: Command) -> Command:
    """--schema-location, repeatable, and --strict-schemas."""
    command = click.option(
        "--strict-schemas", is_flag=True, help="An object of a kind without a schema is an error, not a note."
    )(command)
    return click.option(
        "--schema-location",
        "schema_locations",
        multiple=True,
        metavar="PATH",
        help="Definitions (YAML) or JSON schemas of custom resources: a folder, a file, or a template of paths.",
    )(command)
