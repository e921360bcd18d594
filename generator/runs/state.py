"""How a run is: its tasks, and theirs, as `flowhelm status` shows them (rulings C15).

In: the run's Job with what its runner has kept on it (runtime/journal.py), the Jobs of its tasks. Out: a frozen
:class:`RunState`, and the same as JSON (status.schema.json). Times are seconds since 1970, in JSON RFC 3339.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

from generator.records import dataclass
from generator.runtime.journal import JOURNAL, PLAN, unpack
from generator.runtime.plan import Task, Workflow, load_plan
from generator.runtime.pods import PATH, TASK_LABEL, TRY, WORKFLOW_LABEL, ended, kept_outputs
from generator.runtime.progress import (
    CANCELLED,
    ENDED,
    FAILED,
    LOCKING,
    PAUSED,
    READY,
    RUNNING,
    SKIPPED,
    SUCCEEDED,
    WAITING,
)
from generator.runtime.values import KEPT_NESTED, read_json, timestamp

Json = Any

GIVEN_UP = "BackoffLimitExceeded"
LOST = {
    "DeadlineExceeded": "its time was over, and no runner was there to end it",
    GIVEN_UP: "its runner failed too often",
}
"""Why a run's Job ended without the verdict of its runner, by the Job's own reason."""

LEFT, NOT_BEGUN = "its run ended before it did", "its run did not begin"
"""What is to be said of a task that has not ended, of a run that has."""


@dataclass(frozen=True)
class TaskState:
    """A task, or one item of it. `tasks` are those of the workflow that it calls, `items` those of its foreach.

    `taken`: over from the run that this one retries.
    """

    status: str
    reason: str = ""
    tries: int = 0
    started: float | None = None
    ended: float | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    tasks: Mapping[str, TaskState] = field(default_factory=dict)
    items: Sequence[TaskState] | None = None
    taken: bool = False


@dataclass(frozen=True)
class RunState:
    """A run. `status`: waiting (its runner has not begun), running, succeeded, failed, skipped or cancelled.

    `options` are those that a command must be given to find it, as in ` --namespace shop`.
    """

    run: str
    workflow: str
    status: str
    reason: str
    started: float | None
    ended: float | None
    outputs: Mapping[str, Json]
    tasks: Mapping[str, TaskState]
    options: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in ENDED


def outline_of(run: Json) -> RunState:
    """A run without its tasks, which can be told whatever made its plan."""
    return _outline(run, _progress(run))


def plan_of(run: Json) -> Workflow | None:
    """The plan that a run keeps; none before its runner has begun.

    Raises `ValueError` for one in a format that is not known here.
    """
    kept = run["metadata"].get("annotations", {}).get(PLAN)
    return None if kept is None else _loaded(kept)


def _outline(run: Json, progress: Json, hindrance: str = "") -> RunState:
    metadata = run["metadata"]
    status, reason = _verdict(run, progress)
    if hindrance and reason == LOST[GIVEN_UP]:
        reason = f"{reason}: {hindrance}"
    return RunState(
        run=metadata["name"],
        workflow=metadata["labels"][WORKFLOW_LABEL],
        status=status,
        reason=reason or ("" if status in ENDED else hindrance),
        started=progress.get("started"),
        ended=_end(run, progress) if status in ENDED else None,
        outputs=progress.get("outputs", {}),
        tasks={},
    )


def state_of(run: Json, task_jobs: Sequence[Json] = (), hindrance: str = "") -> RunState:
    """The state of a run with its tasks; `hindrance` is what keeps its runner from running, where that is known, or
    why the last runner of a run that was given up has stopped.

    Raises `ValueError` for a plan in a format that is not known here.
    """
    progress = _progress(run)
    outline, plan = _outline(run, progress, hindrance), plan_of(run)
    if plan is None:
        return outline
    left = "" if ended(run) is None else LEFT if progress.get("started") else NOT_BEGUN
    reading = _Reading({_try_of(job): job for job in task_jobs}, left)
    return replace(outline, tasks=reading.workflow(plan, progress))


@lru_cache(maxsize=8)
def _loaded(kept: str) -> Workflow:
    """A run's plan never changes, and `--watch` reads it each second."""
    found = unpack(kept)
    return load_plan(found["plan"], found["bindings"])


def _progress(run: Json) -> Json:
    annotations = run["metadata"].get("annotations", {})
    return unpack(annotations[JOURNAL]) if JOURNAL in annotations else {}


def as_json(state: RunState) -> dict[str, Json]:
    """The state as `-o json` prints it."""
    return {
        "run": state.run,
        "workflow": state.workflow,
        "status": state.status,
        "reason": state.reason,
        "started": _time(state.started),
        "ended": _time(state.ended),
        "outputs": dict(state.outputs),
        "tasks": {name: _task_json(task) for name, task in state.tasks.items()},
    }


