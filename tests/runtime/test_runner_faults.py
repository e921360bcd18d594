"""Every kind of fault, at every request of a run of all kinds of tasks: the run comes to the same end."""

from __future__ import annotations

import re
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.runtime import recorded
from tests.runtime.simulated_cluster import FAULTS
from tests.runtime.simulated_run import simulation
from tests.runtime.test_runner_resumes import ROW, check
from tests.runtime.workflow_rows import Row, call, run, step, told

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
FORBIDDEN = 'jobs.batch "x" is forbidden: '
ANSWERS = {
    "401": recorded.answer("401"),
    "409": recorded.refusal("409 modified"),
    "409 quota": recorded.failure(409, "Conflict", f'Operation cannot be fulfilled on resourcequotas "q": {MODIFIED}'),
    "403 quota": recorded.failure(
        403, "Forbidden", f"{FORBIDDEN}status unknown for quota: q, resources: count/jobs.batch"
    ),
    "410": recorded.failure(410, "Expired", "too old resource version: 1 (40252)"),
    "429": recorded.answer("429"),
    "500": recorded.failure(500, "InternalError", "Internal error occurred: etcdserver: leader changed"),
    "503": recorded.failure(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
    "504": recorded.answer("504"),
    **{name: name for name in FAULTS},
}


def may_suffer(fault: str, method: str, path: str) -> bool:
    """Whether the real server may answer so: conflicts are for what is changed or counted, 410 is for watches."""
    if fault == "409":
        return method == "PATCH"
    if fault.endswith(" quota"):
        return method == "POST"
    if fault == "410":
        return "watch=true" in path
    return True


@pytest.mark.parametrize("fault", ANSWERS)
def test_at_every_request(fault: str, tmp_path: Path) -> None:
    """What is asked for the first time suffers it, and again at times, each method and path by itself."""
    every = 10 if fault == "silent" else 3  # each of those takes a time-out
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    def answer(method: str, path: str) -> object:
        if not may_suffer(fault, method, path):
            return None
        what = f"{method} {re.sub('(resourceVersion|continue)=[^&]*', '', path)}"
        with lock:
            counts[what] += 1
            return ANSWERS[fault] if counts[what] % every == 1 else None

    with simulation(ROW, tmp_path, 100) as simulated:
        simulated.cluster.fault = answer
        assert simulated.run() == 0
        check(simulated)
    assert len(counts) >= 2


def test_a_token_that_stays_unknown(tmp_path: Path) -> None:
    """The runner gives up after a while: the next one has a new token."""
    with simulation(ROW, tmp_path, 100) as simulated:
        simulated.cluster.fault = lambda method, path: recorded.answer("401")
        assert simulated.run() == 75
        assert simulated.last_words.read_text() == "stopped: the API server refuses: 401: Unauthorized\n"
        assert len(simulated.cluster.requests) == 10


def test_a_server_that_is_away_for_a_minute(tmp_path: Path) -> None:
    """Calls go on meanwhile, and what they came to is kept afterwards."""
    tasks = {
        "a": run(),
        "b": call(step("POST stock /1", timeout=120.0), needs="a"),
        "c": call(step("POST stock /2", timeout=120.0), needs="b"),
        "d": run(needs="c"),
    }
    row = Row("away", "M32", "run succeeded\na succeeded\nb succeeded\nc succeeded\nd succeeded", tasks)
    with simulation(row, tmp_path, 30) as simulated:
        away = {"until": 0.0}
        asked_while_away = []

        def fault(method: str, path: str) -> object:
            return "reset" if simulated.clock.now() < away["until"] else None

        def leave(task: str) -> None:
            if task == "b":
                away["until"] = simulated.clock.now() + 60
            elif task == "c":
                asked_while_away.append(simulated.clock.now() < away["until"])

        simulated.cluster.fault = fault
        simulated.requests.when_asked = leave
        assert simulated.run() == 0
        assert asked_while_away == [True]
        assert simulated.story() == told(row.expect)
        assert {len(jobs) for jobs in simulated.cluster.manifests.values()} == {1}
        assert len(simulated.requests.seen) == 2
