"""The tree that is drawn in its place: what stands on the screen, at each moment and at the end."""

from __future__ import annotations

import re
import threading
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.runs import live
from generator.runs.kubectl import Refused
from generator.runs.live import Screen, fitted, show_live
from generator.runs.state import RunState, TaskState
from generator.runs.tree import Line


def on_screen(written: str) -> list[str]:
    """What a terminal shows after this: it knows the movements that are used, and no others."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[\??[0-9]*[A-Za-z]|[^\x1b]", written):
        if part in "\r\n":
            row, column = row + (part == "\n"), 0
            lines += [""] * (row + 1 - len(lines))
        elif len(part) == 1:
            lines[row], column = lines[row][:column] + part + lines[row][column + 1 :], column + 1
        elif part in ("\x1b[J", "\x1b[K"):
            lines[row] = lines[row][:column]
            del lines[row + 1 if part == "\x1b[J" else len(lines) :]
        elif part.endswith("A"):
            row -= int(part[2:-1])
            assert row >= 0, "above the screen"
        else:
            assert part in ("\x1b[?7l", "\x1b[?7h")
    return lines


class Paper(StringIO):
    """What is drawn on, and whether something was since that was asked last."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = threading.Event()

    def flush(self) -> None:
        self.drawn.set()

    def after_the_next_drawing(self) -> list[str]:
        self.drawn.clear()
        assert self.drawn.wait(20)
        return on_screen(self.getvalue())


def run(status: str, *tasks: str, reason: str = "") -> RunState:
    ended = 2.0 if status != "running" else None
    known = {f"t{number}": TaskState(each, reason, 1, 1.0, 1.5) for number, each in enumerate(tasks)}
    return RunState("r", "w", status, "", 1.0, ended, {}, known)


def shown(
    states: list[RunState], monkeypatch: pytest.MonkeyPatch, columns: int = 80, rows: int = 24
) -> list[list[str]]:
    """What stands on the screen for each state."""
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(live, "DRAW_AGAIN", 0.01)
    paper, coming = Paper(), iter(states)
    seen: list[list[str]] = []

    def look() -> RunState:
        state = next(coming)
        if state is not states[0]:
            seen.append(paper.after_the_next_drawing())
        return state

    assert show_live(look, Screen(paper, lambda: (columns, rows), lambda line: line.text)) is states[-1]
    return [*seen, on_screen(paper.getvalue())]


def test_each_tree_takes_the_place_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [run("running", "running", "waiting"), run("running", "succeeded", "running"), run("failed", "failed")]
    first, second, last = shown(states, monkeypatch)
    assert [line.split()[:3] for line in first[1:]] == [["●", "t0", "running"], ["·", "t1", "waiting"], []]
    assert [line.split()[:3] for line in second[1:]] == [["✓", "t0", "succeeded"], ["●", "t1", "running"], []]
    assert last == ["run r of w: failed after 1.0 s", "  ✗ t0  failed       0.500 s", ""]


def test_a_tree_that_is_too_high_shows_what_runs_and_at_the_end_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = ["succeeded"] * 50 + ["running"] + ["waiting"] * 9
    during, end = shown([run("running", *tasks), run("succeeded", *["succeeded"] * 60)], monkeypatch, rows=7)
    assert len(during) == 7, "a line is left for the cursor"
    assert [line.split()[1] for line in during[1:-2]] == ["t48", "t49", "t50", "t51"]
    assert during[-2] == "  … and 56 more: 48 succeeded, 8 waiting"
    assert len(end) == 1 + 60 + 1 + 1
    assert end[-2] == end[0] == "run r of w: succeeded after 1.0 s"


def test_what_a_task_says_stays_on_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [run("running", "running", reason="Ship\nit\x1b[9A?\r" + 90 * "x"), run("succeeded", "succeeded")]
    during, _ = shown(states, monkeypatch, columns=60)
    assert len(during) == 3
    assert "Ship it [9A? xxx" in during[1]
    assert (len(during[1]), during[1][-1]) == (60, "…")


def test_nobody_waits_for_the_next_look_when_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN", 3600.0)
    looks: list[int] = []

    def look() -> RunState:
        looks.append(1)
        return run("running", "running")

    def size() -> tuple[int, int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        show_live(look, Screen(StringIO(), size, lambda line: line.text))
    assert len(looks) == 1


def test_what_a_look_raises_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.0)
    states = iter([run("running", "running")])

    def look() -> RunState:
        for state in states:
            return state
        raise Refused("it has been deleted")

    with pytest.raises(Refused, match="it has been deleted"):
        show_live(look, Screen(StringIO(), lambda: (80, 24), lambda line: line.text))


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
        left = [line.status for line in lines[1:] if line not in kept]
        told = re.findall(r"([0-9]+) (more|[a-z]+)", found[-1].text)
        assert {status: int(count) for count, status in told} == {
            "more": len(left),
            **{status: left.count(status) for status in left},
        }
