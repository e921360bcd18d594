"""`flowhelm logs`: what a run or a task of it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from generator.cli.cluster import cluster_options

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl
    from generator.runs.logs import Wanted
    from generator.runs.reading import Line, Source


@click.command("logs")
@click.argument("run")
@click.argument("task", required=False, default="")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run or the task has ended.")
@click.option("--try", "number", default="", metavar="N", help="Only this try of the task; all of them by default.")
@click.option("--since", default="", metavar="TIME", help="Only what is not older, as 10s, 5m or 3h.")
@click.option(
    "-o", "--output", type=click.Choice(("text", "json")), default="text", help="json: the runner's own lines."
)
@cluster_options
def command(kubectl: Kubectl, run: str, task: str, follow: bool, number: str, since: str, output: str) -> None:
    """Show what happened in RUN, or what the pods of TASK wrote; a task without pods has its part of what happened.

    \b
    flowhelm logs shop-fulfil-7xk2p -f
    flowhelm logs shop-fulfil-7xk2p pack
    flowhelm logs shop-fulfil-7xk2p 'pack[3]' --try 2
    """  # noqa: D301  # \b is a character that click knows
    from generator.runs.logs import want

    wanted = want(kubectl, run, task, number)
    shown = _of_pods(wanted, follow, since) if wanted.in_pods else _of_runner(wanted, follow, since, output)
    for line in shown:
        click.echo(line)


def _of_runner(wanted: Wanted, follow: bool, since: str, output: str) -> Iterator[str]:
    """The runner's lines, those about the task alone when there is one."""
    from generator.runs.story import is_about, is_news, read_line, told

    about = is_about(wanted.path)
    for line in _lines(wanted, follow, since):
        record = read_line(line.text)
        if wanted.path and not about(record):
            continue
        if output == "json" or record is None:
            yield line.text
        elif is_news(record):
            yield told(record)


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
