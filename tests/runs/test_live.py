"""The tree that is drawn in its place: what stands on the screen, at each moment and at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.runs import live
from generator.runs.live import fitted, show_live
from generator.runs.state import RunState, TaskState
from generator.runs.tree import Line


def on_screen(written: str) -> list[str]:
    """What a terminal shows after this: it knows the movements that are used, and no others."""
    lines, row = [""], 0
    for part in re.findall(r"\x1b\[\??[0-9]*[A-Za-z]|[^\x1b]+", written):
        if part.startswith("\x1b"):
            if part.endswith("A"):
                row -= int(part[2:-1])
                assert row >= 0, "above the screen"
            elif part == "\x1b[J":
                del lines[row + 1 :]
                lines[row] = ""
            else:
                assert part in ("\x1b[?7l", "\x1b[?7h")
            continue
        for character in part:
            if character == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif character != "\r":
                lines[row] += character
    return lines


def run(status: str, *tasks: str) -> RunState:
    ended = 2.0 if status != "running" else None
    known = {f"t{number}": TaskState(each, "", 1, 1.0, 1.5) for number, each in enumerate(tasks)}
    return RunState("r", "w", status, "", 1.0, ended, {}, known)


def shown(states: list[RunState], rows: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What stands on the screen after each look, and at the end."""
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.0)
    screen, coming = StringIO(), iter(states)
    seen: list[list[str]] = []

    def look() -> RunState:
        seen.append(on_screen(screen.getvalue()))
        return next(coming)

    assert show_live(look, screen, lambda: (80, rows), lambda line: line.text) is states[-1]
    return iter([*seen[1:], on_screen(screen.getvalue())])


def test_each_tree_takes_the_place_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [run("running", "running"), run("running", "succeeded", "running"), run("failed", "succeeded", "failed")]
    first, second, last = shown(states, 24, monkeypatch)
    assert [line.split()[:3] for line in first[1:]] == [["●", "t0", "running"], []]
    assert [line.split()[:3] for line in second[1:]] == [["✓", "t0", "succeeded"], ["●", "t1", "running"], []]
    assert last == [
        "run r of w: failed after 1.0 s",
        "  ✓ t0  succeeded    0.500 s",
        "  ✗ t1  failed       0.500 s",
        "",
    ]


def test_a_tree_that_is_too_high_shows_what_runs_and_at_the_end_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = ["succeeded"] * 50 + ["running"]
    during, end = shown([run("running", *tasks), run("succeeded", *tasks[:50], "succeeded")], 6, monkeypatch)
    assert len(during) == 6, "a line is left for the cursor"
    assert [line.split()[1] for line in during[1:-2]] == ["t0", "t1", "t50"]
    assert during[-2] == "  … and 48 more"
    assert len(end) == 1 + 51 + 1


@given(st.lists(st.sampled_from(("running", "failed", "succeeded", "waiting"))), st.integers(3, 12))
def test_what_does_not_fit(statuses: list[str], rows: int) -> None:
    lines = [Line("", "head"), *(Line(status, f"{status} {number}") for number, status in enumerate(statuses))]
    found = fitted(lines, rows)
    assert len(found) == min(len(lines), rows)
    assert found[0].text == "head"
    if len(lines) > rows:
        kept = found[1:-1]
        assert kept == [line for line in lines if line in kept], "in their order"
        urgent = [line for line in lines if line.status in ("running", "failed")]
        assert set(kept) <= set(urgent) or set(urgent) <= set(kept)
        assert found[-1].text == f"  … and {len(lines) - 1 - len(kept)} more"
