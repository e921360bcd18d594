"""What should not happen but does: values that no type foresees, a runner that stops at a bad moment."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from generator.runtime import journal
from generator.runtime.expressions import condition
from generator.runtime.journal import pack
from generator.runtime.values import WrongValue
from tests.runtime import simulated_run
from tests.runtime.simulated_cluster import RUN
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, call, name, retry, run, step, text

Json = Any

# --- expressions ------------------------------------------------------------------------------------------------------

INPUTS = {"o": {"type": "object"}, "s": {"type": "string"}, "n": {"type": "integer"}}
NO_VALUES: dict[str, Json] = {
    "a sum that overflows": ["==", ["+", name("inputs.n"), ["lit", 0.5]], ["lit", 1]],
    "a pattern that is none": ["matches", name("inputs.s"), ["lit", "("]],
    "a sum beyond all numbers": ["==", ["+", ["lit", 1.7e308], ["lit", 1.7e308]], ["lit", 1]],
    "a text that is too long": ["matches", name("inputs.s"), ["lit", "^x"]],
}


@pytest.mark.parametrize("case", NO_VALUES)
def test_an_expression_without_a_value_fails_its_task(case: str, tmp_path: Path) -> None:
    inputs = {"o": {}, "s": "x" * 20000, "n": 10**400}
    row = Row("x", "M07", "", {"a": run(when=NO_VALUES[case])}, {"z": run()}, plan={"inputs": INPUTS}, inputs=inputs)
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 10
        assert simulated.story()["a"][0] == "failed"
        assert simulated.story()["a"][1].startswith("its condition: ")
        assert simulated.story()["z"] == ("succeeded", "")


def test_an_expression_that_is_nested_too_deeply_has_no_value() -> None:
    expression: Json = ["lit", True]
    for _ in range(100_000):
        expression = ["!", expression]
    with pytest.raises(WrongValue, match="nested too deeply"):
        condition(expression, lambda _: None)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["in", ["list", ["lit", 1]], ["lit", {"m": {}}]], False),
        (["in", ["list", ["lit", 1]], ["list", ["list", ["lit", 1.0]]]], True),
        (["matches", ["lit", "a$"], ["lit", "[]$]$"]], True),
        (["matches", ["lit", "a"], ["lit", "[^]$]$"]], True),
        (["matches", ["lit", "a\nb"], ["lit", "(?im)A$"]], True),
        (["matches", ["lit", "a\n"], ["lit", "a$"]], False),
    ],
)
def test_what_is_unusual_has_its_value(expression: Json, expected: bool) -> None:
    assert condition(expression, lambda _: None) is expected


# --- values from outside ----------------------------------------------------------------------------------------------

DECLARED = {
    "n": {"type": "integer", "default": 1},
    "f": {"type": "number", "default": 1},
    "s": {"type": "string", "default": ""},
    "l": {"type": "list", "default": []},
}
STRANGE = {
    '{"f": NaN}': "annotation flowhelm.dev/inputs: NaN is not JSON",
    '{"f": 1e999}': "annotation flowhelm.dev/inputs: 1e999 is too large for a number",
    '{"s": "\\ud800"}': "annotation flowhelm.dev/inputs: it holds half a character (a lone surrogate)",
    '{"l": ' + "[" * 300 + "]" * 300 + "}": "annotation flowhelm.dev/inputs: it is nested more than 100 levels deep",
    '{"l": '
    + "[" * 60000
    + "]" * 60000
    + "}": "annotation flowhelm.dev/inputs: it is nested more than 100 levels deep",
    '{"l": "' + "[" * 300 + '"}': f"input l: {'[' * 100}… is not a list",
}


@pytest.mark.parametrize("written", STRANGE, ids=range(len(STRANGE)))
def test_inputs_that_cannot_be_kept_are_refused(written: str, tmp_path: Path) -> None:
    with simulation(Row("x", "C26", "", {"a": run()}, plan={"inputs": DECLARED}), tmp_path, 50) as simulated:
        annotations = {"flowhelm.dev/inputs": written}
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": annotations}})
        assert simulated.run() == 10
        assert simulated.journal()["reason"] == STRANGE[written]
        assert simulated.run() == 10


def test_an_integer_may_be_written_as_3_0(tmp_path: Path) -> None:
    """The same before and after a restart, inside a list too."""
    args = [text(name("inputs.n"), name("inputs.l"))]
    tasks = {"a": run("ok", args=args), "b": run("ok", needs="a", args=args)}
    with simulation(Row("x", "X04", "", tasks, plan={"inputs": DECLARED}), tmp_path, 50) as simulated:
        annotations = {"flowhelm.dev/inputs": '{"n": 3.0, "l": [2.0]}'}
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": annotations}})
        runner = simulated.runner()
        simulated.cluster.when_running = lambda task: runner.stop() if task == "a" else None
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda task: None
        assert simulated.run() == 0
        for task in tasks:
            container = simulated.cluster.manifests[task][0]["spec"]["template"]["spec"]["containers"][0]
            assert container["args"] == ["3[2]"]


@pytest.mark.parametrize("answer", ['{"x": 1e999}', '{"x": "\\ud800"}', '{"x": ' + "[" * 101 + "]" * 101 + "}"])
def test_outputs_that_cannot_be_kept_fail_their_task(answer: str, tmp_path: Path) -> None:
    kind = {"1": "number", '"': "string", "[": "list"}[answer[6]]
    task = call(step("GET stock /1", f"200 {answer}"), outputs={"x": kind})
    with simulation(Row("x", "C21", "", {"a": task}), tmp_path, 50) as simulated:
        assert simulated.run() == 10
        assert simulated.story()["a"][0] == "failed"


def test_a_value_as_deep_as_may_be_is_kept(tmp_path: Path) -> None:
    """One level is the object of the inputs."""
    annotations = {"flowhelm.dev/inputs": '{"l": ' + "[" * 99 + "]" * 99 + "}"}
    with simulation(Row("x", "C26", "", {"a": run()}, plan={"inputs": DECLARED}), tmp_path, 50) as simulated:
        simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": annotations}})
        runner = simulated.runner()
        simulated.cluster.when_running = lambda task: runner.stop()
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda task: None
        assert simulated.run() == 0


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_nothing_is_kept_that_cannot_be_read_again(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"x": value})


# --- a runner that stops at a bad moment ------------------------------------------------------------------------------


def _runs_on(simulated: Simulation, seconds: float) -> bool:
    """Whether a new runner is still at it after so many seconds."""
    runner = simulated.runner()
    thread = threading.Thread(target=simulated.run, args=(runner,), daemon=True)
    thread.start()
    thread.join(seconds)
    runs_on = thread.is_alive()
    runner.stop()  # else it would write its log into that of a later test
    thread.join()
    return runs_on


def test_stopped_while_waiting_for_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The successor waits too."""
    monkeypatch.setattr(simulated_run, "_end_when_cancelled", lambda cluster, name: None)
    row = Row("x", "C25", "", {"a": run()}, plan={"concurrency": "replace"}, other_runs=("other",))
    with simulation(row, tmp_path, 20) as simulated:
        runner = simulated.runner()
        threading.Timer(0.3, runner.stop).start()
        assert simulated.run(runner) == 75
        assert _runs_on(simulated, 0.7)
        assert simulated.cluster.story == []


