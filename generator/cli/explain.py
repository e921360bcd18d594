"""`flowhelm explain CODE`: why a finding is one, with a wrong and a right example."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("code")
def command(code: str) -> None:
    """Explain a diagnostic code.

    \b
    flowhelm explain FH2301
    """  # noqa: D301  # \b is a character that click knows
    from generator.catalog import find_code
    from generator.report.explain import explain

    found = find_code(code)
    if found is None:
        raise click.UsageError(f"there is no code {code}; codes are FH and four digits, as in FH1001")
    click.echo(explain(found), nl=False)
