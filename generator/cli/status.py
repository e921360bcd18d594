"""`flowhelm status`: how a run is."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options
from generator.cli.output import has_colour

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl

COLOURS = {"succeeded": "green", "failed": "red", "running": "cyan", "cancelled": "yellow"}


@click.command("status")
@click.argument("run")
@click.option("-o", "--output", type=click.Choice(("text", "json")), default="text", help="What is printed.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour the tree.")
@cluster_options
def command(kubectl: Kubectl, run: str, output: str, color: str) -> None:
    """Show how RUN is: its tasks, with their times and reasons.

    \b
    flowhelm status shop-fulfil-7xk2p
    flowhelm status shop-fulfil-7xk2p -o json
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.looking import look
    from generator.runs.state import as_json
    from generator.runs.tree import lines_of

    state = look(kubectl, run)
    if output == "json":
        click.echo(json.dumps(as_json(state), ensure_ascii=False, indent=2))
        return
    coloured = has_colour(color)
    for line in lines_of(state, time.time()):
        text = click.style(line.text, COLOURS.get(line.status)) if coloured else line.text
        click.echo(text, color=coloured)
