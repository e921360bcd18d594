"""The commands that act on runs, by a kubectl on the simulated cluster, with the real runner."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.cli import flowhelm
from tests.runs.kubectl_on_simulation import written as kubectl_written
from tests.runs.test_live import on_screen
from tests.runtime.killing import start
from tests.runtime.simulated_cluster import RUN
from tests.runtime.simulated_run import Simulation, simulation
from tests.runtime.workflow_rows import Row, approve, each, name, run, text, wait

Json = Any

HOSTILE = "\"quoted\" 'too'\n\n$(touch x) `id` ${HOME} \\ {{ .Values }} ü € 日本 🎁 \t end "

ROW = Row(
    "acts",
    "C26 M21",
    "",
    {
        "say": run("exit 1", args=[text(name("inputs.words")), text(name("inputs.count"))]),
        "ask": approve(text("Ship ", name("inputs.words"), "?")),
        "end": run(needs="ask"),
    },
    plan={
        "inputs": {"words": {"type": "string"}, "count": {"type": "integer", "default": 1}},
    },
)

AFTER = r" after ([0-9.]+ s|[0-9hms]+)"
"""How long something took, as it is told."""


class Person:
    """Somebody at a terminal, beside a simulated cluster."""

    def __init__(self, simulated: Simulation, folder: Path) -> None:
        self.simulated, self.program = simulated, kubectl_written(folder, simulated.port)
        self.command = CliRunner()

    def types(self, *words: str, stdin: str | None = None) -> Result:
        """What comes of a command."""
        return self.command.invoke(flowhelm, [words[0], "--kubectl", str(self.program), *words[1:]], input=stdin)

    def has_typed(self, *words: str) -> subprocess.Popen[str]:
        """A command that goes on."""
        program = [sys.executable, "-m", "generator.cli", *words, "--kubectl", str(self.program)]
        return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def starts(self, *words: str) -> str:
        """The name of the run that a command has started."""
        result = self.types(*words)
        assert result.exit_code == 0, result.stderr
        return result.stdout.strip()

    def job(self, run_name: str) -> Json:
        """A run's Job."""
        return self.simulated.cluster.get("jobs", run_name)

    def carry_out(self, run_name: str) -> subprocess.Popen[bytes]:
        """Have a runner take a run, in a pod whose log is there."""
        self.simulated.name, self.simulated.uid = run_name, self.job(run_name)["metadata"]["uid"]
        with (self.simulated.folder / f"{run_name}-pod").open("wb") as log:
            runner = start(self.simulated, log)
        statuses = [{"name": "runner", "state": {"running": {}}}]
        metadata = {
            "name": f"{run_name}-pod",
            "creationTimestamp": "2026-01-02T03:04:05Z",
            "labels": {"batch.kubernetes.io/job-name": run_name},
        }
        self.simulated.cluster.put("pods", {"metadata": metadata, "status": {"containerStatuses": statuses}})
        return runner

    def ends(self, runner: subprocess.Popen[bytes], state: str = "Failed") -> None:
        """Wait for the runner, and let the Job notice."""
        runner.wait(20)
        (self.simulated.folder / f"{self.simulated.name}-pod.ended").touch()
        self.simulated.end_job(state)


@contextmanager
def person(folder: Path, row: Row = ROW) -> Iterator[Person]:
    """A release with the row's workflow, and somebody who works with it."""
    with simulation(row, folder, 50) as simulated:
        cluster = simulated.cluster
        cluster.delete("jobs", RUN)
        labels = {"app.kubernetes.io/instance": "r", "flowhelm.dev/workflow": "w"}
        spec = {"volumes": [{"name": "plan", "configMap": {"name": "r-w"}}], "containers": [{"name": "runner"}]}
        template = {"metadata": {"labels": labels}, "spec": {"template": {"spec": spec}}}
        cluster.put(
            "cronjobs",
            {"metadata": {"name": "r-w", "uid": "u", "labels": labels}, "spec": {"jobTemplate": template}},
        )
        plan = (folder / "plan.json").read_text("utf-8")
        cluster.put("configmaps", {"metadata": {"name": "r-w"}, "data": {"plan.json": plan}})
        yield Person(simulated, folder)


