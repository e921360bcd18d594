"""The state of a run, read from what its runner has left on the cluster: the story of the conformance rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from generator.runs.state import LOST, RunState, TaskState, as_json, state_of
from generator.runs.tree import lines_of
from tests.conformance.kinds import MORE_ROWS
from tests.conformance.table import ROWS
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, call, each, retry, run, told

Json = Any

SCHEMA = Path(__file__).parents[2] / "generator" / "runs" / "status.schema.json"

SHOWN = (
    "inputs go in, outputs come out",
    "outputs are lists in the order of the items",
    "a workflow for each item, in which the item goes in as an input",
    "a foreach within a foreach",
    "a retry does the workflow anew",
    "its on_exit runs before the task ends and reads its own verdict",
    "failures that may be: their entries are the default, else null",
    "columns are read by their declared types",
    "a failure skips what needs success, down the chain",
    "rejected",
)


def states(tasks: dict[str, Json], prefix: str = "") -> Iterator[tuple[str, Json]]:
    """The tasks of the JSON by their paths."""
    for name, task in tasks.items():
        path = prefix + name
        yield path, task
        yield from states(task.get("tasks", {}), f"{path}/")
        for index, item in enumerate(task.get("items", ())):
            yield f"{path}[{index}]", item
            yield from states(item.get("tasks", {}), f"{path}[{index}]/")


def shown(simulated: Simulation) -> Json:
    """What `-o json` prints of the simulated run."""
    jobs = [job for (kind, _), job in simulated.cluster.objects.items() if kind == "jobs"]
    own = simulated.cluster.get("jobs", simulated.name)
    found = as_json(state_of(own, [job for job in jobs if job["metadata"]["name"] != simulated.name]))
    validator = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert list(validator.iter_errors(found)) == []
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("row", [row for row in (*ROWS, *MORE_ROWS) if row.name in SHOWN], ids=lambda row: row.name)
def test_the_state_is_the_story(row: Row, tmp_path: Path) -> None:
    with simulation(row, tmp_path, 50.0) as simulated:
        simulated.run()
        found = shown(simulated)
        story = {"run": (found["status"], found["reason"])}
        story |= {path: (task["status"], task["reason"]) for path, task in states(found["tasks"])}
        assert story == told(row.expect)
        assert found["outputs"] == row.outputs
        for _, task in states(found["tasks"]):
            times = [task[key] for key in ("started", "ended") if task[key] is not None]
            assert times == sorted(times)
            assert found["started"] <= times[-1] <= found["ended"]


def test_all_rows_that_are_to_be_shown_are_there() -> None:
    assert {row.name for row in (*ROWS, *MORE_ROWS)} >= set(SHOWN)


def test_outputs_are_those_of_the_last_try_and_of_each_item(tmp_path: Path) -> None:
    tasks = {
        "once": run('exit 1 {"n": 1}', 'ok {"n": 2}', outputs={"n": {"type": "integer"}}, retry=retry(2, 0.1)),
        "each": run(
            items={0: ('ok {"n": 5}',), 1: ('ok {"n": 6}',)}, outputs={"n": {"type": "integer"}}, foreach=each([1, 2])
        ),
    }
    with simulation(Row("outputs", "M13", "", tasks), tmp_path, 50.0) as simulated:
        simulated.run()
        found = shown(simulated)["tasks"]
        assert (found["once"]["outputs"], found["once"]["tries"]) == ({"n": 2}, 2)
        assert found["each"]["outputs"] == {"n": [5, 6]}
        assert [item["outputs"] for item in found["each"]["items"]] == [{"n": 5}, {"n": 6}]


def job(status: Json, annotations: Json | None = None) -> Json:
    """A run's Job, without a word of its runner."""
    labels = {"flowhelm.dev/workflow": "w"}
    return {"metadata": {"name": "r", "labels": labels, "annotations": annotations or {}}, "status": status}


def test_a_run_whose_runner_has_not_begun_waits_and_says_what_for() -> None:
    state = state_of(job({}), hindrance="no node takes it")
    assert (state.status, state.reason, state.started, state.ended) == ("waiting", "no node takes it", None, None)


@pytest.mark.parametrize(
    ("reason", "words"), [("DeadlineExceeded", LOST["DeadlineExceeded"]), ("SomethingNew", "SomethingNew")]
)
def test_a_run_that_its_runner_left_has_the_verdict_of_its_job(reason: str, words: str) -> None:
    ended = "2026-01-02T03:04:05Z"
    failed = {"type": "Failed", "status": "True", "reason": reason, "lastTransitionTime": ended}
    state = state_of(job({"conditions": [failed]}), hindrance="nobody looks at this any more")
    assert (state.status, state.reason) == ("failed", words)
    assert state.ended == datetime.fromisoformat("2026-01-02T03:04:05+00:00").timestamp()


def test_a_tree_of_many_items_shows_those_that_matter(tmp_path: Path) -> None:
    items = tuple(TaskState("failed" if index in (7, 9) else "succeeded") for index in range(60))
    row = Row("tree", "", "", {"a": call(), "b": run(needs="a")})
    with simulation(row, tmp_path, 50.0) as simulated:
        simulated.run()
        state = state_of(simulated.cluster.get("jobs", simulated.name))
    many = TaskState("failed", "2 items failed", 1, 10.0, 12.5, items=items)
    lines = [line.text for line in lines_of(type(state)(**{**vars(state), "tasks": {"many": many}}), 20.0)]
    assert lines[1:] == [
        "  ✗ many       failed         2.5 s  60 items: 58 succeeded, 2 failed; 2 items failed",
        "    ✗ many[7]  failed",
        "    ✗ many[9]  failed",
    ]


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (None, "  · a-task-with-a-long-name  waiting               its mutex"),
        (50, "  · a-task-with-a-long-n…  waiting               its mutex"),
        (30, "  · a-task-with…  waiting               its mutex"),
    ],
)
def test_names_are_cut_where_there_is_little_room(columns: int | None, shown: str) -> None:
    tasks = {"a-task-with-a-long-name": TaskState("waiting", "its mutex")}
    state = RunState("r", "w", "running", "", 1.0, None, {}, tasks)
    assert lines_of(state, 2.0, columns)[1].text == shown
