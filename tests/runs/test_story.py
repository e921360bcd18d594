"""The runner's log as people read it."""

import json

import pytest

from generator.runs.story import is_about, is_news, read_line, told


def line(event: str, **facts: object) -> str:
    return json.dumps({"time": "2026-11-28T08:02:16.596Z", "run": "r", "workflow": "w", "event": event, **facts})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (line("RunStarted"), "08:02:16.596  run               started"),
        (line("TaskStarted", task="a", tries=1), "08:02:16.596  a                 started"),
        (line("TaskStarted", task="a", tries=2), "08:02:16.596  a                 started (try 2)"),
        (line("TaskStarted", task="each", items=3), "08:02:16.596  each              started with 3 items"),
        (
            line("TaskFailed", task="pay/charge", reason="exit code 2", duration=1.2345, tries=2),
            "08:02:16.596  pay/charge        failed (try 2) after 1.2 s: exit code 2",
        ),
        (
            line("TaskFailed", task="a", reason="two\nlines \x1b[31m red"),
            "08:02:16.596  a                 failed: two lines  [31m red",
        ),
        (line("RunSucceeded", duration=200.4), "08:02:16.596  run               succeeded after 3m20s"),
        (
            line("TaskWaits", task="a", reason="Ship?", annotation="flowhelm.dev/approve.a"),
            "08:02:16.596  a                 waits: Ship?",
        ),
        (
            json.dumps({"event": "RunnerEnds", "result": "stopped: told to stop"}),
            f"{'':12}  run               the runner ends: stopped: told to stop",
        ),
    ],
)
def test_a_line(written: str, read: str) -> None:
    assert told(read_line(written)) == read


@pytest.mark.parametrize("text", ["Traceback (most recent call last):", "[1]", '{"x": 1}', ""])
def test_lines_of_others(text: str) -> None:
    assert read_line(text) is None


def test_a_runner_that_ends_with_its_run_is_no_news() -> None:
    results = ("succeeded", "failed: task a failed", "stopped: told to stop")
    lines = [read_line(json.dumps({"event": "RunnerEnds", "result": result})) for result in results]
    assert [is_news(line) for line in lines] == [False, False, True]


def test_what_a_line_is_about() -> None:
    paths = ("pay", "pay[1]", "pay/charge", "pay[1]/charge", "payment", "run")
    about = {
        path: [each for each in paths if is_about(path)({"task": each})] for path in ("pay", "pay[1]", "pay/charge")
    }
    assert about == {
        "pay": ["pay", "pay[1]", "pay/charge", "pay[1]/charge"],
        "pay[1]": ["pay[1]", "pay[1]/charge"],
        "pay/charge": ["pay/charge", "pay[1]/charge"],
    }
