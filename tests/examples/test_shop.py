"""The order example's services: what they answer, what they remember, and how they end."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "order" / "app" / "shop.py"


class Service:
    """One role, running on a port of this machine."""

    def __init__(self, role: str, settings: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {**os.environ, **settings, "PORT": str(self.port)}
        command = [sys.executable, str(PROGRAM), role]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        end = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < end, f"{role} does not start"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except urllib.error.URLError:
            return False

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
        """The status and the answer of a request."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Idempotency-Key": key} if key else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def ledger(self) -> list[dict[str, Any]]:
        """What it was asked to do."""
        return list(self.ask("GET", "/ledger")[1])


@pytest.fixture
def shop() -> Iterator[Callable[..., Service]]:
    """A function that starts a role; all are ended with the test."""
    running: list[Service] = []

    def start(role: str, **settings: str) -> Service:
        running.append(Service(role, settings))
        return running[-1]

    yield start
    for service in running:
        service.process.kill()
        service.process.communicate()


@pytest.mark.parametrize(
    ("role", "method", "path", "answer", "effect"),
    [
        ("reception", "POST", "/orders/7", {"order": "7"}, "received"),
        ("reception", "POST", "/orders/7/confirmation", {"order": "7"}, "confirmed"),
        ("reception", "POST", "/orders/7/apology", {"order": "7"}, "apologised"),
        ("inventory", "GET", "/stock/7", {"order": "7", "in_stock": True}, "checked"),
        ("inventory", "POST", "/reservations/7", {"order": "7"}, "reserved"),
        ("document", "POST", "/delivery-notes/7", {"order": "7", "note": "note-7"}, "noted"),
        ("document", "POST", "/audits/7", {"order": "7"}, "audited"),
        ("shipping", "POST", "/shipments/7", {"order": "7"}, "shipped"),
        ("payment", "POST", "/charges/7", {"order": "7", "receipt": "receipt-7"}, "charged"),
    ],
)
def test_each_role_does_its_part(
    shop: Callable[..., Service], role: str, method: str, path: str, answer: object, effect: str
) -> None:
    service = shop(role)
    assert service.ask(method, path) == (200, answer)
    (entry,) = service.ledger()
    assert (entry["service"], entry["request"], entry["order"], entry["effect"]) == (
        role,
        f"{method} {path}",
        "7",
        effect,
    )


def test_a_sold_out_order_is_not_in_stock(shop: Callable[..., Service]) -> None:
    service = shop("inventory", OUT_OF_STOCK="none-left, sold-out")
    assert service.ask("GET", "/stock/sold-out")[1] == {"order": "sold-out", "in_stock": False}
    assert service.ask("GET", "/stock/other")[1]["in_stock"] is True


def test_a_repeated_key_has_one_effect(shop: Callable[..., Service]) -> None:
    service = shop("payment")
    first = service.ask("POST", "/charges/7", {"amount": 3}, key="run/pay/0/1")
    assert service.ask("POST", "/charges/7", {"amount": 3}, key="run/pay/0/1") == first
    one, two = service.ledger()
    assert (one["effect"], one["repeated"], one["body"]) == ("charged", False, {"amount": 3})
    assert (two["effect"], two["repeated"], two["sequence"]) == ("", True, 2)


def test_a_failure_has_no_effect_and_is_not_remembered_as_done(shop: Callable[..., Service]) -> None:
    service = shop("payment", FAILURE_RATE="1")
    for _ in range(2):
        assert service.ask("POST", "/charges/7", key="k") == (503, {"error": "payment is out of order"})
    assert [(entry["effect"], entry["status"], entry["repeated"]) for entry in service.ledger()] == [
        ("", 503, False)
    ] * 2


def test_what_it_does_not_know_is_refused(shop: Callable[..., Service]) -> None:
    service = shop("payment")
    assert service.ask("POST", "/orders/7")[0] == 404
    assert service.ask("GET", "/charges/7")[0] == 404
    assert service.ledger() == []


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"GET /healthz\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"POST /charges/7 HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"POST /charges/7 HTTP/1.1\r\nContent-Length: 5\r\n\r\n{", b"HTTP/1.1 400 Bad Request"),
        (b"POST /charges/7 HTTP/1.1\r\nContent-Length: 1\r\n\r\n{", b"HTTP/1.1 400 Bad Request"),
        (b"POST /charges/7 HTTP/1.1\r\nX: " + b"y" * ((1 << 20) + 70_000), b"HTTP/1.1 413 Content Too Large"),
        (b"", b""),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK"),
    ],
)
def test_what_is_no_request_is_refused(shop: Callable[..., Service], sent: bytes, answer: bytes) -> None:
    service = shop("payment")
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        with contextlib.suppress(ConnectionError):  # it need not read all of what is too large
            client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):  # what was not read may take the answer with it
            assert client.recv(1000).partition(b"\r\n")[0] == answer
    assert service.ledger() == []


def test_a_request_that_comes_in_parts_is_one(shop: Callable[..., Service]) -> None:
    service = shop("payment")
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        for part in (
            b"POST /charges/7 HT",
            b'TP/1.1\r\ncontent-LENGTH: 10\r\nIdempotency-Key: k\r\n\r\n{"a"',
            b": [1]}",
        ):
            client.sendall(part)
            time.sleep(0.02)
        assert client.recv(1000).partition(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    (entry,) = service.ledger()
    assert (entry["body"], entry["key"]) == ({"a": [1]}, "k")


def test_it_ends_the_request_in_hand(shop: Callable[..., Service]) -> None:
    service = shop("payment", DELAY="0.5")
    answers: list[tuple[int, Any]] = []
    caller = threading.Thread(target=lambda: answers.append(service.ask("POST", "/charges/7")))
    caller.start()
    time.sleep(0.2)
    service.process.send_signal(signal.SIGTERM)
    caller.join()
    said, _ = service.process.communicate(timeout=10)
    assert service.process.returncode == 0
    assert answers == [(200, {"order": "7", "receipt": "receipt-7"})]
    assert json.loads(said)["effect"] == "charged"


def test_metrics_count_by_status(shop: Callable[..., Service]) -> None:
    service = shop("payment")
    service.ask("POST", "/charges/7")
    end, text = time.monotonic() + 20, ""
    while 'le="+Inf"} 1\n' not in text and time.monotonic() < end:  # it is counted once the answer is sent
        with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics", timeout=10) as response:
            text = response.read().decode()
    assert 'http_requests_total{method="POST",code="200"} 1\n' in text
    assert 'http_request_duration_seconds_bucket{le="+Inf"} 1\n' in text


def test_an_unknown_role_is_a_usage_error() -> None:
    result = subprocess.run([sys.executable, str(PROGRAM), "baker"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr[:6]) == (64, "usage:")
