"""A small API server, Job controller and kubelet in one process, over real HTTP, with a clock that runs fast.

Jobs, Pods, CronJobs and Events are kept with resource versions; lists and watches, conflicts, 410 and merge patches
behave as the real server's do, and refusals are its own words, recorded. What the pod of a task's Job comes to stands
in the row's script.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from generator.runs.answers import without_items
from generator.runtime.kube import Clock
from tests.runtime import recorded

Json = Any
RUN, RUN_UID, WORKFLOW = "the-run", "the-uid", "w"
GROUPS = {
    "jobs": "/apis/batch/v1",
    "cronjobs": "/apis/batch/v1",
    "pods": "/api/v1",
    "configmaps": "/api/v1",
    "events": "/api/v1",
    "leases": "/apis/coordination.k8s.io/v1",
}


FAULTS = ("drop", "reset", "silent", "lost", "half", "garbled", "slow")
"""No answer: the connection is closed, reset, or left open; the request took effect, and of its answer nothing comes,
the first half, half a JSON text as if it were all, or everything late."""

LATE = 0.05
BOOKMARKS = 10


TICK, MOST_OF_A_TICK = 0.001, 0.005


class FastClock(Clock):
    """Time that runs `speed` times as fast, but stands still while this process is kept from working.

    So what may take a minute here has its 0.3 s also on a machine that is busy with other things. Once stopped, whoever
    sleeps never wakes.
    """

    def __init__(self, speed: float) -> None:
        super().__init__()
        self.speed, self.stopped = speed, False
        self._tick = (time.monotonic(), time.monotonic())  # of the last tick: when it was, and what was shown then
        threading.Thread(target=_tick, args=(weakref.ref(self),), daemon=True).start()

    def now(self) -> float:
        at, shown = self._tick
        return self._offset + shown + min(time.monotonic() - at, MOST_OF_A_TICK) * self.speed

    def tick(self) -> None:
        """Take the time since the last tick as passed, if it was no longer than usual."""
        at, shown = self._tick
        now = time.monotonic()
        self._tick = (now, shown + min(now - at, MOST_OF_A_TICK) * self.speed)

    def real(self, seconds: float) -> float:
        return seconds / self.speed

    def sleep(self, seconds: float) -> None:
        time.sleep(self.real(seconds))
        if self.stopped:
            threading.Event().wait()


def _tick(found: weakref.ref[FastClock]) -> None:
    while (clock := found()) and not clock.stopped:
        clock.tick()
        del clock
        time.sleep(TICK)


class Refused(Exception):
    """A recorded answer other than success, for this object."""

    def __init__(self, name: str, kind: str, item: str) -> None:
        super().__init__(f"{name}: {kind} {item}")
        group = GROUPS[kind].removeprefix("/api").removeprefix("s/").rpartition("/")[0]
        self.answer = recorded.refusal(name, f"{kind}.{group}" if group else kind, item)


class Cluster:
    """The objects, and what happens to them. `after` is called when the server has answered.

    `fault(method, path)` may answer in the server's place: an answer of `recorded`, (status, message[, headers]), or
    one of FAULTS. For each change of a watch it is called with the method WATCH. Pods stay until `expected_pods` have
    run at once.
    """

    def __init__(self, clock: FastClock, scripts: dict[str, tuple[str, ...]]) -> None:
        self.clock, self.scripts = clock, scripts
        self.objects: dict[tuple[str, str], Json] = {}
        self.changes: list[tuple[int, str, str, Json]] = []
        self.oldest, self.version = 0, 100
        self.story: list[tuple[float, str, str, int]] = []
        self.requests: list[str] = []
        self.manifests: dict[str, list[Json]] = {}
        self.running: set[str] = set()
        self.expected_pods, self.most_pods = 0, 0
        self.changed = threading.Condition()
        self.fault: Callable[[str, str], Any] = lambda method, path: None
        self.after: Callable[[str, str], Any] = lambda method, path: None
        self.when_running: Callable[[str], None] = lambda task: None
        self.closed = False

    # --- the store ----------------------------------------------------------------------------------------------------

    def put(self, kind: str, item: Json, change: str = "") -> Json:
        """Store an object under a new version and tell the watches."""
        with self.changed:
            name = item["metadata"]["name"]
            change = change or ("MODIFIED" if (kind, name) in self.objects else "ADDED")
            self.version += 1
            item = deepcopy(item)
            item["metadata"].update(namespace="ns", resourceVersion=str(self.version))
            if change == "DELETED":
                self.objects.pop((kind, name), None)
            else:
                self.objects[kind, name] = item
            self.changes.append((self.version, kind, change, item))
            self.changed.notify_all()
            return item

    def get(self, kind: str, name: str) -> Json:
        with self.changed:
            if (kind, name) not in self.objects:
                raise Refused("404", kind, name)
            return deepcopy(self.objects[kind, name])

    def create(self, kind: str, item: Json) -> Json:
        metadata = item["metadata"]
        if "generateName" in metadata:
            metadata["name"] = f"{metadata.pop('generateName')}{self.version}"
        task = metadata.get("annotations", {}).get("flowhelm.dev/path")
        with self.changed:
            if (kind, metadata["name"]) in self.objects:
                raise Refused("409 exists", kind, metadata["name"])
            if kind == "jobs" and task and self._script(task, item) == "refused":
                raise Refused("403 quota", kind, metadata["name"])
            metadata.setdefault("uid", f"uid-{metadata['name']}")
            metadata.setdefault("creationTimestamp", "2026-01-02T03:04:05Z")
            if kind == "jobs":
                metadata["generation"] = 1
            created = self.put(kind, item)
        if kind == "jobs" and task:
            threading.Thread(target=self._live, args=(created["metadata"]["name"], task), daemon=True).start()
        return created

    def patch(self, kind: str, name: str, change: Json) -> Json:
        with self.changed:
            item = self.get(kind, name)
            wanted = change.get("metadata", {}).get("resourceVersion")
            if wanted is not None and wanted != item["metadata"]["resourceVersion"]:
                raise Refused("409 modified", kind, name)
            return self.put(kind, _merged(item, change))

    def delete_only(self, kind: str, name: str, preconditions: Json) -> None:
        """Delete an object that is still just so."""
        with self.changed:
            metadata = self.get(kind, name)["metadata"]
            if any(metadata[key] != value for key, value in preconditions.items()):
                raise Refused("409 precondition", kind, name)
            self.delete(kind, name)

    def delete(self, kind: str, name: str) -> None:
        """Delete an object and what it owns."""
        with self.changed:
            item = self.get(kind, name)
            self.put(kind, item, "DELETED")
            for owned_kind, owned in list(self.objects):
                owners = self.objects.get((owned_kind, owned), {"metadata": {}})["metadata"].get("ownerReferences", ())
                if any(owner["uid"] == item["metadata"].get("uid", "") for owner in owners):
                    self.delete(owned_kind, owned)

    def listed(self, kind: str, selector: str, about: str = "") -> list[Json]:
        with self.changed:
            return [
                deepcopy(item)
                for (stored, _), item in sorted(self.objects.items())
                if stored == kind and _selected(item, selector)
                if not about or about == f"involvedObject.name={item['involvedObject']['name']}"
            ]

    def follow(self, kind: str, selector: str, version: int, until: float, once: bool = False) -> Iterator[Json]:
        """The changes after a version, as they come; `once`: those that are there."""
        if version < self.oldest:
            yield recorded.answer("watch too old")["events"][0]
            return
        while time.monotonic() < until and not self.closed:
            with self.changed:
                newer = [change for change in self.changes if change[0] > version]
                if not newer:
                    self.changed.wait(0.05)
            for number, changed_kind, change, item in newer:
                version = number
                if changed_kind == kind and _selected(item, selector):
                    yield {"type": change, "object": item}
                elif number % BOOKMARKS == 0:
                    bookmark = recorded.answer("watch jobs BOOKMARK")["events"][0]
                    bookmark["object"]["metadata"]["resourceVersion"] = str(number)
                    yield bookmark
            if once:
                return

    def forget_history(self) -> None:
        """What etcd's compaction does: older versions can no longer be watched from."""
        with self.changed:
            self.oldest = self.version

    # --- Job controller and kubelet -----------------------------------------------------------------------------------

    def _script(self, task: str, job: Json) -> str:
        scripts = self.scripts.get(task) or self.scripts[without_items(task)]
        *above, number = map(int, job["metadata"]["annotations"]["flowhelm.dev/try"].split("."))
        if max(above, default=1) > 1:  # a workflow that is done anew: the script goes on
            number += len(self.manifests.get(task, ()))
        return scripts[min(number, len(scripts)) - 1]

    def _live(self, name: str, task: str) -> None:
        """One Job, from its creation to its end."""
        with suppress(Refused):  # deleted meanwhile, with all that it owned
            self._live_through(name, task)

    def _live_through(self, name: str, task: str) -> None:
        job = self.get("jobs", name)
        script, created = self._script(task, job), self.clock.now()
        number = int(job["metadata"]["annotations"]["flowhelm.dev/try"].split(".")[-1])
        with self.changed:
            self.story.append((created, "start", task, number))
            self.manifests.setdefault(task, []).append(job)
            self.running.add(name)
            self.most_pods = max(self.most_pods, len(self.running))
            self.changed.notify_all()
        container = job["spec"]["template"]["spec"]["containers"][0]
        status = {"name": container["name"], "image": container["image"], "state": {"running": {}}}
        pod: Json = {
            "metadata": {
                "name": f"{name}-x",
                "uid": f"uid-{name}-x",
                "ownerReferences": [{"uid": job["metadata"]["uid"]}],
                "labels": {**job["spec"]["template"]["metadata"]["labels"], "batch.kubernetes.io/job-name": name},
            },
            "status": {"phase": "Running", "containerStatuses": [status]},
        }
        if script == "no image":
            pod["status"]["phase"] = "Pending"
            status["state"] = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
        self.put("pods", pod)
        self.when_running(task)
        time.sleep(0.004)
        with self.changed:  # however slow the machine is, pods that may run at once do so once
            self.changed.wait_for(lambda: self.most_pods >= self.expected_pods, timeout=5)
        ended_by = self._await_deadline(name, created) if script.startswith(("hang", "no image")) else ""
        self._end_pod(script, pod, status, name)
        with self.changed:
            self.story.append((self.clock.now(), "end", task, number))
            self.running.discard(name)
        succeeded = pod["status"]["phase"] == "Succeeded" and not ended_by
        condition = {
            "type": "Complete" if succeeded else "Failed",
            "status": "True",
            "reason": ended_by or ("CompletionsReached" if succeeded else "BackoffLimitExceeded"),
        }
        self.patch("jobs", name, {"status": {"conditions": [condition]}})

    def _await_deadline(self, name: str, created: float) -> str:
        while self.clock.now() < created + self.get("jobs", name)["spec"]["activeDeadlineSeconds"]:
            time.sleep(0.002)
        return "DeadlineExceeded"

    def _end_pod(self, script: str, pod: Json, status: Json, name: str) -> None:
        exit_code, reason, message = 0, "Completed", ""
        if script.startswith("exit "):
            _, exit_text, message = (script + " ").split(" ", 2)
            exit_code = int(exit_text)
        elif script.startswith("ok"):
            message = script[3:]
        elif script == "out of memory":
            exit_code, reason = 137, "OOMKilled"
        elif script in ("evicted", "hang", "no image", "gone"):
            exit_code = 143
        status["state"] = {
            "terminated": {
                "exitCode": exit_code,
                "reason": "Error" if exit_code and reason == "Completed" else reason,
                "message": message.strip().encode()[-4096:].decode(),
            }
        }
        pod["status"]["phase"] = "Failed" if exit_code else "Succeeded"
        if script == "evicted":
            by_api = {"reason": "EvictionByEvictionAPI", "message": "Eviction API: evicting"}
            pod["status"]["conditions"] = [{"type": "DisruptionTarget", "status": "True", **by_api}]
        if script.startswith(("hang", "no image")):
            pod["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
        if script == "gone":
            self.put("pods", {**pod, "status": {"phase": "Running", "containerStatuses": []}}, "DELETED")
        elif ("jobs", name) in self.objects:
            self.put("pods", pod)


@contextmanager
def serving(cluster: Cluster) -> Iterator[int]:
    """The cluster behind HTTP; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        fault: Any = ""

        def log_message(self, *arguments: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._answer()

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            with cluster.changed:
                cluster.requests.append(f"{self.command} {self.path}")
            fault = cluster.fault(self.command, self.path)
            self.fault = fault if fault in FAULTS else ""
            if self.fault in ("drop", "reset", "silent"):
                self._leave()
                return
            if isinstance(fault, tuple):
                fault = recorded.failure(fault[0], "Failed", *fault[1:])
            if isinstance(fault, dict):
                self._send(**fault)
                return
            try:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                self._route(parts.path, query, json.loads(body) if body else None)
            except Refused as refusal:
                self._send(**refusal.answer)
            cluster.after(self.command, self.path)

        def _leave(self) -> None:
            """Say no more on this connection."""
            self.close_connection = True
            if self.fault == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            while self.fault == "silent" and not cluster.closed:
                time.sleep(0.01)

        def _route(self, path: str, query: dict[str, str], body: Json) -> None:
            found = re.fullmatch(r"(/apis/[a-z0-9./]+|/api/v1)/namespaces/ns/([a-z]+)(?:/([^/]+))?", path)
            if not found or GROUPS.get(found[2]) != found[1]:
                raise AssertionError(f"no such path: {path}")
            kind, name = found[2], found[3]
            if self.command == "POST":
                self._send(201, body=cluster.create(kind, body))
            elif self.command == "PATCH":
                assert self.headers["Content-Type"] == "application/merge-patch+json"
                self._send(200, body=cluster.patch(kind, name, body))
            elif self.command == "DELETE":
                cluster.delete_only(kind, name, body["preconditions"])
                self._send(**recorded.answer("200 deleted"))
            elif name:
                self._send(200, body=cluster.get(kind, name))
            elif query.get("watch"):
                self._stream(kind, query)
            else:
                with cluster.changed:
                    chosen = query.get("labelSelector", ""), query.get("fieldSelector", "")
                    items, version = cluster.listed(kind, *chosen), str(cluster.version)
                limit, start = int(query["limit"]), int(query.get("continue", 0))
                more = {"continue": str(start + limit)} if start + limit < len(items) else {}
                about = {
                    "kind": f"{kind[:-1].title()}List",
                    "apiVersion": GROUPS[kind].partition("/api")[2].lstrip("s/"),
                }
                metadata = {"resourceVersion": version, **more}
                self._send(200, body={**about, "metadata": metadata, "items": items[start : start + limit]})

        def _stream(self, kind: str, query: dict[str, str]) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            until = time.monotonic() + int(query["timeoutSeconds"])
            self.close_connection = True
            try:
                for change in cluster.follow(kind, query["labelSelector"], int(query["resourceVersion"]), until):
                    line = json.dumps(change).encode() + b"\n"
                    self.fault = cluster.fault("WATCH", self.path)
                    if self.fault in ("silent", "reset", "lost"):
                        self._leave()
                        return
                    if self.fault in ("half", "garbled"):
                        line = line[: len(line) // 2]
                    if self.fault == "slow":
                        time.sleep(LATE)
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    if self.fault in ("drop", "half", "garbled"):
                        return
            except OSError:
                pass  # whoever watched is gone

        def _send(self, status: int, headers: dict[str, str] | None = None, body: Json = None) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            if self.fault == "lost":
                self._leave()
                return
            if self.fault == "slow":
                time.sleep(LATE)
            if self.fault == "garbled":
                data = data[: len(data) // 2]
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for key, value in (headers or {"Content-Type": "application/json"}).items():
                self.send_header(key, value)
            try:
                self.end_headers()
                if self.fault == "half":
                    data = data[: len(data) // 2]
                    self.close_connection = True
                self.wfile.write(data)
            except OSError:
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        cluster.closed = True
        server.shutdown()
        server.server_close()


def _merged(item: Json, change: Json) -> Json:
    """JSON merge patch, RFC 7386."""
    if not isinstance(change, dict):
        return change
    merged = dict(item) if isinstance(item, dict) else {}
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


def _selected(item: Json, selector: str) -> bool:
    labels = item["metadata"].get("labels", {})
    for term in filter(None, selector.split(",")):
        if "=" in term:
            key, _, value = term.partition("=")
            if labels.get(key) != value:
                return False
        elif (term.lstrip("!") in labels) == term.startswith("!"):
            return False
    return True


def expanded(text: str, env: dict[str, str]) -> str:
    """What Kubernetes makes of $(NAME) and $$ in arguments and variables."""

    def expand(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return env.get(found[1], found[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", expand, text)
