"""The shop: one small program that plays any of the five services of the order example.

    python3 shop.py reception | inventory | document | shipping | payment

It serves HTTP on $PORT (8080), needs nothing but Python 3.9, and remembers what it was asked to do:

    GET /healthz  /readyz     alive; ready (not while it shuts down)
    GET /metrics              requests and their durations, in Prometheus' text format
    GET /ledger               every request so far, oldest first; each is also one line on stdout, once it is answered

Settings, from the environment:

    DELAY=0.0                 seconds of work that each request takes
    FAILURE_RATE=0.0          share of requests that fail with 503, from 0 to 1
    OUT_OF_STOCK=             inventory: order numbers, separated by commas, that it cannot serve

A request that repeats an Idempotency-Key is answered as the first time and has no second effect, as long as it reaches
the same process: a real service would keep its keys in its database.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import socket
import sys
import threading
import time
import traceback
from typing import Any, NamedTuple

Answer = dict[str, Any]
Entry = dict[str, Any]

THREADS = 16
MOST_BYTES = 1 << 20
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    413: "Content Too Large",
    503: "Service Unavailable",
}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Settings(NamedTuple):
    """How this process behaves."""

    role: str
    port: int
    delay: float
    failure_rate: float
    out_of_stock: frozenset[str]

    @classmethod
    def read(cls, role: str) -> Settings:
        """The settings from the environment; raises ValueError for a number that is none."""
        numbers = os.environ.get("OUT_OF_STOCK", "").split(",")
        return cls(
            role,
            int(os.environ.get("PORT", "8080")),
            float(os.environ.get("DELAY", "0")),
            float(os.environ.get("FAILURE_RATE", "0")),
            frozenset(number.strip() for number in numbers if number.strip()),
        )


class Route(NamedTuple):
    """One thing a role can be asked, and the word for what it then does."""

    request: str
    effect: str


ROLES: dict[str, tuple[Route, ...]] = {
    "reception": (
        Route("POST /orders/{order}", "received"),
        Route("POST /orders/{order}/confirmation", "confirmed"),
        Route("POST /orders/{order}/apology", "apologised"),
    ),
    "inventory": (
        Route("GET /stock/{order}", "checked"),
        Route("POST /reservations/{order}", "reserved"),
    ),
    "document": (
        Route("POST /delivery-notes/{order}", "noted"),
        Route("POST /audits/{order}", "audited"),
    ),
    "shipping": (Route("POST /shipments/{order}", "shipped"),),
    "payment": (Route("POST /charges/{order}", "charged"),),
}


def answer_to(effect: str, order: str, settings: Settings) -> Answer:
    """What the caller hears when it worked."""
    if effect == "checked":
        return {"order": order, "in_stock": order not in settings.out_of_stock}
    if effect == "noted":
        return {"order": order, "note": f"note-{order}"}
    if effect == "charged":
        return {"order": order, "receipt": f"receipt-{order}"}
    return {"order": order}


class Ledger:
    """What this process was asked to do, in order; safe to use from many threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pod = socket.gethostname()
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._answers: dict[str, Answer] = {}

    def record(self, request: str, route: Route, order: str, key: str, body: Any, began: float) -> tuple[Entry, Answer]:
        """Do what was asked, unless it was done before under this key or is to fail; what there is to tell of it, and
        the answer. `began` is when the request came, in seconds since 1970.
        """
        with self._lock:
            repeated = bool(key) and key in self._answers
            status, effect = 200, route.effect
            if repeated:
                answer, effect = self._answers[key], ""
            elif random.random() < self._settings.failure_rate:
                status, effect, answer = 503, "", {"error": f"{self._settings.role} is out of order"}
            else:
                answer = answer_to(route.effect, order, self._settings)
                if key:
                    self._answers[key] = answer
            entry = {"sequence": len(self._entries) + 1, "time": began, "service": self._settings.role,
                     "pod": self._pod, "request": request, "order": order, "effect": effect, "status": status,
                     "key": key, "repeated": repeated, "body": body}  # fmt: skip
            self._entries.append(entry)
        return entry, answer

    def tell(self, entry: Entry, seconds: float) -> None:
        """Log a request that has its answer, and how long it took."""
        with self._lock:
            entry["seconds"] = round(seconds, 6)
            print(json.dumps(entry), flush=True)

    def entries(self) -> list[Entry]:
        """All entries so far."""
        with self._lock:
            return list(self._entries)


class Metrics:
    """How many requests there were, by method and status, and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, int], int] = {}
        self._buckets = dict.fromkeys(BUCKETS, 0)
        self._count, self._seconds = 0, 0.0

    def observe(self, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[method, status] = self._requests.get((method, status), 0) + 1
            self._count += 1
            self._seconds += seconds
            for limit in BUCKETS:
                self._buckets[limit] += seconds <= limit

    def text(self) -> str:
        """The figures in Prometheus' text format."""
        with self._lock:
            lines = ["# HELP http_requests_total Requests served.", "# TYPE http_requests_total counter"]
            for (method, code), count in sorted(self._requests.items()):
                lines.append(f'http_requests_total{{method="{method}",code="{code}"}} {count}')
            name = "http_request_duration_seconds"
            lines += [f"# HELP {name} Time to serve a request.", f"# TYPE {name} histogram"]
            lines += [f'{name}_bucket{{le="{limit}"}} {count}' for limit, count in self._buckets.items()]
            lines += [f'{name}_bucket{{le="+Inf"}} {self._count}', f"{name}_sum {self._seconds:.6f}",
                      f"{name}_count {self._count}"]  # fmt: skip
        return "\n".join(lines) + "\n"


