"""What of a run's tree fits on a screen."""

from generator.cli.watching import fitting
from generator.runs.tree import Line

LINES = [
    Line("running", "run x of w: running"),
    Line("succeeded", "a succeeded"),
    Line("failed", "b failed: " + "x" * 100),
    Line("waiting", "c waiting"),
    Line("running", "d running"),
    Line("running", "e running"),
]


def shown(height: int) -> list[str]:
    return [line.text[0] for line in fitting(LINES, 20, height)]


def test_all_when_there_is_room() -> None:
    assert fitting(LINES, 200, 6) == LINES


def test_what_waits_or_is_done_goes_first() -> None:
    assert shown(5) == ["r", "a", "b", "d", "e"]
    assert shown(4) == ["r", "b", "d", "e"]
    assert shown(2) == ["r", "b"]


def test_a_line_takes_one_row() -> None:
    assert max(len(line.text) for line in fitting(LINES, 20, 6)) == 20
