"""Stage plan: what the `estimate`s of a workflow tell before it ever ran.

Input: a workflow and the order of its tasks. Output: its critical path, how long that takes, and how often it succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from generator.records import dataclass
from generator.resolve.model import Task, Workflow

_USUAL = {"succeeded", "done", "not_failed"}
"""States of needs on the usual course of a run; handlers of failures and of skips do not lie on it."""


@dataclass(frozen=True)
class Forecast:
    """The longest way through the tasks when all goes well.

    `seconds` adds up the estimates along `path` (a task without one counts as nothing and stands in `unknown`);
    `success` is the share of runs in which all tasks of the path succeed, their tries counted.
    """

    path: tuple[str, ...]
    seconds: float
    success: float
    unknown: tuple[str, ...]


def forecast(workflow: Workflow, order: Iterable[str], reused: Mapping[str, Forecast | None]) -> Forecast | None:
    """The forecast of a workflow whose tasks are given in an order that respects needs; None without any estimate.

    A task that reuses a workflow, and says nothing itself, takes what is forecast for that: `reused`, by task.
    """
    tasks = {name: _Guess.of(task, reused.get(name)) for name, task in workflow.tasks.items()}
    if not any(guess.known for guess in tasks.values()):
        return None
    ends: dict[str, Fraction] = {}
    before: dict[str, str] = {}
    for name in order:
        needs = workflow.tasks[name].needs
        if any(need.state not in _USUAL or need.task not in ends for need in needs):
            continue
        # The later end wins; of two that end together, the first by name, whatever the order of the file.
        latest = min((need.task for need in needs), key=lambda need: (-ends[need], need), default="")
        ends[name] = ends.get(latest, Fraction(0)) + tasks[name].duration
        before[name] = latest
    path = _path(min(ends, key=lambda name: (-ends[name], name)), before)
    success = 1.0
    for name in path:
        success *= tasks[name].success
    unknown = tuple(sorted(name for name in ends if not tasks[name].known))
    return Forecast(path, float(ends[path[-1]]), success, unknown)


def _path(last: str, before: dict[str, str]) -> tuple[str, ...]:
    path = [last]
    while before[path[-1]]:
        path.append(before[path[-1]])
    return tuple(reversed(path))


@dataclass(frozen=True)
class _Guess:
    """How long a task takes and how often it succeeds, its tries and items included; `known` when anything says so."""

    duration: Fraction
    success: float
    known: bool

    @classmethod
    def of(cls, task: Task, reused: Forecast | None) -> _Guess:
        """From the task's own estimate, else from how long it waits, or from the workflow that it reuses."""
        estimate, wait, duration, once = task.spec.estimate, task.spec.wait, Fraction(0), 1.0
        if estimate is not None:
            duration = estimate.duration.seconds if estimate.duration else wait.seconds if wait else duration
            once = 1.0 if estimate.success is None else estimate.success / 100
        elif wait is not None:
            duration = wait.seconds
        elif reused is not None:
            duration, once = Fraction(str(reused.seconds)), reused.success
        known = estimate is not None or wait is not None or reused is not None
        return cls(duration * _turns(task), _success(once, task), known)


def _success(once: float, task: Task) -> float:
    """How often one of its tries succeeds, for every item, when one try succeeds so often."""
    success: float = 1.0 - (1.0 - once) ** (task.spec.retry.attempts if task.spec.retry else 1)
    return 1.0 if task.spec.foreach and task.spec.foreach.max_failed >= _items(task) else success ** _items(task)


def _turns(task: Task) -> int:
    """How often items follow each other (rulings M13d)."""
    foreach = task.spec.foreach
    return -(-_items(task) // foreach.parallel) if foreach and foreach.parallel else min(_items(task), 1)


def _items(task: Task) -> int:
    """How many items there are; 1 where only the run will tell."""
    items = task.spec.foreach.items if task.spec.foreach else None
    return len(items) if isinstance(items, list) else 1
