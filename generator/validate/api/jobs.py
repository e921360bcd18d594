"""Jobs and CronJobs.

Source: kubernetes pkg/apis/batch/validation.
"""

from __future__ import annotations

from typing import Final

from generator.kube import names
from generator.kube.cron import is_time_zone, schedule_mistake
from generator.kube.selectors import selects
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.job_policies import failure_policy, success_policy
from generator.validate.model import Data, ObjectRule, Problem, Problems

MAX_INDEXED: Final = 100_000
_MAX_OF_MANY: Final = 10_000
_LONGEST_CONTROLLER: Final = 63
_NAME_LABELS: Final = ("job-name", "batch.kubernetes.io/job-name")
_NUMBER_LABELS: Final = ("controller-uid", "batch.kubernetes.io/controller-uid")
_SOME_NUMBER: Final = "00000000-0000-4000-8000-000000000000"
_PATH: Final = regex(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")


def _job(data: Data) -> Problems:
    yield from fields.required(data, "spec", ())
    spec = data.get("spec")
    if spec is None:
        return
    name = str((data.get("metadata") or {}).get("name") or "")
    yield from _job_spec(spec, ("spec",))
    yield from _selector(spec) if spec.get("manualSelector") is True else _made_selector(spec, name)
    yield from _job_name(name, spec)


def _job_name(name: str, spec: Data) -> Problems:
    """A Job's name is a label of its pods, and a part of their names when these are indexed."""
    path = ("metadata", "name")
    labels = value_at(spec, ("template", "metadata", "labels")) or {}
    if name and "batch.kubernetes.io/job-name" not in labels and (mistake := names.label_value_mistake(name)):
        yield Problem(codes.NAME, f'name "{name}" must {mistake}: it becomes a label of the pods', path)
    filled_in = 1 if spec.get("parallelism") is None else 0
    completions = filled_in if spec.get("completions") is None else int(spec["completions"])
    if name and spec.get("completionMode") == "Indexed" and completions > 0:
        longest = f"{name}-{completions - 1}"
        if mistake := names.dns_label_mistake(longest):
            yield Problem(codes.NAME, f'"{longest}", the name of a pod, must {mistake}', path)


def _selector(spec: Data) -> Problems:
    selector, path = spec.get("selector"), ("spec", "selector")
    if selector is None:
        yield Problem(codes.EMPTY, "with manualSelector, a selector is needed", ("spec",))
        return
    broken = list(fields.selector(selector, path))
    yield from broken
    labels = value_at(spec, ("template", "metadata", "labels")) or {}
    if not broken and not selects(selector, labels):
        yield Problem(codes.SELECTOR, "the selector does not match the labels of the pod template", path)


def _made_selector(spec: Data, name: str) -> Problems:
    """The server adds a label with its own number to the selector, and all four of its labels to the pods.

    Source: kubernetes pkg/registry/batch/job (generateSelector), pkg/apis/batch/validation (validateGeneratedSelector).
    """
    made = {**dict.fromkeys(_NUMBER_LABELS, _SOME_NUMBER), **dict.fromkeys(_NAME_LABELS, name)}
    labels = value_at(spec, ("template", "metadata", "labels")) or {}
    for label, value in made.items():
        if label in labels and labels[label] != value:
            message = f'the label "{label}" of the pods is set by the Job'
            where = ("spec", "template", "metadata", "labels", label)
            yield Problem(codes.COMBINATION, message, where, "leave it out")
    selector, path = spec.get("selector"), ("spec", "selector")
    if selector is None:
        return
    broken = list(fields.selector(selector, path))
    yield from broken
    if not broken and not (selects(selector, made) and selects(selector, {**labels, **made})):
        hint = "leave the selector out"
        yield Problem(codes.COMBINATION, "a Job makes its selector itself", path, hint)


def _job_spec(spec: Data, path: Path) -> Problems:
    """The spec of a Job, or of a CronJob's template."""
    for key in (
        "parallelism",
        "completions",
        "backoffLimit",
        "activeDeadlineSeconds",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ):
        yield from fields.between(spec.get(key), 0, None, (*path, key))
    yield from _completion(spec, path)
    policies = ("TerminatingOrFailed", "Failed")
    yield from fields.word(spec.get("podReplacementPolicy"), policies, (*path, "podReplacementPolicy"))
    if (controller := spec.get("managedBy")) is not None:
        yield from fields.named(controller, _controller_mistake, (*path, "managedBy"))
    yield from _restart_policy(spec, path)
    yield from failure_policy(spec, path)
    yield from success_policy(spec, path)


def _controller_mistake(text: str) -> str:
    domain, slash, name = text.partition("/")
    if len(text) > _LONGEST_CONTROLLER:
        return f"have at most {_LONGEST_CONTROLLER} characters"
    if not slash or not name or names.subdomain_mistake(domain):
        return "be written DOMAIN/NAME"
    return "have a path of letters, digits and marks" if not _PATH.fullmatch(name) else ""


def _restart_policy(spec: Data, path: Path) -> Problems:
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


def _completion(spec: Data, path: Path) -> Problems:
    mode, completions = spec.get("completionMode"), spec.get("completions")
    yield from fields.word(mode, ("NonIndexed", "Indexed"), (*path, "completionMode"))
    failed = spec.get("maxFailedIndexes")
    if mode != "Indexed":
        for key in ("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"):
            if spec.get(key) is not None:
                yield Problem(codes.COMBINATION, f"{key} needs completionMode: Indexed", (*path, key))
        return
    if failed is not None and spec.get("backoffLimitPerIndex") is None:
        yield Problem(codes.COMBINATION, "maxFailedIndexes needs backoffLimitPerIndex", (*path, "maxFailedIndexes"))
    is_filled_in = path == ("spec",) and spec.get("parallelism") is None  # in a Job, not in a CronJob's template
    if completions is None and not is_filled_in:
        yield Problem(codes.COMBINATION, "completionMode Indexed needs completions", (*path, "completionMode"))
    yield from fields.between(spec.get("parallelism"), 0, MAX_INDEXED, (*path, "parallelism"))
    most = MAX_INDEXED if completions is None else min(MAX_INDEXED, completions)
    yield from fields.between(failed, 0, most, (*path, "maxFailedIndexes"))
    if (completions or 0) > MAX_INDEXED and spec.get("backoffLimitPerIndex") is not None:
        if failed is None:
            message = f"with more than {MAX_INDEXED} completions, maxFailedIndexes is needed"
            yield Problem(codes.COMBINATION, message, path)
        for key in ("parallelism", "maxFailedIndexes"):
            yield from fields.between(spec.get(key), 0, _MAX_OF_MANY, (*path, key))


def _cron_job(data: Data) -> Problems:
    yield from fields.required(data, "spec", ())
    spec = data.get("spec") or {}
    schedule, zone = spec.get("schedule"), spec.get("timeZone")
    if schedule == "":
        yield Problem(codes.SCHEDULE, "the schedule is empty", ("spec", "schedule"))
    elif schedule and (mistake := schedule_mistake(schedule)):
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
        for key in ("selector", "manualSelector"):
            if job.get(key) not in (None, False):
                message = f"{key} does not go with a CronJob: its Jobs make their selectors themselves"
                yield Problem(codes.COMBINATION, message, ("spec", "jobTemplate", "spec", key))


RULES = (ObjectRule(_job, ("batch/Job",)), ObjectRule(_cron_job, ("batch/CronJob",)))
