"""What is wrong with a task's pod, in one sentence: why it does not start, and why it has failed.

In: pods and Events as the API server has them. That a pod is refused (a quota, Pod Security, an account that is not
there) and that a volume cannot be mounted stand in Events alone. The words of kubelet, scheduler and admission are
kept, less what they say around the matter.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
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


GRACE_SECONDS = 10.0
"""How long a pod may take before anybody asks why it does not start, or is told."""

LOOK_SECONDS = 20.0
TROUBLE_SECONDS = 300.0

LOOK, TELL, END = "look", "tell", "end"
"""Look for Events about a try, tell why it waits, end it."""


class Trouble(NamedTuple):
    """What keeps a pod from starting; `passes`: others may make room for it, so that it is waited for."""

    reason: str
    passes: bool = False


@dataclass
class Startup:
    """What keeps the pod of one try from starting, and since when.

    `look`: when Events are to be read next, None once a container runs. `heard`: the trouble is from Events.
    """

    look: float | None
    trouble: Trouble | None = None
    since: float = 0.0
    heard: bool = False
    told: bool = False
    ended: bool = False

    def see(self, pod: Json, is_first: bool, now: float) -> bool:
        """A pod has changed; true when nothing keeps it any more from starting, and people were told of something."""
        if has_started(pod):
            self.look = None
        found = trouble(pod)
        if not found and ("deletionTimestamp" in pod["metadata"] or (self.heard and self.look and not is_first)):
            return False
        return self._set(found, False, now)

    def hear(self, found: Trouble | None, now: float) -> bool:
        """What the newest Event says; what stands in the pod's own status counts for more. Returns what `see` does."""
        if self.look is None or (self.trouble and not self.heard):
            return False
        return self._set(found, True, now)

    def due(self) -> float | None:
        """When there is something to do."""
        times = [] if self.look is None else [self.look]
        if self.trouble and not self.told:
            times.append(self.since + GRACE_SECONDS)
        if self.trouble and not self.trouble.passes:
            times.append(self.since + TROUBLE_SECONDS)
        return None if self.ended else min(times, default=None)

    def to_do(self, now: float) -> list[tuple[str, str]]:
        """What is to be done now, with the reason; it is taken for done."""
        todo: list[tuple[str, str]] = []
        if self.ended:
            return todo
        if self.look is not None and now >= self.look:
            self.look = now + LOOK_SECONDS
            if self.trouble is None or self.heard:
                todo.append((LOOK, ""))
        if self.trouble and not self.told and now >= self.since + GRACE_SECONDS:
            self.told = True
            todo.append((TELL, self.trouble.reason))
        if self.trouble and not self.trouble.passes and now >= self.since + TROUBLE_SECONDS:
            self.ended = True
            todo.append((END, self.trouble.reason))
        return todo

    def _set(self, found: Trouble | None, heard: bool, now: float) -> bool:
        was_told = self.told and not found
        if found and (self.trouble is None or self.trouble.passes != found.passes):
            self.since = now
        self.trouble, self.heard, self.told = found, heard, self.told and bool(found)
        return was_told


def begin(now: float) -> Startup:
    """A Job is there, and its pod may take a while."""
    return Startup(look=now + GRACE_SECONDS)


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