@pytest.fixture
def ada(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path) as found:
        yield found


def test_a_run_from_its_start_over_an_answer_to_a_retry(ada: Person) -> None:
    started = ada.starts("run", "r", "w", "--input", f"words={HOSTILE}", "-i", "count=3")
    assert json.loads(ada.job(started)["metadata"]["annotations"]["flowhelm.dev/inputs"]) == {
        "words": HOSTILE,
        "count": 3,
    }
    assert ada.types("approve", started).stderr == f"Error: run {started} has not begun yet\n"
    assert ada.types("status", started).stdout == f"run {started} of w: waiting\n"
    assert ada.types("status", started).stdout == f"run {started} of w: waiting\n"
    runner = ada.carry_out(started)
    while not (asked := ada.types("approve", started)).stdout:
        pass
    assert asked.stdout == "ask: Ship " + HOSTILE.replace("\t", " ") + "?\n"
    assert ada.types("retry", started).stderr == f"Error: run {started} has not ended\n"
    answered = ada.types("approve", started, "ask")
    assert (answered.exit_code, answered.stderr) == (0, f"approved ask of run {started} as ada@example.com\n")
    again = ada.types("approve", started, "ask", "--reject")
    assert (again.exit_code, "has been answered already" in again.stderr) == (1, True)
    ada.ends(runner)
    assert ada.simulated.kept("ask")["outputs"]["by"] == "ada@example.com"
    tree = ada.types("status", started).stdout.splitlines()
    assert re.sub(AFTER, "", tree[0]) == f"run {started} of w: failed: task say failed: exit code 1"
    assert sorted(line.split()[:3] for line in tree[1:]) == [
        ["✓", "ask", "succeeded"],
        ["✓", "end", "succeeded"],
        ["✗", "say", "failed"],
    ]
    assert (
        json.loads(ada.types("status", started, "-o", "json").stdout)["tasks"]["ask"]["outputs"]["by"]
        == "ada@example.com"
    )
    assert ada.types("approve", started, "ask").exit_code == 1
    ada.simulated.cluster.scripts["say"] = ("ok",)
    retried = ada.starts("retry", started, "--name", "second")
    assert retried == "second"
    ada.ends(ada.carry_out(retried), "Complete")
    assert ada.simulated.story() == {
        "run": ("succeeded", ""),
        "say": ("succeeded", ""),
        "ask": ("succeeded", ""),
        "end": ("succeeded", ""),
    }
    arguments = ada.simulated.cluster.manifests["say"][-1]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments == [HOSTILE.replace("$", "$$"), "3"]
    listed = ada.types("runs", "r", "-o", "json")
    assert [(each["run"], each["trigger"], each["status"]) for each in json.loads(listed.stdout)["runs"]] == [
        ("second", "retry", "succeeded"),
        (started, "manual", "failed"),
    ]
    figures = json.loads(ada.types("runs", "--stats", "-o", "json").stdout)["workflows"][0]
    assert (figures["runs"], figures["succeeded"], figures["tasks"]["say"]["runs"]) == (2, 1, 2)
    assert figures["tasks"]["ask"]["runs"] == 1, "what is taken over counts once"
    assert ada.types("retry", retried).stderr == "Error: run second succeeded, there is nothing to retry\n"
    assert ada.types("retry", started).stderr == (
        f"Error: run {started} has been retried already, as second: retry that one\n"
    )


