"""A run that does again what failed in another one, and takes over the rest (docs/adr/0011).

    flowhelm.dev/retry-of: <run>       on the new run's Job: the run whose failed tasks it does again

It has that run's plan, task templates and inputs. A task is taken over with its result when it succeeded, was skipped,
or failed and another task handled that, and when all that it needs is taken over too. Every other task is decided anew:
of a foreach the items that did not succeed, of a called workflow the tasks that are not taken over in the same way.
on_exit is done anew. All of it goes onto the new run's own Job: the other one may be deleted then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from .admission import RETRY_OF, Refused, release_of, runs_of
from .journal import JOURNAL, NO_ALARM, PLAN, unpack
from .kube import Api, ApiError, NotFound
from .plan import Task, Workflow, load_plan
from .pods import PATH, RUN_LABEL, TASK_LABEL, TRY, WORKFLOW_LABEL, ended, kept_outputs
from .progress import FAILED, RUNNING, SKIPPED, SUCCEEDED, WAITING, Progress, unhandled
from .values import KEPT_NESTED, read_json

Json = Any
Tries = Mapping[tuple[str, str], Json]
"""The task Jobs of a run by path and try."""

OF_ITS_TIME = ("lock", "held", "due", "created")
"""What a progress says that means nothing once the task has ended."""


class Taken(NamedTuple):
    """What the new run begins with: what is kept of the plan (opening.py), and its progress."""

    kept: dict[str, Json]
    progress: dict[str, Json]


def take_over(api: Api, job: Json) -> Taken:
    """What a run's Job that has the annotation takes over. Raises `Refused` when it cannot, `ApiError`."""
    name = job["metadata"]["annotations"][RETRY_OF]
    old = _read_run(api, job, name)
    _, older = runs_of(api, job["metadata"]["labels"][WORKFLOW_LABEL], job["metadata"]["uid"])
    problem = why_not(old, older)
    if problem:
        raise Refused(FAILED, f"refused: {problem}")
    kept, progress = _kept(old)
    plan = load_plan(kept["plan"], kept["bindings"])
    taking = _Taking(_tries(api, old), old["metadata"]["uid"], kept.get("keys", {}))
    taken = taking.workflow(plan, progress)
    return Taken({**kept, "trigger": "manual", "retry_of": name, "keys": taking.keys}, taken)


def call_off_alarm(api: Api, name: str) -> None:
    """This run has begun to do again what failed in that one, which needs nobody any more."""
    with suppress(ApiError):  # it may be gone
        api.patch("jobs", name, {"spec": {"activeDeadlineSeconds": NO_ALARM}})


def why_not(run: Json, others: Sequence[Json]) -> str:
    """What keeps a run from being retried, "" when nothing does; `others` are the other runs of its workflow."""
    name = run["metadata"]["name"]
    if ended(run) is None:
        return f"run {name} has not ended"
    if PLAN not in run["metadata"].get("annotations", {}):
        return f"run {name} never began, and has no plan that could be gone on with"
    kept, progress = _kept(run)
    if kept["refused"]:
        return f"run {name} could not begin: {kept['refused']}"
    if progress["phase"] == "ended" and progress["status"] == SUCCEEDED:
        return f"run {name} succeeded, there is nothing to retry"
    if progress.get("incomplete"):
        return f"what run {name} has done was too large to be kept"
    try:
        plan = load_plan(kept["plan"], kept["bindings"])
    except ValueError as problem:
        return f"the plan of run {name}: {problem}"
    if not plan.manual:
        return f"runs of {plan.workflow} are not started by hand (triggers.manual is false)"
    retries = [other["metadata"]["name"] for other in others if _retries(other, name)]
    return f"run {name} has been retried already, as {retries[0]}: retry that one" if retries else ""


def settled(tasks: Mapping[str, Task], entries: Mapping[str, Json]) -> set[str]:
    """The tasks of a workflow that are not to be decided anew."""
    progress = {name: Progress(entries.get(name, {}).get("status", WAITING)) for name in tasks}
    open_failures = unhandled(tasks, progress)
    found = {
        name
        for name, each in progress.items()
        if each.status in (SUCCEEDED, SKIPPED, FAILED) and name not in open_failures
    }
    while True:
        anew = {name for name in found if not found.issuperset(tasks[name].needs)}
        if not anew:
            return found
        found -= anew


def _read_run(api: Api, job: Json, name: str) -> Json:
    """The run that is to be retried. Raises `Refused`."""
    try:
        old = api.get("jobs", name)
    except NotFound:
        raise Refused(FAILED, f"refused: run {name} is gone") from None
    labels, own = old["metadata"].get("labels", {}), job["metadata"].get("labels", {})
    if (
        TASK_LABEL in labels
        or labels.get(WORKFLOW_LABEL) != own.get(WORKFLOW_LABEL)
        or release_of(old) != release_of(job)
    ):
        raise Refused(FAILED, f"refused: {name} is no run of this workflow")
    return old


