"""What people see of a run: its log lines and the Events on its Job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.runtime.record import MOST_ALIKE
from tests.runtime.log_lines import lines_of
from tests.runtime.simulated_cluster import RUN
from tests.runtime.simulated_run import simulation
from tests.runtime.test_runner_trouble import ROW
from tests.runtime.workflow_rows import Row, approve, call, equal, name, run, step, text, value


def test_items_that_go_well_are_in_the_log_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = run(foreach={"items": [0, 1], "max_failed": 1}, items={1: ("exit 1",)})
    row = Row("items", "M13", "", {"a": one})
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 0
        events = [event["message"] for event in simulated.cluster.listed("events", "")]
        assert [message for message in events if "[" in message] == ["task a[1] failed: exit code 1"]
        assert '"event": "TaskSucceeded", "task": "a[0]"' in capsys.readouterr().out


def test_events_of_one_reason_are_limited_and_the_last_says_so(tmp_path: Path) -> None:
    tasks = {f"t{number}": run(when=["lit", False]) for number in range(60)}
    row = Row("many", "M03", "", {**tasks, "end": run("exit 1")})
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 10
        events = simulated.cluster.listed("events", "")
        skipped = [event["message"] for event in events if event["reason"] == "TaskSkipped"]
        assert len(skipped) == MOST_ALIKE
        more = "(more of the reason TaskSkipped stand in the log alone)"
        assert skipped[-1] == f"task t49 skipped: its condition is false {more}"
        assert {event["reason"] for event in events} >= {"RunStarted", "TaskFailed", "RunFailed"}
        names = [event["metadata"]["name"] for event in events]
        assert sorted(names) == names, "listed in the order in which they happened"


def test_neither_log_nor_events_hold_inputs_or_outputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hidden = "hunter2"
    token, word = value(name("inputs.token")), value(name("tasks.a.outputs.word"))
    tasks = {
        "a": run(f'ok {{"word": "{hidden}", "more": "{hidden}"}}', outputs={"word": "string"}),
        "b": call(step("POST stock", "500", path=text("/1?token=", name("inputs.token")), body=word), needs="a"),
        "c": run(f'ok {{"word": "{hidden}"}}', outputs={"word": "integer"}, needs={"b": "failed"}),
        "d": run("exit 1", args=[token], env={"TOKEN": token}, when=equal("inputs.token", hidden), needs={"c": "done"}),
        "e": run(foreach={"items": token}),
    }
    row = Row("hidden", "C09", "", tasks, inputs={"token": hidden}, plan={"inputs": {"token": {"type": "string"}}})
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 10
        assert {simulated.story()[task][0] for task in "bcde"} == {"failed"}
        said = capsys.readouterr().out + json.dumps(simulated.cluster.listed("events", ""))
        assert {"TaskFailed", "RunFailed"} <= {line["event"] for line in lines_of(said.partition("[{")[0])}
        assert hidden not in said


def test_the_events_and_the_log_tell_the_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with simulation(ROW, tmp_path) as simulated:
        assert simulated.run() == 0
        events = [
            (event["reason"], event["message"], event["type"]) for event in simulated.cluster.listed("events", "")
        ]
        assert ("TaskStarted", "task b started (try 2)", "Normal") in events
        assert ("TaskFailed", "task b failed: exit code 1", "Warning") in events
        assert ("TaskSkipped", "task e skipped: b failed", "Normal") in events
        assert ("RunSucceeded", "run succeeded", "Normal") in events
        assert {event["involvedObject"]["name"] for event in simulated.cluster.listed("events", "")} == {RUN}
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["event"] for line in lines if line.get("task") == "b"] == [
            "TaskStarted",
            "TaskRetried",
            "TaskStarted",
            "TaskFailed",
        ]


def test_a_question_says_how_it_is_answered(tmp_path: Path) -> None:
    row = Row("ask", "M21", "", {"ask": approve("Ship it?")}, answers={"ask": "true"})
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 0
        messages = [event["message"] for event in simulated.cluster.listed("events", "")]
        assert f"task ask waits: Ship it? (flowhelm approve {RUN} ask)" in messages
