"""`flowhelm runs`: the runs that are kept, and what they come to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl
    from generator.runs.listing import Listed
    from generator.runs.statistics import Figures, WorkflowFigures


@click.command("runs")
@click.argument("release", default="")
@click.argument("workflow", default="")
@click.option("--limit", type=click.IntRange(min=1), help="So many of the newest runs.")
@click.option("--stats", is_flag=True, help="Success and latency of every task over these runs.")
@click.option("-o", "--output", type=click.Choice(("text", "json")), default="text", help="What is printed.")
@cluster_options
def command(kubectl: Kubectl, release: str, workflow: str, limit: int | None, stats: bool, output: str) -> None:
    """List the runs that are kept, newest first: of a RELEASE and WORKFLOW, or all in the namespace.

    With --stats, per task: how many runs, how many of them succeeded, and the latency from the first try's start to
    the end. A percentile is the shortest time that at least so many percent of the runs took at most.

    \b
    flowhelm runs
    flowhelm runs shop fulfil --limit 10
    flowhelm runs shop --stats
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.listing import as_json, list_runs, table

    found = list_runs(kubectl, release, workflow)[:limit]
    if stats:
        _show_statistics(found, output)
    elif output == "json":
        click.echo(json.dumps({"runs": [as_json(run) for run in found]}, ensure_ascii=False, indent=2))
    elif found:
        click.echo("\n".join(table(found, time.time())))
    if not found:
        where = f" of {' '.join(filter(None, (release, workflow)))}" if release else ""
        click.echo(f"no runs{where} in {kubectl.place}", err=True)


def _show_statistics(found: Sequence[Listed], output: str) -> None:
    from generator.runs.statistics import as_json

    workflows = list(_by_workflow(found))
    if output == "json":
        printed = [
            {
                "release": each.release,
                "workflow": each.workflow,
                **as_json(each.whole),
                "tasks": {path: as_json(figures) for path, figures in each.tasks.items()},
            }
            for each in workflows
        ]
        click.echo(json.dumps({"workflows": printed}, ensure_ascii=False, indent=2))
        return
    for number, each in enumerate(workflows):
        click.echo(("\n" if number else "") + "\n".join(_lines(each)))


def _by_workflow(found: Sequence[Listed]) -> Iterator[WorkflowFigures]:
    from generator.runs.statistics import figures_of

    for release, workflow in sorted({(run.release, run.state.workflow) for run in found}):
        states = [run.state for run in found if (run.release, run.state.workflow) == (release, workflow)]
        yield figures_of(release, workflow, states)


def _lines(figures: WorkflowFigures) -> Iterator[str]:
    from generator.runs.listing import columns
    from generator.runs.statistics import PERCENTS

    head = ("TASK", "RUNS", "SUCCEEDED", "RETRIED", *(f"P{percent}" for percent in PERCENTS))
    rows = [(f"  {path}", *_fields(each)) for path, each in figures.tasks.items()]
    yield f"{figures.workflow} of {figures.release}, over the runs that are kept"
    yield from columns([head, ("the whole run", *_fields(figures.whole)), *rows])


def _fields(figures: Figures) -> tuple[str, ...]:
    from generator.runs.statistics import PERCENTS
    from generator.runs.story import duration

    rate = "–" if figures.success_rate is None else f"{figures.success_rate:.1%}"
    times = (figures.percentile(percent) for percent in PERCENTS)
    return (str(figures.runs), rate, str(figures.retried), *("–" if time is None else duration(time) for time in times))
