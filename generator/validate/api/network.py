"""Ingresses, NetworkPolicies, IngressClasses, IPAddresses, ServiceCIDRs.

Source: kubernetes pkg/apis/networking/validation.
"""

from __future__ import annotations

from typing import Final

from generator.kube import addresses, names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.tables import (
    DNS_LABEL,
    NETWORK,
    SEGMENT,
    SUBDOMAIN,
    at_most,
    checked,
    field,
    longest,
    named,
    need,
    one_of,
    table,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_CLASS: Final = "kubernetes.io/ingress.class"
_DIRECTIONS: Final = ("Ingress", "Egress")
_REFERENCE: Final = (field("apiGroup", SUBDOMAIN), need("kind", SEGMENT), need("name", SEGMENT))


def _ingress(data: Data) -> Problems:
    spec = data.get("spec") or {}
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        yield Problem(codes.EMPTY, "an Ingress needs rules or a defaultBackend", ("spec",))
    if spec.get("defaultBackend") is not None:
        yield from _backend(spec["defaultBackend"], ("spec", "defaultBackend"))
    named_class = spec.get("ingressClassName")
    yield from fields.named(named_class, names.subdomain_mistake, ("spec", "ingressClassName"))
    annotation = ((data.get("metadata") or {}).get("annotations") or {}).get(_CLASS)
    if None not in (annotation, named_class) and annotation != named_class:
        message = f"the annotation {_CLASS} must be what ingressClassName is"
        yield Problem(codes.COMBINATION, message, ("metadata", "annotations", _CLASS))
    for index, rule in enumerate(spec.get("rules") or ()):
        here = ("spec", "rules", index)
        if host := rule.get("host"):
            yield from _host(host, (*here, "host"))
            if addresses.address(host):
                message = f'host "{host}" must be a DNS name, not an address'
                yield Problem(codes.HOST, message, (*here, "host"))
        http = rule.get("http")
        if http is None:
            continue
        yield from fields.required(http, "paths", (*here, "http"), "http needs at least one path")
        for number, item in enumerate(http.get("paths") or ()):
            yield from _http_path(item, (*here, "http", "paths", number))
    for index, block in enumerate(spec.get("tls") or ()):
        if block.get("secretName"):
            where = ("spec", "tls", index, "secretName")
            yield from fields.named(block["secretName"], names.subdomain_mistake, where)
        for number, host in enumerate(block.get("hosts") or ()):
            yield from _host(host, ("spec", "tls", index, "hosts", number))


def _http_path(item: Data, path: Path) -> Problems:
    kind, text = item.get("pathType"), item.get("path") or ""
    yield from one_of("Exact", "Prefix", "ImplementationSpecific")(kind, (*path, "pathType"))
    if kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            message = f'path "{text}" must begin with / when pathType is {kind}'
            yield Problem(codes.PATH, message, (*path, "path") if text else path)
        for part in ("//", "/./", "/../", "%2f", "%2F"):
            if part in text:
                yield Problem(codes.PATH, f'path "{text}" must not hold {part}', (*path, "path"))
        if text.endswith(("/..", "/.")):
            yield Problem(codes.PATH, f'path "{text}" must not end with .. or .', (*path, "path"))
    elif text and not text.startswith("/"):
        yield Problem(codes.PATH, f'path "{text}" must begin with /', (*path, "path"))
    if item.get("backend") is not None:
        yield from _backend(item["backend"], (*path, "backend"))


def _backend(backend: Data, path: Path) -> Problems:
    yield from fields.exactly_one(backend, ("service", "resource"), path, "a backend is a service or a resource")
    service, resource = backend.get("service"), backend.get("resource")
    if resource is not None:
        yield from checked(resource, _REFERENCE, (*path, "resource"))
    if service is None:
        return
    here = (*path, "service")
    name = service.get("name")
    yield from fields.relaxed(fields.named(name, names.dns_1035_mistake, (*here, "name")), name)
    port = {key: value for key, value in (service.get("port") or {}).items() if value not in ("", 0)}
    what = "the port of a backend is a name or a number"
    yield from fields.exactly_one(port, ("name", "number"), (*here, "port") if "port" in service else here, what)
    yield from fields.port(port.get("number"), (*here, "port", "number"))
    if port.get("name"):
        yield from fields.named(port["name"], names.port_name_mistake, (*here, "port", "name"), codes.PORT)


def _host(host: str, path: Path) -> Problems:
    """A DNS name, or one with * as its first part."""
    if not host:
        yield Problem(codes.HOST, "the host is empty", path)
        return
    mistake = names.subdomain_mistake(host.removeprefix("*."))
    if mistake or len(host) > 253:
        yield Problem(codes.HOST, f'host "{host}" must {mistake or "have at most 253 characters"}', path)


def _policy(data: Data) -> Problems:
    spec = data.get("spec") or {}
    yield from fields.selector(spec.get("podSelector"), ("spec", "podSelector"))
    for index, kind in enumerate(spec.get("policyTypes") or ()):
        yield from fields.choice(kind, _DIRECTIONS, ("spec", "policyTypes", index))
    if len(spec.get("policyTypes") or ()) > len(_DIRECTIONS):
        yield Problem(codes.DUPLICATE, "policyTypes holds a direction twice", ("spec", "policyTypes"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            here = ("spec", direction, index)
            for number, port in enumerate(rule.get("ports") or ()):
                yield from _policy_port(port, (*here, "ports", number))
            for number, peer in enumerate(rule.get(peers) or ()):
                yield from _peer(peer, (*here, peers, number))


def _policy_port(port: Data, path: Path) -> Problems:
    yield from fields.word(port.get("protocol"), _PROTOCOLS, (*path, "protocol"))
    first, last = port.get("port"), port.get("endPort")
    yield from fields.port_or_name(first, (*path, "port"))
    if last is None:
        return
    if not isinstance(first, int):
        yield Problem(codes.COMBINATION, "endPort needs a port that is a number", (*path, "endPort"))
    elif last < first:
        yield Problem(codes.RANGE, f"endPort {last} must be at least port {first}", (*path, "endPort"))
    else:
        yield from fields.port(last, (*path, "endPort"))


def _peer(peer: Data, path: Path) -> Problems:
    block = peer.get("ipBlock")
    if not peer:
        yield Problem(codes.EMPTY, "a peer needs podSelector, namespaceSelector or ipBlock", path)
    if block is not None and len(peer) > 1:
        yield Problem(codes.COMBINATION, "ipBlock does not go with a selector", (*path, "ipBlock"))
    for key in ("podSelector", "namespaceSelector"):
        yield from fields.selector(peer.get(key), (*path, key))
    if block is None:
        return
    yield from fields.network(block.get("cidr"), (*path, "ipBlock", "cidr"))
    for index, inner in enumerate(block.get("except") or ()):
        here = (*path, "ipBlock", "except", index)
        yield from fields.network(inner, here)
        yield from _inside(inner, str(block.get("cidr")), here)


def _inside(text: str, outer: str, path: Path) -> Problems:
    inner, whole = addresses.network(text), addresses.network(outer)
    if inner is None or whole is None:
        return
    is_part = inner.version == whole.version and inner.network_address in whole and inner.prefixlen > whole.prefixlen
    if not is_part:
        yield Problem(codes.ADDRESS, f'"{text}" must be a strict part of "{outer}"', path)


_INGRESS_CLASS: Final = table(
    need("spec.controller", longest(250), named(names.prefixed_path_mistake)),
    field("spec.parameters?.apiGroup", SUBDOMAIN),
    need("spec.parameters?.kind", SEGMENT),
    need("spec.parameters?.name", SEGMENT),
    field("spec.parameters?.scope", one_of("Namespace", "Cluster")),
)


def _class_scope(data: Data) -> Problems:
    parameters = (data.get("spec") or {}).get("parameters")
    if parameters is None:
        return
    path, scope, namespace = ("spec", "parameters"), parameters.get("scope", "Cluster"), parameters.get("namespace")
    if scope == "Cluster" and namespace is not None:
        yield Problem(codes.COMBINATION, "namespace does not go with scope Cluster", (*path, "namespace"))
    if scope == "Namespace" and namespace is None:
        yield Problem(codes.EMPTY, "scope Namespace needs a namespace", path)
    elif scope == "Namespace":
        yield from DNS_LABEL(namespace, (*path, "namespace"))


def _families(data: Data) -> Problems:
    blocks = (data.get("spec") or {}).get("cidrs") or ()
    versions = [known.version for text in blocks if (known := addresses.network(text))]
    if len(versions) == 2 and versions[0] == versions[1]:
        yield Problem(codes.COMBINATION, "cidrs takes one range of each address family", ("spec", "cidrs"))


_PARENT: Final = table(
    need("spec.parentRef"),
    field("spec.parentRef?.group", named(names.subdomain_mistake, or_empty=True)),
    need("spec.parentRef?.resource", SEGMENT),
    need("spec.parentRef?.name", SEGMENT),
    field("spec.parentRef?.namespace", SEGMENT),
)
_RANGES: Final = table(need("spec.cidrs", at_most(2)), field("spec.cidrs[]", NETWORK))

_GROUP: Final = "networking.k8s.io"
RULES = (
    ObjectRule(_ingress, (f"{_GROUP}/Ingress",)),
    ObjectRule(_policy, (f"{_GROUP}/NetworkPolicy",)),
    ObjectRule(_INGRESS_CLASS, (f"{_GROUP}/IngressClass",)),
    ObjectRule(_class_scope, (f"{_GROUP}/IngressClass",)),
    ObjectRule(_PARENT, (f"{_GROUP}/IPAddress",)),
    ObjectRule(_RANGES, (f"{_GROUP}/ServiceCIDR",)),
    ObjectRule(_families, (f"{_GROUP}/ServiceCIDR",)),
)
