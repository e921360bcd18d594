"""Namespaces, Nodes, Events, CertificateSigningRequests, APIServices.

Source: kubernetes pkg/apis/core/validation (ValidateNamespace, ValidateNode, events.go, ValidateSignerName),
pkg/apis/certificates/validation; k8s.io/pod-security-admission;
k8s.io/kube-aggregator pkg/apis/apiregistration/validation.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

from generator.kube import addresses, names
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.metadata import finalizer
from generator.validate.api.placement import EFFECTS
from generator.validate.api.tables import (
    at_most,
    checked,
    distinct,
    field,
    longest,
    named,
    need,
    one_of,
    table,
    unique,
    within,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

_SHORT: Final = 128
_PEM: Final = regex(rb"-----BEGIN ([A-Z ]+)-----\r?\n(.*?)\r?\n?-----END \1-----", re.DOTALL)
_POD_SECURITY: Final = "pod-security.kubernetes.io"
_VERSION: Final = regex(r"latest|v1\.(?:0|[1-9][0-9]*)")
_REQUESTS: Final = (b"CERTIFICATE REQUEST",)
_USAGES: Final = (
    "signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment",
    "cert sign", "crl sign", "encipher only", "decipher only", "any", "server auth", "client auth", "code signing",
    "email protection", "s/mime", "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing",
    "microsoft sgc", "netscape sgc",
)  # fmt: skip
_LEGACY_SIGNER: Final = "kubernetes.io/legacy-unknown"

_NODE: Final = table(
    field("spec.taints", unique("effect", "key")),
    field("spec.taints[].key", named(names.label_key_mistake, codes.LABEL)),
    field("spec.taints[].value", named(names.label_value_mistake, codes.LABEL)),
    field("spec.taints[].effect", one_of(*EFFECTS)),
)


def _pod_ranges(data: Data) -> Problems:
    """The ranges of a node's pods. A podCIDR that is not the first of podCIDRs takes the place of them all."""
    spec = data.get("spec") or {}
    single, several = spec.get("podCIDR"), spec.get("podCIDRs") or ()
    if single and (not several or several[0] != single):
        yield from fields.network(single, ("spec", "podCIDR"))
        return
    path = ("spec", "podCIDRs")
    yield from at_most(2)(several, path)
    for index, block in enumerate(several):
        yield from fields.network(block, (*path, index))
    versions = [known.version for block in several if (known := addresses.network(block))]
    if len(versions) == 2 and versions[0] == versions[1]:
        yield Problem(codes.COMBINATION, "podCIDRs takes one range of each address family", path)


def _event(data: Data) -> Problems:
    is_new = data.get("apiVersion") == "events.k8s.io/v1"
    about = "regarding" if is_new else "involvedObject"
    namespace = (data.get("metadata") or {}).get("namespace")
    target = (data.get(about) or {}).get("namespace") or ""
    has_time = data.get("eventTime") is not None
    free = ("default", "kube-system") if has_time else ("default",)
    is_right = namespace is None or (namespace in free if not target else has_time or target == namespace)
    if not is_right:
        message = f"the namespace of {about} must be that of the Event"
        yield Problem(codes.COMBINATION, message, (about, "namespace") if target else (about,))
    if has_time:
        yield from checked(data, _timed(is_new), ())
    if is_new:
        yield from checked(data, _NEW_EVENT, ())


def _timed(is_new: bool) -> tuple[Any, ...]:
    return (
        need("reportingController" if is_new else "reportingComponent", named(names.label_key_mistake)),
        need("reportingInstance", longest(_SHORT)),
        need("action", longest(_SHORT)),
        need("reason", longest(_SHORT)),
        field("note" if is_new else "message", longest(1024)),
    )


def _unset(value: Any, path: Path) -> Problems:
    if value not in ("", 0, {}):
        yield Problem(codes.COMBINATION, f"{path[-1]} is for Events of the old kind", path)


_NEW_EVENT: Final = (
    need("eventTime"),
    need("type", one_of("Normal", "Warning")),
    need("series?.count", within(2)),
    need("series?.lastObservedTime"),
    field("deprecatedFirstTimestamp", _unset),
    field("deprecatedLastTimestamp", _unset),
    field("deprecatedCount", _unset),
    field("deprecatedSource", _unset),
)


