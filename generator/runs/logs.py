"""What `flowhelm logs` shows: the runner's story of a run or of a task in it, or what a task's pods wrote.

In: a run's Job, the path of a task, which try. Out: where the lines come from, and when there will be no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.records import dataclass
from generator.runs.acting import find_run, plan_and_progress
from generator.runs.answers import entries_of, tasks_of, unknown_task, without_items
from generator.runs.kubectl import Kubectl, Refused
from generator.runs.reading import Source
from generator.runs.state import TaskState, state_of
from generator.runs.story import is_about
from generator.runs.watching import paths
from generator.runtime.jobs import JOB_NAME_LABEL
from generator.runtime.journal import PLAN
from generator.runtime.plan import Task
from generator.runtime.pods import PATH, RUN_LABEL, TASK_LABEL, TRY, ended
from generator.runtime.progress import ENDED, WAITING
from generator.runtime.troubles import trouble

Json = Any

RUNNER = "runner"
"""The container of a run's own pod (lower/engines/jobs/runner.py)."""


@dataclass(frozen=True)
class Wanted:
    """A run, and the task of it whose log is wanted; "" for the run's own. `number` is a try, "" for all.

    `in_pods`: the task has pods of its own. `several`: at the same time, one for each item.
    """

    kubectl: Kubectl
    run: str
    path: str
    number: str
    in_pods: bool
    several: bool

    def is_over(self) -> bool:
        """Whether nothing will be added any more."""
        run = find_run(self.kubectl, self.run)
        if ended(run) is not None:
            return True
        if not self.path or PLAN not in run["metadata"].get("annotations", {}):
            return False
        _, progress = plan_and_progress(run)
        return dict(entries_of(progress)).get(self.path, {}).get("status") in ENDED

    def sources(self) -> Sequence[Source]:
        """The logs that there are now, in the order of their beginning."""
        return self._of_tasks() if self.in_pods else self._of_runner()

    def _of_runner(self) -> Sequence[Source]:
        """The logs of the run's own pods, one for each time that it was started."""
        pods = self.kubectl.select("pods", f"{JOB_NAME_LABEL}={self.run}")
        return [Source("", pod, RUNNER) for pod in sorted(pods, key=_age)]

    def _of_tasks(self) -> Sequence[Source]:
        """The logs of the task's pods, by item and try."""
        wanted = is_about(self.path)
        pods = self.kubectl.select("pods", f"{RUN_LABEL}={self.run},{TASK_LABEL}")
        tries = {job["metadata"]["name"]: _try(job) for job in self._jobs()}
        found = []
        for pod in pods:
            path, number = tries.get(pod["metadata"]["labels"].get(JOB_NAME_LABEL, ""), ("", ""))
            if wanted({"task": path}) and self.number in ("", number, number.rpartition(".")[2]):
                container = pod["spec"]["containers"][0]["name"]
                found.append((_order(path), _order(number), _age(pod), Source(_title(path, number), pod, container)))
        return [source for *_, source in sorted(found, key=lambda each: each[:3])]

    def _jobs(self) -> Sequence[Json]:
        return self.kubectl.select("jobs", f"{RUN_LABEL}={self.run},{TASK_LABEL}")

    def nothing(self) -> str:
        """Why there is no log, in one sentence."""
        run = find_run(self.kubectl, self.run)
        what = f"task {self.path}" if self.path else f"run {self.run}"
        if not self.path:
            gone = ended(run) is not None
            return f"the pods of {what} are gone, and their logs with them" if gone else f"{what} has no pod yet"
        if self.number:
            return f"{what} has no try {self.number} whose pod is still there"
        wanted = is_about(self.path)
        if any(wanted({"task": _try(job)[0]}) for job in self._jobs()):
            return f"the pods of {what} are gone, and their logs with them"
        return self._said_of_task("has no pod: it")

    def silence(self) -> str:
        """Why a task without pods has no lines, in one sentence."""
        return self._said_of_task("has no log yet: it")

    def _said_of_task(self, has: str) -> str:
        tasks = dict(paths(state_of(find_run(self.kubectl, self.run)).tasks))
        task = tasks.get(self.path, TaskState(WAITING))
        if task.taken:
            return f"task {self.path} did not run here: its result was taken over from the run that this one retries"
        return f"task {self.path} {has} is {task.status}" + (f" ({task.reason})" if task.reason else "")


def want(kubectl: Kubectl, run: str, path: str = "", number: str = "") -> Wanted:
    """Raises :class:`Refused` when there is no such run or task."""
    job = find_run(kubectl, run)
    if not path:
        return Wanted(kubectl, run, "", "", in_pods=False, several=False)
    plan, progress = plan_and_progress(job)
    tasks = dict(tasks_of(plan))
    task = tasks.get(without_items(path))
    if task is None:
        raise Refused(unknown_task(path, plan))
    _check_items(path, tasks, dict(entries_of(progress)))
    parts = path.split("/")
    whole = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    several = any(tasks[without_items(each)].foreach and not each.endswith("]") for each in whole)
    return Wanted(kubectl, run, path, number, task.in_pod, several)


def _check_items(path: str, tasks: Mapping[str, Task], entries: Mapping[str, Json]) -> None:
    """Raises :class:`Refused` for an item that there cannot be."""
    for found in re.finditer(r"\[([0-9]+)\]", path):
        outer = path[: found.start()]
        if not tasks[without_items(outer)].foreach:
            raise Refused(f"task {outer} has no items")
        items = entries.get(outer, {}).get("each")
        if items is not None and int(found[1]) >= len(items):
            last = f"; the last is {outer}[{len(items) - 1}]" if items else ""
            raise Refused(f"task {outer} has {len(items)} item{'s' * (len(items) != 1)}{last}")


def not_begun(source: Source) -> str:
    """Why a pod has no log yet."""
    why = trouble(source.pod)
    return f"the pod {source.pod['metadata']['name']} has not begun" + (f": {why.reason}" if why else "")


def _try(job: Json) -> tuple[str, str]:
    annotations = job["metadata"].get("annotations", {})
    return annotations.get(PATH, job["metadata"]["labels"][TASK_LABEL]), annotations.get(TRY, "")


def _title(path: str, number: str) -> str:
    return path if number.strip("1.") == "" else f"{path} (try {number})"


def _age(pod: Json) -> tuple[str, str]:
    return pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]


def _order(text: str) -> list[tuple[int, str]]:
    """Numbers by their size, the rest by its letters."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", text)]
