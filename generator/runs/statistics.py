"""How often tasks succeed and how long they take, over the runs of which none is missing (history.py).

In: runs that have ended. Out: one :class:`Figures` for the runs of a workflow and one for each of its tasks, by path;
the items of a foreach are counted together as `task[*]`, beside the task itself.

- What was skipped or cancelled counts nowhere, nor what was taken over from a run that is retried.
- The latency is the time from the first try's start to the end, pauses and all, of what succeeded: a failure that comes
  at once would make a task look fast, and one at its time-out tells of the time-out. How often those are, and why, is
  said beside it. Where a part was taken over there is no latency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.records import dataclass
from generator.runs.history import gap_in
from generator.runs.listing import Listed
from generator.runs.state import TaskState, state_of
from generator.runs.story import on_one_line
from generator.runtime.progress import CANCELLED, FAILED, SKIPPED, SUCCEEDED
from generator.runtime.values import timestamp

Json = Any

PERCENTS = (50, 95, 99)


@dataclass(frozen=True)
class Figures:
    """`runs` that succeeded or failed, how many of them `succeeded` and how many were `retried`; the seconds of those
    that succeeded, in order; the `reasons` of those that failed, the most frequent first.

    `one_sided`: failed ones, or succeeded ones, are not kept at all.
    """

    runs: int
    succeeded: int
    retried: int
    seconds: Sequence[float]
    reasons: Sequence[tuple[str, int]] = ()
    one_sided: bool = False

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; None without runs, and where it cannot be known."""
        return self.succeeded / self.runs if self.runs and not self.one_sided else None

    def percentile(self, percent: int) -> float | None:
        """The shortest time that at least so many percent took at most (nearest rank); None without times."""
        if not self.seconds:
            return None
        return self.seconds[max(1, -(-percent * len(self.seconds) // 100)) - 1]


@dataclass(frozen=True)
class WorkflowFigures:
    """The runs of one workflow of a release, and its tasks by their paths.

    `since` is when the first of them was created, `trimmed`: older ones have been removed. `cancelled`, `skipped` and
    `unreadable` (of another version of flowhelm) are not among the runs of `whole`; of the cancelled, tasks count.
    """

    namespace: str
    release: str
    workflow: str
    since: float | None
    trimmed: bool
    cancelled: int
    skipped: int
    unreadable: int
    whole: Figures
    tasks: Mapping[str, Figures]


def figures_of(
    kept: Sequence[Listed], cronjobs: Sequence[Json], not_before: float = 0.0, limit: int | None = None
) -> list[WorkflowFigures]:
    """The figures of every workflow that has runs. `kept` are all of them, newest first; those count that have ended,
    were created `not_before`, and of these the newest `limit` of each workflow.
    """
    groups: dict[tuple[str, str, str], list[Listed]] = {}
    for run in kept:
        groups.setdefault((run.namespace, run.release, run.state.workflow), []).append(run)
    return [_workflow(groups[names], cronjobs, not_before, limit) for names in sorted(groups)]


def _workflow(
    runs: Sequence[Listed], cronjobs: Sequence[Json], not_before: float, limit: int | None
) -> WorkflowFigures:
    gap = gap_in([run.job for run in runs], cronjobs)
    from_then = [run for run in runs if run.created >= max(gap.since, not_before)]
    counted = [run for run in from_then if run.state.has_ended][:limit]
    retried = {run.retry_of for run in runs}
    tasks: dict[str, list[TaskState]] = {}
    wholes, unreadable = [], 0
    for run in counted:
        try:
            found = state_of(run.job)
        except ValueError:
            unreadable += 1
            continue
        tries = 2 if found.run in retried else 1
        wholes.append(TaskState(found.status, found.reason, tries, found.started, found.ended, tasks=found.tasks))
        for path, task in _all(found.tasks):
            tasks.setdefault(path, []).append(task)
    return WorkflowFigures(
        namespace=runs[0].namespace,
        release=runs[0].release,
        workflow=runs[0].state.workflow,
        since=counted[-1].created if counted else None,
        trimmed=gap.since > not_before and len(counted) != limit,
        cancelled=sum(each.status == CANCELLED for each in wholes),
        skipped=sum(each.status == SKIPPED for each in wholes),
        unreadable=unreadable,
        whole=_figures(wholes, gap.one_sided),
        tasks={path: _figures(each, gap.one_sided) for path, each in tasks.items()},
    )


def as_json(figures: WorkflowFigures) -> dict[str, Json]:
    """As stats.schema.json has it."""
    return {
        "namespace": figures.namespace,
        "release": figures.release,
        "workflow": figures.workflow,
        "since": None if figures.since is None else timestamp(figures.since),
        "trimmed": figures.trimmed,
        "cancelled": figures.cancelled,
        "skipped": figures.skipped,
        "unreadable": figures.unreadable,
        **_as_json(figures.whole),
        "tasks": {path: _as_json(each) for path, each in figures.tasks.items()},
    }


def _as_json(figures: Figures) -> dict[str, Json]:
    """Seconds, rounded to the millisecond."""
    times = {f"p{percent}": figures.percentile(percent) for percent in PERCENTS}
    return {
        "runs": figures.runs,
        "succeeded": figures.succeeded,
        "success_rate": None if figures.success_rate is None else round(figures.success_rate, 4),
        "retried": figures.retried,
        "seconds": {name: None if time is None else round(time, 3) for name, time in times.items()},
        "reasons": [{"reason": reason, "runs": runs} for reason, runs in figures.reasons],
    }


def _all(tasks: Mapping[str, TaskState], prefix: str = "") -> Iterator[tuple[str, TaskState]]:
    for name, task in tasks.items():
        path = prefix + name
        yield path, task
        yield from _all(task.tasks, f"{path}/")
        for item in task.items or ():
            yield f"{path}[*]", item
            yield from _all(item.tasks, f"{path}[*]/")


def _figures(states: Iterable[TaskState], one_sided: bool) -> Figures:
    counted = [state for state in states if state.status in (SUCCEEDED, FAILED) and not state.taken]
    succeeded = [state for state in counted if state.status == SUCCEEDED]
    reasons = Counter(on_one_line(state.reason) for state in counted if state.status == FAILED)
    return Figures(
        runs=len(counted),
        succeeded=len(succeeded),
        retried=sum(state.tries > 1 for state in counted),
        seconds=sorted(
            state.ended - state.started
            for state in succeeded
            if state.started is not None and state.ended is not None and not _has_taken(state)
        ),
        reasons=reasons.most_common(),
        one_sided=one_sided,
    )


def _has_taken(state: TaskState) -> bool:
    """Whether a part of it, at any depth, was taken over from the run that its run retries."""
    return any(each.taken or _has_taken(each) for each in (*state.tasks.values(), *(state.items or ())))