def _signer_mistake(text: str) -> str:
    domain, _, name = text.partition("/")
    if text.count("/") != 1:
        return "be a domain, a slash and a name"
    if text == _LEGACY_SIGNER:
        return "be another: this one is of an API version that is gone"
    parts = domain.split(".")
    wrong = next((mistake for part in parts if (mistake := names.dns_label_mistake(part))), "")
    if wrong or len(parts) < 2 or len(domain) > 253:
        return f"have a domain before the slash ({wrong or 'of at least two parts'})"
    wrong = next((mistake for part in name.split(".") if (mistake := names.subdomain_mistake(part))), "")
    return f"have a name after the slash ({wrong})" if wrong else ""


def _request(value: Any, path: Path) -> Problems:
    """One PEM block whose content is that of a request; what is inside is not read."""
    try:
        found = _PEM.search(base64.b64decode(value))
        content = base64.b64decode(found[2], validate=False) if found else b""
    except (binascii.Error, ValueError):
        content, found = b"", None
    if not found or found[1] not in _REQUESTS or not _is_der(content):
        yield Problem(codes.CERTIFICATE, "request must be a certificate request in PEM, in base64", path)


def _is_der(content: bytes) -> bool:
    """Whether the bytes are one ASN.1 sequence, and nothing after it."""
    if len(content) < 2 or content[0] != 0x30:
        return False
    first = content[1]
    size = first & 0x7F if first & 0x80 else 0
    length = int.from_bytes(content[2 : 2 + size]) if size else first
    return len(content) == 2 + size + length


def _unknown_usage(value: Any, path: Path) -> Problems:
    if value not in _USAGES:
        yield Problem(codes.CHOICE, f'the usage "{value}" must be one of {", ".join(_USAGES)}', path)


_CERTIFICATE: Final = table(
    need("spec.request", _request),
    need("spec.usages", distinct),
    field("spec.usages[]", _unknown_usage),
    need("spec.signerName", named(_signer_mistake)),
    field("spec.expirationSeconds", within(600)),
)


def _namespace(data: Data) -> Problems:
    for index, name in enumerate((data.get("spec") or {}).get("finalizers") or ()):
        yield from finalizer(name, ("spec", "finalizers", index))
    labels = (data.get("metadata") or {}).get("labels") or {}
    for mode in ("enforce", "audit", "warn"):
        level, version = f"{_POD_SECURITY}/{mode}", f"{_POD_SECURITY}/{mode}-version"
        if level in labels:
            yield from one_of("privileged", "baseline", "restricted")(labels[level], ("metadata", "labels", level))
        if not _VERSION.fullmatch(labels.get(version, "latest")):
            message = f'{version} "{labels[version]}" must be latest, or a version as v1.35'
            yield Problem(codes.CHOICE, message, ("metadata", "labels", version))


def _api_service(data: Data) -> Problems:
    spec, path = data.get("spec") or {}, ("spec",)
    group, version = spec.get("group") or "", spec.get("version") or ""
    name = str((data.get("metadata") or {}).get("name") or "")
    if name and name != f"{version}.{group}":
        yield Problem(codes.NAME, f'name "{name}" must be {version}.{group}: version, dot, group', ("metadata", "name"))
    if group:
        yield from fields.named(group, names.subdomain_mistake, (*path, "group"))
    elif version != "v1":
        yield Problem(codes.COMBINATION, "without a group the version must be v1", path)
    yield from fields.named(version, names.dns_1035_mistake, (*path, "version") if version else path)
    service, bundle = spec.get("service"), spec.get("caBundle")
    if not 0 < (spec.get("groupPriorityMinimum") or 0) <= 20_000:
        yield Problem(codes.RANGE, "groupPriorityMinimum must be from 1 to 20000", path)
    if not 0 < (spec.get("versionPriority") or 0) <= 1000:
        yield Problem(codes.RANGE, "versionPriority must be from 1 to 1000", path)
    if service is None:
        if bundle or spec.get("insecureSkipTLSVerify"):
            message = "caBundle and insecureSkipTLSVerify are for an APIService with a service"
            yield Problem(codes.COMBINATION, message, path)
        return
    yield from checked(spec, _SERVICE, path)
    if spec.get("insecureSkipTLSVerify") and bundle:
        yield Problem(codes.COMBINATION, "caBundle does not go with insecureSkipTLSVerify", (*path, "caBundle"))


_SERVICE: Final = (need("service.namespace"), need("service.name"), field("service.port", fields.port))

RULES = (
    ObjectRule(_NODE, ("Node",)),
    ObjectRule(_pod_ranges, ("Node",)),
    ObjectRule(_namespace, ("Namespace",)),
    ObjectRule(_event, ("Event", "events.k8s.io/Event")),
    ObjectRule(_CERTIFICATE, ("certificates.k8s.io/CertificateSigningRequest",)),
    ObjectRule(_api_service, ("apiregistration.k8s.io/APIService",)),
)
