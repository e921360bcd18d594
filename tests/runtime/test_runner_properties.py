"""Any workflow, results in any order, runners that vanish at any moment: what must hold, and that the end is the same.

Only the decisions are at work here: a driver plays the Jobs, the Leases and the journal.
"""

from __future__ import annotations

import json
import random
import zlib
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.runtime.plan import load_plan
from generator.runtime.progress import RUNNING, End, Lock, Result, Start, Unlock
from generator.runtime.run import Run
from generator.runtime.work import Work

Json = Any
NAMES = "abcd"
MOST_STEPS = 3000


@st.composite
def tasks(draw: st.DrawFn, depth: int) -> dict[str, Json]:
    """A few tasks, in an order that respects their needs."""
    found: dict[str, Json] = {}
    for name in NAMES[: draw(st.integers(1, 4))]:
        kinds = ["run", "call", "wait"] + (["workflow"] if depth else [])
        kind = draw(st.sampled_from(kinds))
        needs = draw(st.dictionaries(st.sampled_from(sorted(found)), NEED, max_size=2)) if found else {}
        task: Json = {
            "kind": kind,
            "needs": needs,
            "join": draw(st.sampled_from(["all", "any"])),
            "timeout": 1e6,
            "retry": {"attempts": draw(st.integers(1, 3)), "initial": 5.0},
            "priority": draw(st.integers(-1, 1)),
        }
        if kind == "wait":
            task["wait"] = 7.0
        elif kind == "workflow":
            task["workflow"] = {"with": {}, "plan": draw(workflows(depth - 1))}
        if draw(st.booleans()):
            items = list(range(draw(st.integers(0, 3))))
            limits = draw(st.sampled_from([{"parallel": 1}, {"max_failed": len(items)}]))  # else the order decides
            task["foreach"] = {"items": items, **limits}
        if draw(st.booleans()) and kind != "workflow":
            task["mutex"] = draw(st.sampled_from(["x", "y"]))
        found[name] = task
    return found


NEED = st.sampled_from(["succeeded", "failed", "skipped", "done", "not_failed"])


@st.composite
def workflows(draw: st.DrawFn, depth: int = 2) -> Json:
    """A workflow, with workflows in it to some depth."""
    on_exit = {f"z{name}": {**task, "needs": {}} for name, task in draw(tasks(0)).items() if draw(st.booleans())}
    return {
        "workflow": "w",
        "timeout": 1e7,
        "parallelism": draw(st.integers(1, 3)),
        "tasks": draw(tasks(depth)),
        "on_exit": on_exit,
    }