def test_stopped_while_waiting_for_services_waits_again(tmp_path: Path) -> None:
    row = Row("x", "C31", "", {"a": call(step("GET nowhere /1"))}, trigger="install")
    with simulation(row, tmp_path, 10) as simulated:
        runner = simulated.runner()
        threading.Timer(0.3, runner.stop).start()
        assert simulated.run(runner) == 75
        assert _runs_on(simulated, 0.7)


def test_a_cancelled_run_starts_nothing_after_a_restart(tmp_path: Path) -> None:
    """The Job was not created yet when the run was cancelled and the runner stopped."""
    with simulation(Row("x", "M16", "", {"a": run("hang")}), tmp_path, 20) as simulated:
        runner = simulated.runner()
        asked = threading.Event()

        def fault(method: str, path: str) -> str | None:
            if method != "POST" or not path.endswith("/jobs"):
                return None
            if not asked.is_set():
                asked.set()
                annotations = {"flowhelm.dev/cancel": "true"}
                simulated.cluster.patch("jobs", RUN, {"metadata": {"annotations": annotations}})
                threading.Timer(0.5, runner.stop).start()
            return "drop"

        simulated.cluster.fault = fault
        assert simulated.run(runner) == 75
        assert simulated.journal()["stopping"] == ["cancelled", "cancelled"]
        simulated.cluster.fault = lambda method, path: None
        assert simulated.run() == 10
        assert simulated.story()["a"] == ("cancelled", "cancelled")
        assert simulated.cluster.story == []


