"""`flowhelm explain [CODE]`: why a finding is one, with a wrong and a right example; without a code, all of them."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a diagnostic code, or list all of them.

    \b
    flowhelm explain FH2301
    flowhelm explain | grep port
    """  # noqa: D301  # \b is a character that click knows
    from generator.catalog import all_codes, find_code
    from generator.report.explain import explain, list_codes

    if code is None:
        click.echo(list_codes(all_codes().values()), nl=False)
        return
    found = find_code(code)
    if found is None:
        raise click.UsageError(f"there is no code {code}; codes are FH and four digits, as in FH1001")
    click.echo(explain(found), nl=False)
