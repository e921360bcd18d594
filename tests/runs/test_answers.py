"""Which questions wait, and what keeps an answer from being given."""

from typing import Any

import pytest

from generator.runs.answers import answer, refusal, waiting
from generator.runtime.plan import load_plan
from tests.runtime.workflow_rows import Task, approve, each, run, workflow

Json = Any


def written(tasks: dict[str, Task]) -> Json:
    """Tasks as plan.json has them."""
    found = {}
    for name, task in tasks.items():
        plan = dict(task.plan)
        if task.tasks:
            plan["workflow"] = {**plan["workflow"], "plan": {**plan["workflow"]["plan"], "tasks": written(task.tasks)}}
        found[name] = plan
    return found


TASKS = {
    "pick": run(),
    "ask": approve("Ship?", needs="pick"),
    "each": approve("This one?", foreach=each(["a", "b"])),
    "pay": workflow({"ask": approve("Pay?")}),
    "no": approve("Never asked", needs={"pick": "failed"}),
    "later": approve("Later", needs="ask"),
}
PLAN = load_plan(
    {"format": 2, "workflow": "w", "timeout": 60, "parallelism": 2, "tasks": written(TASKS), "outputs": {}},
    {"workflow": "r-w"},
)
PROGRESS = {
    "tasks": {
        "pick": {"status": "succeeded"},
        "ask": {"status": "running", "reason": "waits for approval: Ship?"},
        "each": {
            "status": "running",
            "items": ["a", "b"],
            "each": [
                {"status": "succeeded", "outputs": {"by": "Ada"}},
                {"status": "running", "reason": "waits for approval: This one?"},
            ],
        },
        "pay": {
            "status": "running",
            "workflow": {"tasks": {"ask": {"status": "failed", "reason": "rejected", "outputs": {"by": "Bob"}}}},
        },
        "no": {"status": "skipped", "reason": "pick succeeded"},
    }
}


def test_what_waits() -> None:
    assert waiting(PLAN, PROGRESS, {}) == [("ask", "Ship?"), ("each[1]", "This one?")]
    assert waiting(PLAN, PROGRESS, {"flowhelm.dev/approve.ask": "true"}) == [("each[1]", "This one?")]
    assert len(waiting(PLAN, PROGRESS, {"flowhelm.dev/approve.ask": "maybe"})) == 2


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("ask", ""),
        ("later", ""),
        ("each[1]", ""),
        ("each", "the task each asks once for each item: name one of each[0], each[1]"),
        ("each[7]", "the task each[7] asks once for each item: name one of each[0], each[1]"),
        ("each[0]", "the question of task each[0] has been answered already: approved by Ada"),
        ("pay/ask", "the question of task pay/ask has been answered already: rejected by Bob"),
        ("no", "the task no was skipped (pick succeeded): there is nothing to answer any more"),
        ("pick", "the task pick asks nobody; those that do: ask, each, later, no, pay/ask"),
        ("aks", "there is no task aks; did you mean ask?"),
        ("zzz", "there is no task zzz; tasks are pick, ask, each, pay, pay/ask, no, later"),
    ],
)
def test_what_can_be_answered(path: str, why: str) -> None:
    assert refusal(PLAN, PROGRESS, {}, path) == why


def test_an_answer_is_given_once() -> None:
    annotations = {"flowhelm.dev/approve.ask": answer("Ada", approved=False)}
    assert refusal(PLAN, PROGRESS, annotations, "ask") == "the question of task ask has been answered already"
