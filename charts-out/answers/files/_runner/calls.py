"""Requests to services: the `call` tasks, each in a thread of the run's own pod.

A request carries `Idempotency-Key: <run>/<task>/<item>/<step>`, the same for every try and after a restart, so that a
service can tell a repetition. Connections are kept for the next request to the same service.
"""

from __future__ import annotations

import http.client
import json
import queue
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Callable

from .expressions import Lookup, condition, path_of, text_of, value_of
from .kube import Clock
from .run import CALLS_AT_ONCE, Result
from .values import MOST_BYTES, WrongValue, check_outputs, parse_outputs, read_json, usable_outputs
from .workflow import Retry, Service, Step, Task

Json = Any

MOST_ANSWER = 1024 * 1024
IDLE_SECONDS = 20.0
REPEATABLE = ("GET", "HEAD")
ONLY_ITEM = 0


class Failed(Exception):
    """A request that did not come to what was expected; `answer` is what was received, if anything was."""

    def __init__(self, reason: str, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.answer = answer


class Calls:
    """Carries out `call` tasks. `done(task, number, result)` is called from their threads."""

    def __init__(
        self,
        services: dict[str, Service],
        run_id: str,
        lookup: Lookup,
        clock: Clock,
        done: Callable[[Task, int, Result], None],
    ) -> None:
        self._services, self._run_id, self._lookup, self._clock, self._done = services, run_id, lookup, clock, done
        self._connections = Connections(clock)
        self._slots = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._tries: dict[str, Try] = {}

    def start(self, task: Task, number: int) -> None:
        """Start a try of a task."""
        this_try = self._tries[task.name] = Try()
        threading.Thread(target=self._work, args=(task, number, this_try), name=task.name, daemon=True).start()

    def end(self, task: Task) -> None:
        """Break off the task's current try; its result is not told."""
        if task.name in self._tries:
            self._tries.pop(task.name).end()

    def close(self) -> None:
        """Break off what is still going on, and close what was kept."""
        for task in list(self._tries):
            self._tries.pop(task).end()
        self._connections.close()

    def _work(self, task: Task, number: int, this_try: Try) -> None:
        answer = b""
        try:
            answer = (self._side_by_side if task.parallel else self._one_by_one)(task, this_try)
            outputs = _outputs(answer, task)
            check_outputs(outputs, task.outputs)
            result = Result(True, outputs=outputs)
        except Failed as problem:
            result = Result(False, str(problem), _usable(problem.answer, task))
        except WrongValue as problem:
            result = Result(False, str(problem), _usable(answer, task))
        except Exception as problem:  # a bug must end the try, not leave the run waiting
            result = Result(False, f"the runner failed: {problem!r}", final=True)
        if not this_try.ended:
            self._done(task, number, result)

    def _one_by_one(self, task: Task, this_try: Try) -> bytes:
        answer = b""
        for position, step in enumerate(task.steps):
            is_last = position == len(task.steps) - 1
            try:
                answer = self._step(task, step, position, this_try)
            except Failed as problem:
                raise problem if is_last else Failed(str(problem)) from None
        return answer

    def _side_by_side(self, task: Task, this_try: Try) -> bytes:
        """All steps at once; the answer is the last one's in the list, the failure the first one's."""
        answers: list[bytes] = [b""] * len(task.steps)
        problems: list[Failed | None] = [None] * len(task.steps)

        def work(position: int) -> None:
            try:
                answers[position] = self._step(task, task.steps[position], position, this_try)
            except Failed as problem:
                problems[position] = problem
            except Exception as problem:
                problems[position] = Failed(f"the runner failed: {problem!r}")

        threads = [threading.Thread(target=work, args=(position,), daemon=True) for position in range(len(task.steps))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for problem in problems:
            if problem is not None:
                last = problems[-1]
                raise Failed(str(problem), last.answer if last is not None else answers[-1])
        return answers[-1]

    def _step(self, task: Task, step: Step, position: int, this_try: Try) -> bytes:
        """One step with its own tries. Raises :class:`Failed`."""
        key = f"{self._run_id}/{task.name}/{ONLY_ITEM}/{position}"
        retry: Retry = step.retry
        tries = 0
        while True:
            tries += 1
            try:
                with self._slots:
                    this_try.must_go_on()
                    return self._request(step, key, this_try)
            except Failed:
                if tries >= retry.attempts or this_try.ended:
                    raise
            this_try.sleep(self._clock.real(retry.pause(tries)))

    def _request(self, step: Step, key: str, this_try: Try) -> bytes:
        """One request. Returns the body of an answer that is as expected; raises :class:`Failed`."""
        try:
            path = path_of(step.path, self._lookup)
        except WrongValue as problem:
            raise Failed(f"{step.method} of {step.service}: its path: {problem}") from None
        where = f"{step.method} {path.partition('?')[0]} of {step.service}"
        try:
            headers, body = self._headers_and_body(step, key)
            status, answer = self._connections.exchange(
                self._services[step.service], step, path, headers, body, this_try
            )
            if status not in step.statuses:
                raise Failed(f"{where}: status {status}", answer)
            if step.expect is not None and not condition(step.expect, self._with_response(answer)):
                raise Failed(f"{where}: the response is not as expected", answer)
            return answer
        except WrongValue as problem:
            raise Failed(f"{where}: {problem}") from None
        except ConnectionRefusedError:
            raise Failed(f"{where}: connection refused") from None
        except socket.timeout:
            raise Failed(f"{where}: no answer in {step.timeout:g} s") from None
        except socket.gaierror:
            raise Failed(f"{where}: there is no host {self._services[step.service].host}") from None
        except (OSError, http.client.HTTPException) as problem:
            detail = "" if isinstance(problem, (ConnectionError, http.client.HTTPException)) else f": {problem}"
            raise Failed(f"{where}: the connection broke{detail}") from None

    def _headers_and_body(self, step: Step, key: str) -> tuple[dict[str, str], bytes | None]:
        headers = {"Accept": "application/json", "User-Agent": "flowhelm-runner", "Idempotency-Key": key}
        body = None
        if step.has_body:
            value = value_of(step.body, self._lookup)
            is_text = isinstance(value, str)
            headers["Content-Type"] = "text/plain; charset=utf-8" if is_text else "application/json"
            body = (value if is_text else json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()
        for name, written in step.headers.items():
            text = text_of(written, self._lookup)
            if "\n" in text or "\r" in text:
                raise WrongValue(f"header {name} holds a line break")
            for same in [known for known in headers if known.lower() == name.lower()]:
                del headers[same]
            # http.client writes Latin-1: these are the bytes of UTF-8.
            headers[name] = text.encode().decode("latin-1")
        return headers, body

    def _with_response(self, answer: bytes) -> Lookup:
        def lookup(name: tuple[str, ...]) -> Json:
            if name != ("response",):
                return self._lookup(name)
            try:
                return read_json(answer)
            except ValueError:
                raise WrongValue("the response is not JSON") from None

        return lookup


class Try:
    """One try of a call task: what must be broken off to end it."""

    def __init__(self) -> None:
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


def _outputs(answer: bytes, task: Task) -> dict[str, Json]:
    outputs = parse_outputs(answer, task.outputs)
    size = len(json.dumps(outputs, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MOST_BYTES:
        raise WrongValue(f"its outputs are larger than {MOST_BYTES} bytes")
    return outputs


def _usable(answer: bytes, task: Task) -> dict[str, Json]:
    """What a failed try may leave to others."""
    try:
        return usable_outputs(_outputs(answer, task), task.outputs)
    except WrongValue:
        return {}
