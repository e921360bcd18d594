"""What selects pods, and the ports it leads to: Services, Ingresses, budgets, network policies, probes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube.workloads import value_at
from generator.manifest import Manifest, Path
from generator.validate.model import Data, Problem, Related
from generator.validate.references import codes
from generator.validate.world import Item, Pods, World

_LOOKED_AT: Final = 200
"""A hint may cost only so much: no more pods are compared for it."""

_ANNOTATED: Final = "use-annotation"
"""The port of a backend that an annotation describes. Source: the AWS Load Balancer Controller's guide, "Actions"."""

Findings = Iterator[tuple[Manifest, Problem]]


def duplicates(world: World) -> Findings:
    """No two objects of a release have one kind, namespace and name."""
    first: dict[tuple[str, str, str], Item] = {}
    for item in world.items:
        if not item.name or item.manifest.is_hook:
            continue
        earlier = first.setdefault((item.kind, item.namespace, item.name), item)
        if earlier is not item:
            are_together = world.is_release or earlier.manifest.source == item.manifest.source
            severity = None if are_together else Severity.WARNING  # files of a folder may be alternatives
            related = Related("the first one is here", earlier.manifest, ("metadata", "name"))
            path = ("metadata", "name")
            problem = Problem(codes.DUPLICATE, f"{item} is there twice", path, severity=severity, related=(related,))
            yield item.manifest, problem


def services(world: World) -> Findings:
    """A Service selects pods of the chart, and its named target ports are ports of their containers."""
    for item in world.of_kind("Service"):
        selector = value_at(item.data, ("spec", "selector"))
        if not selector or value_at(item.data, ("spec", "type")) == "ExternalName":
            continue
        pods = world.selected({"matchLabels": selector}, item.namespace)
        if not pods:
            message = f"{item} selects no pods of this chart: none has the labels {_shown(selector)}"
            yield item.manifest, Problem(codes.NO_PODS, message, ("spec", "selector"), _nearest(selector, world))
        else:
            yield from _target_ports(item, pods)


def _target_ports(service: Item, pods: tuple[Pods, ...]) -> Findings:
    known = {name for found in pods for name in port_names(found)}
    for index, port in enumerate(value_at(service.data, ("spec", "ports")) or ()):
        target = port.get("targetPort")
        if not isinstance(target, str) or target.isdigit():
            yield from _undeclared(service, pods, target or port.get("port"), ("spec", "ports", index))
            continue
        if target in known:
            continue
        owner = pods[0].owner
        message = f'{service} port {port.get("port")} → no container port named "{target}" in {_owners(pods)}'
        related = Related(f"the containers of {owner}", owner.manifest, (*pods[0].spec_path, "containers"))
        path = ("spec", "ports", index, "targetPort")
        yield service.manifest, Problem(codes.NO_PORT, message, path, _names_hint(known), related=(related,))


def _undeclared(service: Item, pods: tuple[Pods, ...], target: Any, path: Path) -> Findings:
    """A number that no container declares, where the containers do declare ports; headless Services map none."""
    there = {port.get("containerPort") for found in pods for _, item in found.containers() for port in _ports(item)}
    if not there or str(target) in map(str, there) or value_at(service.data, ("spec", "clusterIP")) == "None":
        return
    owner = pods[0].owner
    message = f"{service} → no container of {_owners(pods)} declares the port {target}"
    related = Related(f"the containers of {owner}", owner.manifest, (*pods[0].spec_path, "containers"))
    hint = f"declared ports: {', '.join(map(str, sorted(there, key=str)))}"
    yield service.manifest, Problem(codes.UNDECLARED_PORT, message, (*path, "targetPort"), hint, related=(related,))


def _ports(container: Data) -> Iterable[Data]:
    return container.get("ports") or ()


def probes(world: World) -> Findings:
    """A probe's named port is one of its container."""
    for pods in world.pods:
        for path, container in pods.containers():
            known = {port.get("name") for port in container.get("ports") or ()} - {None}
            for where, port in _probe_ports(container):
                if isinstance(port, str) and not port.isdigit() and port not in known:
                    message = f'{where[0]} → no port named "{port}" in the container "{container.get("name")}"'
                    problem = Problem(codes.NO_PORT, message, (*path, *where), _names_hint(known))
                    yield pods.owner.manifest, problem


def _probe_ports(container: Data) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key in ("startupProbe", "readinessProbe", "livenessProbe"):
        for handler in ("httpGet", "tcpSocket"):
            yield (key, handler, "port"), value_at(container, (key, handler, "port"))


