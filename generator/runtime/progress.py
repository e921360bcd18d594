"""How far the tasks of a workflow are, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .expressions import Lookup, value_of
from .plan import Task, Workflow
from .values import WrongValue, is_a, not_a

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


def blame(failed: list[str], kind: str, progress: Mapping[str, Progress]) -> str:
    """Why a workflow has failed, in one sentence."""
    first = failed[0]
    if len(failed) == 1:
        return f"{kind} {first} failed: {progress[first].reason}"
    return f"{kind}s {', '.join(failed)} failed; {first}: {progress[first].reason}"


def workflow_outputs(plan: Workflow, lookup: Lookup) -> dict[str, Json]:
    """The outputs of a workflow that has succeeded. Raises :class:`WrongValue`."""
    outputs = {}
    for name, output in plan.outputs.items():
        try:
            value = value_of(output.value, lookup)
        except WrongValue as problem:
            if not output.has_default:
                raise WrongValue(f"output {name} of the workflow: {problem}") from None
            value = None
        value = output.default if value is None else value
        if not is_a(value, output.type):
            raise WrongValue(f"output {name} of the workflow is {not_a(value, output.type)}")
        outputs[name] = value
    return outputs
