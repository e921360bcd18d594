"""The decisions of one run, over all the workflows in it: which tries start, and what is known from outside.

Input: the plan, and what happened (tries that ended, time, answers, a wish to cancel). Output: actions for the loop in
`runner.py`. Knows no clock, no network and no thread, and is only called from the loop's thread; the lookups of works
alone are also called from calls' threads, for tasks that have ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .progress import FAILED, READY, RUNNING, SUCCEEDED
from .scope import Scope
from .work import Course, Work
from .workflow import Plan

Json = Any

CALLS_AT_ONCE = 64


class _Ready(NamedTuple):
    """A work that may start. `rank`: the priorities of the tasks around it and its own, the first to start lowest."""

    rank: tuple[int, ...]
    work: Work
    scopes: tuple[Scope, ...]


class Run:
    """One run of a workflow, from its first task to its verdict."""

    def __init__(self, plan: Plan, inputs: Mapping[str, Json], run_id: str, run_name: str) -> None:
        self.plan = plan
        self.course = Course(plan, run_id, run_name)
        self.root = Scope(self.course, plan, inputs)

    @property
    def phase(self) -> str:
        """`tasks`, `on_exit` or `ended`."""
        return self.root.phase

    @property
    def status(self) -> str:
        """The verdict, once there is one."""
        return self.root.status

    @property
    def reason(self) -> str:
        """Why the verdict is not success."""
        return self.root.reason

    @property
    def started(self) -> float | None:
        """When the first task could start."""
        return self.root.started

    def works(self) -> Iterator[Work]:
        """All that has been tried or may be."""
        return self.root.works()

    # --- what happens -------------------------------------------------------------------------------------------------

    def advance(self, now: float) -> list[NamedTuple]:
        """Decide everything that can be decided now; returns what is to be done, in order."""
        root = self.root
        if root.started is None:
            root.begin(now)
            self.course.tell("RunStarted", None)
        was = root.phase
        while self._step(now):
            pass
        if root.phase == "ended" != was:
            facts: dict[str, Json] = {"reason": root.reason} if root.reason else {}
            duration = round(now - (root.started or now), 6)
            self.course.tell(f"Run{root.status.capitalize()}", None, duration=duration, **facts)
        actions, self.course.actions = self.course.actions, []
        return actions

    def _step(self, now: float) -> bool:
        changed = self.root.step(now)
        return self._start_ready(now) or changed

    def cancel(self, reason: str, now: float) -> None:
        """Someone wants the run to end."""
        self.root.cancel(reason, now)

    def give_up(self, reason: str, now: float) -> None:
        """The run cannot go on. What on_exit does is not kept from it."""
        root = self.root
        if root.phase == "tasks":
            root.stop(FAILED, reason, now)
        elif root.status == SUCCEEDED:
            root.status, root.reason, root.outputs = FAILED, reason, {}

    def refuse(self, status: str, reason: str) -> None:
        """End the run before anything has started."""
        self.root.phase, self.root.status, self.root.reason = "ended", status, reason

    def answer(self, annotations: Mapping[str, str]) -> None:
        """What stands on the run's Job, approvals among it."""
        self.course.answers = annotations

    def next_due(self) -> float | None:
        """When something happens of itself, if nothing else does."""
        return self.root.next_due()

    # --- what may start -----------------------------------------------------------------------------------------------

    def _start_ready(self, now: float) -> bool:
        """Start what is ready, as much as may run at once; true when something was started."""
        ready: list[_Ready] = []
        free: dict[Scope, int] = {}
        calls = CALLS_AT_ONCE - self._survey(self.root, (), (), ready, free)
        opening = [work for _, work, _ in ready if work.task.kind == "workflow" and not work.needs_lock]
        for work in opening:
            work.scope.call(work, now)
        if opening:  # first see what has become ready in them
            return True
        started = False
        for _, work, scopes in sorted(ready, key=lambda each: each.rank):
            if work.needs_lock:
                work.ask_for_lock(now)
            elif work.task.in_pod:
                if any(free[scope] <= 0 for scope in scopes):
                    continue
                for scope in scopes:
                    free[scope] -= 1
                work.start(now)
            elif work.task.kind != "call":
                work.start(now)
            elif calls > 0:
                calls -= 1
                work.start(now)
            else:
                continue
            started = True
        return started

    def _survey(
        self,
        scope: Scope,
        above: tuple[Scope, ...],
        rank: tuple[int, ...],
        ready: list[_Ready],
        free: dict[Scope, int],
    ) -> int:
        """Collect what is ready and how many pods each workflow may still start; returns how many calls are made.

        A pod takes a place in its own workflow and in all around it.
        """
        scopes = (*above, scope)
        free[scope] = scope.plan.parallelism
        calls = 0
        for node in scope.open_nodes():
            own = (*rank, -node.task.priority)
            for work in node.works:
                if work.status == READY:
                    ready.append(_Ready(own, work, scopes))
                elif work.status == RUNNING:
                    if work.task.in_pod:
                        for each in scopes:
                            free[each] -= 1
                    elif work.path in scope.called:
                        calls += self._survey(scope.called[work.path], scopes, own, ready, free)
                    else:
                        calls += work.task.kind == "call"
        return calls

    # --- what survives the process ------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Json]:
        """The progress as JSON."""
        return self.root.dump()

    def load(self, dumped: Mapping[str, Json]) -> None:
        """Take over a progress. What was running starts again, as the same try, unless `adopt` finds its Job."""
        self.root.load(dumped)

    def settle_lost(self, now: float) -> None:
        """After a restart, once all Jobs that are there have been adopted: the Jobs that were seen and are gone."""
        for work in list(self.works()):
            work.settle_lost(now)
