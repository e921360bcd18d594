"""Requests to services that behave badly, and what a request carries."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from generator.runtime.calls import Calls
from generator.runtime.connections import Connections
from generator.runtime.kube import Clock
from generator.runtime.plan import Service, Task, load_plan
from generator.runtime.progress import Result

Handle = Callable[[socket.socket, int], None]
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + b'{"x": 1}'


@contextmanager
def service(handle: Handle) -> Iterator[int]:
    """A server that hands each connection, with its number, to a function."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def work() -> None:
            for number in range(1000):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection, number), daemon=True).start()

        def serve(connection: socket.socket, number: int) -> None:
            with connection:
                handle(connection, number)

        threading.Thread(target=work, daemon=True).start()
        yield listening.getsockname()[1]


def read_request(connection: socket.socket) -> bytes:
    """One request, or nothing when the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
    length = int(found[1]) if found else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Asked:
    """A task that makes calls."""

    task: Task
    path: str = "t"

    def lookup(self, name: tuple[str, ...], /) -> Any:
        return {"inputs": "ü"}[name[0]]


def task(*steps: dict[str, Any], **keys: Any) -> Asked:
    """A call task with these steps."""
    written = [{"service": "s", "method": "GET", "path": "/p", **step} for step in steps]
    plan = {
        "format": 2,
        "workflow": "w",
        "timeout": 60.0,
        "parallelism": 20,
        "tasks": {"t": {"kind": "call", "timeout": 60.0, "call": {"steps": written, **keys.pop("call", {})}, **keys}},
    }
    return Asked(load_plan(plan, {"workflow": "r-w"}).tasks["t"])


class Made:
    """The calls of one run, and how they ended."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.results: list[Result] = []
        self.ended = threading.Event()
        services = {"s": Service(host, "http", "http", {"http": port})}
        self.calls = Calls(services, lambda _path: "uid", Clock(), self.done)

    def done(self, work: Asked, number: int, result: Result) -> None:
        self.results.append(result)
        self.ended.set()

    def run(self, task: Asked) -> Result:
        self.ended.clear()
        self.calls.start(task, 1)
        assert self.ended.wait(10)
        return self.results[-1]

    def close(self) -> None:
        self.calls.close()


Make = Callable[..., Made]


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes calls, and closes what they have kept."""
    with ExitStack() as stack:

        def make(port: int, host: str = "127.0.0.1") -> Made:
            return stack.enter_context(closing(Made(port, host)))

        yield make


def test_connections_are_kept_for_the_next_request(made: Make) -> None:
    seen: list[int] = []

    def handle(connection: socket.socket, number: int) -> None:
        while read_request(connection):
            seen.append(number)
            connection.sendall(FINE)

    with service(handle) as port:
        assert made(port).run(task({}, {}, {})).succeeded
    assert seen == [0, 0, 0]


def test_an_answer_that_is_cut_off(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(FINE[:-3])

    with service(handle) as port:
        assert made(port).run(task({})).reason == "GET /p of s: the connection broke"


def test_an_answer_in_chunks_keeps_the_connection(made: Make) -> None:
    seen: list[int] = []

    def handle(connection: socket.socket, number: int) -> None:
        while read_request(connection):
            seen.append(number)
            head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            connection.sendall(head + b'4\r\n{"x"\r\n4\r\n: 1}\r\n0\r\n\r\n')

    with service(handle) as port:
        result = made(port).run(task({}, {}, outputs={"x": {"type": "integer"}}))
    assert result.outputs == {"x": 1}
    assert seen == [0, 0]


def test_a_kept_connection_that_was_closed_is_replaced(made: Make) -> None:
    seen: list[int] = []

    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        seen.append(number)
        connection.sendall(FINE)

    with service(handle) as port:
        calling = made(port)
        assert calling.run(task({"method": "POST"})).succeeded
        time.sleep(0.05)
        assert calling.run(task({"method": "POST"})).succeeded
    assert seen == [0, 1]


def test_a_new_connection_that_breaks_is_a_failure(made: Make) -> None:
    with service(lambda connection, number: None) as port:
        assert made(port).run(task({})).reason == "GET /p of s: the connection broke"


def test_an_answer_that_drips_does_not_outlast_its_time(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            time.sleep(0.02)
            try:
                connection.sendall(b"x")
            except OSError:
                return

    with service(handle) as port:
        assert made(port).run(task({"timeout": 0.2})).reason == "GET /p of s: no answer in 0.2 s"


@pytest.mark.parametrize(
    ("size", "reason"), [(1 << 20, ""), ((1 << 20) + 1, "the response is larger than 1048576 bytes")]
)
def test_an_answer_that_is_too_large(size: int, reason: str, made: Make) -> None:
    """64 of them at once have to fit into the runner's memory."""

    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)

    with service(handle) as port:
        assert made(port).run(task({})).reason == (f"GET /p of s: {reason}" if reason else "")


