"""Names: what the spec language and Kubernetes allow, and how a wrong one is mended.

Sources: rulings L01 and L05; Kubernetes' object names (RFC 1123 labels), port names (IANA service names).
"""

from __future__ import annotations

import hashlib
import re

MAX_NAME = 63
MAX_CRONJOB = 52
MAX_STATEFULSET = 52
MAX_PORT_NAME = 15

NAME = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def is_name(text: str) -> bool:
    """Whether the text may name a service, workflow, task or anything else of the spec (rulings L01)."""
    return len(text) <= MAX_NAME and bool(NAME.fullmatch(text))


def is_port_name(text: str) -> bool:
    """Whether the text is an IANA service name: at most 15 characters, with a letter, without `--`."""
    fits = len(text) <= MAX_PORT_NAME and bool(_PORT_NAME.fullmatch(text))
    return fits and "--" not in text and any(char.isalpha() for char in text)


def is_label_value(text: str) -> bool:
    """Whether the text may be the value of a label: empty, or at most 63 letters, digits, `-`, `_` and `.`."""
    return not text or (len(text) <= MAX_NAME and bool(_LABEL_VALUE.fullmatch(text)))


def is_label_key(text: str) -> bool:
    """Whether the text may be the key of a label or annotation: a label value, with a domain and `/` before it."""
    domain, slash, name = text.rpartition("/")
    parts = domain.split(".")
    good_domain = not slash or (len(domain) <= 253 and all(LABEL.fullmatch(part) for part in parts))
    return good_domain and bool(name) and is_label_value(name)


def corrected(text: str) -> str:
    """The nearest allowed name, for a hint; empty when nothing of the text is left."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()
    name = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]", "-", words))
    return re.sub(r"^[^a-z]+", "", name)[:MAX_NAME].strip("-")


def camel_case(name: str) -> str:
    """`order-service` → `orderService`: the key that stands for a name in values.yaml."""
    first, *rest = name.split("-")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def shortened(name: str, limit: int) -> str:
    """The name, cut to `limit` characters; a cut one ends in 8 hex digits of its SHA-256, so that none meet (L05)."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-')}-{digest}"
