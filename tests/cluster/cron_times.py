"""When a CronJob is due next, as its controller and kube-state-metrics find it (robfig/cron v3, standard parser)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES = {name: number for names, first in ((_MONTHS, 1), (_DAYS, 0)) for number, name in enumerate(names, first)}
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = re.compile(r"([0-9.]+)(h|m|s)")
_UNITS = {"h": 3600, "m": 60, "s": 1}


def next_time(schedule: str, zone: str, after: datetime) -> datetime:
    """The first time after another one that the schedule names in the time zone.

    What the clock skips in spring does not happen, what it repeats in autumn happens twice.
    """
    if schedule.startswith("@every "):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _EVERY.findall(schedule))
        return after.replace(microsecond=0) + timedelta(seconds=max(1, int(seconds)))
    fields = _DESCRIPTORS.get(schedule, schedule).split()
    minutes, hours, days, months, weekdays = (_numbers(*each) for each in zip(fields, _RANGES, strict=True))
    any_day = _is_star(fields[2]) or _is_star(fields[4])
    tz = ZoneInfo(zone)
    moment = after.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while True:
        local = moment.astimezone(tz)
        on_day, on_weekday = local.day in days, local.isoweekday() % 7 in weekdays
        fits = (on_day and on_weekday) if any_day else (on_day or on_weekday)
        if local.month not in months or not fits or local.hour not in hours:
            moment += timedelta(minutes=60 - local.minute)  # offsets that are no whole hours change the minutes too
        elif local.minute not in minutes:
            moment += timedelta(minutes=1)
        else:
            return moment


def _numbers(field: str, limits: tuple[int, int]) -> set[int]:
    found: set[int] = set()
    for part in field.lower().split(","):
        base, _, step = part.partition("/")
        first, dash, last = base.partition("-")
        if base in ("*", "?"):
            begin, end = limits
        else:
            begin = _number(first)
            end = _number(last) if dash else (limits[1] if step else begin)
        found.update(range(begin, end + 1, int(step or 1)))
    return found


def _number(text: str) -> int:
    return _NAMES[text] if text in _NAMES else int(text)


def _is_star(field: str) -> bool:
    return any(part in ("*", "?", "*/1", "?/1") for part in field.split(","))
