"""A runner that is killed, stopped, doubled, and an API server that has bad days: the run comes to the same end."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.runtime import admission
from generator.runtime.journal import pack, unpack
from tests.runtime.simulated_cluster import RUN
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, call, name, retry, run, step, text, told, workflow

ROW = Row(
    "a bit of everything",
    "M32 C13 C21",
    "run succeeded\na succeeded\nb failed (exit code 1)\nc succeeded\nd succeeded\ne skipped (b failed)\nf succeeded\n"
    "z succeeded",
    {
        "a": run('ok {"n": 7}', outputs={"n": "integer"}),
        "b": run("exit 3", "exit 1", retry=retry(2, 1)),
        "c": call(step("POST orders /1", '200 {"m": "x"}'), needs="a", outputs={"m": "string"}),
        "d": run(needs={"b": "failed"}),
        "e": run(needs="b c"),
        "f": run(needs="c", args=[text(name("tasks.a.outputs.n"), name("tasks.c.outputs.m"))]),
    },
    {"z": call(step("POST orders", path=text("/", name("run.status"))))},
)


def check(simulated: Simulation, at_most: int = 1) -> None:
    """The story is the row's; every try was started exactly once, every request at most so often, with one key."""
    assert simulated.story() == told(simulated.row.expect)
    starts = sorted((task, number) for _, what, task, number in simulated.cluster.story if what == "start")
    assert starts == [("a", 1), ("b", 1), ("b", 2), ("d", 1), ("f", 1)]
    container = simulated.cluster.manifests["f"][0]["spec"]["template"]["spec"]["containers"][0]
    assert container["args"] == ["7x"]
    for task, path in (("c", "POST orders /1"), ("z", "POST orders /succeeded")):
        requests = simulated.requests.of(task)
        assert {request[1] for request in requests} == {path}
        assert 1 <= len(requests) <= at_most
        assert {request[2]["Idempotency-Key"] for request in requests} == {f"the-uid/{task}/0"}


def test_sigterm_is_no_cancel(tmp_path: Path) -> None:
    """The runner writes what it knows, exits non-zero, and its successor goes on."""
    row = Row(
        "two", "C13", "run succeeded\na succeeded\nb succeeded", {"a": run("hang, then exit 0", timeout=60), "b": run()}
    )
    with simulation(row, tmp_path, 50) as simulated:
        runner = simulated.runner()
        simulated.cluster.when_running = lambda task: runner.stop() if task == "a" else None
        assert simulated.run(runner) == 75
        assert simulated.last_words.read_text() == "stopped: told to stop\n"
        assert simulated.journal()["tasks"]["a"]["status"] == "running"
        simulated.cluster.scripts["a"] = ("ok",)
        simulated.cluster.when_running = lambda task: None
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("failed", "timeout")
        assert simulated.story()["b"] == ("succeeded", "")
        assert len(simulated.cluster.manifests["a"]) == 1


def test_of_two_runners_one_goes_on(tmp_path: Path) -> None:
    row = Row(
        "slow",
        "M32",
        "run succeeded\na succeeded\nb succeeded\nc succeeded",
        {
            "a": call(step("GET stock /1", "hang", timeout=5.0), retry=retry(50, 1, 1)),
            "b": run(),
            "c": run(needs="b"),
        },
    )
    with simulation(row, tmp_path, 10) as simulated:
        first, second = simulated.runner(), simulated.runner()
        codes: dict[str, int] = {}
        thread = threading.Thread(target=lambda: codes.update(first=simulated.run(first)))
        thread.start()
        _await(lambda: len(simulated.requests.seen) == 1)
        other = threading.Thread(target=lambda: codes.update(second=simulated.run(second)), daemon=True)
        other.start()
        thread.join(10)
        assert codes == {"first": 75}
        simulated.requests.tasks["a"] = call(step("GET stock /1", "200"))
        other.join(10)
        assert codes == {"first": 75, "second": 0}
        assert simulated.story() == told(row.expect)
        assert len(simulated.cluster.manifests["b"]) == len(simulated.cluster.manifests["c"]) == 1


