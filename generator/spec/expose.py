"""How a service is reached from outside the cluster (rulings L23, S20)."""

from __future__ import annotations

from collections.abc import Mapping

from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.formats import HOST, NAMESPACE, OBJECT_NAME, PRINTABLE, TEXT, URL_PATH, label_key
from generator.spec.scalars import Choice
from generator.spec.shapes import Either, MapOf, Reading, Record, RecordOf, Rule, Shape, key, written_text
from generator.yamlio.nodes import MappingNode, Node


class Gateway(Record):
    """A Gateway that is in the cluster already: who runs it decides on its addresses and certificates."""

    name: str = key(OBJECT_NAME, "Its name.", required=True, default="")
    namespace: str = key(NAMESPACE, "Its namespace; the release's by default.", default="")
    listener: str = key(OBJECT_NAME, "One of its listeners, as in https; all that fit by default.", default="")


class _ShortGateway(Shape[Gateway]):
    expected = OBJECT_NAME.expected

    def read(self, node: Node, reading: Reading) -> Gateway | None:
        name = OBJECT_NAME.read(node, reading)
        return None if name is None else Gateway(name=name, node=MappingNode(node.span, ()))

    def schema(self, definitions: Definitions) -> JsonSchema:
        return OBJECT_NAME.schema(definitions)


GATEWAY: Shape[Gateway] = Either(_ShortGateway(), RecordOf(Gateway, "`gateway`"))


class Expose(Record):
    """How the service is reached from outside the cluster."""

    host: str = key(HOST, "Host name of the requests; not for loadbalancer and nodeport.", default="")
    path: str = key(URL_PATH, "Start of the path of the requests.", default="/")
    tls: str = key(OBJECT_NAME, "Secret with the certificate; a Gateway has its own.", default="")
    via: str = key(Choice("ingress", "gateway", "loadbalancer", "nodeport"), "By what.", default="ingress")
    ingress_class: str = key(OBJECT_NAME, "IngressClass; the cluster's default otherwise.", name="class", default="")
    gateway: Gateway | None = key(GATEWAY, "With `via: gateway`: the Gateway that the requests come through.")
    port: str = key(TEXT, "Name of the port; the main port by default.", default="")
    annotations: Mapping[str, str] = key(
        MapOf(PRINTABLE, "`annotations`", label_key), "Annotations of the Ingress, HTTPRoute or Service.", factory=dict
    )


def _check_expose(expose: Expose, reading: Reading) -> None:
    needed = {"ingress": ("host",), "gateway": ("host", "gateway")}.get(expose.via, ())
    if expose.has("via") and written_text(expose.node.get("via")) != expose.via:
        return  # no way in is known, and that is said already
    for name in needed if reading.complete else ():
        if not expose.has(name):
            hint = "or say `via: loadbalancer` or `via: nodeport`" if name == "host" else "gateway: its name"
            reading.diagnostics.add(codes.MISSING_KEY, f"`expose` needs `{name}`", expose.node.span, hint=hint)


def _expose_schema(definitions: Definitions) -> JsonSchema:
    def via(*ways: str) -> JsonSchema:
        return {"properties": {"via": {"enum": [*ways]}}}

    by_ingress = {"required": ["host"], **via("ingress")}
    by_gateway = {"required": ["via", "host", "gateway"], **via("gateway")}
    by_service = {"required": ["via"], **via("loadbalancer", "nodeport")}
    return {"anyOf": [by_ingress, by_gateway, by_service]} if definitions.complete else {}


EXPOSE = RecordOf(Expose, "`expose`", Rule(_check_expose, _expose_schema))
