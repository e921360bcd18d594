"""Differences that stay, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tests.cluster.oracle.verdicts import MISSED, Difference


@dataclass(frozen=True)
class Known:
    """Differences of one sort (`how`) of which all is said that `said` finds, and why they stay."""

    how: str
    said: str
    reason: str


KNOWN: Final[tuple[Known, ...]] = (
    Known(
        MISSED,
        r'seLinuxChangePolicy: Unsupported value: "MountOption"',
        "a cluster takes it when its feature gate SELinuxMount is on, as it is from Kubernetes 1.37 on",
    ),
)


def reason(found: Difference) -> str:
    """Why a difference stays; empty when that is not known."""
    return next((each.reason for each in KNOWN if each.how == found.how and re.search(each.said, found.said)), "")
