"""What leads to Services: routes, monitors, webhooks; each with the port of the Service that it means.

Input: all objects. Output: :class:`Lead` values, and problems with leads that end before they reach a port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from generator.kube.workloads import value_at
from generator.manifest import Manifest, Path
from generator.records import dataclass
from generator.validate.model import Data, Problem, Related
from generator.validate.references import codes
from generator.validate.references.lookups import is_name, mappings
from generator.validate.world import Item, World, same_namespace

Findings = Iterator[tuple[Manifest, Problem]]

_ANNOTATED: Final = "use-annotation"
"""The port of a backend that an annotation describes. Source: the AWS Load Balancer Controller's guide, "Actions"."""

_GATEWAY: Final = "gateway.networking.k8s.io"
_ROUTES: Final = tuple(f"{_GATEWAY}/{kind}" for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"))
_ADMISSION: Final = "admissionregistration.k8s.io"
_CALLS: Final[tuple[tuple[str, str, int], ...]] = (
    (f"{_ADMISSION}/ValidatingWebhookConfiguration", "webhooks[].clientConfig.service", 443),
    (f"{_ADMISSION}/MutatingWebhookConfiguration", "webhooks[].clientConfig.service", 443),
    ("apiregistration.k8s.io/APIService", "spec.service", 443),
    ("apiextensions.k8s.io/CustomResourceDefinition", "spec.conversion.webhook.clientConfig.service", 443),
)
"""What the API server calls: the kind, the place of the reference, and the port when none is written."""


@dataclass(frozen=True)
class Lead:
    """An object that names a Service. `field` is the port's field that `port` is compared with; none: all ports."""

    item: Item
    name: str
    namespace: str
    path: Path
    port: Any = None
    field: str = ""
    port_path: Path = ()

    def means(self, port: Data) -> bool:
        """Whether it leads to this port of the Service."""
        return not self.field or port.get(self.field) == self.port


def leads(world: World) -> Iterator[Lead]:
    """All that lead to a Service by its name."""
    for item in world.of_kind("networking.k8s.io/Ingress"):
        for path in ("spec.defaultBackend.service", "spec.rules[].http.paths[].backend.service"):
            for place, reference in mappings(item.data, path):
                yield from _of_ingress(item, reference, place)
    for item in world.of_kind(*_ROUTES):
        for path in ("spec.rules[].backendRefs[]", "spec.rules[].filters[].requestMirror.backendRef"):
            for place, reference in mappings(item.data, path):
                yield from _of_route(item, reference, place)
    for kind, path, port in _CALLS:
        for item in world.of_kind(kind):
            for place, reference in mappings(item.data, path):
                namespace, port = str(reference.get("namespace") or ""), reference.get("port") or port
                yield from _lead(item, reference, namespace, place, port, "port", ("port",))


def _of_ingress(item: Item, reference: Data, place: Path) -> Iterator[Lead]:
    port = reference.get("port") or {}
    if port.get("name") == _ANNOTATED:
        return
    key, field = ("name", "name") if port.get("name") else ("number", "port")
    is_said = port.get(key) is not None
    yield from _lead(item, reference, item.namespace, place, port.get(key), field if is_said else "", ("port", key))


def _of_route(item: Item, reference: Data, place: Path) -> Iterator[Lead]:
    """References to Services that stand where the route does."""
    is_service = not reference.get("group") and reference.get("kind", "Service") == "Service"
    if is_service and not reference.get("namespace"):
        port = reference.get("port")
        yield from _lead(item, reference, item.namespace, place, port, "port" if port is not None else "", ("port",))


def _lead(
    item: Item, reference: Data, namespace: str, place: Path, port: Any, field: str, port_path: Path
) -> Iterator[Lead]:
    name = reference.get("name")
    if isinstance(name, str) and is_name(name):
        yield Lead(item, name, namespace, place, port, field, (*place, *port_path))


def _monitors(world: World) -> Iterator[Lead]:
    """ServiceMonitors, which find Services by their labels and ports by their names."""
    for item in world.of_kind("monitoring.coreos.com/ServiceMonitor"):
        selector = value_at(item.data, ("spec", "selector"))
        selected = world.services.selected(selector) if isinstance(selector, Mapping) else ()
        for service in selected:
            if same_namespace(item.namespace, service.namespace):
                for place, endpoint in mappings(item.data, "spec.endpoints[]"):
                    field = "name" if endpoint.get("port") else ""
                    yield Lead(item, service.name, service.namespace, place, endpoint.get("port"), field)


def broken(world: World) -> Findings:
    """Leads to Services that are not there, or to ports that those have not."""
    for lead in leads(world):
        services = world.all("Service", lead.name, lead.namespace)
        if not services:
            message = f'{lead.item} → there is no Service "{lead.name}" {world.here}'
            yield lead.item.manifest, Problem(codes.NO_SERVICE, message, (*lead.path, "name"))
        elif not any(_has_port(lead, service) for service in services):
            yield lead.item.manifest, _without_port(lead, services[0])


def _has_port(lead: Lead, service: Item) -> bool:
    ports = value_at(service.data, ("spec", "ports")) or ()
    return value_at(service.data, ("spec", "type")) == "ExternalName" or any(lead.means(port) for port in ports)


def _without_port(lead: Lead, service: Item) -> Problem:
    ports = value_at(service.data, ("spec", "ports")) or ()
    there = ", ".join(str(port[lead.field]) for port in ports if port.get(lead.field)) or "none"
    what = f"port named {lead.port}" if lead.field == "name" else f"port {lead.port}"
    message = f"{lead.item} → {service} has no {what}" if lead.field else f"{lead.item} → {service} has no ports"
    related = Related(f"the ports of {service}", service.manifest, ("spec", "ports"))
    return Problem(codes.NO_PORT, message, lead.port_path, f"it has: {there}", related=(related,))


class Chains:
    """What leads to which Service of the world, for the findings about those."""

    def __init__(self, world: World) -> None:
        self._leads: dict[str, list[Lead]] = {}
        for lead in (*leads(world), *_monitors(world)):
            self._leads.setdefault(lead.name, []).append(lead)

    def to(self, service: Item, port: Data | None = None) -> tuple[str, tuple[Related, ...]]:
        """`Ingress web → `, for the beginning of a message, and notes on all that lead there after the first."""
        found = [
            lead
            for lead in self._leads.get(service.name, ())
            if same_namespace(lead.namespace, service.namespace) and (port is None or lead.means(port))
        ]
        first: dict[str, Lead] = {}
        for lead in found:
            first.setdefault(str(lead.item), lead)
        rest = [Related(f"{shown} leads here, too", lead.item.manifest, lead.path) for shown, lead in first.items()][1:]
        return " → ".join((*[*first][:1], "")), tuple(rest)


def stateful_sets(world: World) -> Findings:
    """The Service that gives a StatefulSet's pods their names is in the chart."""
    for item in world.of_kind("apps/StatefulSet"):
        name = str(value_at(item.data, ("spec", "serviceName")) or "")
        service = world.find("Service", name, item.namespace) if name else None
        if name and service is None:
            message = f'{item} → there is no Service "{name}" {world.here}'
            yield item.manifest, Problem(codes.NO_SERVICE, message, ("spec", "serviceName"))


def route_parents(world: World) -> Findings:
    """The Gateway of a route has the listener that the route names; a Gateway may be the cluster's."""
    for item in world.of_kind(*_ROUTES):
        for path, parent in mappings(item.data, "spec.parentRefs[]"):
            if parent.get("kind", "Gateway") != "Gateway" or parent.get("group", _GATEWAY) != _GATEWAY:
                continue
            namespace = str(parent.get("namespace") or item.namespace)
            gateways = world.all(f"{_GATEWAY}/Gateway", str(parent.get("name") or ""), namespace)
            each = [list(_listener(item, gateway, parent, path)) for gateway in gateways]
            if each and all(each):
                yield from each[0]


def _listener(item: Item, gateway: Item, parent: Data, path: Path) -> Findings:
    listeners: Sequence[Data] = value_at(gateway.data, ("spec", "listeners")) or ()
    for key, field in (("sectionName", "name"), ("port", "port")):
        wanted = parent.get(key)
        there = [listener.get(field) for listener in listeners]
        if wanted is not None and wanted not in there:
            what = f'listener named "{wanted}"' if key == "sectionName" else f"listener on port {wanted}"
            related = Related(f"the listeners of {gateway}", gateway.manifest, ("spec", "listeners"))
            hint = f"it has: {', '.join(map(str, there)) or 'none'}"
            message = f"{item} → {gateway} has no {what}"
            yield item.manifest, Problem(codes.NO_PORT, message, (*path, key), hint, related=(related,))


RULES = (broken, stateful_sets, route_parents)
