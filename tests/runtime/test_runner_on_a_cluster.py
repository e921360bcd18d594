"""The runner and the pods of its tasks on a real cluster, with Pod Security `restricted` enforced."""

from __future__ import annotations

import base64
import gzip
import json
import time
from functools import partial
from pathlib import Path

import pytest

from generator.emit.emitter import emit
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release, Run, wait_for
from tests.cluster.conftest import namespace

__all__ = ["namespace"]  # a fixture

pytestmark = pytest.mark.cluster

TASK, TRY = "flowhelm.dev/task", "flowhelm.dev/try"

SPEC = r"""
defaults: {resources: {cpu: 10m, memory: 32Mi}}
workflows:
  work:
    inputs: {word: {type: string, default: "it's $(HOME) \"$X\" {{ x }}\n"}}
    outputs: {n: {type: integer, value: "${{ tasks.first.outputs.n }}"}}
    tasks:
      first:
        run:
          image: python:3.13-slim
          command:
            - python3
            - -c
            - "import json, os, sys, time; time.sleep(3);
               json.dump({'n': 7, 'word': sys.argv[1]}, open(os.environ['FLOWHELM_OUTPUTS'], 'w'))"
            - ${{ inputs.word }}
        outputs: {n: {type: integer}, word: {type: string}}
      second:
        needs: [first]
        run: {image: "busybox:1.37", command: [sh, -c, 'sleep 3; test "$SAID" = "$MEANT" || exit 9']}
        env: {SAID: "${{ tasks.first.outputs.word }}", MEANT: "${{ inputs.word }}"}
      flaky:
        run: {image: "busybox:1.37", command: [sh, -c, exit 3]}
        retry: {attempts: 2, backoff: {initial: 1s}}
      mend:
        needs: {flaky: failed}
        run: {image: "busybox:1.37", command: [sleep, "1"]}
      slow:
        run: {image: "busybox:1.37", command: [sh, -c, 'trap "exit 0" TERM; sleep 100 & wait']}
        timeout: 6s
      after:
        needs: {slow: failed}
        run: {image: "busybox:1.37", command: ["true"]}
      never:
        needs: [slow]
        run: {image: "busybox:1.37", command: ["true"]}
"""

EXPECTED = {
    "first": ("succeeded", "", 1),
    "second": ("succeeded", "", 1),
    "flaky": ("failed", "exit code 3", 2),
    "mend": ("succeeded", "", 1),
    "slow": ("failed", "timeout", 1),
    "after": ("succeeded", "", 1),
    "never": ("skipped", "slow failed", 0),
}


@pytest.fixture
def release(tmp_path: Path, namespace: Namespace, helm4: Path) -> Release:
    installed = Release(namespace, helm4, write_files(emit(chart_of(SPEC)), tmp_path / "shop"))
    installed.install()
    return installed


def check(run: Run) -> None:
    """The run came to what it should, and each try of each task was one pod."""
    assert run.verdict() == "Complete"
    packed = run.job()["metadata"]["annotations"]["flowhelm.dev/journal"]
    journal = json.loads(gzip.decompress(base64.b64decode(packed)))
    found = {
        name: (task["status"], task.get("reason", ""), task.get("tries", 0)) for name, task in journal["tasks"].items()
    }
    assert found == EXPECTED
    assert journal["outputs"] == {"n": 7}
    jobs = run.namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    tries = sorted((job["metadata"]["labels"][TASK], job["metadata"]["annotations"][TRY]) for job in jobs)
    wanted = [(name, str(number + 1)) for name, (_, _, last) in EXPECTED.items() for number in range(last)]
    assert tries == sorted(wanted)
    for job in jobs:
        assert job["status"].get("succeeded", 0) + job["status"].get("failed", 0) == 1


def started(run: Run, task: str) -> bool:
    return bool(run.namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task={task}"))


def another_runner(run: Run, pod: str) -> bool:
    return any(each["metadata"]["name"] != pod for each in run.pods()[-1:])


def test_each_task_comes_to_what_it_should(release: Release) -> None:
    run = release.run("work", "plain")
    check(run)
    assert run.pods()[-1]["status"]["containerStatuses"][0]["state"]["terminated"]["message"] == "succeeded\n"
    events = release.namespace.get("events", "--field-selector", "involvedObject.name=plain,involvedObject.kind=Job")
    assert {"RunStarted", "TaskStarted", "TaskSkipped", "TaskFailed", "RunSucceeded"} <= {e["reason"] for e in events}


@pytest.mark.parametrize("force", [False, True], ids=["told to stop", "killed"])
def test_no_task_is_lost_or_repeated_when_the_runner_goes(release: Release, force: bool) -> None:
    run = release.run("work", "interrupted")
    how = ("--grace-period=0", "--force") if force else ()
    for task in ("first", "second"):
        wait_for(f"task {task}", partial(started, run, task))
        pod = run.pods()[-1]["metadata"]["name"]
        run.namespace.kubectl("delete", "pod", pod, "--wait=false", *how)
        wait_for("the next runner", partial(another_runner, run, pod))
    assert run.verdict() == "Complete"
    check(run)


def test_a_cancelled_run_ends_its_tasks_and_a_deleted_one_leaves_nothing(release: Release) -> None:
    run = release.run("work", "unwanted")
    wait_for("task slow", lambda: started(run, "slow"))
    release.namespace.kubectl("annotate", "job", run.name, "flowhelm.dev/cancel=changed my mind")
    assert run.verdict() == "Failed"
    assert run.pods()[-1]["status"]["containerStatuses"][0]["state"]["terminated"]["message"] == (
        "cancelled: changed my mind\n"
    )
    running = [job for job in release.namespace.get("jobs") if not job["status"].get("conditions")]
    assert running == []
    release.namespace.kubectl("delete", "job", run.name)
    release.uninstall()
    until = time.monotonic() + 60
    while release.namespace.left_behind():
        assert time.monotonic() < until, release.namespace.left_behind()
        time.sleep(1)
