"""What the end-to-end tests do with a cluster: run kubectl, keep a namespace, install a release, read what happened."""

import json
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.runtime.log_lines import checked

PATIENCE = 180.0
_T = TypeVar("_T")


class CommandFailed(AssertionError):
    """A command that should have worked; shows all it said."""

    def __init__(self, command: list[str], result: subprocess.CompletedProcess[str]) -> None:
        super().__init__(f"{' '.join(command)}\nexit {result.returncode}\n{result.stdout}\n{result.stderr}")
        self.stderr = result.stderr


def execute(*command: str | Path, stdin: str | None = None, timeout: float = 300) -> str:
    """Run a command and return its output; raises CommandFailed."""
    words = [str(word) for word in command]
    result = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    if result.returncode:
        raise CommandFailed(words, result)
    return result.stdout


def wait_for(what: str, look: Callable[[], _T | None], patience: float = PATIENCE) -> _T:
    """The first thing that `look` finds; fails when it finds nothing in time."""
    end = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"waited {patience:.0f} s in vain for {what}"
        time.sleep(0.3)


@dataclass
class Namespace:
    """One namespace of the cluster, in which Pod Security `restricted` is enforced."""

    name: str
    program: Path
    followed: list[str] = field(default_factory=list)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """The output of kubectl in this namespace."""
        return execute(self.program, "--namespace", self.name, *arguments, stdin=stdin)

    def get(self, kind: str, *arguments: str) -> Any:
        """An object, or the objects of a kind, as data."""
        found = json.loads(self.kubectl("get", kind, *arguments, "-o", "json"))
        return found["items"] if found["kind"] == "List" else found

    def apply(self, *objects: dict[str, Any]) -> None:
        """Create or change objects."""
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def evict(self, pod: str) -> None:
        """Ask for a pod's end as the drain of a node does."""
        metadata = {"name": pod, "namespace": self.name}
        path = f"/api/v1/namespaces/{self.name}/pods/{pod}/eviction"
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
        self.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))

    def ready_pods(self) -> list[dict[str, Any]]:
        """All pods that are to stay, once each of them is ready; an autoscaler may add one after `helm --wait`."""

        def all_ready() -> list[dict[str, Any]] | None:
            pods = [pod for pod in self.get("pods") if _owner(pod) in ("ReplicaSet", "StatefulSet", "DaemonSet")]
            staying = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
            return staying if all(_is_ready(pod) for pod in staying) else None

        return wait_for("all pods to be ready", all_ready)

    def logs(self, *pods: str) -> list[dict[str, Any]]:
        """The lines that are JSON objects of a pod's log, or of the logs of the pods that `-l SELECTOR` finds."""
        return _json_lines(self.kubectl("logs", *pods, "--tail=-1", "--max-log-requests=50", "--ignore-errors"))

    @contextmanager
    def following(self, selector: str) -> Iterator[None]:
        """Keep reading the logs of the selected pods until they end, so that pods that go leave theirs behind."""
        names = [pod["metadata"]["name"] for pod in self.get("pods", "-l", selector)]
        readers = [self._follow(name) for name in names]
        try:
            yield
        finally:
            for reader in readers:
                if reader.poll() is None:
                    reader.terminate()
                self.followed.append(reader.communicate()[0])

    def _follow(self, pod: str) -> "subprocess.Popen[str]":
        command = [str(self.program), "--namespace", self.name, "logs", "--follow", "--tail=-1", pod]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def followed_lines(self) -> list[dict[str, Any]]:
        """The JSON lines that `following` read."""
        return [line for text in self.followed for line in _json_lines(text)]

    def portrait(self) -> str:
        """What there is and what happened lately, for a person to read."""
        jobs = self.kubectl("get", "pods,jobs,cronjobs", "-o", "wide")
        logs = self.kubectl("logs", "-l", "flowhelm.dev/workflow", "--prefix", "--tail=40", "--ignore-errors")
        events = self.kubectl("get", "events", "--sort-by=.lastTimestamp").splitlines()[-30:]
        return "\n".join([f"--- namespace {self.name}", jobs, logs, *events, ""])

    def left_behind(self) -> list[str]:
        """What is in the namespace beyond what Kubernetes puts into each."""
        kinds = execute(self.program, "api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
        usual = {"configmap/kube-root-ca.crt", "serviceaccount/default"}
        passing = {"events", "events.events.k8s.io", "pods.metrics.k8s.io"}
        names = self.kubectl("get", ",".join(sorted(set(kinds) - passing)), "-o", "name", "--ignore-not-found")
        return [name for name in names.split() if name not in usual]


@dataclass
class Run:
    """One run of a workflow: a Job made from the workflow's CronJob."""

    namespace: Namespace
    name: str

    def job(self) -> dict[str, Any]:
        """The Job as it is now."""
        job: dict[str, Any] = self.namespace.get("job", self.name)
        return job

    def verdict(self, patience: float = PATIENCE) -> str:
        """Wait for the end: `Complete` or `Failed`."""

        def ended() -> str | None:
            conditions = self.job().get("status", {}).get("conditions", [])
            return next(
                (c["type"] for c in conditions if c["type"] in ("Complete", "Failed") and c["status"] == "True"), None
            )

        return wait_for(f"the end of run {self.name}", ended, patience)

    def pods(self) -> list[dict[str, Any]]:
        """Its runner's pods, oldest first."""
        pods = self.namespace.get("pods", "-l", f"batch.kubernetes.io/job-name={self.name}")
        return sorted(pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))

    def story(self) -> list[dict[str, Any]]:
        """What its runner's pods wrote, one record an event, each as its schema says."""
        return checked([line for pod in self.pods() for line in self._logs(pod["metadata"]["name"])])

    def _logs(self, pod: str) -> list[dict[str, Any]]:
        """What a pod wrote; nothing when it has gone meanwhile."""
        try:
            return self.namespace.logs(pod)
        except CommandFailed as problem:
            if "NotFound" not in problem.stderr:
                raise
            return []


