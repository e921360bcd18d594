"""Small HTTP services that answer as a row says and remember what they were asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from generator.runs.answers import without_items
from tests.runtime.workflow_rows import Task

Json = Any
A_MOMENT = 0.2


class Meeting:
    """Requests that wait until as many are there as they want, and a moment longer, for those that should not be."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.there = 0
        self.over = False

    def join(self, wanted: int) -> int:
        """Wait for the others; returns how many were there."""
        with self.changed:
            self.there += not self.over
            self.changed.notify_all()
            if self.changed.wait_for(lambda: self.over or self.there >= wanted, 20) and not self.over:
                self.changed.wait_for(lambda: self.over, A_MOMENT)
            self.over = True
            self.changed.notify_all()
            return self.there


class Requests:
    """What all services were asked, in order: (path, "METHOD service path", headers, body)."""

    def __init__(self, tasks: dict[str, Task]) -> None:
        self.tasks = tasks
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.times: dict[str, int] = {}
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.when_asked: Callable[[str], None] = lambda task: None
        self.meeting = Meeting()

    def take(self, what: str, headers: dict[str, str], body: bytes) -> str:
        """Note a request; returns how it is to be answered."""
        key = headers["Idempotency-Key"]
        _, _, rest = key.partition("/")
        path, _, position = rest.rpartition("/")
        task = without_items(path)
        with self.lock:
            self.seen.append((path, what, headers, body))
            self.times[key] = self.times.get(key, 0) + 1
            answers = self.tasks[task].steps[int(position)].answers
            answer = answers[min(self.times[key], len(answers)) - 1]
        self.when_asked(task)
        return answer

    def of(self, task: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        """The requests of one task, or of one item."""
        return [request for request in self.seen if task in (request[0], without_items(request[0]))]


@contextmanager
def serving(names: list[str], requests: Requests) -> Iterator[dict[str, Json]]:
    """Services of these names; gives the bindings. The service `nowhere` is a port that nobody listens on."""
    with ExitStack() as stack:
        bindings = {}
        for name in names:
            port = stack.enter_context(_nobody() if name == "nowhere" else _serving(name, requests))
            bindings[name] = {"host": "127.0.0.1", "scheme": "http", "main": "http", "ports": {"http": port}}
        try:
            yield bindings
        finally:
            requests.over.set()


@contextmanager
def _nobody() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def _serving(name: str, requests: Requests) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *arguments: Any) -> None:
            pass

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = requests.take(f"{self.command} {name} {self.path}", dict(self.headers), body)
            status, _, rest = answer.partition(" ")
            if status == "drop":
                self.close_connection = True
            elif status == "hang":
                requests.over.wait(20)
                self.close_connection = True
            elif status == "together":
                self._send(200, json.dumps({"there": requests.meeting.join(int(rest))}))
            else:
                self._send(int(status), rest.replace("$PATH", self.path))

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

        def _send(self, status: int, rest: str) -> None:
            self.send_response(status)
            if rest.startswith("/"):
                self.send_header("Location", rest)
                rest = ""
            data = rest[len("text: ") :].encode() if rest.startswith("text: ") else rest.encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        requests.over.set()
        server.shutdown()
        server.server_close()


def body_of(request: tuple[str, str, dict[str, str], bytes]) -> Json:
    """A request's body, read as JSON."""
    return json.loads(request[3])
