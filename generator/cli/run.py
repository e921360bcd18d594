"""`flowhelm run`: start a run of a workflow."""

from __future__ import annotations

import json
import sys
from typing import IO, TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options
from generator.cli.watching import watch as show

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl


@click.command("run")
@click.argument("release", default="", metavar="RELEASE")
@click.argument("workflow", default="", metavar="WORKFLOW")
@click.option("-i", "--input", "pairs", multiple=True, metavar="NAME=VALUE", help="An input, read by its type.")
@click.option("--input-file", type=click.File(encoding="utf-8"), help="Inputs as a JSON object; - for stdin.")
@click.option("--name", default="", help="The run's name; by default one is made.")
@click.option("-o", "--output", type=click.Choice(("name", "json")), default="name", help="What is printed.")
@click.option("--watch", is_flag=True, help="Show what happens until it has ended; exit 1 when it fails.")
@cluster_options
def command(
    kubectl: Kubectl,
    release: str,
    workflow: str,
    pairs: tuple[str, ...],
    input_file: IO[str] | None,
    name: str,
    output: str,
    watch: bool,
) -> None:
    """Start a run, and print its name.

    \b
    flowhelm run shop fulfil --input order='{"id": "A-1"}'
    flowhelm run shop report --input days=7 --watch
    """  # noqa: D301  # \b is a character that click knows
    from generator.cli.naming import which_workflow
    from generator.runs.starting import find_launcher, start

    if not workflow:
        raise which_workflow(kubectl, release)
    launcher = find_launcher(kubectl, release, workflow)
    file = input_file.read() if input_file else None
    started = start(kubectl, launcher, pairs, file, name)
    about = {"run": started, "release": release, "workflow": workflow}
    click.echo(json.dumps(about, indent=2) if output == "json" else started)
    if watch:
        raise click.exceptions.Exit(show(kubectl, started, sys.stderr))
