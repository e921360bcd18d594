"""What decisions are about (how far a task is, how a try has ended), and what they come to: what is to be done outside.

The decisions (work, node, scope, run) do nothing themselves: they return actions, which the loop has others carry out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .plan import Task

if TYPE_CHECKING:
    from .work import Work

Json = Any

WAITING, READY, LOCKING, RUNNING, PAUSED = "waiting", "ready", "locking", "running", "paused"
"""Waiting for its needs; for `parallelism`; for its mutex; nothing (it runs); for the next try."""
SUCCEEDED, FAILED, SKIPPED, CANCELLED = "succeeded", "failed", "skipped", "cancelled"
ENDED = (SUCCEEDED, FAILED, SKIPPED, CANCELLED)

SATISFIED_BY = {
    "succeeded": (SUCCEEDED,),
    "failed": (FAILED,),
    "skipped": (SKIPPED,),
    "not_failed": (SUCCEEDED, SKIPPED),
    "done": ENDED,
}
PHRASES = {SUCCEEDED: "succeeded", FAILED: "failed", SKIPPED: "was skipped", CANCELLED: "was cancelled"}
NOTHING: tuple[Json, ...] = (None, "", {}, 0, False)


@dataclass
class Progress:
    """How far a task is, or one item of it. `tried` is when its current try started, `due` when something must happen
    of itself.

    `created`: the current try's Job has been seen. `lock`: the mutex that it asked for or holds; `held`: it has it.
    `taken`: over from the run that this one retries, with its outputs.
    """

    status: str = WAITING
    reason: str = ""
    tries: int = 0
    created: bool = False
    started: float | None = None
    tried: float | None = None
    ended: float | None = None
    due: float | None = None
    lock: str = ""
    held: bool = False
    taken: bool = False
    outputs: dict[str, Json] = field(default_factory=dict)

    def dump(self) -> dict[str, Json]:
        """As JSON, without what says nothing; {} when nothing has happened yet. Times to the millisecond."""
        if self.status in (WAITING, READY) and not self.tries and not self.lock:
            return {}
        return {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in vars(self).items()
            if value not in NOTHING
        }


@dataclass(frozen=True)
class Result:
    """How a try ended. `outputs` are those that others may read; `final`: another try would end the same way."""

    succeeded: bool
    reason: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    final: bool = False


class Start(NamedTuple):
    """Start this try."""

    work: Work
    number: int


class End(NamedTuple):
    """End this try before its time."""

    work: Work
    number: int
    reason: str


class Check(NamedTuple):
    """Look whether this try should not have ended by now."""

    work: Work
    number: int


class Lock(NamedTuple):
    """Get this mutex."""

    work: Work
    mutex: str


class Unlock(NamedTuple):
    """Give this mutex back, or do not ask for it any more."""

    work: Work
    mutex: str


class Keep(NamedTuple):
    """Nothing but to keep how far the work is: people look at that."""

    work: Work


class Tell(NamedTuple):
    """Something that people want to know; `path` is None for the run itself."""

    event: str
    path: str | None
    facts: dict[str, Json]


def unhandled(tasks: Mapping[str, Task], progress: Mapping[str, Progress]) -> list[str]:
    """The failed tasks that no task which needs them as failed has taken over (by having run)."""
    handled = {
        need
        for task in tasks.values()
        if progress[task.name].status in (SUCCEEDED, FAILED)
        for need, state in task.needs.items()
        if state == "failed"
    }
    return [name for name in tasks if progress[name].status == FAILED and name not in handled]
