"""NetworkPolicy of a service: who may call it, and whom it may call."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import If, Kind, Tree, Value
from generator.lower import network, schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.resources.connection_test import is_tested, tester
from generator.lower.values import Path
from generator.spec.expose import Expose
from generator.spec.service import Port

_SECTION = "Network policies"
# Who stands between the outside and the pods: the key of its labels in the values, and whose they are.
_DOORS = {"ingress": ("ingressController", "The ingress controller's"), "gateway": ("gateway", "The Gateway's")}


def network_policies(context: Context, component: Component) -> Iterator[Template]:
    """The service's policy, from the edges that the spec declares; with rights, also to the Kubernetes API."""
    path = f"templates/{component.name}/networkpolicy.yaml"
    ingress = [*_callers(context, component), *_ways_in(context, component), *_scraper(context, component)]
    account = component.spec.account
    api = [network.api_server_rule(context)] if account and account.rules else []
    egress = [*api, *network.egress_rules(context, component.service.edges)]
    found = network.policy(context, component.name, path, component.service.span, ingress, egress)
    if found:
        yield found


def _callers(context: Context, component: Component) -> Iterator[Tree]:
    """For each port, the components that call it."""
    calls = {(caller.port, caller.component) for caller in network.callers_of(context, component.name)}
    if is_tested(context.system, component.service):
        calls.add((component.service.main_port, tester(component.name)))
    for name in sorted({port for port, _ in calls}):
        port = component.service.port(name)
        if port:
            peers: list[Tree] = [network.pods_of(context, caller) for called, caller in sorted(calls) if called == name]
            yield {"from": peers, "ports": _ports(port)}


def _ways_in(context: Context, component: Component) -> Iterator[Tree]:
    """From outside: through the ingress controller, or straight to the pods."""
    for way in _distinct(component.spec.expose):
        port = component.service.port(way.port)
        if port and way.via in _DOORS:
            key, whose = _DOORS[way.via]
            yield {"from": [_peer(context, key, whose)], "ports": _ports(port)}
        elif port:
            yield {"ports": _ports(port)}


def _distinct(ways: tuple[Expose, ...]) -> list[Expose]:
    found = {(_DOORS.get(way.via, ("", ""))[0], way.port): way for way in reversed(ways)}
    return [found[key] for key in sorted(found)]


def _scraper(context: Context, component: Component) -> Iterator[Tree]:
    """From Prometheus, to the port with the metrics."""
    metrics = component.spec.metrics
    port = component.service.port(metrics.port) if metrics else None
    if port:
        rule: Tree = {"from": [_peer(context, "prometheus", "Prometheus'")], "ports": _ports(port)}
        yield If(Value(("monitoring", "enabled"), Kind.BOOLEAN), [rule])


def _peer(context: Context, key: str, whose: str) -> Tree:
    """Pods that the chart does not know, by labels that its user may narrow down."""
    path: Path = ("networkPolicy", key)

    def selector(name: str, what: str) -> Value:
        doc = f"{whose} {what}, by its labels; {{}}: any."
        return context.values.leaf((*path, name), doc, schemas.SELECTOR, {}, _SECTION)

    return {
        "namespaceSelector": selector("namespaceSelector", "namespace"),
        "podSelector": selector("podSelector", "pods"),
    }


def _ports(port: Port) -> list[Tree]:
    return network.ports((port.container, port.protocol))
