"""Bad days of tasks' pods, each in one sentence. Statuses and Events are as Kubernetes 1.35 wrote them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.troubles import Trouble, failure_of, told_by, trouble
from tests.runtime.simulated_cluster import Cluster
from tests.runtime.simulated_run import simulation
from tests.runtime.workflow_rows import Row, run

Json = Any
LIMITED = {"containers": [{"name": "task", "resources": {"limits": {"memory": "32Mi"}}}]}


def failed(exit_code: int, reason: str, message: str = "", spec: Json = None, **status: str) -> Json:
    """A pod whose container has ended so."""
    terminated = {"exitCode": exit_code, "reason": reason, "message": message}
    statuses = [{"name": "task", "state": {"terminated": terminated}}]
    return {
        "metadata": {},
        "spec": spec or {},
        "status": {"phase": "Failed", "containerStatuses": statuses, **status},
    }


RUNC = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
DISK = "Pod ephemeral local storage usage exceeds the total limit of containers 20Mi. "


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        (failed(137, "OOMKilled", spec=LIMITED), "out of memory: its limit is 32Mi"),
        (
            failed(128, "StartError", f'{RUNC}exec: "/no": stat /no: no such file: unknown'),
            'its program cannot be started: exec: "/no": stat /no: no such file',
        ),
        (failed(127, "Error"), "exit code 127 (a command is not found)"),
        (failed(126, "Error"), "exit code 126 (what it calls is not executable)"),
        (failed(139, "Error"), "exit code 139 (SIGSEGV)"),
        (failed(255, "Error"), "exit code 255"),
        ({"metadata": {}, "status": {"reason": "Evicted", "message": DISK}}, f"evicted: {DISK.rstrip('. ')}"),
        ({"metadata": {}, "status": {"reason": "Terminated", "message": "The node is shut down."}}, "evicted"),
    ],
)
def test_why_a_pod_has_failed(pod: Json, reason: str) -> None:
    assert failure_of(pod) == reason


def event(reason: str, message: str, time: str = "2026-11-28T08:35:00Z", kind: str = "Warning") -> Json:
    return {"metadata": {}, "type": kind, "reason": reason, "message": message, "lastTimestamp": time}


FORBIDDEN = 'Error creating: pods "b1-a-" is forbidden: '
QUOTA = "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
SECRET = 'secret "db" not found'


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([], None),
        ([event("FailedCreate", FORBIDDEN + QUOTA)], Trouble(f"its pod is refused: {QUOTA}", passes=True)),
        (
            [event("FailedCreate", f"{FORBIDDEN}no PriorityClass with name high was found")],
            Trouble("its pod is refused: no PriorityClass with name high was found"),
        ),
        (
            [event("FailedMount", f'MountVolume.SetUp failed for volume "db" : {SECRET}')],
            Trouble(f"a volume cannot be mounted: {SECRET}"),
        ),
        (
            [
                event("FailedMount", "x", "2026-11-28T08:35:00Z"),
                event("Pulling", "Pulling image", "2026-11-28T08:35:09Z", "Normal"),
            ],
            None,
        ),
    ],
)
def test_what_events_tell(events: list[Json], found: Trouble | None) -> None:
    assert told_by(events) == found


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            "0/1 nodes are available: 1 Insufficient memory. no new claims to deallocate, preemption: 0/1 nodes …",
            Trouble("no node takes it: 0/1 nodes are available: 1 Insufficient memory", passes=True),
        ),
        (
            'persistentvolumeclaim "data" not found. not found',
            Trouble('no node takes it: persistentvolumeclaim "data" not found'),
        ),
    ],
)
def test_a_pod_that_no_node_takes(message: str, found: Trouble) -> None:
    assert trouble(unscheduled(message)) == found


def unscheduled(message: str) -> Json:
    state = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return {"metadata": {}, "status": {"phase": "Pending", "conditions": [state]}}


# --- in a run -------------------------------------------------------------------------------------------------------


Happens = Callable[[Cluster, Json], None]


def instead(cluster: Cluster, happens: Happens) -> None:
    """When the cluster would have a pod run, this happens in its place."""
    put = cluster.put

    def put_or_not(kind: str, item: Json, change: str = "") -> Json:
        if kind == "pods" and item["status"]["phase"] == "Running":
            return happens(cluster, item)
        return put(kind, item, change)

    cluster.put = put_or_not  # type: ignore[method-assign]  # this one only


def tell(cluster: Cluster, name: str, told: Json) -> None:
    """An Event about an object."""
    cluster.put("events", {**told, "metadata": {"name": f"{name}.1"}, "involvedObject": {"name": name}})


def no_pod(message: str) -> Happens:
    """The Job's pod is refused."""
    told = event("FailedCreate", FORBIDDEN + message)
    return lambda cluster, pod: tell(cluster, pod["metadata"]["name"].removesuffix("-x"), told)


def no_mount(message: str) -> Happens:
    """A node has taken the pod, and cannot make one of its volumes."""
    told = event("FailedMount", f'MountVolume.SetUp failed for volume "v" : {message}')

    def happens(cluster: Cluster, pod: Json) -> None:
        waiting = {"name": "task", "image": "x:1", "state": {"waiting": {"reason": "ContainerCreating"}}}
        cluster.put("pods", {**pod, "status": {"phase": "Pending", "containerStatuses": [waiting]}})
        tell(cluster, pod["metadata"]["name"], told)

    return happens


def no_node(message: str) -> Happens:
    """No node takes the pod."""
    return lambda cluster, pod: cluster.put("pods", {**pod, "status": unscheduled(message)["status"]})


@pytest.mark.parametrize(
    ("happens", "why", "is_waited_for"),
    [
        (no_pod("no account"), "its pod is refused: no account", False),
        (no_pod(QUOTA), f"its pod is refused: {QUOTA}", True),
        (no_mount(SECRET), f"a volume cannot be mounted: {SECRET}", False),
        (no_node("0/1 nodes"), "no node takes it: 0/1 nodes", True),
    ],
)
def test_a_pod_that_does_not_start(
    happens: Happens, why: str, is_waited_for: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so while it waits; what others may make room for is waited for, the rest for five minutes."""
    with simulation(Row("bad day", "M31", "", {"a": run("hang", timeout=700)}), tmp_path, 300) as simulated:
        instead(simulated.cluster, happens)
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("failed", f"timeout: {why}" if is_waited_for else why)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["task"], line["reason"]) for line in lines if line["event"] == "TaskWaits"] == [("a", why)]


def test_a_pod_that_starts_after_all(tmp_path: Path) -> None:
    """What kept it is forgotten: a time-out later on is just that."""
    with simulation(Row("late", "M31", "", {"a": run("hang", timeout=400)}), tmp_path, 100) as simulated:
        cluster = simulated.cluster
        instead(cluster, no_mount(SECRET))

        def start_later(method: str, path: str) -> None:
            if method == "POST" and "/events" in path and any(kind == "pods" for kind, _ in cluster.objects):
                (pod,) = cluster.listed("pods", "")
                started = {"name": "task", "state": {"running": {}}}
                cluster.put("pods", {**pod, "status": {"phase": "Pending", "containerStatuses": [started]}})

        cluster.after = start_later
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("failed", "timeout")


def test_a_runner_that_may_not_read_events(tmp_path: Path) -> None:
    row = Row("old rights", "M31", "", {"a": run("hang", timeout=60)})
    with simulation(row, tmp_path, 100) as simulated:
        simulated.cluster.fault = lambda method, path: (403, "no") if method == "GET" and "/events" in path else None
        instead(simulated.cluster, no_pod("no account"))
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("failed", "timeout")
