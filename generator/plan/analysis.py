"""Stage plan: what the `estimate`s of a workflow tell before it ever ran.

Input: a workflow and the order of its tasks. Output: its critical path, how long that takes, and how often it succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

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


def forecast(workflow: Workflow, order: Iterable[str]) -> Forecast | None:
    """The forecast of a workflow whose tasks are given in an order that respects needs; None without any estimate."""
    tasks = workflow.tasks
    if not any(task.spec.estimate for task in tasks.values()):
        return None
    ends: dict[str, Fraction] = {}
    before: dict[str, str] = {}
    for name in order:
        needs = tasks[name].needs
        if any(need.state not in _USUAL or need.task not in ends for need in needs):
            continue
        # The later end wins; of two that end together, the first by name, whatever the order of the file.
        latest = min((need.task for need in needs), key=lambda need: (-ends[need], need), default="")
        ends[name] = ends.get(latest, Fraction(0)) + _duration(tasks[name])
        before[name] = latest
    path = _path(min(ends, key=lambda name: (-ends[name], name)), before)
    success = 1.0
    for name in path:
        success *= _success(tasks[name])
    unknown = tuple(sorted(name for name in ends if not (tasks[name].spec.estimate or tasks[name].spec.wait)))
    return Forecast(path, float(ends[path[-1]]), success, unknown)


def _path(last: str, before: dict[str, str]) -> tuple[str, ...]:
    path = [last]
    while before[path[-1]]:
        path.append(before[path[-1]])
    return tuple(reversed(path))


def _duration(task: Task) -> Fraction:
    """What is estimated for one item, or is waited, as often as items follow each other (rulings M13d)."""
    estimate, foreach = task.spec.estimate, task.spec.foreach
    duration = estimate.duration if estimate and estimate.duration else task.spec.wait
    if duration is None:
        return Fraction(0)
    turns = -(-_items(task) // foreach.parallel) if foreach and foreach.parallel else min(_items(task), 1)
    return duration.seconds * turns


def _items(task: Task) -> int:
    """How many items there are; 1 where only the run will tell."""
    items = task.spec.foreach.items if task.spec.foreach else None
    return len(items) if isinstance(items, list) else 1


def _success(task: Task) -> float:
    """How often one of its tries succeeds, for every item."""
    estimate, retry = task.spec.estimate, task.spec.retry
    if estimate is None or estimate.success is None:
        return 1.0
    failure = 1.0 - estimate.success / 100
    once: float = 1.0 - failure ** (retry.attempts if retry else 1)
    return 1.0 if task.spec.foreach and task.spec.foreach.max_failed >= _items(task) else once ** _items(task)
