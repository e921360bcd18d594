"""What people do to a run that goes on: answer its questions, cancel it.

Both are annotations on the run's Job, which its runner watches. What is wrong is raised as :class:`Refused`.
"""

from __future__ import annotations

import json
from typing import Any

from generator.runs.answers import Question, answer, refusal, waiting
from generator.runs.kubectl import Conflict, Kubectl, NotFound, Refused, check_name
from generator.runs.namespaces import missing
from generator.runtime.admission import CANCEL
from generator.runtime.journal import JOURNAL, PLAN, unpack
from generator.runtime.names import annotation_of
from generator.runtime.plan import Plan, load_plan
from generator.runtime.pods import TASK_LABEL, WORKFLOW_LABEL, ended
from generator.runtime.progress import CANCELLED
from generator.spec.suggestions import did_you_mean

Json = Any

INSTANCE = "app.kubernetes.io/instance"
UNKNOWN = "unknown"


def find_run(kubectl: Kubectl, name: str) -> Json:
    """A run's Job. Raises :class:`Refused`."""
    check_name("run", name)
    try:
        job = kubectl.get("job", name)
    except NotFound:
        raise NotFound(_unknown(kubectl, name)) from None
    labels = job["metadata"].get("labels", {})
    if WORKFLOW_LABEL not in labels or TASK_LABEL in labels:
        raise Refused(f"the Job {name} is no run")
    return job


def runs_here(kubectl: Kubectl, release: str = "", workflow: str = "") -> list[Json]:
    """The Jobs of the runs in the namespace, newest first. Raises :class:`Refused`."""
    wanted = [f"{INSTANCE}={release}"] if release else []
    wanted.append(f"{WORKFLOW_LABEL}={workflow}" if workflow else WORKFLOW_LABEL)
    runs = kubectl.select("jobs", ",".join([*wanted, f"!{TASK_LABEL}"]))
    return sorted(runs, key=lambda run: (run["metadata"]["creationTimestamp"], run["metadata"]["name"]), reverse=True)


def questions(run: Json) -> list[Question]:
    """The questions of a run that wait for an answer."""
    plan, progress = plan_and_progress(run)
    return [] if ended(run) else waiting(plan, progress, run["metadata"]["annotations"])


def approve(kubectl: Kubectl, run: Json, task: str, by: str, *, approved: bool) -> None:
    """Answer a question of a run, once."""
    name = run["metadata"]["name"]
    while True:
        if ended(run):
            raise Refused(f"run {name} has ended: there is nothing to answer any more")
        plan, progress = plan_and_progress(run)
        problem = refusal(plan, progress, run["metadata"]["annotations"], task)
        if problem:
            raise Refused(problem)
        try:
            _annotate(kubectl, run, annotation_of(task), answer(by, approved=approved))
            return
        except Conflict:
            run = find_run(kubectl, name)


def cancel(kubectl: Kubectl, run: Json, by: str) -> str:
    """Cancel a run; returns what is to be said of it."""
    name = run["metadata"]["name"]
    while True:
        annotations = run["metadata"].get("annotations", {})
        if ended(run):
            status = unpack(annotations[JOURNAL])["status"] if JOURNAL in annotations else "ended"
            if status == CANCELLED:
                return f"run {name} was cancelled already"
            raise Refused(f"run {name} has ended ({status}): there is nothing to cancel any more")
        if CANCEL in annotations:
            return f"run {name} is being cancelled already"
        try:
            _annotate(kubectl, run, CANCEL, f"cancelled by {by}")
            return f"run {name} is being cancelled; on_exit still runs"
        except Conflict:
            run = find_run(kubectl, name)


def user(kubectl: Kubectl) -> str:
    """Who kubectl works as: by the server's word, else the user's name in the kubeconfig."""
    try:
        return str(json.loads(kubectl.run("auth", "whoami", "-o", "json"))["status"]["userInfo"]["username"])
    except (Refused, KeyError, ValueError):
        pass
    try:
        return str(
            json.loads(kubectl.run("config", "view", "--minify", "-o", "json"))["contexts"][0]["context"]["user"]
        )
    except (Refused, KeyError, ValueError, IndexError, TypeError):
        return UNKNOWN


def plan_and_progress(run: Json) -> tuple[Plan, Json]:
    """What a run is made of, and how far it is. Raises :class:`Refused` when it has not begun."""
    annotations = run["metadata"].get("annotations", {})
    if PLAN not in annotations:
        raise Refused(f"run {run['metadata']['name']} has not begun yet")
    kept = unpack(annotations[PLAN])
    progress = unpack(annotations[JOURNAL]) if JOURNAL in annotations else {"tasks": {}}
    return load_plan(kept["plan"], kept["bindings"]), progress


def _unknown(kubectl: Kubectl, name: str) -> str:
    """The sentence for a run that is not there, with those that are."""
    known = [run["metadata"]["name"] for run in runs_here(kubectl)]
    if not known:
        return missing(kubectl) or f"there is no run {name} in {kubectl.place}, nor any other"
    meant = did_you_mean(name, known)
    return f"there is no run {name} in {kubectl.place}; " + (
        f"did you mean {meant}?" if meant else f"newest: {', '.join(known[:5])}"
    )


def _annotate(kubectl: Kubectl, run: Json, name: str, value: str) -> None:
    """Raises :class:`Conflict` when the run has changed since it was read."""
    version = run["metadata"]["resourceVersion"]
    metadata = {"resourceVersion": version, "annotations": {name: value}}
    kubectl.patch("job", run["metadata"]["name"], {"metadata": metadata})
