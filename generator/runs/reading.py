"""Reads the logs of pods: one after another as they are, or side by side for as long as they go on.

Input: which pods, asked again and again while it follows. Output: their lines, each with the pod it came from.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from generator.runs.kubectl import Kubectl, Refused

Json = Any

LOOK_AGAIN = 1.0
"""Seconds between looks at what there is to follow."""


class Source(NamedTuple):
    """A container's log. `title` names it where there are several."""

    title: str
    pod: Json
    container: str

    @property
    def has_begun(self) -> bool:
        """Whether there may be a log."""
        statuses = self.pod.get("status", {}).get("containerStatuses", ())
        states = [each.get("state", {}) for each in statuses if each["name"] == self.container]
        return any("running" in state or "terminated" in state for state in states)


class Line(NamedTuple):
    """A line of a log."""

    source: Source
    text: str


def read(kubectl: Kubectl, source: Source, since: str) -> Iterator[Line]:
    """The log as it is now. Raises `Refused`, `NotFound` when the pod is gone."""
    for text in kubectl.run(*_arguments(source, since, follow=False)).splitlines():
        yield Line(source, text)


def follow(
    kubectl: Kubectl, find: Callable[[], Sequence[Source]], is_over: Callable[[], bool], since: str
) -> Iterator[Line]:
    """The lines of all that `find` gives, as they come, until it is over. Raises `Refused`."""
    lines: queue.SimpleQueue[Line | Refused] = queue.SimpleQueue()
    readers: dict[str, _Reader] = {}
    try:
        while True:
            over = is_over()
            for source in find():
                name = source.pod["metadata"]["name"]
                if name not in readers and source.has_begun:
                    readers[name] = _Reader(kubectl, source, since, lines)
            idle = True
            with suppress(queue.Empty):
                while True:
                    line = lines.get(timeout=LOOK_AGAIN)
                    if isinstance(line, Refused):
                        raise line
                    idle = False
                    yield line
            if over and (idle or not any(reader.thread.is_alive() for reader in readers.values())):
                return
    finally:
        for reader in readers.values():
            reader.process.kill()


def _arguments(source: Source, since: str, *, follow: bool) -> list[str]:
    limits = [f"--since={since}"] if since else []
    following = ["--follow"] if follow else []
    return ["logs", source.pod["metadata"]["name"], "--container", source.container, *limits, *following]


class _Reader:
    """One log that is read while it grows. A pod that goes ends it."""

    def __init__(self, kubectl: Kubectl, source: Source, since: str, lines: queue.SimpleQueue[Line | Refused]) -> None:
        self._source, self._lines = source, lines
        self.process: subprocess.Popen[str] = kubectl.open(*_arguments(source, since, follow=True))
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        for text in self.process.stdout:
            self._lines.put(Line(self._source, text.rstrip("\n")))
        said = self.process.stderr.read().strip()
        if self.process.wait() > 0 and "(NotFound)" not in said:
            self._lines.put(Refused(said))
