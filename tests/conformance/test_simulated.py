"""Each row of the conformance table, compiled, on the simulated cluster: the real runner in a thread of the test."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.journal import NO_ALARM
from tests.conformance.compiled import ALL_ROWS, plans_of
from tests.conformance.outcome import Outcome, Pod, Request, check, flat, plain
from tests.runtime.fake_services import body_of
from tests.runtime.log_lines import endings, lines_of
from tests.runtime.simulated_cluster import RUN, expanded
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row

Json = Any
MINUTES = (
    "an image that cannot be pulled",
    "on_exit has ten minutes in all",
)


@pytest.fixture(scope="module")
def plans() -> dict[str, Json]:
    """What the compiler makes of the rows."""
    return plans_of(ALL_ROWS)


def speed_of(row: Row) -> float:
    """Rows that wait for minutes run on a faster clock; those whose requests must be answered in time on a slow one."""
    if row.name in MINUTES:
        return 1000.0
    answers = [answer for task in row.all_tasks().values() for step in task.steps for answer in step.answers]
    return 200.0 if not answers else 25.0 if "hang" in answers else 5.0


@pytest.mark.parametrize("row", ALL_ROWS, ids=[row.name for row in ALL_ROWS])
def test_row(row: Row, plans: dict[str, Json], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with simulation(row, tmp_path, speed_of(row), plans[row.name]) as simulated:
        code = simulated.run()
        outcome = outcome_of(simulated)
        deadline = simulated.cluster.get("jobs", RUN)["spec"]["activeDeadlineSeconds"]
    check(row, outcome)
    assert code == (0 if outcome.status in ("succeeded", "skipped") else 10)
    last_words = outcome.status + (f": {outcome.reason}" if outcome.reason else "")
    assert simulated.last_words.read_text() == last_words + "\n"
    assert (deadline == NO_ALARM) == (outcome.status == "cancelled")
    lines = lines_of(capsys.readouterr().out)
    told_by_lines = {path: (status, plain(reason)) for path, (status, reason) in endings(lines).items()}
    assert told_by_lines == outcome.story()
    assert lines[-1]["result"] == last_words


def outcome_of(simulated: Simulation) -> Outcome:
    """What the journal, the Jobs and the services tell."""
    journal = simulated.journal()
    pods: dict[str, list[Pod]] = defaultdict(list)
    started: dict[tuple[str, int], float] = {}
    elsewhere = {}
    for time, what, path, number in simulated.cluster.story:
        if what == "start":
            started[path, number] = time
        elif path in simulated.row.other_runs:
            elsewhere[path] = time
        else:
            container = _container(simulated.cluster.manifests[path][len(pods[path])])
            env = {entry["name"]: entry["value"] for entry in container["env"]}
            command, args = ([expanded(text, env) for text in container.get(key, ())] for key in ("command", "args"))
            seen = {name: expanded(value, {}) for name, value in env.items()}
            pods[path].append(Pod(started[path, number], time, args, seen, command))
    requests: dict[str, list[Request]] = defaultdict(list)
    for path, what, headers, body in simulated.requests.seen:
        request = Request(what, headers, body_of((path, what, headers, body)) if body else None)
        requests[path].append(request)
    return Outcome(
        journal["status"], journal["reason"], journal["outputs"], flat(journal["tasks"]), pods, requests, elsewhere
    )


def _container(job: Json) -> Json:
    return job["spec"]["template"]["spec"]["containers"][0]
