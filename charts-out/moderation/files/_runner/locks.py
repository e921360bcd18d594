"""Mutexes: one Lease for each name within the release and namespace, over all workflows and runs.

A Lease is its holder's (`<uid of the run>/<path>`) until the holder gives it back, or nothing of the holder is left:
its run has ended, and so have the Jobs of what held it. No time takes it away: a runner that is down for a minute must
not lose the mutex while its task's pod still works. The run owns the Lease, so nothing stays behind.

Public methods and those that begin with `_on` are called with the turn (`inbox.py`); workers do what needs the network.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .inbox import Inbox, Workers
from .journal import Journal
from .kube import Api, ApiError, Clock, Conflict, NotFound
from .pods import PATH, RUN_LABEL, ended
from .values import timestamp
from .work import Work

Json = Any

MUTEX = "flowhelm.dev/mutex"
ASK_AGAIN = 2.0


def lease_name(release: str, mutex: str) -> str:
    """The name of a mutex's Lease."""
    return f"{release}-{hashlib.sha256(mutex.encode()).hexdigest()[:16]}"


@dataclass
class _Mutex:
    """What this run has to do with a mutex; `busy`: a worker is at it. The first that waits is the one it is for.

    `stale` is a holder that this run had before a restart, and that has nothing to do with it any more.
    """

    waiting: deque[tuple[Work, int]] = field(default_factory=deque)
    freeing: deque[Work] = field(default_factory=deque)
    holder: Work | None = None
    busy: bool = False
    again: float | None = None
    stale: str = ""


