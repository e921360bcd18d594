"""Containers: image, ports, environment, probes, mounts, resources.

Source: kubernetes pkg/apis/core/validation (validateContainers, validateInitContainers, validateProbe, validateEnv …).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube import names
from generator.kube.quantities import amount
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "grpc")
_ENV_SOURCES: Final = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_NATIVE: Final = ("cpu", "memory", "ephemeral-storage", "storage", "pods")
_FIELDS: Final = frozenset(
    (
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "metadata.labels",
        "metadata.annotations",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    )
)


def container(item: Data, path: Path, volumes: Collection[Any], is_init: bool) -> Problems:
    """One container; `volumes` are the names of its pod's volumes."""
    yield from fields.named(item.get("name"), names.dns_label_mistake, (*path, "name"))
    image = item.get("image")
    if not image or not image.strip():
        yield Problem(codes.EMPTY, f'the container "{item.get("name", "")}" has no image', path)
    pulls = ("Always", "IfNotPresent", "Never")
    yield from fields.choice(item.get("imagePullPolicy"), pulls, (*path, "imagePullPolicy"))
    policies = ("File", "FallbackToLogsOnError")
    yield from fields.choice(item.get("terminationMessagePolicy"), policies, (*path, "terminationMessagePolicy"))
    yield from _ports(item.get("ports") or (), (*path, "ports"))
    yield from _environment(item, path)
    yield from _mounts(item, path, volumes)
    yield from resources(item.get("resources") or {}, (*path, "resources"))
    yield from _probes(item, path, is_init)
    yield from _security(item.get("securityContext") or {}, (*path, "securityContext"))


def _ports(ports: Any, path: Path) -> Problems:
    for index, item in enumerate(ports):
        here = (*path, index)
        if item.get("name"):
            yield from fields.named(item["name"], names.port_name_mistake, (*here, "name"), codes.PORT)
        yield from fields.port(item.get("containerPort"), (*here, "containerPort"))
        if item.get("hostPort"):
            yield from fields.port(item["hostPort"], (*here, "hostPort"))
        yield from fields.choice(item.get("protocol"), _PROTOCOLS, (*here, "protocol"))
    yield from fields.unique(ports, "name", path)


def _environment(item: Data, path: Path) -> Problems:
    for index, variable in enumerate(item.get("env") or ()):
        here = (*path, "env", index)
        if variable.get("name") == "":
            yield Problem(codes.EMPTY, "a variable without a name", (*here, "name"))
        elif variable.get("name"):
            yield from fields.named(variable["name"], names.env_name_mistake, (*here, "name"))
        source = variable.get("valueFrom")
        if source is None:
            continue
        if variable.get("value"):
            yield Problem(codes.ALTERNATIVES, f"{variable.get('name')} has a value and valueFrom; one is allowed", here)
        what = f"valueFrom of {variable.get('name')} takes one source"
        yield from fields.exactly_one(source, _ENV_SOURCES, (*here, "valueFrom"), what)
        yield from _field(source.get("fieldRef") or {}, (*here, "valueFrom", "fieldRef"))
    for problem in fields.unique(item.get("env") or (), "name", (*path, "env")):
        # The API server takes it, and the last one wins; server-side apply, and so Helm 4, does not.
        yield replace(problem, severity=Severity.WARNING, hint="Helm 4 refuses it; keep one of them")
    for index, source in enumerate(item.get("envFrom") or ()):
        here = (*path, "envFrom", index)
        yield from fields.exactly_one(source, ("configMapRef", "secretRef"), here, "envFrom takes one source")


def _field(reference: Data, path: Path) -> Problems:
    name = reference.get("fieldPath")
    if name and name not in _FIELDS and not name.startswith(("metadata.labels['", "metadata.annotations['")):
        yield Problem(codes.CHOICE, f'fieldPath "{name}" is none that a variable can have', (*path, "fieldPath"))


