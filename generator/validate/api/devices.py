"""Devices that pods share: DeviceClasses, ResourceClaims and their templates, ResourceSlices.

Source: kubernetes pkg/apis/resource/validation, pkg/apis/resource/v1/defaults.go, pkg/registry/resource (what is
dropped while a feature is off: taints and tolerations of devices, counters, capacity that is consumed).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube import names
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.expressions import DEVICE, expression
from generator.validate.api.metadata import meta
from generator.validate.api.placement import node_selector
from generator.validate.api.sources import driver
from generator.validate.api.tables import (
    DNS_LABEL,
    SUBDOMAIN,
    Field,
    at_most,
    checked,
    distinct,
    field,
    longest,
    named,
    need,
    one_of,
    unique,
    within,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

_GROUP: Final = "resource.k8s.io"
_ADMIN: Final = "resource.kubernetes.io/admin-access"
_MOST: Final = 32
_MOST_DEVICES: Final = 128
_LONGEST_TEXT: Final = 10 * 1024
_LONGEST_KEY: Final = 96
_LONGEST_ID: Final = 32
_IDENTIFIER: Final = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_PART: Final = rf"(?:{_NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION: Final = regex(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PART}(?:\.{_PART})*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_NODES: Final = ("nodeName", "nodeSelector", "allNodes")
_KINDS: Final = ("bool", "int", "string", "version")


def _parameters(value: Any, path: Path) -> Problems:
    if not isinstance(value, Mapping):
        yield Problem(codes.CHOICE, "parameters must be a mapping", path)
    elif len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()) > _LONGEST_TEXT:
        yield Problem(codes.TOO_LARGE, f"parameters hold more than {_LONGEST_TEXT} bytes", path)


def _has_parameters(value: Any, path: Path) -> Problems:
    if value.get("parameters") is None:  # an empty mapping will do
        yield Problem(codes.EMPTY, '"parameters" is missing', path)


def _identifier_mistake(text: str) -> str:
    if len(text) > _LONGEST_ID:
        return f"have at most {_LONGEST_ID} characters"
    return "" if _IDENTIFIER.fullmatch(text) else "begin with a letter or _, and hold only those and digits"


def _attribute_mistake(text: str) -> str:
    """For names of attributes and capacities: an identifier, or one behind a domain."""
    domain, slash, name = text.partition("/")
    if not slash:
        return _identifier_mistake(text)
    if "/" in name:
        return ""  # the API server looks at none of the parts
    if len(domain) > 63 or names.subdomain_mistake(domain.lower()):
        return "have a domain before the slash"
    return _identifier_mistake(name)


def _full_attribute_mistake(text: str) -> str:
    return _attribute_mistake(text) if "/" in text else "be a domain, a slash and a name"


_SELECTOR: Final = expression(DEVICE, "bool", "dyn")
_CONFIG: Final = (
    need("opaque"),
    need("opaque?.driver", driver),
    field("opaque", _has_parameters),
    field("opaque?.parameters", _parameters),
)
_ASKED: Final = (
    need("deviceClassName", SUBDOMAIN),
    field("selectors", at_most(_MOST)),
    need("selectors[].cel"),
    need("selectors[].cel?.expression", longest(_LONGEST_TEXT), _SELECTOR),
    field("allocationMode", one_of("ExactCount", "All", or_empty=True)),
)
_CLASS: Final = (*_ASKED[1:4], field("config", at_most(_MOST)))


def _below(rows: tuple[Field, ...], data: Data, key: str, path: Path) -> Problems:
    for index, item in enumerate(data.get(key) or ()):
        yield from checked(item, rows, (*path, key, index))


def _class(data: Data) -> Problems:
    spec = data.get("spec") or {}
    yield from checked(spec, _CLASS, ("spec",))
    yield from _below(_CONFIG, spec, "config", ("spec",))


_REQUESTS: Final = (
    field("requests", at_most(_MOST), unique("name")),
    field("requests[].name", DNS_LABEL),
    field("requests[].firstAvailable", at_most(8), unique("name")),
    field("requests[].firstAvailable[].name", DNS_LABEL),
    field("constraints", at_most(_MOST)),
    field("constraints[].requests", at_most(_MOST), distinct),
    field("constraints[].matchAttribute", named(_full_attribute_mistake)),
    need("constraints[].matchAttribute"),
    field("config", at_most(_MOST)),
    field("config[].requests", at_most(_MOST), distinct),
)


def _claim(spec: Data, path: Path) -> Problems:
    devices, here = spec.get("devices") or {}, (*path, "devices")
    yield from checked(devices, _REQUESTS, here)
    known: set[str] = set()
    for index, request in enumerate(devices.get("requests") or ()):
        where, several, name = (*here, "requests", index), request.get("firstAvailable") or (), request.get("name")
        ways = {"exactly": request.get("exactly"), "firstAvailable": several or None}
        yield from fields.exactly_one(ways, tuple(ways), where, "a request takes exactly or firstAvailable")
        if request.get("exactly") is not None and not several:
            yield from _asked(request["exactly"], (*where, "exactly"))
        for number, each in enumerate(several):
            yield from _asked(each, (*where, "firstAvailable", number))
        known |= {str(name), *(f"{name}/{each.get('name')}" for each in several)}
    for key in ("constraints", "config"):
        for index, item in enumerate(devices.get(key) or ()):
            for number, name in enumerate(item.get("requests") or ()):
                if name not in known:
                    where = (*here, key, index, "requests", number)
                    yield Problem(codes.CHOICE, f'"{name}" is none of the requests', where)
    yield from _below(_CONFIG, devices, "config", here)


def _asked(request: Data, path: Path) -> Problems:
    yield from checked(request, _ASKED, path)
    if request.get("adminAccess"):
        message = f'adminAccess is for namespaces that have the label {_ADMIN}: "true"'
        yield Problem(codes.COMBINATION, message, (*path, "adminAccess"), severity=Severity.WARNING)
    count = request.get("count") or 0
    if request.get("allocationMode") == "All" and count:
        yield Problem(codes.COMBINATION, "count does not go with allocationMode All", (*path, "count"))
    elif count < 0:
        yield Problem(codes.RANGE, f"count {count} must be at least 1", (*path, "count"))


def _resource_claim(data: Data) -> Problems:
    yield from _claim(data.get("spec") or {}, ("spec",))


def _template(data: Data) -> Problems:
    spec = data.get("spec") or {}
    metadata, path = spec.get("metadata") or {}, ("spec", "metadata")
    yield from meta(metadata, path)
    for key, value in metadata.items():
        if key not in ("labels", "annotations") and value not in ("", [], {}, 0):
            message = f"the metadata of a template takes labels and annotations, but no {key}"
            yield Problem(codes.COMBINATION, message, (*path, key))
    yield from _claim(spec.get("spec") or {}, ("spec", "spec"))


def _pool_mistake(text: str) -> str:
    if len(text) > 253:
        return "have at most 253 characters"
    return next((mistake for part in text.split("/") if (mistake := names.subdomain_mistake(part))), "")


def _version(value: Any, path: Path) -> Problems:
    if not _VERSION.fullmatch(value):
        yield Problem(codes.CHOICE, f'version "{value}" must be a semantic version, as 1.2.3', path)


_SLICE: Final = (
    need("driver", driver),
    need("pool.name", named(_pool_mistake)),
    field("pool.resourceSliceCount", within(1)),
    field("pool.generation", within(0)),
    field("nodeName", SUBDOMAIN),
    field("nodeSelector", node_selector),
    field("devices", at_most(_MOST_DEVICES), unique("name")),
    field("devices[].name", DNS_LABEL),
    field("devices[].attributes{}.string", longest(64)),
    field("devices[].attributes{}.version", longest(64), _version),
)


def _slice(data: Data) -> Problems:
    spec, path = data.get("spec") or {}, ("spec",)
    yield from checked(spec, _SLICE, path)
    if spec.get("allNodes") is False:
        yield Problem(codes.CHOICE, "allNodes is true, or left out", (*path, "allNodes"))
    nodes = {key: spec.get(key) or None if key != "nodeSelector" else spec.get(key) for key in _NODES}
    yield from fields.exactly_one(nodes, _NODES, path, f"a slice takes one of {', '.join(_NODES)}")
    terms = (spec.get("nodeSelector") or {}).get("nodeSelectorTerms") or ()
    if len(terms) > 1:
        yield Problem(codes.COMBINATION, "the nodeSelector of a slice has one term", (*path, "nodeSelector"))
    for index, device in enumerate(spec.get("devices") or ()):
        yield from _device(device, (*path, "devices", index))


def _device(device: Data, path: Path) -> Problems:
    attributes, capacity = device.get("attributes") or {}, device.get("capacity") or {}
    if len(attributes) + len(capacity) > _MOST:
        message = f"a device has at most {_MOST} attributes and capacities together"
        yield Problem(codes.TOO_MANY, message, path)
    for key, values in (("attributes", attributes), ("capacity", capacity)):
        for name in values:
            wrong = _attribute_mistake(name) or ("be shorter" if len(name) > _LONGEST_KEY else "")
            if wrong:
                yield Problem(codes.NAME, f'the name "{name}" must {wrong}', (*path, key, name))
    for name, value in attributes.items():
        where = (*path, "attributes", name)
        yield from fields.exactly_one(value or {}, _KINDS, where, f"an attribute takes one of {', '.join(_KINDS)}")


RULES = (
    ObjectRule(_class, (f"{_GROUP}/DeviceClass",)),
    ObjectRule(_resource_claim, (f"{_GROUP}/ResourceClaim",)),
    ObjectRule(_template, (f"{_GROUP}/ResourceClaimTemplate",)),
    ObjectRule(_slice, (f"{_GROUP}/ResourceSlice",)),
)
