"""What is wrong with a task's pod, in one sentence: why it cannot start, and why it has failed.

In: pods and Events as the API server has them. That a pod is refused (a quota, Pod Security, an account that is not
there) and that a volume cannot be mounted stand in Events alone. The words of kubelet, scheduler and admission are
kept, less what they say around the matter.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any, NamedTuple

Json = Any

GONE = "its pod is gone"
EXIT_CODE = "exit code "
IMAGE_TROUBLE = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
    "SignatureValidationFailed",
)
SETUP_TROUBLE = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
START_TROUBLE = ("StartError", "ContainerCannotRun")
EVENT_TROUBLE = {
    "FailedCreate": ("its pod is refused: ", (" is forbidden: ", "Error creating: ")),
    "FailedMount": ("a volume cannot be mounted: ", (" : ",)),
    "FailedAttachVolume": ("a volume cannot be attached: ", (" : ",)),
    "FailedCreatePodSandBox": ("its pod cannot be set up: ", ()),
}
"""By the reason of an Event: what it means, and after which words of its message the matter begins."""

DISRUPTED = ("Evicted", "Preempting", "NodeLost", "NodeShutdown", "Shutdown", "Terminated")
SIGNALS = {each.value: each.name for each in signal.Signals}
SHELL_CODES = {126: "what it calls is not executable", 127: "a command is not found"}


class Trouble(NamedTuple):
    """What keeps a pod from starting; `passes`: others may make room for it, so that it is waited for."""

    reason: str
    passes: bool = False


def trouble(pod: Json) -> Trouble | None:
    """What keeps a pod's containers from starting, by its own status; None when nothing does."""
    for status in _container_statuses(pod):
        waiting = status.get("state", {}).get("waiting") or {}
        reason, message = waiting.get("reason", ""), waiting.get("message", "")
        if reason in IMAGE_TROUBLE:
            return Trouble(f"the image {status['image']} cannot be pulled" + (f": {message}" if message else ""))
        if reason in SETUP_TROUBLE:
            return Trouble(f"its container cannot be started: {message or reason}")
    for state in pod.get("status", {}).get("conditions", ()):
        if (state["type"], state["status"], state.get("reason")) == ("PodScheduled", "False", "Unschedulable"):
            message = state.get("message", "").partition(". ")[0].rstrip(".")
            return Trouble(f"no node takes it: {message}", passes=not message.endswith(" not found"))
    return None


def told_by(events: Sequence[Json]) -> Trouble | None:
    """What keeps a pod from starting, by the newest Event of its Job or of the pod; None when that is a good one."""
    newest = max(events, key=_time_of, default=None)
    if newest is None or newest.get("reason") not in EVENT_TROUBLE:
        return None
    meaning, before = EVENT_TROUBLE[newest["reason"]]
    message = newest.get("message", "")
    for words in before:
        message = message.partition(words)[2] or message
    return Trouble(meaning + message, passes="exceeded quota" in message)


def has_started(pod: Json) -> bool:
    """Whether one of a pod's containers runs or has run."""
    states = (status.get("state", {}) for status in _container_statuses(pod))
    return pod["status"].get("phase") != "Pending" or any("running" in each or "terminated" in each for each in states)


def failure_of(pod: Json) -> str:
    """Why a pod failed, in a few words."""
    status = pod["status"]
    conditions = status.get("conditions", ())
    disrupted = any(state["type"] == "DisruptionTarget" and state["status"] == "True" for state in conditions)
    if disrupted or status.get("reason") in DISRUPTED:
        why = " ".join(status.get("message", "").split()).rstrip(".") if status.get("reason") == "Evicted" else ""
        return "evicted" + (f": {why}" if why else "")
    for container in _container_statuses(pod):
        terminated = container.get("state", {}).get("terminated") or {}
        if terminated.get("reason") == "OOMKilled":
            limit = _memory_limit(pod, container["name"])
            return "out of memory" + (f": its limit is {limit}" if limit else "")
        if terminated.get("reason") in START_TROUBLE:
            return f"its program cannot be started: {_of_program(terminated.get('message', ''))}"
        if terminated.get("exitCode", 0) != 0:
            return _of_exit(terminated["exitCode"])
    if status.get("phase") not in ("Succeeded", "Failed"):
        return GONE
    return str(status.get("message") or status.get("reason") or "its pod failed")


def _of_exit(code: int) -> str:
    """An exit code, with what it means where shells and kernels agree."""
    meaning = SHELL_CODES.get(code, "")
    if code > 128:
        meaning = SIGNALS.get(code - 128, "")
    return f"{EXIT_CODE}{code}" + (f" ({meaning})" if meaning else "")


def _of_program(message: str) -> str:
    """What the container runtime says of a program: its own layers are left out."""
    message = message.removesuffix(": unknown")
    found = message.find("exec: ")
    return message[found:] if found >= 0 else message or "the container runtime does not say why"


def _memory_limit(pod: Json, name: str) -> str:
    spec = pod.get("spec", {})
    containers = [*spec.get("initContainers", ()), *spec.get("containers", ())]
    resources = [each.get("resources", {}) for each in containers if each["name"] == name]
    return str(resources[0].get("limits", {}).get("memory", "")) if resources else ""


def _container_statuses(pod: Json) -> list[Json]:
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]


def _time_of(event: Json) -> str:
    """When an Event was seen last: a series counts in one of two ways."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return str(next((time for time in times if time), event["metadata"].get("creationTimestamp", "")))