def _kept(run: Json) -> tuple[Json, Json]:
    """What a run has kept: its plan and all that belongs to it, and its progress."""
    annotations = run["metadata"]["annotations"]
    progress = unpack(annotations[JOURNAL]) if JOURNAL in annotations else {"phase": "tasks", "tasks": {}}
    return unpack(annotations[PLAN]), progress


def _retries(run: Json, name: str) -> bool:
    """Whether a run goes on where the one of that name stopped, or is about to."""
    annotations = run["metadata"].get("annotations", {})
    if annotations.get(RETRY_OF) != name:
        return False
    return unpack(annotations[PLAN]).get("retry_of") == name if PLAN in annotations else ended(run) is None


def _tries(api: Api, run: Json) -> Tries:
    jobs, _ = api.list("jobs", f"{RUN_LABEL}={run['metadata']['name']},{TASK_LABEL}")
    found = {}
    for job in jobs:
        metadata = job["metadata"]
        annotations = metadata.get("annotations", {})
        if any(owner["uid"] == run["metadata"]["uid"] for owner in metadata.get("ownerReferences", ())):
            found[annotations.get(PATH, metadata["labels"][TASK_LABEL]), annotations.get(TRY, "")] = job
    return found


class _Taking:
    """Makes the progress of the new run from that of the old one.

    `keys` says under which run the requests of a path are known to the services: those of a task that is done again
    with all before it unchanged may have been received, and keep their idempotency keys.
    """

    def __init__(self, tries: Tries, run_id: str, earlier: Mapping[str, str]) -> None:
        self._tries, self._run_id, self._earlier = tries, run_id, earlier
        self.keys: dict[str, str] = {}

    def workflow(self, plan: Workflow, progress: Json, prefix: str = "", tries: str = "") -> dict[str, Json]:
        """The progress of a workflow that has not begun, and has some of its tasks behind it."""
        entries, tasks = progress["tasks"], {}
        done = settled(plan.tasks, entries)
        for name, task in plan.tasks.items():
            entry, path = entries.get(name, {}), prefix + name
            if name in done:
                tasks[name] = self._taken(task, entry, path, tries)
            elif done.issuperset(task.needs):
                tasks[name] = self._partly(task, entry, path, tries)
        return {"phase": "tasks", "status": RUNNING, "tasks": {name: each for name, each in tasks.items() if each}}

    def _taken(self, task: Task, entry: Json, path: str, tries: str) -> dict[str, Json]:
        taken = {key: value for key, value in entry.items() if key not in OF_ITS_TIME}
        if "each" in entry:
            items = enumerate(entry["each"])
            taken["each"] = [self._taken(task, each, f"{path}[{index}]", tries) for index, each in items]
        elif task.in_pod and entry.get("tries") and not entry.get("taken"):
            taken["outputs"] = self._outputs(task, entry, path, tries)
        return {**taken, "taken": True}

    def _outputs(self, task: Task, entry: Json, path: str, tries: str) -> Json:
        job = self._tries.get((path, f"{tries}{entry['tries']}"))
        if job is None and task.outputs and entry["status"] == SUCCEEDED:
            raise Refused(FAILED, f"refused: the outputs of task {path} are gone with its Job")
        written = kept_outputs(job) if job is not None else ""
        return read_json(written, KEPT_NESTED) if written else {}

    def _partly(self, task: Task, entry: Json, path: str, tries: str) -> dict[str, Json]:
        """A task that is done again, with nothing before it changed."""
        if task.foreach is None:
            return self._again(task, entry, path, tries)
        if "each" not in entry:
            return {}
        each = [self._item(task, item, f"{path}[{index}]", tries) for index, item in enumerate(entry["each"])]
        return {"items": entry["items"], "each": each}

    def _item(self, task: Task, entry: Json, path: str, tries: str) -> dict[str, Json]:
        is_done = entry.get("status") == SUCCEEDED
        return (self._taken if is_done else self._again)(task, entry, path, tries)

    def _again(self, task: Task, entry: Json, path: str, tries: str) -> dict[str, Json]:
        if task.kind == "call" and (entry.get("tries") or path in self._earlier):
            self.keys[path] = self._earlier.get(path, self._run_id)
        if task.callee is None or "workflow" not in entry:
            return {}
        above = f"{tries}{entry.get('tries', 0)}."
        return {"workflow": self.workflow(task.callee, entry["workflow"], f"{path}/", above)}
