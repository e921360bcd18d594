"""The tries whose pods have not started: what keeps each from it, when that is told, and when it has lasted too long.

Knows no clock and no network: it is told what was seen and what time it is, and says what is to be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from .troubles import Trouble, has_started, trouble

Json = Any

GRACE_SECONDS = 10.0
"""How long a pod may take before anybody asks why it does not start, or is told."""

LOOK_SECONDS = 20.0
TROUBLE_SECONDS = 300.0

LOOK, TELL, END = "look", "tell", "end"


class Todo(NamedTuple):
    """Look for Events about a try, tell why it waits, or end it, with the reason."""

    what: str
    name: str
    reason: str = ""


@dataclass
class _Startup:
    """`look`: when Events are to be read next, None once a container runs. `heard`: the trouble is from Events."""

    look: float | None
    trouble: Trouble | None = None
    since: float = 0.0
    heard: bool = False
    told: bool = False
    ended: bool = False
    has_pod: bool = False

    def due(self) -> float | None:
        """When there is something to do."""
        times = [] if self.look is None else [self.look]
        if self.trouble and not self.told:
            times.append(self.since + GRACE_SECONDS)
        if self.trouble and not self.trouble.passes:
            times.append(self.since + TROUBLE_SECONDS)
        return None if self.ended else min(times, default=None)


class Startups:
    """All of one run, by the name of the Job."""

    def __init__(self) -> None:
        self._all: dict[str, _Startup] = {}

    def begin(self, name: str, now: float) -> None:
        """A Job is there."""
        self._all.setdefault(name, _Startup(now + GRACE_SECONDS))

    def forget(self, name: str) -> str:
        """A Job's try has ended; returns what kept its pod from starting until then, "" for nothing."""
        startup = self._all.pop(name, None)
        return startup.trouble.reason if startup and startup.trouble else ""

    def see(self, name: str, pod: Json, now: float) -> bool:
        """A pod has changed; true when nothing keeps it any more from starting, and something did."""
        startup = self._all.setdefault(name, _Startup(now + GRACE_SECONDS))
        is_new, startup.has_pod = not startup.has_pod, True
        if has_started(pod):
            startup.look = None
        found = trouble(pod)
        if found:
            self._set(startup, found, False, now)
        elif "deletionTimestamp" not in pod["metadata"] and (is_new or startup.look is None or not startup.heard):
            return self._clear(startup)
        return False

    def hear(self, name: str, found: Trouble | None, now: float) -> bool:
        """What the newest Event says; what stands in the pod's own status counts for more. Returns what `see` does."""
        startup = self._all.get(name)
        if startup is None or startup.look is None or (startup.trouble and not startup.heard):
            return False
        if found:
            self._set(startup, found, True, now)
            return False
        return self._clear(startup)

    def next_due(self) -> float | None:
        """When something is to be done next."""
        return min((due for due in (each.due() for each in self._all.values()) if due is not None), default=None)

    def due(self, now: float) -> list[Todo]:
        """What is to be done now; it is taken for done."""
        todo: list[Todo] = []
        for name, startup in self._all.items():
            due = startup.due()
            if due is None or now < due:
                continue
            if startup.look is not None and now >= startup.look:
                startup.look = now + LOOK_SECONDS
                if startup.trouble is None or startup.heard:
                    todo.append(Todo(LOOK, name))
            if startup.trouble is None:
                continue
            reason = startup.trouble.reason
            if not startup.told and now >= startup.since + GRACE_SECONDS:
                startup.told = True
                todo.append(Todo(TELL, name, reason))
            if not startup.trouble.passes and now >= startup.since + TROUBLE_SECONDS:
                startup.ended = True
                todo.append(Todo(END, name, reason))
        return todo

    @staticmethod
    def _set(startup: _Startup, found: Trouble, heard: bool, now: float) -> None:
        if startup.trouble is None or startup.trouble.passes != found.passes:
            startup.since = now
        startup.trouble, startup.heard = found, heard

    @staticmethod
    def _clear(startup: _Startup) -> bool:
        was, startup.trouble, startup.told = startup.told, None, False
        return was
