"""The size of a release's record."""

import random

from generator.diagnostics import Diagnostics
from generator.render import codes
from generator.render.release import check_release_size


def found(content: bytes) -> list[str]:
    diagnostics = Diagnostics()
    check_release_size({"templates/a.yaml": b"a: 1\n", "files/data": content}, "", diagnostics)
    assert all(finding.code is codes.RELEASE_TOO_LARGE for finding in diagnostics)
    return [finding.hint for finding in diagnostics]


def test_a_chart_that_no_secret_can_hold_is_refused_and_what_is_large_is_named() -> None:
    (hint,) = found(random.Random(1).randbytes(900_000))
    assert "files/data (0.9 MiB)" in hint


def test_what_packs_well_fits() -> None:
    assert not found(b"x" * 5_000_000)


def test_a_small_chart_fits() -> None:
    assert not found(b"x")
