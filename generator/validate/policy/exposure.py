"""What can be reached from outside: Services, Ingresses, network policies."""

from __future__ import annotations

from typing import Final

from generator.kube.workloads import value_at
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import exposure_codes as codes

_SNIPPETS: Final = ("-snippet", "-snippets")


def services(data: Data) -> Problems:
    """A Service is reached from within the cluster, or from where it says."""
    spec = data.get("spec") or {}
    kind = spec.get("type")
    if kind == "LoadBalancer" and not spec.get("loadBalancerSourceRanges"):
        message = "the load balancer takes connections from everywhere"
        yield Problem(codes.LOAD_BALANCER, message, ("spec", "type"), "write loadBalancerSourceRanges")
    if kind == "NodePort":
        yield Problem(codes.NODE_PORT, "the Service takes a port of every node", ("spec", "type"))
    if spec.get("externalIPs"):
        yield Problem(codes.EXTERNAL_IPS, "the Service takes what is sent to these addresses", ("spec", "externalIPs"))


def ingresses(data: Data) -> Problems:
    """An Ingress has TLS and a host, and leaves the controller's configuration alone."""
    spec = data.get("spec") or {}
    rules = spec.get("rules") or ()
    if (rules or spec.get("defaultBackend")) and not spec.get("tls"):
        yield Problem(codes.NO_TLS, "the Ingress has no TLS", ("spec",), "write tls, with a Secret of the certificate")
    for index, rule in enumerate(rules):
        if not rule.get("host"):
            yield Problem(codes.EVERY_HOST, "the rule names no host, so it answers for all", ("spec", "rules", index))
    for key in value_at(data, ("metadata", "annotations")) or ():
        if "nginx" in key and key.endswith(_SNIPPETS):
            message = f"{key.rpartition('/')[2]} writes into the controller's configuration"
            yield Problem(codes.SNIPPET, message, ("metadata", "annotations", key))


def network_policies(data: Data) -> Problems:
    """A rule of a NetworkPolicy says who."""
    for key, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(value_at(data, ("spec", key)) or ()):
            if not rule.get(peers) and not rule.get("ports"):
                yield Problem(codes.ALLOWS_ALL, f"the rule allows all {key}", ("spec", key, index))


RULES: Final = (
    ObjectRule(services, ("Service",)),
    ObjectRule(ingresses, ("networking.k8s.io/Ingress",)),
    ObjectRule(network_policies, ("networking.k8s.io/NetworkPolicy",)),
)
