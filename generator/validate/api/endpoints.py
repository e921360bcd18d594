"""Endpoints and EndpointSlices.

Source: kubernetes pkg/apis/core/validation (ValidateEndpoints), pkg/apis/discovery/validation.
"""

from __future__ import annotations

from typing import Final

from generator.kube import addresses, names
from generator.validate.api import codes, fields
from generator.validate.api.tables import (
    ADDRESS,
    DNS_LABEL,
    QUALIFIED,
    SUBDOMAIN,
    at_most,
    field,
    named,
    need,
    one_of,
    table,
    unique,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

_PROTOCOL: Final = one_of("TCP", "UDP", "SCTP")
_PROTOCOL_OR_NONE: Final = one_of("TCP", "UDP", "SCTP", or_empty=True)

_SLICE: Final = table(
    need("addressType", one_of("IPv4", "IPv6", "FQDN")),
    field("ports", at_most(20_000)),
    field("ports[].name", named(names.dns_label_mistake, codes.PORT, or_empty=True)),
    field("ports[].protocol", _PROTOCOL),
    field("ports[].appProtocol", QUALIFIED),
    field("endpoints", at_most(1000)),
    need("endpoints[].addresses", at_most(100)),
    field("endpoints[].nodeName", SUBDOMAIN),
    field("endpoints[].hostname", DNS_LABEL),
    field("endpoints[].hints.forZones", at_most(8), unique("name")),
    field("endpoints[].hints.forZones[].name", named(names.label_value_mistake)),
    field("endpoints[].hints.forNodes", at_most(8), unique("name")),
    field("endpoints[].hints.forNodes[].name", SUBDOMAIN),
)


def _slice(data: Data) -> Problems:
    plain = [{"name": port.get("name") or ""} for port in data.get("ports") or ()]
    yield from fields.unique(plain, "name", ("ports",))
    kind = data.get("addressType")
    for index, endpoint in enumerate(data.get("endpoints") or ()):
        for number, text in enumerate(endpoint.get("addresses") or ()):
            path = ("endpoints", index, "addresses", number)
            if kind == "FQDN":
                yield from fields.named(text, names.domain_mistake, path, codes.HOST)
                continue
            known = addresses.address(text)
            if known and kind in ("IPv4", "IPv6") and kind != f"IPv{known.version}":
                yield Problem(codes.ADDRESS, f'"{text}" is no {kind} address', path)
            elif kind == "IPv6":
                yield from ADDRESS(text, path)
            if kind == "IPv4" or known:
                yield from fields.address(text, path, is_endpoint=True)


_ENDPOINTS: Final = table(
    *(
        row
        for key in ("addresses", "notReadyAddresses")
        for row in (
            field(f"subsets[].{key}[].ip", lambda value, path: fields.address(value, path, is_endpoint=True)),
            field(f"subsets[].{key}[].hostname", named(names.dns_label_mistake, or_empty=True)),
            field(f"subsets[].{key}[].nodeName", SUBDOMAIN),
        )
    ),
    field("subsets[].ports[].name", named(names.dns_label_mistake, codes.PORT, or_empty=True)),
    field("subsets[].ports[].port", fields.port),
    field("subsets[].ports[].protocol", _PROTOCOL_OR_NONE),
    field("subsets[].ports[].appProtocol", QUALIFIED),
)


def _subsets(data: Data) -> Problems:
    for index, subset in enumerate(data.get("subsets") or ()):
        path, ports = ("subsets", index), subset.get("ports") or ()
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            yield Problem(codes.EMPTY, "a subset needs addresses or notReadyAddresses", path)
        for number, port in enumerate(ports):
            if len(ports) > 1 and not port.get("name"):
                yield Problem(codes.EMPTY, "with several ports, each needs a name", (*path, "ports", number))


RULES = (
    ObjectRule(_SLICE, ("discovery.k8s.io/EndpointSlice",)),
    ObjectRule(_slice, ("discovery.k8s.io/EndpointSlice",)),
    ObjectRule(_ENDPOINTS, ("Endpoints",)),
    ObjectRule(_subsets, ("Endpoints",)),
)
