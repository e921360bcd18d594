"""Before the first task: what started the run, its inputs, the other runs, the services that it calls."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Callable

from .kube import Api, Clock, NotFound
from .plan import Plan
from .pods import TASK_LABEL, WORKFLOW_LABEL, ended
from .progress import CANCELLED, FAILED, SKIPPED
from .values import WrongValue, read_input, read_json

Json = Any
Pause = Callable[[float], None]
"""Waits so many seconds; raises when the runner is told to stop meanwhile."""

INPUTS, CANCEL, TRIGGER = "flowhelm.dev/inputs", "flowhelm.dev/cancel", "flowhelm.dev/trigger"
RETRY_OF = "flowhelm.dev/retry-of"
BY_HAND = "cronjob.kubernetes.io/instantiate"

LOOK_AGAIN = 1.0
SERVICES_SECONDS = 600.0


class Refused(Exception):
    """The run ends before anything has started, with this status and reason."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def trigger_of(job: Json) -> str:
    """What made the run's Job: `install`, `manual`, or a schedule: `schedule`, or of several `schedule-1` and so on.

    A Job made by hand from the CronJob of one of several schedules has that one's annotation too.
    """
    annotations = job["metadata"].get("annotations", {})
    written = str(annotations.get(TRIGGER, "schedule"))
    by_hand = INPUTS in annotations or BY_HAND in annotations
    return "manual" if by_hand and written != "install" else written


def given_inputs(job: Json, trigger: str, plan: Plan) -> Json:
    """The inputs that the run was started with, unchecked. Raises :class:`Refused`."""
    if trigger == "manual" and not plan.manual:
        raise Refused(FAILED, "refused: runs of this workflow are not started by hand (triggers.manual is false)")
    written = job["metadata"].get("annotations", {}).get(INPUTS)
    if written is not None:
        try:
            given = read_json(written)
        except json.JSONDecodeError:
            given = None
        except ValueError as problem:
            raise Refused(FAILED, f"annotation {INPUTS}: {problem}") from None
        if not isinstance(given, dict):
            raise Refused(FAILED, f"annotation {INPUTS} is no JSON object")
        return given
    schedules = [name for name in plan.triggers if name != "install"]
    made_from = job["metadata"].get("annotations", {}).get(TRIGGER)
    order = [made_from, *schedules, "install"] if trigger == "manual" else [trigger]  # by hand: rulings M33
    declared: Json = next((plan.triggers[name] for name in order if name in plan.triggers), {})
    return declared.get("with", {})


def read_inputs(given: Mapping[str, Json], plan: Plan) -> dict[str, Json]:
    """Every declared input's value. Raises :class:`Refused` for one that is missing, wrong or unknown."""
    for name in given:
        if name not in plan.inputs:
            raise Refused(FAILED, f"there is no input {name}; inputs are {', '.join(plan.inputs) or 'none'}")
    inputs = {}
    for name, declared in plan.inputs.items():
        value = given.get(name)
        if value is None and not declared.has_default:
            raise Refused(FAILED, f"input {name} is missing")
        try:
            inputs[name] = declared.default if value is None else read_input(name, value, declared)
        except WrongValue as problem:
            raise Refused(FAILED, str(problem)) from None
    return inputs


def await_turn(api: Api, plan: Plan, trigger: str, uid: str, pause: Pause) -> None:
    """Other unfinished runs of the workflow stand in the way, are cancelled, or do not matter.

    Only older runs count, so that of two that start at once one goes on. Raises :class:`Refused`.
    """
    concurrency = plan.concurrency
    scheduled = trigger not in ("install", "manual")
    if scheduled:
        concurrency = plan.triggers.get(trigger, {}).get("concurrency", concurrency)
    if concurrency == "allow":
        return
    cancelled: set[str] = set()
    while True:
        own, older = runs_of(api, plan.workflow, uid)
        others = [job["metadata"]["name"] for job in older if ended(job) is None]
        if not others:
            return
        if concurrency == "forbid" and scheduled:
            raise Refused(SKIPPED, f"run {others[0]} is active")
        if concurrency == "forbid":
            raise Refused(FAILED, f"refused: run {others[0]} is active")
        for name in others:
            if name not in cancelled:
                _cancel(api, name, f"replaced by run {own['metadata']['name']}")
                cancelled.add(name)
        refuse_cancelled(own)
        pause(LOOK_AGAIN)


def await_services(plan: Plan, clock: Clock, pause: Pause, missing: Callable[[list[str]], None]) -> None:
    """Wait until every service that the run calls takes connections; at most ten minutes, then the calls will tell.

    A Service without ready endpoints refuses connections, so a connection means that its readiness probe has passed.
    `missing(names)` is told once, when there is something to wait for.
    """
    wanted: dict[str, tuple[str, int]] = {}
    for task in plan.all_tasks():
        for step in () if task.isolate else task.steps:  # what another pod calls may be out of this one's reach
            service = plan.services[step.service]
            wanted[f"{step.service}:{service.port(step.port)}"] = (service.host, service.port(step.port))
    until = clock.now() + SERVICES_SECONDS
    told = False
    while True:
        wanted = {name: place for name, place in wanted.items() if not _answers(place, clock)}
        if not wanted or clock.now() >= until:
            return
        if not told:
            missing(sorted(wanted))
            told = True
        pause(LOOK_AGAIN)


def refuse_cancelled(job: Json) -> None:
    """Raises :class:`Refused` when the run is to be cancelled before it has started."""
    if CANCEL in job["metadata"].get("annotations", {}):
        raise Refused(CANCELLED, cancel_reason(job))


def cancel_reason(job: Json) -> str:
    """What the annotation that cancels a run says."""
    text = str(job["metadata"]["annotations"][CANCEL])
    return "cancelled" if text in ("", "true") else text


def runs_of(api: Api, workflow: str, uid: str) -> tuple[Json, list[Json]]:
    """The Job of the run with this uid, and those of the older runs of the same workflow. Raises :class:`Refused`."""
    jobs, _ = api.list("jobs", f"{WORKFLOW_LABEL}={workflow},!{TASK_LABEL}")
    own = next((job for job in jobs if job["metadata"]["uid"] == uid), None)
    if own is None:
        raise Refused(FAILED, f"the run's Job has no label {WORKFLOW_LABEL}={workflow}")
    return own, [job for job in jobs if _age(job) < _age(own) and release_of(job) == release_of(own)]


def release_of(job: Json) -> tuple[str, ...]:
    """What tells the runs of one release from those of another in the same namespace."""
    labels = job["metadata"]["labels"]
    return tuple(labels.get(f"app.kubernetes.io/{name}", "") for name in ("instance", "name"))


def _age(job: Json) -> tuple[str, str]:
    return job["metadata"]["creationTimestamp"], job["metadata"]["uid"]


def _cancel(api: Api, name: str, reason: str) -> None:
    with suppress(NotFound):
        api.patch("jobs", name, {"metadata": {"annotations": {CANCEL: reason}}})


def _answers(place: tuple[str, int], clock: Clock) -> bool:
    try:
        socket.create_connection(place, timeout=clock.real(LOOK_AGAIN)).close()
        return True
    except OSError:
        return False
