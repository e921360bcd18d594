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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds by the clock, seconds of processor time, and the largest process in MiB."""

    wall: float
    cpu: float
    memory: float


class CommandFailed(Exception):
    """A command that was to be timed did not succeed; the message holds what it said."""


def measure(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Cost]:
    """The median cost of each command; see :func:`measure_in_turns`."""
    return {name: median(found) for name, found in measure_in_turns(commands, runs).items()}


def measure_in_turns(
    commands: Mapping[str, Sequence[str]], runs: int, statuses: Collection[int] = (0,)
) -> dict[str, list[Cost]]:
    """The costs of each command. They take turns, so that a busy moment of the machine meets them all.

    One round before the first fills the caches that a second run finds: the operating system's and the programs' own.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            cost = run(command, statuses)
            if turn:
                costs[name].append(cost)
    return costs


def run(command: Sequence[str], statuses: Collection[int] = (0,)) -> Cost:
    """Run a command to its end. Raises CommandFailed when it ends with another status."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise CommandFailed(f"exit code {process.returncode} from: {' '.join(command)}\n{said}")
    kibibytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Cost(wall, usage.ru_utime + usage.ru_stime, kibibytes / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    columns = zip(*((cost.wall, cost.cpu, cost.memory) for cost in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))


def peak_of_all(command: Sequence[str]) -> float:
    """The most MiB that a command and all processes it started held at one moment, looked at every 10 ms.

    Pages that two processes share count twice. 0 where there is no /proc.
    """
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.01)
    return peak * os.sysconf("SC_PAGE_SIZE") / 2**20


def _resident(root: int) -> int:
    """Pages of a process and its descendants that are in memory."""
    parents: dict[int, tuple[int, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        parents[int(path.parent.name)] = (int(fields[1]), int(fields[21]))
    family, size = {root}, parents.get(root, (0, 0))[1]
    for number in sorted(parents):  # a child is younger than its parent, and numbers rise
        parent, pages = parents[number]
        if parent in family and number != root:
            family.add(number)
            size += pages
    return size
