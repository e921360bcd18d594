"""`flowhelm logs`: what a run or a task of it wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options, since

if TYPE_CHECKING:
    from generator.kube.durations import Duration
    from generator.runs.kubectl import Kubectl
    from generator.runs.logs import Wanted
    from generator.runs.reading import Line, Source


def _try(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The number of a try; within a workflow that was tried again, that try's before it: 2.1."""
    if value and not re.fullmatch(r"[0-9]+(\.[0-9]+)*", value):
        raise click.BadParameter(f"{value!r} is no number of a try; the first one is 1")
    return value


@click.command("logs")
@click.argument("run", default="", metavar="RUN")
@click.argument("task", required=False, default="")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run or the task has ended.")
@click.option(
    "--try", "number", default="", callback=_try, metavar="N", help="Only this try of the task; all of them by default."
)
@click.option("--since", default="", callback=since, metavar="TIME", help="Only what is not older, as 10s, 5m or 3h.")
@click.option(
    "-o", "--output", type=click.Choice(("text", "json")), default="text", help="json: the runner's own lines."
)
@cluster_options
def command(
    kubectl: Kubectl, run: str, task: str, follow: bool, number: str, since: Duration | None, output: str
) -> None:
    """Show what happened in RUN, or what the pods of TASK wrote; a task without pods has its part of what happened.

    \b
    flowhelm logs shop-fulfil-7xk2p -f
    flowhelm logs shop-fulfil-7xk2p pack
    flowhelm logs shop-fulfil-7xk2p 'pack[3]' --try 2
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.logs import want

    wanted = want(kubectl, run, task, number)
    limit = f"{since.whole_seconds}s" if since else ""
    shown = _of_pods(wanted, follow, limit) if wanted.in_pods else _of_runner(wanted, follow, limit, output)
    for line in shown:
        click.echo(line)


def _of_runner(wanted: Wanted, follow: bool, since: str, output: str) -> Iterator[str]:
    """The runner's lines, those about the task alone when there is one."""
    from generator.runs.story import is_about, is_news, read_line, told

    about, silent = is_about(wanted.path), not since
    for line in _lines(wanted, follow, since):
        record = read_line(line.text)
        if wanted.path and not about(record):
            continue
        silent = False
        if output == "json" or record is None:
            yield line.text
        elif is_news(record):
            yield told(record)
    if wanted.path and silent:
        click.echo(wanted.silence(), err=True)


def _of_pods(wanted: Wanted, follow: bool, since: str) -> Iterator[str]:
    """What pods wrote: side by side with their names while they go on, else one after the other."""
    title = wanted.path
    for line in _lines(wanted, follow, since):
        if wanted.several and follow:
            yield f"{line.source.title} | {line.text}"
            continue
        if line.source.title != title:
            click.echo(f"--- {line.source.title}", err=True)
        title = line.source.title
        yield line.text


def _lines(wanted: Wanted, follow: bool, since: str) -> Iterator[Line]:
    from generator.runs import reading
    from generator.runs.logs import not_begun

    if follow:
        yield from reading.follow(wanted.kubectl, _telling(wanted), wanted.is_over, since)
    sources = wanted.sources()
    if not sources:
        raise click.ClickException(wanted.nothing())
    if follow:
        return
    for source in sources:
        if source.has_begun:
            yield from reading.read(wanted.kubectl, source, since)
        else:
            click.echo(not_begun(source), err=True)


def _telling(wanted: Wanted) -> Callable[[], Sequence[Source]]:
    """What there is to follow; a pod that something keeps from starting is told of, once."""
    from generator.runs.logs import not_begun

    told: set[str] = set()

    def sources() -> Sequence[Source]:
        found = wanted.sources()
        for source in found:
            words = not_begun(source)
            if not source.has_begun and ": " in words and words not in told:
                told.add(words)
                click.echo(words, err=True)
        return found

    return sources
