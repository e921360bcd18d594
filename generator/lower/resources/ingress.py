"""Ingress: a service under a host name of its own."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Dot, Kind, Tree, Value, With
from generator.chart.values import JsonSchema
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.spec.expose import Expose


def ingresses(context: Context, component: Component) -> Iterator[Template]:
    """One Ingress for each way in under a host name."""
    ways = [way for way in component.spec.expose if way.via == "ingress"]
    for number, way in enumerate(ways, start=1):
        yield _ingress(context, component, way, f"-{number}" if number > 1 else "")


def _ingress(context: Context, component: Component, way: Expose, ending: str) -> Template:
    def leaf(key: str, doc: str, schema: JsonSchema, default: object) -> Value:
        path = (*component.expose_scope(way), key)
        return context.values.leaf(path, doc, schema, default, component.section, way.node.span)

    host = leaf("host", "Host name of the requests.", schemas.TEXT, way.host)
    tls = leaf("tls", "Secret with the certificate; empty: no TLS.", schemas.TEXT, way.tls)
    ingress_class = leaf("class", "IngressClass; empty: the cluster's default.", schemas.TEXT, way.ingress_class)
    annotations = leaf("annotations", "Annotations of the Ingress.", schemas.TEXT_MAP, dict(way.annotations))
    spec: dict[str, Tree] = {
        "ingressClassName": With(ingress_class, Dot(Kind.TEXT)),
        "tls": With(tls, [{"hosts": [host], "secretName": Dot(Kind.TEXT)}]),
        "rules": [{"host": host, "http": {"paths": [_path(context, component, way)]}}],
    }
    tree: dict[str, Tree] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": context.metadata(
            component.name, context.name(f"{component.name}{ending}"), annotations=annotations
        ),
        "spec": spec,
    }
    return component.template(f"ingress{ending}", tree, span=way.node.span)


def _path(context: Context, component: Component, way: Expose) -> Tree:
    port = way.port or component.service.main_port
    backend: dict[str, Tree] = {"service": {"name": context.host(component.service), "port": {"name": port}}}
    return {"path": way.path, "pathType": "Prefix", "backend": backend}
