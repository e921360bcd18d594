"""Looks at a run again and again, and tells what has happened between two looks.

In: how to look at the run. Out: its states, and what is new in one as lines in the columns of `flowhelm logs`. The
run's Job is read, not its log: a log ends with its pod, and a run whose pod does not start has none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from shlex import quote
from typing import NamedTuple

from generator.runs.answers import ASKS
from generator.runs.kubectl import NotFound, Refused
from generator.runs.state import RunState, TaskState
from generator.runs.story import TASK_WIDTH, duration, on_one_line
from generator.runtime.progress import ENDED
from generator.runtime.values import timestamp

LOOK_AGAIN = 1.0
"""Seconds between looks at the cluster."""

PATIENCE = 120.0
"""Seconds in which the cluster may be out of reach before watching is given up: the run goes on meanwhile."""


class Patient:
    """Looks at a run; while the cluster does not answer, what it saw last, with that as the reason."""

    def __init__(self, look: Callable[[], RunState], clock: Callable[[], float] = time.monotonic) -> None:
        self._look, self._clock = look, clock
        self._last: RunState | None = None
        self._seen = 0.0

    def __call__(self) -> RunState:
        """Raises :class:`Refused` when the first look is, when the run is gone, or after so long without an answer."""
        try:
            self._last = self._look()
        except NotFound:
            if self._last is None:
                raise
            raise NotFound(f"run {self._last.run} has been deleted while it was watched") from None
        except Refused as problem:
            if self._last is None or self._clock() - self._seen > PATIENCE:
                raise
            return replace(self._last, reason=f"the cluster is out of reach, it is tried again: {problem}")
        self._seen = self._clock()
        return self._last


def show_lines(look: Callable[[], RunState], tell: Callable[[str], None]) -> RunState:
    """Tell what happens, a line each, until the run has ended; returns its last state. Raises what `look` raises."""
    before: RunState | None = None
    while True:
        state = look()
        for each in happened(before, state, time.time()):
            tell(each.text)
        if state.has_ended:
            return state
        before = state
        time.sleep(LOOK_AGAIN)


class Happening(NamedTuple):
    """Something that a task or, with "", the run itself has done."""

    time: float
    task: str
    words: str

    @property
    def text(self) -> str:
        """In the columns of the log, to the nearest millisecond."""
        clock = timestamp(self.time + 0.0005)[11:-1]
        return f"{clock}  {self.task or 'run':{TASK_WIDTH}}  {on_one_line(self.words)}"


def happened(before: RunState | None, after: RunState, now: float) -> list[Happening]:
    """What is new since an earlier look, in the order of its time; without one, all that has happened so far."""
    known = dict(paths(before.tasks)) if before else {}
    times = (time for _, task in paths(after.tasks) for time in (task.started, task.ended) if time is not None)
    now = max([now, *times])  # the clock here may be behind that of the cluster
    news = list(_of_run(before, after, now))
    for name, task in after.tasks.items():
        news += _of_task(name, task, known, now)
    told = (_answerable(each, after) for each in news)
    return sorted(told, key=lambda each: round(each.time, 3))


def paths(tasks: Mapping[str, TaskState]) -> Iterator[tuple[str, TaskState]]:
    """All tasks by their paths, with the items of each and the tasks of what it calls: `pay[2]/charge`."""
    for path, task in tasks.items():
        yield path, task
        yield from paths(dict(_inner(path, task)))


def _inner(path: str, task: TaskState) -> Iterator[tuple[str, TaskState]]:
    for index, item in enumerate(task.items or ()):
        yield f"{path}[{index}]", item
    for name, each in task.tasks.items():
        yield f"{path}/{name}", each


def _of_run(before: RunState | None, after: RunState, now: float) -> Iterator[Happening]:
    if after.started is not None and (before is None or before.started is None):
        yield Happening(after.started, "", "started")
    if after.reason and not after.has_ended and (before is None or before.reason != after.reason):
        yield Happening(now, "", f"{after.status}: {after.reason}")


def _of_task(path: str, task: TaskState, known: Mapping[str, TaskState], now: float) -> Iterator[Happening]:
    """What lies in a task stands between its start and its end, also where the times are the same."""
    before = known.get(path, TaskState(""))
    if task == before:
        return
    if not task.taken and task.started is not None and before.started is None:
        items = "" if task.items is None else f" with {len(task.items)} item{'s' * (len(task.items) != 1)}"
        yield Happening(task.started, path, f"started{items}")
    for inside, each in _inner(path, task):
        yield from _of_task(inside, each, known, now)
    if before.status not in ENDED:
        yield from _ended(path, task, now) if task.status in ENDED else _going_on(path, before, task, now)


def _ended(path: str, task: TaskState, now: float) -> Iterator[Happening]:
    if task.taken:
        yield Happening(now, path, f"{task.status}, taken over")
        return
    taken = None if task.started is None or task.ended is None else task.ended - task.started
    words = f"{task.status}{_number(task)}" + ("" if taken is None else f" after {duration(taken)}")
    end = now if task.ended is None else task.ended
    yield Happening(end, path, words + (f": {task.reason}" if task.reason else ""))


def _going_on(path: str, before: TaskState, task: TaskState, now: float) -> Iterator[Happening]:
    if task.reason:
        if task.reason != before.reason:
            yield Happening(now, path, task.reason)
    elif _number(task) and task.tries > before.tries:
        yield Happening(now, path, f"started{_number(task)}")


def _answerable(happening: Happening, run: RunState) -> Happening:
    """A question with the command that answers it."""
    if not happening.words.startswith(ASKS):
        return happening
    command = f"flowhelm approve {run.run} {quote(happening.task)}{run.options}"
    return happening._replace(words=f"{happening.words} ({command})")


def _number(task: TaskState) -> str:
    return f" (try {task.tries})" if task.items is None and task.tries > 1 else ""
