"""Cron schedules as the CronJob controller reads them (robfig/cron v3's standard parser) and time zones.

Five fields or a descriptor. Ranges, steps, lists, names of months and days; Sunday is 0 (7 is refused by the
controller's parser). Source: kubernetes/kubernetes pkg/apis/batch/validation, robfig/cron parser.go.
"""

from __future__ import annotations

import re

from generator.regexes import regex

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
# Name, lowest and highest number, the numbers as a pattern, names.
_FIELDS: tuple[tuple[str, int, int, str, dict[str, int]], ...] = (
    ("minute", 0, 59, "[0-5]?[0-9]", {}),
    ("hour", 0, 23, "[01]?[0-9]|2[0-3]", {}),
    ("day of month", 1, 31, "0?[1-9]|[12][0-9]|3[01]", {}),
    ("month", 1, 12, "0?[1-9]|1[0-2]", _MONTHS),
    ("day of week", 0, 6, "0?[0-6]", _DAYS),
)
_DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_ZONE = regex(r"[A-Za-z][A-Za-z0-9_+/-]*")
_EVERY = regex(r"@every (?:[0-9]+(?:\.[0-9]+)?(?:h|m|s|ms|us|µs|ns))+")
_GO_PART = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h)"
_LENIENT_EVERY = regex(rf"@every [+-]?(?:0|(?:{_GO_PART})+)")
_WHOLE = regex(r"[+-]?[0-9]{1,30}")
_BLANK = "[ \t]+"
_SPACE = regex("[ \t\n\v\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
MAX_LENGTH = 256


def _field_pattern(numbers: str, names: dict[str, int]) -> str:
    words = ["".join(f"[{char}{char.upper()}]" for char in name) for name in names]
    value = f"(?:{'|'.join([numbers, *words])})"
    part = rf"(?:[*?]|{value}(?:-{value})?)(?:/0*[1-9][0-9]*)?"
    return f"{part}(?:,{part})*"


ZONE_PATTERN = f"(?!Local$){_ZONE.pattern}"
"""What names of time zones look like; which there are, only the tz database knows."""

PATTERN = "|".join(
    (
        f"(?:{_BLANK})?{_BLANK.join(_field_pattern(numbers, names) for *_, numbers, names in _FIELDS)}(?:{_BLANK})?",
        *sorted(_DESCRIPTORS),
        _EVERY.pattern,
    )
)
"""Good schedules, and besides only such with a range that runs backwards."""


def cron_mistake(text: str) -> str:
    """What is wrong with the schedule, in words; empty when nothing is.

    Stricter than the API server, which also takes what nobody means, as `1,` or `*-`.
    """
    if len(text) > MAX_LENGTH:
        return f"it has {len(text)} characters, {MAX_LENGTH} is the limit"
    return schedule_mistake(text) or _odd_part(text)


def schedule_mistake(text: str) -> str:
    """What the API server has against the schedule, in words; empty when it takes it."""
    if "TZ" in text:
        return "a time zone does not belong into the schedule; use `timezone:`"
    if text.startswith("@"):
        return "" if text in _DESCRIPTORS or _LENIENT_EVERY.fullmatch(text) else f"unknown schedule {text}"
    fields = [field for field in _SPACE.split(text) if field]
    if len(fields) != len(_FIELDS):
        return f"a schedule has 5 fields (minute, hour, day of month, month, day of week), this one has {len(fields)}"
    for value, (name, low, high, _, names) in zip(fields, _FIELDS, strict=True):
        for part in filter(None, value.split(",")):
            if problem := _part_mistake(part, low, high, names):
                return f"{name}: {problem}"
    return ""


def _odd_part(text: str) -> str:
    """The first field of a schedule that is taken, but is not written as people do."""
    if text.startswith("@"):
        return "" if text in _DESCRIPTORS or _EVERY.fullmatch(text) else f"unknown schedule {text}"
    fields = re.split(_BLANK, text.strip(" \t"))
    for value, (name, *_, numbers, names) in zip(fields, _FIELDS, strict=False):
        if not re.fullmatch(_field_pattern(numbers, names), value):
            return f"{name}: {value!r} is not a number, a range or a name"
    return ""


def _part_mistake(part: str, low: int, high: int, names: dict[str, int]) -> str:
    base, *steps = part.split("/")
    begin_text, *ends = base.split("-")
    if len(steps) > 1 or (steps and not _number(steps[0], {})):
        return f"the step in {part!r} is not a number above 0"
    if begin_text in ("*", "?"):  # what stands behind a dash then is not read
        return ""
    begin = _number(begin_text, names)
    end = _number(ends[0], names) if len(ends) == 1 else None
    if begin is None or len(ends) > 1 or (ends and end is None):
        return f"{part!r} is not a number, a range or a name"
    if not low <= begin <= high or (end is not None and not low <= end <= high):
        return f"{part!r} is not between {low} and {high}"
    if end is not None and begin > end:
        return f"the range {base!r} runs backwards"
    return ""


def _number(text: str, names: dict[str, int]) -> int | None:
    if text.lower() in names:
        return names[text.lower()]
    number = int(text) if _WHOLE.fullmatch(text) else None
    return None if number is None or not 0 <= number < 1 << 63 else number


def is_time_zone(name: str) -> bool:
    """Whether the API server takes the name; `Local` is refused there.

    On a machine without the tz database only the form of the name is checked.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if not _ZONE.fullmatch(name) or name == "Local":
        return False
    for candidate, found in ((name, True), ("Etc/UTC", False)):
        try:
            ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, OSError, ValueError):
            continue
        return found
    return True
