"""What runs come to: success and latency of tasks, and the table of runs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.runs.listing import Listed, columns, table
from generator.runs.state import RunState, TaskState
from generator.runs.statistics import Figures, as_json, figures_of


def state(status: str, tasks: dict[str, TaskState], seconds: float = 1.0) -> RunState:
    return RunState("r-1", "w", status, "", 100.0, 100.0 + seconds, {}, tasks)


def task(status: str, seconds: float = 1.0, tries: int = 1, **others: Any) -> TaskState:
    return TaskState(status, "", tries, 100.0, 100.0 + seconds, **others)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100))
def test_a_percentile_is_the_shortest_time_that_so_many_took_at_most(times: list[float], percent: float) -> None:
    found = Figures(len(times), 0, 0, sorted(times)).percentile(percent)
    assert found in times
    at_most = [time for time in times if time <= found]
    assert len(at_most) >= percent / 100 * len(times) - 1e-6
    shorter = [time for time in times if time < found]
    assert len(shorter) < percent / 100 * len(times) + 1e-6


def test_percentiles_of_a_hundred() -> None:
    hundred = Figures(100, 100, 0, [float(number) for number in range(1, 101)])
    assert [hundred.percentile(percent) for percent in (50, 95, 99, 100)] == [50.0, 95.0, 99.0, 100.0]
    assert as_json(Figures(0, 0, 0, [])) == {
        "runs": 0,
        "succeeded": 0,
        "success_rate": None,
        "retried": 0,
        "seconds": {"p50": None, "p95": None, "p99": None},
    }


def test_what_counts() -> None:
    runs = [
        state("succeeded", {"a": task("succeeded", 2.0), "b": task("skipped", tries=0)}, 5.0),
        state("failed", {"a": task("failed", 4.0, tries=3), "b": TaskState("waiting")}, 7.0),
        state("cancelled", {"a": task("cancelled", 9.0)}, 9.0),
        state("succeeded", {"a": task("succeeded", 50.0, taken=True), "b": task("succeeded", 0.25)}, 1.0),
        state("running", {"a": TaskState("running", "", 1, 100.0)}),
    ]
    found = figures_of("shop", "w", runs)
    assert as_json(found.whole) == {
        "runs": 3,
        "succeeded": 2,
        "success_rate": 0.6667,
        "retried": 0,
        "seconds": {"p50": 5.0, "p95": 7.0, "p99": 7.0},
    }
    a, b = found.tasks["a"], found.tasks["b"]
    assert (a.runs, a.succeeded, a.retried, a.seconds) == (2, 1, 1, [2.0, 4.0])
    assert (b.runs, b.succeeded, b.seconds) == (1, 1, [0.25])


def test_items_and_called_workflows_have_figures_of_their_own() -> None:
    items = (task("succeeded", tasks={"pay": task("failed")}), task("failed", tasks={"pay": task("succeeded")}))
    runs = [
        state("failed", {"each": task("failed", items=items), "call": task("succeeded", tasks={"x": task("failed")})})
    ]
    found = figures_of("shop", "w", runs)
    assert {path: (each.runs, each.succeeded) for path, each in found.tasks.items()} == {
        "each": (1, 0),
        "each[*]": (2, 1),
        "each[*]/pay": (2, 1),
        "call": (1, 1),
        "call/x": (1, 0),
    }


def test_the_table_of_runs() -> None:
    ended = Listed("shop", "schedule", 95.0, state("failed", {}, 61.0))
    going = RunState("shop-w-long", "w", "running", "", 180.0, None, {}, {})
    lines = list(table([Listed("shop", "manual", 179.0, going), ended], 190.0))
    assert lines == [
        "RUN          RELEASE  WORKFLOW  TRIGGER   STATUS   AGE     TOOK    REASON",
        "shop-w-long  shop     w         manual    running  11.0 s  10.0 s",
        "r-1          shop     w         schedule  failed   1m35s   1m01s",
    ]


@given(st.lists(st.lists(st.text("ab ", max_size=9), min_size=3, max_size=3), min_size=1))
def test_columns_stand_under_one_another(rows: list[list[str]]) -> None:
    widths = [max(len(row[index]) for row in rows) for index in range(2)]
    for row, line in zip(rows, columns(rows), strict=True):
        assert line == f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip()
