"""Stage resolve: which tasks have ended, and which have certainly succeeded, when an expression is evaluated.

Input: the needs of one workflow's tasks. Output: for each point of view, whether it sees a task (rulings M30) and why a
task may not have succeeded there (rulings M09). Work and memory stay small at thousands of tasks: a set of tasks is one
integer with a bit for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from generator.records import dataclass


@dataclass(frozen=True)
class Needs:
    """What a task waits for: state by needed task; `any_of` for `join: any`; `conditional` when it has a `when`.

    `mistaken`: it names a need that cannot be, so what it really waits for is not known.
    """

    states: Mapping[str, str]
    any_of: bool = False
    conditional: bool = False
    mistaken: bool = False


@dataclass(frozen=True)
class Doubt:
    """Why a task may not have succeeded, as half a sentence, and what could be mended besides giving a default."""

    reason: str
    instead: str = ""


class Flow:
    """The needs of one workflow's tasks, closed over.

    `tasks` maps each task to its needs. For tasks with a mistaken need, and for those on or below a cycle, everything
    is certain: they have findings of their own (rulings D03).
    """

    def __init__(self, tasks: Mapping[str, Needs]) -> None:
        self._tasks = tasks
        self._bit = {name: 1 << index for index, name in enumerate(tasks)}
        self._above: dict[str, int] = {}
        self._certain: dict[str, int] = {}
        everything = (1 << len(tasks)) - 1
        for name in self._order:
            if not tasks[name].mistaken:
                self._above[name] = self._ancestors(name)
                self._certain[name] = self._successes(name)
                continue
            self._above[name] = self._certain[name] = everything
        for name in tasks:
            self._above.setdefault(name, everything)
            self._certain.setdefault(name, everything)

    def __contains__(self, task: str) -> bool:
        return task in self._tasks

    @cached_property
    def _order(self) -> list[str]:
        """Every task after its needs, without those on or below a cycle."""
        sorter = TopologicalSorter({name: self._known(name) for name in self._tasks})
        order: list[str] = []
        with suppress(CycleError):  # the sorter then goes as far as cycles let it
            sorter.prepare()
        while ready := sorter.get_ready():
            order += ready
            sorter.done(*ready)
        return order

    def _known(self, name: str) -> list[str]:
        return [need for need in self._tasks[name].states if need in self._tasks]

    def _ancestors(self, name: str) -> int:
        above = 0
        for need in self._known(name):
            above |= self._bit[need] | self._above[need]
        return above

    def _successes(self, name: str) -> int:
        """What has certainly succeeded when the task starts: one term for each need, joined as the needs are."""
        terms = []
        for need in self._known(name):
            state = self._tasks[name].states[need]
            ran = state in {"succeeded", "failed"}
            terms.append((self._certain[need] if ran else 0) | (self._bit[need] if state == "succeeded" else 0))
        if not terms:
            return 0
        joined = terms[0]
        for term in terms[1:]:
            joined = joined & term if self._tasks[name].any_of else joined | term
        return joined

    def sees(self, consumer: str, task: str) -> bool:
        """Whether `task` has ended whenever `consumer` starts, because it can be reached through needs."""
        return bool(self._above[consumer] & self._bit[task])

    def doubt(self, consumer: str, task: str) -> Doubt | None:
        """Why `task`, which `consumer` sees, may not have succeeded when `consumer` starts; None when it has."""
        if self._certain[consumer] & self._bit[task]:
            return None
        return self._weak_link(consumer, task)

    def _weak_link(self, consumer: str, task: str) -> Doubt:
        """The first need on the way up from `consumer` to `task` that lets `consumer` start without its success."""
        at = consumer
        while True:
            needs = self._tasks[at]
            need = next(need for need in self._known(at) if need == task or self.sees(need, task))
            state = needs.states[need]
            if needs.any_of and len(needs.states) > 1:
                return Doubt(f"{at} starts when any of its needs holds", f"let {at} join all of its needs")
            if state == "failed" and need == task:
                return Doubt(f"{at} runs when {task} has failed")
            if state not in {"succeeded", "failed"}:
                others = {"done": "failed or was skipped", "skipped": "was skipped", "not_failed": "was skipped"}
                return Doubt(f"{at} also runs when {need} {others[state]}", f"let {at} need {need}: succeeded")
            at = need

    @cached_property
    def _handled(self) -> frozenset[str]:
        return frozenset(
            need for needs in self._tasks.values() for need, state in needs.states.items() if state == "failed"
        )

    @cached_property
    def _certain_at_end(self) -> frozenset[str]:
        """Tasks that have succeeded in each run that has: no condition, nothing but successes above, no handler."""
        certain: set[str] = set()
        for name in self._order:
            needs = self._tasks[name]
            starts = all(need in certain and needs.states[need] == "succeeded" for need in self._known(name))
            if (starts or needs.mistaken) and not needs.conditional and name not in self._handled:
                certain.add(name)
        return frozenset(certain)

    def doubt_at_end(self, task: str) -> Doubt | None:
        """Why `task` may not have succeeded although the run has; None when it certainly has."""
        if task in self._certain_at_end or task not in self._order:
            return None
        at = task
        while True:
            needs = self._tasks[at]
            if needs.conditional:
                return Doubt(f"{at} is skipped when its condition does not hold")
            if at in self._handled:
                return Doubt(f"the run also succeeds when {at} has failed and its failure was handled")
            weak = next((need for need in self._known(at) if needs.states[need] != "succeeded"), "")
            if weak:
                return Doubt(f"{at} needs {weak} as {needs.states[weak]}, and may be skipped")
            at = next(need for need in self._known(at) if need not in self._certain_at_end)


@dataclass(frozen=True)
class View:
    """From where an expression looks at the tasks: from a task, or (`consumer` empty) from the end of the run.

    `flow` holds the tasks beside it: those of `tasks`, or, when `on_exit`, those of on_exit, which see all of `tasks`.
    """

    flow: Flow
    consumer: str = ""
    on_exit: bool = False

    def sees(self, task: str) -> bool:
        """Whether the task has certainly ended."""
        if task not in self.flow:
            return self.on_exit
        return not self.consumer or self.flow.sees(self.consumer, task)

    def doubt(self, task: str) -> Doubt | None:
        """Why the task may not have succeeded; None when it certainly has."""
        if self.on_exit:
            return Doubt(f"tasks of on_exit also run when {task} failed or was skipped")
        return self.flow.doubt(self.consumer, task) if self.consumer else self.flow.doubt_at_end(task)
