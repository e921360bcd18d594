"""A run that does again what failed in another one: what it takes over, what it does anew, what it refuses."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator.runtime.journal import NO_ALARM
from tests.runtime.killing import forget, kill_at, start
from tests.runtime.simulated_cluster import RUN, RUN_UID
from tests.runtime.simulated_run import Json, Simulation, simulation
from tests.runtime.workflow_rows import (
    Row,
    Task,
    approve,
    call,
    each,
    equal,
    name,
    retry,
    run,
    step,
    text,
    told,
    value,
    workflow,
)

ITEM = ["name", "item"]

ROW = Row(
    "half done",
    "C21 M13 M14 M21",
    "run failed (tasks pack, pay failed; pack: pack[1] failed: exit code 2)\n"
    "pick succeeded\n"
    "pack failed (pack[1] failed: exit code 2)\n"
    "pack[0] succeeded\npack[1] failed (exit code 2)\npack[2] succeeded\n"
    "pay failed (task book failed: POST /3 of orders: status 500)\n"
    "pay/charge succeeded\npay/ask succeeded\npay/book failed (POST /3 of orders: status 500)\n"
    "pay/tell skipped (book failed)\npay/z succeeded\n"
    "try failed (exit code 4)\ncomfort succeeded\nlate succeeded\n"
    "no skipped (its condition is false)\nend skipped (pack failed)\nbye succeeded",
    {
        "pick": run('ok {"n": 3, "l": ["x", "y", "z"]}', outputs={"n": "integer", "l": "list"}),
        "pack": run(
            'ok {"at": 1}',
            items={1: ("exit 2", "exit 2", 'ok {"at": 2}'), 2: ('ok {"at": 3}',)},
            needs="pick",
            foreach=each(value(name("tasks.pick.outputs.l"))),
            retry=retry(2, 1),
            outputs={"at": {"type": "integer"}},
        ),
        "pay": workflow(
            {
                "charge": run('ok {"receipt": "r"}', outputs={"receipt": "string"}),
                "ask": approve("Book it?", needs="charge"),
                "book": call(
                    step("POST orders", "500", "500", "200", path=text("/", name("inputs.n"))),
                    needs="ask",
                    retry=retry(2, 1),
                ),
                "tell": run(needs="book", args=[text(name("tasks.charge.outputs.receipt"))]),
            },
            {"z": run()},
            needs="pick",
            given={"n": value(name("tasks.pick.outputs.n"))},
            callee={"inputs": {"n": {"type": "integer"}}},
        ),
        "try": run("exit 4", needs="pick"),
        "comfort": run(needs={"try": "failed"}),
        "late": run(needs={"pay": "done"}, args=[text(name("tasks.pay.status"))]),
        "no": run(when=equal("tasks.pick.outputs.n", 4), needs="pick"),
        "end": run(needs="pack pay", args=[text(name("tasks.pack.outputs.at"))]),
    },
    {"bye": run()},
    answers={"pay.ask": '{"by": "Ada", "approved": true}'},
)

AFTERWARDS = """
run succeeded
pick succeeded
pack succeeded
pack[0] succeeded\npack[1] succeeded\npack[2] succeeded
pay succeeded
pay/charge succeeded\npay/ask succeeded\npay/book succeeded\npay/tell succeeded\npay/z succeeded
try failed (exit code 4)\ncomfort succeeded\nlate succeeded
no skipped (its condition is false)\nend succeeded\nbye succeeded
"""


@contextmanager
def failed(row: Row, folder: Path, speed: float = 100.0) -> Iterator[Simulation]:
    """A run that has failed, and a second one that retries it."""
    with simulation(row, folder, speed) as simulated:
        assert simulated.run() == 10
        assert simulated.story() == told(row.expect)
        simulated.end_job()
        simulated.cluster.manifests.clear()
        simulated.retry()
        yield simulated


def mend(simulated: Simulation) -> None:
    """What failed works now."""
    simulated.cluster.scripts["pack[1]"] = ('ok {"at": 2}',)


def jobs_of(simulated: Simulation) -> list[str]:
    """The paths whose pods the present run has started."""
    return sorted(path for path, jobs in simulated.cluster.manifests.items() for _ in jobs)


def check(simulated: Simulation) -> None:
    """Only what failed and what comes after it has been done, with the results of the rest."""
    assert simulated.story() == told(AFTERWARDS)
    assert jobs_of(simulated) == ["bye", "end", "late", "pack[1]", "pay/tell", "pay/z"]
    containers = {
        path: jobs[0]["spec"]["template"]["spec"]["containers"][0] for path, jobs in simulated.cluster.manifests.items()
    }
    assert containers["end"]["args"] == ["[1,2,3]"]
    assert containers["pay/tell"]["args"] == ["r"]
    assert containers["late"]["args"] == ["succeeded"]
    keys = {request[2]["Idempotency-Key"] for request in simulated.requests.of("pay/book")}
    assert keys == {f"{RUN_UID}/pay/book/0"}, "what may have been received keeps its key"


def test_only_what_failed_and_what_follows_is_done_again(tmp_path: Path) -> None:
    with failed(ROW, tmp_path) as simulated:
        mend(simulated)
        assert simulated.cluster.get("jobs", RUN)["spec"]["activeDeadlineSeconds"] != NO_ALARM
        assert simulated.run() == 0
        assert simulated.cluster.get("jobs", RUN)["spec"]["activeDeadlineSeconds"] == NO_ALARM
        check(simulated)
        assert [path for path in ("pick", "pack[0]", "pack[1]", "try", "end") if simulated.kept(path).get("taken")] == [
            "pick",
            "pack[0]",
            "try",
        ]


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_request_while_the_first_run_goes(when: str, tmp_path: Path) -> None:
    """The new run's own Job has all of it: the one that failed is deleted as soon as the retry has begun."""
    with failed(ROW, tmp_path) as simulated:
        mend(simulated)
        kills = 0
        while True:
            kills += 1
            process = start(simulated)
            kill_at(simulated, process, kills, when)
            if process.wait(20) != -signal.SIGKILL:
                break
            forget(simulated)
            begun = "flowhelm.dev/plan" in simulated.cluster.get("jobs", "again")["metadata"]["annotations"]
            if begun and ("jobs", RUN) in simulated.cluster.objects:
                simulated.cluster.delete("jobs", RUN)
        assert process.returncode == 0
        assert kills > 5
        assert ("jobs", RUN) not in simulated.cluster.objects
        check(simulated)


