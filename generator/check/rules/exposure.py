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
            if expose.via not in ("ingress", "gateway"):
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


_HINTS = {
    "tls": "remove it: the certificate is at the Gateway's listener, which `gateway: {name, listener}` may choose",
    "class": "remove it: which program answers is decided by the class of the Gateway",
    "gateway": "say `via: gateway`, or remove it",
}


def keys_of_another_way(subject: Subject) -> Iterator[Finding]:
    """Keys that mean something only for another way in."""
    for service in subject.system.services.values():
        for expose in service.spec.expose:
            idle = ("tls", "class") if expose.via == "gateway" else ("gateway",)
            for key in idle:
                if expose.has(key):
                    message = f"`{key}` has no meaning with `via: {expose.via}`"
                    owner = ("services", service.name)
                    yield Finding(codes.EXPOSED_BOTH_WAYS, message, expose.key_span(key), _HINTS[key], (), owner)


RULES: tuple[Rule, ...] = (addresses_claimed_twice, keys_of_another_way)
