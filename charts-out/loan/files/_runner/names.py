"""The path of what is tried in a run (`pay`, `pay/charge`, `pack[2]`), and the names that follow from it.

A person answers the question of an `approve` task by an annotation of the run's Job; it has the task's path, made safe
as a part of a label.

    flowhelm.dev/approve.<path>: {"by": "Ada", "approved": true}      or, typed by hand, true or false
"""

from __future__ import annotations

import hashlib
import re

MOST_LABEL = 63
APPROVE = "flowhelm.dev/approve."
MOST_PATH = 55
"""Characters that are left for the path: the name of an annotation has at most 63 behind the slash."""


def label_of(path: str, most: int = MOST_LABEL) -> str:
    """A path as a label's value: `pay.charge`, `pack.2`; one that is too long ends in a part of its hash."""
    label = re.sub(r"[/[]", ".", path).replace("]", "")
    if len(label) <= most:
        return label
    return label[: most - 9].rstrip("-.") + "-" + hashlib.sha256(path.encode()).hexdigest()[:8]


def annotation_of(path: str) -> str:
    """The annotation that answers the question of the task at this path."""
    return APPROVE + label_of(path, MOST_PATH)


def job_name(run_name: str, run_id: str, path: str, tries: str) -> str:
    """The name of a try's Job: readable, at most 63 characters, and another one for each run, path and try."""
    digest = hashlib.sha256(f"{run_id}/{path}/{tries}".encode()).hexdigest()[:8]
    readable = f"{run_name}-{label_of(path).replace('.', '-')}"
    return readable[: MOST_LABEL - len(digest) - 1].rstrip("-.") + "-" + digest
