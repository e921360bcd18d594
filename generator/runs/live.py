"""The tree of a run on a terminal, drawn anew in its place while the run goes on.

In: how to look at the run, and the terminal. Out: the last state. A tree that is higher than the screen is shown in
part: what runs or failed, and what is next to that; when the run has ended it is shown whole.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import NamedTuple, TextIO

from generator.runs.state import RunState
from generator.runs.tree import MARKS, Line, lines_of
from generator.runs.watching import LOOK_AGAIN
from generator.runtime.progress import FAILED, RUNNING

DRAW_AGAIN = 0.2
"""Seconds between drawings: the times go on, also while kubectl is under way."""

UP, CLEAR_LINE, CLEAR_BELOW, NO_WRAP, WRAP = "\x1b[{}A", "\x1b[K", "\x1b[J", "\x1b[?7l", "\x1b[?7h"


class Screen(NamedTuple):
    """A terminal. `size` gives its columns and rows, `style` colours a line."""

    out: TextIO
    size: Callable[[], Sequence[int]]
    style: Callable[[Line], str]

    def draw(self, lines: Sequence[Line], above: int) -> int:
        """Lines in the place of so many that stand above the cursor; returns how many there are now."""
        columns, _ = self.size()
        back = UP.format(above) if above else ""
        text = "".join(f"{self.style(_cut(line, columns))}{CLEAR_LINE}\n" for line in lines)
        self.out.write(f"{back}\r{NO_WRAP}{text}{WRAP}{CLEAR_BELOW}")
        self.out.flush()
        return len(lines)


def show_live(look: Callable[[], RunState], screen: Screen) -> RunState:
    """Draw until the run has ended; returns its last state. Raises what `look` raises."""
    state, drawn, leaving = look(), 0, threading.Event()
    with ThreadPoolExecutor(1) as aside:
        try:
            while not state.has_ended:
                coming = aside.submit(lambda: None if leaving.wait(LOOK_AGAIN) else look())
                while not coming.done():
                    columns, rows = screen.size()
                    drawn = screen.draw(fitted(lines_of(state, time.time(), columns), rows - 1), drawn)
                    wait((coming,), DRAW_AGAIN)
                state = coming.result() or state
        finally:
            leaving.set()
    columns, rows = screen.size()
    lines = lines_of(state, time.time(), columns)
    screen.draw(lines if len(lines) < rows else [*lines, lines[0]], drawn)
    return state


def fitted(lines: Sequence[Line], rows: int) -> list[Line]:
    """At most so many lines: the first, then those that run or failed, then those next to them."""
    if len(lines) <= rows:
        return list(lines)
    urgent = [index for index in range(1, len(lines)) if lines[index].status in (RUNNING, FAILED)]
    away = _away(len(lines), urgent)
    kept = sorted(sorted(range(1, len(lines)), key=lambda index: (away[index], index))[: max(0, rows - 2)])
    left = Counter(lines[index].status for index in set(range(1, len(lines))) - set(kept))
    counts = ", ".join(f"{left[status]} {status}" for status in MARKS if left[status])
    return [lines[0], *(lines[index] for index in kept), Line("", f"  … and {left.total()} more: {counts}")]


def _away(count: int, urgent: Sequence[int]) -> list[int]:
    """How far each line is from the next urgent one."""
    away = [count] * count
    for index in urgent:
        away[index] = 0
    for step, order in ((-1, range(1, count)), (1, range(count - 2, -1, -1))):
        for index in order:
            away[index] = min(away[index], away[index + step] + 1)
    return away


def _cut(line: Line, columns: int) -> Line:
    return line if len(line.text) <= columns else Line(line.status, line.text[: columns - 1] + "…")
