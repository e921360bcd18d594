"""Looks at a run on the cluster: its Job, the Jobs of its tasks, and why its runner does not run, if it does not.

Input: kubectl and the run's name. Output: a :class:`RunState`. It costs one request for a run that only makes calls,
two for one with pods, and two more while the run has no runner.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from generator.runs.acting import find_run
from generator.runs.kubectl import Kubectl, Refused
from generator.runs.state import GIVEN_UP, RunState, plan_of, state_of
from generator.runtime.jobs import JOB_NAME_LABEL
from generator.runtime.pods import RUN_LABEL, TASK_LABEL, ended
from generator.runtime.troubles import failure_of, told_by, trouble

Json = Any

MOST_ASKED = 5
STOPPED = "stopped: "
"""So begins the last line of a runner that has stopped before its run has ended (runtime/runner.py)."""


def look(kubectl: Kubectl, name: str, *, with_outputs: bool = True) -> RunState:
    """The state of a run now; what its pods wrote only when wanted. Raises :class:`Refused`."""
    run = find_run(kubectl, name)
    jobs: Sequence[Json] = ()
    try:
        if with_outputs and _has_pods_with_outputs(run):
            jobs = kubectl.select("jobs", f"{RUN_LABEL}={name},{TASK_LABEL}")
        return replace(state_of(run, jobs, hindrance(kubectl, run)), options=kubectl.options)
    except ValueError as problem:
        raise Refused(f"run {name}: {problem}; another version of flowhelm made it") from None


def hindrance(kubectl: Kubectl, run: Json) -> str:
    """What keeps the run's own pod from running, in one sentence; "" when nothing does.

    Of a run that was given up: why its last runner stopped.
    """
    return hindrances(kubectl, [run]).get(run["metadata"]["name"], "")


def hindrances(kubectl: Kubectl, runs: Sequence[Json]) -> dict[str, str]:
    """By the names of runs, what keeps their own pods from running, in one sentence each.

    One request for all pods, and one for each of the first few runs of which only Events can tell. Raises
    :class:`Refused`.
    """
    ends = {run["metadata"]["name"]: ended(run) for run in runs if not run.get("status", {}).get("ready")}
    names = [name for name, end in ends.items() if end in (None, GIVEN_UP)]
    if not names:
        return {}
    pods = kubectl.select("pods", f"{JOB_NAME_LABEL} in ({','.join(names)})")
    last_words = _last_words(pods)
    names = [name for name in names if ends[name] is None]
    own = {pod["metadata"]["labels"][JOB_NAME_LABEL]: pod for pod in pods if _is_to_come(pod)}
    found = {name: trouble(own[name]) for name in names if name in own}
    with suppress(Refused):  # who may see runs need not see Events
        for name in [name for name in names if not found.get(name)][:MOST_ASKED]:
            about = ("Pod", own[name]["metadata"]["name"]) if name in own else ("Job", name)
            found[name] = told_by(kubectl.events(*about))
    told = {name: f"its runner does not start: {what.reason}" for name, what in found.items() if what}
    return {name: words if ends[name] else f"its runner {words}" for name, words in last_words.items()} | told


def _last_words(pods: Sequence[Json]) -> dict[str, str]:
    """By the names of runs, why the newest of their pods stopped or broke before its run had ended."""
    over = [pod for pod in pods if not _is_to_come(pod)]
    over.sort(key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    newest = {pod["metadata"]["labels"][JOB_NAME_LABEL]: pod for pod in over}
    said = {name: _last_word(pod) for name, pod in newest.items()}
    return {name: words for name, words in said.items() if words}


def _last_word(pod: Json) -> str:
    """What a runner said in the end; of one that could not say anything, how its pod failed; nothing of a verdict."""
    states = [each.get("state", {}) for each in pod["status"].get("containerStatuses", ())]
    message = "".join(state.get("terminated", {}).get("message", "") for state in states).strip()
    if message:
        return message if message.startswith(STOPPED) else ""
    return f"failed: {failure_of(pod)}" if pod["status"].get("phase") == "Failed" else ""


def _has_pods_with_outputs(run: Json) -> bool:
    """Whether a part of what the tasks wrote stands on their Jobs."""
    plan = plan_of(run)
    return plan is not None and any(task.in_pod and task.outputs for task in plan.all_tasks())


def _is_to_come(pod: Json) -> bool:
    return (
        pod.get("status", {}).get("phase") not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]
    )
