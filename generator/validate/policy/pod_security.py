"""Pod Security Standards: what a namespace that enforces `baseline` or `restricted` refuses.

Input: a workload. Output: problems, each with the control that refuses it, by the names of Kubernetes' own checks.
Source: k8s.io/pod-security-admission 0.37, the checks; where they depend on the version, the newest count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from generator.diagnostics import Code
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.validate.model import Data, Problem, Problems
from generator.validate.policy import pod_codes as codes
from generator.validate.policy.workload import Container, PodRule, Workload

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
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_notsent_lowat",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_slow_start_after_idle",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    )
)
_CAPABILITIES: Final = frozenset(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)
_PROFILES: Final = ("RuntimeDefault", "Localhost")
_SELINUX: Final = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_PROBES: Final = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def pod_security(pod: Workload) -> Problems:
    """Everything that one of the standards refuses in a pod."""
    yield from _host(pod)
    yield from _volumes(pod)
    for index, sysctl in enumerate(pod.context.get("sysctls") or ()):
        if sysctl.get("name") not in _SYSCTLS:
            here = (*pod.spec_path, "securityContext", "sysctls", index)
            yield _baseline("sysctls", f"the sysctl {sysctl.get('name')} is not a safe one", here)
    for key, value in (pod.meta.get("annotations") or {}).items():
        if key.startswith(_APPARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/"):
            yield _baseline(
                "appArmorProfile", f'the AppArmor profile is "{value}"', (*pod.path, "metadata", "annotations", key)
            )
    yield from _context(pod.context, (*pod.spec_path, "securityContext"), pod)
    for container in pod.containers:
        yield from _context(container.context, container.context_path, pod)
        yield from _container(container, pod)


def _host(pod: Workload) -> Problems:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(key):
            yield _baseline("hostNamespaces", f"{key} shares the node's {key[4:]}", (*pod.spec_path, key))
    for container in pod.containers:
        for index, port in enumerate(container.data.get("ports") or ()):
            if port.get("hostPort"):
                here = (*container.path, "ports", index, "hostPort")
                yield _baseline("hostPorts", f"hostPort {port['hostPort']} takes a port of the node", here)
        for step in _PROBES:
            for handler in ("httpGet", "tcpSocket"):
                if value_at(container.data, (*step, handler, "host")):
                    here = (*container.path, *step, handler, "host")
                    yield _baseline("hostProbesAndHostLifecycle", f"{step[-1]} names a host", here)


def _volumes(pod: Workload) -> Problems:
    for index, volume in enumerate(pod.spec.get("volumes") or ()):
        for key in sorted(volume.keys() - _VOLUMES - {"name"}):
            message, here = (
                f'the volume "{volume.get("name", "")}" is of the kind {key}',
                (*pod.spec_path, "volumes", index, key),
            )
            yield (
                _baseline("hostPathVolumes, restrictedVolumes", message, here)
                if key == "hostPath"
                else _restricted("restrictedVolumes", message, here)
            )


def _context(context: Mapping[str, Any], path: Path, pod: Workload) -> Problems:
    """What neither a pod nor a container may ask for."""
    has_own_users = pod.spec.get("hostUsers") is False
    if context.get("runAsUser") == 0 and not has_own_users:
        yield _restricted("runAsUser", "runAsUser 0 is root", (*path, "runAsUser"))
    if context.get("runAsNonRoot") is False and not has_own_users:
        yield _restricted("runAsNonRoot", "runAsNonRoot is false", (*path, "runAsNonRoot"))
    if value_at(context, ("windowsOptions", "hostProcess")):
        here = (*path, "windowsOptions", "hostProcess")
        yield _baseline("windowsHostProcess", "hostProcess runs on the node itself", here)
    for key in ("seccompProfile", "appArmorProfile"):
        kind = value_at(context, (key, "type"))
        if key in context and kind not in _PROFILES:
            yield _baseline(key, f"{key} is {kind or 'without a type'}", (*path, key, "type"))
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in _SELINUX or selinux.get("user") or selinux.get("role"):
        message = "seLinuxOptions with a user, a role or another type than container_t"
        yield _baseline("seLinuxOptions", message, (*path, "seLinuxOptions"))


def _container(item: Container, pod: Workload) -> Problems:
    context, here = item.context, item.context_path
    if context.get("privileged"):
        yield _baseline("privileged", f"{item.name} is privileged", (*here, "privileged"))
    if context.get("procMount") not in (None, "", "Default"):
        rule = _restricted if pod.spec.get("hostUsers") is False else _baseline
        yield rule("procMount", f"{item.name} has procMount {context['procMount']}", (*here, "procMount"))
    for capability in sorted(set(value_at(context, ("capabilities", "add")) or ()) - {"NET_BIND_SERVICE"}):
        if capability not in _CAPABILITIES or not pod.is_windows:
            rule = _restricted if capability in _CAPABILITIES else _baseline
            message = f"{item.name} adds the capability {capability}"
            yield rule("capabilities", message, (*here, "capabilities", "add"))
    missing = list(_missing(context, pod))
    if missing:
        controls, faults, settings = zip(*missing, strict=True)
        hint = f"write in its securityContext: {', '.join(settings)}"
        yield _restricted(", ".join(controls), f"{item.name} {_listed(faults)}", here, hint)


def _missing(context: Data, pod: Workload) -> Iterator[tuple[str, str, str]]:
    """What a container has to say and doesn't: the control, the fault, and the setting that mends it."""
    is_root_harmless = pod.spec.get("hostUsers") is False
    if context.get("runAsNonRoot") is None and pod.context.get("runAsNonRoot") is None and not is_root_harmless:
        yield "runAsNonRoot", "may run as root", "runAsNonRoot: true"
    if pod.is_windows:
        return
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation", "may gain privileges", "allowPrivilegeEscalation: false"
    if "ALL" not in (value_at(context, ("capabilities", "drop")) or ()):
        yield "capabilities", "keeps capabilities", "capabilities: {drop: [ALL]}"
    if "seccompProfile" not in context and "seccompProfile" not in pod.context:
        yield "seccompProfile", "has no seccomp profile", "seccompProfile: {type: RuntimeDefault}"


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _baseline(control: str, message: str, path: Path) -> Problem:
    return _problem(codes.BASELINE, "baseline", control, message, path)


def _restricted(control: str, message: str, path: Path, hint: str = "") -> Problem:
    return _problem(codes.RESTRICTED, "restricted", control, message, path, hint)


def _problem(code: Code, level: str, control: str, message: str, path: Path, hint: str = "") -> Problem:
    return Problem(code, f"{message}; Pod Security `{level}` refuses it ({control})", path, hint)


RULES: Final = (PodRule(pod_security),)
