"""The Jobs of one run's tasks: creates them, watches them and their pods, and tells how each try has ended.

Its public methods and those that begin with `_on` run in the loop's thread; the workers do what needs the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Callable

from .inbox import Inbox, Workers
from .journal import Journal
from .kube import Api, ApiError, Clock, Conflict, Forbidden, Invalid, NotFound
from .paths import job_name
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
from .startups import END, LOOK, TELL, Startups
from .troubles import told_by
from .values import WrongValue, read_json
from .work import Work
from .workflow import Task

Json = Any

OTHER_FILES = "an upgrade of the release has changed or removed its files since the run began"
UNTOLD_ATTEMPTS = 8
"""So often, for some ten seconds, is a Job asked for before it is told why it cannot be created."""

JOB_NAME_LABEL = "batch.kubernetes.io/job-name"


class TaskJobs:
    """The Jobs of the current tries. `tried(work, number, result)` is called in the loop's thread."""

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
        # By name of the Job, for the tries that have not ended:
        self._tries: dict[str, tuple[Work, int]] = {}
        self._created: set[str] = set()
        self._given_up: set[str] = set()
        self._to_end: dict[str, str] = {}
        self._pods: dict[str, Json] = {}
        self._startups = Startups()

    # --- what the loop wants ------------------------------------------------------------------------------------------

    def start(self, work: Work, number: int, journal: Journal, saved: int) -> None:
        """Create a try's Job, as soon as the journal has the progress `saved`, on which it rests."""
        try:
            manifest = job_manifest(self._template(work.task), work, number, self._owner)
        except WrongValue as problem:
            self._inbox.put(self._tried, work, number, Result(False, str(problem), final=True))
            return
        self._tries[manifest["metadata"]["name"]] = (work, number)
        self._workers.submit(self._create, manifest, work, number, journal, saved)

    def end(self, work: Work, number: int, reason: str) -> None:
        """End a try before its time."""
        self._end(self._name(work, number), reason)

    def check(self, work: Work, number: int) -> None:
        """Look after a try that should have ended: perhaps a watch missed it.

        A Job that could not be created up to now has its time still before it, and none if its try was ended.
        """
        name = self._name(work, number)
        if name in self._created:
            self._workers.submit(self._look, name)
        elif name in self._to_end:
            self._given_up.add(name)

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
                self._tries[name] = (work, tries + 1)
                self._created.add(name)
                self._startups.begin(name, now)
                continue
            last = jobs.get(self._name(work, tries))
            if last is not None and self._is_of(last, work, tries) and kept_outputs(last):
                work.progress.outputs = read_json(kept_outputs(last))

    def next_due(self) -> float | None:
        """When there is something to do about a pod that has not started."""
        return self._startups.next_due()

    def look_after(self) -> None:
        """See what keeps pods from starting, tell it, and end the tries for which it has lasted too long."""
        for what, name, reason in self._startups.due(self._clock.now()):
            work, number = self._tries[name]
            if what == LOOK:
                pod = self._pods.get(name, {"metadata": {"name": name}})
                self._workers.submit(self._listen, name, pod["metadata"]["name"])
            elif what == TELL:
                work.wait_to_start(number, reason)
            elif what == END and name not in self._to_end:
                self._end(name, reason)

    # --- news from the watches ----------------------------------------------------------------------------------------

    def on_job(self, job: Json) -> None:
        """A Job of the run has changed."""
        name = job["metadata"]["name"]
        if name in self._tries and self._is_ours(job):
            work, number = self._tries[name]
            work.see(number)
        if ended(job) is None:
            if name in self._given_up and self._is_ours(job):  # a request to create it took effect late
                self._workers.submit(self._set_past_deadline, name, self._to_end[name])
        elif name in self._tries and self._is_ours(job):
            self._settle(name, job, self._pods.get(name))

    def on_job_gone(self, name: str) -> None:
        """A Job of the run was deleted."""
        if name in self._tries:
            work, number = self._forget(name)
            self._tried(work, number, Result(False, "its Job was deleted"))

    def on_pod(self, pod: Json) -> None:
        """A pod of the run has changed. One that ends by itself is believed at once: its Job follows a second later."""
        name = pod["metadata"].get("labels", {}).get(JOB_NAME_LABEL, "")
        if name not in self._tries:
            return
        self._pods[name] = pod
        if name not in self._to_end and self._startups.see(name, pod, self._clock.now()):
            self._go_on(name)
        if has_ended_by_itself(pod) and name not in self._to_end:
            self._settle(name, None, pod)

    # --- in the loop's thread -----------------------------------------------------------------------------------------

    def _end(self, name: str, reason: str) -> None:
        """At once, or as soon as the Job is there."""
        self._to_end[name] = reason
        if name in self._created:
            self._workers.submit(self._set_past_deadline, name, reason)

    def _on_created(self, name: str) -> None:
        if name not in self._tries:
            return
        self._created.add(name)
        self._go_on(name)
        self._startups.begin(name, self._clock.now())
        if name in self._to_end:
            self._workers.submit(self._set_past_deadline, name, self._to_end[name])

    def _on_heard(self, name: str, events: list[Json]) -> None:
        if self._startups.hear(name, told_by(events), self._clock.now()):
            self._go_on(name)

    def _go_on(self, name: str) -> None:
        work, number = self._tries[name]
        work.wait_to_start(number, "")

    def _settle(self, name: str, job: Json, pod: Json) -> None:
        why = self._startups.forget(name)
        work, number = self._forget(name)
        self._workers.submit(self._read_result, name, work, number, job, pod, why)

    def _forget(self, name: str) -> tuple[Work, int]:
        self._startups.forget(name)
        self._pods.pop(name, None)
        self._to_end.pop(name, None)
        self._given_up.discard(name)
        self._created.discard(name)
        return self._tries.pop(name)

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

    def _create(self, manifest: Json, work: Work, number: int, journal: Journal, saved: int) -> None:
        if not journal.wait(saved):
            return
        name = manifest["metadata"]["name"]
        if self._has_other_files(work.task, manifest):
            self._tell(work, number, Result(False, OTHER_FILES, final=True))
            return
        try:
            self._create_when_possible(manifest, work, number)
        except Conflict:
            if not self._is_of(self._api.get("jobs", name), work, number):
                self._tell(work, number, Result(False, f"another Job is named {name}", final=True))
                return
        except ApiError as error:
            self._tell(work, number, Result(False, f"its Job was refused: {error.message}"))
            return
        self._inbox.put(self._on_created, name)

    def _create_when_possible(self, manifest: Json, work: Work, number: int) -> None:
        """A webhook that does not answer, for example, is waited for. Raises `ApiError` when the Job is refused."""

        def is_wanted() -> bool:
            return manifest["metadata"]["name"] not in self._given_up

        try:
            self._api.create("jobs", manifest, UNTOLD_ATTEMPTS, is_wanted)
        except ApiError as error:
            if not error.may_pass or not is_wanted():
                raise
            self._inbox.put(work.wait_to_start, number, f"its Job cannot be created: {error.message}")
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

    def _read_result(self, name: str, work: Work, number: int, job: Json, pod: Json, why: str) -> None:
        """`why` is what kept the pod from starting, if something did: it explains a time-out."""
        if pod is None or not has_ended_by_itself(pod):
            pods, _ = self._api.list("pods", f"{JOB_NAME_LABEL}={name}")
            pod = pods[0] if pods else pod
        container = self._template(work.task)["spec"]["template"]["spec"]["containers"][0]["name"]
        result = result_of(work.task, job, pod, container)
        if result.reason == TIMEOUT and why:
            result = replace(result, reason=f"{TIMEOUT}: {why}")
        if result.outputs:
            self._keep(name, json.dumps(result.outputs, ensure_ascii=False, separators=(",", ":")))
        self._tell(work, number, result)

    def _keep(self, name: str, outputs: str) -> None:
        """A pod may go; its outputs stay on the Job."""
        with suppress(NotFound):
            self._api.patch("jobs", name, {"metadata": {"annotations": {OUTPUTS: outputs}}})

    def _tell(self, work: Work, number: int, result: Result) -> None:
        self._inbox.put(self._tried, work, number, result)
