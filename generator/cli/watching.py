"""`--watch`: what happens in a run, as it happens, and its verdict as the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl

INTERRUPTED = 130


def watch(kubectl: Kubectl, run: str) -> int:
    """Show the run until it has ended; 0 when it succeeded or had nothing to do, else 1. Ctrl-C leaves it going."""
    from generator.runs.logs import want
    from generator.runs.looking import look
    from generator.runs.reading import follow
    from generator.runs.story import is_news, read_line, told
    from generator.runtime.progress import SKIPPED, SUCCEEDED

    wanted = want(kubectl, run)
    try:
        for line in follow(kubectl, wanted.sources, wanted.is_over, ""):
            record = read_line(line.text)
            if record is None or is_news(record):
                click.echo(line.text if record is None else told(record), err=True)
    except KeyboardInterrupt:
        words = f"run {run} goes on; look again with: flowhelm logs {run} --follow, end it with: flowhelm cancel {run}"
        click.echo(f"\n{words}", err=True)
        return INTERRUPTED
    state = look(kubectl, run)
    click.echo(f"run {run} {state.status}" + (f": {state.reason}" if state.reason else ""), err=True)
    return 0 if state.status in (SUCCEEDED, SKIPPED) else 1