def test_cancelled_while_waiting_for_services(tmp_path: Path) -> None:
    row = Row("x", "C13", "", {"a": call(step("GET nowhere /1"))}, trigger="install")
    with simulation(row, tmp_path, 20) as simulated:
        annotations = {"flowhelm.dev/cancel": "true"}
        change = {"metadata": {"annotations": annotations}}
        threading.Timer(0.3, simulated.cluster.patch, ("jobs", RUN, change)).start()
        assert not _runs_on(simulated, 5)
        assert simulated.story() == {"run": ("cancelled", "cancelled")}


@pytest.mark.parametrize("since", ["tasks", "on_exit"])
def test_a_progress_that_cannot_be_kept_at_all(since: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run fails and ends; on_exit is done, and only the termination message tells why."""
    real = journal.pack

    def pack_unless_large(kept: Json) -> str:
        if "phase" in kept and (since == "tasks" or kept["phase"] != "tasks"):
            raise journal.TooLarge("200000 bytes")
        return real(kept)

    monkeypatch.setattr(journal, "pack", pack_unless_large)
    row = Row("x", "M32", "", {"a": call(step("GET stock /1"), step("GET stock /2"))}, {"z": run()})
    with simulation(row, tmp_path, 50) as simulated:
        assert not _runs_on(simulated, 5)
        reason = "failed: the run's progress is too large to be kept: 200000 bytes\n"
        assert simulated.last_words.read_text() == reason
        assert [(what, task) for _, what, task, _ in simulated.cluster.story] == [("start", "z"), ("end", "z")]


def test_a_job_that_is_deleted_while_no_runner_lives(tmp_path: Path) -> None:
    """That try has been: the next one is another."""
    tasks = {"a": run("hang"), "b": run("hang", "ok", retry=retry(2, 1))}
    row = Row("x", "C21", "", {**tasks, "c": run(needs={"a": "failed"})})
    with simulation(row, tmp_path, 50) as simulated:
        runner = simulated.runner()
        running: set[str] = set()

        def stop(task: str) -> None:
            running.add(task)
            if running == {"a", "b"}:
                threading.Timer(0.3, runner.stop).start()

        simulated.cluster.when_running = stop
        assert simulated.run(runner) == 75
        simulated.cluster.when_running = lambda task: None
        for task in tasks:
            simulated.cluster.delete("jobs", simulated.cluster.manifests[task][0]["metadata"]["name"])
        assert simulated.run() == 0
        assert simulated.story()["a"] == ("failed", "its Job was deleted")
        assert simulated.story()["b"] == ("succeeded", "")
        starts = sorted((task, number) for _, what, task, number in simulated.cluster.story if what == "start")
        assert starts == [("a", 1), ("b", 1), ("b", 2), ("c", 1)]
