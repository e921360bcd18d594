"""Names of the spec language: what they may be, how a wrong one is mended, and how they become keys and cut names.

Sources: rulings L01 and L05. What Kubernetes itself allows stands in `names`.
"""

from __future__ import annotations

import hashlib
import re

from generator.regexes import regex

MAX_NAME = 63
MAX_CRONJOB = 52
MAX_STATEFULSET = 52
NAME = regex(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
VARIABLE = regex(r"[A-Za-z_][A-Za-z0-9_]*")
LABEL = regex(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


def is_name(text: str) -> bool:
    """Whether the text may name a service, workflow, task or anything else of the spec (rulings L01)."""
    return len(text) <= MAX_NAME and bool(NAME.fullmatch(text))


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
