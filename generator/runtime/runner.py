"""The loop: carries one run from its Job to its verdict.

One thread decides (this loop, with `run.Run`); everything that waits for the network does so in other threads, which
put what they learn into the inbox as a function to call here. What must not be lost is in the journal before a Job is
created that rests on it.

Exit codes: 0 the run succeeded (or had nothing to do); 10 the run failed or was cancelled, and that is final; anything
else: the runner was stopped or broke, and the next one goes on from where it was.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

from .admission import (
    CANCEL,
    Refused,
    await_services,
    await_turn,
    cancel_reason,
    given_inputs,
    read_inputs,
    trigger_of,
)
from .calls import Calls
from .journal import JOURNAL, PLAN, Journal, RunJob, TakenOver, TooLarge, pack, unpack
from .kube import Api, ApiError, Clock, Watch
from .plan import Plan, Task, load_plan
from .pods import (
    ENDED_BECAUSE,
    OUTPUTS,
    RUN_LABEL,
    TASK_LABEL,
    TRY,
    ended,
    has_ended_by_itself,
    job_manifest,
    job_name,
    kept_outputs,
    result_of,
    trouble,
)
from .record import BEHIND, Record
from .run import FAILED, SKIPPED, SUCCEEDED, Check, End, Result, Run, Start, Tell
from .values import WrongValue, read_json

Json = Any

EXIT_FINAL, EXIT_AGAIN = 10, 75
WORKERS = 8
TROUBLE_SECONDS = 300.0
LAST_WORDS = 5.0
JOB_NAME_LABEL = "batch.kubernetes.io/job-name"


class Stopped(Exception):
    """This runner stops; its successor goes on."""


class Identity(NamedTuple):
    """Who this runner is: the run's Job, and the pod it lives in."""

    name: str
    uid: str
    pod: str


