"""The API server, as a pod sees it: requests that are repeated while that helps, and watches that go on.

One connection a thread, kept open. Errors that pass by themselves (429, 500, 502, 503, 504, broken connections,
time-outs, answers that are cut off) are tried again with growing pauses; a request is written so that repeating it does
no harm.
"""

from __future__ import annotations

import builtins
import http.client
import json
import random
import ssl
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlencode

Json = Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PASSING = (429, 500, 502, 503, 504)
UNKNOWN_ATTEMPTS = 10
"""So often is a request tried that is answered with 401: a server that starts does not know a good token yet, and the
token is read anew each time."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
LONGEST_PAUSE_ASKED_FOR = 60.0
REQUEST_SECONDS = 30.0
WATCH_SECONDS = 240
WATCH_SILENCE = 90.0
"""A watch that says nothing for so long is taken up anew: its connection may be dead. A bookmark comes each minute."""
PAGE = 100
MERGE = "application/merge-patch+json"
GROUPS = {"pods": "/api/v1", "events": "/api/v1", "leases": "/apis/coordination.k8s.io/v1"}
"""Where a kind is found; Jobs and CronJobs are elsewhere."""


class Clock:
    """Time, and waiting. Tests put a faster one in its place."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since 1970; never goes back."""
        return self._offset + time.monotonic()

    def real(self, seconds: float) -> float:
        """How long this machine waits for so many seconds of the run."""
        return seconds

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(self.real(seconds))


class ApiError(Exception):
    """An answer that repeating the request would not change, or that `may_pass` but was not to be waited for.

    By its status it is of one of the kinds below, as an `OSError` is by its number.
    """

    def __new__(cls, status: int, *_: object) -> ApiError:
        """One of the kind that the status has."""
        return super().__new__(KINDS.get(status, cls))

    def __init__(self, status: int, message: str, may_pass: bool = False) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message, self.may_pass = status, message, may_pass


class Forbidden(ApiError):
    """The account has no right to it."""


class NotFound(ApiError):
    """There is no such object (any more)."""


class Conflict(ApiError):
    """There is an object of that name already, or it is not the one any more that was read."""


class Invalid(ApiError):
    """The object may not be changed so, or not be so."""


KINDS = {403: Forbidden, 404: NotFound, 409: Conflict, 422: Invalid}


class Closed(Exception):
    """The runner is at its end; its other threads stop."""


class Api:
    """Requests to one namespace of one API server."""

    def __init__(
        self,
        connect: Callable[[float], http.client.HTTPConnection],
        namespace: str,
        clock: Clock,
        token: Path | None = None,
    ) -> None:
        self._connect, self._clock, self._token = connect, clock, token
        self.namespace = namespace
        self._own = threading.local()
        self._closed = False

    @classmethod
    def of_pod(cls, host: str, port: int, namespace: str, clock: Clock) -> Api:
        """The API server of this pod's cluster, with this pod's service account."""
        trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
        return cls(
            lambda seconds: http.client.HTTPSConnection(host, port, timeout=seconds, context=trust),
            namespace,
            clock,
            ACCOUNT / "token",
        )

    def path(self, kind: str, name: str = "") -> str:
        """The path of a kind's objects in the namespace, or of one of them."""
        group = GROUPS.get(kind, "/apis/batch/v1")
        return f"{group}/namespaces/{self.namespace}/{kind}" + (f"/{name}" if name else "")

    def get(self, kind: str, name: str) -> Json:
        """One object. Raises :class:`ApiError`."""
        return self.request("GET", self.path(kind, name))

    def create(self, kind: str, body: Json, attempts: int = 0, is_wanted: Callable[[], bool] = lambda: True) -> Json:
        """Create an object. Raises :class:`ApiError`, with 409 also when an earlier attempt got through unseen."""
        return self.request("POST", self.path(kind), body, attempts=attempts, is_wanted=is_wanted)

    def patch(self, kind: str, name: str, body: Json) -> Json:
        """Merge into an object; with metadata.resourceVersion only if it is still that one (else 409)."""
        # Without a version, a conflict only means that others write as well.
        passing = PASSING if "resourceVersion" in body.get("metadata", {}) else (*PASSING, 409)
        return self.request("PATCH", self.path(kind, name), body, MERGE, passing=passing)

    def delete(self, kind: str, item: Json) -> None:
        """Delete an object if it is still just so. Raises :class:`ApiError`: 404 when it is gone, 409 when changed."""
        only = {key: item["metadata"][key] for key in ("uid", "resourceVersion")}
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": only}
        self.request("DELETE", self.path(kind, item["metadata"]["name"]), body)

    def list(self, kind: str, selector: str, fields: str = "") -> tuple[builtins.list[Json], str]:
        """All objects that the selectors of labels and fields take, page by page, and the version of the list."""
        items: list[Json] = []
        query = {"labelSelector": selector, "limit": str(PAGE), **({"fieldSelector": fields} if fields else {})}
        while True:
            page = self.request("GET", self.path(kind) + "?" + urlencode(query))
            items += page["items"]
            if not page["metadata"].get("continue"):
                return items, page["metadata"]["resourceVersion"]
            query["continue"] = page["metadata"]["continue"]

    def request(
        self,
        method: str,
        path: str,
        body: Json = None,
        content: str = "application/json",
        attempts: int = 0,
        is_wanted: Callable[[], bool] = lambda: True,
        passing: Sequence[int] = PASSING,
    ) -> Json:
        """One request, tried again while its error may pass; `attempts` and `is_wanted` limit that.

        Raises :class:`ApiError`.
        """
        data = None if body is None else json.dumps(body).encode()
        tries = 0
        while True:
            tries += 1
            pause: float | None = None
            try:
                status, pause, answer = self._once(method, path, data, content)
                if status < 300:
                    return json.loads(answer)
            except (OSError, http.client.HTTPException, json.JSONDecodeError) as problem:
                self._drop()
                status, answer = 503, str(problem).encode() or b"no answer"
            may_pass = status in passing or (status == 401 and tries < UNKNOWN_ATTEMPTS)
            may_pass = may_pass or (method == "POST" and _is_about_counting(status, answer))
            if not may_pass or tries == attempts or not is_wanted():
                raise ApiError(status, message_of(answer), may_pass)
            self._clock.sleep(pause_after(tries) if pause is None else pause)

    def watch(self, kind: str, selector: str, version: str) -> Iterator[tuple[str, Json]]:
        """Changes since a version, until the server closes the stream. Raises :class:`ApiError` (410: list again)."""
        query = {
            "labelSelector": selector,
            "resourceVersion": version,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        connection = self._connect(WATCH_SILENCE)
        try:
            self._stop_if_closed()
            connection.request("GET", self.path(kind) + "?" + urlencode(query), headers=self._headers())
            response = connection.getresponse()
            if response.status != 200:
                raise ApiError(response.status, message_of(response.read()))
            for line in response:
                self._stop_if_closed()
                change = json.loads(line)
                if change["type"] == "ERROR":
                    raise ApiError(change["object"].get("code", 500), change["object"].get("message", ""))
                yield change["type"], change["object"]
        finally:
            connection.close()

    def close(self) -> None:
        """Whoever uses this from now on gets :class:`Closed`."""
        self._closed = True
        self._drop()

    def _stop_if_closed(self) -> None:
        if self._closed:
            self._drop()
            raise Closed

    def _once(self, method: str, path: str, data: bytes | None, content: str) -> tuple[int, float | None, bytes]:
        self._stop_if_closed()
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._connect(REQUEST_SECONDS)
            weakref.finalize(threading.current_thread(), connection.close)
        headers = self._headers()
        if data is not None:
            headers["Content-Type"] = content
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        answer = response.read()
        after = response.getheader("Retry-After", "")
        pause = min(float(after), LONGEST_PAUSE_ASKED_FOR) if after.isdecimal() else None
        return response.status, pause, answer

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "flowhelm-runner"}
        if self._token is not None:
            headers["Authorization"] = "Bearer " + self._token.read_text().strip()
        return headers

    def _drop(self) -> None:
        connection = vars(self._own).pop("connection", None)
        if connection is not None:
            connection.close()


