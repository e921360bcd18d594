"""The tasks of a run as a tree for people: one line each, with status, time, reason and tries.

In: a :class:`RunState` and the time. Out: lines with their status, which whoever prints them may colour. A foreach of
many items is told in numbers; of its items the failed ones and those that run are shown, the first few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.runs.answers import ASKS
from generator.runs.state import RunState, TaskState
from generator.runs.story import duration, on_one_line
from generator.runtime.progress import CANCELLED, ENDED, FAILED, RUNNING, SKIPPED, SUCCEEDED, WAITING

MARKS = {SUCCEEDED: "✓", FAILED: "✗", SKIPPED: "–", CANCELLED: "⊘", RUNNING: "●", WAITING: "·"}
FEW_ITEMS, MOST_SHOWN = 5, 5
"""So many items are all shown; of more, so many of those that run or failed."""


LEAST_TITLE, BEHIND_TITLE = 16, 24
"""Columns of a task's name that are left in any case, and those of status and time behind it."""


class Line(NamedTuple):
    """One line, and the status by which it may be coloured."""

    status: str
    text: str


def lines_of(state: RunState, now: float, columns: int | None = None) -> list[Line]:
    """The run, and under it its tasks; where there are so few columns, long names are cut, not what follows them."""
    rows = list(_rows(state.tasks, now, "  "))
    width = max((len(row.title) for row in rows), default=0)
    if columns is not None:
        width = min(width, max(LEAST_TITLE, min(columns // 2, columns - BEHIND_TITLE)))
    head = f"run {state.run} of {state.workflow}: {state.status}" + _after(state.started, state.ended, now)
    if any(row.status == RUNNING and ASKS in row.words for row in rows):
        head += f"; answer with: flowhelm approve {state.run}{state.options}"
    lines = [Line(state.status, head + (f": {on_one_line(state.reason)}" if state.reason else ""))]
    for row in rows:
        title = row.title if len(row.title) <= width else f"{row.title[: width - 1]}…"
        text = f"{title:{width}}  {row.status:9}  {row.time:>9}  {row.words}".rstrip()
        lines.append(Line(row.status, text))
    return lines


class _Row(NamedTuple):
    title: str
    status: str
    time: str
    words: str


def _rows(tasks: Mapping[str, TaskState], now: float, indent: str) -> Iterator[_Row]:
    for name, task in tasks.items():
        yield from _with_inner(name, task, now, indent)


def _with_inner(name: str, task: TaskState, now: float, indent: str) -> Iterator[_Row]:
    """A task, its items, and the tasks of what it calls."""
    yield _row(name, task, now, indent)
    deeper = indent + "  "
    for index, item in _shown(task.items or ()):
        yield from _with_inner(f"{name}[{index}]", item, now, deeper)
    yield from _rows(task.tasks, now, deeper)


def _row(name: str, task: TaskState, now: float, indent: str) -> _Row:
    words = [_counted(task.items)] if task.items is not None else []
    words += [on_one_line(task.reason)] if task.reason else []
    if task.taken:
        words.append("taken over")
    elif task.items is None and task.tries > 1 and not task.reason.startswith("try "):
        words.append(f"{task.tries} tries" if task.status in ENDED else f"try {task.tries}")
    time = "" if task.started is None else duration(_seconds(task.started, task.ended, now))
    return _Row(f"{indent}{MARKS[task.status]} {name}", task.status, time, "; ".join(words))


def _counted(items: Sequence[TaskState]) -> str:
    """`60 items: 58 succeeded, 2 failed`."""
    counts = Counter(item.status for item in items)
    told = ", ".join(f"{counts[status]} {status}" for status in MARKS if counts[status])
    return f"{len(items)} item{'s' * (len(items) != 1)}" + (f": {told}" if told else "")


def _shown(items: Sequence[TaskState]) -> list[tuple[int, TaskState]]:
    if len(items) <= FEW_ITEMS:
        return list(enumerate(items))
    told = [(index, item) for index, item in enumerate(items) if item.status in (FAILED, RUNNING)]
    return sorted(told, key=lambda each: (each[1].status != FAILED, each[0]))[:MOST_SHOWN]


def _after(started: float | None, ended: float | None, now: float) -> str:
    if started is None:
        return ""
    return f" {'for' if ended is None else 'after'} {duration(_seconds(started, ended, now))}"


def _seconds(started: float, ended: float | None, now: float) -> float:
    """Never less than none: the clock here may be behind that of the cluster."""
    return max(0.0, (now if ended is None else ended) - started)
