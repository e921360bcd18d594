"""Jobs of tasks on an API server that creates them late, and after a restart."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.journal import JOURNAL
from generator.runtime.kube import Api
from generator.runtime.names import job_name
from tests.runtime.simulated_cluster import RUN, RUN_UID
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, name, retry, run, text

Answer = tuple[int, str]


def refusing_jobs(simulated: Simulation, seconds: float) -> Callable[[str, str], Answer | None]:
    """An API server that cannot create Jobs for so many seconds of the run."""
    until = simulated.clock.now() + seconds

    def fault(method: str, path: str) -> Answer | None:
        creates = method == "POST" and path.endswith("/jobs")
        return (500, "failed calling webhook") if creates and simulated.clock.now() < until else None

    return fault


def test_a_job_that_is_created_late_has_its_whole_time(tmp_path: Path) -> None:
    row = Row("late", "C21 M11", "", {"a": run("hang", timeout=30), "h": run(needs={"a": "failed"})})
    reasons: list[str] = []
    with simulation(row, tmp_path, 50) as simulated:

        def after(method: str, path: str) -> None:
            if (
                method == "PATCH"
                and path.endswith(RUN)
                and simulated.cluster.get("jobs", RUN)["metadata"]["annotations"].get(JOURNAL)
            ):
                reasons.append(simulated.journal()["tasks"]["a"].get("reason", ""))

        simulated.cluster.fault, simulated.cluster.after = refusing_jobs(simulated, 110), after
        assert simulated.run() == 0
        assert simulated.story()["a"] == ("failed", "timeout")
        happened = [(what, task) for _, what, task, _ in simulated.cluster.story]
        (begun, *_), (ended, *_) = simulated.cluster.story[:2]
    assert happened == [("start", "a"), ("end", "a"), ("start", "h"), ("end", "h")]
    assert ended - begun >= 30
    told = [reason for reason, _ in groupby(reasons)]
    assert told == ["", "its Job cannot be created: failed calling webhook", "", "timeout"], "people see why it waits"


def test_a_cancelled_run_ends_though_its_job_cannot_be_created(tmp_path: Path) -> None:
    row = Row("never", "C13 C21", "", {"a": run(timeout=30)})
    with simulation(row, tmp_path, 100) as simulated:
        simulated.cluster.fault = refusing_jobs(simulated, 1e6)
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": {"flowhelm.dev/cancel": "true"}}})
        assert simulated.run() == 10
        assert simulated.story()["a"][0] == "cancelled"


def test_a_job_that_comes_after_it_was_given_up_is_ended(tmp_path: Path) -> None:
    row = Row("too late", "C13 C21", "", {"a": run("hang", timeout=30)}, {"z": run("hang", timeout=60)})
    with simulation(row, tmp_path, 50) as simulated:
        cluster, create = simulated.cluster, simulated.cluster.create
        held: list[Any] = []

        def create_late(kind: str, item: Any) -> Any:
            if kind != "jobs" or item["metadata"]["labels"]["flowhelm.dev/task"] != "a":
                return create(kind, item)
            held.append(item)
            if len(held) == 1:
                cluster.patch("jobs", RUN, {"metadata": {"annotations": {"flowhelm.dev/cancel": "true"}}})
            raise ConnectionError("no answer in time")

        def when_running(task: str) -> None:
            if task == "z":
                held[0]["spec"]["activeDeadlineSeconds"] = 1000
                create("jobs", held[0])

        cluster.create, cluster.when_running = create_late, when_running  # type: ignore[method-assign]  # this one only
        assert simulated.run() == 10
        happened = [(what, task) for _, what, task, _ in cluster.story]
    assert happened == [("start", "z"), ("start", "a"), ("end", "a"), ("end", "z")]


def test_outputs_of_an_earlier_try_do_not_come_back(tmp_path: Path) -> None:
    failing = run('exit 1 {"at": 1}', "exit 1", retry=retry(2, 1), outputs={"at": {"type": "integer", "default": 0}})
    reading = run(needs={"w": "succeeded", "a": "failed"}, args=[text(name("tasks.a.outputs.at"))])
    row = Row("outputs", "M08 M10", "", {"a": failing, "w": run(needs={"a": "failed"}), "b": reading})
    with simulation(row, tmp_path, 50) as simulated:
        runner = simulated.runner()
        simulated.cluster.when_running = lambda task: runner.stop() if task == "w" else None
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda task: None
        assert simulated.run() == 0
        container = simulated.cluster.manifests["b"][0]["spec"]["template"]["spec"]["containers"][0]
        assert container["args"] == ["0"]


@pytest.mark.parametrize(("task", "number"), [("b", "1"), ("a", "2")])
def test_another_job_with_the_name_of_a_try(task: str, number: str, tmp_path: Path) -> None:
    with simulation(Row("same name", "C21", "", {"a": run()}, plan={"timeout": 200.0}), tmp_path) as simulated:
        taken = job_name(RUN, RUN_UID, "a", "1")
        metadata = {
            "name": taken,
            "labels": {"flowhelm.dev/run": RUN, "flowhelm.dev/task": task},
            "annotations": {"flowhelm.dev/try": number},
            "ownerReferences": [{"uid": RUN_UID}],
        }
        simulated.cluster.put("jobs", {"metadata": metadata, "spec": {}})
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("failed", f"another Job is named {taken}")


def test_a_server_may_not_ask_for_a_pause_of_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with simulation(Row("slow down", "C21", "", {}), tmp_path) as simulated:
        answers = [(429, "slow down", {"Retry-After": "100000"}), (503, "wait", {"Retry-After": "7"})]
        simulated.cluster.fault = lambda method, path: answers.pop(0) if answers else None
        pauses: list[float] = []
        monkeypatch.setattr(simulated.clock, "sleep", pauses.append)
        api = Api(lambda seconds: http.client.HTTPConnection("127.0.0.1", simulated.port), "ns", simulated.clock)
        assert api.get("jobs", RUN)["metadata"]["name"] == RUN
        api.close()
    assert pauses == [60.0, 7.0]