class Watch:
    """All objects that a selector takes, told as they are and whenever they change, for as long as the process lives.

    `seen(object)` and `gone(name)` are called in the watch's own thread. After 410, and whenever the stream cannot be
    taken up where it broke, everything is listed again, and what is no longer there is told as gone.
    """

    def __init__(
        self,
        api: Api,
        kind: str,
        selector: str,
        clock: Clock,
        seen: Callable[[Json], None],
        gone: Callable[[str], None],
    ) -> None:
        self._api, self._kind, self._selector, self._clock = api, kind, selector, clock
        self._seen, self._gone = seen, gone
        self._names: set[str] = set()
        self._version = ""
        self._failures = 0

    def start(self) -> None:
        """Watch from now on."""
        threading.Thread(target=self._work, name=f"watch-{self._kind}", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                if not self._version:
                    self._list()
                self._follow()
                self._clock.sleep(FIRST_PAUSE)
            except Closed:
                return
            except (ApiError, OSError, http.client.HTTPException, ValueError) as problem:
                if isinstance(problem, ApiError):
                    self._version = ""
                self._failures += 1
                self._clock.sleep(pause_after(self._failures))

    def _list(self) -> None:
        items, version = self._api.list(self._kind, self._selector)
        names = {item["metadata"]["name"] for item in items}
        for name in self._names - names:
            self._gone(name)
        self._names = names
        for item in items:
            self._seen(item)
        self._version = version

    def _follow(self) -> None:
        for change, item in self._api.watch(self._kind, self._selector, self._version):
            self._failures = 0
            self._version = item["metadata"]["resourceVersion"]
            name = item["metadata"].get("name", "")
            if change == "DELETED":
                self._names.discard(name)
                self._gone(name)
            elif change != "BOOKMARK":
                self._names.add(name)
                self._seen(item)


def pause_after(tries: int) -> float:
    """Seconds until the next try, which grow."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries - 1, 10)) * random.uniform(0.5, 1.0)


def message_of(answer: bytes) -> str:
    """What an error of the API server says."""
    return _field(answer, "message") or answer[:200].decode("utf-8", "replace")


def _is_about_counting(status: int, answer: bytes) -> bool:
    """Whether nothing was created because a quota cannot count at the moment, not because it is full.

    A conflict says that others change the count as well (kubernetes/kubernetes#67761; an object that is there already
    is another answer), and a new quota knows no count yet (k8s.io/apiserver, resourcequota/controller.go).
    """
    if status == 409:
        return _field(answer, "reason") == "Conflict"
    return status == 403 and ": status unknown for quota: " in message_of(answer)


def _field(answer: bytes, name: str) -> str:
    """A field of an error of the API server, "" when it has none."""
    try:
        return str(json.loads(answer)[name])
    except (ValueError, KeyError, TypeError):
        return ""
