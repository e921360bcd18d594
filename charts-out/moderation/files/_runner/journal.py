"""What survives the process: annotations on the run's Job, packed as gzip and base64.

    flowhelm.dev/plan      plan, bindings, task templates, inputs: written once, first of all; a restart reads only this
    flowhelm.dev/journal   the progress (Run.dump), written behind what happens
    flowhelm.dev/runner    the uid of the pod that writes: another one in its place has taken the run over

The progress, for whoever wants to know how a run is (C15):

    PROGRESS = {"phase": "tasks|on_exit|ended", "status": STATUS, "reason", "started", "on_exit_started",
                "stopping": [verdict, reason], "outputs": {NAME: value}, "tasks": {NAME: TASK},
                "incomplete": true}                     values are left out: they were too large
    TASK = {"status", "reason", "tries", "started", "tried", "ended", "due", "created", "lock", "held",
            "outputs": {NAME: value},                   of a pod: on its Job, in flowhelm.dev/outputs, unless taken
            "taken": true,                              over from the run that this one retries: it did not run here
            "workflow": PROGRESS,                       of the workflow that it has called, its last try; before it
                                                        has (no "started"): what is taken over there
            "items": [value], "each": [TASK]}           of a foreach
    STATUS = "waiting|ready|locking|running|paused|succeeded|failed|skipped|cancelled"

Times are seconds since 1970. What says nothing is left out; a task that is not there waits.

Writes carry the resourceVersion that was last seen, so that of two runners only one goes on.
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Mapping
from typing import Any, Callable

from .kube import Api, Clock, Conflict, NotFound
from .progress import CANCELLED
from .values import KEPT_NESTED, read_json

Json = Any

PLAN, JOURNAL, RUNNER = "flowhelm.dev/plan", "flowhelm.dev/journal", "flowhelm.dev/runner"

MOST = 126 * 1024
"""Characters of one annotation; all annotations of an object share 256 KiB."""

NO_ALARM = 2**31 - 1
"""The deadline on the Job of a run that ended without success and needs nobody: it was cancelled, or is retried. A Job
can say no more than that it has failed; kube-state-metrics shows the deadline, and alerts leave such runs out.
"""

BEHIND = 0.1
"""Seconds in which changes gather before they are written, unless someone waits for them."""


class TooLarge(Exception):
    """What should be kept does not fit."""


class TakenOver(Exception):
    """Another runner, or nobody, carries this run on; this one must stop."""


def pack(value: Json) -> str:
    """A value as text for an annotation. Raises :class:`TooLarge`."""
    plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    packed = base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode()
    if len(packed) > MOST:
        raise TooLarge(f"{len(packed)} bytes, at most {MOST} can be kept")
    return packed


def unpack(text: str) -> Json:
    """The value that was packed."""
    return read_json(gzip.decompress(base64.b64decode(text)), KEPT_NESTED)


class RunJob:
    """The run's Job, as the one runner that may write to it sees it."""

    def __init__(self, api: Api, job: Json, runner: str) -> None:
        self._api, self._runner = api, runner
        self.name, self.uid = job["metadata"]["name"], job["metadata"]["uid"]
        self._version = job["metadata"]["resourceVersion"]

    def take(self, annotations: Mapping[str, str], labels: Mapping[str, str], deadline: int) -> None:
        """The first write: this runner carries the run on. Raises `ApiError` 409 when the Job has changed.

        `deadline` is the Job's own, in seconds: for the case that no runner is left to keep the run's time-out.
        """
        change = {"metadata": {"labels": dict(labels)}, "spec": {"activeDeadlineSeconds": deadline}}
        self._patch({**annotations, RUNNER: self._runner}, change)

    def write(self, annotations: Mapping[str, str], *, no_alarm: bool = False) -> None:
        """Write annotations. Raises :class:`TakenOver` when another runner has taken the run over."""
        change = {"spec": {"activeDeadlineSeconds": NO_ALARM}} if no_alarm else {}
        while True:
            try:
                self._patch(annotations, change)
                return
            except (NotFound, Conflict):
                self._reload()

    def _patch(self, annotations: Mapping[str, str], change: Mapping[str, Json] | None = None) -> None:
        change = dict(change or {})
        own = {"resourceVersion": self._version, "annotations": dict(annotations)}
        change["metadata"] = {**change.get("metadata", {}), **own}
        self._version = self._api.patch("jobs", self.name, change)["metadata"]["resourceVersion"]

    def _reload(self) -> None:
        """Others write to the Job too (its controller, people): read the version again."""
        try:
            metadata = self._api.get("jobs", self.name)["metadata"]
        except NotFound:
            raise TakenOver("the run was deleted") from None
        if metadata["uid"] != self.uid:
            raise TakenOver("the run was deleted")
        if metadata.get("annotations", {}).get(RUNNER) != self._runner:
            raise TakenOver("another runner has taken the run over")
        self._version = metadata["resourceVersion"]


class Journal:
    """Writes the progress behind the run, in a thread of its own.

    There, `failed(problem)` is called when it cannot be written.
    """

    def __init__(self, job: RunJob, clock: Clock, failed: Callable[[Exception], None]) -> None:
        self._job, self._clock, self._failed = job, clock, failed
        self._changed = threading.Condition()
        self._latest: Json = None
        self._offered = self._written = self._wanted = 0
        self._broken = False
        threading.Thread(target=self._work, name="journal", daemon=True).start()

    def offer(self, progress: Json) -> int:
        """Have the progress written soon, or a later one in its place; returns its number."""
        with self._changed:
            if self._offered == self._written:  # else the thread is at it, or about to be
                self._changed.notify_all()
            self._latest = progress
            self._offered += 1
            return self._offered

    def wait(self, number: int, seconds: float | None = None) -> bool:
        """Wait until the progress of that number, or a later one, is written; false when it is not (yet)."""
        with self._changed:
            self._wanted = max(self._wanted, number)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._broken or self._written >= number, seconds)
            return self._written >= number

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._offered > self._written)
                self._changed.wait_for(lambda: self._wanted > self._written, self._clock.real(BEHIND))
                number, progress = self._offered, self._latest
            try:
                is_cancelled = (progress["phase"], progress["status"]) == ("ended", CANCELLED)
                self._job.write({JOURNAL: self._packed(progress)}, no_alarm=is_cancelled)
            except TooLarge:
                pass  # the run has been given up, and ends without a record
            except Exception as problem:  # whatever it is, the run must not go on unrecorded
                self._failed(problem)
                self._broken = True
            with self._changed:
                self._written = self._written if self._broken else number
                self._changed.notify_all()
            if self._broken:
                return

    def _packed(self, progress: Json) -> str:
        try:
            return pack(progress)
        except TooLarge as problem:
            self._failed(problem)
            return pack({**progress, "incomplete": True, "outputs": {}, "tasks": _without_values(progress["tasks"])})


def _without_values(tasks: Mapping[str, Json]) -> dict[str, Json]:
    """The progress of tasks without what they wrote and what their items are: it says only how far they are."""
    return {name: _without_value(task) for name, task in tasks.items()}


def _without_value(task: Mapping[str, Json]) -> Json:
    bare = {key: value for key, value in task.items() if key != "outputs"}
    if "each" in bare:
        bare.update(items=[None] * len(bare["each"]), each=[_without_value(item) for item in bare["each"]])
    if "workflow" in bare:
        inner = {**bare["workflow"], "outputs": {}, "inputs": {}}
        bare["workflow"] = {**inner, "tasks": _without_values(inner["tasks"])}
    return bare
