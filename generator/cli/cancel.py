"""`flowhelm cancel`: end a run before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl


@click.command("cancel")
@click.argument("run", default="", metavar="RUN")
@click.option("--by", help="Who cancels; by default the user that kubectl works as.")
@cluster_options
def command(kubectl: Kubectl, run: str, by: str | None) -> None:
    """Cancel a run: what runs is ended, nothing more starts, on_exit still runs.

    \b
    flowhelm cancel shop-fulfil-7xk2p
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.acting import cancel, find_run, user

    click.echo(cancel(kubectl, find_run(kubectl, run), by or user(kubectl)), err=True)
