"""The log of a run for people: the runner's JSON lines as sentences, in columns.

    09:12:04.120  pay/charge   started
    09:12:05.331  pay/charge   failed after 1.2 s: exit code 2

Lines that are no JSON of the runner's (of Python itself, say) stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from generator.runs.answers import without_items

Json = Any

TASK_WIDTH = 16
ENDS = "RunnerEnds"

HOURS_AS_DAYS = 48


def read_line(line: str) -> Json:
    """A line of the runner's log as an object; None for any other."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


def is_about(path: str) -> Callable[[Json], bool]:
    """Whether a line is about a task: itself, its items, and what lies in it."""

    def about(line: Json) -> bool:
        task = str((line or {}).get("task", ""))
        return any(each == path or each.startswith((path + "/", path + "[")) for each in (task, without_items(task)))

    return about


def is_news(line: Json) -> bool:
    """Whether a line tells something that no other does: a runner that ends with its run does not."""
    return bool(line["event"] != ENDS or str(line.get("result", "")).startswith("stopped"))


def on_one_line(text: str) -> str:
    """A text that others have written, without what breaks lines or means something to a terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)


def told(line: Json) -> str:
    """One line of the runner's, for people."""
    clock = re.sub(r"^.*T|Z$", "", str(line.get("time", "")))
    task = str(line.get("task", "run"))
    return on_one_line(f"{clock:12}  {task:{TASK_WIDTH}}  {_happened(line)}".rstrip())


def _happened(line: Json) -> str:
    if line["event"] == ENDS:
        return f"the runner ends: {line.get('result', '')}"
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"^(Task|Run)(?=[A-Z])", "", line["event"])).lower()
    if line.get("tries", 1) > 1:
        words += f" (try {line['tries']})"
    if "items" in line:
        words += f" with {line['items']} items"
    if "duration" in line:
        words += f" after {duration(line['duration'])}"
    reason = line.get("reason", "")
    return f"{words}: {reason}" if reason else words


def duration(seconds: float) -> str:
    """`0.012 s`, `1.2 s`, `3m20s`, `2h05m`, `9d04h`."""
    if seconds < 59.95:
        return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours = minutes // 60
    if hours >= HOURS_AS_DAYS:
        return f"{hours // 24}d{hours % 24:02}h"
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{hours}h{minutes % 60:02}m"
