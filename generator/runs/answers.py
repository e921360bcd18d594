"""The questions of a run that people answer, and whether an answer can be given.

In: the run's plan, its progress (runtime/journal.py) and the annotations of its Job. Out: the questions that wait, and
what keeps an answer from being given, in one sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.runtime.names import annotation_of
from generator.runtime.plan import Task, Workflow
from generator.runtime.progress import ENDED, PHRASES, SUCCEEDED
from generator.runtime.work import result_of_answer
from generator.spec.suggestions import did_you_mean

Json = Any

ASKS = "waits for approval: "
"""How the reason of a task begins that has asked (runtime/work.py)."""


class Question(NamedTuple):
    """A task that waits for an answer: its path and what it asks."""

    path: str
    message: str


def without_items(path: str) -> str:
    """The same for all items: `pay[2]/charge` → `pay/charge`."""
    return re.sub(r"\[[0-9]+\]", "", path)


def tasks_of(plan: Workflow, prefix: str = "") -> Iterator[tuple[str, Task]]:
    """All tasks of a run by their paths, without the indices of items."""
    for task in plan.own_tasks():
        yield prefix + task.name, task
        if task.callee is not None:
            yield from tasks_of(task.callee, f"{prefix}{task.name}/")


def entries_of(progress: Json, prefix: str = "") -> Iterator[tuple[str, Json]]:
    """What the progress has of each task and item, by their paths."""
    for name, entry in progress.get("tasks", {}).items():
        path = prefix + name
        yield path, entry
        own = [(path, entry)] if "each" not in entry else []
        items = [(f"{path}[{index}]", item) for index, item in enumerate(entry.get("each", ()))]
        yield from items
        for inner_path, inner in own + items:
            yield from entries_of(inner.get("workflow", {}), f"{inner_path}/")


def waiting(plan: Workflow, progress: Json, annotations: Mapping[str, str]) -> list[Question]:
    """The questions that have been asked and not been answered."""
    kinds = dict(tasks_of(plan))
    found = []
    for path, entry in entries_of(progress):
        task = kinds.get(without_items(path))
        if task is None or task.kind != "approve" or entry.get("status") != "running" or "each" in entry:
            continue
        if not _answered(path, annotations):
            found.append(Question(path, entry.get("reason", "").removeprefix(ASKS)))
    return found


def refusal(plan: Workflow, progress: Json, annotations: Mapping[str, str], path: str) -> str:
    """Why the task at this path cannot be answered, "" when it can."""
    kinds = dict(tasks_of(plan))
    task = kinds.get(without_items(path))
    if task is None:
        return unknown_task(path, plan)
    questions = sorted(each for each, known in kinds.items() if known.kind == "approve")
    if task.kind != "approve":
        asked = f"; those that do: {', '.join(questions)}" if questions else ""
        return f"the task {path} asks nobody{asked}"
    entries = dict(entries_of(progress))
    entry = entries.get(path, {})
    items = [each for each in entries if without_items(each) == without_items(path) and each != without_items(path)]
    if items and path not in items:
        return f"the task {path} asks once for each item: name one of {', '.join(items[:10])}"
    if entry.get("status") in ENDED:
        return _ended(path, entry)
    if _answered(path, annotations):
        return f"the question of task {path} has been answered already"
    return ""


def answer(by: str, *, approved: bool) -> str:
    """The annotation's text."""
    return json.dumps({"by": by, "approved": approved}, ensure_ascii=False)


def unknown_task(path: str, plan: Workflow) -> str:
    """The sentence for a task that is not there."""
    known = [each for each, _ in tasks_of(plan)]
    meant = did_you_mean(without_items(path), known)
    return f"there is no task {path}" + (
        f"; did you mean {meant}?" if meant else f"; tasks are {', '.join(known[:30])}"
    )


def _answered(path: str, annotations: Mapping[str, str]) -> bool:
    given = annotations.get(annotation_of(path))
    return given is not None and result_of_answer(given, 0.0) is not None


def _ended(path: str, entry: Json) -> str:
    who = entry.get("outputs", {}).get("by")
    if not who:
        why = f" ({entry['reason']})" if entry.get("reason") else ""
        return f"the task {path} {PHRASES[entry['status']]}{why}: there is nothing to answer any more"
    said = "approved" if entry["status"] == SUCCEEDED else "rejected"
    return f"the question of task {path} has been answered already: {said} by {who}"