def ingresses(world: World) -> Findings:
    """An Ingress leads to Services of the chart, and to ports that they have."""
    for item in world.of_kind("networking.k8s.io/Ingress"):
        for path, backend in _backends(item.data):
            reference = backend.get("service") or {}
            name = str(reference.get("name") or "")
            service = world.find("Service", name, item.namespace)
            is_action = value_at(reference, ("port", "name")) == _ANNOTATED
            if name and service is None and not is_action:
                message = f'{item} → there is no Service "{name}" in this chart'
                yield item.manifest, Problem(codes.NO_SERVICE, message, (*path, "service", "name"))
            elif service:
                yield from _backend_port(item, service, reference, (*path, "service", "port"))


def _backend_port(item: Item, service: Item, reference: Data, path: tuple[str | int, ...]) -> Findings:
    port = reference.get("port") or {}
    ports = value_at(service.data, ("spec", "ports")) or ()
    key, field = ("name", "name") if port.get("name") else ("number", "port")
    wanted = port.get(key)
    if wanted is None or wanted == _ANNOTATED or any(candidate.get(field) == wanted for candidate in ports):
        return
    there = ", ".join(str(candidate.get(field)) for candidate in ports if candidate.get(field)) or "none"
    related = Related(f"the ports of {service}", service.manifest, ("spec", "ports"))
    message = f"{item} → {service} has no port {key} {wanted}"
    yield item.manifest, Problem(codes.NO_PORT, message, (*path, key), f"it has: {there}", related=(related,))


def _backends(data: Data) -> Iterator[tuple[tuple[str | int, ...], Data]]:
    spec = data.get("spec") or {}
    if spec.get("defaultBackend"):
        yield ("spec", "defaultBackend"), spec["defaultBackend"]
    for index, rule in enumerate(spec.get("rules") or ()):
        for number, path in enumerate(value_at(rule, ("http", "paths")) or ()):
            if path.get("backend"):
                yield ("spec", "rules", index, "http", "paths", number, "backend"), path["backend"]


def budgets_and_policies(world: World) -> Findings:
    """A disruption budget or a network policy is about pods of the chart."""
    for kind, key in (("policy/PodDisruptionBudget", "selector"), ("networking.k8s.io/NetworkPolicy", "podSelector")):
        for item in world.of_kind(kind):
            selector = value_at(item.data, ("spec", key)) or {}
            if selector.get("matchLabels") and not world.selected(selector, item.namespace):
                labels = selector["matchLabels"]
                message = f"{item} selects no pods of this chart: none has the labels {_shown(labels)}"
                yield item.manifest, Problem(codes.NO_PODS, message, ("spec", key), _nearest(labels, world))


def autoscalers(world: World) -> Findings:
    """An autoscaler's target is in the chart."""
    for item in world.of_kind("autoscaling/HorizontalPodAutoscaler"):
        target = value_at(item.data, ("spec", "scaleTargetRef")) or {}
        group = str(target.get("apiVersion") or "").rpartition("/")[0]
        kind = f"{group}/{target.get('kind')}" if group else str(target.get("kind"))
        name = str(target.get("name") or "")
        if name and world.find(kind, name, item.namespace) is None:
            message = f'{item} → there is no {target.get("kind")} "{name}" in this chart'
            yield item.manifest, Problem(codes.NO_WORKLOAD, message, ("spec", "scaleTargetRef", "name"))


def stateful_sets(world: World) -> Findings:
    """The Service that gives a StatefulSet's pods their names is in the chart."""
    for item in world.of_kind("apps/StatefulSet"):
        name = str(value_at(item.data, ("spec", "serviceName")) or "")
        if name and world.find("Service", name, item.namespace) is None:
            message = f'{item} → there is no Service "{name}" in this chart'
            yield item.manifest, Problem(codes.NO_SERVICE, message, ("spec", "serviceName"))


def port_names(pods: Pods) -> Iterator[str]:
    """The names of all container ports of the pods."""
    for _, container in pods.containers():
        for port in container.get("ports") or ():
            if port.get("name"):
                yield str(port["name"])


def _owners(pods: tuple[Pods, ...]) -> str:
    return ", ".join(str(found.owner) for found in pods)


def _shown(labels: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items())


def _names_hint(known: Iterable[Any]) -> str:
    names = ", ".join(sorted(str(name) for name in known))
    return f"named ports: {names}" if names else "none of its ports has a name"


def _nearest(labels: Mapping[str, Any], world: World) -> str:
    """The pods that agree in most of the labels, and what they have instead of the rest."""
    best = max(world.pods[:_LOOKED_AT], key=lambda pods: len(labels.items() & pods.labels.items()), default=None)
    if best is None or not labels.items() & best.labels.items():
        return ""
    other = {key: best.labels.get(key, "nothing") for key in labels if labels[key] != best.labels.get(key)}
    return f"{best.owner} has {_shown(other)}"


RULES = (
    duplicates,
    services,
    probes,
    ingresses,
    budgets_and_policies,
    autoscalers,
    stateful_sets,
)