def test_cancelling_twice_and_too_late(ada: Person) -> None:
    started = ada.starts("run", "r", "w", "-i", "words=x", "-o", "json")
    started = json.loads(started)["run"]
    runner = ada.carry_out(started)
    while ada.types("approve", started).stdout == "":
        pass
    first, second = ada.types("cancel", started), ada.types("cancel", started, "--by", "Bob")
    assert (first.exit_code, first.stderr) == (0, f"run {started} is being cancelled; on_exit still runs\n")
    assert second.exit_code == 0
    ada.ends(runner)
    assert ada.simulated.journal()["reason"] == "cancelled by ada@example.com"
    assert ada.types("cancel", started).stderr == f"run {started} was cancelled already\n"


def test_the_log_of_a_run_and_of_its_tasks(ada: Person) -> None:
    started = ada.starts("run", "r", "w", "-i", "words=x")
    assert ada.types("logs", started).stderr == f"Error: run {started} has no pod yet\n"
    runner = ada.carry_out(started)
    while not ada.types("approve", started).stdout:
        pass
    with ada.has_typed("logs", started, "-f") as follower:
        ada.types("approve", started, "ask", "--reject")
        ada.ends(runner)
        followed, _ = follower.communicate(timeout=30)
    shown = ada.types("logs", started).stdout
    assert followed == shown
    words = [re.sub(AFTER, "", line).split(maxsplit=1)[1] for line in shown.splitlines()]
    assert sorted(" ".join(each.split()) for each in words[1:-1]) == [
        "ask failed: rejected",
        "ask started",
        "ask waits: Ship x?",
        "end skipped: ask failed",
        "say failed: exit code 1",
        "say started",
    ]
    assert " ".join(words[-1].split()) == "run failed: tasks say, ask failed; say: exit code 1"
    raw = [json.loads(line)["event"] for line in ada.types("logs", started, "ask", "-o", "json").stdout.splitlines()]
    assert raw == ["TaskStarted", "TaskWaits", "TaskFailed"]
    assert ada.types("logs", started, "ask[0]").stderr == "Error: task ask has no items\n"
    assert ada.types("logs", started, "asq").stderr == "Error: there is no task asq; did you mean ask?\n"


def test_the_log_of_what_has_not_begun(tmp_path: Path) -> None:
    tasks = {
        "ask": approve("Go?"),
        "then": wait(1, needs="ask", foreach=each([1])),
        "many": wait(1, foreach=each([1, 2])),
    }
    with person(tmp_path, Row("silent", "M21", "", tasks)) as ada:
        started = ada.starts("run", "r", "w")
        runner = ada.carry_out(started)
        while not ada.types("approve", started).stdout:
            pass
        for path in ("then", "then[7]"):  # how many items there will be is not known yet
            assert ada.types("logs", started, path).stderr == f"task {path} has no log yet: it is waiting\n"
        gone = ada.types("logs", started, "many[2]")
        assert (gone.exit_code, gone.stderr) == (1, "Error: task many has 2 items; the last is many[1]\n")
        ada.types("cancel", started)
        ada.ends(runner)


def test_watching_gives_the_verdict(ada: Person) -> None:
    with ada.has_typed("run", "r", "w", "-i", "words=x", "--watch") as watching:
        assert watching.stdout
        assert watching.stderr
        started = watching.stdout.readline().strip()
        runner = ada.carry_out(started)
        asked = next(line for line in watching.stderr if "waits for approval" in line)
        ada.types("approve", started, "ask")
        ada.ends(runner)
        told = watching.stderr.read()
    assert watching.returncode == 1
    assert asked.endswith(f"ask               waits for approval: Ship x? (flowhelm approve {started} ask)\n")
    assert re.fullmatch(rf"run {started} of w: failed after .*: task say failed: exit code 1", told.splitlines()[-1])


