"""The table of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from generator.cli import flowhelm
from generator.runs.listing import columns, list_runs, table
from generator.runtime.journal import JOURNAL, pack
from tests.runs.test_statistics import DAY, Jobs, cronjob, job, task

Json = Any

SCHEMA = Path(__file__).parents[2] / "generator" / "runs" / "runs.schema.json"
ANSWERS = """#!/bin/sh
echo "$*" >> {log}
case "$*" in
*"get jobs"*) cat {folder}/jobs ;;
*"get cronjobs"*) cat {folder}/cronjobs ;;
*"get pods"*) cat {folder}/pods ;;
*"get events"*) cat {folder}/events ;;
esac
"""


class Asked:
    """A kubectl that gives what is in its folder; `log` has what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        (folder / "kubectl").write_text(ANSWERS.format(folder=folder, log=self.log), "utf-8")
        (folder / "kubectl").chmod(0o755)
        workflow = {"labels": {"flowhelm.dev/workflow": "w", "app.kubernetes.io/instance": "shop"}}
        own = {**cronjob(), "metadata": {**cronjob()["metadata"], **workflow}}
        self.has(jobs=[], cronjobs=[own], pods=[], events=[])

    def has(self, **objects: list[Json]) -> None:
        for kind, items in objects.items():
            (self.folder / kind).write_text(json.dumps({"items": items}), "utf-8")

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(flowhelm, ["runs", "--kubectl", str(self.folder / "kubectl"), *words])

    @property
    def requests(self) -> list[str]:
        """The kinds that were asked for since the last time."""
        asked = [line.split()[1] for line in self.log.read_text("utf-8").splitlines()]
        self.log.unlink()
        return asked


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


def waiting(name: str, at: int = 0) -> Json:
    """The Job of a run whose runner has not begun."""
    made = job(name, "running", at=at)
    del made["metadata"]["annotations"]
    return made


def test_the_table_of_runs() -> None:
    going = job("shop-w-long", "running", {"a": task("running")}, at=90)
    ended = job("r-1", "failed", {"a": task("failed", 61.0)}, at=5, retry_of="r-0")
    ended["metadata"]["creationTimestamp"] = "2025-10-06T08:53:20Z"
    found = list_runs(Jobs([ended, going]))  # type: ignore[arg-type]  # all that it is asked for
    assert [line.text for line in table(found, DAY + 100.0)] == [
        "RUN          RELEASE  WORKFLOW  TRIGGER   STATUS   AGE    TOOK    REASON",
        "shop-w-long  shop     w         schedule  running  10 s   10.0 s",
        "r-1          shop     w         retry     failed   3d00h  56.0 s  failed because",
    ]


@given(st.lists(st.lists(st.text("ab ", max_size=9), min_size=3, max_size=3), min_size=1))
def test_columns_stand_under_one_another(rows: list[list[str]]) -> None:
    widths = [max(len(row[index]) for row in rows) for index in range(2)]
    for row, line in zip(rows, columns(rows), strict=True):
        assert line == f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip()


def test_one_request_for_runs_that_have_begun(asked: Asked) -> None:
    going = job("r2", "running", {"a": task("running")})
    going["status"]["ready"] = 1
    asked.has(jobs=[job("r1", "succeeded"), going])
    assert asked.types().exit_code == 0
    assert asked.requests == ["jobs"]
    assert asked.types("--stats").exit_code == 0
    assert asked.requests == ["jobs", "cronjobs"]


