"""Gateways: the rules in CEL of their definition, and the keys of its lists.

Source: gateway-api 1.4, config/crd/standard (`x-kubernetes-validations`, `x-kubernetes-list-map-keys`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.model import Data, ObjectRule, Problem, Problems

_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_KEY: Final = regex(rf"(?:{_LABEL}(?:\.{_LABEL})*/)?(?:[A-Za-z0-9][-A-Za-z0-9_.]{{0,61}})?[A-Za-z0-9]")
_HOST: Final = regex(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")


def _listeners(listeners: Sequence[Data]) -> Problems:
    path = ("spec", "listeners")
    yield from fields.unique(listeners, "name", path)
    seen: set[tuple[Any, ...]] = set()
    for index, listener in enumerate(listeners):
        here, protocol = (*path, index), listener.get("protocol")
        tls, host = listener.get("tls"), listener.get("hostname")
        place = (listener.get("port"), protocol, host)
        if place in seen:
            yield Problem(codes.DUPLICATE, "two listeners have one port, protocol and hostname", here)
        seen.add(place)
        if tls is not None and protocol in ("HTTP", "TCP", "UDP"):
            yield Problem(codes.COMBINATION, f"tls does not go with protocol {protocol}", (*here, "tls"))
        if tls is not None and protocol == "HTTPS" and tls.get("mode", "Terminate") not in ("", "Terminate"):
            yield Problem(codes.COMBINATION, "protocol HTTPS needs mode Terminate", (*here, "tls", "mode"))
        if host and protocol in ("TCP", "UDP"):
            yield Problem(codes.COMBINATION, f"hostname does not go with protocol {protocol}", (*here, "hostname"))
        terms = {"mode": "Passthrough"} if tls is None else {"mode": "Terminate", **tls}
        if terms["mode"] == "Terminate" and not terms.get("certificateRefs") and not terms.get("options"):
            yield Problem(codes.EMPTY, "mode Terminate needs certificateRefs or options", (*here, "tls"))


def _gateway(data: Data) -> Problems:
    spec = data.get("spec") or {}
    yield from _listeners(spec.get("listeners") or ())
    addresses = [{"type": each.get("type", "IPAddress"), **each} for each in spec.get("addresses") or ()]
    path: Path = ("spec", "addresses")
    for kind in ("IPAddress", "Hostname"):
        yield from fields.unique(
            [each for each in addresses if each["type"] == kind and each.get("value")], "value", path
        )
    for index, each in enumerate(addresses):
        if each["type"] == "IPAddress":
            yield from fields.address(each.get("value"), (*path, index, "value"))
        host = each.get("value")
        if each["type"] == "Hostname" and host is not None and not _HOST.fullmatch(host):
            yield Problem(codes.HOST, f'hostname "{host}" is no DNS name', (*path, index, "value"))
    for key, values in _infrastructure(spec.get("infrastructure") or {}):
        for name in values:
            if not _KEY.fullmatch(name) or len(name.partition("/")[0]) >= 253:
                yield Problem(
                    codes.LABEL, f'"{name}" cannot be the key of a label', ("spec", "infrastructure", key, name)
                )


def _infrastructure(data: Data) -> Iterator[tuple[str, Data]]:
    for key in ("labels", "annotations"):
        yield key, data.get(key) or {}


RULES = (ObjectRule(_gateway, ("gateway.networking.k8s.io/Gateway",)),)
