"""Requests to services: the `call` tasks, each in a thread of the run's own pod.

A request carries `Idempotency-Key: <run>/<path>/<step>`, the same for every try and after a restart, so that a
service can tell a repetition; also in a run that does again what failed in another one. Connections are kept for the
next request to the same service.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections.abc import Mapping
from typing import Any, Callable, Protocol

from .addresses import Addresses
from .connections import Connections, Failed, Try
from .expressions import Lookup, condition, path_of, text_of, value_of
from .inbox import Threads
from .kube import Clock
from .plan import Retry, Service, Step, Task
from .progress import Result
from .run import CALLS_AT_ONCE
from .values import MOST_BYTES, WrongValue, judged, parse_outputs, read_json

Json = Any


class Calling(Protocol):
    """What makes calls: a task or an item of it at a path, and what its expressions see."""

    @property
    def path(self) -> str:
        """Where it is in the run."""

    @property
    def task(self) -> Task:
        """Whose steps are made."""

    def lookup(self, name: tuple[str, ...], /) -> Json:
        """The value of a name. Raises :class:`WrongValue`."""


class Calls:
    """Carries out `call` tasks. `done(work, number, result)` is called from their threads.

    `known_as(path)` is the run under which services know a task's requests; `addresses` has looked ahead.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        known_as: Callable[[str], str],
        clock: Clock,
        done: Callable[[Any, int, Result], None],
        addresses: Addresses | None = None,
    ) -> None:
        self._services, self._known_as, self._clock, self._done = services, known_as, clock, done
        self._connections = Connections(clock, addresses or Addresses())
        self._threads = Threads()
        self._slots = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._tries: dict[str, Try] = {}

    def start(self, work: Calling, number: int) -> None:
        """Start a try."""
        this_try = self._tries[work.path] = Try(work.path, work.lookup)
        self._threads.submit(self._work, work, number, this_try)

    def end(self, work: Calling) -> None:
        """Break off the current try; its result is not told."""
        if work.path in self._tries:
            self._tries.pop(work.path).end()

    def close(self) -> None:
        """Break off what is still going on, and close what was kept."""
        for path in list(self._tries):
            self._tries.pop(path).end()
        self._connections.close()

    def _work(self, work: Calling, number: int, this_try: Try) -> None:
        task = work.task
        try:
            answer = (self._side_by_side if task.parallel else self._one_by_one)(task, this_try)
            outputs, wrong = judged(_outputs(answer, task), task.outputs)
            result = Result(not wrong, wrong, outputs)
        except Failed as problem:
            result = Result(False, str(problem), _usable(problem.answer, task))
        except WrongValue as problem:
            result = Result(False, str(problem))
        except Exception as problem:  # a bug must end the try, not leave the run waiting
            result = Result(False, f"the runner failed: {problem!r}", final=True)
        if not this_try.ended:
            self._done(work, number, result)

    def _one_by_one(self, task: Task, this_try: Try) -> bytes:
        answer = b""
        for position, step in enumerate(task.steps):
            is_last = position == len(task.steps) - 1
            try:
                answer = self._step(step, position, this_try)
            except Failed as problem:
                raise problem if is_last else Failed(str(problem)) from None
        return answer

    def _side_by_side(self, task: Task, this_try: Try) -> bytes:
        """All steps at once; the answer is the last one's in the list, the failure the first one's."""
        answers: list[bytes] = [b""] * len(task.steps)
        problems: list[Failed | None] = [None] * len(task.steps)

        def work(position: int) -> None:
            try:
                answers[position] = self._step(task.steps[position], position, this_try)
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

    def _step(self, step: Step, position: int, this_try: Try) -> bytes:
        """One step with its own tries. Raises :class:`Failed`."""
        key = f"{self._known_as(this_try.path)}/{this_try.path}/{position}"
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
            path = path_of(step.path, this_try.lookup)
        except WrongValue as problem:
            raise Failed(f"{step.method} of {step.service}: its path: {problem}") from None
        where = f"{step.method} {path.partition('?')[0]} of {step.service}"
        try:
            headers, body = _headers_and_body(step, key, this_try.lookup)
            status, answer = self._connections.exchange(
                self._services[step.service], step, path, headers, body, this_try
            )
            if status not in step.statuses:
                raise Failed(f"{where}: status {status}", answer)
            if step.expect is not None and not condition(step.expect, _with_response(answer, this_try.lookup)):
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


def _headers_and_body(step: Step, key: str, lookup: Lookup) -> tuple[dict[str, str], bytes | None]:
    headers = {"Accept": "application/json", "User-Agent": "flowhelm-runner", "Idempotency-Key": key}
    body = None
    if step.has_body:
        value = value_of(step.body, lookup)
        is_text = isinstance(value, str)
        headers["Content-Type"] = "text/plain; charset=utf-8" if is_text else "application/json"
        body = (value if is_text else json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()
    for name, written in step.headers.items():
        text = _header(written, lookup)
        if text is None:
            continue
        if "\n" in text or "\r" in text:
            raise WrongValue(f"header {name} holds a line break")
        for same in [known for known in headers if known.lower() == name.lower()]:
            del headers[same]
        # http.client writes Latin-1: these are the bytes of UTF-8.
        headers[name] = text.encode().decode("latin-1")
    return headers, body


def _header(written: Json, lookup: Lookup) -> str | None:
    """A header's value; one from a Secret or ConfigMap is a variable here, perhaps with the line's end of a file."""
    if isinstance(written, dict) and isinstance(written.get("env"), str):
        found = os.environ.get(written["env"])
        return None if found is None else found.rstrip("\r\n")
    return text_of(written, lookup)


def _with_response(answer: bytes, outer: Lookup) -> Lookup:
    def lookup(name: tuple[str, ...]) -> Json:
        if name != ("response",):
            return outer(name)
        try:
            return read_json(answer)
        except ValueError:
            raise WrongValue("the response is not JSON") from None

    return lookup


def _outputs(answer: bytes, task: Task) -> dict[str, Json]:
    outputs = parse_outputs(answer, task.outputs)
    size = len(json.dumps(outputs, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MOST_BYTES:
        raise WrongValue(f"its outputs are larger than {MOST_BYTES} bytes")
    return outputs


def _usable(answer: bytes, task: Task) -> dict[str, Json]:
    """What a failed try may leave to others."""
    try:
        return judged(_outputs(answer, task), task.outputs)[0]
    except WrongValue:
        return {}
