"""Fetches the sub-charts of a chart into its `charts/`, as `helm dependency build` does.

Input: a chart's folder. Output: whether all of them are there; the reasons are in `diagnostics`. The user's own
settings of Helm hold here, because repositories and their credentials are in them.
"""

from __future__ import annotations

import os
from pathlib import Path

from generator.diagnostics import Diagnostics, Span
from generator.render import codes
from generator.render.engine import Engine
from generator.render.process import End, Limits, run

_LIMITS = Limits(seconds=300)
_STALE = "out of sync"


def fetch_dependencies(chart: Path, engine: Engine, span: Span, diagnostics: Diagnostics) -> bool:
    """Run `helm dependency build`; where Chart.lock is of an earlier Chart.yaml, `helm dependency update`."""
    if engine.is_library:
        hint = "install Helm, and name it with --helm if it is not on PATH"
        diagnostics.add(codes.NOT_FETCHED, "only the program helm can fetch dependencies", span, hint=hint)
        return False
    said = ""
    for verb in ("build", "update"):
        outcome = run([*engine.program, "dependency", verb, str(chart.absolute())], os.environ, _LIMITS)
        if outcome.end is End.DONE and outcome.status == 0:
            return True
        said = outcome.stderr
        if _STALE not in said:
            break
    lines = [line.removeprefix("Error: ").strip() for line in said.splitlines() if line.strip()]
    message = f"helm dependency {verb}: {lines[-1][:300] if lines else 'it did not end in time'}"
    diagnostics.add(codes.NOT_FETCHED, message, span, hint="mend the entry, or see whether its repository answers")
    return False
