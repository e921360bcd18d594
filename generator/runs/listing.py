"""The runs of a namespace, newest first, and as a table for people.

Input: kubectl, and which release and workflow. Output: :class:`Listed` runs; one request for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generator.runs.acting import INSTANCE, runs_here
from generator.runs.kubectl import Kubectl
from generator.runs.state import RunState, state_of
from generator.runs.story import duration
from generator.runtime.admission import RETRY_OF, trigger_of
from generator.runtime.record import timestamp

Json = Any

FIELDS = ("RUN", "RELEASE", "WORKFLOW", "TRIGGER", "STATUS", "AGE", "TOOK", "REASON")


@dataclass(frozen=True)
class Listed:
    """A run: what started it, when it was created, and its state without what pods wrote."""

    release: str
    trigger: str
    created: float
    state: RunState


def list_runs(kubectl: Kubectl, release: str = "", workflow: str = "") -> list[Listed]:
    """The runs, newest first. Raises `Refused`; one that another version made, and that cannot be read, is left out."""
    found = []
    for run in runs_here(kubectl, release, workflow):
        metadata = run["metadata"]
        try:
            state = state_of(run)
        except ValueError:
            continue
        trigger = "retry" if RETRY_OF in metadata.get("annotations", {}) else trigger_of(run)
        created = datetime.fromisoformat(metadata["creationTimestamp"].replace("Z", "+00:00")).timestamp()
        found.append(Listed(metadata["labels"].get(INSTANCE, ""), trigger, created, state))
    return found


def as_json(run: Listed) -> dict[str, Json]:
    """A run without its tasks."""
    state = run.state
    return {
        "run": state.run,
        "release": run.release,
        "workflow": state.workflow,
        "trigger": run.trigger,
        "status": state.status,
        "reason": state.reason,
        "created": timestamp(run.created),
        "started": None if state.started is None else timestamp(state.started),
        "ended": None if state.ended is None else timestamp(state.ended),
    }


def table(runs: Sequence[Listed], now: float) -> Iterator[str]:
    """The runs in columns."""
    return columns([FIELDS, *(_fields(run, now) for run in runs)])


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines in which every column but the last is as wide as its longest text."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = [f"{text:{width}}" for text, width in zip(row[:-1], widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _fields(run: Listed, now: float) -> tuple[str, ...]:
    state = run.state
    took = "" if state.started is None else duration((now if state.ended is None else state.ended) - state.started)
    age = duration(max(0.0, now - run.created))
    return (state.run, run.release, state.workflow, run.trigger, state.status, age, took, state.reason)
