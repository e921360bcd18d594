"""How services are reached from outside (rulings L21)."""

from __future__ import annotations

from collections.abc import Iterator

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Note, Span


def addresses_claimed_twice(subject: Subject) -> Iterator[Finding]:
    """One host and path for two services, or twice for one."""
    first: dict[tuple[str, str], tuple[str, Span]] = {}
    for service in subject.system.services.values():
        for expose in service.spec.expose:
            if expose.via != "ingress":
                continue
            address = (expose.host, expose.path.rstrip("/") or "/")
            span = expose.span("path" if expose.has("path") else "host")
            if address in first:
                other, where = first[address]
                message = f"{expose.host}{expose.path} is exposed twice"
                notes = (Note(f"service `{other}` claims it here", where),)
                hint = "give one of them another host or path"
                yield Finding(codes.EXPOSED_TWICE, message, span, hint, notes, ("services", service.name))
            first.setdefault(address, (service.name, span))


RULES: tuple[Rule, ...] = (addresses_claimed_twice,)
