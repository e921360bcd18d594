"""What the kubelet does to containers: probes, and actions after their start and before their end.

Source: kubernetes pkg/apis/core/validation (validateProbe, validateHandler, validateLifecycle).
"""

from __future__ import annotations

from typing import Final

from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

_HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "grpc")
_ACTIONS: Final = ("exec", "httpGet", "tcpSocket", "sleep")
_PROBES: Final = ("startupProbe", "readinessProbe", "livenessProbe")
_COUNTS: Final = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_HEADER: Final = regex(r"[-A-Za-z0-9]+")
_GRACE: Final = 30


def actions(item: Data, path: Path, pod: Data, *, is_init: bool) -> Problems:
    """Probes and lifecycle of one container of a pod (its spec)."""
    if is_init and item.get("restartPolicy") != "Always":
        for key in (*_PROBES, "lifecycle"):
            if item.get(key) is not None:
                message = f"a container that runs before the others takes no {key}"
                yield Problem(codes.COMBINATION, message, (*path, key), "restartPolicy: Always makes it a sidecar")
        return
    grace = pod.get("terminationGracePeriodSeconds")
    for key in _PROBES:
        if item.get(key) is not None:
            yield from _probe(key, item[key], (*path, key))
    hooks = item.get("lifecycle") or {}
    for key in ("postStart", "preStop"):
        if (hook := hooks.get(key)) is not None:
            here = (*path, "lifecycle", key)
            yield from fields.exactly_one(hook, _ACTIONS, here, f"{key} needs one action")
            yield from _handler(hook, here, _GRACE if grace is None else grace)


def _probe(key: str, probe: Data, path: Path) -> Problems:
    yield from fields.exactly_one(probe, _HANDLERS, path, f"{key} needs one of {', '.join(_HANDLERS)}")
    yield from _handler(probe, path, _GRACE)
    for name in _COUNTS:
        yield from fields.between(probe.get(name), 0, None, (*path, name))
    if key != "readinessProbe" and probe.get("successThreshold") not in (None, 0, 1):
        yield Problem(codes.RANGE, f"successThreshold of {key} must be 1", (*path, "successThreshold"))
    grace = (*path, "terminationGracePeriodSeconds")
    if key == "readinessProbe" and probe.get("terminationGracePeriodSeconds") is not None:
        message = "a readinessProbe ends nothing, and takes no terminationGracePeriodSeconds"
        yield Problem(codes.COMBINATION, message, grace)
    else:
        yield from fields.between(probe.get("terminationGracePeriodSeconds"), 1, None, grace)


def _handler(action: Data, path: Path, grace: int) -> Problems:
    for key in ("httpGet", "tcpSocket"):
        if (target := action.get(key)) is not None:
            yield from fields.port_or_name(target.get("port"), (*path, key, "port"))
    if (get := action.get("httpGet")) is not None:
        yield from fields.choice(get.get("scheme"), ("HTTP", "HTTPS"), (*path, "httpGet", "scheme"))
        for index, header in enumerate(get.get("httpHeaders") or ()):
            if not _HEADER.fullmatch(header.get("name") or ""):
                message = f'"{header.get("name", "")}" is no name of a header'
                yield Problem(codes.NAME, message, (*path, "httpGet", "httpHeaders", index, "name"))
    if (call := action.get("grpc")) is not None:
        yield from fields.port(call.get("port"), (*path, "grpc", "port"))
    if (command := action.get("exec")) is not None and not command.get("command"):
        yield Problem(codes.EMPTY, "exec needs a command", (*path, "exec"))
    if (sleep := action.get("sleep")) is not None and not 0 <= (sleep.get("seconds") or 0) <= grace:
        message = f"it must sleep from 0 to terminationGracePeriodSeconds ({grace})"
        yield Problem(codes.RANGE, message, (*path, "sleep", "seconds"))
