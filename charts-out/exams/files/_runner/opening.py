"""How a run begins. Its first act: what it is made of is written onto its Job, so that later upgrades do not reach it.

A restart reads only what stands there. The Job itself is made by a CronJob, by a person, or after `helm install` and
`helm upgrade` by a hook, which may also wait for the run's end.
"""

from __future__ import annotations

import copy
import hashlib
import math
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from .admission import LOOK_AGAIN, RETRY_OF, TRIGGER, Refused, given_inputs, trigger_of
from .journal import JOURNAL, PLAN, RunJob, TakenOver, TooLarge, pack, unpack
from .kube import Api, Clock, Conflict, Forbidden, NotFound
from .plan import Plan, Task, load_plan
from .pods import RUN_LABEL, ended
from .progress import FAILED, SKIPPED, SUCCEEDED
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
        except (TypeError, ValueError) as problem:
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


# --- the hook of an installation: it makes the run's Job ------------------------------------------------------------


def start(api: Api, clock: Clock, cronjob: str, revision: str, *, wait: bool) -> bool:
    """Start a run and, with `wait`, wait for its end; what came of it is printed. False for a run that has failed."""
    name = start_run(api, cronjob, revision)
    print(f"started {name}", flush=True)
    if not wait:
        return True
    status, reason = await_run(api, clock, name)
    print(f"run {name} {status}" + (f": {reason}" if reason else ""))
    return status in (SUCCEEDED, SKIPPED)


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
