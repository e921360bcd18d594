"""Connections to services: opened in time, kept for a while, broken off when the try that uses them is ended."""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
from contextlib import suppress

from .addresses import Addresses
from .expressions import Lookup
from .kube import Clock
from .plan import Service, Step
from .values import WrongValue

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

    def __init__(self, clock: Clock, addresses: Addresses) -> None:
        self._clock, self._addresses = clock, addresses
        self._alarms = _Alarms()
        self._trust: ssl.SSLContext | None = None
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
        connection = self._connected(*place, until)
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
        try:
            this_try.uses(connection)
            self._alarms.set(connection, until, this_try)  # the socket's time-out begins with each byte
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
            self._alarms.clear(connection)
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

    def _connected(self, scheme: str, host: str, port: int, until: float) -> http.client.HTTPConnection:
        """A new connection."""
        connecting = self._addresses.connect(host, port, until)
        if scheme != "https":
            connection = http.client.HTTPConnection(host, port)
            connection.sock = connecting
            return connection
        secure = http.client.HTTPSConnection(host, port, context=self._tls())
        try:
            connecting.settimeout(max(0.001, until - time.monotonic()))
            secure.sock = self._tls().wrap_socket(connecting, server_hostname=host)
        except BaseException:
            connecting.close()
            raise
        return secure

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._trust is None:
                self._trust = ssl.create_default_context()
                self._trust.set_alpn_protocols(["http/1.1"])
            return self._trust

    def _kept(self, place: tuple[str, str, int]) -> http.client.HTTPConnection | None:
        with self._lock:
            kept = self._idle.get(place, [])
            while kept:
                since, connection = kept.pop()
                if time.monotonic() - since < IDLE_SECONDS and not _is_closed(connection):
                    return connection
                connection.close()
        return None


class _Alarms:
    """Ends what connections do when its time is over; one thread for all of them, as hardly any alarm ever rings."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._set: dict[http.client.HTTPConnection, tuple[float, Try]] = {}
        self._looks_at = 0.0
        self._has_thread = False

    def set(self, connection: http.client.HTTPConnection, until: float, this_try: Try) -> None:
        """From now on, what this connection does for the try ends by this time."""
        with self._changed:
            self._set[connection] = until, this_try
            if not self._has_thread:
                self._has_thread, self._looks_at = True, until
                threading.Thread(target=self._work, name="alarms", daemon=True).start()
            elif until < self._looks_at:
                self._changed.notify()

    def clear(self, connection: http.client.HTTPConnection) -> None:
        """It was done in time."""
        with self._changed:
            self._set.pop(connection, None)

    def _work(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                due = [connection for connection, (until, _) in self._set.items() if until <= now]
                ringing = [(self._set.pop(connection)[1], connection) for connection in due]
                if not ringing:
                    self._looks_at = min((until for until, _ in self._set.values()), default=now + IDLE_SECONDS)
                    self._changed.wait(self._looks_at - now)
            for this_try, connection in ringing:
                this_try.breaks_off(connection)


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
