"""A task in its workflow: when it begins, and what it comes to. With foreach, each of its items is a work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .expressions import condition, value_of
from .plan import Foreach, Task
from .progress import (
    CANCELLED,
    ENDED,
    FAILED,
    LOCKING,
    PHRASES,
    READY,
    RUNNING,
    SATISFIED_BY,
    SKIPPED,
    SUCCEEDED,
    WAITING,
    Progress,
)
from .values import WrongValue, type_of, with_article
from .work import Work

if TYPE_CHECKING:
    from .scope import Scope

Json = Any

MOST_ITEMS = 10_000
MOST_NAMED = 5
TOO_MANY = "too many items have failed"


class Node(Work):
    """A task of a workflow; without foreach, it is itself what is tried."""

    def __init__(self, scope: Scope, task: Task) -> None:
        super().__init__(scope, task)
        self.works: list[Work] = [self]

    def inner(self) -> list[Scope]:
        """The workflows that it has called and that have not ended."""
        if self.task.kind != "workflow":
            return []
        return [work.called for work in self.works if work.called is not None and work.called.phase != "ended"]

    def output(self, name: str) -> Json:
        """An output as others see it. Raises :class:`WrongValue` when there is none."""
        if name in self.progress.outputs:
            return self.progress.outputs[name]
        declared = self.task.outputs[name]
        if not declared.has_default:
            raise WrongValue(f"task {self.task.name} has no output {name}: it {PHRASES[self.status]}")
        return declared.default

    def decide(self, now: float) -> None:
        """All its needs have ended: it is skipped, fails or begins."""
        task, nodes = self.task, self.scope.nodes
        unmet = [need for need, state in task.needs.items() if nodes[need].status not in SATISFIED_BY[state]]
        if unmet and (task.join == "all" or len(unmet) == len(task.needs)):
            named = unmet[:1] if task.join == "all" else unmet
            phrases = (f"{need} {PHRASES[nodes[need].status]}" for need in named)
            self.end(SKIPPED, ", ".join(phrases), now)
            return
        try:
            if task.when is not None and not condition(task.when, self.scope.lookup):
                self.end(SKIPPED, "its condition is false", now)
                return
        except WrongValue as problem:
            self.end(FAILED, f"its condition: {problem}", now)
            return
        self._begin(now)

    def _begin(self, _now: float) -> None:
        self.progress.status = READY


class Each(Node):
    """A task with foreach: its items are what is tried, and its own progress says what comes of them."""

    def __init__(self, scope: Scope, task: Task, foreach: Foreach) -> None:
        super().__init__(scope, task)
        self._foreach = foreach
        self.works = []

    def output(self, name: str) -> Json:
        """One entry for each item, in their order."""
        default = self.task.outputs[name].default
        return [work.progress.outputs.get(name, default) for work in self.works]

    def _begin(self, now: float) -> None:
        """The items are read once; what they are is kept. Some may have been done by the run that this one retries."""
        if not self.works and not self._read_items(now):
            return
        self.progress.status, self.progress.started, self.progress.tries = RUNNING, now, 1
        self.scope.run.tell("TaskStarted", self.path, items=len(self.works))
        self.step(now)

    def _read_items(self, now: float) -> bool:
        try:
            items = value_of(self._foreach.items, self.scope.lookup)
            if not isinstance(items, list):
                raise WrongValue(f"{with_article(type_of(items))} is not a list")
            if len(items) > MOST_ITEMS:
                raise WrongValue(f"there are {len(items)}, and {MOST_ITEMS} are the most")
        except WrongValue as problem:
            self.end(FAILED, f"its items: {problem}", now)
            return False
        self._set_items(items)
        return True

    def _set_items(self, items: list[Json]) -> None:
        self.works = [Work(self.scope, self.task, index, item) for index, item in enumerate(items)]

    def step(self, now: float) -> None:
        """Items go on, the next ones get ready, and with the last one the task ends."""
        for work in self.works:
            work.step(now)
        self._admit(now)
        if all(work.status in ENDED for work in self.works):
            self._settle(now)

    def _admit(self, now: float) -> None:
        """As many items as may be under way at once; none any more when too many have failed."""
        failed = sum(work.status == FAILED for work in self.works)
        if failed > self._foreach.max_failed:
            for work in self.works:
                if work.status in (WAITING, READY, LOCKING) and not work.progress.tries:
                    work.end(SKIPPED, TOO_MANY, now)
            return
        waiting = [work for work in self.works if work.status == WAITING]
        ended = sum(work.status in ENDED for work in self.works)
        under_way = len(self.works) - len(waiting) - ended
        free = len(waiting) if self._foreach.parallel is None else self._foreach.parallel - under_way
        for work in waiting[: max(0, free)]:
            work.progress.status = READY

    def _settle(self, now: float) -> None:
        failed = [work for work in self.works if work.status == FAILED]
        stopped = self.scope.stopped(self.task)
        if stopped and any(work.status == CANCELLED for work in self.works):
            self.end(CANCELLED, stopped, now)
        elif len(failed) > self._foreach.max_failed:
            self.end(FAILED, self._blame(failed), now)
        else:
            self.end(SUCCEEDED, "", now)

    def _blame(self, failed: list[Work]) -> str:
        names = [f"{self.task.name}[{work.index}]" for work in failed]
        why = f"{names[0]}: {failed[0].progress.reason}"
        if len(failed) == 1:
            return f"{names[0]} failed: {failed[0].progress.reason}"
        if len(failed) > MOST_NAMED:
            return f"{len(failed)} items failed; {why}"
        return f"{', '.join(names)} failed; {why}"

    def stop(self, reason: str, now: float) -> None:
        """Items that have not begun are cancelled with those that run; one that waits for its needs has none."""
        if self.status == WAITING:
            self.end(CANCELLED, reason, now)
        for work in self.works:
            work.stop(reason, now)

    def dump(self) -> dict[str, Json]:
        """The task's progress with its items, and each item's progress in their order."""
        dumped = self.progress.dump()
        if self.works:
            dumped["items"] = [work.item for work in self.works]
            dumped["each"] = [work.dump() for work in self.works]
        return dumped

    def load(self, dumped: Mapping[str, Json]) -> None:
        """Take over a progress."""
        own = {key: value for key, value in dumped.items() if key not in ("items", "each")}
        vars(self.progress).update(vars(Progress(**own)))
        self._set_items(dumped.get("items", []))
        for work, progress in zip(self.works, dumped.get("each", ())):
            work.load(progress)
