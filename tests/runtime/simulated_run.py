"""Runs a row of the conformance table on the simulated cluster, with the real runner in a thread or a process."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator.runtime.kube import Api
from generator.runtime.opening import Identity
from generator.runtime.runner import Runner, carry_out
from tests.conformance.outcome import flat
from tests.runtime.fake_services import Requests
from tests.runtime.fake_services import serving as serving_services
from tests.runtime.simulated_cluster import RUN, RUN_UID, WORKFLOW, Cluster, FastClock
from tests.runtime.simulated_cluster import serving as serving_cluster
from tests.runtime.workflow_rows import Row, Task

Json = Any


class Simulation:
    """One row on its cluster, ready to be run once or several times (as after a crash)."""

    def __init__(
        self, row: Row, clock: FastClock, port: int, cluster: Cluster, requests: Requests, folder: Path
    ) -> None:
        self.row, self.clock, self.port, self.cluster, self.requests = row, clock, port, cluster, requests
        self.folder = folder
        self.name, self.uid = RUN, RUN_UID
        self.last_words = folder / "termination-log"
        self.pods = 0

    def runner(self) -> Runner:
        """A runner in a new pod."""
        self.pods += 1
        api = Api(self._connect, "ns", self.clock)
        return Runner(api, self.clock, Identity(self.name, self.uid, f"pod-{self.pods}"), self.folder)

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=max(0.5, self.clock.real(seconds)))

    def run(self, runner: Runner | None = None) -> int:
        """One runner from beginning to end; gives its exit code."""
        return carry_out(runner or self.runner(), self.last_words)

    def end_job(self, state: str = "Failed") -> None:
        """The run's Job ends, as its controller notices."""
        self.cluster.patch("jobs", self.name, {"status": {"conditions": [{"type": state, "status": "True"}]}})

    def retry(self, name: str = "again") -> None:
        """A Job that retries the present run, which has ended; it is the present run from now on."""
        annotations = {"flowhelm.dev/retry-of": self.name}
        self.name, self.uid = name, f"uid-{name}"
        self.cluster.put("jobs", _run_job(name, self.uid, f"2026-01-02T03:00:1{self.pods}Z", annotations))

    def port_of(self, service: str) -> int:
        """The port of a service."""
        bindings = json.loads((self.folder / "bindings.json").read_text("utf-8"))
        return int(bindings["services"][service]["ports"]["http"])

    def journal(self) -> Json:
        """The run's progress, as a command that shows it reads it."""
        packed = self.cluster.get("jobs", self.name)["metadata"]["annotations"]["flowhelm.dev/journal"]
        return json.loads(gzip.decompress(base64.b64decode(packed)))

    def story(self) -> dict[str, tuple[str, str]]:
        """What came of the run and of each task."""
        journal = self.journal()
        tasks = {path: (task["status"], task.get("reason", "")) for path, task in flat(journal["tasks"]).items()}
        return {"run": (journal["status"], journal["reason"]), **tasks}

    def kept(self, path: str) -> Json:
        """What the journal has of one task or item."""
        return flat(self.journal()["tasks"])[path]


@contextmanager
def simulation(row: Row, folder: Path, speed: float = 100.0, plan: Json = None) -> Iterator[Simulation]:
    """A cluster that holds the row's release and the run's Job. `plan` is what the compiler has made of the row."""
    clock = FastClock(speed)
    tasks = row.all_tasks()
    scripts = {name: task.script for name, task in tasks.items()}
    items = {f"{name}[{index}]": script for name, task in tasks.items() for index, script in task.items.items()}
    cluster = Cluster(clock, {**scripts, **items, **row.scripts})
    cluster.expected_pods = row.most_pods
    requests = Requests(tasks)
    services = sorted({_service(step.request) for task in tasks.values() for step in task.steps})
    with serving_services(services, requests) as bound, serving_cluster(cluster) as port:
        bindings: Json = {
            "release": "r",
            "workflow": f"r-{WORKFLOW}",
            "services": bound,
            "tasks": _bound({**row.tasks, **row.on_exit}),
        }
        bindings |= {key: bound for key, bound in row.bindings.items() if key != "tasks"}
        bindings["tasks"] = {**bindings["tasks"], **row.bindings.get("tasks", {})}
        (folder / "plan.json").write_text(json.dumps({**(plan or _plan(row)), "workflow": WORKFLOW}), "utf-8")
        (folder / "bindings.json").write_text(json.dumps(bindings), "utf-8")
        _fill(cluster, row)
        cancelled = threading.Event()

        def cancel(task: str) -> None:
            if task == row.cancel_when and not cancelled.is_set():
                cancelled.set()
                cluster.patch("jobs", RUN, {"metadata": {"annotations": {"flowhelm.dev/cancel": "true"}}})

        cluster.when_running = requests.when_asked = cancel
        try:
            yield Simulation(row, clock, port, cluster, requests, folder)
        finally:
            clock.stopped = True