class Request(NamedTuple):
    """What came over a connection. Names of headers are in lower case; `began` and `started` are the times of its first
    bytes, in seconds since 1970 and on the monotonic clock.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    began: float
    started: float


class Refused(Exception):
    """A request that is none: its arguments are a status and what is wrong."""


def receive(connection: socket.socket, began: float, started: float) -> Request | None:
    """Read one request; None when the client says nothing. Raises Refused, OSError."""
    data = connection.recv(65536)
    if not data:
        return None
    while b"\r\n\r\n" not in data:
        data += _more(connection, data)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    try:
        method, path, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length") or 0)
    except ValueError:
        raise Refused(400, "this is no HTTP request") from None
    while len(body) < length:
        body += _more(connection, body)
    return Request(method, path, headers, body[:length], began, started)


def _more(connection: socket.socket, before: bytes) -> bytes:
    if len(before) > MOST_BYTES:
        raise Refused(413, "the request is too large")
    data = connection.recv(65536)
    if not data:
        raise Refused(400, "the request ends too early")
    return data


class Shop:
    """The server: threads that wait for requests. It ends those in hand before it stops.

    The standard library's HTTP server reads headers as those of mails and starts a thread for each request. Where
    requests take a millisecond, that is much of it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.ledger, self.metrics = settings, Ledger(settings), Metrics()
        self.closing = threading.Event()
        self.routes = [
            (re.compile(re.escape(route.request).replace(r"\{order\}", "(?P<order>[^/ ]+)")), route)
            for route in ROLES[settings.role]
        ]
        self._socket = socket.create_server(("", settings.port), backlog=64)
        # A connection is there when its first bytes are: no thread waits for them, and the request's time begins then.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)

    def serve(self) -> None:
        """Serve until it is closed. Each thread takes connections itself: none has to be made for a request."""
        threads = [threading.Thread(target=self._serve) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._socket.close()

    def close(self, *_: object) -> None:
        """Stop taking requests; fit to be a signal handler."""
        self.closing.set()
        with contextlib.suppress(OSError):  # it was closed before
            self._socket.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._socket.accept()
                began, started = time.time(), time.monotonic()
                with connection:
                    connection.settimeout(10)
                    self._answer(connection, began, started)
            except OSError:  # the end, or a client that went away
                continue
            except Exception:  # one request's trouble is not the next one's
                traceback.print_exc()

    def _answer(self, connection: socket.socket, began: float, started: float) -> None:
        try:
            request = receive(connection, began, started)
        except Refused as refused:
            _reply(connection, *refused.args)
            return
        if request is None:
            return
        if request.path == "/healthz":
            _reply(connection, 200, {"status": "ok"})
        elif request.path == "/readyz":
            closing = self.closing.is_set()
            _reply(connection, 503 if closing else 200, {"status": "closing" if closing else "ok"})
        elif request.path == "/ledger":
            _reply(connection, 200, self.ledger.entries())
        elif request.path == "/metrics":
            _send(connection, 200, "text/plain; version=0.0.4; charset=utf-8", self.metrics.text())
        else:
            self._work(connection, request)

    def _work(self, connection: socket.socket, request: Request) -> None:
        """Do what the role can be asked."""
        asked = f"{request.method} {request.path.partition('?')[0]}"
        try:
            body = json.loads(request.body) if request.body else None
        except ValueError:
            _reply(connection, 400, "the body is no JSON")
            return
        for pattern, route in self.routes:
            if match := pattern.fullmatch(asked):
                time.sleep(self.settings.delay)
                key = request.headers.get("idempotency-key", "")
                entry, answer = self.ledger.record(asked, route, match["order"], key, body, request.began)
                try:
                    _reply(connection, entry["status"], answer)
                finally:  # it was done, whether or not someone still waits for the answer
                    seconds = time.monotonic() - request.started
                    self.ledger.tell(entry, seconds)
                    self.metrics.observe(request.method, entry["status"], seconds)
                return
        _reply(connection, 404, f"{self.settings.role} knows no {asked}")


def _reply(connection: socket.socket, status: int, answer: object) -> None:
    """Answer with JSON; a text is what is wrong."""
    _send(connection, status, "application/json", json.dumps({"error": answer} if isinstance(answer, str) else answer))


def _send(connection: socket.socket, status: int, kind: str, text: str) -> None:
    body = text.encode()
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)


def main(arguments: list[str]) -> int:
    """Serve the role that the one argument names until SIGTERM."""
    if len(arguments) != 1 or arguments[0] not in ROLES:
        print(f"usage: shop.py {' | '.join(ROLES)}", file=sys.stderr)
        return 64
    shop = Shop(Settings.read(arguments[0]))
    signal.signal(signal.SIGTERM, shop.close)
    signal.signal(signal.SIGINT, shop.close)
    shop.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
