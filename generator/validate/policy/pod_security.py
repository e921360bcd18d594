"""Pod Security Standards: what a namespace that enforces `restricted` refuses.

Source: Kubernetes documentation, "Pod Security Standards" (1.35), baseline and restricted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from generator.manifest import Path
from generator.validate.api.pods import KINDS, pod_template
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import codes

_VOLUMES: Final = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    )
)
_SYSCTLS: Final = frozenset(
    (
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
    )
)
_PROFILES: Final = ("RuntimeDefault", "Localhost")
_SELINUX: Final = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def _restricted(data: Data) -> Problems:
    found = pod_template(data)
    if found is None:
        return
    template, path = found
    spec, where = template.get("spec") or {}, (*path, "spec")
    is_windows = (spec.get("os") or {}).get("name") == "windows"
    yield from _host(spec, where)
    yield from _volumes(spec, where)
    pod = spec.get("securityContext") or {}
    for index, sysctl in enumerate(pod.get("sysctls") or ()):
        if sysctl.get("name") not in _SYSCTLS:
            here = (*where, "securityContext", "sysctls", index)
            yield _problem(f"the sysctl {sysctl.get('name')} is not a safe one", here)
    yield from _context(pod, (*where, "securityContext"))
    for at, item in containers(spec, where):
        yield from _context(item.get("securityContext") or {}, (*at, "securityContext"))
        yield from _container(item, at, pod, is_windows)


def containers(spec: Data, path: Path) -> Iterator[tuple[Path, Data]]:
    """All containers of a pod spec with their paths."""
    for key in ("initContainers", "containers", "ephemeralContainers"):
        for index, item in enumerate(spec.get(key) or ()):
            yield (*path, key, index), item


def _host(spec: Data, path: Path) -> Problems:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield _problem(f"{key} shares the node's {key[4:]}", (*path, key))
    for here, item in containers(spec, path):
        for index, port in enumerate(item.get("ports") or ()):
            if port.get("hostPort"):
                yield _problem("hostPort takes a port of the node", (*here, "ports", index, "hostPort"))
        for key in ("livenessProbe", "readinessProbe", "startupProbe"):
            yield from _probe_host(item.get(key) or {}, (*here, key))
        for key in ("postStart", "preStop"):
            yield from _probe_host((item.get("lifecycle") or {}).get(key) or {}, (*here, "lifecycle", key))


def _probe_host(action: Data, path: Path) -> Problems:
    for key in ("httpGet", "tcpSocket"):
        if (action.get(key) or {}).get("host"):
            yield _problem("a probe may not name a host", (*path, key, "host"))


def _volumes(spec: Data, path: Path) -> Problems:
    for index, volume in enumerate(spec.get("volumes") or ()):
        for key in volume.keys() - _VOLUMES - {"name"}:
            message = f'the volume "{volume.get("name", "")}" is of the kind {key}'
            yield _problem(message, (*path, "volumes", index, key))


def _context(context: Mapping[str, Any], path: Path) -> Problems:
    """What neither a pod nor a container may ask for."""
    if context.get("runAsUser") == 0:
        yield _problem("runAsUser 0 is root", (*path, "runAsUser"))
    if context.get("runAsNonRoot") is False:
        yield _problem("runAsNonRoot is false", (*path, "runAsNonRoot"))
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield _problem("hostProcess runs on the node itself", (*path, "windowsOptions", "hostProcess"))
    for profile in ("seccompProfile", "appArmorProfile"):
        if (context.get(profile) or {}).get("type") == "Unconfined":
            yield _problem(f"{profile} is Unconfined", (*path, profile, "type"))
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in _SELINUX or selinux.get("user") or selinux.get("role"):
        yield _problem("seLinuxOptions with a user, a role or another type than container_t", (*path, "seLinuxOptions"))


def _container(item: Data, path: Path, pod: Data, is_windows: bool) -> Problems:
    context = item.get("securityContext") or {}
    here = (*path, "securityContext") if "securityContext" in item else path
    name = f'the container "{item.get("name", "")}"'
    if context.get("privileged"):
        yield _problem(f"{name} is privileged", (*here, "privileged"))
    if context.get("procMount") not in (None, "", "Default"):
        yield _problem(f"{name} has procMount {context['procMount']}", (*here, "procMount"))
    added = set((context.get("capabilities") or {}).get("add") or ())
    for capability in sorted(added - {"NET_BIND_SERVICE"}):
        yield _problem(f"{name} adds the capability {capability}", (*here, "capabilities", "add"))
    missing = list(_missing(context, pod, is_windows))
    if missing:
        faults, settings = zip(*missing, strict=True)
        yield _problem(f"{name} {_listed(faults)}", here, f"write in its securityContext: {', '.join(settings)}")


def _missing(context: Data, pod: Data, is_windows: bool) -> Iterator[tuple[str, str]]:
    """What a container has to say and doesn't: the fault, and the setting that mends it."""
    if context.get("runAsNonRoot") is None and pod.get("runAsNonRoot") is not True:
        yield "may run as root", "runAsNonRoot: true"
    if is_windows:
        return
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges", "allowPrivilegeEscalation: false"
    if "ALL" not in ((context.get("capabilities") or {}).get("drop") or ()):
        yield "keeps capabilities", "capabilities: {drop: [ALL]}"
    profile = (context.get("seccompProfile") or pod.get("seccompProfile") or {}).get("type")
    if profile not in (*_PROFILES, "Unconfined"):
        yield "has no seccomp profile", "seccompProfile: {type: RuntimeDefault}"


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _problem(message: str, path: Path, hint: str = "") -> Problem:
    return Problem(codes.RESTRICTED, f"{message}; Pod Security `restricted` refuses it", path, hint)


RULES = (ObjectRule(_restricted, KINDS),)
