"""`flowhelm diff OLD NEW`: what changes between two charts, and what the change does to a cluster."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.options import FAIL_ON, Reporting, helm_option, kube_version_option
from generator.cli.output import has_colour, show
from generator.cli.rendering import Bench, values_options
from generator.diagnostics import Diagnostics, Severity


@click.command("diff", epilog="Exit codes: 0 clean, 1 unreadable, 2 changes (--detailed-exitcode), 3 --fail-on.")
@click.argument("old")
@click.argument("new")
@values_options
@click.option("--namespace", "-n", default="default", help="Namespace of the release.")
@click.option(
    "--format", "form", type=click.Choice(("text", "markdown", "json")), default="text", help="The report's form."
)
@click.option("--fail-on", type=click.Choice(FAIL_ON), default="never", help="Exit 3 from this severity on.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when anything changes.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour the text.")
@kube_version_option
@helm_option
def command(
    old: str,
    new: str,
    values_files: tuple[Path, ...],
    sets: tuple[str, ...],
    namespace: str,
    form: str,
    fail_on: str,
    detailed_exitcode: bool,
    color: str,
    kube_versions: tuple[str, ...],
    helm: str | None,
) -> None:
    """Compare two specs, charts or rendered manifests; `git:REF[:PATH]` takes a side from a commit.

    \b
    flowhelm diff git:origin/main examples/order/spec.yaml
    flowhelm diff old-chart new-chart --format markdown --fail-on error
    """  # noqa: D301  # \b is a character that click knows
    from generator.diff.comparison import diff
    from generator.diff.verdict import exit_code
    from generator.report.diff_json import diff_json
    from generator.report.diff_markdown import diff_markdown
    from generator.report.diff_text import diff_text

    diagnostics = Diagnostics()
    bench = Bench(diagnostics, kube_versions, values_files, sets, helm)
    before, after = bench.manifests(old, beside=new), bench.manifests(new, beside=old)
    if len(diagnostics):
        show(diagnostics, Reporting("text", "error", quiet=True, verbose=False, color=color), sources=bench.sources)
    if before is None or after is None or diagnostics.has_errors:
        raise click.exceptions.Exit(1)
    found = diff(before.objects, after.objects, namespace=namespace)
    forms = {"markdown": diff_markdown, "json": diff_json}
    text = forms[form](found) if form in forms else diff_text(found, colour=has_colour(color))
    click.echo(text, nl=False, color=True)
    limit = None if fail_on == "never" else Severity(fail_on)
    raise click.exceptions.Exit(exit_code(found, fail_on=limit, detailed=detailed_exitcode))
