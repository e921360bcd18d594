"""Records what a real API server answers the runner, for the simulated one of tests/runtime to answer alike.

    KUBECONFIG=… .venv/bin/python -m tests.cluster.record_exchanges

writes tests/runtime/recorded/exchanges.json anew. A real runner carries out a run through a proxy that writes down what
passes; then the refusals are provoked one by one. For a moment there is a FlowSchema that rejects one ServiceAccount.
Tokens, addresses and managedFields are not kept. 500 and 503 cannot be provoked without breaking the server.
"""

import http.client
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from generator.emit.emitter import emit
from generator.runtime.kube import Api, ApiError, Clock
from generator.runtime.opening import Identity
from generator.runtime.runner import Runner, carry_out
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release, execute, new_namespace, wait_for
from tests.conftest import pinned_helm
from tests.runtime.recorded import EXCHANGES

Json = Any

SPEC = """
defaults: {resources: {cpu: 5m, memory: 16Mi}}
workflows:
  work:
    tasks:
      a: {run: {image: "busybox:1.37", command: [echo, hello]}, mutex: till}
      b: {needs: [a], run: {image: "busybox:1.37", command: ["false"]}}
"""
KEPT_HEADERS = ("Content-Type", "Retry-After")
ADDRESSES = ("nodeName", "hostIP", "hostIPs", "podIP", "podIPs", "containerID", "imageID")
CLIENTS_ALONE = ("Host", "Connection", "Accept-Encoding", "Content-Length")


@dataclass
class Recorder:
    """What has passed, oldest first; `host`, `port` and `trust` are the real server's."""

    host: str
    port: int
    trust: ssl.SSLContext
    passed: list[Json] = field(default_factory=list)

    def last(self) -> Json:
        """The newest exchange."""
        return self.passed[-1]


@contextmanager
def recording(recorder: Recorder) -> Iterator[int]:
    """The proxy; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words: Any) -> None:
            pass

        def do_GET(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
            real = http.client.HTTPSConnection(recorder.host, recorder.port, timeout=300, context=recorder.trust)
            headers = {key: value for key, value in self.headers.items() if key not in CLIENTS_ALONE}
            real.request(self.command, self.path, data, headers)
            answer = real.getresponse()
            kept = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
            exchange: Json = {
                "request": {"method": self.command, "path": self.path, "body": json.loads(data) if data else None},
                "answer": {"status": answer.status, "headers": kept},
            }
            recorder.passed.append(exchange)
            self.send_response(answer.status)
            for name, value in kept.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            if "watch=true" in self.path and answer.status == 200:
                self.end_headers()
                events = exchange["answer"]["events"] = []
                with suppress(OSError):
                    for line in answer:
                        events.append(json.loads(line))
                        self.wfile.write(line)
                return
            body = answer.read()
            exchange["answer"]["body"] = (
                json.loads(body) if kept.get("Content-Type") == "application/json" else body.decode()
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class Session:
    """A namespace with a release, and the runner's own access to the API server, by way of the recorder."""

    def __init__(self, namespace: Namespace, recorder: Recorder, port: int, folder: Path) -> None:
        self.namespace, self.recorder, self.port, self.folder = namespace, recorder, port, folder
        self.release = Release(namespace, pinned_helm("4.3.1"), write_files(emit(chart_of(SPEC)), folder / "shop"))
        self.release.install("--set", "monitoring.enabled=false")
        cronjob = namespace.get("cronjob", self.release.cron_job("work"))
        self.template = cronjob["spec"]["jobTemplate"]
        self.account = self.template["spec"]["template"]["spec"]["serviceAccountName"]
        self.token = folder / "token"
        self.token.write_text(namespace.kubectl("create", "token", self.account), "utf-8")
        self.found: dict[str, Json] = {}

    def api(self, token: Path | None = None) -> Api:
        """What a runner would use."""
        return Api(
            lambda seconds: http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds),
            self.namespace.name,
            Clock(),
            token or self.token,
        )

    def provoke(self, name: str, ask: Callable[[], Json]) -> None:
        """Keep the exchange in which the server refuses, or answers, what is asked."""
        before = len(self.recorder.passed)
        with suppress(ApiError):
            ask()
        self.found[name] = self.recorder.passed[before]

    def carry_out(self) -> None:
        """A whole run; of each kind of exchange the first is kept, of watches the first event of each kind."""
        plan = self.namespace.get("configmap", self.release.cron_job("work"))["data"]
        for name in ("plan.json", "bindings.json"):
            (self.folder / name).write_text(plan[name], "utf-8")
        job = {"apiVersion": "batch/v1", "kind": "Job", **self.template}
        job["metadata"] = {**job["metadata"], "name": "recorded"}
        job["spec"] = {**job["spec"], "suspend": True}  # the runner is here, and no pod is to be beside it
        self.namespace.apply(job)
        uid = self.namespace.get("job", "recorded")["metadata"]["uid"]
        runner = Runner(self.api(), Clock(), Identity("recorded", uid, "pod-1"), self.folder)
        assert carry_out(runner, self.folder / "last-words") == 10
        for exchange in list(self.recorder.passed):
            request, answer = exchange["request"], exchange["answer"]
            kind = urlsplit(request["path"]).path.partition(f"/namespaces/{self.namespace.name}/")[2].split("/")
            for event in answer.get("events", ()):
                self.found.setdefault(f"watch {kind[0]} {event['type']}", {"answer": {"events": [event]}})
            if "events" not in answer:
                what = "one" if len(kind) > 1 else "all"
                self.found.setdefault(f"{request['method']} {kind[0]} {what} {answer['status']}", exchange)


