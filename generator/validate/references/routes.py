"""What routes of the Gateway API lead to: Services of the chart."""

from __future__ import annotations

from collections.abc import Iterator

from generator.kube.workloads import value_at
from generator.manifest import Manifest, Path
from generator.validate.model import Data, Problem, Related
from generator.validate.references import codes
from generator.validate.world import Item, World

Findings = Iterator[tuple[Manifest, Problem]]


def http_routes(world: World) -> Findings:
    """An HTTPRoute leads to Services of the chart, and to ports that they have."""
    for item in world.of_kind("gateway.networking.k8s.io/HTTPRoute"):
        for path, backend in _backends(item.data):
            name = str(backend.get("name") or "")
            service = world.find("Service", name, item.namespace)
            if service is None:
                message = f'{item} → there is no Service "{name}" in this chart'
                yield item.manifest, Problem(codes.NO_SERVICE, message, (*path, "name"))
            else:
                yield from _port(item, service, backend, path)


def _backends(data: Data) -> Iterator[tuple[Path, Data]]:
    """References to Services that stand where the route does."""
    for index, rule in enumerate(value_at(data, ("spec", "rules")) or ()):
        for number, backend in enumerate(rule.get("backendRefs") or ()):
            is_service = backend.get("group", "") == "" and backend.get("kind", "Service") == "Service"
            if is_service and not backend.get("namespace"):
                yield ("spec", "rules", index, "backendRefs", number), backend


def _port(item: Item, service: Item, backend: Data, path: Path) -> Findings:
    numbers = [port.get("port") for port in value_at(service.data, ("spec", "ports")) or ()]
    if backend.get("port") is not None and backend["port"] not in numbers:
        there = ", ".join(map(str, numbers)) or "none"
        related = Related(f"the ports of {service}", service.manifest, ("spec", "ports"))
        message = f"{item} → {service} has no port {backend['port']}"
        yield item.manifest, Problem(codes.NO_PORT, message, (*path, "port"), f"it has: {there}", related=(related,))


RULES = (http_routes,)
