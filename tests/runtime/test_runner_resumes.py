"""A run of all kinds of tasks whose runner is killed: nothing is lost, no pod starts twice, no mutex stays behind."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.runtime.killing import forget, kill_at, start
from tests.runtime.simulated_cluster import RUN, RUN_UID
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import (
    Row,
    approve,
    call,
    each,
    name,
    retry,
    run,
    sql,
    step,
    text,
    told,
    value,
    wait,
    workflow,
)

ITEM = ["name", "item"]

ROW = Row(
    "all kinds",
    "M32 C21 M13 M14 M17 M21 M22",
    "run succeeded\n"
    "pick succeeded\n"
    "pack succeeded\npack[0] succeeded\npack[1] failed (exit code 2)\npack[2] succeeded\n"
    "tell succeeded\ntell[0] succeeded\ntell[1] succeeded\n"
    "pay succeeded\npay/charge succeeded\npay/ask succeeded\npay/book succeeded\npay/z succeeded\n"
    "nap succeeded\nalone succeeded\nend succeeded",
    {
        "pick": sql('ok {"n": "3", "l": "[\\"x\\", \\"y\\", \\"z\\"]"}', outputs={"n": "integer", "l": "list"}),
        "pack": run(
            'ok {"at": 1}',
            items={1: ("exit 1", "exit 2"), 2: ('ok {"at": 3}',)},
            needs="pick",
            foreach=each(value(name("tasks.pick.outputs.l")), parallel=2, max_failed=1),
            retry=retry(2, 1),
            outputs={"at": {"type": "integer"}},
            mutex="till",
        ),
        "tell": call(
            step("POST stock", path=text("/tell/", ITEM), timeout=300.0), foreach=each(["a", "b"], parallel=1)
        ),
        "pay": workflow(
            {
                "charge": run("exit 1", 'ok {"receipt": "r"}', outputs={"receipt": "string"}, mutex="till"),
                "ask": approve("Book it?", needs="charge"),
                "book": call(step("POST orders", path=text("/", name("inputs.n")), timeout=300.0), needs="ask"),
            },
            {"z": run(args=[text(name("run.status"))])},
            needs="pick",
            given={"n": value(name("tasks.pick.outputs.n"))},
            callee={
                "inputs": {"n": {"type": "integer"}},
                "outputs": {"receipt": {"type": "string", "value": value(name("tasks.charge.outputs.receipt"))}},
            },
            retry=retry(2, 1),
        ),
        "nap": wait(5, mutex="till"),
        "alone": wait(3, isolate=True),
        "end": run(
            needs="pack pay nap alone",
            args=[text(name("tasks.pack.outputs.at"), name("tasks.pay.outputs.receipt"))],
        ),
    },
    answers={"pay.ask": '{"by": "Ada", "approved": true}'},
)


def check(simulated: Simulation) -> None:
    """The story is the row's, and each try of each path was one Job."""
    assert simulated.story() == told(simulated.row.expect)
    annotations = [job["metadata"]["annotations"] for jobs in simulated.cluster.manifests.values() for job in jobs]
    tries = sorted((each["flowhelm.dev/path"], each["flowhelm.dev/try"]) for each in annotations)
    assert tries == [
        ("alone", "1"),
        ("end", "1"),
        ("pack[0]", "1"),
        ("pack[1]", "1"),
        ("pack[1]", "2"),
        ("pack[2]", "1"),
        ("pay/charge", "1.1"),
        ("pay/charge", "2.1"),
        ("pay/z", "1.1"),
        ("pay/z", "2.1"),
        ("pick", "1"),
    ]
    arguments = [
        job["spec"]["template"]["spec"]["containers"][0].get("args")
        for path in ("pay/z", "end")
        for job in simulated.cluster.manifests[path]
    ]
    assert arguments == [["failed"], ["succeeded"], ["[1,null,3]r"]]
    assert {request[1] for request in simulated.requests.of("pay/book")} == {"POST orders /3"}
    keys = {request[2]["Idempotency-Key"] for request in simulated.requests.seen}
    assert keys == {f"{RUN_UID}/{path}/0" for path in ("tell[0]", "tell[1]", "pay/book")}
    assert simulated.cluster.listed("leases", "") == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_request(when: str, tmp_path: Path) -> None:
    """SIGKILL at the first request, at the second, … of each new process, until one gets through."""
    with simulation(ROW, tmp_path, 100) as simulated:
        kills = 0
        while True:
            kills += 1
            process = start(simulated)
            kill_at(simulated, process, kills, when)
            if process.wait(20) != -signal.SIGKILL:
                break
            forget(simulated)
        assert process.returncode == 0
        assert kills > 5
        check(simulated)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """SIGKILL and SIGTERM by the clock."""
    with simulation(ROW, tmp_path, 20) as simulated:
        for number in range(1, 40):
            process = start(simulated)
            try:
                process.wait(0.15 + 0.019 * number)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGTERM if number % 2 else signal.SIGKILL)
                assert process.wait(10) in (-signal.SIGKILL, -signal.SIGTERM, 75, 0)
        else:  # a busy machine: none of them had the time
            process = start(simulated)
        assert process.wait(60) == 0
        check(simulated)


def test_an_answer_that_came_in_time_counts_though_no_runner_lived(tmp_path: Path) -> None:
    row = Row("late", "M21 M32", "", {"a": approve("Ship it?", timeout=60), "b": run(needs="a")})
    with simulation(row, tmp_path, 100) as simulated:
        runner = simulated.runner()
        threading.Timer(0.3, runner.stop).start()
        assert simulated.run(runner) == 75
        annotations = {"flowhelm.dev/approve.a": "true"}
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": annotations}})
        simulated.clock.sleep(60)
        assert simulated.run() == 0


def test_a_wait_is_not_begun_anew(tmp_path: Path) -> None:
    row = Row("long", "M22 M32", "", {"a": wait(60), "b": call(step("GET stock /1", timeout=300.0), needs="a")})
    with simulation(row, tmp_path, 50) as simulated:
        runner = simulated.runner()
        threading.Timer(0.4, runner.stop).start()
        assert simulated.run(runner) == 75
        assert simulated.run() == 0
        kept = simulated.kept("a")
        assert 60 <= kept["ended"] - kept["started"] < 90


def test_items_are_those_of_the_beginning(tmp_path: Path) -> None:
    """What they were read from is gone after a restart, and they are not."""
    items = value(name("tasks.a.outputs.l"))
    tasks = {"a": run('ok {"l": ["x", "y"]}', outputs={"l": "list"}), "b": run("hang", needs="a", foreach=each(items))}
    with simulation(Row("items", "M13 M32", "", tasks), tmp_path, 50) as simulated:
        runner = simulated.runner()
        simulated.cluster.when_running = lambda task: runner.stop() if task == "b[1]" else None
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda task: None
        simulated.cluster.scripts["b"] = ("ok",)
        simulated.cluster.delete("jobs", simulated.cluster.manifests["a"][0]["metadata"]["name"])
        for job in simulated.cluster.manifests["b[0]"] + simulated.cluster.manifests["b[1]"]:
            simulated.cluster.patch("jobs", job["metadata"]["name"], {"spec": {"activeDeadlineSeconds": 1}})
        assert simulated.run() == 10
        assert {path: status for path, (status, _) in simulated.story().items()} == {
            "run": "failed",
            "a": "succeeded",
            "b": "failed",
            "b[0]": "failed",
            "b[1]": "failed",
        }
