"""Who calls whom: the declared communications of a service or task (language rules 3 and 6, rulings L22, X16)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generator.diagnostics import Diagnostics, Note, Span
from generator.records import dataclass
from generator.resolve import codes
from generator.resolve.model import Edge
from generator.spec.call import Step
from generator.spec.expression import Name, Text, names
from generator.spec.parts import Variable
from generator.spec.service import ContainerPort, Port
from generator.spec.service import Service as ServiceSpec
from generator.spec.service_inputs import OPEN, input_named
from generator.spec.shapes import Record
from generator.spec.suggestions import did_you_mean


def main_port(ports: Mapping[str, ContainerPort]) -> str:
    """The name of the port that is meant when none is said; empty when that is open (rulings C02)."""
    if len(ports) == 1:
        return next(iter(ports))
    return next((name for name in ("http", "https") if name in ports), "")


@dataclass(frozen=True)
class Directory:
    """The services that can be called, and where to report those that cannot."""

    services: Mapping[str, ServiceSpec]
    diagnostics: Diagnostics

    def ports(self, service: str) -> Mapping[str, Port]:
        """The ports of a service; none for an unknown one."""
        found = self.services.get(service)
        return found.ports if found else {}

    def known(self, service: str, span: Span) -> bool:
        """Whether there is such a service; reports it when not."""
        if service in self.services or service.startswith(OPEN):
            return True
        name, _ = input_named(service)
        if name:
            message = f"the workflow has no input `{name}` of type service"
            self.diagnostics.add(
                codes.UNKNOWN_SERVICE, message, span, hint=f"declare it: inputs: {{{name}: {{type: service}}}}"
            )
            return False
        guess = did_you_mean(service, self.services)
        add = "add it under `services:`" if self.services else "take it as an input of type service"
        hint = f"did you mean `{guess}`?" if guess else add
        self.diagnostics.add(codes.UNKNOWN_SERVICE, f"there is no service `{service}`", span, hint=hint)
        return False

    def port_of(self, service: str, port: str, span: Span) -> str | None:
        """The name of the port that is meant; None, after reporting it, when there is none, or for an open service."""
        if service.startswith(OPEN):
            return None
        found = self.services.get(service)
        if found and found.extends and not found.image:
            return None  # its template was not found: what it would bring is open
        if found and not found.ports and not port:  # one cause, however many need a port
            whole = found.node.span
            place = Span.at(whole.file, whole.start.line, whole.start.column)
            message, hint = f"service `{service}` has no ports", "add them: ports: {http: 8080}"
            notes = (Note("a port is needed here", span),)
            self.diagnostics.add(codes.NO_MAIN_PORT, message, place, hint=hint, notes=notes)
            return None
        return self.port_among(self.ports(service), f"service `{service}`", port, span)

    def port_among(self, ports: Mapping[str, ContainerPort], owner: str, port: str, span: Span) -> str | None:
        """The same of any container's ports; `owner` is the container in words."""
        listed = ", ".join(ports) or "none"
        if port:
            if port in ports:
                return port
            message = f"{owner} has no port `{port}`"
            self.diagnostics.add(codes.UNKNOWN_PORT, message, span, hint=f"its ports: {listed}")
            return None
        if main := main_port(ports):
            return main
        message = f"{owner} has several ports, say which" if ports else f"{owner} has no ports"
        self.diagnostics.add(codes.NO_MAIN_PORT, message, span, hint=f"its ports: {listed}")
        return None

    def of_calls(self, record: Record, calls: tuple[str, ...]) -> Iterator[Edge]:
        """The edges that the key `calls` declares."""
        for index, call in enumerate(calls):
            span = record.span("calls", index)
            if ":" in call and "${{" not in call:
                yield from self._outside(call, span)
                continue
            service, port = _split(call)
            if self.known(service, span):
                found = self.port_of(service, port, span)
                if found is not None:
                    yield Edge("calls", span, service=service, port=found)

    def _outside(self, call: str, span: Span) -> Iterator[Edge]:
        host, _, number = call.rpartition(":")
        if not host or "/" in host or not number.isascii() or not number.isdigit() or not 0 < int(number[:6]) < 65536:
            hint = "write host:port, as in db.example.com:5432"
            self.diagnostics.add(codes.BAD_ADDRESS, f'"{call[:80]}" is not an address', span, hint=hint)
            return
        yield Edge("calls", span, host=host.strip("[]"), number=int(number))

    def of_names(self, record: Record, key: str, wanted: tuple[str, ...]) -> Iterator[Edge]:
        """The edges that a list of services declares: to the main port, else to the one with the lowest number."""
        for index, service in enumerate(wanted):
            span = record.span(key, index)
            name, port = _split(service)
            if not self.known(name, span):
                continue
            ports = self.ports(name)
            if port or not ports:
                found = self.port_of(name, port, span)
            else:
                found = self._waiting_port(name, span) if key == "depends_on" else _lowest(ports)
            if found is not None:
                yield Edge(key, span, service=name, port=found)

    def _waiting_port(self, service: str, span: Span) -> str | None:
        """The port whose connections tell that a service is ready: only TCP has connections."""
        spoken = {name: port for name, port in self.ports(service).items() if port.protocol == "TCP"}
        if spoken:
            return _lowest(spoken)
        message = f"service `{service}` has no TCP port, so nothing tells when it is ready"
        self.diagnostics.add(codes.NO_MAIN_PORT, message, span, hint="give it a TCP port, or remove it here")
        return None

    def of_texts(self, texts: Iterable[Text]) -> Iterator[Edge]:
        """The edges that expressions such as services.inventory.url declare; unknown names are reported elsewhere."""
        found: dict[str, list[Name]] = {}
        for text in texts:
            for expression in text.expressions:
                for name in names(expression):
                    if name.root == "services" and len(name.parts) > 1 and name.parts[1] in self.services:
                        found.setdefault(name.parts[1], []).append(name)
        for service, uses in found.items():
            yield from self._used(service, uses)

    def _used(self, service: str, uses: list[Name]) -> Iterator[Edge]:
        ports = self.ports(service)
        named = {use.parts[3]: use.span for use in uses if len(use.parts) > 3 and use.parts[2] == "ports"}
        main = main_port(ports)
        if main and any(len(use.parts) > 2 and use.parts[2] == "url" for use in uses):
            named.setdefault(main, uses[0].span)
        if not named:
            named = dict.fromkeys([main] if main else ports, uses[0].span)
        for port, span in named.items():
            if port in ports:
                yield Edge("env", span, service=service, port=port)

    def of_steps(self, steps: tuple[Step, ...]) -> Iterator[Edge]:
        """The edges of a call task's requests."""
        for step in steps:
            if step.service and self.known(step.service, step.span("service")):
                port = self.port_of(step.service, step.port, step.span("port" if step.port else "service"))
                if port is not None:
                    yield Edge("call", step.span("service"), service=step.service, port=port)


def _split(called: str) -> tuple[str, str]:
    """Service and port of `service.port`; an input that was not filled in stays whole."""
    if "${{" in called:
        return called, ""
    service, _, port = called.partition(".")
    return service, port


def _lowest(ports: Mapping[str, Port]) -> str:
    """The main port, else the one with the lowest number."""
    return main_port(ports) or min(ports, key=lambda each: (ports[each].port, each))


def dynamic_texts(env: Mapping[str, Variable], *words: tuple[Text, ...]) -> Iterator[Text]:
    """The texts of variables, commands and arguments that may hold expressions."""
    yield from (value for value in env.values() if isinstance(value, Text))
    for each in words:
        yield from each


def distinct(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The edges without those that go where an earlier one goes."""
    found: dict[tuple[str, str, str, int], Edge] = {}
    for edge in edges:
        found.setdefault(edge.target, edge)
    return tuple(found.values())
