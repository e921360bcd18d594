"""What selects pods, and the ports it leads to: Services, budgets, network policies, autoscalers; probes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube.workloads import api_group, value_at
from generator.manifest import Manifest, Path
from generator.validate.model import Data, Problem, Related
from generator.validate.references import codes, lookups
from generator.validate.references.leads import Chains
from generator.validate.world import Item, Pods, World

_LOOKED_AT: Final = 200
"""A hint may cost only so much: no more pods are compared for it."""

_SCALERS: Final[tuple[tuple[str, str], ...]] = (
    ("autoscaling/HorizontalPodAutoscaler", "scaleTargetRef"),
    ("autoscaling.k8s.io/VerticalPodAutoscaler", "targetRef"),
    ("keda.sh/ScaledObject", "scaleTargetRef"),
)

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
    chains = Chains(world)
    for item in world.of_kind("Service"):
        selector = value_at(item.data, ("spec", "selector"))
        if not selector or value_at(item.data, ("spec", "type")) == "ExternalName":
            continue
        pods = world.selected({"matchLabels": selector}, item.namespace)
        if not pods:
            chain, others = chains.to(item)
            message = f"{chain}{item} selects no pods {world.here}: none has the labels {_shown(selector)}"
            hint = _nearest(selector, world)
            yield item.manifest, Problem(codes.NO_PODS, message, ("spec", "selector"), hint, related=others)
        else:
            yield from _target_ports(item, pods, chains)


def _target_ports(service: Item, pods: tuple[Pods, ...], chains: Chains) -> Findings:
    known = {name for found in pods for name in port_names(found)}
    for index, port in enumerate(value_at(service.data, ("spec", "ports")) or ()):
        target = port.get("targetPort")
        if not isinstance(target, str) or target.isdigit():
            yield from _undeclared(service, pods, port, ("spec", "ports", index), chains)
            continue
        if target in known:
            continue
        owner, (chain, others) = pods[0].owner, chains.to(service, port)
        end = f'no container port named "{target}" in {_owners(pods)}'
        message = f"{chain}{service} port {port.get('name') or port.get('port')} → {end}"
        related = Related(f"the containers of {owner}", owner.manifest, (*pods[0].spec_path, "containers"))
        path = ("spec", "ports", index, "targetPort")
        problem = Problem(codes.NO_PORT, message, path, _names_hint(known), related=(related, *others))
        yield service.manifest, problem


def _undeclared(service: Item, pods: tuple[Pods, ...], port: Data, path: Path, chains: Chains) -> Findings:
    """A number that no container declares, where the containers do declare ports; headless Services map none."""
    target = port.get("targetPort") or port.get("port")
    there = {each.get("containerPort") for found in pods for _, item in found.containers() for each in _ports(item)}
    if not there or str(target) in map(str, there) or value_at(service.data, ("spec", "clusterIP")) == "None":
        return
    owner, (chain, others) = pods[0].owner, chains.to(service, port)
    shown = port.get("name") or port.get("port")
    message = f"{chain}{service} port {shown} → no container of {_owners(pods)} declares the port {target}"
    related = Related(f"the containers of {owner}", owner.manifest, (*pods[0].spec_path, "containers"))
    hint = f"declared ports: {', '.join(map(str, sorted(there, key=str)))}"
    place = (*path, "targetPort")
    yield service.manifest, Problem(codes.UNDECLARED_PORT, message, place, hint, related=(related, *others))


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


def budgets_and_policies(world: World) -> Findings:
    """A disruption budget or a network policy is about pods of the chart."""
    for kind, key in (("policy/PodDisruptionBudget", "selector"), ("networking.k8s.io/NetworkPolicy", "podSelector")):
        for item in world.of_kind(kind):
            selector = value_at(item.data, ("spec", key)) or {}
            if selector.get("matchLabels") and not world.selected(selector, item.namespace):
                labels = selector["matchLabels"]
                message = f"{item} selects no pods {world.here}: none has the labels {_shown(labels)}"
                yield item.manifest, Problem(codes.NO_PODS, message, ("spec", key), _nearest(labels, world))


def policy_ports(world: World) -> Findings:
    """The port names of a network policy are those of the pods it is about."""
    for item in world.of_kind("networking.k8s.io/NetworkPolicy"):
        pods = world.selected(value_at(item.data, ("spec", "podSelector")) or {}, item.namespace)
        known = {name for found in pods for name in port_names(found)}
        for path, port in lookups.names(item.data, "spec.ingress[].ports[].port"):
            if pods and port not in known and not port.isdigit():
                message = f'{item} → no container port named "{port}" in {_owners(pods)}'
                yield item.manifest, Problem(codes.NO_PORT, message, path, _names_hint(known), Severity.WARNING)


def autoscalers(world: World) -> Findings:
    """What an autoscaler scales is in the chart."""
    for kind, key in _SCALERS:
        for item in world.of_kind(kind):
            for path, target in lookups.mappings(item.data, f"spec.{key}"):
                name, what = str(target.get("name") or ""), str(target.get("kind") or "Deployment")
                group = api_group(str(target.get("apiVersion") or ("" if target.get("kind") else "apps/v1")))
                is_there = world.find(f"{group}/{what}" if group else what, name, item.namespace)
                if lookups.is_name(name) and is_there is None:
                    message = f'{item} → there is no {what} "{name}" {world.here}'
                    yield item.manifest, Problem(codes.NO_WORKLOAD, message, (*path, "name"))


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
    budgets_and_policies,
    policy_ports,
    autoscalers,
)
