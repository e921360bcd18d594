"""The CronJobs that runs of workflows are made from: which there are, by release and workflow.

Input: kubectl, names. Output: the objects, or what is wrong with the names.
"""

from __future__ import annotations

from typing import Any

from generator.runs.acting import INSTANCE
from generator.runs.kubectl import Kubectl
from generator.runs.namespaces import missing
from generator.runtime.pods import TASK_LABEL, WORKFLOW_LABEL
from generator.spec.suggestions import did_you_mean

Json = Any


def launchers(kubectl: Kubectl, release: str = "", workflow: str = "") -> list[Json]:
    """The CronJobs that runs are made from. Raises `Refused`."""
    wanted = [f"{INSTANCE}={release}"] if release else []
    wanted.append(f"{WORKFLOW_LABEL}={workflow}" if workflow else WORKFLOW_LABEL)
    return list(kubectl.select("cronjobs", ",".join([*wanted, f"!{TASK_LABEL}"])))


def workflows_here(kubectl: Kubectl) -> dict[str, list[str]]:
    """The releases and their workflows, in the order of the alphabet. Raises `Refused`."""
    found: dict[str, set[str]] = {}
    for each in launchers(kubectl):
        labels = each["metadata"]["labels"]
        found.setdefault(labels.get(INSTANCE, ""), set()).add(labels[WORKFLOW_LABEL])
    return {release: sorted(found[release]) for release in sorted(found)}


def unknown(kubectl: Kubectl, release: str, workflow: str = "") -> str:
    """Which of the names is wrong, and which there are, in one sentence; "" when both are right. Raises `Refused`."""
    known = workflows_here(kubectl)
    if not known:
        return missing(kubectl) or f"there is no release with workflows in {kubectl.place}"
    if release not in known:
        names, word, wrong, beside = list(known), "release", release, f"those with workflows in {kubectl.place} are"
    elif workflow and workflow not in known[release]:
        names, word, wrong, beside = known[release], "workflow", workflow, f"the release {release} has"
    else:
        return ""
    meant = did_you_mean(wrong, names)
    question = f"did you mean {meant}? " if meant else ""
    return f"there is no {word} {wrong}; {question}{beside} {', '.join(names)}"
