"""Communications: calls that nobody declared, and services that wait for each other (chart.md, rulings S14, L22)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Note, Span
from generator.graph import Graph, cycle_edges
from generator.records import dataclass
from generator.regexes import regex
from generator.resolve.model import Edge, Service
from generator.spec.expression import Text
from generator.spec.parts import Variable
from generator.spec.shapes import Record

_URL_HOST = regex(r"://(?:[^\s/@]{1,256}@)?([a-z0-9][-a-z0-9.]{0,252})")
_HOST_AND_PORT = regex(r"([a-z0-9][-a-z0-9.]{0,252}):[0-9]{1,5}(?:/.*)?", re.DOTALL)


@dataclass(frozen=True)
class _Variables:
    """The environment of one container: its variables, the record they stand in, the edges of its owner."""

    env: Mapping[str, Variable]
    record: Record
    edges: tuple[Edge, ...]
    owner: tuple[str, ...]
    service: str = ""


def _all_variables(subject: Subject) -> Iterator[_Variables]:
    for service in subject.system.services.values():
        for container in service.spec.containers:
            yield _Variables(container.env, container, service.edges, ("services", service.name), service.name)
    for workflow in subject.system.workflows.values():
        for task in workflow.all_tasks():
            yield _Variables(task.spec.env, task.spec, task.edges, ("workflows", workflow.name, task.name))


def calls_not_declared(subject: Subject) -> Iterator[Finding]:
    """Variables that hold the address of a service that their owner does not say it calls."""
    services = subject.system.services
    by_host = {each.spec.hostname: each for each in services.values() if each.spec.hostname}
    for variables in _all_variables(subject):
        declared = {edge.service for edge in variables.edges}
        for name, variable in variables.env.items():
            if not isinstance(variable, Text):
                continue
            for host, is_address in _hosts(variable):
                target = by_host.get(host) or (services.get(host) if is_address else None)
                if target is None or target.name in declared or target.name == variables.service:
                    continue
                yield _finding(name, host, target, variables)
                break


def _finding(name: str, host: str, target: Service, variables: _Variables) -> Finding:
    span = variables.record.span("env", name)
    if target.spec.hostname == host:
        message = f"`{name}` holds the address of service `{target.name}`, but the call is not declared"
        hint = f"add {target.name} to `calls`"
        return Finding(codes.UNDECLARED_CALL, message, span, hint, (), variables.owner)
    message = f"`{name}` calls `{host}`, but the Service of `{target.name}` gets another name in each release"
    address = "url" if target.main_port else "host"
    hint = f"write ${{{{ services.{target.name}.{address} }}}}, or give it `hostname: {host}`"
    return Finding(codes.NO_SUCH_HOST, message, span, hint, (), variables.owner)


def _hosts(text: Text) -> Iterator[tuple[str, bool]]:
    """The hosts that a text may name, and whether it clearly is an address: a URL, or host:port."""
    for part in text.parts:
        if isinstance(part, str):
            yield from ((_short(host), True) for host in _URL_HOST.findall(part))
    constant = text.constant or ""
    if match := _HOST_AND_PORT.fullmatch(constant):
        yield _short(match[1]), True
    elif constant:
        yield constant, False


def _short(host: str) -> str:
    """`web.shop.svc.cluster.local` → `web`: a Service's name, however much of its domain is written."""
    name, _, domain = host.partition(".")
    return name if not domain or "svc" in domain.split(".") else host


def services_that_wait_for_each_other(subject: Subject) -> Iterator[Finding]:
    """Cycles of `depends_on`."""
    spans: dict[tuple[str, str], Span] = {}
    for service in subject.system.services.values():
        for index, name in enumerate(service.spec.depends_on):
            spans.setdefault((service.name, name.partition(".")[0]), service.spec.span("depends_on", index))
    graph = Graph({name: tuple(_targets(name, spans)) for name in subject.system.services})
    for cycle in graph.cycles():
        edges = cycle_edges(cycle)
        notes = tuple(Note(f"{node} waits for {need} here", spans[node, need]) for node, need in edges[1:])
        message = f"services wait for each other: {' → '.join((*cycle, cycle[0]))}"
        hint = "remove one of these, or say `calls` instead"
        yield Finding(codes.WAITING_CYCLE, message, spans[edges[0]], hint, notes, ("services", cycle[0]))


def _targets(name: str, spans: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (need for node, need in spans if node == name)


RULES: tuple[Rule, ...] = (calls_not_declared, services_that_wait_for_each_other)
