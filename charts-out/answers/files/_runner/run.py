"""The decisions of one run: what starts, what is skipped, tried again, ended, and what the run comes to.

Input: the plan, and what happened (tries that ended, time, a wish to cancel). Output: actions for the loop in
`runner.py`. Knows no clock, no network and no thread, and is only called from the loop's thread; `lookup` alone is
also called from calls' threads, for tasks that have ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from .expressions import condition
from .progress import (
    CANCELLED,
    ENDED,
    FAILED,
    PAUSED,
    PHRASES,
    READY,
    RUNNING,
    SATISFIED_BY,
    SKIPPED,
    SUCCEEDED,
    WAITING,
    Progress,
    blame,
    unhandled,
    workflow_outputs,
)
from .values import WrongValue
from .workflow import Plan, Task

Json = Any

ON_EXIT_SECONDS = 600.0
CALLS_AT_ONCE = 64
PATIENCE = 60.0
"""How long after a pod's time-out the loop looks for itself whether the Job has ended."""


class Start(NamedTuple):
    """Start this try of a task."""

    task: Task
    number: int


class End(NamedTuple):
    """End this try of a task before its time."""

    task: Task
    number: int
    reason: str


class Check(NamedTuple):
    """Look whether this try of a task should not have ended by now."""

    task: Task
    number: int


class Tell(NamedTuple):
    """Something that people want to know; `task` is None for the run itself."""

    event: str
    task: Task | None
    facts: dict[str, Json]


@dataclass(frozen=True)
class Result:
    """How a try ended. `outputs` are those that others may read; `final`: another try would end the same way."""

    succeeded: bool
    reason: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    final: bool = False


