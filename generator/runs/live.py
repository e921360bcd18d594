"""The tree of a run on a terminal, drawn anew in its place while the run goes on.

In: how to look at the run, and the terminal. Out: the last state. A tree that is higher than the screen is shown in
part: what runs or failed first; when the run has ended it is shown whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TextIO

from generator.runs.state import RunState
from generator.runs.tree import Line, lines_of
from generator.runtime.progress import FAILED, RUNNING

LOOK_AGAIN, DRAW_AGAIN = 1.0, 0.25
"""Seconds between looks at the cluster, and between drawings of the times."""

UP, CLEAR_BELOW, NO_WRAP, WRAP = "\x1b[{}A", "\x1b[J", "\x1b[?7l", "\x1b[?7h"


def show_live(
    look: Callable[[], RunState], screen: TextIO, size: Callable[[], Sequence[int]], style: Callable[[Line], str]
) -> RunState:
    """Draw until the run has ended; returns its last state. `size` gives columns and rows, `style` colours a line."""
    drawn = 0
    while True:
        state, until = look(), time.monotonic() + LOOK_AGAIN
        while True:
            lines = lines_of(state, time.time())
            drawn = _draw(screen, lines if state.has_ended else fitted(lines, size()[1] - 1), drawn, style)
            if state.has_ended:
                return state
            if time.monotonic() >= until:
                break
            time.sleep(DRAW_AGAIN)


def fitted(lines: Sequence[Line], rows: int) -> list[Line]:
    """At most so many lines: the first, then those that run or failed, then the others, in their order."""
    if len(lines) <= rows:
        return list(lines)
    order = sorted(range(1, len(lines)), key=lambda index: (lines[index].status not in (RUNNING, FAILED), index))
    kept = sorted(order[: max(0, rows - 2)])
    left = len(lines) - 1 - len(kept)
    return [lines[0], *(lines[index] for index in kept), Line("", f"  … and {left} more")]


def _draw(screen: TextIO, lines: Sequence[Line], drawn: int, style: Callable[[Line], str]) -> int:
    """Over what was drawn before; returns how many lines it was."""
    back = UP.format(drawn) if drawn else ""
    text = "".join(f"{style(line)}\n" for line in lines)
    screen.write(f"{back}\r{CLEAR_BELOW}{NO_WRAP}{text}{WRAP}")
    screen.flush()
    return len(lines)