def test_a_deleted_run_ends_its_runner(tmp_path: Path) -> None:
    row = Row("hang", "C13", "", {"a": run("hang"), "b": run(needs="a")}, {"z": run()})
    with simulation(row, tmp_path) as simulated:
        simulated.cluster.when_running = lambda task: simulated.cluster.delete("jobs", RUN)
        assert simulated.run() == 75
        assert simulated.cluster.listed("jobs", "") == []
        assert [task for _, what, task, _ in simulated.cluster.story if what == "start"] == ["a"]


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    with simulation(ROW, tmp_path) as simulated:
        assert simulated.run() == simulated.run() == 0
        check(simulated)


def test_an_upgrade_does_not_reach_a_run_that_has_begun(tmp_path: Path) -> None:
    with simulation(ROW, tmp_path) as simulated:
        runner = simulated.runner()

        def upgrade(task: str) -> None:
            (tmp_path / "plan.json").write_text("{}")
            for cronjob in simulated.cluster.listed("cronjobs", ""):
                simulated.cluster.delete("cronjobs", cronjob["metadata"]["name"])
            runner.stop()

        simulated.cluster.when_running = lambda task: upgrade(task) if task == "a" else None
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda task: None
        assert simulated.run() == 0
        check(simulated, at_most=2)


@pytest.mark.parametrize("change", ["other files", "gone", "other image"])
def test_a_run_from_before_an_upgrade_does_not_mix_versions(change: str, tmp_path: Path) -> None:
    """Its own template counts, but files are those of the release: others are refused."""
    row = Row("two", "M32", "", {"a": run(), "b": run("ok", needs="a", retry=retry(3))})
    with simulation(row, tmp_path, 50) as simulated:
        cluster = simulated.cluster

        def set_template(checksum: str, image: str) -> None:
            (container,) = cluster.get("cronjobs", "r-w-b")["spec"]["jobTemplate"]["spec"]["template"]["spec"][
                "containers"
            ]
            pod = {"spec": {"containers": [{**container, "image": image}]}}
            template = {"metadata": {"annotations": {"checksum/files": checksum}}, "spec": {"template": pod}}
            cluster.patch("cronjobs", "r-w-b", {"spec": {"jobTemplate": template}})

        set_template("one", "demo/b:1")
        upgrades = {
            "other files": lambda: set_template("two", "demo/b:1"),
            "gone": lambda: cluster.delete("cronjobs", "r-w-b"),
            "other image": lambda: set_template("one", "demo/b:2"),
        }
        cluster.when_running = lambda task: upgrades[change]() if task == "a" else None
        code = simulated.run()
        if change == "other image":
            assert (code, simulated.story()["b"]) == (0, ("succeeded", ""))
            containers = cluster.manifests["b"][0]["spec"]["template"]["spec"]["containers"]
            assert containers[0]["image"] == "demo/b:1"
        else:
            reason = "an upgrade of the release has changed or removed its files since the run began"
            assert (code, simulated.story()["b"]) == (10, ("failed", reason))
            assert "b" not in cluster.manifests


def test_a_run_of_a_later_version_is_refused_after_a_rollback(tmp_path: Path) -> None:
    with simulation(Row("one", "M32", "", {"a": run("hang")}), tmp_path, 50) as simulated:
        runner = simulated.runner()
        simulated.cluster.when_running = lambda task: runner.stop()
        assert simulated.run(runner) == 75
        job = simulated.cluster.get("jobs", RUN)
        kept = unpack(job["metadata"]["annotations"]["flowhelm.dev/plan"])
        later = pack({**kept, "plan": {**kept["plan"], "format": 99}})
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": {"flowhelm.dev/plan": later}}})
        assert simulated.run() == 10
        assert simulated.last_words.read_text() == (
            "failed: another version of flowhelm has begun the run: plan.json has format 99; this runner knows 2\n"
        )


