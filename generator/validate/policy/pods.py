"""Pods: folders of the node, accounts, priority, where they are put."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.kube.selectors import selects
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.validate.model import Data, Problem, Problems
from generator.validate.policy import pod_codes, workload_codes
from generator.validate.policy.workload import PodRule, Workload

_SOCKETS: Final = ("docker.sock", "containerd.sock", "crio.sock")
_SENSITIVE: Final = (
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/var/lib/kubelet",
    "/var/run",
    "/run",
)
_HOST: Final = "kubernetes.io/hostname"


def host_paths(pod: Workload) -> Problems:
    """What of the node's files a pod can reach."""
    for index, volume in enumerate(pod.spec.get("volumes") or ()):
        folder = value_at(volume, ("hostPath", "path"))
        if not isinstance(folder, str):
            continue
        here = (*pod.spec_path, "volumes", index, "hostPath", "path")
        if folder.endswith(_SOCKETS):
            message = f'the volume "{volume.get("name")}" is the socket of the container runtime'
            yield Problem(pod_codes.DOCKER_SOCKET, message, here)
        elif folder.rstrip("/") in ("", *_SENSITIVE):
            message = f'the volume "{volume.get("name")}" is {folder} of the node'
            yield Problem(pod_codes.SENSITIVE_PATH, message, here)
        yield from _written(pod, str(volume.get("name")))


def _written(pod: Workload, volume: str) -> Problems:
    for container in pod.containers:
        for index, mount in enumerate(container.data.get("volumeMounts") or ()):
            if mount.get("name") == volume and not mount.get("readOnly"):
                message = f'{container.name} may write to the folder of the node in "{volume}"'
                here = (*container.path, "volumeMounts", index)
                yield Problem(pod_codes.WRITABLE_HOST_PATH, message, here, "readOnly: true")


def account(pod: Workload) -> Problems:
    """A pod has an account of its own, and its token only where it needs it."""
    spec, here = pod.spec, pod.spec_path
    if spec.get("serviceAccount") and not spec.get("serviceAccountName"):
        message = "serviceAccount is the old name of serviceAccountName"
        yield Problem(pod_codes.OLD_ACCOUNT_FIELD, message, (*here, "serviceAccount"))
    elif (spec.get("serviceAccountName") or "default") == "default":
        message = "the pods run as the account `default`, which all share"
        yield Problem(pod_codes.DEFAULT_ACCOUNT, message, (*here, "serviceAccountName"))


def priority(pod: Workload) -> Problems:
    """Somebody has said which pods are to stay, and none claims to be the cluster's own."""
    name = str(pod.spec.get("priorityClassName") or "")
    here = (*pod.spec_path, "priorityClassName")
    if not name:
        yield Problem(workload_codes.NO_PRIORITY, "the pods have no priorityClassName", here)
    elif name.startswith("system-") and value_at(pod.data, ("metadata", "namespace")) != "kube-system":
        yield Problem(workload_codes.SYSTEM_PRIORITY, f"{name} is for the cluster's own parts", here)


def spread(pod: Workload) -> Problems:
    """What is to spread the pods over nodes is about these pods."""
    labels = pod.meta.get("labels") or {}
    for path, selector in spreads(pod):
        if not pod.is_one_shot and (selector is None or not selects(selector, labels)):
            message = "the selector does not match the pods themselves, so it does not spread them"
            yield Problem(workload_codes.SPREADS_OTHERS, message, path)


def spreads(pod: Workload) -> Iterator[tuple[Path, Data | None]]:
    """What is to spread the pods over nodes: the selectors and their paths."""
    for index, constraint in enumerate(pod.spec.get("topologySpreadConstraints") or ()):
        yield (*pod.spec_path, "topologySpreadConstraints", index), constraint.get("labelSelector")
    rules: Any = value_at(pod.spec, ("affinity", "podAntiAffinity")) or {}
    root = (*pod.spec_path, "affinity", "podAntiAffinity")
    for key in ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"):
        for index, rule in enumerate(rules.get(key) or ()):
            term = rule.get("podAffinityTerm") or rule
            if term.get("topologyKey") == _HOST:
                yield (*root, key, index), term.get("labelSelector")


RULES: Final = tuple(map(PodRule, (host_paths, account, priority, spread)))
