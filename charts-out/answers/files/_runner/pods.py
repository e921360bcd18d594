"""A task's Job: its name, its manifest, and what its pod says about how it ended.

One Job for each try, with a name that follows from the run, the task and the try, so that creating it again after a
crash finds the first one. The Job's own deadline is the task's time-out. The runner ends a Job before its time by
setting a deadline that has passed, with the reason in an annotation, so that the Job stays as the record of its try.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Mapping
from typing import Any

from .expressions import Lookup, text_of
from .run import Result
from .values import MOST_BYTES, WrongValue, check_outputs, parse_outputs, usable_outputs
from .workflow import Task

Json = Any

RUN_LABEL, TASK_LABEL, WORKFLOW_LABEL = "flowhelm.dev/run", "flowhelm.dev/task", "flowhelm.dev/workflow"
TRY, OUTPUTS, ENDED_BECAUSE = "flowhelm.dev/try", "flowhelm.dev/outputs", "flowhelm.dev/ended"
MOST_NAME = 63

IMAGE_TROUBLE = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
    "SignatureValidationFailed",
)
GONE = "its pod is gone"
TIMEOUT = "timeout"
SETUP_TROUBLE = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")


def job_name(run_name: str, run_id: str, task: str, number: int) -> str:
    """The name of a try's Job: readable, at most 63 characters, and another one for each run, task and try."""
    digest = hashlib.sha256(f"{run_id}/{task}/{number}".encode()).hexdigest()[:8]
    return f"{run_name}-{task}"[: MOST_NAME - len(digest) - 1].rstrip("-.") + "-" + digest


def job_manifest(template: Json, task: Task, number: int, owner: Mapping[str, str], lookup: Lookup) -> Json:
    """The Job of one try, from the jobTemplate of the task's CronJob; `owner` is the run's Job (name and uid).

    Raises :class:`WrongValue` when an argument cannot be evaluated.
    """
    job = copy.deepcopy(template)
    metadata, spec = job.setdefault("metadata", {}), job["spec"]
    labels = {RUN_LABEL: owner["name"], TASK_LABEL: task.name}
    metadata["name"] = job_name(owner["name"], owner["uid"], task.name, number)
    metadata.setdefault("labels", {}).update(labels)
    metadata.setdefault("annotations", {})[TRY] = str(number)
    # No blockOwnerDeletion: that would need the right to change finalizers of Jobs.
    metadata["ownerReferences"] = [{"apiVersion": "batch/v1", "kind": "Job", **owner, "controller": False}]
    spec.update(backoffLimit=0, activeDeadlineSeconds=max(1, math.ceil(task.timeout)), podReplacementPolicy="Failed")
    spec["template"].setdefault("metadata", {}).setdefault("labels", {}).update(labels)
    container = spec["template"]["spec"]["containers"][0]
    try:
        for key, written in (("command", task.command), ("args", task.args)):
            if written is not None:
                container[key] = [_unexpanded(text_of(item, lookup)) for item in written]
        values = {name: _unexpanded(text_of(written, lookup)) for name, written in task.env.items()}
    except WrongValue as problem:
        raise WrongValue(f"its arguments: {problem}") from None
    if values:
        container["env"] = _with(container.get("env", []), values)
    return job


def ended(job: Json) -> str | None:
    """The reason of a Job that has ended ("Complete" or that of its failure), None for one that has not."""
    for state in job.get("status", {}).get("conditions", ()):
        if state["status"] == "True" and state["type"] in ("Complete", "Failed"):
            return "Complete" if state["type"] == "Complete" else str(state.get("reason", "Failed"))
    return None


def has_ended_by_itself(pod: Json) -> bool:
    """Whether a pod is at its end without having been told to go; else its Job's word counts."""
    return pod["status"].get("phase") in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]


