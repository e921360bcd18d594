"""Starts runs: of a workflow of a release with inputs, and of one that failed, from its failed tasks.

In: names, inputs as they were typed. Out: the name of the new run. What is wrong is raised as :class:`Refused` before
anything is created.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from generator.records import dataclass
from generator.runs.inputs import described, read_given
from generator.runs.kubectl import Conflict, Kubectl, NotFound, Refused, check_name
from generator.runs.launchers import launchers, unknown
from generator.runs.manifests import retry_job, run_job
from generator.runtime.admission import TRIGGER, release_of
from generator.runtime.journal import JOURNAL, PLAN, unpack
from generator.runtime.plan import Declared
from generator.runtime.pods import TASK_LABEL, WORKFLOW_LABEL, ended
from generator.runtime.retrying import why_not

Json = Any

FORBID = "forbid"
LONGEST_NAME = 63
"""A run's name is the value of labels too."""

SETTLING_SECONDS = 15.0
"""How long a Job may take to notice that its run has ended."""


@dataclass(frozen=True)
class Launcher:
    """What runs of a workflow are made from: its CronJob, and its plan as it is now."""

    cronjob: Json
    plan: Json

    @property
    def inputs(self) -> dict[str, Declared]:
        """The inputs that the workflow declares."""
        found = self.plan.get("inputs", {})
        return {name: Declared(each["type"], each.get("default")) for name, each in found.items()}


def find_launcher(kubectl: Kubectl, release: str, workflow: str) -> Launcher:
    """The workflow of a release. Raises :class:`Refused`, with the names that there are."""
    check_name("release", release)
    check_name("workflow", workflow)
    found = [each for each in launchers(kubectl, release, workflow) if not _is_of_one_schedule(each)]
    if not found:
        raise Refused(unknown(kubectl, release, workflow) or f"the workflow {workflow} is being replaced: try again")
    volumes = found[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["volumes"]
    config_map = next(each["configMap"]["name"] for each in volumes if each["name"] == "plan")
    return Launcher(found[0], json.loads(kubectl.get("configmap", config_map)["data"]["plan.json"]))


def start(kubectl: Kubectl, launcher: Launcher, pairs: Sequence[str], file: str | None, name: str) -> str:
    """Start a run; returns its name."""
    workflow = launcher.plan["workflow"]
    if not launcher.plan.get("manual", True):
        raise Refused(f"runs of {workflow} are not started by hand (triggers.manual is false)")
    _check_new(name)
    given = read_given(pairs, file, launcher.inputs)
    if given.problems:
        declared = [f"  {line}" for line in described(launcher.inputs)] or ["  none"]
        raise Refused("\n".join([*given.problems, f"inputs of {workflow}:", *declared]))
    if launcher.plan.get("concurrency") == FORBID:
        others: Sequence[Json] = ()
        with suppress(Refused):  # who may not look leaves it to the runner, whose refusal is a run that failed
            others = _runs_beside(kubectl, launcher.cronjob)
        _refuse_beside(others, workflow)
    return _created(kubectl, run_job(launcher.cronjob, given.values, name))


def retry(kubectl: Kubectl, run: Json, name: str) -> str:
    """Start a run that does again what failed in another one; returns its name."""
    _check_new(name)
    run = _settled(kubectl, run)
    labels, others = run["metadata"]["labels"], _runs_beside(kubectl, run)
    problem = why_not(run, others)
    if problem:
        raise Refused(problem)
    if unpack(run["metadata"]["annotations"][PLAN])["plan"].get("concurrency") == FORBID:
        _refuse_beside(others, labels[WORKFLOW_LABEL])
    owners = [owner for owner in run["metadata"].get("ownerReferences", ()) if owner["kind"] == "CronJob"]
    if not owners:
        raise Refused(f"run {run['metadata']['name']} was made by the installation itself: upgrade the release again")
    try:
        cronjob = kubectl.get("cronjob", owners[0]["name"])
    except NotFound:
        raise Refused(f"the workflow {labels[WORKFLOW_LABEL]} is gone from the release") from None
    return _created(kubectl, retry_job(run, cronjob, name))


def _check_new(name: str) -> None:
    """Raises :class:`Refused` for a name that a new run cannot have; none is made up by the server."""
    if name:
        check_name("run", name)
        if len(name) > LONGEST_NAME:
            raise Refused(f"the name of a run has at most {LONGEST_NAME} characters, this has {len(name)}")


def _created(kubectl: Kubectl, job: Json) -> str:
    """Create a run; returns its name."""
    try:
        return str(kubectl.create(job)["metadata"]["name"])
    except Conflict:
        raise Conflict(
            f"there is a run or another Job {job['metadata'].get('name', '')} already: take another --name"
        ) from None


def _runs_beside(kubectl: Kubectl, item: Json) -> list[Json]:
    """The runs of the release's workflow that a run or a CronJob is of. Raises :class:`Refused`."""
    runs = kubectl.select("jobs", f"{WORKFLOW_LABEL}={item['metadata']['labels'][WORKFLOW_LABEL]},!{TASK_LABEL}")
    return [run for run in runs if release_of(run) == release_of(item)]


def _refuse_beside(runs: Sequence[Json], workflow: str) -> None:
    """Raises :class:`Refused` when one of the runs goes on."""
    active = next((run["metadata"]["name"] for run in runs if ended(run) is None), None)
    if active:
        raise Refused(f"run {active} is active, and runs of {workflow} do not overlap (concurrency: forbid)")


def _settled(kubectl: Kubectl, run: Json) -> Json:
    """The run, once its Job knows that it has ended, if it has: the Job controller takes a second or two."""
    until = time.monotonic() + SETTLING_SECONDS
    while ended(run) is None and time.monotonic() < until:
        written = run["metadata"].get("annotations", {}).get(JOURNAL)
        if written is None or unpack(written)["phase"] != "ended":
            break
        time.sleep(0.5)
        run = kubectl.get("job", run["metadata"]["name"])
    return run


def _is_of_one_schedule(cronjob: Json) -> bool:
    annotations = cronjob["spec"]["jobTemplate"].get("metadata", {}).get("annotations", {})
    return str(annotations.get(TRIGGER, "")).startswith("schedule-")
