"""Containers: image, ports, when they start again; their other parts have modules of their own.

Source: kubernetes pkg/apis/core/validation (validateContainers, validateInitContainers, validateContainerCommon).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields, resources
from generator.validate.api.actions import actions
from generator.validate.api.environment import environment
from generator.validate.api.mounts import mounts
from generator.validate.model import Data, Problem, Problems

_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_RESTARTS: Final = ("Always", "Never", "OnFailure")
_MOST_RULES, _MOST_CODES = 20, 255
_STEPS_IN_POD: Final = 3
"""`spec.containers[0]`: a longer path leads to a container of a template."""


def containers(spec: Data, path: Path, volumes: Mapping[Any, Data]) -> Problems:
    """The containers of a pod; `volumes` are its volumes by name, with those that a StatefulSet adds."""
    claims = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    first: dict[str, str] = {}
    for key in ("containers", "initContainers"):
        for index, item in enumerate(spec.get(key) or ()):
            here, name = (*path, key, index), item.get("name")
            yield from _container(item, here, spec, volumes, claims)
            yield from _restarts(item, here, is_init=key == "initContainers")
            yield from actions(item, here, spec, is_init=key == "initContainers")
            if name and name in first:
                message = f'name "{name}" is used twice, in {first[name]} and here'
                yield Problem(codes.DUPLICATE, message, (*here, "name"))
            first.setdefault(name, key)
    yield from _host_ports(spec, path)


def _container(item: Data, path: Path, spec: Data, volumes: Mapping[Any, Data], claims: Collection[Any]) -> Problems:
    """What is the same in all kinds of containers."""
    yield from fields.named(item.get("name"), names.dns_label_mistake, (*path, "name"))
    image = item.get("image")
    if not image:
        yield Problem(codes.EMPTY, f'the container "{item.get("name", "")}" has no image', path)
    elif image.strip() != image:  # in a template the API server takes it, and refuses the pods
        severity = None if len(path) == _STEPS_IN_POD else Severity.WARNING
        yield Problem(codes.NAME, f'image "{image}" has spaces around it', (*path, "image"), severity=severity)
    pulls = ("Always", "IfNotPresent", "Never")
    yield from fields.choice(item.get("imagePullPolicy"), pulls, (*path, "imagePullPolicy"))
    policies = ("File", "FallbackToLogsOnError")
    yield from fields.choice(item.get("terminationMessagePolicy"), policies, (*path, "terminationMessagePolicy"))
    yield from _ports(item.get("ports") or (), (*path, "ports"))
    yield from environment(item, path, volumes)
    yield from mounts(item, path, volumes)
    yield from resources.of_container(item.get("resources") or {}, (*path, "resources"), claims)
    restart = spec.get("restartPolicy") or "Always"
    yield from resources.resizing(item.get("resizePolicy") or (), (*path, "resizePolicy"), restart)


def _ports(ports: Any, path: Path) -> Problems:
    for index, item in enumerate(ports):
        here = (*path, index)
        if item.get("name"):
            yield from fields.named(item["name"], names.port_name_mistake, (*here, "name"), codes.PORT)
        yield from fields.port(item.get("containerPort"), (*here, "containerPort"))
        if item.get("hostPort"):
            yield from fields.port(item["hostPort"], (*here, "hostPort"))
        yield from fields.choice(item.get("protocol"), _PROTOCOLS, (*here, "protocol"))
    yield from fields.unique([item if item.get("name") else {} for item in ports], "name", path)


def _host_ports(spec: Data, path: Path) -> Problems:
    """A port of the node is used once; with the node's network, a container's port is the node's."""
    groups = [(spec.get("containers") or (), (*path, "containers"), 0)]
    groups += [
        ([item], (*path, "initContainers"), index) for index, item in enumerate(spec.get("initContainers") or ())
    ]
    for items, here, offset in groups:
        seen: set[tuple[Any, ...]] = set()
        for port, where in _numbered(items, here, offset):
            place = (port.get("protocol") or "TCP", port.get("hostIP") or "", port["hostPort"])
            if place in seen:
                yield Problem(codes.DUPLICATE, f"hostPort {port['hostPort']} is used twice", (*where, "hostPort"))
            seen.add(place)
    if spec.get("hostNetwork"):
        for port, where in _numbered(spec.get("containers") or (), (*path, "containers"), 0):
            if port["hostPort"] != port.get("containerPort"):
                message = "with hostNetwork, hostPort must be the containerPort"
                yield Problem(codes.COMBINATION, message, (*where, "hostPort"))


def _numbered(items: Any, path: Path, offset: int) -> Iterator[tuple[Data, Path]]:
    """The ports that have a hostPort."""
    for index, item in enumerate(items, start=offset):
        for number, port in enumerate(item.get("ports") or ()):
            if port.get("hostPort"):
                yield port, (*path, index, "ports", number)


_RESTART_ALL: Final = "RestartAllContainers"
"""An action since Kubernetes 1.36, as RestartAllContainersOnContainerExits is on; sidecars may have rules, too."""


def _restarts(item: Data, path: Path, *, is_init: bool) -> Problems:
    """When the container starts again by rules of its own (since Kubernetes 1.34)."""
    policy, rules = item.get("restartPolicy"), item.get("restartPolicyRules") or ()
    if policy is None:
        if rules:
            yield Problem(codes.EMPTY, "restartPolicyRules need a restartPolicy", path)
    else:
        yield from fields.word(policy, _RESTARTS, (*path, "restartPolicy"))
    if is_init and policy in (None, "Always"):
        if policy and rules:
            message = "restartPolicyRules do not go with restartPolicy Always here"
            yield Problem(codes.COMBINATION, message, (*path, "restartPolicyRules"), until="1.35")
        return
    if len(rules) > _MOST_RULES:
        message = f"{len(rules)} rules; {_MOST_RULES} are the most"
        yield Problem(codes.RANGE, message, (*path, "restartPolicyRules"))
    for index, rule in enumerate(rules):
        here = (*path, "restartPolicyRules", index)
        for problem in fields.word(rule.get("action"), ("Restart",), (*here, "action")):
            yield replace(problem, until="1.35") if rule.get("action") == _RESTART_ALL else problem
        on = rule.get("exitCodes")
        if on is None:
            yield Problem(codes.EMPTY, "the rule names no exitCodes", here)
            continue
        yield from fields.word(on.get("operator"), ("In", "NotIn"), (*here, "exitCodes", "operator"))
        if len(on.get("values") or ()) > _MOST_CODES:
            yield Problem(codes.RANGE, f"{_MOST_CODES} values are the most", (*here, "exitCodes", "values"))
