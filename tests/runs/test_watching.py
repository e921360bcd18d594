"""What is told of a run that is watched, line by line, and what becomes of watching on a bad line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.runs import watching
from generator.runs.kubectl import NotFound, Refused
from generator.runs.state import RunState, TaskState, state_of
from generator.runs.tree import lines_of
from generator.runs.watching import PATIENCE, Happening, Patient, happened, paths, show_lines
from tests.runtime.simulated_run import simulation
from tests.runtime.workflow_rows import Row, call, each, retry, run, workflow

RUN = RunState("r", "w", "running", "", 1.0, None, {}, {})


def told(*states: TaskState) -> list[str]:
    """What is told of a task that is seen in these states, at 10, 11, 12 seconds and so on."""
    runs = [RUN, *(replace(RUN, tasks={"t": state}) for state in states)]
    news = [happened(before, after, 10.0 + now) for now, (before, after) in enumerate(pairwise(runs))]
    return [f"{each.time:g} {each.task} {each.words}" for some in news for each in some]


def test_a_task_with_two_tries() -> None:
    assert told(
        TaskState("waiting"),
        TaskState("running", "", 1, 10.5),
        TaskState("running", "try 1 failed: exit code 1", 1, 10.5),
        TaskState("waiting", "try 1 failed: exit code 1", 1, 10.5),
        TaskState("running", "", 2, 10.5),
        TaskState("failed", "exit code 2", 2, 10.5, 15.25),
        TaskState("failed", "exit code 2", 2, 10.5, 15.25),
    ) == [
        "10.5 t started",
        "12 t try 1 failed: exit code 1",
        "14 t started (try 2)",
        "15.25 t failed (try 2) after 4.8 s: exit code 2",
    ]


@pytest.mark.parametrize(
    ("states", "lines"),
    [
        ([TaskState("succeeded", "", 3, 2.0, 3.5)], ["2 t started", "3.5 t succeeded (try 3) after 1.5 s"]),
        ([TaskState("skipped", "", 0, None, 3.0)], ["3 t skipped"]),
        ([TaskState("cancelled", "its run ended before it did")], ["10 t cancelled: its run ended before it did"]),
        ([TaskState("succeeded", "", 1, 2.0, 3.0, taken=True)] * 2, ["10 t succeeded, taken over"]),
        ([TaskState("waiting", "waits for the mutex m")] * 2, ["10 t waits for the mutex m"]),
        (
            [TaskState("running", "", 1, 9.0), TaskState("running", "waits for approval: Ship?", 1, 9.0)],
            ["9 t started", "11 t waits for approval: Ship? (flowhelm approve r t)"],
        ),
        (
            [TaskState("running", "waits for approval: Ship?", 1, 12.5)],
            ["12.5 t started", "12.5 t waits for approval: Ship? (flowhelm approve r t)"],
        ),
    ],
)
def test_what_is_told_of_a_task(states: list[TaskState], lines: list[str]) -> None:
    assert told(*states) == lines


def test_a_run_is_told_from_its_beginning_in_the_order_of_time(tmp_path: Path) -> None:
    tasks = {
        "a": call(),
        "many": run(needs="a", items={0: ("ok",), 1: ("exit 1", "ok")}, retry=retry(2, 0.1), foreach=each([1, 2])),
        "inner": workflow({"b": call()}, needs="many"),
    }
    with simulation(Row("watched", "", "", tasks), tmp_path, 50.0) as simulated:
        simulated.run()
        state = state_of(simulated.cluster.get("jobs", simulated.name))
    found = happened(None, state, state.started or 0.0)
    times = [round(each.time, 3) for each in found]
    assert times == sorted(times)
    words = [f"{each.task} {each.words.split(' after')[0]}" for each in found]
    assert words[:4] == [" started", "a started", "a succeeded", "many started with 2 items"]
    assert "many[1] succeeded (try 2)" in words
    assert words[-4:] == ["inner started", "inner/b started", "inner/b succeeded", "inner succeeded"]
    assert happened(state, state, 0.0) == []


STATES = st.builds(TaskState, st.sampled_from(("waiting", "running", "succeeded")), st.sampled_from(("", "why")))


@given(st.lists(st.dictionaries(st.sampled_from("abc"), STATES), min_size=1))
def test_each_end_is_told_once(seen: list[dict[str, TaskState]]) -> None:
    ended: dict[str, TaskState] = {}
    runs = []
    for tasks in seen:  # what has ended stays so
        ended |= {name: task for name, task in tasks.items() if task.status == "succeeded" and name not in ended}
        runs.append(replace(RUN, tasks={**tasks, **ended}))
    news = [each for before, after in pairwise([None, *runs]) for each in happened(before, after, 0.0)]  # type: ignore[arg-type]  # None is the first only
    assert sorted(each.task for each in news if each.words.startswith("succeeded")) == sorted(ended)


def test_the_paths_are_those_of_the_log() -> None:
    inner = TaskState("running", tasks={"charge": TaskState("running")})
    tasks = {"pay": TaskState("running", items=(TaskState("waiting"), inner)), "end": TaskState("waiting")}
    assert [path for path, _ in paths(tasks)] == ["pay", "pay[0]", "pay[1]", "pay[1]/charge", "end"]


def test_a_question_comes_with_the_command_that_answers_it() -> None:
    asks = TaskState("running", "waits for approval: Ship?", 1, 1.0)
    state = replace(RUN, tasks={"ask": TaskState("running", "", 1, 1.0, items=(asks,))})
    assert happened(None, state, 2.0)[-1].text.endswith("Ship? (flowhelm approve r 'ask[0]')")
    elsewhere = replace(state, options=" --namespace shop")
    assert happened(None, elsewhere, 2.0)[-1].text.endswith("(flowhelm approve r 'ask[0]' --namespace shop)")
    assert lines_of(elsewhere, 2.0)[0].text.endswith("; answer with: flowhelm approve r --namespace shop")
    assert lines_of(state, 2.0)[0].text == "run r of w: running for 1.0 s; answer with: flowhelm approve r"


def test_a_line_is_in_the_columns_of_the_log() -> None:
    assert Happening(0.5, "pay", "Ship\nit\x1b[2J?").text == "00:00:00.500  pay               Ship it [2J?"
    assert Happening(0.5, "", "started").text == "00:00:00.500  run               started"


def test_lines_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_AGAIN", 0.0)
    late = replace(RUN, status="waiting", started=None, reason="the runner has no pod: quota")
    end = replace(RUN, status="failed", ended=3.0, reason="timeout")
    states = iter([late, late, RUN, end])
    lines: list[str] = []
    assert show_lines(lambda: next(states), lines.append) is end
    assert [line[14:] for line in lines] == [
        "run               waiting: the runner has no pod: quota",
        "run               started",
    ]


class Cluster:
    """Answers with what it is told to."""

    def __init__(self) -> None:
        self.now, self.answer = 1000.0, RUN
        self.problem: Refused | None = None

    def look(self) -> RunState:
        if self.problem is not None:
            raise self.problem
        return self.answer


def test_a_cluster_that_is_out_of_reach_for_a_while_ends_nothing() -> None:
    cluster = Cluster()
    patient = Patient(cluster.look, lambda: cluster.now)
    assert patient() is RUN
    cluster.problem = Refused("no route to host")
    for _ in range(3):
        cluster.now += PATIENCE / 3
        assert patient() == replace(RUN, reason="the cluster is out of reach, it is tried again: no route to host")
    cluster.problem = None
    assert patient() is RUN
    cluster.problem = Refused("no route to host")
    cluster.now += PATIENCE
    patient()
    cluster.now += 1.0
    with pytest.raises(Refused, match="no route to host"):
        patient()


def test_what_is_wrong_at_the_first_look_is_said_at_once() -> None:
    cluster = Cluster()
    for problem in (Refused("no rights"), NotFound("there is no run r")):
        cluster.problem = problem
        with pytest.raises(Refused) as raised:
            Patient(cluster.look)()
        assert raised.value is problem


def test_a_run_that_is_deleted_is_no_bad_line() -> None:
    cluster = Cluster()
    patient = Patient(cluster.look)
    patient()
    cluster.problem = NotFound("there is no run r")
    with pytest.raises(NotFound, match="run r has been deleted while it was watched"):
        patient()
