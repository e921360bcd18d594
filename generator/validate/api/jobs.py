"""Jobs and CronJobs.

Source: kubernetes pkg/apis/batch/validation.
"""

from __future__ import annotations

from typing import Final

from generator.kube.cron import cron_mistake, is_time_zone
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.model import Data, ObjectRule, Problem, Problems

MAX_INDEXED: Final = 100_000


def _job(data: Data) -> Problems:
    yield from fields.required(data, "spec", ())
    if "spec" in data:
        yield from _job_spec(data["spec"], ("spec",))


def _job_spec(spec: Data, path: Path) -> Problems:
    """The spec of a Job, or of a CronJob's template."""
    for key in ("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"):
        yield from fields.between(spec.get(key), 0, None, (*path, key))
    yield from _completion(spec, path)
    policies = ("TerminatingOrFailed", "Failed")
    yield from fields.choice(spec.get("podReplacementPolicy"), policies, (*path, "podReplacementPolicy"))
    policy = value_at(spec, ("template", "spec", "restartPolicy"))
    where = (*path, "template", "spec", "restartPolicy")
    if policy in (None, ""):
        message = "restartPolicy is missing; a Job's pods need Never or OnFailure"
        yield Problem(codes.RESTART, message, (*path, "template", "spec"), "write `restartPolicy: Never`")
    elif policy == "Always":
        yield Problem(codes.RESTART, "restartPolicy of a Job must be Never or OnFailure", where)
    if spec.get("podFailurePolicy") is not None and policy != "Never":
        yield Problem(codes.COMBINATION, "podFailurePolicy needs restartPolicy: Never", (*path, "podFailurePolicy"))
    if spec.get("podFailurePolicy") is not None and spec.get("podReplacementPolicy") not in (None, "Failed"):
        message = "with podFailurePolicy, podReplacementPolicy must be Failed"
        yield Problem(codes.COMBINATION, message, (*path, "podReplacementPolicy"))
    if spec.get("manualSelector") is not True and spec.get("selector") is not None:
        message = "a Job makes its selector itself"
        yield Problem(codes.COMBINATION, message, (*path, "selector"), "leave the selector out")


def _completion(spec: Data, path: Path) -> Problems:
    mode = spec.get("completionMode")
    yield from fields.choice(mode, ("NonIndexed", "Indexed"), (*path, "completionMode"))
    if mode == "Indexed":
        if spec.get("completions") is None and spec.get("parallelism") is not None:
            yield Problem(codes.COMBINATION, "completionMode Indexed needs completions", (*path, "completionMode"))
        yield from fields.between(spec.get("parallelism"), 0, MAX_INDEXED, (*path, "parallelism"))
        if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
            message = "maxFailedIndexes needs backoffLimitPerIndex"
            yield Problem(codes.COMBINATION, message, (*path, "maxFailedIndexes"))
    else:
        for key in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(key) is not None:
                yield Problem(codes.COMBINATION, f"{key} needs completionMode: Indexed", (*path, key))


def _cron_job(data: Data) -> Problems:
    yield from fields.required(data, "spec", ())
    spec = data.get("spec") or {}
    schedule, zone = spec.get("schedule"), spec.get("timeZone")
    if schedule == "":
        yield Problem(codes.SCHEDULE, "the schedule is empty", ("spec", "schedule"))
    elif schedule and (mistake := cron_mistake(schedule)):
        yield Problem(codes.SCHEDULE, f'schedule "{schedule}": {mistake}', ("spec", "schedule"))
    if zone is not None and not is_time_zone(zone):
        hint = "names are those of the IANA database, as Europe/Berlin"
        yield Problem(codes.SCHEDULE, f'timeZone "{zone}" is not known', ("spec", "timeZone"), hint)
    policies = ("Allow", "Forbid", "Replace")
    yield from fields.choice(spec.get("concurrencyPolicy"), policies, ("spec", "concurrencyPolicy"))
    for key in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from fields.between(spec.get(key), 0, None, ("spec", key))
    job = value_at(spec, ("jobTemplate", "spec"))
    if job is None and "jobTemplate" in spec:
        yield Problem(codes.EMPTY, "the spec of the Job is missing", ("spec", "jobTemplate"))
    elif job is not None:
        yield from _job_spec(job, ("spec", "jobTemplate", "spec"))


RULES = (ObjectRule(_job, ("batch/Job",)), ObjectRule(_cron_job, ("batch/CronJob",)))
