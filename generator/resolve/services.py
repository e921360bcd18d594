"""Services: templates and defaults merged in, kinds and ports decided, edges bound."""

from __future__ import annotations

from collections.abc import Mapping

from generator.diagnostics import Diagnostics, Span
from generator.resolve.edges import Directory, distinct, dynamic_texts, main_port
from generator.resolve.imports import Home
from generator.resolve.merging import entries_of, merged_service
from generator.resolve.model import Service
from generator.spec.model import Spec
from generator.spec.service import SERVICE, Probe
from generator.spec.service import Service as ServiceSpec
from generator.spec.shapes import Reading


def merged_services(home: Home, diagnostics: Diagnostics) -> dict[str, ServiceSpec]:
    """Every service, complete; what is still missing then is reported at the service's name."""
    found = {}
    for entry in entries_of(home.spec.node.get("services")):
        if entry.key in home.spec.services:
            node, complete = merged_service(home, entry.key, diagnostics)
            service = SERVICE.read(node, Reading(diagnostics, complete, owner=entry.key_span))
            if service is not None:
                found[entry.key] = service
    return found


def bind_services(spec: Spec, merged: Mapping[str, ServiceSpec], diagnostics: Diagnostics) -> dict[str, Service]:
    """Every service with its kind, its main port and its edges."""
    directory = Directory(merged, diagnostics)
    spans = {entry.key: entry.key_span for entry in entries_of(spec.node.get("services"))}
    return {name: _bound(name, service, spans[name], directory) for name, service in merged.items()}


def _bound(name: str, service: ServiceSpec, span: Span, directory: Directory) -> Service:
    kind = service.kind or ("statefulset" if service.storage else "deployment")
    _check_ports(name, service, directory)
    texts = [text for each in service.containers for text in dynamic_texts(each.env, each.command, each.args)]
    edges = distinct(
        [
            *directory.of_calls(service, service.calls),
            *directory.of_texts(texts),
            *directory.of_names(service, "depends_on", service.depends_on),
        ]
    )
    return Service(name, service, kind, main_port(service.ports), edges, span)


def _check_ports(name: str, service: ServiceSpec, directory: Directory) -> None:
    """Every place that means a port names one, or the main port is clear."""
    for container in service.containers:
        health = container.health
        for probe in (health.startup, health.ready, health.live) if health else ():
            if probe is not None and not probe.exec and not _is_number(probe):
                span = probe.span("port" if probe.port else "get")
                if isinstance(container, ServiceSpec):
                    directory.port_of(name, probe.port, span)
                else:
                    directory.port_among(container.ports, f"sidecar `{container.name}`", probe.port, span)
    if service.metrics:
        directory.port_of(name, service.metrics.port, service.metrics.span("port"))
    for expose in service.expose:
        directory.port_of(name, expose.port, expose.span("port"))


def _is_number(probe: Probe) -> bool:
    return probe.port.isascii() and probe.port.isdigit()
