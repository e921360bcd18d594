"""A task's Job: its name, its manifest, and what its pod says about how it ended.

One Job for each try, with a name that follows from the run, the path and the try, so that creating it again after a
crash finds the first one. The Job's own deadline is the task's time-out. The runner ends a Job before its time by
setting a deadline that has passed, with the reason in an annotation, so that the Job stays as the record of its try.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from .expressions import text_of
from .isolated import VARIABLE, told
from .names import job_name, label_of
from .plan import Task
from .progress import Result
from .troubles import EXIT_CODE, GONE, failure_of
from .values import MOST_BYTES, WrongValue, judged, parse_outputs, read_column, read_json
from .work import Work

Json = Any

RUN_LABEL, TASK_LABEL, WORKFLOW_LABEL = "flowhelm.dev/run", "flowhelm.dev/task", "flowhelm.dev/workflow"
PATH, TRY = "flowhelm.dev/path", "flowhelm.dev/try"
CHECKSUM = "checksum/files"
OUTPUTS, ENDED_BECAUSE = "flowhelm.dev/outputs", "flowhelm.dev/ended"
MOST_REASON = 300

TIMEOUT = "timeout"


def job_manifest(template: Json, work: Work, number: int, owner: Mapping[str, str]) -> Json:
    """The Job of one try, from the jobTemplate of the task's CronJob; `owner` is the run's Job (name and uid).

    Raises :class:`WrongValue` when an argument cannot be evaluated.
    """
    job = copy.deepcopy(template)
    task, tries = work.task, work.try_of(number)
    metadata, spec = job.setdefault("metadata", {}), job["spec"]
    labels = {RUN_LABEL: owner["name"], TASK_LABEL: label_of(work.path)}
    metadata["name"] = job_name(owner["name"], owner["uid"], work.path, tries)
    metadata.setdefault("labels", {}).update(labels)
    metadata.setdefault("annotations", {}).update({PATH: work.path, TRY: tries})
    # No blockOwnerDeletion: that would need the right to change finalizers of Jobs.
    metadata["ownerReferences"] = [{"apiVersion": "batch/v1", "kind": "Job", **owner, "controller": False}]
    spec.update(backoffLimit=0, activeDeadlineSeconds=max(1, math.ceil(task.timeout)), podReplacementPolicy="Failed")
    pod = spec["template"].setdefault("metadata", {})
    pod.setdefault("labels", {}).update(labels)
    pod.setdefault("annotations", {})[PATH] = work.path
    _set_arguments(spec["template"]["spec"]["containers"][0], work)
    return job


def _set_arguments(container: Json, work: Work) -> None:
    task = work.task
    try:
        for key, written in (("command", task.command), ("args", task.args)):
            if written is not None:
                container[key] = [_unexpanded(text_of(item, work.lookup)) for item in written]
        values = {name: _unexpanded(text_of(written, work.lookup)) for name, written in task.env.items()}
    except WrongValue as problem:
        raise WrongValue(f"its arguments: {problem}") from None
    if task.isolate:
        run = work.scope.run
        about = told(work.path, task, run.known_as(work.path), run.services, work.lookup)
        values[VARIABLE] = _unexpanded(about)
    if values:
        container["env"] = _with(container.get("env", []), values)


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
    if pod is None and how != "Complete":
        return Result(False, GONE)
    failed = pod is not None and (pod["status"].get("phase") != "Succeeded" or how not in (None, "Complete"))
    failure = failure_of(pod) if failed else ""
    message = _message(pod, container) if pod is not None else kept_outputs(job or {"metadata": {}})
    if failure.startswith(EXIT_CODE) and (task.kind == "sql" or task.isolate):
        failure, message = _own_words(failure, message)
    try:
        written = _written(message, task)
    except WrongValue as problem:
        return Result(False, failure or str(problem))
    words = (partial(_missing_column, message),) if task.kind == "sql" and pod is not None else ()
    usable, wrong = judged(written, task.outputs, *words)
    return Result(not (failure or wrong), failure or wrong, usable)


def _missing_column(message: str, name: str) -> str:
    """Why a statement has not given an output that has no default."""
    if not message.strip():
        return f"the statement gave no row, and the output {name} has no default"
    if name in read_json(message):
        return f"the column {name} is null, and the output has no default"
    return f"the statement's result has no column {name}"


def kept_outputs(job: Json) -> str:
    """The outputs that were kept on a Job, as JSON text."""
    return str(job["metadata"].get("annotations", {}).get(OUTPUTS, ""))


def _message(pod: Json, container: str) -> str:
    """The termination message, of which the kubelet keeps the last 4,096 bytes."""
    statuses = [status for status in pod["status"].get("containerStatuses", ()) if status["name"] == container]
    return str(((statuses or [{}])[0].get("state", {}).get("terminated") or {}).get("message", ""))


def _own_words(failure: str, message: str) -> tuple[str, str]:
    """Why a pod whose program is flowhelm's failed, as that says itself, and what it has for outputs."""
    try:
        said = read_json(message)
    except ValueError:
        return " ".join(message.split())[:MOST_REASON] or failure, ""
    if not isinstance(said, dict) or not isinstance(said.get("reason"), str):
        return failure, ""
    return said["reason"], json.dumps(said.get("outputs", {}), ensure_ascii=False)


def _written(message: str, task: Task) -> dict[str, Json]:
    """The declared outputs in a termination message."""
    try:
        written = parse_outputs(message, task.outputs)
    except WrongValue:
        if len(message.encode()) >= MOST_BYTES:
            raise WrongValue(f"its outputs are larger than {MOST_BYTES} bytes") from None
        raise
    if task.kind == "sql":
        return {name: read_column(value, task.outputs[name].type) for name, value in written.items()}
    return written


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
