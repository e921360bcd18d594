"""Each folder of tests/cases/diff: two sides, and what a person reads of their difference."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.diff.codes import CODES
from generator.report.diff_text import diff_text
from tests.diff.sides import CASES, case

NAMES = sorted(folder.name for folder in CASES.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_what_a_person_reads(name: str, expect_file: Callable[[str, Path], None]) -> None:
    expect_file(diff_text(case(name)), CASES / name / "expect.txt")


def test_every_code_has_a_case() -> None:
    found = "".join((CASES / name / "expect.txt").read_text() for name in NAMES)
    assert [code.id for code in CODES if code.id not in found] == []