class Locks:
    """The mutexes that the works of this run hold or wait for."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        owner: Mapping[str, str],
        release: str,
        journal: Journal,
        inbox: Inbox,
        workers: Workers,
    ) -> None:
        self._api, self._clock, self._owner, self._release = api, clock, owner, release
        self._journal, self._inbox, self._workers = journal, inbox, workers
        self._mutexes: dict[str, _Mutex] = {}

    # --- what the loop wants ------------------------------------------------------------------------------------------

    def want(self, work: Work, name: str, saved: int) -> None:
        """Get a mutex for a work, once the journal has the progress `saved`, which says so; `work.locked` is told."""
        self._mutex(name).waiting.append((work, saved))
        self._next(name)

    def give_back(self, work: Work, name: str) -> None:
        """A work needs a mutex no more, or does not wait for it any more; `work.unlocked` is told."""
        mutex = self._mutex(name)
        waited = [each for each in mutex.waiting if each[0] is work]
        for each in waited:
            mutex.waiting.remove(each)
        if not waited:  # it has it, perhaps from before a restart
            mutex.freeing.append(work)
            self._next(name)
        elif not mutex.busy:
            work.unlocked()

    def next_due(self) -> float | None:
        """When a mutex is to be asked for again."""
        times = (mutex.again for mutex in self._mutexes.values())
        return min((time for time in times if time is not None), default=None)

    def ask_again(self) -> None:
        """Ask for those that others had."""
        now = self._clock.now()
        for name, mutex in self._mutexes.items():
            if mutex.again is not None and now >= mutex.again:
                self._next(name)

    def are_busy(self) -> bool:
        """Whether a mutex is still to be given back."""
        return any(mutex.busy or mutex.freeing for mutex in self._mutexes.values())

    # --- with the turn ------------------------------------------------------------------------------------------------

    def _mutex(self, name: str) -> _Mutex:
        return self._mutexes.setdefault(name, _Mutex())

    def _next(self, name: str) -> None:
        mutex = self._mutex(name)
        self._refuse_within(mutex)
        if mutex.busy:
            return
        if mutex.freeing:
            mutex.busy = True
            self._workers.submit(self._free, name, mutex.freeing.popleft())
        elif mutex.waiting and mutex.holder is None:
            work, saved = mutex.waiting[0]
            mutex.busy, mutex.again = True, None
            self._workers.submit(self._ask, name, work, saved, mutex.stale)

    def _refuse_within(self, mutex: _Mutex) -> None:
        """Who waits for what the task around it holds would wait for ever."""
        if mutex.holder is None:
            return
        around = mutex.holder.path
        for each in [each for each in mutex.waiting if each[0].path.startswith(f"{around}/")]:
            mutex.waiting.remove(each)
            each[0].refuse_lock(f"task {around}, around it, holds it", self._clock.now())

    def _on_asked(self, name: str, work: Work, lease: Json) -> None:
        """`lease` is that of the mutex, whoever has it."""
        mutex = self._mutex(name)
        mutex.busy = False
        is_wanted = bool(mutex.waiting) and mutex.waiting[0][0] is work
        if self._is_mine(lease, work.path):
            if is_wanted:
                mutex.holder = work
                mutex.waiting.popleft()
                work.locked()
                self._refuse_within(mutex)
            else:
                mutex.freeing.append(work)
        elif not is_wanted:
            work.unlocked()
        elif self._is_of_run(lease):
            self._hand_over(mutex, lease)
        else:
            work.blocked(_shown(lease))
            mutex.again = self._clock.now() + ASK_AGAIN
            return
        self._next(name)

    def _hand_over(self, mutex: _Mutex, lease: Json) -> None:
        """A work of this run has the Lease from before a restart: it is its turn, or it has ended."""
        mine = [each for each in mutex.waiting if self._is_mine(lease, each[0].path)]
        for each in mine:
            mutex.waiting.remove(each)
            mutex.waiting.appendleft(each)
        if not mine:
            mutex.stale = lease["spec"]["holderIdentity"]

    def _on_refused(self, name: str, work: Work, why: str) -> None:
        mutex = self._mutex(name)
        mutex.busy = False
        mutex.waiting = deque(each for each in mutex.waiting if each[0] is not work)
        work.refuse_lock(why, self._clock.now())
        self._next(name)

    def _on_freed(self, name: str, work: Work) -> None:
        mutex = self._mutex(name)
        mutex.busy, mutex.holder = False, None
        work.unlocked()
        self._next(name)

    # --- in a worker's thread -----------------------------------------------------------------------------------------

    def _ask(self, name: str, work: Work, saved: int, stale: str) -> None:
        if not self._journal.wait(saved):
            return
        try:
            self._inbox.put(self._on_asked, name, work, self._acquire(name, work.path, stale))
        except ApiError as problem:
            self._inbox.put(self._on_refused, name, work, problem.message)

    def _acquire(self, mutex: str, path: str, stale: str) -> Json:
        """Take the Lease if it can be had; returns it, whoever has it now. Raises `ApiError`."""
        lease = self._lease(mutex, path)
        name = lease["metadata"]["name"]
        while True:
            with suppress(Conflict):
                return self._api.create("leases", lease)
            with suppress(NotFound, Conflict):  # others are at it too
                found = self._api.get("leases", name)
                if self._is_free(found, stale):
                    version = {"resourceVersion": found["metadata"]["resourceVersion"]}
                    found = self._api.patch("leases", name, {**lease, "metadata": {**lease["metadata"], **version}})
                return found

    def _free(self, mutex: str, work: Work) -> None:
        name = lease_name(self._release, mutex)
        while True:
            try:
                found = self._api.get("leases", name)
                if self._is_mine(found, work.path):
                    self._api.delete("leases", found)
                break
            except NotFound:
                break
            except Conflict:
                continue
        self._inbox.put(self._on_freed, mutex, work)

    def _lease(self, mutex: str, path: str) -> Json:
        run = {"apiVersion": "batch/v1", "kind": "Job", **self._owner, "controller": False}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": lease_name(self._release, mutex),
                "labels": {RUN_LABEL: self._owner["name"]},
                "annotations": {MUTEX: mutex, PATH: path},
                "ownerReferences": [run],
            },
            "spec": {
                "holderIdentity": f"{self._owner['uid']}/{path}",
                "acquireTime": timestamp(self._clock.now())[:-1] + "000Z",
            },
        }

    def _is_mine(self, lease: Json, path: str) -> bool:
        return bool(lease["spec"].get("holderIdentity") == f"{self._owner['uid']}/{path}")

    def _is_of_run(self, lease: Json) -> bool:
        return bool(lease["spec"].get("holderIdentity", "").startswith(f"{self._owner['uid']}/"))

    def _is_free(self, lease: Json, stale: str) -> bool:
        """Whether nothing of a Lease's holder is left."""
        holder = lease["spec"].get("holderIdentity", "")
        if self._is_of_run(lease):
            return bool(holder == stale)
        uid, _, path = holder.partition("/")
        jobs, _ = self._api.list("jobs", f"{RUN_LABEL}={lease['metadata'].get('labels', {}).get(RUN_LABEL, '')}")
        for job in jobs:
            if ended(job) is not None:
                continue
            held = job["metadata"].get("annotations", {}).get(PATH, "")
            is_run = job["metadata"]["uid"] == uid
            is_of_run = any(owner["uid"] == uid for owner in job["metadata"].get("ownerReferences", ()))
            if is_run or (is_of_run and (held == path or held.startswith(f"{path}/"))):
                return False
        return True


def _shown(lease: Json) -> str:
    """Who holds a Lease, for people."""
    metadata = lease["metadata"]
    run = metadata.get("labels", {}).get(RUN_LABEL, "another run")
    return f"{metadata.get('annotations', {}).get(PATH, 'something')} of {run}"
