"""What people see of a run: JSON log lines on stdout, Kubernetes Events on the run's Job."""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .kube import Api, ApiError, Clock, Closed

Json = Any

EVENTS_WAITING = 1000
EVENT_ATTEMPTS = 5
BEHIND = 0.1
"""Seconds after which Events are sent: calls that take milliseconds need the processor more."""

ROUTINE = ("TaskStarted", "TaskSucceeded")
"""What is no Event when it is about an item of a foreach, or about a task within one."""

WARNINGS = ("Failed", "Retried", "Cancelled", "Refused")


class Record:
    """Tells what happens. A line is written at once; Events are sent behind it, and given up when too many wait."""

    def __init__(self, api: Api, run: Mapping[str, str], workflow: str, clock: Clock) -> None:
        self._api, self._run, self._workflow, self._clock = api, run, workflow, clock
        self._waiting: queue.Queue[dict[str, Json]] = queue.Queue(EVENTS_WAITING)
        threading.Thread(target=self._work, name="events", daemon=True).start()

    def tell(self, event: str, task: str | None, facts: Mapping[str, Json]) -> None:
        """Something happened: `TaskFailed`, the task's name, and what else is known (reason, tries, duration)."""
        self.log(event, task, facts)
        if task is not None and "[" in task and event in ROUTINE:  # hundreds of items would drown the others
            return
        with suppress(queue.Full):  # the log line has it
            self._waiting.put_nowait(self._as_event(event, task, facts))

    def log(self, event: str, task: str | None, facts: Mapping[str, Json]) -> None:
        """Only a line."""
        line = {
            "time": timestamp(self._clock.now()),
            "run": self._run["name"],
            "workflow": self._workflow,
            "event": event,
        }
        if task is not None:
            line["task"] = task
        sys.stdout.write(json.dumps({**line, **facts}, ensure_ascii=False) + "\n")
        sys.stdout.flush()

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
                pass  # an Event is a courtesy
            finally:
                self._waiting.task_done()

    def _as_event(self, event: str, task: str | None, facts: Mapping[str, Json]) -> dict[str, Json]:
        now = timestamp(self._clock.now())
        what = f"task {task}" if task else "run"
        words = event.replace("Task", "").replace("Run", "").lower()
        message = f"{what} {words}" + (f": {facts['reason']}" if facts.get("reason") else "")
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{self._run['name']}."},
            "involvedObject": {"apiVersion": "batch/v1", "kind": "Job", "namespace": self._api.namespace, **self._run},
            "reason": event,
            "message": message[:1000],
            "type": "Warning" if event.endswith(WARNINGS) else "Normal",
            "source": {"component": "flowhelm"},
            "reportingComponent": "flowhelm",
            "reportingInstance": self._run["name"],
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }


def timestamp(seconds: float) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    whole = int(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 1000):03d}Z"
