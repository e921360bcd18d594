"""The runs that are kept, newest first, and as a table for people.

Input: kubectl, and which release and workflow. Output: :class:`Listed` runs; one request for all of them, and a
few more while there are runs whose runner has not begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from generator.records import dataclass
from generator.runs.acting import INSTANCE, questions, runs_here
from generator.runs.answers import ASKS
from generator.runs.kubectl import Kubectl, Refused, check_name
from generator.runs.looking import hindrances
from generator.runs.state import RunState, outline_of, seconds_of, state_of
from generator.runs.story import duration, on_one_line
from generator.runs.tree import Line
from generator.runs.watching import paths
from generator.runtime.admission import RETRY_OF, trigger_of
from generator.runtime.progress import ENDED, RUNNING
from generator.runtime.values import timestamp

Json = Any

FIELDS = ("RUN", "RELEASE", "WORKFLOW", "TRIGGER", "STATUS", "AGE", "TOOK", "REASON")
MOST_ASKED = 50
"""Of so many runs without a runner it is asked what keeps it."""

MOST_TOLD = 2
"""Of so many tasks it is told what keeps them."""


@dataclass(frozen=True)
class Listed:
    """A run: what started it, the run that it retries, when it was created, its state without its tasks, its Job."""

    namespace: str
    release: str
    trigger: str
    retry_of: str
    created: float
    state: RunState
    job: Json


def list_runs(kubectl: Kubectl, release: str = "", workflow: str = "") -> list[Listed]:
    """The runs, newest first. Raises `Refused`."""
    for what, name in (("release", release), ("workflow", workflow)):
        if name:
            check_name(what, name)
    return [_listed(run) for run in runs_here(kubectl, release, workflow)]


def explained(kubectl: Kubectl, runs: Sequence[Listed]) -> list[Listed]:
    """The same, with what those wait for that have not ended: their runner's pod, an answer. Raises `Refused`."""
    waiting: dict[str, list[Json]] = {}
    for run in [run for run in runs if _has_no_runner(run)][:MOST_ASKED]:
        waiting.setdefault(run.namespace, []).append(run.job)
    known = {}
    for namespace, jobs in waiting.items():
        there = replace(kubectl, namespace=namespace, everywhere=False) if kubectl.everywhere else kubectl
        known.update({(namespace, name): reason for name, reason in hindrances(there, jobs).items()})
    return [_because(run, known.get((run.namespace, run.state.run), "") or _waits_for(run)) for run in runs]


def _has_no_runner(run: Listed) -> bool:
    return not run.state.has_ended and not run.job.get("status", {}).get("ready")


def _because(run: Listed, reason: str) -> Listed:
    """The run with a reason, unless it has ended or has one of its own."""
    state = run.state
    return run if state.reason or state.has_ended else replace(run, state=replace(state, reason=reason))


def _waits_for(run: Listed) -> str:
    """What a run that goes on asks people, and what else keeps its tasks: an image, a mutex, a try that failed."""
    if run.state.status != RUNNING:
        return ""
    try:
        words = [f"{question.path} {ASKS}{question.message}" for question in questions(run.job)]
        tasks = [(path, task) for path, task in paths(state_of(run.job).tasks) if task.status not in ENDED]
    except (Refused, ValueError):  # another version of flowhelm made it
        return ""
    kept = [f"{path}: {task.reason}" for path, task in tasks if task.reason and not task.reason.startswith(ASKS)]
    more = [f"and {len(kept) - MOST_TOLD} more"] if len(kept) > MOST_TOLD else []
    return "; ".join([*words, *kept[:MOST_TOLD], *more])


def as_json(run: Listed) -> dict[str, Json]:
    """A run without its tasks, as runs.schema.json has it."""
    state = run.state
    return {
        "run": state.run,
        "namespace": run.namespace,
        "release": run.release,
        "workflow": state.workflow,
        "trigger": run.trigger,
        "retry_of": run.retry_of or None,
        "status": state.status,
        "reason": state.reason,
        "created": timestamp(run.created),
        "started": None if state.started is None else timestamp(state.started),
        "ended": None if state.ended is None else timestamp(state.ended),
    }


def table(runs: Sequence[Listed], now: float, *, everywhere: bool = False) -> Iterator[Line]:
    """The runs in columns, each line with the status by which it may be coloured; `everywhere`: with namespaces."""
    rows = [FIELDS, *(_fields(run, now) for run in runs)]
    namespaces = ["NAMESPACE", *(run.namespace for run in runs)]
    lines = columns([(name, *row) for name, row in zip(namespaces, rows, strict=True)] if everywhere else rows)
    yield Line("", next(lines))
    for run, text in zip(runs, lines, strict=True):
        yield Line(run.state.status, text)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines in which every column but the last is as wide as its longest text."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = [f"{text:{width}}" for text, width in zip(row[:-1], widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _listed(run: Json) -> Listed:
    metadata = run["metadata"]
    retry_of = metadata.get("annotations", {}).get(RETRY_OF, "")
    return Listed(
        namespace=metadata.get("namespace", ""),
        release=metadata["labels"].get(INSTANCE, ""),
        trigger="retry" if retry_of else trigger_of(run),
        retry_of=retry_of,
        created=seconds_of(metadata["creationTimestamp"]),
        state=outline_of(run),
        job=run,
    )


def _fields(run: Listed, now: float) -> tuple[str, ...]:
    state = run.state
    took = "" if state.started is None else duration((now if state.ended is None else state.ended) - state.started)
    age, reason = _age(max(0.0, now - run.created)), on_one_line(state.reason)
    return (state.run, run.release, state.workflow, run.trigger, state.status, age, took, reason)


def _age(seconds: float) -> str:
    """Whole seconds: Kubernetes knows no finer ones of when an object was created."""
    return f"{int(seconds)} s" if seconds < 60 else duration(seconds)
