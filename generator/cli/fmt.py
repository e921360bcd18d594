"""`flowhelm fmt`: specs in one style, with their comments."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.cli.options import Reporting, reporting_options
from generator.cli.output import show
from generator.diagnostics import Diagnostics


@click.command(
    "fmt", epilog="Exit codes: 0 done, 1 a file is not good YAML (it stays as it is), 3 with --check: changes."
)
@click.argument("specs", nargs=-1, required=True)
@click.option("--check", "check_only", is_flag=True, help="Change nothing; exit 3 when a file is not formatted.")
@reporting_options(("text", "json", "sarif", "github"))
def command(specs: tuple[str, ...], check_only: bool, reporting: Reporting) -> None:
    """Bring specs into one style: keys in the documented order, two spaces, quotes where needed. Comments stay.

    \b
    flowhelm fmt spec.yaml
    flowhelm fmt --check deploy/*.yaml
    flowhelm fmt - < spec.yaml
    """  # noqa: D301  # \b is a character that click knows
    diagnostics = Diagnostics()
    sources: dict[str, str] = {}
    news = [_format(spec, check_only, diagnostics, sources) for spec in specs]
    lines = [line for line in news if line]
    if len(diagnostics) or reporting.format != "text":
        show(diagnostics, reporting, lines, sources)
    elif not reporting.quiet:
        click.echo("\n".join(lines), nl=bool(lines), err=True)
    code = reporting.exit_code(diagnostics)
    raise click.exceptions.Exit(3 if check_only and any(news) and code != 1 else code)


def _format(spec: str, check_only: bool, diagnostics: Diagnostics, sources: dict[str, str]) -> str:
    """Format one file, or stdin to stdout; what there is to say about it when it was not formatted already."""
    from generator.source import MAX_SPEC, read_source
    from generator.spec.formatting import format_spec
    from generator.write.replacement import replace_file

    if spec == "-":
        shown, data = "<stdin>", sys.stdin.buffer.read(MAX_SPEC + 1)
    else:
        source = read_source(Path(spec), diagnostics)
        if source is None:
            return ""
        shown, data = source.shown, source.data
    sources[shown] = data.decode("utf-8-sig", errors="replace")
    text = format_spec(data, shown, diagnostics)
    if text is None:
        return ""
    changed = text.encode() != data
    if spec == "-" and not check_only:
        click.echo(text, nl=False)
    elif changed and not check_only:
        try:
            replace_file(Path(spec), text.encode())
        except OSError as error:
            raise click.ClickException(f"cannot write {spec}: {error.strerror}") from error
    if not changed or (spec == "-" and not check_only):
        return ""
    return f"{shown} is not formatted" if check_only else f"formatted {shown}"
