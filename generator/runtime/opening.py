"""The first act of a run: what it is made of is written onto its Job, so that later upgrades do not reach it.

A restart reads only what stands there.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

from .admission import RETRY_OF, Refused, given_inputs, trigger_of
from .journal import JOURNAL, PLAN, RunJob, TakenOver, TooLarge, pack, unpack
from .kube import Api, Conflict, Forbidden, NotFound
from .plan import Plan, Task, load_plan
from .pods import RUN_LABEL
from .progress import FAILED
from .retrying import take_over
from .values import KEPT_NESTED, read_json

Json = Any

BESIDES = 1800
"""Seconds that a run's Job may last beyond the run's time-out for each workflow within another: on_exit, waiting for
services, restarts."""


class Unreadable(Exception):
    """What an earlier runner has kept is nothing for this one, nor for any that could follow in this release."""


class Identity(NamedTuple):
    """Who a runner is: the run's Job, and the pod it lives in."""

    name: str
    uid: str
    pod: str


class Opened(NamedTuple):
    """A run that this runner has taken.

    `templates` are the jobTemplates of the tasks' CronJobs, by the CronJob's name, `given` the inputs as they were
    given; `refused` says why there is nothing to start; `journal` is what an earlier runner has left, or what was taken
    over from the run `retry_of`; `keys` are the runs under which services know the requests of some paths;
    `annotations` are all that the run's Job has.
    """

    job: RunJob
    plan: Plan
    templates: Json
    trigger: str
    given: Json
    refused: str
    retry_of: str
    keys: Json
    journal: Json
    annotations: Json


def open_run(api: Api, identity: Identity, folder: Path) -> Opened:
    """Take the run. Raises :class:`TakenOver` when it is gone, :class:`Unreadable`, `ApiError`."""
    while True:
        job = api.get("jobs", identity.name)
        if job["metadata"]["uid"] != identity.uid:
            raise TakenOver("the run was deleted")
        annotations = job["metadata"].get("annotations", {})
        kept, written = (unpack(annotations[PLAN]), {}) if PLAN in annotations else _packed(api, job, folder)
        try:
            plan = load_plan(kept["plan"], kept["bindings"])
        except ValueError as problem:
            raise Unreadable(f"another version of flowhelm has begun the run: {problem}") from None
        run_job = RunJob(api, job, identity.pod)
        try:
            run_job.take(written, {RUN_LABEL: identity.name}, math.ceil(plan.timeout) + BESIDES * plan.depth())
        except Conflict:
            continue  # the Job has changed meanwhile: look again
        found = {**annotations, **written}
        return Opened(
            job=run_job,
            plan=plan,
            templates=kept["templates"],
            trigger=kept["trigger"],
            given=kept["given"],
            refused=kept["refused"],
            retry_of=kept.get("retry_of", ""),
            keys=kept.get("keys", {}),
            journal=unpack(found[JOURNAL]) if JOURNAL in found else None,
            annotations=annotations,
        )


def places_of(folder: Path) -> list[tuple[str, int]]:
    """Where the services are that the workflow calls, as the release has it now."""
    services = read_json((folder / "bindings.json").read_text("utf-8"), KEPT_NESTED).get("services", {})
    return [(service["host"], port) for service in services.values() for port in service["ports"].values()]


def _packed(api: Api, job: Json, folder: Path) -> tuple[Json, dict[str, str]]:
    """Plan, bindings and templates as they are now in the release, and the annotation that keeps them.

    Those of a run that retries another one are what that one had, and its progress is kept at the same moment.
    """
    files = (folder / name for name in ("plan.json", "bindings.json"))
    plan, bindings = (read_json(file.read_text("utf-8"), KEPT_NESTED) for file in files)
    kept = {"plan": plan, "bindings": bindings, "trigger": trigger_of(job), "given": {}, "templates": {}, "refused": ""}
    try:
        if RETRY_OF in job["metadata"].get("annotations", {}):
            return _retried(api, job)
        loaded = load_plan(plan, bindings)
        kept["given"] = given_inputs(job, kept["trigger"], loaded)
        in_pods = {task.cronjob: task for task in loaded.all_tasks() if task.in_pod}
        kept["templates"] = {cronjob: _template(api, task) for cronjob, task in in_pods.items()}
    except Refused as refusal:
        kept["refused"] = refusal.reason
    try:
        return kept, {PLAN: pack(kept)}
    except TooLarge as problem:
        return {**kept, "refused": f"the workflow is too large to be kept: {problem}"}, {}


def _retried(api: Api, job: Json) -> tuple[Json, dict[str, str]]:
    taken = take_over(api, job)
    try:
        return taken.kept, {PLAN: pack(taken.kept), JOURNAL: pack(taken.progress)}
    except TooLarge as problem:
        raise Refused(
            FAILED, f"refused: the results of run {taken.kept['retry_of']} are too large: {problem}"
        ) from None


def _template(api: Api, task: Task) -> Json:
    try:
        return api.get("cronjobs", task.cronjob)["spec"]["jobTemplate"]
    except (Forbidden, NotFound) as error:
        why = f"the CronJob {task.cronjob} of task {task.name} cannot be read: {error.message}"
        raise Refused(FAILED, why) from None
