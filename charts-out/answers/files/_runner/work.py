"""What is tried until it succeeds or its tries are used up: a task, or one item of a foreach.

Its course: waiting → ready → (locking → ready →) running → ended, or → paused → ready for the next try. What must be
done outside is put into the run's list of actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .expressions import text_of, value_of
from .names import annotation_of
from .plan import Task
from .progress import (
    CANCELLED,
    ENDED,
    FAILED,
    LOCKING,
    PAUSED,
    READY,
    RUNNING,
    SUCCEEDED,
    WAITING,
    Check,
    End,
    Keep,
    Lock,
    Progress,
    Result,
    Start,
    Unlock,
)
from .values import WrongValue, check_given, read_json, timestamp

if TYPE_CHECKING:
    from .scope import Scope

Json = Any

PATIENCE = 60.0
"""How long after a pod's time-out the loop looks for itself whether the Job has ended."""


class Work:
    """A task, or the item of it with this index. `path` is its address in the run: `pay/charge`, `pack[2]`.

    `called` is the workflow that it has called, in its last try; `_taken` what another run has done of the one that it
    will call.
    """

    def __init__(self, scope: Scope, task: Task, index: int | None = None, item: Json = None) -> None:
        self.scope, self.task, self.index, self.item = scope, task, index, item
        self.progress = Progress()
        self.called: Scope | None = None
        self._taken: Json = None
        self.path = scope.prefix + task.name + ("" if index is None else f"[{index}]")
        self._run = scope.run

    def lookup(self, name: tuple[str, ...]) -> Json:
        """The value of a name in an expression. Raises :class:`WrongValue` for one that has none."""
        if name == ("item",) and self.index is not None:
            return self.item
        return self.scope.lookup(name)

    def try_of(self, number: int) -> str:
        """The try by all its numbers, those of the tasks around it first: `1.2`."""
        return f"{self.scope.tries}{number}"

    @property
    def status(self) -> str:
        """How far it is."""
        return self.progress.status

    @property
    def needs_lock(self) -> bool:
        """Whether it must have its mutex before it may start."""
        return self.task.mutex is not None and not self.progress.held

    # --- its course ---------------------------------------------------------------------------------------------------

    def ask_for_lock(self, now: float) -> None:
        """Ready, but for its mutex."""
        try:
            mutex = text_of(self.task.mutex, self.lookup)
        except WrongValue as problem:
            self.end(FAILED, f"its mutex: {problem}", now)
            return
        self.progress.status, self.progress.lock = LOCKING, mutex
        self._run.actions.append(Lock(self, mutex))

    def locked(self) -> None:
        """It has its mutex; if it does not want it any more, that goes back."""
        if self.progress.status == LOCKING:
            self.progress.status, self.progress.held, self.progress.reason = READY, True, ""
        elif self.progress.status in (*ENDED, PAUSED):
            self._unlock()

    def blocked(self, holder: str) -> None:
        """Someone else has its mutex."""
        if self.progress.status == LOCKING and not self.progress.reason:
            self.progress.reason = f"waits for the mutex {self.progress.lock}"
            self._run.tell("TaskWaits", self.path, reason=f"{holder} holds the mutex {self.progress.lock}")

    def refuse_lock(self, why: str, now: float) -> None:
        """Its mutex cannot be had at all."""
        if self.progress.status == LOCKING:
            self.progress.lock = ""
            self.end(FAILED, f"its mutex: {why}", now)

    def unlocked(self) -> None:
        """Its mutex was given back."""
        if self.progress.status in (*ENDED, PAUSED):
            self.progress.lock = ""

    def start(self, now: float) -> None:
        """Start the next try."""
        progress, task = self.progress, self.task
        progress.status, progress.reason, progress.outputs = RUNNING, "", {}
        progress.tries, progress.created = progress.tries + 1, False
        progress.started, progress.tried = progress.started or now, now
        progress.due = now + task.timeout + (PATIENCE if task.in_pod else 0.0)
        self._run.tell("TaskStarted", self.path, tries=progress.tries)
        if task.in_pod or task.kind == "call":
            self._run.actions.append(Start(self, progress.tries))
        elif task.kind == "wait":
            progress.due = now + min(task.seconds, task.timeout)
        elif task.kind == "approve":
            self._put_question(now)

    def call(self, now: float) -> None:
        """Start the next try of a task that calls a workflow."""
        assert self.task.callee is not None
        self.start(now)
        try:
            given = {name: value_of(written, self.lookup) for name, written in self.task.given.items()}
            inputs = check_given(given, self.task.callee.inputs)
        except WrongValue as problem:
            self.finish(self.progress.tries, Result(False, str(problem), final=True), now)
            return
        self.called = self.scope.within(self, inputs)
        if self._taken is not None:
            self.called.load(self._taken)
            self._taken = None
        self.called.begin(now)

    def step_inner(self, now: float) -> None:
        """Its workflow has ended, or has no time left."""
        inner, progress = self.called, self.progress
        if inner is None or progress.status != RUNNING:
            return
        if inner.phase == "ended":
            self.finish(progress.tries, Result(inner.status == SUCCEEDED, inner.reason, inner.outputs), now)
        elif progress.due is not None and now >= progress.due:
            progress.due = None
            if inner.phase == "tasks":
                inner.stop(FAILED, "timeout", now)

    def wait_to_start(self, number: int, reason: str) -> None:
        """Something keeps the pod of a try from starting, or with "" nothing does any more."""
        progress = self.progress
        if progress.status == RUNNING and progress.tries == number and progress.reason != reason:
            progress.reason = reason
            if reason:
                self._run.tell("TaskWaits", self.path, reason=reason)
            else:
                self._run.actions.append(Keep(self))

    def _put_question(self, now: float) -> None:
        try:
            message = text_of(self.task.message, self.lookup)
        except WrongValue as problem:
            self.finish(self.progress.tries, Result(False, f"its message: {problem}", final=True), now)
            return
        self.progress.reason = f"waits for approval: {message}"
        self._run.tell("TaskWaits", self.path, reason=message, annotation=annotation_of(self.path))

    def step(self, now: float) -> None:
        """What happens of itself: a pause or a time is over, a question has been answered."""
        progress = self.progress
        is_due = progress.due is not None and now >= progress.due
        if progress.status == PAUSED and is_due:
            progress.status, progress.due = READY, None
        if progress.status == RUNNING and self.task.kind == "approve":
            self._look_for_answer(now)  # before the time is looked at: it may have come while no runner lived
        if progress.status == RUNNING and is_due:
            self._overdue(now)

    def _look_for_answer(self, now: float) -> None:
        answer = self._run.answers.get(annotation_of(self.path))
        if answer is None:
            return
        result = result_of_answer(answer, now)
        if result is not None:
            self.finish(self.progress.tries, result, now)
            return
        reason = f"waits for approval: the answer {answer[:100]!r} is neither true nor false"
        if self.progress.reason != reason:
            self.progress.reason = reason
            self._run.tell("TaskWaits", self.path, reason=reason, annotation=annotation_of(self.path))

    def _overdue(self, now: float) -> None:
        """A pod is ended by its Job's deadline, and here only looked after; the rest is ended here."""
        progress, kind = self.progress, self.task.kind
        if self.task.in_pod:
            progress.due = now + PATIENCE
            self._run.actions.append(Check(self, progress.tries))
        elif kind == "wait" and self.task.seconds <= self.task.timeout:
            self.finish(progress.tries, Result(True), now)
        elif kind == "approve":
            self.finish(progress.tries, Result(False, "not approved in time", final=True), now)
        elif kind != "workflow":
            if kind == "call":
                self._run.actions.append(End(self, progress.tries, "timeout"))
            self.finish(progress.tries, Result(False, "timeout"), now)

    def finish(self, number: int, result: Result, now: float) -> None:
        """A try has ended. Anything but the current try of what runs is old news."""
        progress, retry = self.progress, self.task.retry
        if progress.status != RUNNING or progress.tries != number:
            return
        stopped = self.scope.stopped(self.task)
        if stopped:
            self.end(CANCELLED, stopped, now)
            return
        progress.outputs = dict(result.outputs)
        if result.succeeded:
            self.end(SUCCEEDED, "", now)
        elif result.final or number >= retry.attempts:
            self.end(FAILED, result.reason, now)
        else:
            pause = retry.pause(number)
            progress.status, progress.reason, progress.due = PAUSED, result.reason, now + pause
            progress.created = False
            self._unlock()
            self._run.tell("TaskRetried", self.path, reason=result.reason, tries=number, pause=pause)

    def end(self, status: str, reason: str, now: float) -> None:
        """It is over."""
        progress = self.progress
        progress.status, progress.reason, progress.ended, progress.due = status, reason, now, None
        self._unlock()
        facts: dict[str, Json] = {"reason": reason} if reason else {}
        if progress.started is not None:
            facts.update(duration=round(now - progress.started, 6), tries=progress.tries)
        self._run.tell(f"Task{status.capitalize()}", self.path, **facts)

    def stop(self, reason: str, now: float) -> None:
        """Its workflow stops: what has not begun is cancelled, what runs is ended; pods and workflows take a while."""
        progress = self.progress
        self.cancel_unstarted(reason, now)
        if progress.status == RUNNING and self.task.kind != "workflow":
            if self.task.in_pod or self.task.kind == "call":
                self._run.actions.append(End(self, progress.tries, reason))
            if not self.task.in_pod:
                self.end(CANCELLED, reason, now)

    def cancel_unstarted(self, reason: str, now: float) -> None:
        """Its workflow stops, and nothing of it runs."""
        if self.progress.status in (WAITING, READY, LOCKING, PAUSED):
            self.end(CANCELLED, reason, now)

    def _unlock(self) -> None:
        """The name stays until the mutex is known to be back: a successor of this runner gives it back again."""
        self.progress.held = False
        if self.progress.lock:
            self._run.actions.append(Unlock(self, self.progress.lock))

    # --- after a restart ----------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Json]:
        """Its progress as JSON, {} when nothing has happened yet. A pod's outputs are left out: its Job keeps them."""
        dumped = self.progress.dump()
        if self.task.in_pod and not self.progress.taken:
            dumped.pop("outputs", None)
        called = self._taken if self.called is None else self.called.dump_called()
        return dumped if called is None else {**dumped, "workflow": called}

    def load(self, dumped: Mapping[str, Json]) -> None:
        """Take over a progress. What ran elsewhere starts again, as the same try, unless `adopt` finds its Job."""
        progress = Progress(**{key: value for key, value in dumped.items() if key != "workflow"})
        if progress.status == RUNNING and (self.task.in_pod or self.task.kind == "call"):
            progress = replace(progress, status=READY, tries=progress.tries - 1, due=None)
        elif progress.status == LOCKING:
            progress = replace(progress, status=READY)
        vars(self.progress).update(vars(progress), held=False)
        inner = dumped.get("workflow")
        if inner is not None and progress.tries:
            self.called = self.scope.within(self, inner.get("inputs", {}))
            self.called.load(inner)
        else:
            self._taken = inner
        if progress.lock and progress.status == RUNNING:
            self.progress.held = True
            self._run.actions.append(Lock(self, progress.lock))
        elif progress.lock and progress.status in (*ENDED, PAUSED):
            self._unlock()

    def adopt(self, number: int, now: float) -> bool:
        """This try's Job is there. True when it has been waited for."""
        progress = self.progress
        if progress.status != READY or number != progress.tries + 1:
            return False
        progress.status, progress.tries, progress.created = RUNNING, number, True
        progress.started, progress.tried = progress.started or now, progress.tried or now
        progress.due = now + PATIENCE
        if progress.lock:
            progress.held = True
            self._run.actions.append(Lock(self, progress.lock))
        stopped = self.scope.stopped(self.task)
        if stopped:
            self._run.actions.append(End(self, number, stopped))
        return True

    def see(self, number: int) -> None:
        """The Job of this try is there."""
        self.progress.created |= self.progress.tries == number

    def settle_lost(self, now: float) -> None:
        """All Jobs that are there have been adopted: this one was seen before, and is gone."""
        progress = self.progress
        if progress.created and progress.status == READY:
            progress.status, progress.tries = RUNNING, progress.tries + 1
            self.finish(progress.tries, Result(False, "its Job was deleted"), now)


def result_of_answer(answer: str, now: float) -> Result | None:
    """What a person's answer comes to (names.py); None for one that says neither yes nor no, which can be mended.

    An answer holds for the run: it counts when it is given before the task waits, and for every try of a workflow
    around it.
    """
    given: Json = None
    with suppress(ValueError):
        given = read_json(answer)
    approved, by = (given.get("approved"), given.get("by")) if isinstance(given, dict) else (given, None)
    outputs = {"by": by if isinstance(by, str) and by else "unknown", "at": timestamp(now)}
    if approved is True:
        return Result(True, outputs=outputs)
    return Result(False, "rejected", outputs, final=True) if approved is False else None
