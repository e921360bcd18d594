"""What runs come to: success and latency of tasks, over the runs of which none is missing."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from generator.runs.history import Gap, gap_in
from generator.runs.listing import Listed, list_runs
from generator.runs.statistics import Figures, WorkflowFigures, as_json, figures_of
from generator.runtime.journal import JOURNAL, PLAN, pack
from generator.runtime.values import timestamp

Json = Any

SCHEMA = Path(__file__).parents[2] / "generator" / "runs" / "stats.schema.json"
DAY = 1_760_000_000


class Jobs:
    """A kubectl that knows nothing but these Jobs."""

    def __init__(self, jobs: list[Json]) -> None:
        self.jobs = jobs

    def select(self, _kind: str, _selector: str) -> list[Json]:
        return list(self.jobs)


def listed(*jobs: Json) -> list[Listed]:
    return list_runs(Jobs(list(jobs)))  # type: ignore[arg-type]  # all that it is asked for


def cronjob(success: int = 3, failure: int = 3, uid: str = "u") -> Json:
    limits = {"successfulJobsHistoryLimit": success, "failedJobsHistoryLimit": failure}
    return {"metadata": {"uid": uid}, "spec": limits}


def job(
    name: str,
    status: str,
    tasks: Json = None,
    at: int = 0,
    kinds: Json = None,
    retry_of: str = "",
    plan_format: int = 2,
    uid: str = "u",
) -> Json:
    """The Job of a run that started so many seconds into the day, as it is kept."""
    tasks = tasks or {}
    phase = "tasks" if status == "running" else "ended"
    reason = {"reason": f"{status} because"} if status in ("failed", "cancelled") else {}
    progress = {"phase": phase, "status": status, "started": float(DAY + at), "tasks": tasks, **reason}
    known = {each: {"kind": "wait", "wait": 1.0} for each in tasks}
    plan = {
        "format": plan_format,
        "workflow": "w",
        "timeout": 9.0,
        "parallelism": 9,
        "tasks": {**known, **(kinds or {})},
    }
    annotations = {PLAN: pack({"plan": plan, "bindings": {"workflow": "r-w"}}), JOURNAL: pack(progress)}
    if retry_of:
        annotations["flowhelm.dev/retry-of"] = retry_of
    how = {"succeeded": "Complete", "skipped": "Complete"}.get(status, "Failed")
    created = timestamp(DAY + at)[:-5] + "Z"
    condition = {"type": how, "status": "True", "reason": "PodFailurePolicy", "lastTransitionTime": created}
    return {
        "metadata": {
            "name": name,
            "labels": {"flowhelm.dev/workflow": "w", "app.kubernetes.io/instance": "shop"},
            "annotations": annotations,
            "creationTimestamp": created,
            "ownerReferences": [{"kind": "CronJob", "name": "shop-w", "uid": uid, "controller": True}],
        },
        "status": {} if status == "running" else {"conditions": [condition]},
    }


def task(status: str, seconds: float = 1.0, tries: int = 1, at: int = 0, **others: Any) -> Json:
    start = float(DAY + at)
    began = {"tries": tries, "started": start, "ended": start + seconds} if tries else {"ended": start}
    return {"status": status, **began, **others}


def only(jobs: list[Json], success: int = 3, failure: int = 3) -> WorkflowFigures:
    """The figures of the one workflow."""
    (found,) = figures_of(listed(*jobs), [cronjob(success, failure)])
    printed = {"workflows": [as_json(found)]}
    validator = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert list(validator.iter_errors(printed)) == []
    return found


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_shortest_time_that_so_many_took_at_most(times: list[float], percent: int) -> None:
    found = Figures(len(times), 0, 0, sorted(times)).percentile(percent)
    assert found in times
    wanted = Fraction(percent, 100) * len(times)
    assert sum(time <= found for time in times) >= wanted
    assert sum(time < found for time in times) < wanted


def test_percentiles_of_a_hundred_and_of_none() -> None:
    hundred = Figures(100, 100, 0, [float(number) for number in range(1, 101)])
    assert [hundred.percentile(percent) for percent in (50, 95, 99, 100)] == [50.0, 95.0, 99.0, 100.0]
    none = Figures(0, 0, 0, [])
    assert (none.success_rate, none.percentile(50)) == (None, None)


def test_what_counts() -> None:
    jobs = [
        job("r1", "succeeded", {"a": task("succeeded", 2.0), "b": task("skipped", tries=0)}),
        job(
            "r2",
            "failed",
            {"a": task("failed", 4.0, tries=3, reason="exit\ncode 1\x1b[2J")},
            kinds={"b": {"kind": "wait", "wait": 1.0}},
        ),
        job("r3", "cancelled", {"a": task("cancelled", 9.0), "b": task("succeeded", 0.5)}),
        job("r4", "succeeded", {"a": task("succeeded", 50.0, taken=True), "b": task("succeeded", 0.25)}, retry_of="r2"),
        job("r5", "running", {"a": task("succeeded", 1.0), "b": task("running")}),
        job("r6", "skipped"),
        job("r7", "failed", {"a": task("failed", tries=0, reason="its condition: no"), "b": task("skipped", tries=0)}),
    ]
    found = only(jobs, success=9, failure=9)
    assert (found.whole.runs, found.whole.succeeded, found.whole.retried) == (4, 2, 1), "one was retried by another run"
    assert (found.cancelled, found.skipped, found.unreadable, found.trimmed) == (1, 1, 0, False)
    assert found.whole.seconds == [2.0], "what a retry takes is no measure of the whole"
    a, b = found.tasks["a"], found.tasks["b"]
    assert (a.runs, a.succeeded, a.retried, a.seconds) == (3, 1, 1, [2.0])
    assert dict(a.reasons) == {"exit code 1 [2J": 1, "its condition: no": 1}
    assert (b.runs, b.succeeded, b.seconds) == (2, 2, [0.25, 0.5])
    assert as_json(found)["tasks"]["a"]["success_rate"] == 0.3333


def test_items_and_called_workflows_have_figures_of_their_own() -> None:
    x = {"x": {"kind": "wait", "wait": 1.0}}
    called = {
        "kind": "workflow",
        "workflow": {"with": {}, "plan": {"workflow": "c", "timeout": 9.0, "parallelism": 9, "tasks": x}},
    }
    items = [
        task("succeeded", workflow={"started": 1.0, "tasks": {"x": task("failed", taken=True)}}),
        task("failed", 2.0, workflow={"started": 1.0, "tasks": {"x": task("succeeded", 0.5)}}),
    ]
    tasks = {
        "each": task("failed", items=[1, 2], each=items),
        "call": task("succeeded", workflow={"started": 1.0, "tasks": {"x": task("failed", 3.0)}}),
    }
    foreach = {**called, "foreach": {"items": ["value", [1, 2]], "max_failed": 0}}
    found = only([job("r1", "failed", tasks, kinds={"each": foreach, "call": called})])
    assert {path: (each.runs, each.succeeded, each.seconds) for path, each in found.tasks.items()} == {
        "each": (1, 0, []),
        "each[*]": (2, 1, []),
        "each[*]/x": (1, 1, [0.5]),
        "call": (1, 1, [1.0]),
        "call/x": (1, 0, []),
    }


def test_runs_of_another_version_are_counted_as_such() -> None:
    found = only([job("r1", "succeeded", {"a": task("succeeded")}, plan_format=99), job("r2", "succeeded")])
    assert (found.whole.runs, found.unreadable) == (1, 1)


def test_older_runs_of_one_kind_alone_do_not_count() -> None:
    old = [job(f"old{number}", "failed", at=number) for number in range(2)]
    new = [job(f"new{number}", "succeeded", at=100 + number) for number in range(3)]
    found = only(old + new)
    assert (found.whole.runs, found.whole.success_rate, found.trimmed, found.since) == (3, 1.0, True, DAY + 100)
    found = only(old + new, success=4)
    assert (found.whole.runs, found.whole.success_rate, found.trimmed) == (5, 0.6, False)
    found = only(old + new, success=9, failure=0)
    assert (found.whole.runs, found.whole.success_rate) == (5, None), "failed runs vanish: nobody knows how many"


def test_the_newest_runs_of_each_workflow() -> None:
    jobs = [job(f"r{number}", "succeeded", at=number) for number in range(5)]
    cronjobs = [cronjob(success=9)]
    (found,) = figures_of(listed(*jobs), cronjobs, limit=2)
    assert (found.whole.runs, found.since) == (2, DAY + 3)
    (found,) = figures_of(listed(*jobs), cronjobs, not_before=DAY + 1.5)
    assert (found.whole.runs, found.since) == (3, DAY + 2)


@given(
    st.lists(st.tuples(st.sampled_from(("succeeded", "failed", "skipped", "cancelled")), st.booleans()), max_size=25),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_since_then_no_run_is_missing(runs: list[tuple[str, bool]], success: int, failure: int) -> None:
    """Two CronJobs remove runs as Kubernetes does: after each end, the oldest beyond the limit of its kind."""
    made: list[Json] = []
    kept: list[Json] = []
    for number, (status, second) in enumerate(runs):
        made.append(job(f"r{number}", status, at=number, uid="v" if second else "u"))
        kept.append(made[-1])
        kinds: Counter[tuple[str, str]] = Counter()
        for each in reversed(kept[:]):
            kind = each["metadata"]["ownerReferences"][0]["uid"], each["status"]["conditions"][0]["type"]
            kinds[kind] += 1
            if kinds[kind] > (success if kind[1] == "Complete" else failure):
                kept.remove(each)
    gap = gap_in(kept, [cronjob(success, failure, uid) for uid in ("u", "v")])
    assert not gap.one_sided
    assert [each for each in made[max(0, int(gap.since) - DAY) :] if each not in kept] == []
    if len(made) < min(success, failure):
        assert gap == Gap(0.0, False)


def test_what_is_not_known_of_a_cron_job_is_as_kubernetes_has_it() -> None:
    jobs = [job(f"r{number}", "succeeded", at=number) for number in range(3)]
    assert gap_in(jobs, [{"metadata": {"uid": "u"}, "spec": {}}]) == Gap(float(DAY), False)
    assert gap_in(jobs, [cronjob(uid="other", failure=0)]) == Gap(0.0, False)
