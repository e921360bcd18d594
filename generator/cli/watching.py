"""`--watch`: a run until its end, and its verdict as the exit code.

On a terminal it is the tree of its tasks, drawn anew each second; elsewhere what happens, line by line.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from generator.cli.output import has_colour

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl
    from generator.runs.state import RunState
    from generator.runs.tree import Line

INTERRUPTED = 130
DRAW_AGAIN = 1.0
CALM = ("succeeded", "skipped", "waiting")
"""Tasks in such a state are left out first when a screen has no place for all."""


def watch(kubectl: Kubectl, run: str) -> int:
    """Show the run until it has ended; 0 when it succeeded or had nothing to do, else 1. Ctrl-C leaves it going."""
    from generator.runtime.progress import SKIPPED, SUCCEEDED

    try:
        state = _draw(kubectl, run) if sys.stderr.isatty() else _tell(kubectl, run)
    except KeyboardInterrupt:
        words = f"run {run} goes on; look again with: flowhelm logs {run} --follow, end it with: flowhelm cancel {run}"
        click.echo(f"\n{words}", err=True)
        return INTERRUPTED
    return 0 if state.status in (SUCCEEDED, SKIPPED) else 1


def fitting(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """The lines that a screen has room for: first those of tasks that run or went wrong, each in one row."""
    kept = list(lines)
    for line in reversed(lines[1:]):
        if len(kept) <= height:
            break
        if line.status in CALM:
            kept.remove(line)
    return [line._replace(text=line.text[:width]) for line in kept[:height]]


def _draw(kubectl: Kubectl, run: str) -> RunState:
    """The tree, drawn over itself until the run has ended, and then once more as a whole."""
    from generator.runs.looking import look
    from generator.runs.story import on_one_line
    from generator.runs.tree import lines_of

    drawn = 0
    while True:
        state = look(kubectl, run)
        lines = [line._replace(text=on_one_line(line.text)) for line in lines_of(state, time.time())]
        screen = shutil.get_terminal_size()
        shown = lines if state.has_ended else fitting(lines, screen.columns - 1, screen.lines - 1)
        back = f"\x1b[{drawn}F\x1b[J" if drawn else ""
        click.echo(back + "\n".join(map(_coloured, shown)), err=True, color=True)
        if state.has_ended:
            return state
        drawn = len(shown)
        time.sleep(DRAW_AGAIN)


def _coloured(line: Line) -> str:
    from generator.cli.status import COLOURS

    return click.style(line.text, COLOURS.get(line.status)) if has_colour("auto") else line.text


def _tell(kubectl: Kubectl, run: str) -> RunState:
    """What happens, and the verdict."""
    from generator.runs.logs import want
    from generator.runs.looking import look
    from generator.runs.reading import follow
    from generator.runs.story import is_news, read_line, told

    wanted = want(kubectl, run)
    for line in follow(kubectl, wanted.sources, wanted.is_over, ""):
        record = read_line(line.text)
        if record is None or is_news(record):
            click.echo(line.text if record is None else told(record), err=True)
    state = look(kubectl, run)
    click.echo(f"run {run} {state.status}" + (f": {state.reason}" if state.reason else ""), err=True)
    return state