def result_of(task: Task, job: Json | None, pod: Json | None, container: str) -> Result:
    """How a try ended, from what is left of its Job and its pod."""
    how = ended(job) if job is not None else None
    if how == "DeadlineExceeded" and job is not None:
        return Result(False, job["metadata"].get("annotations", {}).get(ENDED_BECAUSE, TIMEOUT))
    if pod is None:
        return _kept_result(task, job) if how == "Complete" else Result(False, GONE)
    failure = "" if pod["status"].get("phase") == "Succeeded" and how in (None, "Complete") else _pod_failure(pod)
    try:
        written = _written(pod, container, task)
    except WrongValue as problem:
        return Result(False, failure or str(problem))
    try:
        check_outputs(written, task.outputs)
    except WrongValue as problem:
        failure = failure or str(problem)
    return Result(False, failure, usable_outputs(written, task.outputs)) if failure else Result(True, outputs=written)


def kept_outputs(job: Json) -> str:
    """The outputs that were kept on a Job, as JSON text."""
    return str(job["metadata"].get("annotations", {}).get(OUTPUTS, ""))


def trouble(pod: Json) -> str:
    """Why a pod's containers cannot start, "" when nothing keeps them from it."""
    for status in _container_statuses(pod):
        waiting = status.get("state", {}).get("waiting") or {}
        reason, message = waiting.get("reason", ""), waiting.get("message", "")
        if reason in IMAGE_TROUBLE:
            return f"the image {status['image']} cannot be pulled" + (f": {message}" if message else "")
        if reason in SETUP_TROUBLE:
            return f"its container cannot be started: {message or reason}"
    return ""


def _kept_result(task: Task, job: Json | None) -> Result:
    try:
        written = parse_outputs(kept_outputs(job or {"metadata": {}}), task.outputs)
        check_outputs(written, task.outputs)
        return Result(True, outputs=written)
    except WrongValue as wrong:
        return Result(False, str(wrong))


def _written(pod: Json, container: str, task: Task) -> dict[str, Json]:
    """The declared outputs in the termination message, of which the kubelet keeps the last 4,096 bytes."""
    statuses = [status for status in pod["status"].get("containerStatuses", ()) if status["name"] == container]
    message = ((statuses or [{}])[0].get("state", {}).get("terminated") or {}).get("message", "")
    try:
        return parse_outputs(message, task.outputs)
    except WrongValue:
        if len(message.encode()) >= MOST_BYTES:
            raise WrongValue(f"its outputs are larger than {MOST_BYTES} bytes") from None
        raise


def _pod_failure(pod: Json) -> str:
    """Why a pod failed, in a few words."""
    status = pod["status"]
    disrupted = any(
        state["type"] == "DisruptionTarget" and state["status"] == "True" for state in status.get("conditions", ())
    )
    if disrupted or status.get("reason") in (
        "Evicted",
        "Preempting",
        "NodeLost",
        "NodeShutdown",
        "Shutdown",
        "Terminated",
    ):
        return "evicted"
    for container in _container_statuses(pod):
        terminated = container.get("state", {}).get("terminated") or {}
        if terminated.get("reason") == "OOMKilled":
            return "out of memory"
        if terminated.get("exitCode", 0) != 0:
            return f"exit code {terminated['exitCode']}"
    if status.get("phase") not in ("Succeeded", "Failed"):
        return GONE
    return str(status.get("message") or status.get("reason") or "its pod failed")


def _container_statuses(pod: Json) -> list[Json]:
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]


def _unexpanded(text: str) -> str:
    """Kubernetes reads $(NAME) and $$ in arguments; a doubled $ is a $."""
    return text.replace("$", "$$")


def _with(env: list[Json], values: Mapping[str, str]) -> list[Json]:
    """An env list with these values in it, each where its name already stands, else at the end."""
    names = [entry["name"] for entry in env]
    changed = [
        {"name": entry["name"], "value": values[entry["name"]]} if entry["name"] in values else entry for entry in env
    ]
    return changed + [{"name": name, "value": value} for name, value in values.items() if name not in names]
