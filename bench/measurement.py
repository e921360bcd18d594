"""Time and memory of a command: cold processes, several times, the median.

Input: commands. Output: a :class:`Cost` for each. The operating system does the accounting, children included (wait4).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds by the clock, seconds of processor time, and the largest process in MiB."""

    wall: float
    cpu: float
    memory: float


class CommandFailed(Exception):
    """A command that was to be timed did not succeed; the message holds what it said."""


def measure(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Cost]:
    """The median cost of each command. They take turns, so that a busy moment of the machine meets them all.

    One round before the first fills the caches that a second run finds: the operating system's and the programs' own.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            cost = run(command)
            if turn:
                costs[name].append(cost)
    return {name: median(found) for name, found in costs.items()}


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end. Raises CommandFailed."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise CommandFailed(f"exit code {process.returncode} from: {' '.join(command)}\n{said}")
    kibibytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Cost(wall, usage.ru_utime + usage.ru_stime, kibibytes / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    columns = zip(*((cost.wall, cost.cpu, cost.memory) for cost in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))