class Played:
    """A run from its beginning to its end."""

    def __init__(self, plan: Json, chance: random.Random, is_killed: bool) -> None:
        self.plan = load_plan({**plan, "format": 2}, {"workflow": "r-w"})
        self.chance, self.is_killed = chance, is_killed
        self.now = 0.0
        self.jobs: Counter[tuple[str, str]] = Counter()
        self.leases: dict[str, str] = {}
        self.kept: list[str] = []
        self.finished: set[tuple[str, str]] = set()
        self._begin()
        for _ in range(MOST_STEPS):
            if self.run.phase == "ended":
                return
            self._go_on()
        raise AssertionError(f"the run does not end: {self.run.dump()}")

    def _begin(self) -> None:
        """A new runner, with what the last one has left."""
        self.run = Run(self.plan, "uid", "run")
        self.going: list[tuple[Work, int]] = []
        self.asking: list[tuple[Work, str]] = []
        if self.kept:
            self.kept = [self.chance.choice(self.kept)]
            self.run.load(json.loads(self.kept[0]))
            for work in self.run.works():
                number = work.progress.tries + 1
                if work.task.in_pod and (work.path, work.try_of(number)) in self.jobs and work.adopt(number, self.now):
                    self.going.append((work, number))
            self.run.settle_lost(self.now)
        self._advance()
        asked = {work.path for work, _ in self.asking}
        self.leases = {mutex: path for mutex, path in self.leases.items() if path in asked}

    def _advance(self) -> None:
        """As the loop does: the journal first, then what rests on it; what does not may be lost."""
        actions = self.run.advance(self.now)
        if actions:
            is_awaited = any(
                isinstance(action, Lock) or (isinstance(action, Start) and action.work.task.in_pod)
                for action in actions
            )
            self.kept = [*([] if is_awaited else self.kept), json.dumps(self.run.dump())]
        for action in actions:
            if isinstance(action, Start):
                if action.work.task.in_pod:
                    self.jobs[action.work.path, action.work.try_of(action.number)] += 1
                self.going.append((action.work, action.number))
            elif isinstance(action, End):
                self.going.remove((action.work, action.number))
            elif isinstance(action, Lock):
                self.asking.append((action.work, action.mutex))
            elif isinstance(action, Unlock):
                self._unlock(action.work, action.mutex)
        self._check()

    def _unlock(self, work: Work, mutex: str) -> None:
        self.asking = [each for each in self.asking if each != (work, mutex)]
        if self.leases.get(mutex) == work.path:
            del self.leases[mutex]
        work.unlocked()

    def _go_on(self) -> None:
        """One thing that may happen happens."""
        free = [each for each in self.asking if self.leases.get(each[1], each[0].path) == each[0].path]
        due = self.run.next_due()
        if self.is_killed and self.chance.random() < 0.1:
            self._begin()
            return
        if not (self.going or free) or (due is not None and due < self.now + 100 and self.chance.random() < 0.3):
            assert due is not None, f"nothing can happen any more: {self.run.dump()}"
            self.now = max(self.now, due)
        elif self.chance.randrange(len(self.going) + len(free)) < len(free):
            asking = self.chance.choice(free)
            self.asking.remove(asking)
            self.leases[asking[1]] = asking[0].path
            asking[0].locked()
        else:
            work, number = ended = self.chance.choice(self.going)
            self.going.remove(ended)
            self.finished.add((work.path, work.try_of(number)))
            work.finish(number, result(work, number), self.now)
        self.now += 0.1
        self._advance()

    def _check(self) -> None:
        assert all(times == 1 for times in self.jobs.values()), "no Job is made twice"
        running = [work for work in self.run.works() if work.progress.status == RUNNING]
        for mutex in ("x", "y"):
            tries = [(work.path, work.try_of(work.progress.tries)) for work in running if work.task.mutex == mutex]
            holders = [path for path, number in tries if (path, number) not in self.finished]
            assert len(holders) <= 1, f"{holders} have the mutex {mutex}"
        pods: Counter[str] = Counter()
        for work in running:
            if work.task.in_pod:
                for path in _around(work.scope.prefix):
                    pods[path] += 1
        for prefix, count in pods.items():
            assert count <= _scope(self.run, prefix).plan.parallelism


def _around(prefix: str) -> list[str]:
    """`a/b/` → ``, `a/`, `a/b/`."""
    parts = prefix.split("/")[:-1]
    return ["".join(f"{part}/" for part in parts[:length]) for length in range(len(parts) + 1)]


def _scope(run: Run, prefix: str) -> Any:
    scope: Any = run
    for path in _around(prefix)[1:]:
        scope = next(work.called for work in scope.works() if work.path == path[:-1])
    return scope


def result(work: Work, number: int) -> Result:
    """What a try comes to: always the same."""
    succeeded = zlib.crc32(f"{work.path} {work.try_of(number)}".encode()) % 3 > 0
    return Result(succeeded, "" if succeeded else "exit code 1")


def ends(dumped: Json) -> Json:
    """What a run has come to, without its times."""
    kept = {key: dumped[key] for key in ("status", "reason", "tries", "phase") if dumped.get(key)}
    if "tasks" in dumped:
        kept["tasks"] = {name: ends(task) for name, task in dumped["tasks"].items()}
    if "workflow" in dumped:
        kept["workflow"] = ends(dumped["workflow"])
    if "each" in dumped:
        kept["each"] = [ends(item) for item in dumped["each"]]
    return kept


@settings(max_examples=100, deadline=None)
@given(plan=workflows(), seed=st.integers(0, 2**32))
def test_whatever_happens_in_whatever_order_the_end_is_the_same(plan: Json, seed: int) -> None:
    in_order = Played(plan, random.Random(seed), is_killed=False).run.dump()
    killed = Played(plan, random.Random(seed + 1), is_killed=True).run.dump()
    assert ends(killed) == ends(in_order)
