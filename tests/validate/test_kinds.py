"""The API server's rules for kinds beside workloads: each finds what it is for, and takes what is right.

A real API server judges the same cases in tests/cluster.
"""

from typing import Any

import pytest

from generator.validate.model import Layer
from tests.validate.objects import GONE, changed, found

OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "1"}
SERVICE, HEADLESS, OUTSIDE, BALANCED = "Service/web", "Service/headless", "Service/outside", "Service/balanced"
CLASS, SLICE, FQDN, ENDPOINTS = "IngressClass/nginx", "EndpointSlice/web-1", "EndpointSlice/outside-1", "Endpoints/web"
INGRESS_PATH = "spec.rules[0].http.paths"
RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"

# Object, place, value there, code.
# fmt: off
METADATA: list[tuple[str, str, Any, str]] = [
    ("Namespace/shop-new", "metadata.name", "a.b", "FH3101"),
    ("IPAddress/192.0.2.7", "metadata.name", "192.0.2.07", "FH3101"),
    ("IPAddress/2001:db8::7", "metadata.name", "2001:DB8::7", "FH3101"),
    ("Role/reader:web", "metadata.name", "a%b", "FH3101"),
    ("Pod/None", "metadata.generateName", "Web-", "FH3101"),
    ("ConfigMap/settings", "metadata.finalizers", ["keep"], "FH3101"),
    ("ConfigMap/settings", "metadata.finalizers", ["a b/c"], "FH3101"),
    ("ConfigMap/settings", "metadata.finalizers", ["orphan", "foregroundDeletion"], "FH3116"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"uid": ""}], "FH3113"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"apiVersion": "a/b/c"}], "FH3113"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"apiVersion": "v1", "kind": "Event"}], "FH3105"),
    ("ConfigMap/settings", "metadata.ownerReferences", [OWNER | {"controller": True}] * 2, "FH3108"),
]
NETWORK: list[tuple[str, str, Any, str]] = [
    (SERVICE, "spec.type", "Clusterip", "FH3105"),
    (SERVICE, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 86401, "FH3107"),
    (SERVICE, "spec.internalTrafficPolicy", "", "FH3105"),
    (SERVICE, "spec.trafficDistribution", "PreferFar", "FH3105"),
    (SERVICE, "spec.externalIPs", ["127.0.0.1"], "FH3201"),
    (SERVICE, "spec.externalIPs", ["10.0.0"], "FH3201"),
    (SERVICE, "spec.ipFamilies", ["IPv4", "IPv4"], "FH3106"),
    (SERVICE, "spec.ipFamilies", ["IPv5"], "FH3105"),
    (SERVICE, "spec.ipFamilyPolicy", "Dual", "FH3105"),
    (SERVICE, "spec.clusterIP", "::1::", "FH3201"),
    (SERVICE, "spec.clusterIPs", ["10.96.7.7"], "FH3116"),
    (SERVICE, "spec.clusterIP", "2001:db8::1", "FH3116"),
    (SERVICE, "spec.ports[0].appProtocol", "a b", "FH3101"),
    (SERVICE, "spec.ports[1].name", "http", "FH3106"),
    (SERVICE, "spec.ports[0].nodePort", 30001, "FH3116"),
    (SERVICE, "spec.allocateLoadBalancerNodePorts", True, "FH3116"),
    (SERVICE, "spec.loadBalancerClass", "a/b", "FH3116"),
    (SERVICE, "spec.healthCheckNodePort", 31000, "FH3116"),
    (SERVICE, "metadata.annotations", {RANGES: "10.0.0.0/8"}, "FH3116"),
    (HEADLESS, "spec.type", "NodePort", "FH3116"),
    (HEADLESS, "spec.clusterIPs", ["None", "None"], "FH3116"),
    (OUTSIDE, "spec.externalName", "a_b", "FH3202"),
    (OUTSIDE, "spec.ipFamilies", ["IPv4"], "FH3116"),
    (BALANCED, "spec.loadBalancerClass", "a b", "FH3101"),
    (BALANCED, "spec.loadBalancerSourceRanges", ["10.0.0.0"], "FH3201"),
    (BALANCED, "spec.healthCheckNodePort", 70000, "FH3104"),
    ("Service/node-port", "spec.externalTrafficPolicy", "local", "FH3105"),
    ("Ingress/web", "metadata.annotations", {"kubernetes.io/ingress.class": "other"}, "FH3116"),
    ("Ingress/web", "spec.ingressClassName", "", "FH3101"),
    ("Ingress/web", "spec.rules[0].host", "10.0.0.1", "FH3202"),
    ("Ingress/web", f"{INGRESS_PATH}[2].backend.resource.apiGroup", "A", "FH3101"),
    ("Ingress/web", f"{INGRESS_PATH}[2].backend.resource.kind", "", "FH3113"),
    ("Ingress/web", f"{INGRESS_PATH}[0].pathType", "", "FH3105"),
    ("NetworkPolicy/web", "spec.podSelector.matchExpressions[0].values", ["a b"], "FH3102"),
    ("NetworkPolicy/web", "spec.egress[0].ports[0].endPort", 70000, "FH3104"),
    ("NetworkPolicy/web", "spec.egress[0].to[0].ipBlock.cidr", "10.0.0.0/255.0.0.0", "FH3201"),
    (CLASS, "spec.controller", "controller", "FH3101"),
    (CLASS, "spec.controller", "a.b/" + "c" * 250, "FH3118"),
    (CLASS, "spec.controller", "a.b/c d", "FH3101"),
    (CLASS, "spec.parameters.scope", "Everywhere", "FH3105"),
    (CLASS, "spec.parameters.scope", "Cluster", "FH3116"),
    (CLASS, "spec.parameters.namespace", GONE, "FH3113"),
    ("IPAddress/192.0.2.7", "spec", {}, "FH3113"),
    ("IPAddress/192.0.2.7", "spec.parentRef.resource", "a/b", "FH3101"),
    ("ServiceCIDR/more", "spec.cidrs", [], "FH3113"),
    ("ServiceCIDR/more", "spec.cidrs", ["10.0.0.1/8"], "FH3201"),
    ("ServiceCIDR/more", "spec.cidrs", ["10.0.0.0/8", "11.0.0.0/8"], "FH3116"),
    (SLICE, "addressType", "IPv5", "FH3105"),
    (SLICE, "endpoints[0].addresses", [], "FH3113"),
    (SLICE, "endpoints[0].addresses", ["2001:db8::1"], "FH3201"),
    (SLICE, "endpoints[0].addresses", ["169.254.0.1"], "FH3201"),
    (SLICE, "endpoints[0].addresses", ["10.0.0.1"] * 101, "FH3118"),
    (SLICE, "endpoints[0].hostname", "", "FH3101"),
    (SLICE, "endpoints[0].hints.forZones", [{"name": "a"}] * 2, "FH3106"),
    (SLICE, "ports", [{}, {}], "FH3106"),
    (SLICE, "ports[0].protocol", "", "FH3105"),
    (FQDN, "endpoints[0].addresses", ["example"], "FH3202"),
    ("EndpointSlice/six-1", "endpoints[0].addresses", ["2001:DB8::1"], "FH3201"),
    (ENDPOINTS, "subsets[0].addresses[0].ip", "0.0.0.0", "FH3201"),
    (ENDPOINTS, "subsets[0].ports[0].name", "", "FH3113"),
    (ENDPOINTS, "subsets[1].addresses", [], "FH3113"),
]
RIGHT: list[tuple[str, str, Any]] = [
    ("LimitRange/limits", "metadata", {}),
    ("CertificateSigningRequest/jane", "metadata.name", "system:node:a"),
    ("Lease/leader", "metadata.finalizers", ["keep"]),
    ("Pod/None", "metadata.generateName", "web-"),
    ("Namespace/shop-new", "metadata.namespace", "A"),
    (SERVICE, "spec.sessionAffinity", "None"),
    (SERVICE, "spec.ports[0].targetPort", 0),
    (OUTSIDE, "spec.externalName", "db.example.com."),
    (BALANCED, "spec.loadBalancerSourceRanges", [" 10.0.0.0/8"]),
    ("NetworkPolicy/web", "spec.egress[0].to[0].ipBlock", {"cidr": "010.0.0.1/8"}),
    (SLICE, "ports[0].port", 0),
    (FQDN, "endpoints[0].addresses", ["db.example.com."]),
]
# fmt: on
WRONG = METADATA + NETWORK


@pytest.mark.parametrize(("kind", "path", "value", "code"), WRONG)
def test_each_rule(kind: str, path: str, value: Any, code: str) -> None:
    assert {found_code for found_code, _, _ in found(changed(kind, path, value), Layer.API)} == {code}


@pytest.mark.parametrize(("kind", "path", "value"), RIGHT)
def test_what_is_right(kind: str, path: str, value: Any) -> None:
    assert found(changed(kind, path, value), Layer.SCHEMA, Layer.API) == []