def test_runs_of_all_namespaces(asked: Asked) -> None:
    jobs = [job("same", "succeeded", {"a": task("succeeded")}), waiting("same", 1)]
    for each, namespace in zip(jobs, ("east", "west"), strict=True):
        each["metadata"]["namespace"] = namespace
    news = {"metadata": {}, "reason": "FailedCreate", "message": "exceeded quota: pods", "lastTimestamp": "2026"}
    asked.has(jobs=jobs, events=[news])
    lines = [line.split() for line in asked.types("-A").stdout.splitlines()]
    assert [line[:2] for line in lines] == [["NAMESPACE", "RUN"], ["west", "same"], ["east", "same"]]
    assert "quota:" in lines[1]
    requests = asked.log.read_text("utf-8").splitlines()
    assert "--all-namespaces" in requests[0]
    assert [request.split()[:4] for request in requests[1:]] == [
        ["--namespace", "west", "get", "pods"],
        ["--namespace", "west", "get", "events"],
    ]
    stats = asked.types("-A", "--stats").stdout.splitlines()
    assert [line for line in stats if line.startswith("w of shop in west")] == ["w of shop in west: no run has ended"]
    assert stats[0].startswith("w of shop in east: 1 run in the last ")


def test_what_waiting_runs_wait_for_costs_two_more(asked: Asked) -> None:
    pull = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nowhere/none:1"'}}
    pod = {
        "metadata": {"name": "r1-pod", "labels": {"batch.kubernetes.io/job-name": "r1"}},
        "spec": {"containers": [{"name": "runner", "image": "nowhere/none:1"}]},
        "status": {
            "phase": "Pending",
            "containerStatuses": [{"name": "runner", "image": "nowhere/none:1", "state": pull}],
        },
    }
    news = [("exceeded quota: pods", "2026-01-02T03:04:06Z"), ("older news", "2026-01-02T03:04:05Z")]
    events = [
        {"metadata": {}, "reason": "FailedCreate", "message": message, "lastTimestamp": time} for message, time in news
    ]
    asked.has(jobs=[waiting("r1"), waiting("r2", 1)], pods=[pod], events=events)
    printed = json.loads(asked.types("-o", "json").stdout)
    assert asked.requests == ["jobs", "pods", "events"]
    validator = jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    assert list(validator.iter_errors(printed)) == []
    reasons = {each["run"]: each["reason"] for each in printed["runs"]}
    assert "the image nowhere/none:1 cannot be pulled" in reasons.pop("r1")
    assert reasons == {"r2": "its runner does not start: its pod is refused: exceeded quota: pods"}


def test_a_run_whose_runner_has_stopped_says_why(asked: Asked) -> None:
    labels = {"batch.kubernetes.io/job-name": "r1"}
    said = {"terminated": {"exitCode": 75, "message": "stopped: the API server refuses: 403: no\n"}}
    stopped = {
        "metadata": {"name": "r1-pod", "labels": labels, "creationTimestamp": "2026-01-02T03:04:05Z"},
        "status": {"phase": "Failed", "containerStatuses": [{"name": "runner", "state": said}]},
    }
    asked.has(jobs=[job("r1", "running", {"a": task("running")})], pods=[stopped])
    (listed,) = json.loads(asked.types("-o", "json").stdout)["runs"]
    reason = "its runner stopped: the API server refuses: 403: no"
    assert (listed["status"], listed["reason"]) == ("running", reason)


def test_a_run_that_asks_says_what(asked: Asked) -> None:
    question = task("running", reason="waits for approval: Ship it?")
    kinds = {"ask": {"kind": "approve", "message": "Ship it?"}}
    asked.has(jobs=[job("r1", "running", {"ask": question}, kinds=kinds)])
    assert json.loads(asked.types("-o", "json").stdout)["runs"][0]["reason"] == "ask waits for approval: Ship it?"


def test_a_run_says_what_keeps_its_tasks(asked: Asked) -> None:
    tasks = {
        "a": task("running", reason="no image"),
        "b": task("paused", reason="exit code 1"),
        "c": task("locking"),
        "d": task("failed", reason="exit code 2"),
        "e": task("running"),
    }
    asked.has(jobs=[job("r1", "running", tasks), job("r2", "failed", {"a": task("failed", reason="exit code 1")})])
    reasons = {each["run"]: each["reason"] for each in json.loads(asked.types("-o", "json").stdout)["runs"]}
    assert reasons == {"r1": "a: no image; b: try 1 failed: exit code 1; and 1 more", "r2": "failed because"}


