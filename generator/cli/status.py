"""`flowhelm status`: how a run is."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options
from generator.cli.output import has_colour, styled
from generator.cli.watching import watch as show

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl


@click.command("status")
@click.argument("run", default="", metavar="RUN")
@click.option("-o", "--output", type=click.Choice(("text", "json")), default="text", help="What is printed.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour the tree.")
@click.option("--watch", is_flag=True, help="Show it until it has ended; exit 1 when it fails.")
@cluster_options
def command(kubectl: Kubectl, run: str, output: str, color: str, watch: bool) -> None:
    """Show how RUN is: its tasks, with their times and reasons.

    With --watch, until the run has ended: on a terminal the tree lives, elsewhere each change is a line. With -o json
    these go to stderr, and the JSON is that of the end.

    \b
    flowhelm status shop-fulfil-7xk2p --watch
    flowhelm status shop-fulfil-7xk2p -o json
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.looking import look
    from generator.runs.state import as_json
    from generator.runs.tree import lines_of

    code = show(kubectl, run, sys.stderr if output == "json" else sys.stdout, color) if watch else 0
    if output == "json":
        click.echo(json.dumps(as_json(look(kubectl, run)), ensure_ascii=False, indent=2))
    elif not watch:
        coloured = has_colour(color, sys.stdout)
        for line in lines_of(look(kubectl, run, with_outputs=False), time.time()):
            click.echo(styled(line, coloured=coloured), color=coloured)
    raise click.exceptions.Exit(code)
