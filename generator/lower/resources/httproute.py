"""HTTPRoute: a service under a host name of its own, through a Gateway that is in the cluster already."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import GATEWAY_API, Template
from generator.chart.nodes import Dot, Kind, Tree, Value, With
from generator.chart.values import JsonSchema
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.spec.expose import Expose, Gateway

_KEYS = ("host", "path", "gateway", "port")


def http_routes(context: Context, component: Component) -> Iterator[Template]:
    """One HTTPRoute for each way in through a Gateway."""
    ways = [way for way in component.spec.expose if way.via == "gateway"]
    for number, way in enumerate(ways, start=1):
        yield _route(context, component, way, f"-{number}" if number > 1 else "")


def _route(context: Context, component: Component, way: Expose, ending: str) -> Template:
    def leaf(key: str, doc: str, schema: JsonSchema, default: object) -> Value:
        path = (*component.expose_scope(way), *key.split("."))
        return context.values.leaf(path, doc, schema, default, component.section, way.node.span)

    gateway = way.gateway or Gateway()
    host = leaf("host", "Host name of the requests.", schemas.SOME_TEXT, way.host)
    context.values.group((*component.expose_scope(way), "gateway"), "The Gateway that the requests come through.")
    name = leaf("gateway.name", "Name of the Gateway.", schemas.SOME_TEXT, gateway.name)
    namespace = leaf("gateway.namespace", "Its namespace; empty: the release's.", schemas.TEXT, gateway.namespace)
    listener = leaf("gateway.listener", "One of its listeners; empty: all that fit.", schemas.TEXT, gateway.listener)
    annotations = leaf("annotations", "Annotations of the HTTPRoute.", schemas.TEXT_MAP, dict(way.annotations))
    parent: dict[str, Tree] = {
        "name": name,
        "namespace": With(namespace, Dot(Kind.TEXT)),
        "sectionName": With(listener, Dot(Kind.TEXT)),
    }
    spec: dict[str, Tree] = {"parentRefs": [parent], "hostnames": [host], "rules": [_rule(context, component, way)]}
    tree: dict[str, Tree] = {
        "apiVersion": GATEWAY_API,
        "kind": "HTTPRoute",
        "metadata": context.metadata(
            component.name, context.name(f"{component.name}{ending}"), annotations=annotations
        ),
        "spec": spec,
    }
    places = ("spec.hostnames", "spec.rules[0].matches", "spec.parentRefs", "spec.rules[0].backendRefs")
    spans = {place: way.span(key) for place, key in zip(places, _KEYS, strict=True) if way.has(key)}
    return component.template(f"httproute{ending}", tree, spans, span=way.node.span, condition=routes_on(context))


def routes_on(context: Context) -> Value:
    """The switch of all routes, for clusters without Gateway API."""
    context.values.group(("gateway",), "")
    doc = "Make HTTPRoutes; needs the API gateway.networking.k8s.io/v1 (Gateway API)."
    return context.values.leaf(("gateway", "enabled"), doc, schemas.FLAG, True, "Gateway")


def _rule(context: Context, component: Component, way: Expose) -> Tree:
    port = component.service.port(way.port)
    backend: dict[str, Tree] = {"name": context.host(component.service), "port": port.port if port else 0}
    return {"matches": [{"path": {"type": "PathPrefix", "value": way.path}}], "backendRefs": [backend]}
