"""The Jobs that are runs: of a workflow as it is now, and of one that failed, to do that again.

The CronJob owns them, so that its history limits count them and uninstalling removes them.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from generator.runtime.admission import BY_HAND, INPUTS, RETRY_OF, TRIGGER
from generator.runtime.pods import RUN_LABEL

Json = Any

OF_ITS_CONTROLLER = ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
"""Labels that the Job controller has put on a Job and its pods, and that name that Job."""


def run_job(cronjob: Json, inputs: Mapping[str, Json], name: str = "") -> Json:
    """A run of the workflow as it is now; without a name the server gives it one."""
    job = copy.deepcopy(cronjob["spec"]["jobTemplate"])
    annotations = {**job.get("metadata", {}).get("annotations", {}), BY_HAND: "manual"}
    annotations[INPUTS] = json.dumps(inputs, ensure_ascii=False, separators=(",", ":"))
    return _owned(job, cronjob, annotations, name)


def retry_job(run: Json, cronjob: Json, name: str = "") -> Json:
    """A run that does again what failed in another one, with that one's pod: docs/adr/0011."""
    spec = copy.deepcopy(run["spec"])
    for given in ("selector", "suspend", "manualSelector"):
        spec.pop(given, None)
    labels = dict(run["metadata"].get("labels", {}))
    for found in (labels, spec["template"].get("metadata", {}).get("labels", {})):
        for label in (*OF_ITS_CONTROLLER, RUN_LABEL):
            found.pop(label, None)
    job = {"metadata": {"labels": labels}, "spec": spec}
    trigger = run["metadata"].get("annotations", {}).get(TRIGGER, "")
    of_one_schedule = {TRIGGER: trigger} if trigger.startswith("schedule-") else {}
    retry_of = run["metadata"]["name"]
    return _owned(job, cronjob, {**of_one_schedule, BY_HAND: "manual", RETRY_OF: retry_of}, name)


def _owned(job: Json, cronjob: Json, annotations: Mapping[str, str], name: str) -> Json:
    owner = cronjob["metadata"]
    metadata = {**job.get("metadata", {}), "annotations": dict(annotations)}
    metadata |= {"name": name} if name else {"generateName": f"{owner['name']}-"}
    reference = {"apiVersion": "batch/v1", "kind": "CronJob", "name": owner["name"], "uid": owner["uid"]}
    metadata["ownerReferences"] = [{**reference, "controller": True}]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": job["spec"]}
