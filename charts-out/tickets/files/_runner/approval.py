"""Approvals: the annotation of the run's Job by which a person answers, and what the answer comes to.

    flowhelm.dev/approve.<task>: {"by": "Ada", "approved": true}      or, typed by hand, true or false

`<task>` is the task's path, made safe as a part of a label (paths.py). An answer holds for the run: it counts when it
is given before the task waits, and for every try of a workflow around it.
"""

from __future__ import annotations

from .paths import label_of
from .progress import Result
from .record import timestamp
from .values import read_json

APPROVE = "flowhelm.dev/approve."
MOST_PATH = 55
"""Characters that are left for the path: the name of an annotation has at most 63 behind the slash."""

NOT_IN_TIME, REJECTED = "not approved in time", "rejected"


def annotation_of(path: str) -> str:
    """The annotation that answers the question of the task at this path."""
    return APPROVE + label_of(path, MOST_PATH)


def result_of_answer(answer: str, now: float) -> Result | None:
    """What an answer comes to; None for one that says neither yes nor no, which can still be mended."""
    try:
        given = read_json(answer)
    except ValueError:
        given = None
    approved, by = (given.get("approved"), given.get("by")) if isinstance(given, dict) else (given, None)
    who = by if isinstance(by, str) and by else "unknown"
    if approved is True:
        return Result(True, outputs={"by": who, "at": timestamp(now)})
    if approved is False:
        return Result(False, REJECTED, {"by": who, "at": timestamp(now)}, final=True)
    return None
