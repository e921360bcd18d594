"""Runs of all kinds of tasks whose runners are killed at random moments: they end as if nothing had happened.

`FLOWHELM_KILLS=50 FLOWHELM_SEED=7 make e2e` kills more often, and otherwise; figures are printed (`pytest -s`).
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cluster.chaos import answer, check, installed
from tests.cluster.cluster import CommandFailed, Namespace, Release, Run

pytestmark = pytest.mark.cluster

KILLS = int(os.environ.get("FLOWHELM_KILLS", "8"))
SEED = int(os.environ.get("FLOWHELM_SEED", "1"))
KILLS_A_RUN = 3
"""The Job waits 10, 20, 40 … seconds before it starts the next runner."""
AT_ONCE = 6


@dataclass
class Chaos:
    """Runs of one workflow, and somebody who kills their runners."""

    release: Release
    dice: random.Random
    runs: dict[str, int] = field(default_factory=dict)
    kills: list[tuple[str, str, str]] = field(default_factory=list)

    def start(self) -> Run:
        run = self.release.run("work", f"chaos-{len(self.runs)}")
        self.runs[run.name] = 0
        answer(run)
        return run

    def rage(self, kills: int) -> None:
        """Kill so often; runs are started as they are needed."""
        until = time.monotonic() + 60 + 20 * kills
        while len(self.kills) < kills:
            assert time.monotonic() < until, (self.kills, self.runs)
            living = self._living()
            if len({pod["run"] for pod in living}) < AT_ONCE and len(self.runs) * KILLS_A_RUN < kills + AT_ONCE - 1:
                self.start()
                continue
            open_runs = [run for run, count in self.runs.items() if count < KILLS_A_RUN and self._is_open(run)]
            targets = [pod for pod in living if pod["run"] in open_runs and pod["phase"] == "Running"]
            if not open_runs:
                self.start()
            elif targets:
                self._kill(self.dice.choice(targets))
            time.sleep(self.dice.uniform(0, 2))

    def _living(self) -> list[dict[str, str]]:
        pods = self.release.namespace.get("pods", "-l", "flowhelm.dev/workflow=work,!flowhelm.dev/task")
        return [
            {
                "run": pod["metadata"]["labels"]["batch.kubernetes.io/job-name"],
                "name": pod["metadata"]["name"],
                "uid": pod["metadata"]["uid"],
                "phase": pod["status"]["phase"],
            }
            for pod in pods
            if "batch.kubernetes.io/job-name" in pod["metadata"]["labels"]
            and pod["status"]["phase"] in ("Pending", "Running")
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def _is_open(self, run: str) -> bool:
        return not Run(self.release.namespace, run).job().get("status", {}).get("conditions")

    def _kill(self, pod: dict[str, str]) -> None:
        how = self.dice.choice(("killed", "deleted by force", "evicted", "evicted"))
        started = time.monotonic()
        try:
            if how == "evicted":
                self.release.namespace.evict(pod["name"])
            elif how == "deleted by force" or not sigkill(pod["uid"]):
                how = "deleted by force"
                self.release.namespace.kubectl(
                    "delete", "pod", pod["name"], "--grace-period=0", "--force", "--wait=false"
                )
        except CommandFailed as problem:
            if "NotFound" not in problem.stderr:
                raise
            return
        self.kills.append((pod["run"], how, f"{started:.1f}"))
        self.runs[pod["run"]] += 1


def sigkill(uid: str) -> bool:
    """SIGKILL for the runner in a pod whose node is this machine; false when it is not to be found here."""
    wanted = (uid, uid.replace("-", "_"))
    for process in Path("/proc").iterdir():
        try:
            if not process.name.isdigit() or b"runner" not in (process / "cmdline").read_bytes():
                continue
            if any(each in (process / "cgroup").read_text() for each in wanted):
                os.kill(int(process.name), signal.SIGKILL)
                return True
        except OSError:
            continue
    return False


@pytest.fixture
def release(tmp_path: Path, namespace: Namespace, helm4: Path) -> Release:
    return installed(namespace, helm4, tmp_path)


def test_runners_that_are_killed_at_random_moments(namespace: Namespace, release: Release) -> None:
    chaos = Chaos(release, random.Random(SEED))
    began = time.monotonic()
    calm = chaos.start()
    assert calm.verdict() == "Complete", calm.story()
    chaos.runs[calm.name] = KILLS_A_RUN
    calm_seconds = time.monotonic() - began
    chaos.rage(KILLS)
    runs = [Run(namespace, name) for name in chaos.runs]
    for run in runs:
        run.verdict(600)
    done = check(release, calm, runs)

    kinds = Counter(how for _, how, _ in chaos.kills)
    most = max(Counter(run for run, _, _ in chaos.kills).values())
    sys.stdout.write(
        f"\n{len(chaos.kills)} kills (seed {SEED}): {dict(kinds)}; {len(runs)} runs, at most {most} kills in one;"
        f" an undisturbed run {calm_seconds:.0f} s, all {time.monotonic() - began:.0f} s;"
        f" {done}\n"
    )
