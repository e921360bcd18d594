"""`flowhelm retry`: do again what failed in a run."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options
from generator.cli.watching import watch as show

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl


@click.command("retry")
@click.argument("run", default="", metavar="RUN")
@click.option("--name", default="", help="The new run's name; by default one is made.")
@click.option("-o", "--output", type=click.Choice(("name", "json")), default="name", help="What is printed.")
@click.option("--watch", is_flag=True, help="Show what happens until it has ended; exit 1 when it fails.")
@cluster_options
def command(kubectl: Kubectl, run: str, name: str, output: str, watch: bool) -> None:
    """Start a run that does again what failed in RUN and what comes after it, and print its name.

    It goes on with the version and the inputs of RUN, and takes over the results of what succeeded there.

    \b
    flowhelm retry shop-fulfil-7xk2p --watch
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.acting import find_run
    from generator.runs.starting import retry

    started = retry(kubectl, find_run(kubectl, run), name)
    click.echo(json.dumps({"run": started, "retry_of": run}, indent=2) if output == "json" else started)
    if watch:
        raise click.exceptions.Exit(show(kubectl, started, sys.stderr))