class Run:
    """One run of a workflow, from its first task to its verdict."""

    def __init__(self, plan: Plan, inputs: Mapping[str, Json], run_id: str, run_name: str) -> None:
        self.plan, self.inputs = plan, inputs
        self.run_id, self.run_name = run_id, run_name
        self.phase = "tasks"
        self.status, self.reason = RUNNING, ""
        self.started: float | None = None
        self.on_exit_started: float | None = None
        self.stopping: tuple[str, str] = ("", "")
        self.outputs: dict[str, Json] = {}
        self.progress = {task.name: Progress() for task in plan.all_tasks()}
        self._actions: list[NamedTuple] = []

    # --- what happens -------------------------------------------------------------------------------------------------

    def advance(self, now: float) -> list[NamedTuple]:
        """Decide everything that can be decided now; returns what is to be done, in order."""
        if self.started is None:
            self.started = now
            self._tell("RunStarted", None)
        while self._step(now):
            pass
        actions, self._actions = self._actions, []
        return actions

    def finish(self, task: Task, number: int, result: Result, now: float) -> None:
        """A try has ended. Anything but the current try of a running task is old news."""
        progress = self.progress[task.name]
        if progress.status != RUNNING or progress.tries != number:
            return
        if self._is_stopped(task):
            self._end(task, CANCELLED, self.stopping[1], now)
            return
        progress.outputs = dict(result.outputs)
        if result.succeeded:
            self._end(task, SUCCEEDED, "", now)
        elif result.final or number >= task.retry.attempts:
            self._end(task, FAILED, result.reason, now)
        else:
            pause = task.retry.pause(number)
            progress.status, progress.reason, progress.due = PAUSED, result.reason, now + pause
            self._tell("TaskRetried", task, reason=result.reason, tries=number, pause=pause)

    def cancel(self, reason: str, now: float) -> None:
        """Someone wants the run to end. Once on_exit runs there is nothing left to cancel."""
        if self.phase == "tasks" and not self.stopping[0]:
            self._stop(CANCELLED, reason, now)

    def give_up(self, reason: str, now: float) -> None:
        """The run cannot go on. What on_exit does is not kept from it."""
        if self.phase == "tasks" and not self.stopping[0]:
            self._stop(FAILED, reason, now)
        elif self.phase != "tasks" and self.status == SUCCEEDED:
            self.status, self.reason, self.outputs = FAILED, reason, {}

    def refuse(self, status: str, reason: str) -> None:
        """End the run before anything has started."""
        self.phase, self.status, self.reason = "ended", status, reason

    def adopt(self, task: Task, number: int, now: float) -> bool:
        """After a restart: this try's Job is there. True when the run has been waiting for that one."""
        progress = self.progress[task.name]
        if progress.status in ENDED or number <= progress.tries:
            return False
        progress.status, progress.tries, progress.created = RUNNING, number, True
        progress.started, progress.tried = progress.started or now, progress.tried or now
        progress.due = now + PATIENCE
        if self._is_stopped(task):
            self._actions.append(End(task, number, self.stopping[1]))
        return True

    def see(self, task: str, number: int) -> None:
        """The Job of this try is there."""
        self.progress[task].created |= self.progress[task].tries == number

    def settle_lost(self, now: float) -> None:
        """After a restart, once all Jobs that are there have been adopted: the Jobs that were seen and are gone."""
        for task in self.plan.all_tasks():
            progress = self.progress[task.name]
            if progress.created and progress.status == WAITING:
                progress.status, progress.tries = RUNNING, progress.tries + 1
                self.finish(task, progress.tries, Result(False, "its Job was deleted"), now)

    def restore_outputs(self, task: Task, outputs: Mapping[str, Json]) -> None:
        """After a restart: what the last try of a pod wrote, read from its Job."""
        self.progress[task.name].outputs = dict(outputs)

    def next_due(self) -> float | None:
        """When something happens of itself, if nothing else does."""
        times = [progress.due for progress in self.progress.values() if progress.due is not None]
        deadline = self._deadline()
        if deadline is not None:
            times.append(deadline)
        return min(times, default=None)

    # --- what expressions see -----------------------------------------------------------------------------------------

    def lookup(self, name: tuple[str, ...]) -> Json:
        """The value of a name in an expression. Raises :class:`WrongValue` for an output that is not there."""
        root = name[0]
        if root == "inputs":
            return self.inputs[name[1]]
        if root == "run":
            return {"id": self.run_id, "name": self.run_name, "status": self.status}[name[1]]
        if root == "services":
            return self._service_value(name)
        if root == "tasks" and name[2] == "status":
            return self.progress[name[1]].status
        if root == "tasks":
            return self._output(name[1], name[3])
        raise WrongValue(f"there is no {'.'.join(name)} here")

    def _output(self, task: str, output: str) -> Json:
        outputs = self.progress[task].outputs
        if output in outputs:
            return outputs[output]
        declared = (self.plan.tasks.get(task) or self.plan.on_exit[task]).outputs[output]
        if not declared.has_default:
            raise WrongValue(f"task {task} has no output {output}: it {PHRASES[self.progress[task].status]}")
        return declared.default

    def _service_value(self, name: tuple[str, ...]) -> Json:
        service = self.plan.services[name[1]]
        if name[2] == "host":
            return service.host
        if name[2] == "url":
            return f"{service.scheme}://{service.host}:{service.port(None)}"
        return service.ports[name[3]]

    # --- the steps of a decision --------------------------------------------------------------------------------------

    def _step(self, now: float) -> bool:
        """One round; true when it changed something that others may wait for."""
        deadline = self._deadline()
        if deadline is not None and now >= deadline:
            self._stop(FAILED, "timeout", now)
        tasks = self._current_tasks()
        changed = False
        for task in tasks.values():
            progress = self.progress[task.name]
            is_due = progress.due is not None and now >= progress.due
            if self.stopping[0] and progress.status in (WAITING, READY, PAUSED):  # after a restart
                self._end(task, CANCELLED, self.stopping[1], now)
            elif progress.status == WAITING and all(self.progress[need].status in ENDED for need in task.needs):
                changed |= self._decide(task, now)
            elif progress.status == PAUSED and is_due:
                progress.status, progress.due = READY, None
            elif progress.status == RUNNING and is_due:
                self._overdue(task, progress, now)
        self._start_ready(tasks, now)
        if self.phase != "ended" and all(self.progress[name].status in ENDED for name in tasks):
            self._close_phase(now)
            changed = self.phase != "ended"
        return changed

    def _decide(self, task: Task, now: float) -> bool:
        """All needs have ended: skip, fail or get ready. True when the task has ended by it."""
        unmet = [need for need, state in task.needs.items() if self.progress[need].status not in SATISFIED_BY[state]]
        if unmet and (task.join == "all" or len(unmet) == len(task.needs)):
            named = unmet[:1] if task.join == "all" else unmet
            phrases = (f"{need} {PHRASES[self.progress[need].status]}" for need in named)
            self._end(task, SKIPPED, ", ".join(phrases), now)
            return True
        try:
            if task.when is not None and not condition(task.when, self.lookup):
                self._end(task, SKIPPED, "its condition is false", now)
                return True
        except WrongValue as problem:
            self._end(task, FAILED, f"its condition: {problem}", now)
            return True
        self.progress[task.name].status = READY
        return False

    def _start_ready(self, tasks: Mapping[str, Task], now: float) -> None:
        """Start the tasks that are ready, as many as may run at once."""
        free = {"run": self.plan.parallelism, "call": CALLS_AT_ONCE}
        for task in tasks.values():
            if self.progress[task.name].status == RUNNING:
                free[task.kind] -= 1
        for task in tasks.values():
            if self.progress[task.name].status == READY and free[task.kind] > 0:
                free[task.kind] -= 1
                self._start(task, now)

    def _start(self, task: Task, now: float) -> None:
        """Start the next try."""
        progress = self.progress[task.name]
        progress.status, progress.reason, progress.outputs = RUNNING, "", {}
        progress.tries, progress.created = progress.tries + 1, False
        progress.started, progress.tried = progress.started or now, now
        progress.due = now + task.timeout + (PATIENCE if task.kind == "run" else 0.0)
        self._tell("TaskStarted", task, tries=progress.tries)
        self._actions.append(Start(task, progress.tries))

    def _overdue(self, task: Task, progress: Progress, now: float) -> None:
        """A call is ended here; a pod is ended by its Job's deadline, and here only looked after."""
        if task.kind == "run":
            progress.due = now + PATIENCE
            self._actions.append(Check(task, progress.tries))
        else:
            self._actions.append(End(task, progress.tries, "timeout"))
            self.finish(task, progress.tries, Result(False, "timeout"), now)

    def _end(self, task: Task, status: str, reason: str, now: float) -> None:
        progress = self.progress[task.name]
        progress.status, progress.reason, progress.ended, progress.due = status, reason, now, None
        facts: dict[str, Json] = {"reason": reason} if reason else {}
        if progress.started is not None:
            facts.update(duration=round(now - progress.started, 6), tries=progress.tries)
        self._tell(f"Task{status.capitalize()}", task, **facts)

    def _stop(self, verdict: str, reason: str, now: float) -> None:
        """No more tasks of this phase start; what runs is ended."""
        self.stopping = (verdict, reason)
        for task in self._current_tasks().values():
            progress = self.progress[task.name]
            if progress.status in (WAITING, READY, PAUSED):
                self._end(task, CANCELLED, reason, now)
            elif progress.status == RUNNING:
                self._actions.append(End(task, progress.tries, reason))
                if task.kind == "call":
                    self._end(task, CANCELLED, reason, now)

    def _is_stopped(self, task: Task) -> bool:
        return bool(self.stopping[0]) and task.name in self._current_tasks()

    def _current_tasks(self) -> Mapping[str, Task]:
        return {"tasks": self.plan.tasks, "on_exit": self.plan.on_exit}.get(self.phase, {})

    def _deadline(self) -> float | None:
        if self.stopping[0]:
            return None
        if self.phase == "tasks" and self.started is not None:
            return self.started + self.plan.timeout
        if self.phase == "on_exit" and self.on_exit_started is not None:
            return self.on_exit_started + ON_EXIT_SECONDS
        return None

    # --- verdicts -----------------------------------------------------------------------------------------------------

    def _close_phase(self, now: float) -> None:
        """All tasks of this phase have ended: on to the next."""
        if self.phase == "tasks":
            self._settle_tasks()
            self.phase, self.on_exit_started, self.stopping = "on_exit", now, ("", "")
        elif self.phase == "on_exit":
            self._settle_on_exit()
            self.phase = "ended"
            facts: dict[str, Json] = {"reason": self.reason} if self.reason else {}
            self._tell(f"Run{self.status.capitalize()}", None, duration=round(now - (self.started or now), 6), **facts)

    def _settle_tasks(self) -> None:
        failed = unhandled(self.plan.tasks, self.progress)
        if self.stopping[0]:
            self.status, self.reason = self.stopping
        elif failed:
            self.status, self.reason = FAILED, blame(failed, "task", self.progress)
        else:
            try:
                self.outputs = workflow_outputs(self.plan, self.lookup)
                self.status = SUCCEEDED
            except WrongValue as problem:
                self.status, self.reason = FAILED, str(problem)

    def _settle_on_exit(self) -> None:
        failed = unhandled(self.plan.on_exit, self.progress)
        if self.status != SUCCEEDED:
            return
        if self.stopping[0]:
            self.status, self.reason = FAILED, f"on_exit: {self.stopping[1]}"
        elif failed:
            self.status, self.reason = FAILED, blame(failed, "on_exit task", self.progress)
        if self.status == FAILED:
            self.outputs = {}

    def _tell(self, event: str, task: Task | None, **facts: Json) -> None:
        self._actions.append(Tell(event, task, facts))

    # --- what survives the process ------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Json]:
        """The progress as JSON. A pod's outputs are left out: they are kept on its Job."""
        tasks = {}
        for task in self.plan.all_tasks():
            progress = self.progress[task.name]
            if progress.status in (WAITING, READY):
                continue
            kept = {
                key: value
                for key, value in vars(progress).items()
                if value not in (None, "", {}) and value is not False
            }
            if task.kind == "run":
                kept.pop("outputs", None)
            tasks[task.name] = kept
        return {
            "phase": self.phase,
            "status": self.status,
            "reason": self.reason,
            "started": self.started,
            "on_exit_started": self.on_exit_started,
            "stopping": list(self.stopping),
            "outputs": self.outputs,
            "tasks": tasks,
        }

    def load(self, dumped: Mapping[str, Json]) -> None:
        """Take over a progress. What was running starts again, as the same try, unless `adopt` finds its Job."""
        self.phase, self.status, self.reason = dumped["phase"], dumped["status"], dumped["reason"]
        self.started, self.on_exit_started = dumped["started"], dumped["on_exit_started"]
        self.stopping, self.outputs = (dumped["stopping"][0], dumped["stopping"][1]), dict(dumped["outputs"])
        for task in self.plan.all_tasks():
            progress = Progress(**dumped["tasks"].get(task.name, {}))
            if progress.status == RUNNING:
                progress = replace(progress, status=WAITING, tries=progress.tries - 1, due=None)
            self.progress[task.name] = progress