@dataclass
class Release:
    """A chart, installed in a namespace under the chart's own name. All names of its objects are made here."""

    namespace: Namespace
    helm: Path
    chart: Path

    @property
    def name(self) -> str:
        """Of the release; because the chart is called the same, also the start of each object's name."""
        return self.chart.name

    def cron_job(self, workflow: str) -> str:
        """The CronJob of a workflow."""
        return f"{self.name}-{workflow}"

    def selector(self, component: str = "") -> str:
        """The labels of a component's pods, or of all."""
        return f"app.kubernetes.io/instance={self.name}" + (
            f",app.kubernetes.io/component={component}" if component else ""
        )

    def install(self, *arguments: str) -> None:
        """`helm install --wait`."""
        self._helm("install", self.name, str(self.chart), "--wait", "--timeout", "3m", *arguments)

    def upgrade(self, *arguments: str) -> None:
        """`helm upgrade --wait`."""
        self._helm("upgrade", self.name, str(self.chart), "--wait", "--timeout", "3m", *arguments)

    def rollback(self, revision: int) -> None:
        """`helm rollback --wait`."""
        self._helm("rollback", self.name, str(revision), "--wait", "--timeout", "3m")

    def test(self) -> str:
        """`helm test`: what it says."""
        return self._helm("test", self.name, "--timeout", "2m")

    def uninstall(self) -> None:
        """`helm uninstall --wait`."""
        self._helm("uninstall", self.name, "--wait", "--timeout", "2m")

    def _helm(self, command: str, *arguments: str) -> str:
        return execute(self.helm, command, *arguments, "--namespace", self.namespace.name)

    def runs(self, workflow: str) -> list[Run]:
        """The runs of a workflow, oldest first: its Jobs but for those of single tasks."""
        jobs = self.namespace.get("jobs", "-l", f"flowhelm.dev/workflow={workflow},!flowhelm.dev/task")
        owned = [job for job in jobs if _owner(job) == "CronJob"]
        owned.sort(key=lambda job: str(job["metadata"]["creationTimestamp"]))
        return [Run(self.namespace, job["metadata"]["name"]) for job in owned]

    def run(self, workflow: str, name: str, **inputs: object) -> Run:
        """Start a run by hand, as `kubectl create job --from` does, with inputs in the annotation."""
        source = f"--from=cronjob/{self.cron_job(workflow)}"
        if not inputs:
            self.namespace.kubectl("create", "job", name, source)
            return Run(self.namespace, name)
        job = json.loads(self.namespace.kubectl("create", "job", name, source, "--dry-run=client", "-o", "json"))
        job["metadata"].setdefault("annotations", {})["flowhelm.dev/inputs"] = json.dumps(inputs)
        self.namespace.kubectl("create", "-f", "-", stdin=json.dumps(job))
        return Run(self.namespace, name)


@contextmanager
def new_namespace(program: Path, purpose: str) -> Iterator[Namespace]:
    """A namespace with a name of its own, deleted at the end."""
    namespace = Namespace(f"e2e-{purpose}-{secrets.token_hex(3)}", program)
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "app.kubernetes.io/part-of": "flowhelm-e2e"}
    metadata = {"name": namespace.name, "labels": labels}
    execute(
        program, "create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    )
    try:
        yield namespace
    finally:
        execute(program, "delete", "namespace", namespace.name, "--wait=false")


def _owner(item: dict[str, Any]) -> str:
    return next((owner["kind"] for owner in item["metadata"].get("ownerReferences", ())), "")


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
