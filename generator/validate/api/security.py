"""Security contexts of pods and containers, and what goes with the pod's operating system and the node's namespaces.

Source: kubernetes pkg/apis/core/validation (ValidateSecurityContext, validatePodSpecSecurityContext, validateOS,
validateWindows, validateWindowsHostProcessPod, validateHostUsers, validatePodHostName).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.mounts import inside
from generator.validate.model import Data, Problem, Problems

_PROFILES: Final = ("Localhost", "RuntimeDefault", "Unconfined")
_SYSCTL: Final = regex(r"(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?")
_OF_IPC: Final = frozenset(
    f"kernel.{name}" for name in ("sem", "shm", "shmall", "shmmax", "shmmni", "shm_rmid_forced", "msg", "msgmax",
                                  "msgmnb", "msgmni")
)  # fmt: skip
_LONGEST_SYSCTL: Final = 253
_IDS: Final = 2**31 - 1
_LONGEST_HOSTNAME: Final = 64
_LONGEST_SPEC: Final = 64 * 1024
_LONGEST_USER, _LONGEST_DOMAIN, _LONGEST_PROFILE = 104, 256, 4095
_NETBIOS: Final = regex(r"[^\\/:\*\?\"<>|\.][^\\/:\*\?\"<>|]{0,14}")
_DOMAIN: Final = regex(
    r"([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])+"
)
_NOT_IN_USERS: Final = regex(r'["/\\:;|=,+*?<>@\[\]]')
_LINUX_ONLY: Final = (
    "appArmorProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsUser",
    "seLinuxChangePolicy",
    "seLinuxOptions",
    "seccompProfile",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
)
_LINUX_ONLY_IN_CONTAINERS: Final = (
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
)
_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")


def security(spec: Data, path: Path) -> Problems:
    """Everything about the rights of a pod."""
    context, here = spec.get("securityContext") or {}, (*path, "securityContext")
    yield from _pod(context, here)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        message = "shareProcessNamespace does not go with hostPID"
        yield Problem(codes.COMBINATION, message, (*path, "shareProcessNamespace"))
    for item, where in _containers(spec, path):
        inner = item.get("securityContext")
        if inner is not None:
            yield from _container(inner, (*where, "securityContext"), isolated=spec.get("hostUsers") is False)
    yield from _sysctls(spec, here)
    yield from _host_users(spec, path)
    yield from _system(spec, path)
    yield from _host_processes(spec, path)


def _containers(spec: Data, path: Path) -> Iterator[tuple[Data, Path]]:
    for key in _LISTS:
        for index, item in enumerate(spec.get(key) or ()):
            yield item, (*path, key, index)


def _pod(context: Data, path: Path) -> Problems:
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        yield from fields.between(context.get(key), 0, _IDS, (*path, key))
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        yield from fields.between(group, 0, _IDS, (*path, "supplementalGroups", index))
    for key, allowed in (
        ("fsGroupChangePolicy", ("Always", "OnRootMismatch")),
        ("supplementalGroupsPolicy", ("Merge", "Strict")),
        ("seLinuxChangePolicy", ("Recursive", "MountOption")),
    ):
        yield from fields.word(context.get(key), allowed, (*path, key))
    yield from _profiles(context, path)


def _sysctls(spec: Data, path: Path) -> Problems:
    """Settings of the kernel; those of a namespace that is the node's cannot be the pod's."""
    items = (spec.get("securityContext") or {}).get("sysctls") or ()
    for index, item in enumerate(items):
        name, here = item.get("name") or "", (*path, "sysctls", index, "name")
        plain = name.replace("/", ".")
        if not _SYSCTL.fullmatch(name) or len(name) > _LONGEST_SYSCTL:
            yield Problem(codes.NAME, f'"{name}" is no name of a sysctl', here)
        elif spec.get("hostNetwork") and plain.startswith("net."):
            yield Problem(codes.COMBINATION, f"{name} does not go with hostNetwork", here)
        elif spec.get("hostIPC") and (plain in _OF_IPC or plain.startswith("fs.mqueue.")):
            yield Problem(codes.COMBINATION, f"{name} does not go with hostIPC", here)
    yield from fields.unique(items, "name", (*path, "sysctls"))


def _container(context: Data, path: Path, *, isolated: bool) -> Problems:
    for key in ("runAsUser", "runAsGroup"):
        yield from fields.between(context.get(key), 0, _IDS, (*path, key))
    yield from fields.word(context.get("procMount"), ("Default", "Unmasked"), (*path, "procMount"))
    if context.get("procMount") == "Unmasked" and not isolated:
        yield Problem(codes.COMBINATION, "procMount Unmasked needs hostUsers: false", (*path, "procMount"))
    yield from _profiles(context, path)
    if context.get("allowPrivilegeEscalation") is not False:
        return
    if context.get("privileged"):
        message = "a privileged container can't be without allowPrivilegeEscalation"
        yield Problem(codes.COMBINATION, message, (*path, "privileged"))
    if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
        message = "CAP_SYS_ADMIN can't be without allowPrivilegeEscalation"
        yield Problem(codes.COMBINATION, message, (*path, "capabilities", "add"))


def _profiles(context: Data, path: Path) -> Problems:
    """What pods and containers share."""
    yield from _seccomp(context.get("seccompProfile"), (*path, "seccompProfile"))
    yield from _app_armor(context.get("appArmorProfile"), (*path, "appArmorProfile"))
    yield from _windows(context.get("windowsOptions") or {}, (*path, "windowsOptions"))


def _seccomp(profile: Data | None, path: Path) -> Problems:
    if profile is None:
        return
    kind, file = profile.get("type"), profile.get("localhostProfile")
    yield from fields.word(kind, _PROFILES, (*path, "type"))
    if kind == "Localhost":
        if file is None:
            yield Problem(codes.EMPTY, "a profile of type Localhost needs localhostProfile", path)
        yield from inside(file, (*path, "localhostProfile"))
    elif file is not None:
        yield Problem(codes.COMBINATION, f"localhostProfile does not go with type {kind}", (*path, "localhostProfile"))


def _app_armor(profile: Data | None, path: Path) -> Problems:
    if profile is None:
        return
    kind, file = profile.get("type"), profile.get("localhostProfile")
    yield from fields.word(kind, _PROFILES, (*path, "type"))
    here = (*path, "localhostProfile")
    if kind == "Localhost":
        if not file:
            yield Problem(codes.EMPTY, "a profile of type Localhost needs localhostProfile", path)
        elif file.strip() != file or len(file) > _LONGEST_PROFILE:
            yield Problem(codes.NAME, f'localhostProfile "{file[:60]}" has spaces around it, or is too long', here)
    elif file is not None and kind in _PROFILES:
        yield Problem(codes.COMBINATION, f"localhostProfile does not go with type {kind}", here)


def _windows(options: Data, path: Path) -> Problems:
    yield from fields.named(
        options.get("gmsaCredentialSpecName"), names.subdomain_mistake, (*path, "gmsaCredentialSpecName")
    )
    spec = options.get("gmsaCredentialSpec")
    if spec is not None and not 0 < len(spec.encode()) <= _LONGEST_SPEC:
        message = "gmsaCredentialSpec is empty, or longer than 64 KiB"
        yield Problem(codes.EMPTY, message, (*path, "gmsaCredentialSpec"))
    yield from fields.named(options.get("runAsUserName"), _user_mistake, (*path, "runAsUserName"))


def _user_mistake(text: str) -> str:
    """What is wrong with the name of a Windows user, in words that follow "must"."""
    domain, slash, user = text.rpartition("\\")
    if not text or "\\" in domain:
        return "be USER or DOMAIN\\USER"
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):  # ASCII's controls
        return "hold no control characters"
    if slash and not (_NETBIOS.fullmatch(domain) or (len(domain) < _LONGEST_DOMAIN and _DOMAIN.fullmatch(domain))):
        return "name a domain before the backslash"
    if not 0 < len(user) <= _LONGEST_USER or not user.strip(". "):
        return "name a user of at most 104 characters"
    return 'hold none of " / \\ : ; | = , + * ? < > @ [ ]' if _NOT_IN_USERS.search(user) else ""


def _host_users(spec: Data, path: Path) -> Problems:
    override, here = spec.get("hostnameOverride"), (*path, "hostnameOverride")
    if override is not None:
        yield from fields.named(override, names.subdomain_mistake, here)
        if len(override) > _LONGEST_HOSTNAME:
            yield Problem(codes.NAME, f"hostnameOverride may have {_LONGEST_HOSTNAME} characters", here)
        for key in ("setHostnameAsFQDN", "hostNetwork"):
            if spec.get(key):
                yield Problem(codes.COMBINATION, f"hostnameOverride does not go with {key}", here)
    if spec.get("hostUsers") is not False:
        return
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield Problem(codes.COMBINATION, f"{key} does not go with hostUsers: false", (*path, key))
    for item, where in _containers(spec, path):
        if item.get("volumeDevices"):
            message = "volumeDevices do not go with hostUsers: false"
            yield Problem(codes.COMBINATION, message, (*where, "volumeDevices"))


def _system(spec: Data, path: Path) -> Problems:
    system = spec.get("os")
    if system is None:
        return
    name = system.get("name")
    yield from fields.word(name, ("linux", "windows"), (*path, "os", "name"))
    places: list[tuple[Any, Path, tuple[str, ...]]] = [
        (spec.get("securityContext") or {}, (*path, "securityContext"), _LINUX_ONLY)
    ]
    for item, where in _containers(spec, path):
        places.append((item.get("securityContext") or {}, (*where, "securityContext"), _LINUX_ONLY_IN_CONTAINERS))
    if name == "windows":
        places.append((spec, path, ("hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")))
    for context, here, linux in places:
        for key in linux if name == "windows" else ("windowsOptions",) if name == "linux" else ():
            value = context.get(key)
            if value is not None and not (value is False and key in ("hostPID", "hostIPC")) and value != []:
                yield Problem(codes.COMBINATION, f"{key} does not go with os {name}", (*here, key))


def _host_processes(spec: Data, path: Path) -> Problems:
    """With one container that is a process of the node (Windows), all are, and use its network."""
    whole = ((spec.get("securityContext") or {}).get("windowsOptions") or {}).get("hostProcess")
    count = total = 0
    for item, where in _containers(spec, path):
        own = ((item.get("securityContext") or {}).get("windowsOptions") or {}).get("hostProcess")
        total += 1
        count += own is True or (own is None and whole is True)
        if whole is not None and own is not None and own is not whole:
            here = (*where, "securityContext", "windowsOptions", "hostProcess")
            yield Problem(codes.COMBINATION, "hostProcess is another one than the pod's", here)
    if count and count != total:
        yield Problem(codes.COMBINATION, "with one hostProcess container, all must be one", path)
    if count and not spec.get("hostNetwork"):
        yield Problem(codes.COMBINATION, "hostProcess containers need hostNetwork: true", path)