def _task_json(task: TaskState) -> dict[str, Json]:
    found: dict[str, Json] = {
        "status": task.status,
        "reason": task.reason,
        "tries": task.tries,
        "started": _time(task.started),
        "ended": _time(task.ended),
        "outputs": dict(task.outputs),
    }
    if task.tasks:
        found["tasks"] = {name: _task_json(each) for name, each in task.tasks.items()}
    if task.items is not None:
        found["items"] = [_task_json(each) for each in task.items]
    return found


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else timestamp(seconds)


def _verdict(run: Json, progress: Json) -> tuple[str, str]:
    """The run's status and reason: by its runner's word, else by its Job's."""
    if progress.get("phase") == "ended":
        return progress["status"], progress.get("reason", "")
    how = ended(run)
    if how is not None:
        return (SUCCEEDED, "") if how == "Complete" else (FAILED, LOST.get(how, how))
    return (RUNNING if progress.get("started") else WAITING), ""


def _end(run: Json, progress: Json) -> float | None:
    """When the last task ended; of a run without one, when its Job did."""
    ends = [entry["ended"] for entry in progress.get("tasks", {}).values() if "ended" in entry]
    if ends:
        return float(max(ends))
    status = run.get("status", {})
    times = [state["lastTransitionTime"] for state in status.get("conditions", ()) if state["status"] == "True"]
    written = status.get("completionTime") or (times or [None])[-1]
    return None if written is None else seconds_of(written)


def seconds_of(written: str) -> float:
    """A time as Kubernetes writes it, in seconds since 1970."""
    return datetime.fromisoformat(written.replace("Z", "+00:00")).timestamp()


def _try_of(job: Json) -> tuple[str, str]:
    """The path and the try that a task's Job is of."""
    metadata = job["metadata"]
    annotations = metadata.get("annotations", {})
    return annotations.get(PATH, metadata["labels"].get(TASK_LABEL, "")), annotations.get(TRY, "")


@dataclass(frozen=True)
class _Reading:
    """Reads the progress of workflows. `left`: what became of tasks that have not ended; "" while the run goes on."""

    jobs: Mapping[tuple[str, str], Json]
    left: str

    def workflow(self, plan: Workflow, progress: Json, prefix: str = "", tries: str = "") -> dict[str, TaskState]:
        """The tasks of a workflow, each behind those that it needs; those of on_exit at the end."""
        entries = progress.get("tasks", {})
        return {
            name: self._task(tasks[name], entries.get(name, {}), prefix + name, tries)
            for tasks in (plan.tasks, plan.on_exit)
            for name in TopologicalSorter({name: sorted(task.needs) for name, task in tasks.items()}).static_order()
        }

    def _task(self, task: Task, entry: Json, path: str, tries: str) -> TaskState:
        if task.foreach is None or "each" not in entry:
            return self._work(task, entry, path, tries)
        items = tuple(self._work(task, each, f"{path}[{index}]", tries) for index, each in enumerate(entry["each"]))
        status, reason = self._status(entry)
        outputs = {
            name: [item.outputs.get(name, known.default) for item in items] for name, known in task.outputs.items()
        }
        return TaskState(
            status=status,
            reason=reason,
            tries=entry.get("tries", 0),
            started=entry.get("started"),
            ended=entry.get("ended"),
            outputs=outputs if status in ENDED else {},
            items=items,
            taken=entry.get("taken", False),
        )

    def _work(self, task: Task, entry: Json, path: str, tries: str) -> TaskState:
        """One task or item: its last try."""
        status, reason = self._status(entry)
        number = f"{tries}{entry.get('tries', 0)}"
        inner: Mapping[str, TaskState] = {}
        if task.callee is not None and "workflow" in entry:
            inner = self.workflow(task.callee, entry["workflow"], f"{path}/", f"{number}.")
        return TaskState(
            status=status,
            reason=reason,
            tries=entry.get("tries", 0),
            started=entry.get("started"),
            ended=entry.get("ended"),
            outputs=entry.get("outputs") or self._kept(path, number),
            tasks=inner,
            taken=entry.get("taken", False),
        )

    def _status(self, entry: Json) -> tuple[str, str]:
        """A task's status as people know it: what waits for a place or a mutex waits, a pause between tries is a part
        of running.
        """
        status, reason = entry.get("status", WAITING), entry.get("reason", "")
        if status == LOCKING:
            status, reason = WAITING, reason or f"waits for the mutex {entry.get('lock', '')}"
        elif status in (READY, PAUSED):
            reason = reason and f"try {entry.get('tries', 0)} failed: {reason}"
            status = WAITING if status == READY else RUNNING
        elif status not in (WAITING, *ENDED):
            status = RUNNING
        if self.left and status not in ENDED:
            return (SKIPPED, self.left) if self.left == NOT_BEGUN else (CANCELLED, reason or self.left)
        return status, reason

    def _kept(self, path: str, number: str) -> Mapping[str, Json]:
        """The outputs that a pod wrote: they are on the Job of the try."""
        job = self.jobs.get((path, number))
        written = kept_outputs(job) if job is not None else ""
        found: Mapping[str, Json] = read_json(written, KEPT_NESTED) if written else {}
        return found
