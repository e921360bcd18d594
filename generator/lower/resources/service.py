"""Services: the address of a service, the names of a StatefulSet's pods, and the ways in from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.chart.model import Template
from generator.chart.nodes import Include, Tree, Value
from generator.diagnostics import Span
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.spec.expose import Expose
from generator.spec.service import Port

# On the Services of a component that are not its main one, so that its metrics are read once.
FURTHER_LABEL = "flowhelm.dev/service"
_TYPES = {"loadbalancer": "LoadBalancer", "nodeport": "NodePort"}


def services(context: Context, component: Component) -> Iterator[Template]:
    """The service's own Service, a StatefulSet's headless one, and one for each way in that exposes only a part."""
    ports = component.spec.ports
    outside = outside_ways(component)
    own = outside[0] if outside and len(ports) == 1 else None
    if ports:
        name = component.spec.hostname or None
        spec = {"type": _TYPES[own.via] if own else "ClusterIP", **_body(context, component, ports)}
        yield _service(context, component, "service", spec, name, _annotations(context, component, own))
    if component.service.kind == "statefulset":
        headless: dict[str, Tree] = {"type": "ClusterIP", "clusterIP": "None", **_body(context, component, ports)}
        name_of_it = headless_name(context, component)
        labels: dict[str, Tree] = {FURTHER_LABEL: "headless"}
        yield _service(context, component, "service-headless", headless, name_of_it, labels=labels)
    for way in outside if own is None else ():
        port = component.service.port(way.port)
        if port is not None:
            shown = {way.port or component.service.main_port: port}
            public: dict[str, Tree] = {"type": _TYPES[way.via], **_body(context, component, shown)}
            ending, annotations = _ending(component, way), _annotations(context, component, way)
            name_of_it, labels = context.name(f"{component.name}-{ending}"), {FURTHER_LABEL: way.via}
            yield _service(context, component, f"service-{ending}", public, name_of_it, annotations, labels)


def outside_ways(component: Component) -> list[Expose]:
    """The ways in that are Services: by load balancer and by node port, each once for a port."""
    found = {(way.via, way.port): way for way in reversed(component.spec.expose) if way.via in _TYPES}
    return [found[key] for key in sorted(found)]


def _ending(component: Component, way: Expose) -> str:
    """What the way's Service has behind the component's name."""
    alone = sum(each.via == way.via for each in outside_ways(component)) == 1
    return way.via if alone else f"{way.via}-{way.port or component.service.main_port}"


def has_further_services(component: Component) -> bool:
    """Whether the component has Services besides its main one."""
    partly = len(component.spec.ports) > 1 and bool(outside_ways(component))
    return component.service.kind == "statefulset" or partly


def public_name(context: Context, component: Component, way: Expose) -> str | Include:
    """The name of the Service through which a way in leads."""
    if len(component.spec.ports) == 1:
        return context.host(component.service)
    return context.name(f"{component.name}-{_ending(component, way)}")


def headless_name(context: Context, component: Component) -> Include:
    """The name of the Service that gives a StatefulSet's pods their DNS names."""
    return context.name(f"{component.name}-headless")


def _body(context: Context, component: Component, ports: Mapping[str, Port]) -> dict[str, Tree]:
    body: dict[str, Tree] = {"selector": context.selector(component.name)}
    items: list[Tree] = [_port(name, port) for name, port in sorted(ports.items())]
    return body | ({"ports": items} if items else {})


def _port(name: str, port: Port) -> Tree:
    spoken: dict[str, Tree] = {"appProtocol": port.app_protocol} if port.app_protocol else {}
    return {"name": name, "port": port.port, "targetPort": name, "protocol": port.protocol, **spoken}


def _annotations(context: Context, component: Component, way: Expose | None) -> Value | None:
    if way is None:
        return None
    path, doc = (*component.expose_scope(way), "annotations"), "Annotations of the Service that leads in from outside."
    span = component.spec.span("expose")
    return context.values.leaf(path, doc, schemas.TEXT_MAP, dict(way.annotations), component.section, span)


def _service(
    context: Context,
    component: Component,
    kind: str,
    spec: Mapping[str, Tree],
    name: str | Include | None = None,
    annotations: Value | None = None,
    labels: Mapping[str, Tree] | None = None,
) -> Template:
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": context.metadata(component.name, name, labels, annotations),
        "spec": spec,
    }
    return component.template(kind, tree, _spans(component))


def _spans(component: Component) -> dict[str, Span]:
    keys = {"spec.ports": "ports", "spec.type": "expose", "metadata.name": "hostname"}
    return {path: component.spec.span(key) for path, key in keys.items() if component.spec.has(key)}