def test_a_retry_of_a_retry(tmp_path: Path) -> None:
    """Results go from run to run, and so does the key of a request that never got its answer."""
    with failed(ROW, tmp_path) as simulated:
        simulated.cluster.scripts["pack[1]"] = ("exit 2",)
        assert simulated.run() == 10
        assert simulated.story()["pay"] == ("succeeded", "")
        simulated.end_job()
        simulated.cluster.delete("jobs", RUN)
        simulated.cluster.manifests.clear()
        mend(simulated)
        simulated.retry("once-more")
        assert simulated.run() == 0
        assert simulated.story() == told(AFTERWARDS)
        assert jobs_of(simulated) == ["bye", "end", "pack[1]"]


def test_what_ran_on_a_failure_is_decided_anew_with_a_key_of_its_own(tmp_path: Path) -> None:
    """A clean-up after a second failure is another clean-up: a service may not take it for the first one."""
    tasks = {
        "a": call(step("POST stock /take", "500", "500", "500")),
        "tidy": call(step("POST stock /free"), needs={"a": "done"}),
    }
    with failed(
        Row(
            "tidy",
            "",
            "run failed (task a failed: POST /take of stock: status 500)\n"
            "a failed (POST /take of stock: status 500)\ntidy succeeded",
            tasks,
        ),
        tmp_path,
    ) as simulated:
        assert simulated.run() == 10
        keys = [request[2]["Idempotency-Key"] for request in simulated.requests.of("tidy")]
        assert keys == [f"{RUN_UID}/tidy/0", "uid-again/tidy/0"]
        keys = [request[2]["Idempotency-Key"] for request in simulated.requests.of("a")]
        assert keys == [f"{RUN_UID}/a/0"] * 2


def test_what_was_refused_is_asked_again(tmp_path: Path) -> None:
    expect = "run failed (task a failed: rejected)\na failed (rejected)\nb skipped (a failed)"
    row = Row("no", "M21", expect, {"a": approve("Ship?"), "b": run(needs="a")}, answers={"a": "false"})
    with failed(row, tmp_path) as simulated:
        simulated.cluster.patch("jobs", "again", {"metadata": {"annotations": {"flowhelm.dev/approve.a": "true"}}})
        assert simulated.run() == 0
        assert simulated.story()["a"] == ("succeeded", "")


def test_a_cancelled_run_goes_on(tmp_path: Path) -> None:
    expect = "run cancelled (cancelled)\na succeeded\nb cancelled (cancelled)\nc cancelled (cancelled)"
    tasks = {"a": run(), "b": run("hang", needs="a"), "c": run(needs="b")}
    with failed(Row("stop", "M16", expect, tasks, cancel_when="b"), tmp_path) as simulated:
        simulated.cluster.scripts["b"] = ("ok",)
        assert simulated.run() == 0
        assert jobs_of(simulated) == ["b", "c"]


