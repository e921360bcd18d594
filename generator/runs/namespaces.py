"""Whether the namespace is there in which nothing was found: a typing mistake in `-n` is told as what it is.

Input: kubectl. Output: a sentence, or "". Who may not look at namespaces learns nothing.
"""

from __future__ import annotations

from generator.runs.kubectl import Kubectl, NotFound, Refused
from generator.spec.suggestions import did_you_mean


def missing(kubectl: Kubectl) -> str:
    """What is wrong with the name of the namespace; "" when nothing is, or when nobody says."""
    if not kubectl.namespace or kubectl.everywhere:
        return ""
    try:
        kubectl.get("namespace", kubectl.namespace)
    except NotFound:
        meant = did_you_mean(kubectl.namespace, _names(kubectl))
        return f"there is no namespace {kubectl.namespace}" + (f"; did you mean {meant}?" if meant else "")
    except Refused:
        pass
    return ""


def _names(kubectl: Kubectl) -> list[str]:
    try:
        return [each["metadata"]["name"] for each in kubectl.select("namespaces", "")]
    except Refused:
        return []
