"""What a call or wait is told that has a pod of its own, and what it does there."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.isolated import do_task, told
from generator.runtime.kube import Clock
from generator.runtime.plan import Task, load_plan
from generator.runtime.values import WrongValue
from tests.runtime.fake_services import Requests, serving
from tests.runtime.workflow_rows import Row, call, name, retry, step, text, value

Json = Any

VALUES = {
    ("inputs", "order"): "a/b é",
    ("inputs", "n"): 3,
    ("tasks", "t", "outputs", "o"): {"value": ["lit", "$(X)"]},
}


def lookup(wanted: tuple[str, ...]) -> Json:
    if wanted not in VALUES:
        raise WrongValue(f"task {wanted[1]} has no output {wanted[-1]}")
    return VALUES[wanted]


class Pod:
    """A task with a pod of its own: the services that it calls, and how it ended."""

    def __init__(self, row: Row, folder: Path, stack: ExitStack) -> None:
        self.task = row.tasks["t"]
        self.requests = Requests(row.tasks)
        names = sorted({each.request.split(" ")[1] for each in self.task.steps})
        self.bound = stack.enter_context(serving(names, self.requests))
        self.log = folder / "termination-log"

    def told(self) -> str:
        plan = {"format": 2, "workflow": "w", "timeout": 60.0, "parallelism": 1, "tasks": {"t": self._plan()}}
        loaded = load_plan(plan, {"workflow": "r-w", "services": self.bound})
        self.loaded: Task = loaded.tasks["t"]
        return told("t", self.loaded, "uid", loaded.services, lookup)

    def _plan(self) -> Json:
        steps = []
        for each in self.task.steps:
            method, service, *path = each.request.split(" ", 2)
            steps.append({"method": method, "service": service, **({"path": path[0]} if path else {}), **each.extra})
        return {**self.task.plan, "call": {**self.task.plan["call"], "steps": steps}}

    def run(self) -> tuple[int, Json]:
        code = do_task(json.loads(self.told()), Clock(), self.log)
        return code, json.loads(self.log.read_text("utf-8"))


@pytest.fixture
def pod(tmp_path: Path) -> Any:
    with ExitStack() as stack:
        yield lambda task: Pod(Row("", "", "", {"t": task}), tmp_path, stack)


def test_the_requests_are_the_same_as_from_the_run(pod: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADER_0", "secret\n")
    body = {"map": {"n": value(name("inputs.n")), "o": value(name("tasks.t.outputs.o"))}}
    expected = ["==", ["field", name("response"), "n"], name("inputs.n")]
    headers = {"X-Order": text("no. ", name("inputs.n")), "X-Key": {"env": "HEADER_0"}, "X-None": {"env": "HEADER_1"}}
    path = text("/orders/", name("inputs.order"), "?q=%20")
    made = pod(
        call(
            step(
                "POST stock",
                "503",
                '200 {"n": 3, "x": 1}',
                path=path,
                body=body,
                headers=headers,
                expect={"json": expected},
                retry=retry(2, 0.01),
            ),
            outputs={"n": "integer"},
        )
    )
    assert made.run() == (0, {"n": 3})
    (_, what, seen, sent) = made.requests.seen[-1]
    assert what == "POST stock /orders/a%2Fb%20%C3%A9?q=%20"
    assert (seen["X-Order"], seen["X-Key"], seen.get("X-None")) == ("no. 3", "secret", None)
    assert seen["Idempotency-Key"] == "uid/t/0"
    assert json.loads(sent) == {"n": 3, "o": {"value": ["lit", "$(X)"]}}
    assert len(made.requests.seen) == 2
    assert "secret" not in made.told()


def test_a_failure_says_why_and_keeps_what_was_answered(pod: Any) -> None:
    made = pod(call(step("GET stock /1", '500 {"n": 3}'), outputs={"n": "integer"}))
    assert made.run() == (1, {"reason": "GET /1 of stock: status 500", "outputs": {"n": 3}})


def test_what_is_not_looked_at_need_not_have_a_value(pod: Any) -> None:
    """`||` evaluates only what it needs, in the pod as in the run."""
    expected = ["||", ["==", name("response"), ["lit", {}]], name("tasks.u.outputs.x")]
    assert pod(call(step("GET stock /1", "200 {}", expect={"json": expected}))).run() == (0, {})
    code, written = pod(call(step("GET stock /1", "200 []", expect={"json": expected}))).run()
    assert (code, written["reason"]) == (1, "GET /1 of stock: tasks.u.outputs.x has no value")


def test_requests_that_are_too_large_for_a_pod(pod: Any) -> None:
    with pytest.raises(WrongValue, match="larger than 100000 bytes"):
        pod(call(step("POST stock /1", body="x" * 100_000))).told()


def test_a_wait_waits(tmp_path: Path) -> None:
    before = time.monotonic()
    assert do_task({"kind": "wait", "seconds": 0.05}, Clock(), tmp_path / "log") == 0
    assert time.monotonic() - before >= 0.05