def test_what_others_wrote_does_no_harm_to_a_terminal(asked: Asked) -> None:
    made = job("r1", "failed")
    progress = {"phase": "ended", "status": "failed", "reason": "two\nlines \x1b]0;title\x07 and more"}
    made["metadata"]["annotations"][JOURNAL] = pack(progress)
    asked.has(jobs=[made])
    assert asked.types().stdout.splitlines()[1].endswith("two lines  ]0;title  and more")


def test_no_run_has_ended(asked: Asked) -> None:
    asked.has(jobs=[job("r1", "running", {"a": task("running")})])
    assert asked.types("--stats").stdout == "w of shop: no run has ended\n"


def test_a_run_of_another_version_is_listed(asked: Asked) -> None:
    asked.has(jobs=[job("r1", "failed", plan_format=99)])
    assert "failed because" in asked.types().stdout
    assert ", besides 1 unreadable" in asked.types("--stats").stdout


def test_the_statistics_as_a_table(asked: Asked) -> None:
    jobs = [job(f"f{number}", "failed", {"pay": task("failed", reason="timeout")}, at=number) for number in range(2)]
    jobs += [
        job(f"s{number}", "succeeded", {"pay": task("succeeded", number + 0.5, 2, at=5)}, at=5) for number in range(3)
    ]
    asked.has(jobs=jobs)
    lines = asked.types("--stats").stdout.splitlines()
    assert lines[0].startswith("w of shop: 3 runs in the last ")
    assert lines[0].endswith("; older ones are not all kept (keep says how many)")
    assert lines[1:] == [
        "TASK           RUNS  SUCCEEDED  RETRIED  P50    P95    P99    FAILED BECAUSE",
        "the whole run  3     100.0%     0        1.5 s  2.5 s  2.5 s",
        "  pay          3     100.0%     3        1.5 s  2.5 s  2.5 s",
    ]
    asked.has(jobs=jobs[:4])
    assert asked.types("--stats").stdout.splitlines()[1:] == [
        "TASK           RUNS  SUCCEEDED  RETRIED  P50      P95    P99    FAILED BECAUSE",
        "the whole run  4     50.0%      0        0.500 s  1.5 s  1.5 s  2 of 2: failed because",
        "  pay          4     50.0%      2        0.500 s  1.5 s  1.5 s  2 of 2: timeout",
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 0, "no runs in this namespace\n"),
        (("-n", "a"), 0, "no runs in the namespace a\n"),
        (("shop", "w"), 0, "no runs of shop w in this namespace\n"),
        (
            ("shp",),
            1,
            "Error: there is no release shp; did you mean shop? those with workflows in this namespace are shop\n",
        ),
        (("shop", "x"), 1, "Error: there is no workflow x; the release shop has w\n"),
        (("shop", "--stats"), 0, "no runs of shop in this namespace\n"),
    ],
)
def test_no_runs(words: tuple[str, ...], code: int, said: str, asked: Asked) -> None:
    result = asked.types(*words)
    assert (result.exit_code, result.stderr) == (code, said)
    assert json.loads(asked.types("-o", "json").stdout) == {"runs": []}


def test_the_newest_and_those_since(asked: Asked) -> None:
    asked.has(jobs=[job(f"r{number}", "succeeded", at=number) for number in range(3)])
    cut = asked.types("--limit", "2")
    assert [line.split()[0] for line in cut.stdout.splitlines()] == ["RUN", "r2", "r1"]
    assert cut.stderr == "and 1 older\n"
    assert asked.types("--since", "99999999m").exit_code == 2, "longer than any duration may be"
    assert len(asked.types("--since", "24000d").stdout.splitlines()) == 4
    old = [job("old", "succeeded")]
    old[0]["metadata"]["creationTimestamp"] = "2020-01-02T03:04:05Z"
    asked.has(jobs=old)
    result = asked.types("--since", "7d", "--stats")
    assert result.stderr == "no runs in this namespace in the last 7d; the newest of 1 is older\n"
