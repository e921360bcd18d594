"""`flowhelm schema`: the JSON Schema of the language, for editors."""

from __future__ import annotations

import click


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of specs, for completion and checks in editors.

    \b
    flowhelm schema > flowhelm.schema.json
    and in the spec's first line:
    # yaml-language-server: $schema=flowhelm.schema.json
    """  # noqa: D301  # \b is a character that click knows
    from generator.spec.schema import schema_text

    click.echo(schema_text(), nl=False)
