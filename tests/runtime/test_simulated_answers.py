"""The simulated API server answers in the form in which a real one was recorded to."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.kube import MERGE
from tests.runtime import recorded
from tests.runtime.simulated_cluster import BOOKMARKS
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.test_runner_resumes import ROW
from tests.runtime.workflow_rows import Row, run

Json = Any
BATCH = "/apis/batch/v1/namespaces/ns"
JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "new"}, "spec": {}}
LEASE = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "lock"}, "spec": {}}
LEASES = "/apis/coordination.k8s.io/v1/namespaces/ns/leases"
VERSION_1 = {"metadata": {"resourceVersion": "1"}}
NOW_AND_THEN = {"continue", "remainingItemCount", "annotations", "labels", "ownerReferences", "status", "generation"}
"""Keys that an answer of the server has or lacks, as the case may be."""


def ask(simulated: Simulation, method: str, path: str, body: Json = None) -> Json:
    """The answer, as the recordings have it."""
    connection = http.client.HTTPConnection("127.0.0.1", simulated.port, timeout=10)
    connection.request(method, path, json.dumps(body), {"Content-Type": MERGE} if method == "PATCH" else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    kind = answer.headers["Content-Type"]
    return {
        "status": answer.status,
        "headers": {"Content-Type": kind},
        "body": json.loads(text) if kind == "application/json" else text,
    }


def form(value: Json) -> Json:
    """Names of keys, and kinds of values."""
    if isinstance(value, dict):
        return {key: form(each) for key, each in value.items()}
    return type(value).__name__


def a_modified(simulated: Simulation) -> Json:
    return ask(simulated, "PATCH", f"{BATCH}/jobs/the-run", VERSION_1)


def a_precondition(simulated: Simulation) -> Json:
    made = ask(simulated, "POST", LEASES, LEASE)["body"]["metadata"]
    return ask(
        simulated,
        "DELETE",
        f"{LEASES}/lock",
        {"preconditions": {"uid": made["uid"], "resourceVersion": "1"}},
    )


def a_deletion(simulated: Simulation) -> Json:
    made = ask(simulated, "POST", LEASES, LEASE)["body"]["metadata"]
    return ask(simulated, "DELETE", f"{LEASES}/lock", {"preconditions": {"uid": made["uid"]}})


def a_quota(simulated: Simulation) -> Json:
    annotations = {"flowhelm.dev/path": "refused", "flowhelm.dev/try": "1"}
    return ask(simulated, "POST", f"{BATCH}/jobs", {**JOB, "metadata": {"name": "new", "annotations": annotations}})


ASKED: dict[str, Callable[[Simulation], Json]] = {
    "404": lambda simulated: ask(simulated, "GET", f"{BATCH}/jobs/missing"),
    "409 exists": lambda simulated: (
        ask(simulated, "POST", f"{BATCH}/jobs", JOB) and ask(simulated, "POST", f"{BATCH}/jobs", JOB)
    ),
    "409 modified": a_modified,
    "409 precondition": a_precondition,
    "403 quota": a_quota,
    "200 deleted": a_deletion,
}


@pytest.mark.parametrize("name", ASKED)
def test_refusals(name: str, tmp_path: Path) -> None:
    row = Row("one", "C15", "", {"refused": run("refused")})
    with simulation(row, tmp_path) as simulated:
        found, real = ASKED[name](simulated), recorded.answer(name)
    assert (found["status"], found["headers"]) == (real["status"], real["headers"])
    assert form(found["body"]) == form(real["body"])
    for key in ("reason", "code", "status"):
        assert found["body"].get(key) == real["body"].get(key)


def test_words_name_the_object_that_was_asked_for(tmp_path: Path) -> None:
    with simulation(ROW, tmp_path) as simulated:
        assert ask(simulated, "GET", f"{BATCH}/jobs/missing")["body"]["message"] == 'jobs.batch "missing" not found'
        assert ask(simulated, "GET", f"{LEASES}/l")["body"]["message"] == 'leases.coordination.k8s.io "l" not found'
        assert ask(simulated, "GET", "/api/v1/namespaces/ns/pods/p")["body"]["message"] == 'pods "p" not found'


def test_objects_lists_and_watches(tmp_path: Path) -> None:
    """What the runner reads of them: the keys of metadata, of a list, and of each change."""
    row = Row("one", "C15", "", {"a": run(), "b": run("exit 1", needs="a")})
    with simulation(row, tmp_path) as simulated:
        assert simulated.run() == 10
        created = simulated.cluster.manifests["a"][0]
        real = recorded.answer("POST jobs all 201")["body"]
        assert set(created["metadata"]) == set(real["metadata"])
        found = ask(simulated, "GET", f"{BATCH}/jobs?labelSelector=flowhelm.dev%2Frun&limit=1")["body"]
        real = recorded.answer("list with continue")["body"]
        assert set(found) == set(real)
        assert set(found["metadata"]) | NOW_AND_THEN == set(real["metadata"]) | NOW_AND_THEN
        assert (found["kind"], found["apiVersion"]) == (real["kind"], real["apiVersion"])
        for number in range(BOOKMARKS):  # changes of something else
            simulated.cluster.put("configmaps", {"metadata": {"name": f"other-{number}"}})
        changes = {
            change["type"]: change for change in simulated.cluster.follow("jobs", "", 0, float("inf"), once=True)
        }
    assert set(changes) == {"ADDED", "MODIFIED", "BOOKMARK"}
    for kind, change in changes.items():
        real = recorded.answer(f"watch jobs {kind}")["events"][0]
        assert set(change) == set(real)
        assert set(real["object"]["metadata"]) - set(change["object"]["metadata"]) <= NOW_AND_THEN


def test_a_watch_from_a_version_that_is_gone(tmp_path: Path) -> None:
    with simulation(ROW, tmp_path) as simulated:
        simulated.cluster.forget_history()
        found = list(simulated.cluster.follow("jobs", "", 1, float("inf")))
    assert found == recorded.answer("watch too old")["events"]


def test_no_token_is_kept() -> None:
    text = recorded.EXCHANGES.read_text("utf-8")
    assert "Bearer" not in text
    assert "Authorization" not in text
