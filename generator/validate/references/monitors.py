"""What Prometheus is told to scrape: ServiceMonitors and PodMonitors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.kube.workloads import value_at
from generator.manifest import Manifest
from generator.validate.model import Problem, Related
from generator.validate.references import codes
from generator.validate.references.selection import port_names
from generator.validate.world import Item, World, same_namespace

Findings = Iterator[tuple[Manifest, Problem]]


def service_monitors(world: World) -> Findings:
    """A ServiceMonitor selects Services of the chart, and ports that they have."""
    for item in world.of_kind("monitoring.coreos.com/ServiceMonitor"):
        selector = value_at(item.data, ("spec", "selector")) or {}
        services = [
            service
            for service in world.services.selected(selector)
            if same_namespace(service.namespace, item.namespace)
        ]
        if value_at(item.data, ("spec", "namespaceSelector")):
            continue  # it looks elsewhere, for what nobody here knows
        ports = [port for service in services for port in value_at(service.data, ("spec", "ports")) or ()]
        names = [str(port["name"]) for port in ports if port.get("name")]
        yield from _endpoints(item, "Service", "endpoints", services, names, world.here)


def pod_monitors(world: World) -> Findings:
    """A PodMonitor selects pods of the chart, and ports that they have."""
    for item in world.of_kind("monitoring.coreos.com/PodMonitor"):
        if value_at(item.data, ("spec", "namespaceSelector")):
            continue
        pods = world.selected(value_at(item.data, ("spec", "selector")) or {}, item.namespace)
        names = [name for found in pods for name in port_names(found)]
        yield from _endpoints(item, "pod", "podMetricsEndpoints", [found.owner for found in pods], names, world.here)


def _endpoints(
    item: Item, what: str, field: str, selected: Sequence[Item], names: Sequence[str], here: str
) -> Findings:
    if not selected:
        message = f"{item} selects no {what} {here}"
        yield item.manifest, Problem(codes.NOTHING_MONITORED, message, ("spec", "selector"))
        return
    for index, endpoint in enumerate(value_at(item.data, ("spec", field)) or ()):
        port = endpoint.get("port")
        if port and port not in names:
            there = ", ".join(sorted(set(names))) or "none"
            owners = ", ".join(dict.fromkeys(map(str, selected)))
            message = f'{item} → no port named "{port}" in {owners}'
            related = Related(f"{selected[0]} is here", selected[0].manifest, ("metadata", "name"))
            path = ("spec", field, index, "port")
            problem = Problem(codes.NO_PORT, message, path, f"named ports: {there}", related=(related,))
            yield item.manifest, problem


RULES = (service_monitors, pod_monitors)
