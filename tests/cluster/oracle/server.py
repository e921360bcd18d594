"""Asks a real API server whether it would take objects: `dryRun=All`, strict field validation, nothing is stored.

Its answers are kept by the content of what was asked, so that a second run with changed rules costs little.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.cluster.cluster import execute

Json: TypeAlias = Any

DEFINITIONS = Path(__file__).parents[2] / "data" / "crds"
NAMESPACE = "flowhelm-oracle"
LABELS = {"pod-security.kubernetes.io/enforce": "privileged", "app.kubernetes.io/part-of": "flowhelm-e2e"}
"""It stays: nothing is ever in it, and answers are kept by what was asked, names included."""

ACCOUNTS = ("web",)
"""Service accounts that the corpus' pods name."""

OTHERS = r"is already allocated|already in use|does not match the namespace sent|label on the containing namespace"
"""What a message says when it is not about the object alone."""

TRIAL = "?dryRun=All&fieldValidation=Strict"
WORKERS = 6
BUSY = (429, 500, 502, 503, 504)
TRIES = 5


@dataclass(frozen=True)
class Answer:
    """What the server said. `message` is empty when it would take the object."""

    status: int
    message: str

    @property
    def is_taken(self) -> bool:
        """Whether the object is valid: that one of its name is there already says so too."""
        return self.status in (200, 201, 409)

    @property
    def depends_on_others(self) -> bool:
        """Whether another object, or another state of the cluster, would change the answer; or it gave none."""
        return self.status == 403 or self.status in BUSY or bool(re.search(OTHERS, self.message))


class Server:
    """A server behind a proxy of kubectl."""

    def __init__(self, port: int, namespace: str, kept: Path) -> None:
        self._port, self._namespace, self._kept = port, namespace, kept
        self._local = threading.local()
        self._resources: dict[str, dict[str, tuple[str, bool]]] = {}
        self._lock = threading.Lock()
        self._connections: list[http.client.HTTPConnection] = []
        self.version = str(self._request("GET", "/version")[1]["gitVersion"])
        self._answers = self._read()

    def ask(self, objects: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """The answers, in order."""
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(self._ask, objects))

    def create(self, data: Mapping[str, Json]) -> Answer:
        """Creates an object in earnest, as Helm does; takes it over when it is there."""
        return self._apply(data, "")

    def change(self, objects: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """What the server says of each object in place of the one of its name, which stays as it is."""
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda data: self._apply(data, TRIAL), objects))

    def delete(self, data: Mapping[str, Json]) -> None:
        """Deletes the object of this name, at once."""
        options = '{"gracePeriodSeconds": 0, "propagationPolicy": "Background"}'
        self._request("DELETE", f"{self._path(data)}/{data['metadata']['name']}", options)

    def _apply(self, data: Mapping[str, Json], how: str) -> Answer:
        path = f"{self._path(data)}/{data['metadata']['name']}{how or '?'}&fieldManager=helm&force=true"
        return _answer(*self._request("PATCH", path, json.dumps(data), "application/apply-patch+yaml"))

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()

    def _ask(self, data: Mapping[str, Json]) -> Answer:
        body = json.dumps(data)
        key = hashlib.sha256(body.encode()).hexdigest()[:32]
        if key in self._answers:
            return self._answers[key]
        answer = _answer(*self._request("POST", self._path(data) + TRIAL, body))
        status = answer.status
        if status not in (429, 503):
            with self._lock, self._file().open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, answer.status, answer.message]) + "\n")
        return answer

    def _path(self, data: Mapping[str, Json]) -> str:
        api_version = data["apiVersion"]
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        with self._lock:
            if root not in self._resources:
                listed = self._request("GET", root)[1].get("resources", ())
                self._resources[root] = {
                    each["kind"]: (each["name"], each["namespaced"]) for each in listed if "/" not in each["name"]
                }
            known = self._resources[root]
        if data["kind"] not in known:
            raise SystemExit(f"the server has no {data['kind']} in {api_version}")
        plural, is_namespaced = known[data["kind"]]
        place = f"/namespaces/{self._namespace}" if is_namespaced else ""
        return f"{root}{place}/{plural}"

    def _request(self, method: str, path: str, body: str = "", content: str = "application/json") -> tuple[int, Json]:
        for attempt in range(TRIES):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
                self._connections.append(connection)
            try:
                connection.request(method, path, body.encode() or None, {"Content-Type": content})
                answer = connection.getresponse()
                said = _read(answer.read())
            except (OSError, http.client.HTTPException):
                connection.close()
                self._local.connection = None
                if attempt == TRIES - 1:
                    raise
                continue
            if answer.status not in BUSY or attempt == TRIES - 1:
                return answer.status, said
        raise AssertionError("unreachable")

    def _file(self) -> Path:
        return self._kept / f"{self.version}.jsonl"

    def _read(self) -> dict[str, Answer]:
        self._kept.mkdir(parents=True, exist_ok=True)
        found = {}
        if self._file().exists():
            for line in self._file().read_text("utf-8").splitlines():
                key, status, message = json.loads(line)
                found[key] = Answer(status, message)
        return found


def _answer(status: int, said: Json) -> Answer:
    return Answer(status, "" if status < 300 else str(said.get("message", said)))


def _read(text: bytes) -> Json:
    try:
        return json.loads(text)
    except ValueError:  # it broke over the object, and the proxy says so in plain words
        return {"message": text.decode(errors="replace")}


@contextmanager
def serving(kubectl: Path, kept: Path, namespace: str = NAMESPACE) -> Iterator[Server]:
    """A server with a namespace in which pods may be anything, for as long as it is used.

    `kept` is the folder of its earlier answers. The custom resources of the corpus are made known to it, and stay so.
    """
    for path in sorted(DEFINITIONS.glob("*.yaml.gz")):
        text = gzip.decompress(path.read_bytes()).decode()
        execute(kubectl, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)
        execute(kubectl, "wait", "--for=condition=Established", "--timeout=60s", "-f", "-", stdin=text)
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": LABELS}}
    accounts = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}
        for name in ACCOUNTS
    ]
    for each in (place, *accounts):
        execute(kubectl, "apply", "-f", "-", stdin=json.dumps(each))
    proxy = subprocess.Popen([str(kubectl), "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
    assert proxy.stdout
    found = re.search(r":(\d+)$", proxy.stdout.readline().strip())
    assert found
    server = Server(int(found[1]), namespace, kept)
    try:
        yield server
    finally:
        server.close()
        proxy.kill()
        proxy.communicate()
