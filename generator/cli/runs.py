"""`flowhelm runs`: the runs that are kept, and what they come to."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options, since
from generator.cli.output import has_colour, styled

if TYPE_CHECKING:
    from generator.kube.durations import Duration
    from generator.runs.kubectl import Kubectl
    from generator.runs.listing import Listed
    from generator.runs.statistics import Figures, WorkflowFigures
    from generator.runs.tree import Line

UNKNOWN = "–"
LEAST_WIDTH = 120


@click.command("runs")
@click.argument("release", default="")
@click.argument("workflow", default="")
@click.option("--stats", is_flag=True, help="Success and latency of every task over these runs.")
@click.option("--since", default="", callback=since, metavar="TIME", help="Runs created in the last TIME: 24h, 7d.")
@click.option("--limit", type=click.IntRange(min=1), help="So many of the newest; with --stats of each workflow.")
@click.option("-o", "--output", type=click.Choice(("text", "json")), default="text", help="What is printed.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour the table.")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="Of all namespaces, not of one.")
@cluster_options
def command(
    kubectl: Kubectl,
    release: str,
    workflow: str,
    stats: bool,
    since: Duration | None,
    limit: int | None,
    output: str,
    color: str,
    everywhere: bool,
) -> None:
    """List the runs that are kept, newest first: of a RELEASE and WORKFLOW, or all in the namespace.

    With --stats, per task: how many runs, how many of them succeeded, how many needed more than one try, the latency of
    those that succeeded (from the first try's start to the end), and why most of the others failed. A percentile is the
    shortest time that at least so many percent took at most.

    \b
    flowhelm runs
    flowhelm runs shop fulfil --limit 10
    flowhelm runs shop --stats --since 7d
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.listing import list_runs

    kubectl = replace(kubectl, everywhere=everywhere)
    kept = list_runs(kubectl, release, workflow)
    not_before = time.time() - since.number if since else 0.0
    found = [run for run in kept if run.created >= not_before]
    if stats:
        _show_statistics(kubectl, kept, not_before, limit, output, color)
    else:
        _show_list(kubectl, found[:limit], output, color)
    if not found:
        click.echo(_nothing(kubectl, kept, release, workflow, since), err=True)
    elif limit is not None and len(found) > limit and not stats:
        click.echo(f"and {len(found) - limit} older", err=True)


def _show_list(kubectl: Kubectl, found: Sequence[Listed], output: str, color: str) -> None:
    from generator.runs.listing import as_json, explained, table

    shown = explained(kubectl, found)
    if output == "json":
        click.echo(json.dumps({"runs": [as_json(run) for run in shown]}, ensure_ascii=False, indent=2))
    elif shown:
        _print(table(shown, time.time(), everywhere=kubectl.everywhere), color)


def _show_statistics(
    kubectl: Kubectl, kept: Sequence[Listed], not_before: float, limit: int | None, output: str, color: str
) -> None:
    from generator.runs.launchers import launchers
    from generator.runs.statistics import as_json, figures_of

    figures = figures_of(kept, launchers(kubectl) if kept else [], not_before, limit)
    if output == "json":
        click.echo(json.dumps({"workflows": [as_json(each) for each in figures]}, ensure_ascii=False, indent=2))
        return
    for number, each in enumerate(figures):
        if number:
            click.echo()
        click.echo(_told(each, time.time(), everywhere=kubectl.everywhere))
        if each.tasks or each.whole.runs:
            _print(_lines(each), color)


def _nothing(kubectl: Kubectl, kept: Sequence[Listed], release: str, workflow: str, since: Duration | None) -> str:
    """What to say when there are no runs. Raises `Refused` when there is no such release or workflow either."""
    from generator.runs.kubectl import Refused
    from generator.runs.launchers import unknown
    from generator.runs.namespaces import missing

    where = f"of {' '.join(filter(None, (release, workflow)))} in {kubectl.place}" if release else f"in {kubectl.place}"
    if kept and since:
        return f"no runs {where} in the last {since.text}; the newest of {len(kept)} is older"
    problem = unknown(kubectl, release, workflow) if release else missing(kubectl)
    if problem:
        raise Refused(problem)
    return f"no runs {where}"


def _print(lines: Iterable[Line], color: str) -> None:
    """On a terminal in colours, and cut to its width; a narrow one breaks lines, rather than lose all reasons."""
    coloured, on_terminal = has_colour(color, sys.stdout), sys.stdout.isatty()
    width = max(LEAST_WIDTH, shutil.get_terminal_size().columns) if on_terminal else None
    for line in lines:
        text = line.text if width is None or len(line.text) <= width else f"{line.text[: width - 1]}…"
        click.echo(styled(line._replace(text=text), coloured=coloured), color=coloured)


def _lines(figures: WorkflowFigures) -> Iterator[Line]:
    from generator.runs.listing import columns
    from generator.runs.statistics import PERCENTS
    from generator.runs.tree import Line

    head = ("TASK", "RUNS", "SUCCEEDED", "RETRIED", *(f"P{percent}" for percent in PERCENTS), "FAILED BECAUSE")
    named = [("the whole run", figures.whole), *((f"  {path}", each) for path, each in figures.tasks.items())]
    lines = columns([head, *((name, *_fields(each)) for name, each in named)])
    yield Line("", next(lines))
    for (_, each), text in zip(named, lines, strict=True):
        yield Line("failed" if each.succeeded < each.runs else "", text)


def _told(figures: WorkflowFigures, now: float, *, everywhere: bool) -> str:
    """`fulfil of shop: 40 runs in the last 6d21h, besides 2 cancelled; older ones are not all kept (…)`."""
    from generator.runs.story import duration

    name = f"{figures.workflow} of {figures.release}" + (f" in {figures.namespace}" if everywhere else "")
    text = f"{name}: {figures.whole.runs} run{'s' * (figures.whole.runs != 1)}"
    if figures.since is None:
        text = f"{name}: no run has ended"
    else:
        text += f" in the last {duration(now - figures.since)}"
    others = {word: getattr(figures, word) for word in ("cancelled", "skipped", "unreadable")}
    if any(others.values()):
        text += ", besides " + ", ".join(f"{number} {word}" for word, number in others.items() if number)
    if figures.whole.one_sided:
        text += "; no rates: one kind of runs is not kept at all (keep)"
    elif figures.trimmed:
        text += "; older ones are not all kept (keep says how many)"
    return text


def _fields(figures: Figures) -> tuple[str, ...]:
    from generator.runs.statistics import PERCENTS
    from generator.runs.story import duration

    rate = UNKNOWN if figures.success_rate is None else f"{figures.success_rate:.1%}"
    times = (figures.percentile(percent) for percent in PERCENTS)
    latency = (UNKNOWN if time is None else duration(time) for time in times)
    reason = ""
    if figures.reasons:
        reason, number = figures.reasons[0]
        failed = figures.runs - figures.succeeded
        reason = f"{number} of {failed}: {reason}" if failed > 1 else reason
    return (str(figures.runs), rate, str(figures.retried), *latency, reason)
