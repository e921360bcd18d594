"""NetworkPolicies: nothing may talk, but DNS and what the spec declares.

Stage: lower. Input: the edges of services and tasks. Output: rules and policies. A pod is known by its component: a
service's name, a workflow's name (the runner, which makes the calls), `<workflow>-<task>` for a task with a pod of
its own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from generator.chart.model import Origin, Template
from generator.chart.nodes import Builtin, Dot, If, Kind, Range, Tree, Value
from generator.diagnostics import Span
from generator.lower import schemas
from generator.lower.context import Context
from generator.records import dataclass
from generator.regexes import regex
from generator.resolve.model import Edge, Task, Workflow

ENABLED = Value(("networkPolicy", "enabled"), Kind.BOOLEAN)
_PRIVATE_4 = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
_PRIVATE_6 = ["fc00::/7", "fe80::/10"]
# The name of a Service, as pods write it: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
_IN_CLUSTER = regex(r"[-a-z0-9]+(\.(?P<namespace>[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)\.svc(\.cluster\.local)?)?")

Rule = Mapping[str, Tree]


@dataclass(frozen=True)
class Caller:
    """A component that calls a port of a service."""

    component: str
    port: str
    span: Span


def task_component(workflow: Workflow, task: Task) -> str:
    """The component whose pods do a task's work: its own, or the runner's."""
    return f"{workflow.name}-{task.name}" if task.has_pod else workflow.name


def callers_of(context: Context, service: str) -> list[Caller]:
    """Who calls a service, by component and port, each once."""
    system = context.system
    of_services = ((name, edge) for name, each in system.services.items() for edge in each.edges)
    of_workflows = (
        (f"{name}-{task}" if task else name, edge)
        for workflow in system.startable.values()
        for name, task, edge in workflow.communications()
    )
    found = [
        Caller(component, edge.port, edge.span)
        for component, edge in (*of_services, *of_workflows)
        if edge.service == service
    ]
    unique = {(caller.component, caller.port): caller for caller in reversed(found)}
    return [unique[key] for key in sorted(unique)]


def pods_of(context: Context, component: str) -> Rule:
    """A component's pods, as a peer of a rule."""
    return {"podSelector": {"matchLabels": context.selector(component)}}


def ports(*numbers: tuple[int, str]) -> list[Tree]:
    """Ports of a rule, as (number, protocol)."""
    return [{"port": number, "protocol": protocol} for number, protocol in numbers]


def egress_rules(context: Context, edges: Iterable[Edge]) -> list[Tree]:
    """What a component may call."""
    unique = {edge.target: edge for edge in edges}
    return [rule for target in sorted(unique) for rule in _egress(context, unique[target])]


def _egress(context: Context, edge: Edge) -> list[Tree]:
    if edge.service:
        port = context.system.services[edge.service].port(edge.port)
        allowed: dict[str, Tree] = {"ports": ports((port.container, port.protocol))} if port else {}
        return [{"to": [pods_of(context, edge.service)]} | allowed]
    if edge.host in {each.key for each in context.system.spec.dependencies}:
        return [{"to": [_sub_chart(edge.host)], "ports": ports((edge.number, "TCP"))}]
    return [{"to": peers_outside(edge.host), "ports": ports((edge.number, "TCP"))}]


def _sub_chart(name: str) -> Rule:
    """The pods of a sub-chart, by the labels that Helm's own `helm create` gives them."""
    labels: dict[str, Tree] = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": Builtin("Release.Name")}
    return {"podSelector": {"matchLabels": labels}}


def peers_outside(host: str) -> list[Tree]:
    """What stands for a host that is no service of the spec.

    An address as it is. Policies know no names, so the name of a Service outside the chart (`db`, `db.data.svc`) stands
    for the pods of its namespace, and any other name for every public address.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return [{"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}]
    if found := _IN_CLUSTER.fullmatch(host):
        labels: Rule = {"matchLabels": {"kubernetes.io/metadata.name": found["namespace"]}}
        return [{"namespaceSelector": labels} if found["namespace"] else {"podSelector": {}}]
    return [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": _PRIVATE_4}},
        {"ipBlock": {"cidr": "::/0", "except": _PRIVATE_6}},
    ]


def api_server_rule(context: Context) -> Tree:
    """The way to the Kubernetes API, for pods that use it."""
    doc = "Addresses of the Kubernetes API server, for the pods that use it."
    schema = {"type": "array", "items": schemas.TEXT, "minItems": 1}
    section = "Network policies"
    cidrs = context.values.leaf(("networkPolicy", "apiServer", "cidrs"), doc, schema, ["0.0.0.0/0", "::/0"], section)
    numbers = context.values.leaf(
        ("networkPolicy", "apiServer", "ports"),
        "Ports of the Kubernetes API server, as pods reach it before and behind its Service.",
        {"type": "array", "items": schemas.integer(1, 65535), "minItems": 1},
        [443, 6443],
        section,
    )
    return {
        "to": [Range(cidrs, {"ipBlock": {"cidr": Dot(Kind.TEXT)}})],
        "ports": [Range(numbers, {"port": Dot(Kind.INTEGER), "protocol": "TCP"})],
    }


def _allowed(rules: list[Tree]) -> Tree:
    """The rules of a direction; a rule that is alone and not always there takes the key with it."""
    alone = rules[0] if len(rules) == 1 else None
    return If(alone.condition, alone.then) if isinstance(alone, If) else rules


def policy(
    context: Context, component: str, path: str, span: Span, ingress: Sequence[Tree] = (), egress: Sequence[Tree] = ()
) -> Template | None:
    """The policy of one component's pods, on top of the chart's own that allows DNS alone; None without any rule."""
    rules = {"ingress": list(ingress), "egress": list(egress)}
    directions = {"ingress": "Ingress", "egress": "Egress"}
    if not any(rules.values()):
        return None
    spec: dict[str, Tree] = {
        "podSelector": {"matchLabels": context.selector(component)},
        "policyTypes": [directions[name] for name, allowed in rules.items() if allowed],
        **{name: _allowed(allowed) for name, allowed in rules.items() if allowed},
    }
    tree: dict[str, Tree] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": context.metadata(component),
        "spec": spec,
    }
    return Template(path, tree, Origin(span), condition=ENABLED)