def test_on_a_terminal_the_tree_lives(ada: Person) -> None:
    started = ada.starts("run", "r", "w", "-i", "words=x")
    runner = ada.carry_out(started)
    ours, theirs = os.openpty()
    program = [sys.executable, "-m", "generator.cli", "status", started, "--watch", "--kubectl", str(ada.program)]
    with subprocess.Popen(program, stdout=theirs, env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"}) as watching:
        os.close(theirs)
        written = b""
        while b"Ship x?" not in written:
            written += os.read(ours, 65536)
        ada.types("approve", started, "ask")
        ada.ends(runner)
        with suppress(OSError):  # that is how its other end closes
            while True:
                written += os.read(ours, 65536)
    os.close(ours)
    assert watching.returncode == 1
    head, *tasks, end = on_screen(written.decode())
    assert re.fullmatch(rf"run {started} of w: failed after .*: task say failed: exit code 1", head)
    assert [task.split()[:3] for task in tasks] == [
        ["✗", "say", "failed"],
        ["✓", "ask", "succeeded"],
        ["✓", "end", "succeeded"],
    ]
    assert end == ""


def test_the_json_of_a_run_that_is_watched_is_that_of_its_end(ada: Person) -> None:
    started = ada.starts("run", "r", "w", "-i", "words=x")
    runner = ada.carry_out(started)
    with ada.has_typed("status", started, "--watch", "-o", "json") as watching:
        while not ada.types("approve", started).stdout:
            pass
        ada.types("approve", started, "ask", "--reject")
        ada.ends(runner)
        printed, told = watching.communicate(timeout=60)
    assert watching.returncode == 1
    assert json.loads(printed)["tasks"]["ask"]["reason"] == "rejected"
    assert "ask               failed" in told


def test_whoever_stops_watching_leaves_the_run_going(ada: Person) -> None:
    with ada.has_typed("run", "r", "w", "-i", "words=x", "--watch") as watching:
        assert watching.stdout
        assert watching.stderr
        started = watching.stdout.readline().strip()
        runner = ada.carry_out(started)
        assert "started" in watching.stderr.readline()
        watching.send_signal(signal.SIGINT)
        told = watching.stderr.read()
    assert watching.returncode == 130
    assert told.endswith(
        f"run {started} goes on; look again with: flowhelm status {started} --watch, "
        f"end it with: flowhelm cancel {started}\n"
    )
    assert runner.poll() is None
    ada.types("cancel", started)
    ada.ends(runner)


def test_inputs_of_a_file_and_of_stdin(ada: Person, tmp_path: Path) -> None:
    (tmp_path / "inputs.json").write_text(json.dumps({"words": HOSTILE}), "utf-8")
    for words, stdin in (
        (("--input-file", str(tmp_path / "inputs.json")), None),
        (("--input-file", "-"), json.dumps({"words": HOSTILE})),
    ):
        started = ada.types("run", "r", "w", *words, stdin=stdin).stdout.strip()
        assert json.loads(ada.job(started)["metadata"]["annotations"]["flowhelm.dev/inputs"]) == {"words": HOSTILE}


WRONG_INPUTS = """the input count is not a whole number, such as 3
there is no input wrds; did you mean words?
inputs of w:
  words  string, required
  count  integer"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "q", "w"), "there is no release q; those with workflows in the namespace ns are r"),
        (("run", "r", "ww"), "there is no workflow ww; did you mean w? the release r has w"),
        (("run", "r", "w", "-i", "wrds=x", "-i", "count=x"), WRONG_INPUTS),
        *(
            (words, "there is no run gone in the namespace ns, nor any other")
            for words in (
                ("logs", "gone"),
                ("retry", "gone"),
                ("status", "gone"),
                ("cancel", "gone"),
                ("approve", "gone"),
            )
        ),
        (("run", "r,x", "w"), "'r,x' is no name of a release: those have small letters, digits, - and . alone"),
        (("retry", "gone", "-n", "shop"), "there is no run gone in the namespace shop, nor any other"),
        (("status", "gone", "-n", "shpo"), "there is no namespace shpo; did you mean shop?"),
        (("status", "gone", "-n", "elsewhere"), "there is no namespace elsewhere"),
        (
            ("run", "r", "w", "-i", "words=x", "--name", "A_b"),
            "'A_b' is no name of a run: those have small letters, digits, - and . alone",
        ),
        (
            ("run", "r", "w", "-i", "words=x", "--name", 64 * "a"),
            "the name of a run has at most 63 characters, this has 64",
        ),
        (("cancel", "--", "-A"), "'-A' is no name of a run: those have small letters, digits, - and . alone"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(words: tuple[str, ...], said: str, ada: Person) -> None:
    result = ada.types(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {said}\n")
    assert not [kind for kind, _ in ada.simulated.cluster.objects if kind == "jobs"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run",), "say which release and workflow; the release r has w"),
        (("run", "r"), "say which workflow; the release r has w"),
        (("run", "q"), "say which workflow; there is no release q; those with workflows in the namespace ns are r"),
        *(
            ((command,), "say which run; the newest in the namespace ns: first (waiting)")
            for command in ("status", "logs", "approve", "cancel", "retry")
        ),
        (("logs", "--try", "x", "first"), "Invalid value for '--try': 'x' is no number of a try; the first one is 1"),
        (
            ("logs", "--since", "today", "first"),
            "Invalid value for '--since': 'today' is no duration; write it as in 90m, 24h or 7d",
        ),
    ],
)
def test_what_was_left_out_is_wrong_usage_and_people_are_told_what_there_is(
    words: tuple[str, ...], said: str, ada: Person
) -> None:
    ada.starts("run", "r", "w", "-i", "words=x", "--name", "first")
    result = ada.types(*words)
    assert (result.exit_code, result.stdout, result.stderr.splitlines()[-1]) == (2, "", f"Error: {said}")


def test_there_is_no_run_to_name(ada: Person) -> None:
    assert ada.types("status").stderr.endswith("Error: say which run; there is none in the namespace ns\n")
    assert ada.types("status", "-n", "shpo").stderr.endswith(
        "say which run; there is no namespace shpo; did you mean shop?\n"
    )
    result = CliRunner().invoke(flowhelm, ["status", "--kubectl", "/nowhere/kubectl"])
    assert "say which run; those that there are cannot be listed: there is no /nowhere/kubectl: " in result.stderr


def test_a_name_that_is_taken(ada: Person) -> None:
    ada.starts("run", "r", "w", "-i", "words=x", "--name", "first")
    again = ada.types("run", "r", "w", "-i", "words=x", "--name", "first")
    assert again.stderr == "Error: there is a run or another Job first already: take another --name\n"


def test_a_workflow_that_people_may_not_start(tmp_path: Path) -> None:
    row = Row("never", "S17", "", {"a": run()}, plan={"manual": False})
    with person(tmp_path, row) as ada:
        result = ada.types("run", "r", "w")
        assert result.stderr == "Error: runs of w are not started by hand (triggers.manual is false)\n"


def test_a_workflow_whose_runs_do_not_overlap(tmp_path: Path) -> None:
    """A run that its runner would refuse is not made: it would count as one that failed."""
    row = Row("one", "C25", "", {"a": run("exit 1")}, plan={"concurrency": "forbid"})
    with person(tmp_path, row) as ada:
        first = ada.starts("run", "r", "w")
        refusal = "Error: run {} is active, and runs of w do not overlap (concurrency: forbid)\n"
        assert ada.types("run", "r", "w").stderr == refusal.format(first)
        ada.ends(ada.carry_out(first))
        second = ada.starts("run", "r", "w")
        assert ada.types("retry", first).stderr == refusal.format(second)
        ada.ends(ada.carry_out(second))
        assert ada.starts("retry", first)


def test_there_is_no_kubectl() -> None:
    result = CliRunner().invoke(flowhelm, ["cancel", "x", "--kubectl", "/nowhere/kubectl"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: there is no /nowhere/kubectl")
