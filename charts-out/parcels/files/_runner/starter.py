"""Starts one run: what the hook does after `helm install` and `helm upgrade`."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from .admission import TRIGGER
from .kube import Api, ApiError

Json = Any


def start_run(api: Api, cronjob: str, revision: str) -> str:
    """Make a Job from a CronJob, as `kubectl create job --from` does; returns its name.

    The name follows from the release's revision, so that a hook that is tried again does not start a second run.
    Raises `ApiError`.
    """
    job = run_manifest(api.get("cronjobs", cronjob), revision)
    try:
        api.create("jobs", job)
    except ApiError as error:
        if error.status != 409:
            raise
    return str(job["metadata"]["name"])


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
