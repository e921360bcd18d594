"""What a comparison comes to, in one line and in one number.

Input: a :class:`ChartDiff`. Output: the first line of every report, and the exit code of `flowhelm diff`.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.diagnostics import Code, Severity
from generator.diff import codes
from generator.diff.model import ChartDiff, Status
from generator.diff.wording import counted

CLEAN, CHANGES, FINDINGS = 0, 2, 3


def verdict(diff: ChartDiff) -> str:
    """`1 change the API server will reject · 2 workloads restart · 3 added, 1 removed, 0 renamed, 4 changed`."""
    if diff.is_empty:
        return "no changes"
    rejected, restarting = count(diff, codes.REJECTED), count(diff, codes.RESTARTS)
    known = {code.id for code in (*codes.REJECTED, *codes.RESTARTS)}
    others = sum(found.code.id not in known and found.severity is not Severity.INFO for found in diff.findings)
    parts = [f"{counted(rejected, 'change')} the API server will reject"] if rejected else []
    parts += [f"{counted(others, 'other problem' if rejected else 'problem')}"] if others else []
    parts += [f"{counted(restarting, 'workload')} {'restarts' if restarting == 1 else 'restart'}"] if restarting else []
    shown = (Status.ADDED, Status.REMOVED, Status.RENAMED, Status.CHANGED)
    parts.append(", ".join(f"{len(diff.with_status(status))} {status}" for status in shown))
    return " · ".join(parts)


def count(diff: ChartDiff, wanted: Sequence[Code]) -> int:
    """How many findings have one of these codes."""
    ids = {code.id for code in wanted}
    return sum(found.code.id in ids for found in diff.findings)


def exit_code(diff: ChartDiff, *, fail_on: Severity | None, detailed: bool) -> int:
    """0 · 2 when changes exist and `detailed` · 3 when a finding is at least as bad as `fail_on` (None: never).

    3 wins over 2. A side that could not be read is 1, which is the caller's.
    """
    if fail_on is not None and any(found.severity.rank <= fail_on.rank for found in diff.findings):
        return FINDINGS
    return CHANGES if detailed and not diff.is_empty else CLEAN
