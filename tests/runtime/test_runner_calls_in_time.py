"""Requests and time: what a step's time-out covers, and that nothing is asked for a try that has ended."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.addresses import Addresses
from generator.runtime.journal import Journal
from generator.runtime.runner import Runner
from tests.runtime.log_lines import lines_of
from tests.runtime.simulated_run import simulation
from tests.runtime.test_runner_calls import FINE, Made, read_request, service, task
from tests.runtime.workflow_rows import Row, call, retry, step


def test_no_step_follows_once_the_try_has_ended() -> None:
    asked = threading.Event()
    seen: list[bytes] = []

    def handle(connection: socket.socket, number: int) -> None:
        while request := read_request(connection):
            seen.append(request.split(b" ")[1])
            asked.set()
            time.sleep(0.1)
            connection.sendall(FINE)

    with service(handle) as port, closing(Made(port)) as calling:
        one = task({"path": "/1", "retry": {"attempts": 3, "initial": 0.01}}, {"path": "/2"})
        calling.calls.start(one, 1)
        assert asked.wait(5)
        calling.calls.end(one)
        time.sleep(0.3)
    assert seen == [b"/1"]


def test_nothing_is_sent_when_the_try_ends_while_it_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    connecting = threading.Event()
    seen: list[bytes] = []
    connect = Addresses.connect

    def slowly(addresses: Addresses, host: str, port: int, until: float) -> socket.socket:
        connecting.set()
        time.sleep(0.2)
        return connect(addresses, host, port, until)

    def handle(connection: socket.socket, number: int) -> None:
        seen.append(read_request(connection))

    monkeypatch.setattr(Addresses, "connect", slowly)

    with service(handle) as port, closing(Made(port)) as calling:
        one = task({"method": "POST"})
        calling.calls.start(one, 1)
        assert connecting.wait(5)
        calling.calls.end(one)
        time.sleep(0.4)
    assert [request for request in seen if request] == []


def test_a_pause_between_tries_of_a_step_ends_with_the_task(tmp_path: Path) -> None:
    pay = step("POST stock /pay", "503", "200", retry=retry(2, 20))
    row = Row(
        "a request after its task",
        "M11",
        "",
        {"a": call(pay, timeout=5), "b": call(step("POST orders /refund"), needs={"a": "failed"})},
    )
    with simulation(row, tmp_path, 20) as simulated:
        assert simulated.run() == 0
        time.sleep(0.2)
        assert len(simulated.requests.of("a")) == 1


def test_headers_that_drip_do_not_outlast_their_time() -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 100:
            time.sleep(0.02)
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return

    with service(handle) as port, closing(Made(port)) as calling:
        assert calling.run(task({"timeout": 0.2})).reason == "GET /p of s: no answer in 0.2 s"


def test_a_name_that_is_not_found_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(60))
    with closing(Made(80)) as calling:
        begun = time.monotonic()
        assert calling.run(task({"timeout": 0.2})).reason == "GET /p of s: no answer in 0.2 s"
        assert time.monotonic() - begun < 50
    never.set()


def test_names_are_looked_up_ahead_and_once_for_several_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    look_up = socket.getaddrinfo

    def counted(*place: Any, **how: Any) -> Any:
        asked.append(place)
        return look_up(*place, **how)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    with service(lambda connection, _: None) as port:
        addresses = Addresses()
        addresses.look_up_ahead([("127.0.0.1", port), ("127.0.0.1", port)])
        for _ in range(3):
            addresses.connect("127.0.0.1", port, time.monotonic() + 5).close()
    assert asked == [("127.0.0.1", port)]


def test_an_address_that_is_not_right_any_more_is_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo
    with service(lambda connection, _: None) as port, socket.create_server(("127.0.0.1", 0)) as left:
        old, right = (look_up("127.0.0.1", each, type=socket.SOCK_STREAM) for each in (left.getsockname()[1], port))
        answers = iter([old, right])
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: next(answers))
        addresses = Addresses()
        addresses.connect("stock", 80, time.monotonic() + 5).close()
        left.close()
        addresses.connect("stock", 80, time.monotonic() + 5).close()
    with pytest.raises(StopIteration):
        next(answers)


def test_a_body_without_a_length_that_drips_is_not_taken_for_whole() -> None:
    def handle(connection: socket.socket, number: int) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(50):
            time.sleep(0.02)
            try:
                connection.sendall(b" ")
            except OSError:
                return

    with service(handle) as port, closing(Made(port)) as calling:
        assert calling.run(task({"timeout": 0.2})).reason == "GET /p of s: no answer in 0.2 s"


def test_calls_follow_each_other_without_waiting_for_what_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told, lasts = Runner._tell, threading.Event()

    def at_last(runner: Runner, journal: Journal) -> None:
        assert lasts.wait(20), "the calls wait for the loop"
        told(runner, journal)

    monkeypatch.setattr(Runner, "_tell", at_last)
    asks = step("GET stock", path="/")
    tasks = {"a": call(asks), "b": call(asks, needs="a"), "c": call(asks, needs="b")}
    with simulation(Row("told", "M11", "", tasks), tmp_path, 10.0) as simulated:
        asked = simulated.requests
        cancel = asked.when_asked
        asked.when_asked = lambda task: lasts.set() if task == "c" else cancel(task)
        simulated.run()
        assert simulated.journal()["status"] == "succeeded"
    lines = lines_of(capsys.readouterr().out)
    assert [line["task"] for line in lines if line["event"] == "TaskStarted"] == ["a", "b", "c"]
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
