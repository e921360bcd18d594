"""Upgrade, rollback and uninstall on a real cluster while runs are under way: no version is mixed, nothing is left."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

from generator.emit.emitter import emit
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release, Run, wait_for

pytestmark = pytest.mark.cluster

FIRST = """
defaults: {resources: {cpu: 10m, memory: 32Mi}}
x-box: &box {image: "busybox:1.37"}
workflows:
  work:
    tasks:
      ask: {approve: "Go on?"}
      say:
        needs: [ask]
        run: {<<: *box, command: [sh, -c, "echo '{\\"version\\": 1}' > $FLOWHELM_OUTPUTS"]}
        outputs: {version: {type: integer}}
      read:
        needs: [ask]
        run: {<<: *box, command: [cat, /etc/version]}
        files: {/etc/version: {content: "1"}}
    outputs: {version: {type: integer, value: "${{ tasks.say.outputs.version }}"}}
  fails:
    tasks: {end: {run: {<<: *box, command: ["false"]}}}
  holds:
    tasks: {hold: {mutex: one, run: {<<: *box, command: [sh, -c, "trap 'exit 0' TERM; sleep 600 & wait"]}}}
"""
SECOND = FIRST.replace('\\"version\\": 1', '\\"version\\": 2').replace('{content: "1"}', '{content: "2"}')
SECOND = SECOND[: SECOND.index("  holds:")]
OTHER_FILES = "an upgrade of the release has changed or removed its files since the run began"


def asks(run: Run) -> None:
    """Wait until the run waits for an answer."""
    wait_for(f"the question of {run.name}", lambda: [each for each in run.story() if each["event"] == "TaskWaits"])


def answer(run: Run) -> None:
    run.namespace.kubectl("annotate", "job", run.name, "flowhelm.dev/approve.ask=true")


def ends(run: Run) -> dict[str, str]:
    """How the run's tasks have ended, with the reasons of those that failed."""
    run.verdict()
    lines = [line for line in run.story() if line["event"] in ("TaskSucceeded", "TaskFailed")]
    return {line["task"]: line.get("reason", "succeeded") for line in lines}


def versions(run: Run) -> str:
    """What the task that tells its version has told."""
    (job,) = run.namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task=say")
    return str(job["metadata"]["annotations"]["flowhelm.dev/outputs"])


def test_versions_are_not_mixed_and_nothing_is_left(namespace: Namespace, helm: Path, tmp_path: Path) -> None:
    release = Release(namespace, helm, write_files(emit(chart_of(FIRST)), tmp_path / "shop"))
    release.install()
    old, holding = release.run("work", "old"), release.run("holds", "holding")
    asks(old)
    wait_for("the mutex", lambda: namespace.get("leases"))

    rmtree(release.chart)
    write_files(emit(chart_of(SECOND)), release.chart)
    release.upgrade()
    wait_for("the end of the workflow that is no more", lambda: not namespace.get("leases"))
    wait_for("its pods to go", lambda: not namespace.get("pods", "-l", f"flowhelm.dev/run={holding.name}"))

    (pod,) = old.pods()
    namespace.evict(pod["metadata"]["name"])
    wait_for("the successor", lambda: [line for line in old.story() if line["event"] == "RunResumed"])
    new = release.run("work", "new")
    asks(new)
    release.rollback(1)
    for run in (old, new):
        answer(run)
    assert ends(old) == {"ask": "succeeded", "say": "succeeded", "read": "succeeded"}, (
        "the rollback has its files again"
    )
    assert ends(new) == {"ask": "succeeded", "say": "succeeded", "read": OTHER_FILES}
    assert (versions(old), versions(new)) == ('{"version":1}', '{"version":2}')

    assert release.run("fails", "failed").verdict() == "Failed"
    asks(release.run("work", "waiting"))
    release.run("holds", "held")
    wait_for("the mutex", lambda: namespace.get("leases"))
    release.uninstall()
    wait_for("an empty namespace", lambda: not namespace.left_behind(), patience=60)