def test_the_version_is_that_of_the_run_that_failed(tmp_path: Path) -> None:
    """After an upgrade: plan and templates are those of the first run, whose result must fit what follows."""
    row = Row("old", "M32", "run failed (task a failed: exit code 1)\na failed (exit code 1)", {"a": run("exit 1")})
    with failed(row, tmp_path) as simulated:
        (tmp_path / "plan.json").write_text("{}", "utf-8")
        simulated.cluster.patch("cronjobs", "r-w-a", {"spec": {"jobTemplate": {"spec": {"template": None}}}})
        simulated.cluster.scripts["a"] = ("ok",)
        assert simulated.run() == 0
        assert simulated.cluster.manifests["a"][0]["spec"]["template"]["spec"]["containers"][0]["image"] == "demo/a:1"


def test_a_kill_during_a_workflow_of_which_part_is_taken_over(tmp_path: Path) -> None:
    """A called workflow goes on where the failed one stopped; its next try of all is whole, as always."""
    inner = {"a": run('ok {"x": 1}', outputs={"x": "integer"}), "b": run("exit 1", needs="a")}
    expect = (
        "run failed (task w failed: task b failed: exit code 1)\nw failed (task b failed: exit code 1)\n"
        "w/a succeeded\nw/b failed (exit code 1)"
    )
    with failed(
        Row("in", "M14", expect, {"w": workflow(inner, mutex="till", retry=retry(2, 1))}), tmp_path
    ) as simulated:
        assert simulated.run() == 10
        assert jobs_of(simulated) == ["w/a", "w/b", "w/b"], "a is taken over at the first try alone"


REFUSED: dict[str, tuple[Json, str]] = {
    "gone": ({}, "refused: run the-run is gone"),
    "running": ({"status": None}, "refused: run the-run has not ended"),
    "elsewhere": (
        {"metadata": {"labels": {"app.kubernetes.io/instance": "other"}}},
        "refused: the-run is no run of this workflow",
    ),
    "no plan": (
        {"metadata": {"annotations": {"flowhelm.dev/plan": None}}},
        "refused: run the-run never began, and has no plan that could be gone on with",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, tmp_path: Path) -> None:
    row = Row("old", "", "run failed (task a failed: exit code 1)\na failed (exit code 1)", {"a": run("exit 1")})
    change, reason = REFUSED[case]
    with failed(row, tmp_path) as simulated:
        if change:
            simulated.cluster.patch("jobs", RUN, change)
        else:
            simulated.cluster.delete("jobs", RUN)
        assert simulated.run() == 10
        assert simulated.story()["run"] == ("failed", reason)
        assert not simulated.cluster.manifests


def test_a_run_is_retried_once(tmp_path: Path) -> None:
    row = Row("old", "", "run failed (task a failed: exit code 1)\na failed (exit code 1)", {"a": run("exit 1")})
    with failed(row, tmp_path) as simulated:
        assert simulated.run() == 10
        simulated.end_job()
        simulated.name = RUN
        simulated.retry("second")
        assert simulated.run() == 10
        assert simulated.story() == {
            "run": ("failed", "refused: run the-run has been retried already, as again: retry that one")
        }


def once(task: Task, expect: str, **keys: Json) -> Row:
    """A workflow of one task."""
    return Row("one", "", expect, {"a": task}, **keys)


def test_a_run_that_succeeded_is_not_retried(tmp_path: Path) -> None:
    with simulation(once(run(), ""), tmp_path) as simulated:
        assert simulated.run() == 0
        simulated.end_job("Complete")
        simulated.retry()
        assert simulated.run() == 10
        assert simulated.story()["run"][1] == "refused: run the-run succeeded, there is nothing to retry"


def test_outputs_that_are_gone_with_their_job(tmp_path: Path) -> None:
    tasks = {"a": run('ok {"x": 1}', outputs={"x": "integer"}), "b": run("exit 1", needs="a")}
    expect = "run failed (task b failed: exit code 1)\na succeeded\nb failed (exit code 1)"
    with simulation(Row("lost", "", expect, tasks), tmp_path) as simulated:
        assert simulated.run() == 10
        simulated.end_job()
        simulated.cluster.delete("jobs", simulated.cluster.manifests["a"][0]["metadata"]["name"])
        simulated.retry()
        assert simulated.run() == 10
        assert simulated.story()["run"][1] == "refused: the outputs of task a are gone with its Job"