class Runner:
    """One runner of one run."""

    def __init__(self, api: Api, clock: Clock, identity: Identity, folder: Path) -> None:
        self._api, self._clock, self._identity, self._folder = api, clock, identity, folder
        self._owner = {"name": identity.name, "uid": identity.uid}
        self._inbox: queue.SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]]] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]]] = queue.SimpleQueue()
        self._workers = 0
        self._templates: dict[str, Json] = {}
        self._tries: dict[str, tuple[Task, int]] = {}  # by name of the Job
        self._created: dict[str, bool] = {}
        self._to_end: dict[str, str] = {}
        self._pods: dict[str, Json] = {}
        self._trouble: dict[str, tuple[float, str]] = {}

    def stop(self) -> None:
        """Stop as soon as may be; safe to call from a signal handler or another thread."""
        self._later(self._on_stop, "told to stop")

    def carry_out(self) -> tuple[str, str]:
        """The whole run, or what is left of it: returns its status and reason.

        Raises :class:`Stopped`, :class:`TakenOver` or `ApiError` when a successor must go on.
        """
        job, kept, problem = self._open()
        plan = load_plan(kept["plan"], kept["bindings"])
        self._templates = kept["templates"]
        record = Record(self._api, self._owner, plan.workflow, self._clock)
        run = Run(plan, {}, self._identity.uid, self._identity.name)
        journal = Journal(self._job, self._clock, lambda failure: self._later(self._on_journal_failed, failure))
        self._run, self._record, self._journal = run, record, journal
        self._calls = Calls(dict(plan.services), run.run_id, run.lookup, self._clock, self._tried)
        try:
            if problem is not None:
                raise problem
            run.inputs = read_inputs(kept["given"], plan)
            if not self._resume(job):
                self._admit(plan, kept["trigger"])
        except Refused as refusal:
            run.refuse(refusal.status, refusal.reason)
            record.tell(f"Run{refusal.status.capitalize()}", None, {"reason": refusal.reason})
        self._loop(plan)
        self._finish_writing()
        return run.status, run.reason

    # --- beginning ----------------------------------------------------------------------------------------------------

    def _open(self) -> tuple[Json, Json, Refused | None]:
        """The first act: what the run is made of is written onto its Job, unless an earlier runner did."""
        while True:
            job = self._api.get("jobs", self._identity.name)
            if job["metadata"]["uid"] != self._identity.uid:
                raise TakenOver("the run was deleted")
            written = job["metadata"].get("annotations", {}).get(PLAN)
            problem = None
            annotations = {}
            if written is not None:
                kept = unpack(written)
            else:
                kept, problem = self._gather(job)
                try:
                    annotations = {PLAN: pack(kept)}
                except TooLarge as too_large:
                    problem = problem or Refused(FAILED, f"the workflow is too large to be kept: {too_large}")
            self._job = RunJob(self._api, job, self._identity.pod)
            try:
                self._job.take(annotations, {RUN_LABEL: self._identity.name})
                return job, kept, problem
            except ApiError as error:
                if error.status != 409:
                    raise

    def _gather(self, job: Json) -> tuple[Json, Refused | None]:
        """Plan, bindings and templates, as they are now in the release; later upgrades do not reach this run."""
        plan = json.loads((self._folder / "plan.json").read_text("utf-8"))
        bindings = json.loads((self._folder / "bindings.json").read_text("utf-8"))
        loaded = load_plan(plan, bindings)
        kept = {"plan": plan, "bindings": bindings, "trigger": trigger_of(job), "given": {}, "templates": {}}
        try:
            kept["given"] = given_inputs(job, kept["trigger"], loaded)
            for task in loaded.all_tasks():
                if task.kind == "run":
                    kept["templates"][task.name] = self._template(task)
        except Refused as problem:
            return kept, problem
        return kept, None

    def _template(self, task: Task) -> Json:
        try:
            return self._api.get("cronjobs", task.cronjob)["spec"]["jobTemplate"]
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            raise Refused(
                FAILED, f"the CronJob {task.cronjob} of task {task.name} cannot be read: {error.message}"
            ) from None

    def _resume(self, job: Json) -> bool:
        """Take over what an earlier runner of this run has left; false when there was none."""
        written = job["metadata"].get("annotations", {}).get(JOURNAL)
        if written is None:
            return False
        self._run.load(unpack(written))
        if self._run.phase == "ended":
            return True
        now = self._clock.now()
        self._record.log("RunResumed", None, {"phase": self._run.phase})
        jobs, _ = self._api.list("jobs", f"{RUN_LABEL}={self._identity.name},{TASK_LABEL}")
        for task_job in sorted(filter(self._is_ours, jobs), key=_try_of):
            task = self._task(task_job["metadata"]["labels"][TASK_LABEL])
            self._know(task_job["metadata"]["name"], task, _try_of(task_job))
            self._run.adopt(task, _try_of(task_job), now)
            if kept_outputs(task_job):
                self._run.restore_outputs(task, read_json(kept_outputs(task_job)))
        return True

    def _admit(self, plan: Plan, trigger: str) -> None:
        """What a new run waits for before its first task."""
        await_turn(self._api, plan, trigger, self._identity.uid, self._pause)
        if trigger == "install":
            await_services(
                plan,
                self._clock,
                self._pause,
                lambda names: self._record.tell(
                    "RunWaits", None, {"reason": f"services are not ready: {', '.join(names)}"}
                ),
            )

    def _pause(self, seconds: float) -> None:
        """Wait, and stop when told to."""
        try:
            function, arguments = self._inbox.get(timeout=self._clock.real(seconds))
            function(*arguments)
        except queue.Empty:
            pass

    # --- the loop -----------------------------------------------------------------------------------------------------

    def _loop(self, plan: Plan) -> None:
        if self._run.phase != "ended":
            self._watch(has_pods=any(task.kind == "run" for task in plan.all_tasks()))
        while self._run.phase != "ended":
            actions = self._run.advance(self._clock.now())
            saved = self._journal.offer(self._run.dump()) if actions else 0
            for action in actions:
                self._perform(action, saved)
            if self._run.phase != "ended":
                self._take_in()

    def _take_in(self) -> None:
        """Wait for news, or until something is due; then take in all there is."""
        dues = [self._run.next_due(), *(since + TROUBLE_SECONDS for since, _ in self._trouble.values())]
        due = min((time for time in dues if time is not None), default=None)
        try:
            wait = None if due is None else max(0.0, self._clock.real(due - self._clock.now()))
            function, arguments = self._inbox.get(timeout=wait)
            while True:
                function(*arguments)
                function, arguments = self._inbox.get_nowait()
        except queue.Empty:
            pass
        self._end_troubled()

    def _watch(self, has_pods: bool) -> None:
        selector = f"{RUN_LABEL}={self._identity.name}"
        jobs = Watch(
            self._api,
            "jobs",
            selector,
            self._clock,
            lambda job: self._later(self._on_job, job),
            lambda name: self._later(self._on_job_gone, name),
        )
        if has_pods:
            jobs.start()
            Watch(
                self._api, "pods", selector, self._clock, lambda pod: self._later(self._on_pod, pod), lambda _name: None
            ).start()
        else:  # calls take milliseconds and need the processor more
            delay = threading.Timer(self._clock.real(BEHIND), jobs.start)
            delay.daemon = True
            delay.start()

    def _perform(self, action: NamedTuple, saved: int) -> None:
        if isinstance(action, Tell):
            self._record.tell(action.event, action.task.name if action.task else None, action.facts)
        elif isinstance(action, Start) and action.task.kind == "call":
            self._calls.start(action.task, action.number)
        elif isinstance(action, Start):
            self._start_pod(action.task, action.number, saved)
        elif isinstance(action, End) and action.task.kind == "call":
            self._calls.end(action.task)
        elif isinstance(action, End):
            self._end_job(self._name(action.task, action.number), action.reason)
        elif isinstance(action, Check):
            self._submit(self._check, self._name(action.task, action.number), action.task, action.number)

    def _start_pod(self, task: Task, number: int, saved: int) -> None:
        try:
            manifest = job_manifest(self._templates[task.name], task, number, self._owner, self._run.lookup)
        except WrongValue as problem:
            self._later(self._on_tried, task, number, Result(False, str(problem), final=True))
            return
        name = manifest["metadata"]["name"]
        self._tries[name] = (task, number)
        self._submit(self._create, manifest, task, number, saved)

    def _end_job(self, name: str, reason: str) -> None:
        """Its deadline is set to a time that has passed; at once, or as soon as the Job is there."""
        self._to_end[name] = reason
        if name in self._created:
            self._submit(self._set_past_deadline, name, reason)

    def _end_troubled(self) -> None:
        now = self._clock.now()
        for name, (since, reason) in list(self._trouble.items()):
            if now >= since + TROUBLE_SECONDS:
                del self._trouble[name]
                if name not in self._to_end:
                    self._end_job(name, reason)

    # --- news, in the loop's thread -----------------------------------------------------------------------------------

    def _on_stop(self, reason: str) -> None:
        raise Stopped(reason)

    def _on_broken(self, problem: Exception) -> None:
        raise problem

    def _on_journal_failed(self, problem: Exception) -> None:
        if not isinstance(problem, TooLarge):
            raise problem
        self._run.give_up(f"the run's progress is too large to be kept: {problem}", self._clock.now())

    def _on_tried(self, task: Task, number: int, result: Result) -> None:
        self._run.finish(task, number, result, self._clock.now())

    def _on_created(self, name: str) -> None:
        self._created[name] = True
        if name in self._to_end:
            self._submit(self._set_past_deadline, name, self._to_end[name])

    def _on_job(self, job: Json) -> None:
        name = job["metadata"]["name"]
        if name == self._identity.name:
            if "deletionTimestamp" in job["metadata"]:
                raise Stopped("the run is being deleted")
            if CANCEL in job["metadata"].get("annotations", {}):
                self._run.cancel(cancel_reason(job), self._clock.now())
        elif name in self._tries and ended(job) is not None and self._is_ours(job):
            self._settle(name, job, self._pods.get(name))

    def _on_job_gone(self, name: str) -> None:
        if name == self._identity.name:
            raise Stopped("the run was deleted")
        if name in self._tries:
            task, number = self._tries.pop(name)
            self._on_tried(task, number, Result(False, "its Job was deleted"))

    def _on_pod(self, pod: Json) -> None:
        name = pod["metadata"].get("labels", {}).get(JOB_NAME_LABEL, "")
        if name not in self._tries:
            return
        self._pods[name] = pod
        reason = trouble(pod)
        if not reason:
            self._trouble.pop(name, None)
        elif name not in self._to_end:
            self._trouble[name] = (self._trouble.get(name, (self._clock.now(), ""))[0], reason)
        if has_ended_by_itself(pod) and name not in self._to_end:
            self._settle(name, None, pod)

    def _settle(self, name: str, job: Json | None, pod: Json | None) -> None:
        task, number = self._tries.pop(name)
        for known in (self._pods, self._trouble, self._created):
            known.pop(name, None)
        self._submit(self._read_result, name, task, number, job, pod)

    # --- work, in other threads ---------------------------------------------------------------------------------------

    def _do_work(self) -> None:
        while True:
            function, arguments = self._work.get()
            try:
                function(*arguments)
            except Exception as problem:  # nothing may be lost in silence: a successor tries again
                self._later(self._on_broken, problem)

    def _create(self, manifest: Json, task: Task, number: int, saved: int) -> None:
        if not self._journal.wait(saved):
            return
        name = manifest["metadata"]["name"]
        try:
            self._api.create("jobs", manifest)
        except ApiError as error:
            if error.status != 409:
                self._later(self._on_tried, task, number, Result(False, f"its Job was refused: {error.message}"))
                return
            if not self._is_ours(self._api.get("jobs", name)):
                self._later(self._on_tried, task, number, Result(False, f"another Job is named {name}", final=True))
                return
        self._later(self._on_created, name)

    def _set_past_deadline(self, name: str, reason: str) -> None:
        patch = {"metadata": {"annotations": {ENDED_BECAUSE: reason}}, "spec": {"activeDeadlineSeconds": 1}}
        try:
            self._api.patch("jobs", name, patch)
        except ApiError as error:
            if error.status not in (404, 422):
                raise

    def _check(self, name: str, task: Task, number: int) -> None:
        """A Job that should have ended: perhaps a watch missed it."""
        try:
            job = self._api.get("jobs", name)
        except ApiError as error:
            if error.status != 404:
                raise
            self._later(self._on_tried, task, number, Result(False, "its Job was deleted"))
            return
        self._later(self._on_job, job)

    def _read_result(self, name: str, task: Task, number: int, job: Json | None, pod: Json | None) -> None:
        pods, _ = (
            ([], "")
            if pod is not None and has_ended_by_itself(pod)
            else self._api.list("pods", f"{JOB_NAME_LABEL}={name}")
        )
        container = self._templates[task.name]["spec"]["template"]["spec"]["containers"][0]["name"]
        result = result_of(task, job, pods[0] if pods else pod, container)
        if result.outputs:
            self._keep(name, json.dumps(result.outputs, ensure_ascii=False, separators=(",", ":")))
        self._later(self._on_tried, task, number, result)

    def _keep(self, name: str, outputs: str) -> None:
        """A pod may go; its outputs stay on the Job."""
        try:
            self._api.patch("jobs", name, {"metadata": {"annotations": {OUTPUTS: outputs}}})
        except ApiError as error:
            if error.status != 404:
                raise

    def _tried(self, task: Task, number: int, result: Result) -> None:
        self._later(self._on_tried, task, number, result)

    # --- ending -------------------------------------------------------------------------------------------------------

    def _finish_writing(self) -> None:
        """The verdict is kept before the process ends."""
        number = self._journal.offer(self._run.dump())
        while not self._journal.wait(number, 0.5):
            try:
                function, arguments = self._inbox.get_nowait()
                if function in (self._on_stop, self._on_broken, self._on_journal_failed):
                    function(*arguments)
            except queue.Empty:
                continue
        self._record.drain(LAST_WORDS)

    def write_what_is_known(self) -> None:
        """When stopped: what has happened up to now, if there is still time for it."""
        if hasattr(self, "_journal"):
            self._journal.wait(self._journal.offer(self._run.dump()), LAST_WORDS)

    # --- small things -------------------------------------------------------------------------------------------------

    def _later(self, function: Callable[..., None], *arguments: Any) -> None:
        self._inbox.put((function, arguments))

    def _submit(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have a worker do it; workers are hired as there is work, up to a number."""
        self._work.put((function, arguments))
        if self._workers < WORKERS:
            self._workers += 1
            threading.Thread(target=self._do_work, name="worker", daemon=True).start()

    def _task(self, name: str) -> Task:
        plan = self._run.plan
        return plan.tasks[name] if name in plan.tasks else plan.on_exit[name]

    def _name(self, task: Task, number: int) -> str:
        return job_name(self._identity.name, self._identity.uid, task.name, number)

    def _know(self, name: str, task: Task, number: int) -> None:
        self._tries[name], self._created[name] = (task, number), True

    def _is_ours(self, job: Json) -> bool:
        owners: list[Mapping[str, str]] = job["metadata"].get("ownerReferences", [])
        return any(owner["uid"] == self._identity.uid for owner in owners)


def _try_of(job: Json) -> int:
    return int(job["metadata"]["annotations"][TRY])


def carry_out(runner: Runner, last_words: Path) -> int:
    """Run a runner to its end; returns the process's exit code and leaves one line as the pod's termination message."""
    try:
        status, reason = runner.carry_out()
    except (Stopped, TakenOver) as stopped:
        if isinstance(stopped, Stopped):
            runner.write_what_is_known()
        _leave(last_words, f"stopped: {stopped}")
        return EXIT_AGAIN
    _leave(last_words, status + (f": {reason}" if reason else ""))
    return 0 if status in (SUCCEEDED, SKIPPED) else EXIT_FINAL


def _leave(path: Path, line: str) -> None:
    print(json.dumps({"event": "RunnerEnds", "result": line}, ensure_ascii=False), flush=True)
    path.write_text(" ".join(line.split())[:4000] + "\n", "utf-8")


def main() -> int:
    """The program in the run's pod."""
    environment = os.environ
    clock = Clock()
    host, port = environment["KUBERNETES_SERVICE_HOST"], int(environment["KUBERNETES_SERVICE_PORT"])
    api = Api.of_pod(host, port, environment["FLOWHELM_NAMESPACE"], clock)
    identity = Identity(environment["FLOWHELM_RUN"], environment["FLOWHELM_RUN_UID"], environment["FLOWHELM_POD_UID"])
    runner = Runner(api, clock, identity, Path(environment.get("FLOWHELM_PLAN", "/flowhelm/plan")))
    signal.signal(signal.SIGTERM, lambda *_: runner.stop())
    code = carry_out(runner, Path("/dev/termination-log"))
    sys.stdout.flush()
    os._exit(code)  # calls that were broken off may still hold threads
