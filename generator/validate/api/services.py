"""Services.

Source: kubernetes pkg/apis/core/validation (validateService, ValidateServiceClusterIPsRelatedFields),
pkg/apis/core/v1/defaults.go, pkg/registry/core/service. Which addresses and families a cluster has is not known here;
nor which node ports it was started with: the usual ones are a matter of a warning.
"""

from __future__ import annotations

from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube import addresses, names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.tables import QUALIFIED, checked, distinct, field, labels, one_of, within
from generator.validate.model import Data, ObjectRule, Problem, Problems

_TYPES: Final = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_NODE_PORTS: Final = (30000, 32767)
_RANGES: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"
_MODES: Final = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")
_LONGEST_AFFINITY: Final = 86400

_ANY_TYPE: Final = (
    field("spec.type", one_of(*_TYPES, or_empty=True)),
    field("spec.selector", labels),
    field("spec.sessionAffinity", one_of("None", "ClientIP", or_empty=True)),
    field("spec.internalTrafficPolicy", one_of("Cluster", "Local")),
    field("spec.trafficDistribution", one_of("PreferClose", "PreferSameZone", "PreferSameNode")),
    field("spec.externalIPs[]", lambda value, path: fields.address(value, path, is_endpoint=True)),
    field("spec.ports[].appProtocol", QUALIFIED),
)
_WITH_ADDRESSES: Final = (
    field("spec.ipFamilies", distinct),
    field("spec.ipFamilies[]", one_of("IPv4", "IPv6")),
    field("spec.ipFamilyPolicy", one_of("SingleStack", "PreferDualStack", "RequireDualStack")),
)
_AFFINITY: Final = (field("spec.sessionAffinityConfig.clientIP.timeoutSeconds", within(1, _LONGEST_AFFINITY)),)


def _service(data: Data) -> Problems:
    spec = data.get("spec") or {}
    kind = spec.get("type") or "ClusterIP"
    yield from checked(data, _ANY_TYPE, ())
    if spec.get("sessionAffinity") == "ClientIP":
        yield from checked(data, _AFFINITY, ())
    is_headless = _cluster_ips(spec) == ["None"]
    if kind == "ExternalName":
        yield from _external(spec)
    else:
        yield from checked(data, _WITH_ADDRESSES, ())
        yield from _addresses(spec, kind, is_headless)
    if kind != "ExternalName" and not spec.get("ports") and not is_headless:
        yield Problem(codes.EMPTY, "a Service needs at least one port", ("spec",))
    yield from _ports(spec, kind)
    yield from _traffic(spec, kind)
    yield from _balancer(spec, kind)
    yield from _annotations((data.get("metadata") or {}).get("annotations") or {}, spec, kind)


def _cluster_ips(spec: Data) -> list[str]:
    """All addresses of the Service: the list, or the single one that the API server makes it of."""
    several: list[str] = spec.get("clusterIPs") or []
    return several or ([spec["clusterIP"]] if spec.get("clusterIP") else [])


def _external(spec: Data) -> Problems:
    name = str(spec.get("externalName") or "").removesuffix(".")
    if not name:
        yield Problem(codes.EMPTY, "type ExternalName needs externalName", ("spec",))
    else:
        yield from fields.named(name, names.subdomain_mistake, ("spec", "externalName"), codes.HOST)
    for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(key) not in (None, [], "") or (key == "ipFamilyPolicy" and spec.get(key) == ""):
            yield Problem(codes.COMBINATION, f"{key} does not go with type ExternalName", ("spec", key))


def _addresses(spec: Data, kind: str, is_headless: bool) -> Problems:
    if is_headless and kind in ("NodePort", "LoadBalancer"):
        yield Problem(codes.COMBINATION, f"clusterIP None does not go with type {kind}", ("spec", "clusterIP"))
    key = "clusterIPs" if spec.get("clusterIPs") else "clusterIP"
    found = _cluster_ips(spec)
    if key == "clusterIPs" and (spec.get("clusterIP") or "") != found[0]:
        yield Problem(codes.COMBINATION, "the first of clusterIPs must be what clusterIP is", ("spec", key))
    if len(found) > 2 or (len(found) > 1 and found[0] == "None"):
        message = "clusterIPs takes one address of each family, or None alone"
        yield Problem(codes.COMBINATION, message, ("spec", key))
        return
    if is_headless:
        return
    for index, text in enumerate(found):
        yield from fields.address(text, ("spec", key, index) if key == "clusterIPs" else ("spec", key))
    versions = [known.version for text in found if (known := addresses.address(text))]
    if len(versions) == 2 and versions[0] == versions[1]:
        yield Problem(codes.COMBINATION, "clusterIPs takes one address of each family", ("spec", key))
    for family, version in zip(spec.get("ipFamilies") or (), versions, strict=False):
        if family in ("IPv4", "IPv6") and family != f"IPv{version}":
            yield Problem(codes.COMBINATION, f"{key} has an IPv{version} address where ipFamilies has {family}",
                          ("spec", key))  # fmt: skip


