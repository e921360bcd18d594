"""Durations as people write them: `250ms`, `10s`, `1h30m`, `1.5d` (rulings L06)."""

from __future__ import annotations

import math
from fractions import Fraction

from generator.records import dataclass
from generator.regexes import regex

_PART = regex(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
PATTERN = r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d))+"
MAX_LENGTH = 64
_WHOLE = regex(PATTERN)
_SECONDS = {"ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60), "h": Fraction(3600), "d": Fraction(86400)}
_MAX_SECONDS = 2**31 - 1  # Kubernetes counts pods' deadlines in int32 or int64 seconds; Go's timers end soon after


@dataclass(frozen=True)
class Duration:
    """A length of time: `text` as written, `seconds` exactly."""

    text: str
    seconds: Fraction

    @property
    def whole_seconds(self) -> int:
        """Rounded up to whole seconds, at least 1: how Kubernetes counts deadlines and probes (rulings C24)."""
        return max(1, math.ceil(self.seconds))

    @property
    def number(self) -> float:
        """The seconds as a float, for JSON."""
        return float(self.seconds)

    @property
    def in_prometheus(self) -> str:
        """As Prometheus takes it: whole numbers, the largest unit first; rounded up to milliseconds."""
        rest = max(1, math.ceil(self.seconds * 1000))
        text = ""
        for unit in ("d", "h", "m", "s", "ms"):
            number, rest = divmod(rest, int(_SECONDS[unit] * 1000))
            text += f"{number}{unit}" if number else ""
        return text


def parse_duration(text: str) -> Duration | None:
    """The duration, or None when the text is none or is longer than Kubernetes can count."""
    if len(text) > MAX_LENGTH or not _WHOLE.fullmatch(text):
        return None
    seconds = sum((Fraction(number) * _SECONDS[unit] for number, unit in _PART.findall(text)), Fraction(0))
    return Duration(text, seconds) if seconds <= _MAX_SECONDS else None
