"""Any small workflow, compiled: what the runner decides is what the rulings M01 to M07 say, worked out here anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.runtime.plan import load_plan
from generator.runtime.progress import Result, Start
from generator.runtime.run import Run
from tests.conformance.compiled import plan_of
from tests.conformance.table import SATISFIED_BY
from tests.runtime.workflow_rows import Row, Task, run

Json = Any
NAMES = "abcdef"


@dataclass(frozen=True)
class Sketch:
    """A task: what it needs, whether its condition holds, and whether it would succeed."""

    needs: dict[str, str]
    join: str
    holds: bool
    succeeds: bool

    def task(self) -> Task:
        """The task of a row."""
        when: dict[str, Json] = {} if self.holds else {"when": ["lit", False]}
        return run(needs=self.needs, join=self.join, **when)


@st.composite
def sketches(draw: st.DrawFn) -> dict[str, Sketch]:
    """A few tasks that need one another."""
    found: dict[str, Sketch] = {}
    for name in NAMES[: draw(st.integers(1, 6))]:
        need = st.sampled_from(sorted(SATISFIED_BY))
        needs = draw(st.dictionaries(st.sampled_from(sorted(found)), need, max_size=3)) if found else {}
        join = draw(st.sampled_from(["all", "any"])) if len(needs) > 1 else "all"
        found[name] = Sketch(needs, join, draw(st.integers(0, 4)) > 0, draw(st.integers(0, 2)) > 0)
    return found


def expected(tasks: dict[str, Sketch]) -> dict[str, str]:
    """The status of each task, and of the run, by the rulings alone."""
    ends: dict[str, str] = {}
    for name, task in tasks.items():
        satisfied = [ends[need] in SATISFIED_BY[state] for need, state in task.needs.items()]
        enough = (any if task.join == "any" and satisfied else all)(satisfied)
        ran = "succeeded" if task.succeeds else "failed"
        ends[name] = ran if enough and task.holds else "skipped"
    handled = {
        need
        for name, task in tasks.items()
        for need, state in task.needs.items()
        if state == "failed" and ends[name] in ("succeeded", "failed")
    }
    unhandled = [name for name, end in ends.items() if end == "failed" and name not in handled]
    return {**ends, "run": "failed" if unhandled else "succeeded"}


def decided(plan: Json, tasks: dict[str, Sketch]) -> dict[str, str]:
    """What the runner decides when each task ends as sketched."""
    course = Run(load_plan(plan, {"workflow": "r-w"}), "uid", "run")
    now = 0.0
    while course.phase != "ended":
        actions = course.advance(now)
        starts = [action for action in actions if isinstance(action, Start)]
        assert starts or course.phase == "ended", course.dump()
        for start in starts:
            succeeds = tasks[start.work.task.name].succeeds
            start.work.finish(start.number, Result(succeeds, "" if succeeds else "exit code 1"), now)
        now += 1.0
    dumped = course.dump()
    return {**{name: task["status"] for name, task in dumped["tasks"].items()}, "run": dumped["status"]}


@settings(max_examples=60, deadline=None)
@given(tasks=sketches())
def test_the_runner_decides_as_the_rulings_say(tasks: dict[str, Sketch]) -> None:
    row = Row("any workflow", "M01 M02 M03 M04 M05 M06 M07", "", {name: task.task() for name, task in tasks.items()})
    assert decided(plan_of(row), tasks) == expected(tasks)
