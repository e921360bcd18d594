"""What is said of a run whose runner does not run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from generator.records import dataclass
from generator.runs.kubectl import Kubectl
from generator.runs.looking import look

Json = Any
REFUSED = "the API server refuses: 403: jobs.batch is forbidden"


@dataclass(frozen=True)
class Answering(Kubectl):
    """A kubectl that knows one run and its pods."""

    run_job: Json = None
    pods: Sequence[Json] = ()

    def get(self, kind: str, name: str) -> Json:
        return self.run_job

    def select(self, kind: str, selector: str) -> Sequence[Json]:
        return self.pods

    def events(self, kind: str, name: str) -> Sequence[Json]:
        return ()


def job(*conditions: Json, ready: int = 0) -> Json:
    labels = {"flowhelm.dev/workflow": "w"}
    return {"metadata": {"name": "r", "labels": labels}, "status": {"ready": ready, "conditions": conditions}}


def pod(created: int, phase: str, message: str = "", **terminated: Any) -> Json:
    state = {"terminated": {"message": message, **terminated}} if message or terminated else {}
    return {
        "metadata": {
            "name": f"r-{created}",
            "labels": {"batch.kubernetes.io/job-name": "r"},
            "creationTimestamp": f"2026-01-02T03:04:0{created}Z",
        },
        "status": {"phase": phase, "containerStatuses": [{"name": "runner", "state": state}]},
    }


GIVEN_UP = {
    "type": "Failed",
    "status": "True",
    "reason": "BackoffLimitExceeded",
    "lastTransitionTime": "2026-01-02T03:04:09Z",
}


@pytest.mark.parametrize(
    ("run", "pods", "status", "reason"),
    [
        (job(), [pod(1, "Failed", f"stopped: {REFUSED}\n")], "waiting", f"its runner stopped: {REFUSED}"),
        (
            job(),
            [pod(2, "Failed", "stopped: b\n"), pod(1, "Failed", "stopped: a\n")],
            "waiting",
            "its runner stopped: b",
        ),
        (
            job(),
            [pod(1, "Failed", "stopped: a\n"), pod(2, "Failed", exitCode=137, reason="OOMKilled")],
            "waiting",
            "its runner failed: out of memory",
        ),
        (job(), [pod(1, "Failed", "stopped: a\n"), pod(2, "Pending")], "waiting", "its runner stopped: a"),
        (job(ready=1), [pod(1, "Failed", "stopped: a\n")], "waiting", ""),
        (job(), [pod(1, "Failed", "failed: a\n")], "waiting", ""),
        (job(GIVEN_UP), [pod(1, "Failed", "stopped: a\n")], "failed", "its runner failed too often: stopped: a"),
        (job(GIVEN_UP), [], "failed", "its runner failed too often"),
    ],
)
def test_what_its_last_runner_said(run: Json, pods: Sequence[Json], status: str, reason: str) -> None:
    state = look(Answering(run_job=run, pods=pods), "r")
    assert (state.status, state.reason) == (status, reason)
