"""How often tasks succeed and how long they take, over the runs that are still kept.

In: states of runs. Out: one :class:`Figures` for the runs of a workflow and one for each of its tasks, by path; the
items of a foreach are counted together as `task[*]`, beside the task itself. What was skipped or cancelled counts
nowhere, nor what was taken over from a run that is retried. The latency is the time from the first try's start to the
end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.runs.state import RunState, TaskState
from generator.runtime.progress import FAILED, SUCCEEDED

Json = Any

PERCENTS = (50, 95, 99)


@dataclass(frozen=True)
class Figures:
    """`runs` that succeeded or failed, how many `succeeded` and had more than one try, and their seconds in order."""

    runs: int
    succeeded: int
    retried: int
    seconds: Sequence[float]

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; None without runs."""
        return self.succeeded / self.runs if self.runs else None

    def percentile(self, percent: float) -> float | None:
        """The shortest time that at least so many percent took at most (nearest rank); None without times."""
        if not self.seconds:
            return None
        return self.seconds[max(1, math.ceil(percent / 100 * len(self.seconds))) - 1]


@dataclass(frozen=True)
class WorkflowFigures:
    """The runs of one workflow of a release, and its tasks by their paths."""

    release: str
    workflow: str
    whole: Figures
    tasks: Mapping[str, Figures]


def figures_of(release: str, workflow: str, runs: Sequence[RunState]) -> WorkflowFigures:
    """The figures of one workflow's runs."""
    wholes = [TaskState(run.status, "", 1, run.started, run.ended) for run in runs]
    tasks: dict[str, list[TaskState]] = {}
    for run in runs:
        for path, task in _all(run.tasks):
            tasks.setdefault(path, []).append(task)
    return WorkflowFigures(release, workflow, _figures(wholes), {path: _figures(each) for path, each in tasks.items()})


def as_json(figures: Figures) -> dict[str, Json]:
    """Seconds, rounded to the millisecond."""
    times = {f"p{percent}": figures.percentile(percent) for percent in PERCENTS}
    return {
        "runs": figures.runs,
        "succeeded": figures.succeeded,
        "success_rate": None if figures.success_rate is None else round(figures.success_rate, 4),
        "retried": figures.retried,
        "seconds": {name: None if time is None else round(time, 3) for name, time in times.items()},
    }


def _all(tasks: Mapping[str, TaskState], prefix: str = "") -> Iterator[tuple[str, TaskState]]:
    for name, task in tasks.items():
        path = prefix + name
        yield path, task
        yield from _all(task.tasks, f"{path}/")
        for item in task.items or ():
            yield f"{path}[*]", item
            yield from _all(item.tasks, f"{path}[*]/")


def _figures(states: Iterable[TaskState]) -> Figures:
    counted = [state for state in states if state.status in (SUCCEEDED, FAILED) and state.tries and not state.taken]
    times = [state.ended - state.started for state in counted if state.started is not None and state.ended is not None]
    return Figures(
        runs=len(counted),
        succeeded=sum(state.status == SUCCEEDED for state in counted),
        retried=sum(state.tries > 1 for state in counted),
        seconds=sorted(times),
    )
