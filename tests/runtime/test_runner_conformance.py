"""Each row of the conformance table on the simulated cluster."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.journal import NO_ALARM
from tests.runtime.conformance_kinds import MORE_ROWS
from tests.runtime.conformance_table import ROWS
from tests.runtime.fake_services import body_of
from tests.runtime.log_lines import lines_of
from tests.runtime.simulated_cluster import RUN, expanded
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, told


def speed_of(row: Row) -> float:
    """Rows that wait for minutes run on a faster clock."""
    minutes = (
        "nobody answers as long as the workflow may take",
        "the workflow's time-out cancels what runs and what has not begun",
        "an image that cannot be pulled",
        "the workflow's time-out",
        "on_exit has ten minutes in all",
    )
    if row.name in minutes:
        return 1000.0
    return 50.0 if any(task.steps for task in row.all_tasks().values()) else 200.0


ALL_ROWS = (*ROWS, *MORE_ROWS)


@pytest.mark.parametrize("row", ALL_ROWS, ids=[row.name for row in ALL_ROWS])
def test_row(row: Row, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with simulation(row, tmp_path, speed_of(row)) as simulated:
        code = simulated.run()
        story = simulated.story()
        expected = told(row.expect)
        assert story == expected
        status, reason = expected["run"]
        assert code == (0 if status in ("succeeded", "skipped") else 10)
        assert simulated.last_words.read_text() == status + (f": {reason}" if reason else "") + "\n"
        assert simulated.journal()["outputs"] == row.outputs
        deadline = simulated.cluster.get("jobs", RUN)["spec"]["activeDeadlineSeconds"]
        assert (deadline == NO_ALARM) == (status == "cancelled")
        check_lines(lines_of(capsys.readouterr().out), expected)
        check_order(row, simulated)
        for task, saw in row.saw.items():
            check_seen(simulated, task, saw)
        if row.most_pods:
            assert simulated.cluster.most_pods == row.most_pods


def check_lines(lines: list[dict[str, Any]], expected: dict[str, tuple[str, str]]) -> None:
    """The log tells how the run and each task ended (in the last try of what is around it), and how the runner did."""
    ended = {
        line.get("task", "run"): (
            line["event"].removeprefix("Task").removeprefix("Run").lower(),
            line.get("reason", ""),
        )
        for line in lines
        if line["event"].endswith(("Succeeded", "Failed", "Skipped", "Cancelled"))
    }
    assert ended == expected
    status, reason = expected["run"]
    assert lines[-1]["result"] == status + (f": {reason}" if reason else "")


def check_order(row: Row, simulated: Simulation) -> None:
    """In a chain `a < b`, a's last try ended before b's first one started."""
    for chain in row.order:
        names = chain.split(" < ")
        for before, after in itertools.pairwise(names):
            ends = [time for time, what, task, _ in simulated.cluster.story if task == before and what == "end"]
            starts = [time for time, what, task, _ in simulated.cluster.story if task == after and what == "start"]
            assert starts, chain
            assert max(ends) < min(starts), chain


def check_seen(simulated: Simulation, task: str, saw: dict) -> None:
    """What the pod or the services of a task saw."""
    story = [(what, time) for time, what, name, _ in simulated.cluster.story if name == task]
    journal = simulated.kept(task)
    requests = simulated.requests.of(task)
    for what, value in saw.items():
        if what == "tries":
            assert journal["tries"] == value
        elif what == "starts":
            assert sum(happened == "start" for happened, _ in story) == value
        elif what == "ended_before":
            assert journal["ended"] < simulated.kept(value)["ended"]
        elif what == "pauses":
            ends, starts = [t for w, t in story if w == "end"], [t for w, t in story if w == "start"]
            pauses = [start - end for end, start in zip(ends, starts[1:], strict=False)]
            assert all(pause >= wanted for pause, wanted in zip(pauses, value, strict=True))
        elif what == "lasted":
            assert journal["ended"] - journal["started"] >= value
        elif what in ("args", "env"):
            container = simulated.cluster.manifests[task][-1]["spec"]["template"]["spec"]["containers"][0]
            env = {entry["name"]: entry["value"] for entry in container["env"]}
            if what == "args":
                assert [expanded(text, env) for text in container["args"]] == value
            else:
                assert {name: expanded(env[name], {}) for name in value} == value
                assert env["KEEP"] == "kept"
        elif what == "requests":
            assert [request[1] for request in requests] == value
        elif what == "headers":
            assert {name: requests[-1][2].get(name) for name in value} == value
        elif what == "body":
            assert body_of(requests[-1]) == value
        else:
            raise AssertionError(f"no check for {what}")
