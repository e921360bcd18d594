"""The first line and the exit code."""

import pytest

from generator.diagnostics import Severity
from generator.diff.verdict import exit_code, verdict
from tests.diff.sides import CASES, case


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("nothing-changes", "no changes"),
        ("selector-changed", "1 change the API server will reject · 0 added, 0 removed, 0 renamed, 1 changed"),
        ("storage-class", "2 changes the API server will reject · 0 added, 0 removed, 0 renamed, 1 changed"),
        ("image-restarts", "1 workload restarts · 0 added, 0 removed, 0 renamed, 1 changed"),
        ("partition-holds-back", "1 problem · 1 workload restarts · 0 added, 0 removed, 0 renamed, 1 changed"),
        ("added-and-removed", "1 added, 1 removed, 0 renamed, 0 changed"),
    ],
)
def test_verdict(name: str, line: str) -> None:
    assert verdict(case(name)) == line
    assert (CASES / name / "expect.txt").read_text().splitlines()[0] == line


@pytest.mark.parametrize(
    ("name", "fail_on", "detailed", "code"),
    [
        ("nothing-changes", Severity.INFO, True, 0),
        ("added-and-removed", None, False, 0),
        ("added-and-removed", None, True, 2),
        ("added-and-removed", Severity.INFO, True, 2),
        ("selector-changed", None, False, 0),
        ("selector-changed", None, True, 2),
        ("selector-changed", Severity.ERROR, False, 3),
        ("selector-changed", Severity.ERROR, True, 3),
        ("selector-changed", Severity.INFO, False, 3),
        ("image-restarts", Severity.WARNING, False, 0),
        ("image-restarts", Severity.WARNING, True, 2),
        ("image-restarts", Severity.INFO, True, 3),
        ("replicas-left-to-autoscaler", Severity.WARNING, False, 3),
        ("replicas-left-to-autoscaler", Severity.ERROR, False, 0),
    ],
)
def test_exit_code(name: str, fail_on: Severity | None, detailed: bool, code: int) -> None:
    assert exit_code(case(name), fail_on=fail_on, detailed=detailed) == code