def test_an_answer_that_is_no_http(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"hello\r\n\r\n")

    with service(handle) as port:
        assert made(port).run(task({})).reason == "GET /p of s: the connection broke"


def test_a_host_that_does_not_exist(made: Make) -> None:
    assert made(80, "no-such-host.invalid").run(task({})).reason == "GET /p of s: there is no host no-such-host.invalid"


def test_headers_and_a_body_of_text(made: Make) -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket, number: int) -> None:
        seen.append(read_request(connection))
        connection.sendall(FINE)

    with service(handle) as port:
        step = {
            "method": "POST",
            "headers": {"accept": "text/plain", "X-Name": {"value": ["name", "inputs"]}, "content-type": "text/csv"},
            "body": {"text": ["a;", ["name", "inputs"]]},
        }
        assert made(port).run(task(step)).succeeded
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert b"\r\naccept: text/plain" in head
    assert b"\r\nAccept: application/json" not in head
    assert b"\r\ncontent-type: text/csv" in head
    assert "\r\nX-Name: ü".encode() in head
    assert body == "a;ü".encode()


def test_outputs_that_are_too_large(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        body = b'{"x": "' + b"y" * 5000 + b'", "more": 1}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with service(handle) as port:
        result = made(port).run(task({}, outputs={"x": {"type": "string"}}))
    assert result.reason == "its outputs are larger than 4096 bytes"


def test_a_failed_expectation_leaves_what_was_answered(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(FINE)

    with service(handle) as port:
        declared = {"x": {"type": "integer"}, "y": {"type": "string"}}
        result = made(port).run(task({"expect": {"status": [201]}}, outputs=declared))
    assert (result.reason, result.outputs) == ("GET /p of s: status 200", {"x": 1})


def test_a_failure_before_the_last_step_leaves_nothing(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(FINE)

    with service(handle) as port:
        result = made(port).run(task({"expect": {"status": [201]}}, {}, outputs={"x": {"type": "integer"}}))
    assert (result.reason, result.outputs) == ("GET /p of s: status 200", {})


def test_side_by_side_the_first_in_the_list_is_blamed(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        asked = read_request(connection)
        status = b"500 No" if b"/bad" in asked else b"200 OK"
        connection.sendall(FINE.replace(b"200 OK", status))

    with service(handle) as port:
        steps = ({"path": "/a"}, {"path": "/bad1"}, {"path": "/bad2"}, {"path": "/b"})
        result = made(port).run(task(*steps, call={"parallel": True}, outputs={"x": {"type": "integer"}}))
    assert (result.reason, result.outputs) == ("GET /bad1 of s: status 500", {"x": 1})


def test_a_response_that_is_not_json_meets_no_expectation(made: Make) -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(FINE.replace(b'{"x": 1}', b"hello 12"))

    with service(handle) as port:
        expect = {"json": ["==", ["field", ["name", "response"], "x"], ["name", "inputs"]]}
        result = made(port).run(task({"expect": expect}))
    assert result.reason == "GET /p of s: the response is not JSON"


def test_a_mistake_of_the_runner_ends_the_try(made: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Connections, "exchange", mistaken)
    result = made(80).run(task({}))
    assert not result.succeeded
    assert result.final


def test_a_try_that_is_ended_stops_at_once(made: Make) -> None:
    asked = threading.Event()

    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        asked.set()
        connection.recv(1)

    with service(handle) as port:
        calling = made(port)
        one = task({"retry": {"attempts": 5, "initial": 0.01}})
        calling.calls.start(one, 1)
        assert asked.wait(5)
        calling.calls.end(one)
        time.sleep(0.1)
        assert calling.results == []
        assert [each.name for each in threading.enumerate() if each.name == "t"] == []


@pytest.mark.parametrize(("method", "requests"), [("POST", [0, 0]), ("GET", [0, 0, 1])])
def test_only_what_does_no_harm_is_sent_again(method: str, requests: list[int], made: Make) -> None:
    """The service has taken the second request on a kept connection, and then died without an answer."""
    seen: list[int] = []

    def handle(connection: socket.socket, number: int) -> None:
        while read_request(connection):
            seen.append(number)
            if seen == [0, 0]:
                return
            connection.sendall(FINE)

    with service(handle) as port:
        calling = made(port)
        assert calling.run(task({})).succeeded
        result = calling.run(task({"method": method}))
    assert seen == requests
    assert result.reason == ("" if method == "GET" else "POST /p of s: the connection broke")


def test_nothing_is_sent_again_after_a_part_of_the_answer(made: Make) -> None:
    seen: list[int] = []

    def handle(connection: socket.socket, number: int) -> None:
        while read_request(connection):
            seen.append(number)
            if seen == [0, 0]:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
                time.sleep(0.1)
                # Closing now sends a reset, not an end.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            connection.sendall(FINE)

    with service(handle) as port:
        calling = made(port)
        assert calling.run(task({})).succeeded
        assert calling.run(task({})).reason == "GET /p of s: the connection broke"
    assert seen == [0, 0]
