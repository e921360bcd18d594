"""Services, Ingresses, NetworkPolicies.

Source: kubernetes pkg/apis/core/validation (ValidateService), pkg/apis/networking/validation.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.model import Data, ObjectRule, Problem, Problems

_TYPES: Final = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_LOCAL: Final = ("Cluster", "Local")


def _service(data: Data) -> Problems:
    spec = data.get("spec") or {}
    kind = spec.get("type") or "ClusterIP"
    yield from fields.choice(kind, _TYPES, ("spec", "type"))
    headless = spec.get("clusterIP") == "None"
    if kind == "ExternalName":
        yield from _external(spec)
    elif not spec.get("ports") and not headless:
        yield Problem(codes.EMPTY, "a Service needs at least one port", ("spec",))
    if headless and kind in ("NodePort", "LoadBalancer"):
        yield Problem(codes.COMBINATION, f"clusterIP None does not go with type {kind}", ("spec", "clusterIP"))
    elif spec.get("clusterIP") not in (None, "", "None"):
        yield from fields.address(spec.get("clusterIP"), ("spec", "clusterIP"))
    yield from fields.labels(spec.get("selector"), ("spec", "selector"))
    yield from _service_ports(spec, kind)
    yield from fields.choice(spec.get("sessionAffinity"), ("None", "ClientIP"), ("spec", "sessionAffinity"))
    yield from fields.choice(spec.get("internalTrafficPolicy"), _LOCAL, ("spec", "internalTrafficPolicy"))
    policy = spec.get("externalTrafficPolicy")
    yield from fields.choice(policy, _LOCAL, ("spec", "externalTrafficPolicy"))
    if policy and kind not in ("NodePort", "LoadBalancer") and not spec.get("externalIPs"):
        message = f"externalTrafficPolicy does not go with type {kind}"
        yield Problem(codes.COMBINATION, message, ("spec", "externalTrafficPolicy"))
    for index, block in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        yield from _network(block.strip(), ("spec", "loadBalancerSourceRanges", index))
    if spec.get("loadBalancerSourceRanges") and kind != "LoadBalancer":
        message = "loadBalancerSourceRanges needs type LoadBalancer"
        yield Problem(codes.COMBINATION, message, ("spec", "loadBalancerSourceRanges"))
    for index, address in enumerate(spec.get("externalIPs") or ()):
        yield from fields.address(address, ("spec", "externalIPs", index))


def _external(spec: Data) -> Problems:
    name = str(spec.get("externalName") or "")
    if not name:
        yield Problem(codes.EMPTY, "type ExternalName needs externalName", ("spec",))
    else:
        yield from fields.named(name.removesuffix("."), names.subdomain_mistake, ("spec", "externalName"), codes.HOST)
    if spec.get("clusterIP"):
        yield Problem(codes.COMBINATION, "clusterIP does not go with type ExternalName", ("spec", "clusterIP"))


def _service_ports(spec: Data, kind: str) -> Problems:
    ports = spec.get("ports") or ()
    for index, item in enumerate(ports):
        here = ("spec", "ports", index)
        if item.get("name"):
            yield from fields.named(item["name"], names.dns_label_mistake, (*here, "name"), codes.PORT)
        elif len(ports) > 1:
            yield Problem(codes.EMPTY, "with several ports, each needs a name", here)
        yield from fields.port(item.get("port"), (*here, "port"))
        yield from fields.port_or_name(item.get("targetPort"), (*here, "targetPort"))
        yield from fields.choice(item.get("protocol"), _PROTOCOLS, (*here, "protocol"))
        if item.get("nodePort"):
            yield from fields.port(item["nodePort"], (*here, "nodePort"))
            if kind in ("ClusterIP", "ExternalName"):
                yield Problem(codes.COMBINATION, f"nodePort does not go with type {kind}", (*here, "nodePort"))
    yield from fields.unique([item for item in ports if item.get("name")], "name", ("spec", "ports"))
    plain = [{"protocol": item.get("protocol") or "TCP", "port": item.get("port")} for item in ports]
    yield from fields.unique(plain, ("protocol", "port"), ("spec", "ports"))


def _ingress(data: Data) -> Problems:
    spec = data.get("spec") or {}
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        yield Problem(codes.EMPTY, "an Ingress needs rules or a defaultBackend", ("spec",))
    if spec.get("defaultBackend") is not None:
        yield from _backend(spec["defaultBackend"], ("spec", "defaultBackend"))
    if spec.get("ingressClassName"):
        yield from fields.named(spec["ingressClassName"], names.subdomain_mistake, ("spec", "ingressClassName"))
    for index, rule in enumerate(spec.get("rules") or ()):
        here = ("spec", "rules", index)
        yield from _host(rule.get("host"), (*here, "host"))
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
            if host == "":
                yield Problem(codes.HOST, "the host is empty", ("spec", "tls", index, "hosts", number))
            yield from _host(host, ("spec", "tls", index, "hosts", number))


def _http_path(item: Data, path: Path) -> Problems:
    kind, text = item.get("pathType"), item.get("path") or ""
    yield from fields.choice(kind, ("Exact", "Prefix", "ImplementationSpecific"), (*path, "pathType"))
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
    service = backend.get("service")
    if service is None:
        return
    here = (*path, "service")
    yield from fields.named(service.get("name"), names.dns_1035_mistake, (*here, "name"))
    port = {key: value for key, value in (service.get("port") or {}).items() if value not in ("", 0)}
    what = "the port of a backend is a name or a number"
    yield from fields.exactly_one(port, ("name", "number"), (*here, "port") if "port" in service else here, what)
    yield from fields.port(port.get("number"), (*here, "port", "number"))
    if port.get("name"):
        yield from fields.named(port["name"], names.port_name_mistake, (*here, "port", "name"), codes.PORT)


def _host(host: str | None, path: Path) -> Problems:
    if not host:
        return
    try:
        ipaddress.ip_address(host)
        yield Problem(codes.HOST, f'host "{host}" must be a DNS name, not an address', path)
    except ValueError:
        mistake = names.subdomain_mistake(host.removeprefix("*."))
        if mistake:
            yield Problem(codes.HOST, f'host "{host}" must {mistake}', path)


def _policy(data: Data) -> Problems:
    spec = data.get("spec") or {}
    yield from fields.selector(spec.get("podSelector"), ("spec", "podSelector"))
    for index, kind in enumerate(spec.get("policyTypes") or ()):
        yield from fields.choice(kind, ("Ingress", "Egress"), ("spec", "policyTypes", index))
    if len(spec.get("policyTypes") or ()) > 2:
        yield Problem(codes.DUPLICATE, "policyTypes holds a direction twice", ("spec", "policyTypes"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            here = ("spec", direction, index)
            for number, port in enumerate(rule.get("ports") or ()):
                yield from _policy_port(port, (*here, "ports", number))
            for number, peer in enumerate(rule.get(peers) or ()):
                yield from _peer(peer, (*here, peers, number))


def _policy_port(port: Data, path: Path) -> Problems:
    yield from fields.choice(port.get("protocol"), _PROTOCOLS, (*path, "protocol"))
    first, last = port.get("port"), port.get("endPort")
    yield from fields.port_or_name(first, (*path, "port"))
    if last is None:
        return
    if not isinstance(first, int):
        yield Problem(codes.COMBINATION, "endPort needs a port that is a number", (*path, "endPort"))
    elif last < first:
        yield Problem(codes.RANGE, f"endPort {last} must be at least port {first}", (*path, "endPort"))


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
    yield from _network(block.get("cidr"), (*path, "ipBlock", "cidr"))
    for index, inner in enumerate(block.get("except") or ()):
        here = (*path, "ipBlock", "except", index)
        yield from _network(inner, here)
        yield from _inside(inner, block.get("cidr"), here)


def _network(text: str | None, path: Path) -> Problems:
    """A range of addresses in CIDR notation."""
    if text is None:
        return
    try:
        if "/" not in text:
            raise ValueError
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        hint = f"for one address write {text}/32" if text.replace(".", "").isdigit() else ""
        yield Problem(codes.ADDRESS, f'"{text}" is no range of addresses in CIDR notation', path, hint)


def _inside(text: str, outer: str | None, path: Path) -> Problems:
    try:
        inner, whole = ipaddress.ip_network(text, strict=False), ipaddress.ip_network(str(outer), strict=False)
    except ValueError:
        return
    is_part = inner.version == whole.version and inner.network_address in whole and inner.prefixlen > whole.prefixlen
    if not is_part:
        yield Problem(codes.ADDRESS, f'"{text}" must be a strict part of "{outer}"', path)


RULES = (
    ObjectRule(_service, ("Service",)),
    ObjectRule(_ingress, ("networking.k8s.io/Ingress",)),
    ObjectRule(_policy, ("networking.k8s.io/NetworkPolicy",)),
)
