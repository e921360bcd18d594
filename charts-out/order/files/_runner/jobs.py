"""The Jobs of one run's tasks: creates them, watches them and their pods, and tells how each try has ended.

Public methods and those that begin with `_on` are called with the turn (`inbox.py`); workers do what needs the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Callable

from .inbox import Inbox, Workers
from .journal import Journal
from .kube import Api, ApiError, Clock, Conflict, Forbidden, Invalid, NotFound
from .names import job_name
from .plan import Task
from .pods import (
    CHECKSUM,
    ENDED_BECAUSE,
    OUTPUTS,
    PATH,
    RUN_LABEL,
    TASK_LABEL,
    TIMEOUT,
    TRY,
    ended,
    has_ended_by_itself,
    job_manifest,
    kept_outputs,
    result_of,
)
from .progress import Result
from .run import Run
from .troubles import END, LOOK, TELL, Startup, begin, told_by
from .values import WrongValue, read_json
from .work import Work

Json = Any

OTHER_FILES = "an upgrade of the release has changed or removed its files since the run began"
UNTOLD_ATTEMPTS = 8
"""So often, for some ten seconds, is a Job asked for before it is told why it cannot be created."""

JOB_NAME_LABEL = "batch.kubernetes.io/job-name"


@dataclass
class _Try:
    """A try that has not ended. `ending`: why it is to end before its time; `given_up`: its Job need not come any more.

    `startup` is there once the Job or its pod has been seen.
    """

    work: Work
    number: int
    created: bool = False
    given_up: bool = False
    ending: str = ""
    pod: Json = None
    startup: Startup | None = None


class TaskJobs:
    """The Jobs of the current tries. `tried(work, number, result)` is called with the turn."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        owner: Mapping[str, str],
        templates: Json,
        inbox: Inbox,
        workers: Workers,
        tried: Callable[[Work, int, Result], None],
    ) -> None:
        self._api, self._clock, self._owner, self._templates = api, clock, owner, templates
        self._inbox, self._workers, self._tried = inbox, workers, tried
        self._tries: dict[str, _Try] = {}  # by name of the Job

    # --- what the loop wants ------------------------------------------------------------------------------------------

    def start(self, work: Work, number: int, journal: Journal, saved: int) -> None:
        """Create a try's Job, as soon as the journal has the progress `saved`, on which it rests."""
        try:
            manifest = job_manifest(self._template(work.task), work, number, self._owner)
        except WrongValue as problem:
            self._inbox.put(self._tried, work, number, Result(False, str(problem), final=True))
            return
        this = self._tries[manifest["metadata"]["name"]] = _Try(work, number)
        self._workers.submit(self._create, manifest, this, journal, saved)

    def end(self, work: Work, number: int, reason: str) -> None:
        """End a try before its time."""
        self._end(self._name(work, number), reason)

    def check(self, work: Work, number: int) -> None:
        """Look after a try that should have ended: perhaps a watch missed it.

        A Job that could not be created up to now has its time still before it, and none if its try was ended.
        """
        name = self._name(work, number)
        this = self._tries.get(name)
        if this and this.created:
            self._workers.submit(self._look, name)
        elif this and this.ending:
            this.given_up = True

    def adopt(self, run: Run) -> None:
        """After a restart: take over the Jobs that are there, and the outputs that were kept on them."""
        now = self._clock.now()
        listed, _ = self._api.list("jobs", f"{RUN_LABEL}={self._owner['name']},{TASK_LABEL}")
        jobs = {job["metadata"]["name"]: job for job in listed}
        for work in list(run.works()):
            if not work.task.in_pod:
                continue
            tries = work.progress.tries
            name = self._name(work, tries + 1)
            if name in jobs and self._is_of(jobs[name], work, tries + 1) and work.adopt(tries + 1, now):
                self._tries[name] = _Try(work, tries + 1, created=True, startup=begin(now))
                continue
            last = jobs.get(self._name(work, tries))
            if last is not None and self._is_of(last, work, tries) and kept_outputs(last):
                work.progress.outputs = read_json(kept_outputs(last))

    def next_due(self) -> float | None:
        """When there is something to do about a pod that has not started."""
        dues = (this.startup.due() for this in self._tries.values() if this.startup)
        return min((due for due in dues if due is not None), default=None)

    def look_after(self) -> None:
        """See what keeps pods from starting, tell it, and end the tries for which it has lasted too long."""
        now = self._clock.now()
        for name, this in self._tries.items():
            for what, reason in this.startup.to_do(now) if this.startup else ():
                if what == LOOK:
                    subject = this.pod["metadata"]["name"] if this.pod else name
                    self._workers.submit(self._listen, name, subject)
                elif what == TELL:
                    this.work.wait_to_start(this.number, reason)
                elif what == END and not this.ending:
                    self._end(name, reason)

    # --- news from the watches ----------------------------------------------------------------------------------------

    def on_job(self, job: Json) -> None:
        """A Job of the run has changed."""
        name = job["metadata"]["name"]
        this = self._tries.get(name)
        if this is None or not self._is_ours(job):
            return
        this.work.see(this.number)
        if ended(job) is not None:
            self._settle(name, job)
        elif this.given_up:  # a request to create it took effect late
            self._workers.submit(self._set_past_deadline, name, this.ending)

    def on_job_gone(self, name: str) -> None:
        """A Job of the run was deleted."""
        this = self._tries.pop(name, None)
        if this:
            self._tried(this.work, this.number, Result(False, "its Job was deleted"))

    def on_pod(self, pod: Json) -> None:
        """A pod of the run has changed. One that ends by itself is believed at once: its Job follows a second later."""
        name = pod["metadata"].get("labels", {}).get(JOB_NAME_LABEL, "")
        this = self._tries.get(name)
        if this is None:
            return
        is_first, this.pod = this.pod is None, pod
        if this.ending:
            return
        now = self._clock.now()
        this.startup = this.startup or begin(now)
        if this.startup.see(pod, is_first, now):
            this.work.wait_to_start(this.number, "")
        if has_ended_by_itself(pod):
            self._settle(name, None)

    # --- with the turn ------------------------------------------------------------------------------------------------

    def _end(self, name: str, reason: str) -> None:
        """At once, or as soon as the Job is there."""
        this = self._tries.get(name)
        if this:
            this.ending = reason
            if this.created:
                self._workers.submit(self._set_past_deadline, name, reason)

    def _on_created(self, name: str) -> None:
        this = self._tries.get(name)
        if this is None:
            return
        this.created = True
        this.work.wait_to_start(this.number, "")
        this.startup = this.startup or begin(self._clock.now())
        if this.ending:
            self._workers.submit(self._set_past_deadline, name, this.ending)

    def _on_heard(self, name: str, events: list[Json]) -> None:
        this = self._tries.get(name)
        if this and this.startup and this.startup.hear(told_by(events), self._clock.now()):
            this.work.wait_to_start(this.number, "")

    def _settle(self, name: str, job: Json) -> None:
        self._workers.submit(self._read_result, name, self._tries.pop(name), job)

    def _template(self, task: Task) -> Json:
        """The task's jobTemplate; a run from before an upgrade of the release may have it under the task's name."""
        return self._templates.get(task.cronjob) or self._templates[task.name]

    def _name(self, work: Work, number: int) -> str:
        return job_name(self._owner["name"], self._owner["uid"], work.path, work.try_of(number))

    def _is_ours(self, job: Json) -> bool:
        return any(owner["uid"] == self._owner["uid"] for owner in job["metadata"].get("ownerReferences", ()))

    def _is_of(self, job: Json, work: Work, number: int) -> bool:
        """Whether a Job is the one of this try: names are short, and may meet."""
        metadata = job["metadata"]
        annotations = metadata.get("annotations", {})
        path = annotations.get(PATH, metadata.get("labels", {}).get(TASK_LABEL))
        return self._is_ours(job) and (path, annotations.get(TRY)) == (work.path, work.try_of(number))

    # --- in a worker's thread -----------------------------------------------------------------------------------------

    def _create(self, manifest: Json, this: _Try, journal: Journal, saved: int) -> None:
        if not journal.wait(saved):
            return
        name = manifest["metadata"]["name"]
        if self._has_other_files(this.work.task, manifest):
            self._tell(this, Result(False, OTHER_FILES, final=True))
            return
        try:
            self._create_when_possible(manifest, this)
        except Conflict:
            if not self._is_of(self._api.get("jobs", name), this.work, this.number):
                self._tell(this, Result(False, f"another Job is named {name}", final=True))
                return
        except ApiError as error:
            self._tell(this, Result(False, f"its Job was refused: {error.message}"))
            return
        self._inbox.put(self._on_created, name)

    def _create_when_possible(self, manifest: Json, this: _Try) -> None:
        """A webhook that does not answer, for example, is waited for. Raises `ApiError` when the Job is refused."""

        def is_wanted() -> bool:
            return not this.given_up

        try:
            self._api.create("jobs", manifest, UNTOLD_ATTEMPTS, is_wanted)
        except ApiError as error:
            if not error.may_pass or not is_wanted():
                raise
            self._inbox.put(this.work.wait_to_start, this.number, f"its Job cannot be created: {error.message}")
            self._api.create("jobs", manifest, is_wanted=is_wanted)

    def _has_other_files(self, task: Task, manifest: Json) -> bool:
        """Whether an upgrade has changed the files (or the statement) of a task: a run has no others than the release.

        When its CronJob is gone from the release, so are they; then this runner may not ask for it either.
        """
        expected = manifest["metadata"]["annotations"].get(CHECKSUM)
        if expected is None:
            return False
        try:
            template = self._api.get("cronjobs", task.cronjob)["spec"]["jobTemplate"]
        except (Forbidden, NotFound):
            return True
        return bool(template.get("metadata", {}).get("annotations", {}).get(CHECKSUM) != expected)

    def _set_past_deadline(self, name: str, reason: str) -> None:
        patch = {"metadata": {"annotations": {ENDED_BECAUSE: reason}}, "spec": {"activeDeadlineSeconds": 1}}
        with suppress(NotFound, Invalid):  # it is gone, or has ended
            self._api.patch("jobs", name, patch)

    def _listen(self, name: str, subject: str) -> None:
        """What Events say of a try's pod, or of its Job while there is no pod. Not knowing it is no harm."""
        with suppress(Forbidden):  # the rights of a release from before an upgrade
            events, _ = self._api.list("events", "", f"involvedObject.name={subject}")
            self._inbox.put(self._on_heard, name, events)

    def _look(self, name: str) -> None:
        try:
            self._inbox.put(self.on_job, self._api.get("jobs", name))
        except NotFound:
            self._inbox.put(self.on_job_gone, name)

    def _read_result(self, name: str, this: _Try, job: Json) -> None:
        task, pod = this.work.task, this.pod
        if pod is None or not has_ended_by_itself(pod):
            pods, _ = self._api.list("pods", f"{JOB_NAME_LABEL}={name}")
            pod = pods[0] if pods else pod
        container = self._template(task)["spec"]["template"]["spec"]["containers"][0]["name"]
        result = result_of(task, job, pod, container)
        trouble = this.startup.trouble if this.startup else None
        if result.reason == TIMEOUT and trouble:
            result = replace(result, reason=f"{TIMEOUT}: {trouble.reason}")
        if result.outputs:
            self._keep(name, json.dumps(result.outputs, ensure_ascii=False, separators=(",", ":")))
        self._tell(this, result)

    def _keep(self, name: str, outputs: str) -> None:
        """A pod may go; its outputs stay on the Job."""
        with suppress(NotFound):
            self._api.patch("jobs", name, {"metadata": {"annotations": {OUTPUTS: outputs}}})

    def _tell(self, this: _Try, result: Result) -> None:
        self._inbox.put(self._tried, this.work, this.number, result)
