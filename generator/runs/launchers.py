"""The CronJobs that runs of workflows are made from: which there are, by release and workflow.

Input: kubectl, names. Output: the objects. What is wrong is raised as :class:`Refused`.
"""

from __future__ import annotations

from typing import Any

from generator.runs.acting import INSTANCE
from generator.runs.kubectl import Kubectl, Refused
from generator.runtime.pods import TASK_LABEL, WORKFLOW_LABEL
from generator.spec.suggestions import did_you_mean

Json = Any


def launchers(kubectl: Kubectl, release: str = "", workflow: str = "") -> list[Json]:
    """The CronJobs that runs are made from. Raises `Refused`."""
    wanted = [f"{INSTANCE}={release}"] if release else []
    wanted.append(f"{WORKFLOW_LABEL}={workflow}" if workflow else WORKFLOW_LABEL)
    return list(kubectl.select("cronjobs", ",".join([*wanted, f"!{TASK_LABEL}"])))


def refuse_unknown(kubectl: Kubectl, release: str, workflow: str = "") -> None:
    """Raises `Refused` when there is no such release, or no such workflow in it, with the names that there are."""
    known: dict[str, set[str]] = {}
    for each in launchers(kubectl):
        labels = each["metadata"]["labels"]
        known.setdefault(labels.get(INSTANCE, ""), set()).add(labels[WORKFLOW_LABEL])
    if not known:
        raise Refused(f"there is no release with workflows in {kubectl.place}")
    if release not in known:
        names, what, beside = sorted(known), f"release {release}", f"those with workflows in {kubectl.place} are"
        meant = did_you_mean(release, names)
    elif workflow and workflow not in known[release]:
        names, what, beside = sorted(known[release]), f"workflow {workflow}", f"the release {release} has"
        meant = did_you_mean(workflow, names)
    else:
        return
    question = f"did you mean {meant}? " if meant else ""
    raise Refused(f"there is no {what}; {question}{beside} {', '.join(names)}")
