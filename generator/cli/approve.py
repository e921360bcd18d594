"""`flowhelm approve`: answer a question of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl


@click.command("approve")
@click.argument("run", default="", metavar="RUN")
@click.argument("task", required=False)
@click.option("--reject", is_flag=True, help="Say no: the task fails.")
@click.option("--by", help="Who answers; by default the user that kubectl works as.")
@cluster_options
def command(kubectl: Kubectl, run: str, task: str | None, reject: bool, by: str | None) -> None:
    """Approve or reject what a run asks; without TASK, show what it asks.

    \b
    flowhelm approve shop-fulfil-7xk2p
    flowhelm approve shop-fulfil-7xk2p pay/ask
    flowhelm approve shop-fulfil-7xk2p pay/ask --reject --by Ada
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.acting import approve, find_run, questions, user
    from generator.runs.story import on_one_line

    found = find_run(kubectl, run)
    if task is None:
        asked = questions(found)
        for path, message in asked:
            click.echo("\n".join(on_one_line(line) for line in f"{path}: {message}".split("\n")))
        if not asked:
            click.echo(f"run {run} asks nothing at the moment", err=True)
        elif reject:
            raise click.UsageError("say which task to reject")
        return
    who = by or user(kubectl)
    approve(kubectl, found, task, who, approved=not reject)
    click.echo(f"{'rejected' if reject else 'approved'} {task} of run {run} as {who}", err=True)
