"""Connections to services: opened in time, kept for a while, broken off when the try that uses them is ended."""

from __future__ import annotations

import http.client
import queue
import select
import socket
import threading
import time
from contextlib import suppress

from .expressions import Lookup
from .kube import Clock
from .values import WrongValue
from .workflow import Service, Step

MOST_ANSWER = 1024 * 1024
IDLE_SECONDS = 20.0
REPEATABLE = ("GET", "HEAD")


class Failed(Exception):
    """A request that did not come to what was expected; `answer` is what was received, if anything was."""

    def __init__(self, reason: str, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.answer = answer


class Try:
    """One try of a call task: where it is and what its expressions see, and what must be broken off to end it."""

    def __init__(self, path: str, lookup: Lookup) -> None:
        self.path, self.lookup = path, lookup
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._open: list[http.client.HTTPConnection] = []

    @property
    def ended(self) -> bool:
        """Whether nobody waits for this try any more."""
        return self._ended.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait, or until the try is ended."""
        self._ended.wait(seconds)

    def must_go_on(self) -> None:
        """Raises :class:`Failed` when the try has ended: nothing may be asked in its name any more."""
        if self.ended:
            raise Failed("its try has ended")

    def uses(self, connection: http.client.HTTPConnection) -> None:
        """This connection is now at work for the try. Raises :class:`Failed` when that has ended."""
        with self._lock:
            self.must_go_on()
            self._open.append(connection)

    def has_used(self, connection: http.client.HTTPConnection) -> None:
        """It no longer is."""
        with self._lock, suppress(ValueError):  # it was not taken on if the try had ended
            self._open.remove(connection)

    def end(self) -> None:
        """Break its connections off."""
        with self._lock:
            self._ended.set()
            for connection in self._open:
                _shut(connection)

    def breaks_off(self, connection: http.client.HTTPConnection) -> None:
        """The time of what this connection does is over, if it still does it for this try."""
        with self._lock:
            if connection in self._open:
                _shut(connection)


class Connections:
    """Connections to services, kept for a while after their last use."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str, int], list[tuple[float, http.client.HTTPConnection]]] = {}

    def exchange(
        self, service: Service, step: Step, path: str, headers: dict[str, str], body: bytes | None, this_try: Try
    ) -> tuple[int, bytes]:
        """Send a request, return status and body. Only a REPEATABLE one without an answer is sent again.

        Raises `OSError`, `http.client.HTTPException`, :class:`Failed`.
        """
        place = service.scheme, service.host, service.port(step.port)
        until = time.monotonic() + self._clock.real(step.timeout)
        connection = self._kept(place)
        if connection is not None:
            try:
                return self._use(connection, place, step.method, path, headers, body, until, this_try)
            except ConnectionError:
                if step.method not in REPEATABLE:
                    raise
        connection = _connected(*place, until)
        return self._use(connection, place, step.method, path, headers, body, until, this_try)

    def _use(
        self,
        connection: http.client.HTTPConnection,
        place: tuple[str, str, int],
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
        until: float,
        this_try: Try,
    ) -> tuple[int, bytes]:
        keep = False
        left = max(0.001, until - time.monotonic())
        alarm = threading.Timer(left, this_try.breaks_off, [connection])  # the socket's time-out begins with each byte
        alarm.daemon = True
        try:
            this_try.uses(connection)
            alarm.start()
            connection.sock.settimeout(left)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = _read(response)
            response.close()
            if time.monotonic() >= until:  # a body without a length ends as well when it is broken off
                raise socket.timeout
            keep = not response.will_close
            return response.status, answer
        except (OSError, http.client.HTTPException):
            if time.monotonic() >= until:
                raise socket.timeout from None
            raise
        finally:
            alarm.cancel()
            this_try.has_used(connection)
            if keep:
                with self._lock:
                    self._idle.setdefault(place, []).append((time.monotonic(), connection))
            else:
                connection.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            for kept in self._idle.values():
                for _, connection in kept:
                    connection.close()
            self._idle.clear()

    def _kept(self, place: tuple[str, str, int]) -> http.client.HTTPConnection | None:
        with self._lock:
            kept = self._idle.get(place, [])
            while kept:
                since, connection = kept.pop()
                if time.monotonic() - since < IDLE_SECONDS and not _is_closed(connection):
                    return connection
                connection.close()
        return None


def _shut(connection: http.client.HTTPConnection) -> None:
    """End a connection under the hands of the thread that reads from it."""
    if connection.sock is not None:
        with suppress(OSError):  # it may have closed by itself
            # Not its own shutdown: one with TLS would drop what the other thread is using.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _is_closed(connection: http.client.HTTPConnection) -> bool:
    """Whether there is something to read where nothing was asked, as the end is."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _connected(scheme: str, host: str, port: int, until: float) -> http.client.HTTPConnection:
    """A new connection. It is made in a thread of its own: nothing ends the look-up of a name before its time."""
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    left = max(0.001, until - time.monotonic())
    connection = kind(host, port, timeout=left)
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def connect() -> None:
        try:
            connection.connect()
            outcome.put(None)
        except Exception as problem:
            outcome.put(problem)

    threading.Thread(target=connect, daemon=True).start()
    try:
        problem = outcome.get(timeout=left)
    except queue.Empty:
        raise socket.timeout from None
    if problem is not None:
        raise problem
    return connection


def _read(response: http.client.HTTPResponse) -> bytes:
    """A whole body. `read1` does not say when it was cut off."""
    answer = b""
    while True:
        try:
            part = response.read1(65536)
        except ConnectionError:  # which means elsewhere that there was no answer
            raise http.client.IncompleteRead(b"") from None
        if not part:
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return answer
        answer += part
        if len(answer) > MOST_ANSWER:
            raise WrongValue(f"the response is larger than {MOST_ANSWER} bytes")