def _ports(spec: Data, kind: str) -> Problems:
    ports = spec.get("ports") or ()
    for index, item in enumerate(ports):
        yield from _port(item, ("spec", "ports", index), kind, len(ports) > 1)
    yield from fields.unique([{"name": item.get("name") or None} for item in ports], "name", ("spec", "ports"))
    for key in ("port", "nodePort"):
        plain = [{"protocol": item.get("protocol") or "TCP", key: item.get(key) or None} for item in ports]
        yield from fields.unique(plain, ("protocol", key), ("spec", "ports"))


def _port(item: Data, path: Path, kind: str, has_siblings: bool) -> Problems:
    if item.get("name"):
        yield from fields.named(item["name"], names.dns_label_mistake, (*path, "name"), codes.PORT)
    elif has_siblings:
        yield Problem(codes.EMPTY, "with several ports, each needs a name", path)
    yield from fields.port(item.get("port"), (*path, "port"))
    if item.get("targetPort") not in (0, ""):  # the same as `port`
        yield from fields.port_or_name(item.get("targetPort"), (*path, "targetPort"))
    yield from fields.choice(item.get("protocol"), _PROTOCOLS, (*path, "protocol"))
    node_port = item.get("nodePort")
    if node_port and kind == "ClusterIP":
        yield Problem(codes.COMBINATION, f"nodePort does not go with type {kind}", (*path, "nodePort"))
    elif node_port and kind in ("NodePort", "LoadBalancer"):
        yield from _node_port(node_port, (*path, "nodePort"))


def _node_port(value: int, path: Path) -> Problems:
    low, high = _NODE_PORTS
    if not low <= value <= high:
        message = f"{fields.what(path)} {value} should be from {low} to {high}, the ports that nodes keep for Services"
        yield Problem(codes.PORT, message, path, "leave it out, and the cluster chooses a free one", Severity.WARNING)


def _traffic(spec: Data, kind: str) -> Problems:
    policy, check_port = spec.get("externalTrafficPolicy"), spec.get("healthCheckNodePort")
    is_reachable = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    if policy and not is_reachable:
        message = f"externalTrafficPolicy does not go with type {kind}"
        yield Problem(codes.COMBINATION, message, ("spec", "externalTrafficPolicy"))
    elif policy:
        yield from fields.choice(policy, ("Cluster", "Local"), ("spec", "externalTrafficPolicy"))
    if check_port and (kind, policy) != ("LoadBalancer", "Local"):
        message = "healthCheckNodePort needs type LoadBalancer and externalTrafficPolicy Local"
        yield Problem(codes.COMBINATION, message, ("spec", "healthCheckNodePort"))
    elif check_port:
        yield from fields.port(check_port, ("spec", "healthCheckNodePort"))
        yield from _node_port(check_port, ("spec", "healthCheckNodePort"))


def _balancer(spec: Data, kind: str) -> Problems:
    for key in ("allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"):
        if spec.get(key) not in (None, []) and kind != "LoadBalancer":
            yield Problem(codes.COMBINATION, f"{key} needs type LoadBalancer", ("spec", key))
    if kind == "LoadBalancer" and spec.get("loadBalancerClass") is not None:
        yield from QUALIFIED(spec["loadBalancerClass"], ("spec", "loadBalancerClass"))
    for index, block in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        yield from fields.network(block.strip(), ("spec", "loadBalancerSourceRanges", index))


def _annotations(annotations: dict[str, Any], spec: Data, kind: str) -> Problems:
    mode, hints = (annotations.get(key) for key in _MODES)
    if mode is not None and hints is not None and mode != hints:
        message = f"{_MODES[0]} and {_MODES[1]} must be the same when both are there"
        yield Problem(codes.COMBINATION, message, ("metadata", "annotations", _MODES[0]))
    ranges = annotations.get(_RANGES)
    if ranges is None or spec.get("loadBalancerSourceRanges"):
        return
    path = ("metadata", "annotations", _RANGES)
    if kind != "LoadBalancer":
        yield Problem(codes.COMBINATION, f"{_RANGES} needs type LoadBalancer", path)
    for block in ranges.split(",") if ranges.strip() else ():
        yield from fields.network(block.strip(), path)


RULES = (ObjectRule(_service, ("Service",)),)
