"""The decisions of one run, over all the workflows in it: which tries start, and what is known from outside.

Input: the plan, and what happened (tries that ended, time, answers, a wish to cancel). Output: actions for the loop in
`runner.py`. Knows no clock, no network and no thread, and is only called by who has the turn (`inbox.py`); the lookups
of works alone are also called without it, from calls' threads, for tasks that have ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .plan import Plan
from .progress import FAILED, READY, RUNNING, SUCCEEDED, Tell
from .scope import Scope
from .work import Work

Json = Any

CALLS_AT_ONCE = 64


class _Ready(NamedTuple):
    """A work that may start. `rank`: the priorities of the tasks around it and its own, the first to start lowest."""

    rank: tuple[int, ...]
    work: Work
    scopes: tuple[Scope, ...]


class Run(Scope):
    """One run of a workflow, from its first task to its verdict: a scope with nothing around it.

    `actions` is what is to be done outside. `answers` are the annotations of the run's Job, in which approvals are
    given; `keys` are the runs under which services know the requests of paths that another run has begun (retrying.py).
    """

    def __init__(self, plan: Plan, run_id: str, run_name: str) -> None:
        super().__init__(self, plan, {})
        self.services, self.run_id, self.run_name = plan.services, run_id, run_name
        self.actions: list[NamedTuple] = []
        self.answers: Mapping[str, str] = {}
        self.keys: Mapping[str, str] = {}

    def known_as(self, path: str) -> str:
        """The run under which services know the requests of a path."""
        return self.keys.get(path, self.run_id)

    def tell(self, event: str, path: str | None, **facts: Json) -> None:
        """Have something told."""
        self.actions.append(Tell(event, path, facts))

    # --- what happens -------------------------------------------------------------------------------------------------

    def advance(self, now: float) -> list[NamedTuple]:
        """Decide everything that can be decided now; returns what is to be done, in order."""
        if self.started is None:
            self.begin(now)
            self.tell("RunStarted", None)
        was = self.phase
        while self.step(now) | self._start_ready(now):
            pass
        if self.phase == "ended" != was:
            facts: dict[str, Json] = {"reason": self.reason} if self.reason else {}
            duration = round(now - (self.started or now), 6)
            self.tell(f"Run{self.status.capitalize()}", None, duration=duration, **facts)
        actions, self.actions = self.actions, []
        return actions

    def give_up(self, reason: str, now: float) -> None:
        """The run cannot go on. What on_exit does is not kept from it."""
        if self.phase == "tasks":
            self.stop(FAILED, reason, now)
        elif self.status == SUCCEEDED:
            self.status, self.reason, self.outputs = FAILED, reason, {}

    def refuse(self, status: str, reason: str) -> None:
        """End the run before anything has started."""
        self.phase, self.status, self.reason = "ended", status, reason

    def settle_lost(self, now: float) -> None:
        """After a restart, once all Jobs that are there have been adopted: the Jobs that were seen and are gone."""
        for work in list(self.works()):
            work.settle_lost(now)

    # --- what may start -----------------------------------------------------------------------------------------------

    def _start_ready(self, now: float) -> bool:
        """Start what is ready, as much as may run at once; true when something was started."""
        ready: list[_Ready] = []
        free: dict[Scope, int] = {}
        calls = CALLS_AT_ONCE - self._survey(self, (), (), ready, free)
        opening = [work for _, work, _ in ready if work.task.kind == "workflow" and not work.needs_lock]
        for work in opening:
            work.call(now)
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
                    elif work.called is not None:
                        calls += self._survey(work.called, scopes, own, ready, free)
                    else:
                        calls += work.task.kind == "call"
        return calls