def main() -> None:
    """Record everything, and write it down."""
    program = next((Path.home() / ".cache/flowhelm/kubectl").glob("*/kubectl"))
    config = json.loads(execute(program, "config", "view", "--minify", "-o", "json"))
    address = urlsplit(config["clusters"][0]["cluster"]["server"])
    authority = Namespace("kube-public", program).get("configmap", "kube-root-ca.crt")["data"]["ca.crt"]
    recorder = Recorder(address.hostname or "", address.port or 443, ssl.create_default_context(cadata=authority))
    with (
        new_namespace(program, "chaos-recording") as namespace,
        tempfile.TemporaryDirectory() as folder,
        recording(recorder) as port,
    ):
        session = Session(namespace, recorder, port, Path(folder))
        session.carry_out()
        refusals(session)
        watches(session)
        reject(session)
        text = json.dumps({name: scrubbed(found) for name, found in sorted(session.found.items())}, indent=1)
        EXCHANGES.write_text(text.replace(namespace.name, "ns") + "\n", "utf-8")


def refusals(session: Session) -> None:
    """What one request is refused for."""
    api, provoke = session.api(), session.provoke
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "first", "labels": {"made": "by-hand"}},
        "spec": session.template["spec"] | {"suspend": True},
    }
    api.create("jobs", job)
    provoke("404", lambda: api.get("jobs", "missing"))
    provoke("409 exists", lambda: api.create("jobs", job))
    provoke("409 modified", lambda: api.patch("jobs", "first", {"metadata": {"resourceVersion": "1"}}))
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "first"}, "spec": {}}
    made = api.create("leases", lease)
    old = {**made, "metadata": {**made["metadata"], "resourceVersion": "1"}}
    provoke("409 precondition", lambda: api.delete("leases", old))
    provoke("200 deleted", lambda: api.delete("leases", made))
    provoke("403", lambda: api.get("secrets", "first"))
    provoke("422", lambda: api.patch("jobs", "first", {"spec": {"activeDeadlineSeconds": -1}}))
    page = f"{api.path('jobs')}?limit=1"
    provoke("list with continue", lambda: api.request("GET", page))
    provoke("504", lambda: api.request("GET", f"{api.path('jobs')}?timeout=1ns", attempts=1))
    unknown = session.folder / "unknown"
    unknown.write_text("unknown", "utf-8")
    provoke("401", lambda: session.api(unknown).request("GET", api.path("jobs"), attempts=1))
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}}
    session.namespace.apply({**quota, "spec": {"hard": {"count/jobs.batch": "0"}}})
    wait_for("the quota", lambda: session.namespace.get("resourcequota", "few").get("status", {}).get("hard"))
    second = {**job, "metadata": {"name": "second"}}
    provoke("403 quota", lambda: api.create("jobs", second, attempts=1))


def watches(session: Session) -> None:
    """How a watch begins too late, is deleted from under, and ends."""
    api = session.api()

    def follow(seconds: int, version: str) -> None:
        query = f"watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={version}"
        api.request("GET", f"{api.path('jobs')}?{query}", attempts=1)

    with suppress(ValueError, ApiError):
        follow(5, "1")
    session.found["watch too old"] = session.recorder.last()
    _, version = api.list("jobs", "made=by-hand")
    threading.Timer(1, lambda: session.namespace.kubectl("delete", "job", "first", "--wait=false")).start()
    with suppress(ValueError, ApiError):
        follow(8, version)
    events = session.recorder.last()["answer"]["events"]
    for kind in ("DELETED", "BOOKMARK"):
        (session.found[f"watch jobs {kind}"],) = [{"answer": {"events": [e]}} for e in events if e["type"] == kind][:1]


def reject(session: Session) -> None:
    """429: priority and fairness leaves this one account no seat to spare, for as long as it takes to see it."""
    name = f"{session.namespace.name}-none"
    group = {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "metadata": {"name": name}}
    limited = {"nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0}
    level = {"type": "Limited", "limited": {**limited, "limitResponse": {"type": "Reject"}}}
    account = {"name": session.account, "namespace": session.namespace.name}
    rule = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
    schema = {
        "matchingPrecedence": 100,
        "priorityLevelConfiguration": {"name": name},
        "rules": [{"subjects": [{"kind": "ServiceAccount", "serviceAccount": account}], "resourceRules": [rule]}],
    }
    objects = [
        {**group, "kind": "PriorityLevelConfiguration", "spec": level},
        {**group, "kind": "FlowSchema", "spec": schema},
    ]
    api = session.api()
    try:
        session.namespace.apply(*objects)

        def rejected() -> bool:
            before = len(session.recorder.passed)
            with ThreadPoolExecutor(50) as pool:
                for _ in range(50):
                    pool.submit(api.request, "GET", api.path("jobs"), attempts=1)
            found = [each for each in session.recorder.passed[before:] if each["answer"]["status"] == 429]
            session.found["429"] = found[0] if found else None
            return bool(found)

        wait_for("the rejection", rejected, 30)
    finally:
        for kind in ("flowschema", "prioritylevelconfiguration"):
            session.namespace.kubectl("delete", kind, name, "--ignore-not-found")


def scrubbed(value: Json) -> Json:
    """Without what belongs to a machine, or only to the server's own bookkeeping."""
    if isinstance(value, dict):
        kept = {key: scrubbed(each) for key, each in value.items() if key != "managedFields"}
        return {key: "…" if key in ADDRESSES else each for key, each in kept.items()}
    return [scrubbed(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
