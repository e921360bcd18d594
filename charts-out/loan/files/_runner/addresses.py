"""Where services are: names are looked up ahead of the first call, and what was found is believed for a moment.

Nothing ends the look-up of a name before its time, so each is made in a thread of its own, which may be left behind.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from typing import Any

Place = tuple[str, int]

BELIEVED = 5.0
"""Seconds: what the DNS of a cluster itself says about how long its answers hold."""

MOST_AHEAD = 32
"""Names that are looked up ahead, each in a thread."""


class Addresses:
    """The addresses of hosts and ports; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Place, _LookUp] = {}

    def look_up_ahead(self, places: Iterable[Place]) -> None:
        """Have these known when they are needed, if that is soon."""
        for host, port in list(dict.fromkeys(places))[:MOST_AHEAD]:
            self._look_up((host, port))

    def connect(self, host: str, port: int, until: float) -> socket.socket:
        """A new connection. An address that is not right any more is looked up again.

        `until` is on the monotonic clock. Raises `OSError`, `socket.timeout` among them.
        """
        place = (host, port)
        look_up = self._look_up(place)
        was_known = look_up.ended.is_set()
        try:
            return look_up.connect(until)
        except OSError:
            with self._lock:
                if self._known.get(place) is look_up:
                    del self._known[place]
            if not was_known or time.monotonic() >= until:
                raise
        return self._look_up(place).connect(until)

    def _look_up(self, place: Place) -> _LookUp:
        with self._lock:
            known = self._known.get(place)
            if known is None or known.is_old():
                known = self._known[place] = _LookUp(place)
            return known


class _LookUp:
    """One look-up, which has begun."""

    def __init__(self, place: Place) -> None:
        self.ended = threading.Event()
        self._place = place
        self._began = time.monotonic()
        self._found: list[Any] = []
        self._problem: Exception | None = None
        threading.Thread(target=self._work, name="look-up", daemon=True).start()

    def _work(self) -> None:
        try:
            self._found = socket.getaddrinfo(*self._place, type=socket.SOCK_STREAM)
        except Exception as problem:  # told to whoever waits
            self._problem = problem
        self.ended.set()

    def is_old(self) -> bool:
        """Whether it should be made again."""
        return self.ended.is_set() and time.monotonic() - self._began > BELIEVED

    def connect(self, until: float) -> socket.socket:
        """A connection to the first address that takes it. Raises `OSError`."""
        if not self.ended.wait(max(0.0, until - time.monotonic())):
            raise socket.timeout
        if self._problem is not None:
            raise self._problem
        problem: OSError | None = None
        for family, kind, protocol, _name, address in self._found:
            connecting = socket.socket(family, kind, protocol)
            try:
                connecting.settimeout(max(0.001, until - time.monotonic()))
                connecting.connect(address)
                connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connecting
            except OSError as failed:
                connecting.close()
                problem = failed
        raise problem or OSError("there is no address")
