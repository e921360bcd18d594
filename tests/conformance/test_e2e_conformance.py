"""Each row of the conformance table on a real cluster: compiled, installed, started, read as `flowhelm status` does.

All rows run at once, as one session; each is a test of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import new_namespace
from tests.conformance.compiled import ALL_ROWS, NAMES
from tests.conformance.outcome import Outcome, check
from tests.conformance.stage import Stage
from tests.runtime.workflow_rows import Row

pytestmark = pytest.mark.cluster

Json = Any
ENGINES = ("jobs",)

NOT_HERE = {
    "a Job that the API server refuses": "a quota that refuses one Job would refuse those of all rows in the namespace",
    "a pod that is gone": "a real kubelet ends the program of a pod that is deleted, and its exit code is known",
    "on_exit has ten minutes in all": "it would take the ten minutes that the rulings fix",
    "a statement that fails without a word": "the clients of databases say a word",
}
"""Rows that do not run here, and why. The simulated cluster runs them."""

PLAYED = [row for row in ALL_ROWS if row.name not in NOT_HERE]


@pytest.fixture(scope="module", params=ENGINES)
def outcomes(
    request: pytest.FixtureRequest, kubectl: Path, helm4: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Outcome]]:
    """What came of each row on an engine."""
    begun = time.monotonic()
    with new_namespace(kubectl, "conformance") as namespace:
        stage = Stage(namespace, helm4, tmp_path_factory.mktemp("charts"))
        try:
            found = stage.play(PLAYED, request.param)
        except BaseException:
            sys.stderr.write(namespace.portrait())
            raise
        sys.stderr.write(f"\n{summary(request.param, found, time.monotonic() - begun)}\n")
        yield found


def summary(engine: str, found: dict[str, Outcome], seconds: float) -> str:
    """For a report: rows, engine, passed; and the rows that did not run, with the reasons."""
    passed = sum(row.name in found and _passes(row, found[row.name]) for row in PLAYED)
    lines = [f"conformance: engine {engine}, {len(PLAYED)} rows, {passed} passed, in {seconds:.0f} s"]
    return "\n".join([*lines, *(f"  not on the cluster: {name} ({reason})" for name, reason in NOT_HERE.items())])


def _passes(row: Row, outcome: Outcome) -> bool:
    try:
        check(row, outcome)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("row", PLAYED, ids=[row.name for row in PLAYED])
def test_row(row: Row, outcomes: dict[str, Outcome]) -> None:
    assert row.name in outcomes, "there was no time to begin"
    check(row, outcomes[row.name])


def test_what_does_not_run_here_is_a_row() -> None:
    assert set(NOT_HERE) <= set(NAMES)
