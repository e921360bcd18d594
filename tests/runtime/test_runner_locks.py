"""Mutexes between runs: who has one, who gets it next, and what becomes of one whose holder is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.locks import lease_name
from tests.runtime.simulated_cluster import RUN, Cluster
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, run

Json = Any

ROW = Row("one", "M17", "", {"a": run(mutex="till")}, other_runs=("other",))
LEASE = lease_name("r", "till")


@pytest.fixture
def simulated(tmp_path: Path) -> Any:
    with simulation(ROW, tmp_path, 100) as made:
        yield made


def hold(cluster: Cluster, path: str = "pay") -> None:
    """The other run holds the mutex."""
    cluster.patch("jobs", "other", {"metadata": {"labels": {"flowhelm.dev/run": "other"}}})
    metadata = {
        "name": LEASE,
        "uid": "uid-lease",
        "labels": {"flowhelm.dev/run": "other"},
        "annotations": {"flowhelm.dev/path": path},
    }
    cluster.put("leases", {"metadata": metadata, "spec": {"holderIdentity": f"uid-other/{path}"}})


def task_job(cluster: Cluster, path: str) -> None:
    """A pod of the other run still works."""
    metadata = {
        "name": "other-pay-1",
        "uid": "uid-job",
        "labels": {"flowhelm.dev/run": "other", "flowhelm.dev/task": "x"},
        "annotations": {"flowhelm.dev/path": path},
        "ownerReferences": [{"uid": "uid-other"}],
    }
    cluster.put("jobs", {"metadata": metadata, "spec": {}})


def end(cluster: Cluster, job: str) -> None:
    cluster.patch("jobs", job, {"status": {"conditions": [{"type": "Failed", "status": "True"}]}})


def waits(simulated: Simulation) -> threading.Thread:
    """The run has begun and waits for the mutex."""
    thread = threading.Thread(target=simulated.run, daemon=True)
    thread.start()
    until(lambda: kept(simulated) == ("locking", "waits for the mutex till"))
    time.sleep(0.2)
    assert simulated.cluster.story == []
    return thread


def kept(simulated: Simulation) -> tuple[str, str]:
    try:
        return simulated.story()["a"]
    except KeyError:
        return "", ""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def test_another_run_has_it_until_it_ends(simulated: Simulation) -> None:
    hold(simulated.cluster)
    thread = waits(simulated)
    end(simulated.cluster, "other")
    thread.join(10)
    assert simulated.story()["a"] == ("succeeded", "")
    assert simulated.cluster.listed("leases", "") == []


def test_another_run_gives_it_back(simulated: Simulation) -> None:
    hold(simulated.cluster)
    thread = waits(simulated)
    simulated.cluster.delete("leases", LEASE)
    thread.join(10)
    assert simulated.story()["a"] == ("succeeded", "")


@pytest.mark.parametrize("path", ["pay", "pay/charge"])
def test_a_pod_of_a_run_that_has_ended_still_has_it(simulated: Simulation, path: str) -> None:
    hold(simulated.cluster)
    task_job(simulated.cluster, path)
    end(simulated.cluster, "other")
    thread = waits(simulated)
    end(simulated.cluster, "other-pay-1")
    thread.join(10)
    assert simulated.story()["a"] == ("succeeded", "")


@pytest.mark.parametrize("path", ["", "payroll"])
def test_what_a_run_that_is_gone_had_is_free(simulated: Simulation, path: str) -> None:
    hold(simulated.cluster)
    if path:
        task_job(simulated.cluster, path)
    simulated.cluster.delete("jobs", "other")
    assert simulated.run() == 0
    assert simulated.cluster.listed("leases", "") == []


def test_whoever_waits_can_be_cancelled(simulated: Simulation) -> None:
    hold(simulated.cluster)
    thread = waits(simulated)
    simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": {"flowhelm.dev/cancel": "true"}}})
    thread.join(10)
    assert simulated.story()["a"] == ("cancelled", "cancelled")
    assert simulated.cluster.get("leases", LEASE)["spec"]["holderIdentity"] == "uid-other/pay"


def test_a_run_without_the_right_to_leases_says_so(simulated: Simulation) -> None:
    simulated.cluster.fault = lambda method, path: (403, "leases is forbidden") if "/leases" in path else None
    assert simulated.run() == 10
    assert simulated.story()["a"] == ("failed", "its mutex: leases is forbidden")


def test_the_lease_says_whose_it_is(simulated: Simulation) -> None:
    leases: list[Json] = []
    simulated.cluster.when_running = lambda task: leases.extend(simulated.cluster.listed("leases", ""))
    assert simulated.run() == 0
    (lease,) = leases
    assert lease["spec"]["holderIdentity"] == "the-uid/a"
    assert lease["metadata"]["annotations"] == {"flowhelm.dev/mutex": "till", "flowhelm.dev/path": "a"}
    assert lease["metadata"]["ownerReferences"][0]["name"] == RUN
