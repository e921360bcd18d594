"""A program between the runners and the API server of a real cluster that makes everything go wrong that can.

    python3 faulty_proxy.py SEED HANGS

It runs in a pod, standard library only, with the certificate in /tls and the API server's authority in /trust. What it
does to each request comes from decks that are shuffled by SEED: one a method, one for watches. So each fault happens
before any comes again. HANGS is how often it may be silent for longer than a runner waits. A line of JSON tells of each
request; the last part of its path is what it is about.
"""

import http.client
import json
import os
import random
import ssl
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 6443
CLIENTS_ALONE = ("Host", "Connection", "Accept-Encoding", "Content-Length")
HANG_SECONDS = {"asked": 33.0, "watch": 93.0}
"""Longer than a runner waits for an answer (REQUEST_SECONDS), or for the next word of a watch (WATCH_SILENCE)."""

MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
REFUSALS = {
    "409": (409, "Conflict", f"Operation cannot be fulfilled on resourcequotas: {MODIFIED}"),
    "403": (403, "Forbidden", 'jobs.batch "x" is forbidden: status unknown for quota: q, resources: count/jobs.batch'),
    "410": (410, "Expired", "too old resource version: 1 (40252)"),
    "429": (429, "TooManyRequests", "Too many requests, please try again later."),
    "500": (500, "InternalError", "Internal error occurred: etcdserver: leader changed"),
    "503": (503, "ServiceUnavailable", "the server is currently unable to handle the request"),
    "504": (504, "Timeout", "Timeout: request did not complete within the allotted timeout"),
}
"""What the API server says when it does not do what it is asked. Creating an object fails so, too, while many change
what a quota counts, or while a new one has not counted yet (k8s.io/apiserver, pkg/admission/plugin/resourcequota)."""

PASSING = ("429", "500", "503", "504")
FINE = ("",) * 6
BROKEN = ("dropped", "lost", "half")
"""The connection is closed: at once, or when the request has taken effect, without an answer or within one."""

HANGING = ("silent", "silent after")
"""There is no answer for a while: the request has not taken effect, or it has."""

DECKS = {
    "GET": (*PASSING, *BROKEN, *HANGING, *FINE),
    "POST": (*PASSING, "403", "409", *BROKEN, *HANGING, *FINE),
    "PATCH": (*PASSING, "409", *BROKEN, *HANGING, *FINE),
    "DELETE": (*PASSING, "409", *BROKEN, *HANGING),
    "WATCH": (*PASSING, "410", "410 within", "dropped", "lost", "half", "silent", *FINE[:2]),
}
"""Of a watch: the stream says 410, is cut off between two changes (`lost`) or in one (`half`), or says nothing more."""

MOST_CHANGES = 4
"""After so many changes at most a watch is cut off."""


class Decks:
    """What is to go wrong next."""

    def __init__(self, seed: str, hangs: int) -> None:
        self._dice, self._hangs = random.Random(seed), hangs
        self._left: dict[str, list[str]] = {deck: [] for deck in DECKS}
        self._lock = threading.Lock()

    def deal(self, deck: str) -> tuple[str, int]:
        """A fault, or "", and after how many changes it happens to a watch."""
        with self._lock:
            left = self._left[deck]
            if not left:
                left.extend(DECKS[deck])
                self._dice.shuffle(left)
            fault = left.pop()
            if fault in HANGING:
                self._hangs -= 1
                fault = fault if self._hangs >= 0 else ""
            return fault, self._dice.randint(0, MOST_CHANGES)


class Handler(BaseHTTPRequestHandler):
    """One connection of a runner."""

    protocol_version = "HTTP/1.1"
    decks: Decks
    trust: ssl.SSLContext

    def log_message(self, *words: object) -> None:
        """Nothing: `_tell` does."""

    def do_GET(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        deck = "WATCH" if "watch=true" in self.path else self.command
        if self.command not in DECKS:
            deck = "GET"
        fault, changes = self.decks.deal(deck)
        self._tell(deck, fault)
        if fault in REFUSALS:
            self._refuse(*REFUSALS[fault])
        elif fault == "dropped":
            self.close_connection = True
        elif fault == "silent" and deck != "WATCH":
            self._hang("asked")
        else:
            answer = self._ask(data)
            if deck == "WATCH" and answer.status == 200:
                self._stream(answer, fault, changes)
            else:
                self._answer(answer, fault)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

    def _ask(self, data: bytes | None) -> http.client.HTTPResponse:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], int(os.environ["KUBERNETES_SERVICE_PORT"])
        real = http.client.HTTPSConnection(host, port, timeout=300, context=self.trust)
        headers = {key: value for key, value in self.headers.items() if key not in CLIENTS_ALONE}
        real.request(self.command, self.path, data, headers)
        return real.getresponse()

    def _answer(self, answer: http.client.HTTPResponse, fault: str) -> None:
        body = answer.read()
        if fault == "silent after":
            self._hang("asked")
        elif fault == "lost":
            self.close_connection = True
        else:
            self._send(answer.status, body, dict(answer.headers.items()), len(body) // 2 if fault == "half" else None)

    def _stream(self, answer: http.client.HTTPResponse, fault: str, changes: int) -> None:
        """The changes as they come; a fault happens after some of them, at the latest when the server has no more."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            for line in answer:
                if fault and not changes:
                    self._break_off(line, fault)
                    return
                changes -= 1
                self.wfile.write(line)

    def _break_off(self, line: bytes, fault: str) -> None:
        if fault == "410 within":
            self.wfile.write(json.dumps({"type": "ERROR", "object": _status(*REFUSALS["410"])}).encode() + b"\n")
        elif fault == "half":
            self.wfile.write(line[: len(line) // 2])
        elif fault == "silent":
            self._hang("watch")

    def _hang(self, what: str) -> None:
        time.sleep(HANG_SECONDS[what])
        self.close_connection = True

    def _refuse(self, status: int, reason: str, message: str) -> None:
        after = {"Retry-After": "1"} if status == 429 else {}
        self._send(status, json.dumps(_status(status, reason, message)).encode(), after)

    def _send(self, status: int, body: bytes, headers: dict[str, str], only: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if "Retry-After" in headers:
            self.send_header("Retry-After", headers["Retry-After"])
        self.end_headers()
        self.wfile.write(body[:only])
        self.close_connection |= only is not None

    def _tell(self, deck: str, fault: str) -> None:
        path = self.path.partition("?")[0].partition("/namespaces/")[2].partition("/")[2]
        sys.stdout.write(json.dumps({"asked": deck, "about": path, "fault": fault}) + "\n")
        sys.stdout.flush()


def _status(status: int, reason: str, message: str) -> dict[str, object]:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": status} | {
        "reason": reason,
        "message": message,
    }


def main() -> None:
    """Serve until the pod ends."""
    Handler.decks = Decks(sys.argv[1], int(sys.argv[2]))
    Handler.trust = ssl.create_default_context(cafile="/trust/ca.crt")
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain("/tls/tls.crt", "/tls/tls.key")
    server = ThreadingHTTPServer(("", PORT), Handler)
    server.daemon_threads = True
    server.socket = own.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


main()