def _mounts(item: Data, path: Path, volumes: Collection[Any]) -> Problems:
    mounts = item.get("volumeMounts") or ()
    for index, mount in enumerate(mounts):
        here = (*path, "volumeMounts", index)
        name = mount.get("name")
        if name is not None and name not in volumes:
            near = ", ".join(sorted(str(volume) for volume in volumes)) or "none"
            message = f'volumeMount "{name}" has no volume of that name in the pod'
            yield Problem(codes.MOUNT, message, (*here, "name"), f"volumes of the pod: {near}")
        if mount.get("mountPath") == "":
            yield Problem(codes.EMPTY, "mountPath is empty", (*here, "mountPath"))
        for key in ("subPath", "subPathExpr"):
            yield from inside(mount.get(key), (*here, key))
        if mount.get("subPath") and mount.get("subPathExpr"):
            yield Problem(codes.ALTERNATIVES, "subPath and subPathExpr exclude each other", here)
        modes = ("None", "HostToContainer", "Bidirectional")
        yield from fields.choice(mount.get("mountPropagation"), modes, (*here, "mountPropagation"))
    for problem in fields.unique(mounts, "mountPath", (*path, "volumeMounts")):
        yield Problem(codes.MOUNT, problem.message, problem.path)


def inside(text: str | None, path: Path) -> Problems:
    """A path that must stay inside a volume."""
    if text and (text.startswith("/") or ".." in text.split("/")):
        yield Problem(codes.PATH, f'{path[-1]} "{text}" must be relative and hold no ..', path)


def resources(value: Data, path: Path) -> Problems:
    """Requests and limits, of containers and of claims."""
    limits, requests = value.get("limits") or {}, value.get("requests") or {}
    for key, amounts in (("limits", limits), ("requests", requests)):
        for name, quantity in amounts.items():
            here = (*path, key, name)
            yield from fields.quantity(quantity, here)
            if name not in _NATIVE and not name.startswith("hugepages-") and "/" not in name:
                message = f'"{name}" is no resource: {", ".join(_NATIVE[:3])}, or a name with a domain'
                yield Problem(codes.CHOICE, message, here)
    for name in requests.keys() & limits.keys():
        wanted, most = amount(requests[name]), amount(limits[name])
        if wanted is not None and most is not None and wanted > most:
            message = f"the request of {name} ({requests[name]}) is above the limit ({limits[name]})"
            yield Problem(codes.LIMIT, message, (*path, "requests", name))


def _probes(item: Data, path: Path, is_init: bool) -> Problems:
    restarts = item.get("restartPolicy") == "Always"
    for key in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = item.get(key)
        if probe is None:
            continue
        here = (*path, key)
        if is_init and not restarts:
            message = f"a container that runs before the others takes no {key}"
            yield Problem(codes.COMBINATION, message, here, "restartPolicy: Always makes it a sidecar")
        yield from fields.exactly_one(probe, _HANDLERS, here, f"{key} needs one of {', '.join(_HANDLERS)}")
        yield from _handler(probe, here)
        for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
            yield from fields.between(probe.get(name), 0, None, (*here, name))
        if key != "readinessProbe" and probe.get("successThreshold") not in (None, 0, 1):
            yield Problem(codes.RANGE, f"successThreshold of {key} must be 1", (*here, "successThreshold"))
    hooks = item.get("lifecycle") or {}
    for key in ("postStart", "preStop"):
        hook = hooks.get(key)
        if hook is not None:
            here = (*path, "lifecycle", key)
            actions = ("exec", "httpGet", "tcpSocket", "sleep")
            yield from fields.exactly_one(hook, actions, here, f"{key} needs one action")
            yield from _handler(hook, here)


def _handler(action: Data, path: Path) -> Problems:
    for key in ("httpGet", "tcpSocket"):
        if (target := action.get(key)) is not None:
            yield from fields.port_or_name(target.get("port"), (*path, key, "port"))
    if (get := action.get("httpGet")) is not None:
        yield from fields.choice(get.get("scheme"), ("HTTP", "HTTPS"), (*path, "httpGet", "scheme"))
    if (call := action.get("grpc")) is not None:
        yield from fields.port(call.get("port"), (*path, "grpc", "port"))
    if (command := action.get("exec")) is not None and not command.get("command"):
        yield Problem(codes.EMPTY, "exec needs a command", (*path, "exec"))


def _security(context: Data, path: Path) -> Problems:
    for key in ("runAsUser", "runAsGroup"):
        yield from fields.between(context.get(key), 0, 2**31 - 1, (*path, key))
    yield from fields.choice(context.get("procMount"), ("Default", "Unmasked"), (*path, "procMount"))
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            message = "a privileged container can't be without allowPrivilegeEscalation"
            yield Problem(codes.COMBINATION, message, (*path, "privileged"))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            message = "CAP_SYS_ADMIN can't be without allowPrivilegeEscalation"
            yield Problem(codes.COMBINATION, message, (*path, "capabilities", "add"))
