"""What people see of a run: JSON log lines on stdout, Kubernetes Events on the run's Job.

    {"time": "2026-11-28T08:02:05.719Z", "run": "close-1", "workflow": "close", "event": "TaskFailed", "task": "pay",
     "reason": "exit code 1", "tries": 3, "duration": 12.4}

Each line is one JSON object; docs/run-log.schema.json says which events have which facts. Neither lines nor Events hold
inputs, outputs, headers or bodies; an expression in a request's path or in a question is shown with its value.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from .kube import Api, ApiError, Clock, Closed
from .values import timestamp

Json = Any

EVENTS_WAITING = 1000
EVENT_ATTEMPTS = 5
BEHIND = 0.1
"""Seconds after which Events are sent: calls that take milliseconds need the processor more."""

MOST_ALIKE = 50
"""Events of one reason about tasks; the last of them says that the log has the others."""

OF_ITEMS = ("TaskRetried", "TaskFailed", "TaskWaits")
"""What is an Event even of an item of a foreach, or of a task within one: the rest would drown these."""

WARNINGS = ("Failed", "Retried")


class Record:
    """Tells what happens. A line is written at once; Events are sent behind it, and given up when too many wait."""

    def __init__(self, api: Api, run: Mapping[str, str], workflow: str, clock: Clock) -> None:
        self._api, self._run, self._workflow, self._clock = api, run, workflow, clock
        self._told: Counter[str] = Counter()
        self._newest = 0
        self._waiting: queue.Queue[dict[str, Json]] = queue.Queue(EVENTS_WAITING)
        threading.Thread(target=self._work, name="events", daemon=True).start()

    def tell(self, event: str, task: str | None, facts: Mapping[str, Json]) -> None:
        """Something happened: `TaskFailed`, the task's name, and what else is known (reason, tries, duration)."""
        self.tell_all([(self._clock.now(), (event, task, facts))])

    def tell_all(self, happened: Iterable[tuple[float, tuple[str, str | None, Mapping[str, Json]]]]) -> None:
        """Several things happened, each at its time: their lines are written together."""
        for now, (event, task, facts) in happened:
            self._tell(now, event, task, facts)
        sys.stdout.flush()

    def _tell(self, now: float, event: str, task: str | None, facts: Mapping[str, Json]) -> None:
        write_line(now, self._run["name"], self._workflow, event, task, facts)
        message = _message(event, task, facts, self._run["name"])[:900]
        if task is not None:
            if "[" in task and event not in OF_ITEMS:
                return
            self._told[event] += 1
            if self._told[event] > MOST_ALIKE:  # hundreds of tasks would drown the others; the log line has it
                return
            if self._told[event] == MOST_ALIKE:
                message += f" (more of the reason {event} stand in the log alone)"
        with suppress(queue.Full):
            self._waiting.put_nowait(self._as_event(now, event, message))

    def drain(self, seconds: float) -> None:
        """Wait until the Events are sent, but not for ever."""
        until = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.01)

    def _work(self) -> None:
        time.sleep(self._clock.real(BEHIND))
        while True:
            event = self._waiting.get()
            try:
                self._api.create("events", event, attempts=EVENT_ATTEMPTS)
            except (ApiError, Closed):
                pass  # an Event is a courtesy; 409: it has arrived before
            finally:
                self._waiting.task_done()

    def _as_event(self, now: float, event: str, message: str) -> dict[str, Json]:
        """The names of Events grow with time, so that those of one second are listed in their order."""
        self._newest = max(self._newest + 1, int(now * 1e9))
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{self._run['name']}.{self._newest:x}"},
            "involvedObject": {"apiVersion": "batch/v1", "kind": "Job", "namespace": self._api.namespace, **self._run},
            "reason": event,
            "message": message,
            "type": "Warning" if event.endswith(WARNINGS) else "Normal",
            "source": {"component": "flowhelm"},
            "reportingComponent": "flowhelm",
            "reportingInstance": self._run["name"],
            "firstTimestamp": timestamp(now),
            "lastTimestamp": timestamp(now),
            "count": 1,
        }


def _message(event: str, task: str | None, facts: Mapping[str, Json], run: str) -> str:
    what = f"task {task}" if task else "run"
    words = event.replace("Task", "").replace("Run", "").lower()
    words += f" (try {facts['tries']})" if event == "TaskStarted" and facts.get("tries", 1) > 1 else ""
    reason = f": {facts['reason']}" if facts.get("reason") else ""
    answer = f" (flowhelm approve {run} {task})" if "annotation" in facts else ""
    return f"{what} {words}{reason}{answer}"


def write_line(now: float, run: str, workflow: str, event: str, task: str | None, facts: Mapping[str, Json]) -> None:
    """One line of the log, not flushed."""
    line = {"time": timestamp(now), "run": run, "workflow": workflow, "event": event}
    if task is not None:
        line["task"] = task
    sys.stdout.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
