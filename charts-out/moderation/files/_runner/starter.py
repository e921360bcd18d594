"""Starts one run, and may wait for it: what the hook does after `helm install` and `helm upgrade`."""

from __future__ import annotations

import copy
import hashlib
from contextlib import suppress
from typing import Any

from .admission import TRIGGER
from .journal import JOURNAL, unpack
from .kube import Api, Clock, Conflict, NotFound
from .pods import ended
from .progress import FAILED, SKIPPED, SUCCEEDED
from .runner import EXIT_FINAL

Json = Any

LOOK_AGAIN = 1.0


def start(api: Api, clock: Clock, cronjob: str, revision: str, *, wait: bool) -> int:
    """Start a run and, with `wait`, wait for its end; what came of it is printed. Returns the exit code."""
    name = start_run(api, cronjob, revision)
    print(f"started {name}", flush=True)
    if not wait:
        return 0
    status, reason = await_run(api, clock, name)
    print(f"run {name} {status}" + (f": {reason}" if reason else ""))
    return 0 if status in (SUCCEEDED, SKIPPED) else EXIT_FINAL


def start_run(api: Api, cronjob: str, revision: str) -> str:
    """Make a Job from a CronJob, as `kubectl create job --from` does; returns its name.

    The name follows from the release's revision, so that a hook that is tried again does not start a second run.
    Raises `ApiError`.
    """
    job = run_manifest(api.get("cronjobs", cronjob), revision)
    with suppress(Conflict):
        api.create("jobs", job)
    return str(job["metadata"]["name"])


def await_run(api: Api, clock: Clock, name: str) -> tuple[str, str]:
    """Wait until a run has ended: its status, and the reason when there is one. Raises `ApiError`."""
    while True:
        try:
            job = api.get("jobs", name)
        except NotFound:
            return FAILED, "the run was deleted"
        verdict = ended(job)
        if verdict is not None:
            return _verdict(job, verdict)
        clock.sleep(LOOK_AGAIN)


def _verdict(job: Json, ending: str) -> tuple[str, str]:
    """What the run has written of itself; without that, what its Job says."""
    annotations = job["metadata"].get("annotations", {})
    written = unpack(annotations[JOURNAL]) if JOURNAL in annotations else {}
    if written.get("phase") == "ended":
        return written["status"], written["reason"]
    return (SUCCEEDED, "") if ending == "Complete" else (FAILED, ending)


def run_manifest(cronjob: Json, revision: str) -> Json:
    """The run's Job. The CronJob owns it, so that its history limits count it and uninstalling removes it."""
    template = copy.deepcopy(cronjob["spec"]["jobTemplate"])
    name, uid = cronjob["metadata"]["name"], cronjob["metadata"]["uid"]
    metadata = template.setdefault("metadata", {})
    metadata["name"] = f"{name}-{hashlib.sha256(f'{uid}/{revision}'.encode()).hexdigest()[:8]}"
    metadata.setdefault("annotations", {})[TRIGGER] = "install"
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": name, "uid": uid, "controller": True}
    metadata["ownerReferences"] = [owner]
    return {"apiVersion": "batch/v1", "kind": "Job", **template}