def _service(request: str) -> str:
    return request.split(" ")[1]


def _plan(row: Row) -> Json:
    return {
        "format": 2,
        "workflow": WORKFLOW,
        "timeout": 86400.0,
        "parallelism": 20,
        "concurrency": "allow",
        "inputs": {},
        "triggers": {},
        "outputs": {},
        **row.plan,
        "tasks": _tasks(row.tasks),
        "on_exit": _tasks(row.on_exit),
    }


def _bound(tasks: dict[str, Task], prefix: str = "r-w-") -> Json:
    """The CronJobs of tasks that have pods, nested as the workflows are."""
    bound: Json = {}
    for name, task in tasks.items():
        own = {"cronjob": prefix + name} if task.in_pod else {}
        bound[name] = {**own, "tasks": _bound({**task.tasks, **task.on_exit}, f"{prefix}{name}-")}
    return bound


def _tasks(tasks: dict[str, Task]) -> Json:
    return {name: _task(task) for name, task in tasks.items()}


def _task(task: Task) -> Json:
    if task.plan["kind"] == "workflow":
        called = task.plan["workflow"]
        plan = {**called["plan"], "tasks": _tasks(task.tasks), "on_exit": _tasks(task.on_exit)}
        return {**task.plan, "workflow": {**called, "plan": plan}}
    if task.plan["kind"] != "call":
        return task.plan
    steps = []
    for step in task.steps:
        method, service, *path = step.request.split(" ", 2)
        steps.append({"method": method, "service": service, **({"path": path[0]} if path else {}), **step.extra})
    return {**task.plan, "call": {**task.plan["call"], "steps": steps}}


def _fill(cluster: Cluster, row: Row) -> None:
    for path, task in row.all_tasks().items():
        if task.in_pod:
            name = path.replace("/", "-")
            container = {"name": "task", "image": f"demo/{name}:1", "env": [{"name": "KEEP", "value": "kept"}]}
            template = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}
            cluster.put("cronjobs", {"metadata": {"name": f"r-w-{name}"}, "spec": {"jobTemplate": template}})
    by_schedule = {"batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-02T03:00:00Z"}
    annotations = {
        "manual": {"cronjob.kubernetes.io/instantiate": "manual"},
        "schedule": by_schedule,
        "schedule-2": {**by_schedule, "flowhelm.dev/trigger": "schedule-2"},
        "schedule-2 by hand": {
            "cronjob.kubernetes.io/instantiate": "manual",
            "flowhelm.dev/trigger": "schedule-2",
        },
        "install": {"flowhelm.dev/trigger": "install"},
    }[row.trigger]
    if row.inputs is not None:
        annotations["flowhelm.dev/inputs"] = json.dumps(row.inputs)
    annotations.update({f"flowhelm.dev/approve.{task}": answer for task, answer in row.answers.items()})
    for other in row.other_runs:
        job = _run_job(other, f"uid-{other}", "2026-01-02T03:00:00Z", {})
        if other == "elsewhere":
            job["metadata"]["labels"]["app.kubernetes.io/instance"] = "another-release"
        if other == "ended":
            job["status"] = {"conditions": [{"type": "Complete", "status": "True"}]}
        cluster.put("jobs", job)
        threading.Thread(target=_end_when_cancelled, args=(cluster, other), daemon=True).start()
    cluster.put("jobs", _run_job(RUN, RUN_UID, "2026-01-02T03:00:01Z", annotations))


def _run_job(name: str, uid: str, created: str, annotations: dict[str, str]) -> Json:
    return {
        "metadata": {
            "name": name,
            "uid": uid,
            "creationTimestamp": created,
            "annotations": annotations,
            "labels": {"flowhelm.dev/workflow": WORKFLOW, "app.kubernetes.io/instance": "r"},
            "ownerReferences": [{"kind": "CronJob", "name": f"r-{WORKFLOW}", "uid": "uid-cronjob"}],
        },
        "spec": {},
    }


def _end_when_cancelled(cluster: Cluster, name: str) -> None:
    while not cluster.closed and ("jobs", name) in cluster.objects:
        with cluster.changed:
            cluster.changed.wait(0.05)
            if ("jobs", name) not in cluster.objects:
                return
            if "flowhelm.dev/cancel" in cluster.get("jobs", name)["metadata"]["annotations"]:
                cluster.story.append((cluster.clock.now(), "end", name, 1))
                cluster.patch("jobs", name, {"status": {"conditions": [{"type": "Failed", "status": "True"}]}})
                return
