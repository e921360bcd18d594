"""Containers: images, resources, probes, ports, variables, what they may change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.diagnostics import Code
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.validate.model import Problem, Problems
from generator.validate.policy import exposure_codes, pod_codes, workload_codes
from generator.validate.policy.workload import Container, ContainerRule

_LIMITS: Final[tuple[tuple[str, tuple[str, ...], Code], ...]] = (
    ("memory", ("limits",), workload_codes.NO_MEMORY_LIMIT),
    ("memory", ("requests", "limits"), workload_codes.NO_MEMORY_REQUEST),
    ("cpu", ("requests", "limits"), workload_codes.NO_CPU_REQUEST),
    ("cpu", ("limits",), workload_codes.NO_CPU_LIMIT),
    ("ephemeral-storage", ("limits",), workload_codes.NO_DISK),
)
"""What resources a container has to name, in one of which sections: a limit without a request is the request too."""

_PROBES: Final = (("readinessProbe", workload_codes.NO_READINESS), ("livenessProbe", workload_codes.NO_LIVENESS))
LOWEST_USER: Final = 10_000
_SSH: Final = 22
_FIRST_FREE_PORT: Final = 1024


def image(container: Container) -> Problems:
    """An image has a fixed version, and is that version on every node."""
    name = str(container.data.get("image") or "").strip()
    tag = tag_of(name)
    path = (*container.path, "image")
    if not name or "@" in name:
        return
    if tag in ("", "latest"):
        what = f'has the moving tag "{tag}"' if tag else "has no tag, which means latest"
        yield Problem(pod_codes.MOVING_TAG, f'image "{name}" {what}', path, "name a version or a digest")
        return
    yield Problem(pod_codes.NO_DIGEST, f'image "{name}" is named by a tag alone', path, "add its digest: @sha256:…")
    if container.data.get("imagePullPolicy") != "Always":
        message = f'a node that has "{name}" does not look whether it still is the one of that tag'
        yield Problem(pod_codes.PULL_POLICY, message, path, "imagePullPolicy: Always, or a digest")


def tag_of(image: str) -> str:
    """The tag of an image's name; its digest when it has one; empty without both."""
    name, _, digest = image.partition("@")
    return digest or name.rpartition("/")[2].partition(":")[2]


def resources(container: Container) -> Problems:
    """A container says what it needs and what it may take."""
    if container.field == "ephemeralContainers":
        return
    named = container.data.get("resources") or {}
    whole = container.pod.spec.get("resources") or {}
    where = (*container.path, "resources") if "resources" in container.data else container.path
    for resource, sections, code in _LIMITS:
        if not any(resource in (part.get(section) or {}) for part in (named, whole) for section in sections):
            what = f"limit of {resource}" if sections == ("limits",) else f"request of {resource}"
            yield Problem(code, f"{container.name} has no {what}", where)


def probes(container: Container) -> Problems:
    """A container that runs on says whether it is ready and whether it is alive, and is asked at a port that it has."""
    data = container.data
    if container.field == "containers" and not container.pod.is_one_shot:
        for key, code in _PROBES:
            if not data.get(key) and not (key == "readinessProbe" and container.pod.is_probed):
                yield Problem(code, f"{container.name} has no {key}", container.path)
        ready, alive = data.get("readinessProbe"), data.get("livenessProbe")
        if ready and _question(ready) == _question(alive or {}):
            message = f"{container.name} is alive and ready by the same answer"
            yield Problem(workload_codes.SAME_PROBES, message, (*container.path, "livenessProbe"))
    declared = {port.get("containerPort") for port in data.get("ports") or ()}
    for path, port in _numbers(container):
        if declared and port not in declared:
            there = ", ".join(map(str, sorted(declared, key=str)))
            message = f"{container.name} declares no port {port}"
            yield Problem(workload_codes.PROBE_PORT, message, path, f"declared ports: {there}")


def _question(probe: Any) -> object:
    return {key: probe[key] for key in ("httpGet", "tcpSocket", "exec", "grpc") if probe.get(key)}


def _numbers(container: Container) -> Iterator[tuple[Path, int]]:
    for key in ("startupProbe", "readinessProbe", "livenessProbe"):
        for handler in ("httpGet", "tcpSocket", "grpc"):
            port = value_at(container.data, (key, handler, "port"))
            if isinstance(port, int):
                yield (*container.path, key, handler, "port"), port


def variables(container: Container) -> Problems:
    """A variable is set once."""
    seen: set[object] = set()
    for index, variable in enumerate(container.data.get("env") or ()):
        name = variable.get("name")
        if name in seen:
            message = f"{container.name} sets {name} twice"
            yield Problem(workload_codes.TWICE, message, (*container.path, "env", index, "name"))
        seen.add(name)


def ports(container: Container) -> Problems:
    """No second way in, and no port that asks for rights."""
    for index, port in enumerate(container.data.get("ports") or ()):
        number = port.get("containerPort")
        here = (*container.path, "ports", index, "containerPort")
        if number == _SSH:
            yield Problem(exposure_codes.SSH, f"{container.name} listens for SSH", here)
        elif isinstance(number, int) and 0 < number < _FIRST_FREE_PORT:
            yield Problem(exposure_codes.LOW_PORT, f"{container.name} listens on {number}, below 1024", here)


def rights(container: Container) -> Problems:
    """A container can't change its programs, and its user is nobody on the node."""
    context, here = container.context, container.context_path
    if container.pod.is_windows:
        return
    if context.get("readOnlyRootFilesystem") is not True:
        message = f"{container.name} may write to its root file system"
        hint = "write readOnlyRootFilesystem: true in its securityContext"
        yield Problem(pod_codes.WRITABLE_ROOT, message, here, hint)
    low = [
        f"{key} {number}" if number is not None else f"no {key}"
        for key in ("runAsUser", "runAsGroup")
        if (number := context.get(key, container.pod.context.get(key))) is None or number < LOWEST_USER
    ]
    if low:
        message = f"{container.name} has {' and '.join(low)}; numbers from {LOWEST_USER} are nobody's on the node"
        yield Problem(pod_codes.LOW_USER, message, here)


RULES: Final = tuple(map(ContainerRule, (image, resources, probes, variables, ports, rights)))