FAULTS: dict[str, Callable[[str, str, int], object]] = {
    "429 with Retry-After": lambda method, path, count: (429, "slow down", {"Retry-After": "1"}) if count % 3 else None,
    "500": lambda method, path, count: (500, "etcdserver: leader changed") if count % 2 else None,
    "503 and 504": lambda method, path, count: ((503, "x"), (504, "x"), None)[count % 3],
    "broken connections": lambda method, path, count: "drop" if count % 2 else None,
    "a conflict on every other patch": lambda method, path, count: (
        (409, "modified") if method == "PATCH" and "the-run" in path and count % 2 else None
    ),
    "watches that break": lambda method, path, count: (
        "drop" if method == "WATCH" or ("watch=true" in path and count % 2) else None
    ),
    "watches that are too old": lambda method, path, count: (
        (410, "too old") if "watch=true" in path and count % 2 else None
    ),
    "Events that are refused": lambda method, path, count: (403, "no") if path.endswith("/events") else None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_days_of_the_api_server(fault: str, tmp_path: Path) -> None:
    counts: dict[str, int] = {}
    lock = threading.Lock()

    def answer(method: str, path: str) -> object:
        with lock:
            key = f"{method} {path.partition('?')[0]}"
            counts[key] = counts.get(key, 0) + 1
            return FAULTS[fault](method, path, counts[key])

    with simulation(ROW, tmp_path) as simulated:
        simulated.cluster.fault = answer
        assert simulated.run() == 0
        check(simulated)


def test_a_creation_whose_answer_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Job is there, the answer is not: 409 on the second attempt is read back."""
    with simulation(ROW, tmp_path) as simulated:
        create = simulated.cluster.create
        lost: set[str] = set()

        def create_and_lose(kind: str, item: dict) -> object:
            created = create(kind, item)
            if kind == "jobs" and created["metadata"]["name"] not in lost:
                lost.add(created["metadata"]["name"])
                raise ConnectionResetError
            return created

        monkeypatch.setattr(simulated.cluster, "create", create_and_lose)
        assert simulated.run() == 0
        check(simulated)
        assert len(lost) == 5


def test_a_job_of_someone_else_has_the_name(tmp_path: Path) -> None:
    from generator.runtime.names import job_name

    row = Row("one", "C21", "", {"a": run()})
    with simulation(row, tmp_path) as simulated:
        taken = job_name("the-run", "the-uid", "a", "1")
        simulated.cluster.put("jobs", {"metadata": {"name": taken, "uid": "x", "labels": {}}, "status": {}})
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("failed", f"another Job is named {taken}")


def test_history_that_is_compacted_meanwhile(tmp_path: Path) -> None:
    with simulation(ROW, tmp_path) as simulated:
        simulated.cluster.when_running = lambda task: simulated.cluster.forget_history()
        simulated.cluster.fault = lambda method, path: "drop" if method == "WATCH" else None
        assert simulated.run() == 0
        check(simulated)


def test_a_task_job_that_someone_deletes(tmp_path: Path) -> None:
    row = Row("one", "C21", "", {"a": run("hang"), "b": run(needs={"a": "failed"})})
    with simulation(row, tmp_path) as simulated:

        def delete(task: str) -> None:
            if task == "a":
                job = simulated.cluster.manifests["a"][0]
                simulated.cluster.delete("jobs", job["metadata"]["name"])

        simulated.cluster.when_running = delete
        assert simulated.run() == 0
        assert simulated.story()["a"] == ("failed", "its Job was deleted")


def test_a_runner_without_rights_says_so_and_its_successor_goes_on(tmp_path: Path) -> None:
    row = Row("two", "M32", "run succeeded\na succeeded\nb succeeded", {"a": run(), "b": run(needs="a")})
    refusal = 'jobs.batch "the-run" is forbidden: no RBAC policy matched'
    with simulation(row, tmp_path, 20) as simulated:
        cluster = simulated.cluster

        def take_rights(task: str) -> None:
            cluster.fault = lambda method, path: (403, refusal) if method == "PATCH" else None

        cluster.when_running = take_rights
        assert simulated.run() == 75
        assert simulated.last_words.read_text() == f"stopped: the API server refuses: 403: {refusal}\n"
        cluster.fault, cluster.when_running = lambda method, path: None, lambda task: None
        assert simulated.run() == 0
        assert simulated.story() == told(row.expect)
        assert len(cluster.manifests["a"]) == len(cluster.manifests["b"]) == 1


def test_a_missing_cronjob_is_named(tmp_path: Path) -> None:
    with simulation(Row("one", "M32", "", {"a": run()}), tmp_path) as simulated:
        simulated.cluster.delete("cronjobs", "r-w-a")
        assert simulated.run() == 10
        assert simulated.journal()["reason"].startswith("the CronJob r-w-a of task a cannot be read: ")


def test_a_plan_that_is_too_large(tmp_path: Path) -> None:
    with simulation(Row("one", "M32", "", {"a": run()}), tmp_path) as simulated:
        noise = os.urandom(150_000).hex()
        simulated.cluster.patch(
            "cronjobs", "r-w-a", {"spec": {"jobTemplate": {"metadata": {"annotations": {"x": noise}}}}}
        )
        assert simulated.run() == 10
        assert simulated.journal()["reason"].startswith("the workflow is too large to be kept: ")


def test_a_progress_that_is_too_large(tmp_path: Path) -> None:
    tasks = {
        f"t{number}": call(
            step("GET stock /1", json.dumps({"x": os.urandom(1900).hex()}).join(["200 ", ""])), outputs={"x": "string"}
        )
        for number in range(64)
    }
    row = Row("large", "M32", "", {**tasks, "last": run("hang", needs="t0")})
    with simulation(row, tmp_path, 20) as simulated:
        assert simulated.run() == 10
        assert simulated.journal()["reason"].startswith("the run's progress is too large to be kept: ")


def test_a_progress_with_items_that_is_too_large(tmp_path: Path) -> None:
    """What the items are and wrote is left out, how far they came is kept."""
    tell = call(
        step("POST stock", '200 {"x": "$PATH"}', path=text("/", ["name", "item"])),
        foreach={"items": [os.urandom(900).hex() for _ in range(64)]},
        outputs={"x": "string"},
    )
    row = Row("large", "M32", "", {"w": workflow({"a": tell, "b": run("hang")})})
    with simulation(row, tmp_path, 20) as simulated:
        assert simulated.run() == 10
        assert simulated.journal()["reason"].startswith("the run's progress is too large to be kept: ")
        assert {simulated.story()[f"w/a[{index}]"][0] for index in range(64)} <= {"succeeded", "cancelled"}
        assert simulated.story()["w/b"][0] == "cancelled"


def test_the_install_waits_for_its_services(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "SERVICES_SECONDS", 20.0)
    row = Row(
        "one",
        "C31",
        "",
        {"a": call(step("GET stock /1")), "b": call(step("GET nowhere /1"), needs="a")},
        trigger="install",
    )
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 10
        assert f"services are not ready: nowhere:{simulated.port_of('nowhere')}" in capsys.readouterr().out
        assert simulated.story()["a"] == ("succeeded", "")
        assert simulated.story()["b"] == ("failed", "GET /1 of nowhere: connection refused")


def _await(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.005)


@pytest.mark.parametrize("task", ["a", "b", "d", "f"])
def test_stopped_while_a_task_runs(task: str, tmp_path: Path) -> None:
    """Whatever was known and whatever was not: nothing is lost, nothing is done twice."""
    with simulation(ROW, tmp_path) as simulated:
        runner = simulated.runner()
        simulated.cluster.when_running = lambda running: runner.stop() if running == task else None
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda running: None
        assert simulated.run() == 0
        check(simulated, at_most=2)


def test_stopped_between_two_tries(tmp_path: Path) -> None:
    row = Row("two", "M10", "run succeeded\na succeeded", {"a": run("exit 1", "ok", retry=retry(2, 20))})
    with simulation(row, tmp_path, 50) as simulated:
        runner = simulated.runner()

        def stop() -> None:
            _await(_is(simulated, "paused"))
            runner.stop()

        thread = threading.Thread(target=stop)
        thread.start()
        assert simulated.run(runner) == 75
        thread.join()
        assert simulated.run() == 0
        ends = [time for time, what, _, _ in simulated.cluster.story if what == "end"]
        starts = [time for time, what, _, _ in simulated.cluster.story if what == "start"]
        assert len(starts) == 2
        assert starts[1] - ends[0] >= 20


def test_cancelled_while_no_runner_lives(tmp_path: Path) -> None:
    row = Row("two", "C13", "", {"a": run("hang"), "b": run(needs="a")}, {"z": run()})
    with simulation(row, tmp_path) as simulated:
        runner = simulated.runner()
        simulated.cluster.when_running = lambda running: runner.stop() if running == "a" else None
        assert simulated.run(runner) == 75
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": {"flowhelm.dev/cancel": "no longer needed"}}})
        assert simulated.run() == 10
        assert simulated.story() == told(
            "run cancelled (no longer needed)\n"
            "a cancelled (no longer needed)\nb cancelled (no longer needed)\nz succeeded"
        )


def test_stopped_while_a_cancelled_task_ends(tmp_path: Path) -> None:
    row = Row("one", "C13", "", {"a": run("hang")}, {"z": run()}, cancel_when="a")
    with simulation(row, tmp_path, 20) as simulated:
        runner = simulated.runner()

        def stop(method: str, path: str) -> str | None:
            if method == "PATCH" and "the-run-a" in path:
                runner.stop()
                return "drop"
            return None

        simulated.cluster.fault = stop
        assert simulated.run(runner) == 75
        simulated.cluster.fault = lambda method, path: None
        assert simulated.run() == 10
        assert simulated.story() == told("run cancelled (cancelled)\na cancelled (cancelled)\nz succeeded")


def test_cancelled_while_waiting_for_the_run_that_it_replaces(tmp_path: Path) -> None:
    row = Row("one", "C25", "", {"a": run()}, plan={"concurrency": "replace"}, other_runs=("other",))
    with simulation(row, tmp_path) as simulated:
        patch = simulated.cluster.patch

        def cancel_both(kind: str, name: str, change: dict) -> object:
            if name == "other":
                name = RUN
            return patch(kind, name, change)

        simulated.cluster.patch = cancel_both  # type: ignore[method-assign]
        assert simulated.run() == 10
        assert simulated.story() == told("run cancelled (replaced by run the-run)")


def test_stopped_while_waiting_for_services(tmp_path: Path) -> None:
    row = Row("one", "C31", "", {"a": call(step("GET nowhere /1"))}, trigger="install")
    with simulation(row, tmp_path, 10) as simulated:
        runner = simulated.runner()
        threading.Timer(0.3, runner.stop).start()
        assert simulated.run(runner) == 75
        assert simulated.requests.seen == []


def test_inputs_that_are_no_json(tmp_path: Path) -> None:
    with simulation(Row("one", "M33", "", {"a": run()}), tmp_path) as simulated:
        annotation = {"flowhelm.dev/inputs": "order=17"}
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": annotation}})
        assert simulated.run() == 10
        assert simulated.journal()["reason"] == "annotation flowhelm.dev/inputs is no JSON object"
        assert simulated.run() == 10


def test_a_refused_run_is_refused_again_after_a_crash(tmp_path: Path) -> None:
    """The verdict was not written: the next runner finds the same."""
    with simulation(Row("one", "M32", "", {"a": run()}), tmp_path) as simulated:
        simulated.cluster.delete("cronjobs", "r-w-a")
        runner = simulated.runner()

        def stop(method: str, path: str) -> str | None:
            journals = (
                method == "PATCH"
                and "flowhelm.dev/plan" in simulated.cluster.get("jobs", RUN)["metadata"]["annotations"]
            )
            if journals:
                runner.stop()
            return "drop" if journals else None

        simulated.cluster.fault = stop
        assert simulated.run(runner) == 75
        simulated.cluster.fault = lambda method, path: None
        assert simulated.run() == 10
        assert simulated.journal()["reason"].startswith("the CronJob r-w-a of task a cannot be read: ")


def test_names_of_services_in_arguments(tmp_path: Path) -> None:
    args = [text(name(f"services.stock.{part}")) for part in ("url", "host", "ports.http")]
    row = Row("two", "X16", "", {"a": call(step("GET stock /1")), "b": run(args=args)})
    with simulation(row, tmp_path) as simulated:
        assert simulated.run() == 0
        container = simulated.cluster.manifests["b"][0]["spec"]["template"]["spec"]["containers"][0]
        port = simulated.port_of("stock")
        assert container["args"] == [f"http://127.0.0.1:{port}", "127.0.0.1", str(port)]


def _is(simulated: Simulation, status: str) -> Callable[[], bool]:
    def look() -> bool:
        try:
            return bool(simulated.journal()["tasks"]["a"]["status"] == status)
        except KeyError:
            return False

    return look
