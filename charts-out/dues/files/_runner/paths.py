"""The address of what is tried in a run (`pay`, `pay/charge`, `pack[2]`), and what names follow from it."""

from __future__ import annotations

import hashlib
import re

MOST_LABEL = 63


def label_of(path: str, most: int = MOST_LABEL) -> str:
    """A path as a label's value: `pay.charge`, `pack.2`; one that is too long ends in a part of its hash."""
    label = re.sub(r"[/[]", ".", path).replace("]", "")
    if len(label) <= most:
        return label
    return label[: most - 9].rstrip("-.") + "-" + hashlib.sha256(path.encode()).hexdigest()[:8]


def job_name(run_name: str, run_id: str, path: str, tries: str) -> str:
    """The name of a try's Job: readable, at most 63 characters, and another one for each run, path and try."""
    digest = hashlib.sha256(f"{run_id}/{path}/{tries}".encode()).hexdigest()[:8]
    readable = f"{run_name}-{label_of(path).replace('.', '-')}"
    return readable[: MOST_LABEL - len(digest) - 1].rstrip("-.") + "-" + digest


def without_items(path: str) -> str:
    """The same for all items: `pay[2]/charge` → `pay/charge`."""
    return re.sub(r"\[[0-9]+\]", "", path)
