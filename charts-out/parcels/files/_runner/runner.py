"""The loop: carries one run from its Job to its verdict.

One thread decides at a time, the one that has the turn. Everything that waits for the network does so in threads of
its own, which put what they learn into the inbox as a function to call here; only a call that has ended takes the turn
in its own thread, and goes on with the next one. What must not be lost is in the journal before a Job is created that
rests on it.

Exit codes: 0 the run succeeded (or had nothing to do); 10 the run failed or was cancelled, and that is final; anything
else: the runner was stopped or broke, and the next one goes on from where it was.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from .addresses import Addresses
from .admission import CANCEL, Refused, await_services, await_turn, cancel_reason, read_inputs, refuse_cancelled
from .calls import Calls
from .inbox import Inbox, Workers
from .jobs import TaskJobs
from .journal import Journal, TakenOver, TooLarge
from .kube import Api, ApiError, Clock, Watch
from .locks import Locks
from .opening import Identity, Opened, Unreadable, open_run, places_of
from .pods import RUN_LABEL
from .progress import FAILED, SKIPPED, SUCCEEDED, Check, End, Lock, Result, Start, Tell, Unlock
from .record import BEHIND, Record, write_line
from .retrying import call_off_alarm
from .run import Run
from .work import Work

Json = Any

EXIT_FINAL, EXIT_AGAIN = 10, 75
LAST_WORDS = 5.0
MOMENT = 0.02
"""Seconds after which the latest decisions are told and kept: calls that take milliseconds need the processor first."""


class Stopped(Exception):
    """This runner stops; its successor goes on."""


class Runner:
    """One runner of one run."""

    def __init__(self, api: Api, clock: Clock, identity: Identity, folder: Path) -> None:
        self._api, self._clock, self._identity, self._folder = api, clock, identity, folder
        self._inbox = Inbox()
        self._workflow = ""
        self._journal: Journal | None = None
        self._calls: Calls | None = None
        self._words: list[tuple[float, Tell]] = []
        self._is_kept = True
        self._tell_at: float | None = None
        self._wakes: float | None = None
        self._is_over = False

    def stop(self) -> None:
        """Stop as soon as may be; safe to call from a signal handler or another thread."""
        self._inbox.put(self._on_stop)

    def carry_out(self) -> tuple[str, str]:
        """The whole run, or what is left of it: returns its status and reason.

        Raises :class:`Stopped`, :class:`TakenOver` or `ApiError` when a successor must go on.
        """
        addresses = Addresses()
        addresses.look_up_ahead(places_of(self._folder))  # names take longer than the first call
        opened = open_run(self._api, self._identity, self._folder)
        owner = {"name": self._identity.name, "uid": self._identity.uid}
        workers = Workers(self._inbox, self._on_broken)
        self._workflow = opened.plan.workflow
        self._run = run = Run(opened.plan, self._identity.uid, self._identity.name)
        self._record = Record(self._api, owner, self._workflow, self._clock)
        self._journal = journal = Journal(
            opened.job, self._clock, lambda why: self._inbox.put(self._on_journal_failed, why)
        )
        self._calls = calls = Calls(
            dict(opened.plan.services),
            run.known_as,
            self._clock,
            lambda *called: self._on_called(journal, calls, *called),
            addresses,
        )
        self._jobs = TaskJobs(self._api, self._clock, owner, opened.templates, self._inbox, workers, self._on_tried)
        self._locks = Locks(self._api, self._clock, owner, opened.plan.release, journal, self._inbox, workers)
        try:
            self._begin(opened)
        except Refused as refusal:
            run.refuse(refusal.status, refusal.reason)
            self._record.tell(f"Run{refusal.status.capitalize()}", None, {"reason": refusal.reason})
        if run.phase != "ended":
            self._watch(has_pods=any(task.in_pod for task in opened.plan.all_tasks()))
            self._loop(journal, calls)
        self._end(journal)
        return run.status, run.reason

    def write_what_is_known(self) -> None:
        """When stopped: what has happened up to now, if there is still time for it.

        Nothing has before the run has started: then the successor has to wait for its turn and for services too.
        """
        if self._journal is not None and self._run.started is not None:
            self._journal.wait(self._journal.offer(self._run.dump()), LAST_WORDS)

    def leave(self, path: Path, line: str) -> None:
        """The last line, in the log and as the termination message."""
        write_line(self._clock.now(), self._identity.name, self._workflow, "RunnerEnds", None, {"result": line})
        sys.stdout.flush()
        path.write_text(" ".join(line.split())[:4000] + "\n", "utf-8")

    def close(self) -> None:
        """End all connections, and with them the other threads."""
        self._api.close()
        if self._calls is not None:
            self._calls.close()

    # --- the run's course ---------------------------------------------------------------------------------------------

    def _begin(self, opened: Opened) -> None:
        """Go on where an earlier runner stopped, or find out whether the run may start. Raises :class:`Refused`."""
        if opened.refused:
            raise Refused(FAILED, opened.refused)
        plan, run = opened.plan, self._run
        run.inputs = read_inputs(opened.given, plan)
        run.keys = opened.keys
        if opened.journal is not None:
            run.load(opened.journal)
        if run.started is None and run.phase != "ended":
            await_turn(self._api, plan, opened.trigger, self._identity.uid, self._pause)
            if opened.trigger == "install":
                await_services(plan, self._clock, self._pause_unless_cancelled, self._tell_waiting)
            if opened.retry_of:
                self._tell_retry(opened.retry_of)
                call_off_alarm(self._api, opened.retry_of)
            return
        run.answers = opened.annotations
        if run.phase != "ended":
            self._record.tell("RunResumed", None, {"phase": run.phase})
            self._jobs.adopt(run)
            run.settle_lost(self._clock.now())

    def _loop(self, journal: Journal, calls: Calls) -> None:
        try:
            while self._run.phase != "ended":
                with self._inbox.turn:
                    self._decide(journal, calls)
                    self._wakes = self._next_look()
                self._inbox.take_in(None if self._wakes is None else max(0.0, self._wakes - time.monotonic()))
                if self._tell_at is not None and self._tell_at <= time.monotonic():
                    self._tell(journal)
                with self._inbox.turn:
                    self._jobs.look_after()
                    self._locks.ask_again()
        finally:
            with self._inbox.turn:
                self._is_over = True
            self._tell(journal)

    def _next_look(self) -> float | None:
        """When the loop has something to do, if there is no news before."""
        dues = (self._run.next_due(), self._jobs.next_due(), self._locks.next_due())
        now, since = time.monotonic(), self._clock.now()
        looks = [now + self._clock.real(due - since) for due in dues if due is not None]
        return min(looks if self._tell_at is None else [*looks, self._tell_at], default=None)

    def _decide(self, journal: Journal, calls: Calls) -> None:
        """Do all that follows from what is known; only by who has the turn."""
        now = self._clock.now()
        actions = self._run.advance(now)
        if not actions:
            return
        self._words += [(now, action) for action in actions if isinstance(action, Tell)]
        self._tell_at = self._tell_at or time.monotonic() + MOMENT
        saved = 0
        self._is_kept = any(map(_rests_on_journal, actions))
        if self._is_kept:
            saved = journal.offer(self._run.dump())
        for action in actions:
            self._perform(action, journal, calls, saved)

    def _on_called(self, journal: Journal, calls: Calls, work: Work, number: int, result: Result) -> None:
        """A call has ended: what follows from it, in the call's thread, without waking the loop if it wakes in time."""
        try:
            with self._inbox.turn:
                if self._is_over:
                    return
                self._on_tried(work, number, result)
                self._decide(journal, calls)
                look = self._next_look()
                if self._run.phase != "ended" and self._wakes is not None and (look is None or look >= self._wakes):
                    return
            self._inbox.put(self._on_decided)
        except Exception as problem:
            self._inbox.put(self._on_broken, problem)

    def _tell(self, journal: Journal) -> None:
        """Tell what was decided, and have it written."""
        with self._inbox.turn:
            words, self._words, self._tell_at = self._words, [], None
            if not self._is_kept:
                journal.offer(self._run.dump())
        self._record.tell_all(words)

    def _perform(self, action: NamedTuple, journal: Journal, calls: Calls, saved: int) -> None:
        if isinstance(action, Start) and action.work.task.in_pod:
            self._jobs.start(action.work, action.number, journal, saved)
        elif isinstance(action, Start):
            calls.start(action.work, action.number)
        elif isinstance(action, End) and action.work.task.in_pod:
            self._jobs.end(action.work, action.number, action.reason)
        elif isinstance(action, End):
            calls.end(action.work)
        elif isinstance(action, Check):
            self._jobs.check(action.work, action.number)
        elif isinstance(action, Lock):
            self._locks.want(action.work, action.mutex, saved)
        elif isinstance(action, Unlock):
            self._locks.give_back(action.work, action.mutex)

    def _end(self, journal: Journal) -> None:
        """The verdict is kept before the process ends, and no mutex is, if that can be had in time."""
        number = journal.offer(self._run.dump())
        while not journal.wait(number, 0.1):
            self._inbox.take_in(0)
        until = self._clock.now() + LAST_WORDS
        while self._locks.are_busy() and self._clock.now() < until:
            self._inbox.take_in(self._clock.real(0.1))
        self._record.drain(LAST_WORDS)

    def _pause(self, seconds: float) -> None:
        """Wait before the first task, and stop when told to."""
        self._inbox.take_in(self._clock.real(seconds))

    def _pause_unless_cancelled(self, seconds: float) -> None:
        refuse_cancelled(self._api.get("jobs", self._identity.name))
        self._pause(seconds)

    def _tell_retry(self, name: str) -> None:
        taken = [node.task.name for node in self._run.nodes.values() if node.progress.taken]
        whole = f"the failed tasks of run {name}; taken over: {', '.join(taken) or 'nothing'}"
        self._record.tell("RunRetries", None, {"reason": whole, "retry_of": name, "taken_over": taken})

    def _tell_waiting(self, services: list[str]) -> None:
        self._record.tell("RunWaits", None, {"reason": f"services are not ready: {', '.join(services)}"})

    def _watch(self, has_pods: bool) -> None:
        selector = f"{RUN_LABEL}={self._identity.name}"
        put = self._inbox.put
        jobs = Watch(
            self._api,
            "jobs",
            selector,
            self._clock,
            lambda job: put(self._on_job, job),
            lambda name: put(self._on_job_gone, name),
        )
        if has_pods:
            jobs.start()
            pods = Watch(
                self._api,
                "pods",
                selector,
                self._clock,
                lambda pod: put(self._jobs.on_pod, pod),
                lambda _name: None,
            )
            pods.start()
        else:  # calls take milliseconds and need the processor more
            delay = threading.Timer(self._clock.real(BEHIND), jobs.start)
            delay.daemon = True
            delay.start()

    # --- news ---------------------------------------------------------------------------------------------------------

    def _on_stop(self) -> None:
        raise Stopped("told to stop")

    def _on_broken(self, problem: Exception) -> None:
        raise problem

    def _on_decided(self) -> None:
        """Another thread has decided: the loop looks again when it has something to do."""

    def _on_journal_failed(self, problem: Exception) -> None:
        if not isinstance(problem, TooLarge):
            raise problem
        self._run.give_up(f"the run's progress is too large to be kept: {problem}", self._clock.now())

    def _on_tried(self, work: Work, number: int, result: Result) -> None:
        work.finish(number, result, self._clock.now())

    def _on_job(self, job: Json) -> None:
        if job["metadata"]["name"] != self._identity.name:
            self._jobs.on_job(job)
        elif "deletionTimestamp" in job["metadata"]:
            raise Stopped("the run is being deleted")
        elif CANCEL in job["metadata"].get("annotations", {}):
            self._run.cancel(cancel_reason(job), self._clock.now())
        else:
            self._run.answers = job["metadata"].get("annotations", {})

    def _on_job_gone(self, name: str) -> None:
        if name == self._identity.name:
            raise Stopped("the run was deleted")
        self._jobs.on_job_gone(name)


def _rests_on_journal(action: NamedTuple) -> bool:
    """Whether it makes something that outlasts this process."""
    return isinstance(action, Lock) or (isinstance(action, Start) and action.work.task.in_pod)


def carry_out(runner: Runner, last_words: Path) -> int:
    """Run a runner to its end; returns the process's exit code and leaves one line as the pod's termination message."""
    try:
        status, reason = runner.carry_out()
    except (Stopped, TakenOver) as stopped:
        if isinstance(stopped, Stopped):
            runner.write_what_is_known()
        runner.leave(last_words, f"stopped: {stopped}")
        return EXIT_AGAIN
    except ApiError as error:  # its rights were taken away, for example: perhaps its successor has them again
        runner.leave(last_words, f"stopped: the API server refuses: {error}")
        return EXIT_AGAIN
    except Unreadable as problem:
        runner.leave(last_words, f"{FAILED}: {problem}")
        return EXIT_FINAL
    finally:
        runner.close()
    runner.leave(last_words, status + (f": {reason}" if reason else ""))
    return 0 if status in (SUCCEEDED, SKIPPED) else EXIT_FINAL
