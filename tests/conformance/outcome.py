"""What came of a row, on whatever engine and cluster, and the check of it against the row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.runtime.workflow_rows import Row, told

Json = Any


@dataclass(frozen=True)
class Pod:
    """One try that was a pod: when it began and ended, and what its container was given."""

    started: float
    ended: float
    args: Sequence[str] = ()
    env: dict[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()


@dataclass(frozen=True)
class Request:
    """What a service was asked: `"METHOD service /path"`."""

    what: str
    headers: dict[str, str]
    body: Json


@dataclass
class Outcome:
    """A run that has ended. Times are seconds on one clock, good to `grain`.

    Keys are the paths of tasks and items (`pay[1]/charge`); `tasks` has "status", "reason", "tries", "started" and
    "ended" of each.
    """

    status: str
    reason: str
    outputs: dict[str, Json]
    tasks: dict[str, Json]
    pods: dict[str, list[Pod]]
    requests: dict[str, list[Request]]
    ended_elsewhere: dict[str, float] = field(default_factory=dict)
    grain: float = 0.0

    def story(self) -> dict[str, tuple[str, str]]:
        """Status and reason of the run and of each task."""
        tasks = {path: (task["status"], plain(task.get("reason", ""))) for path, task in self.tasks.items()}
        return {"run": (self.status, plain(self.reason)), **tasks}


def plain(reason: str) -> str:
    """A reason without what each container runtime, limit and quota says in its own way."""
    reason = re.sub(r"the image \S+ cannot be pulled: .*", "the image demo/a:1 cannot be pulled: no such image", reason)
    reason = re.sub(r"its Job was refused: .*exceeded quota.*", "its Job was refused: exceeded quota", reason)
    return re.sub(r"(out of memory): its limit is \w+", r"\1", reason)


def check(row: Row, outcome: Outcome) -> None:
    """Compare what came of a row with what the row says."""
    assert outcome.story() == told(row.expect)
    assert outcome.outputs == row.outputs
    assert list(_disorder(row, outcome)) == []
    for path, saw in row.saw.items():
        for what, wanted in saw.items():
            _check_seen(outcome, path, what, wanted)
    if row.most_pods:
        most = most_at_once(
            replace(pod, started=min(pod.started + outcome.grain, pod.ended))
            for pods in outcome.pods.values()
            for pod in pods
        )
        assert most <= row.most_pods, f"{most} pods at once"
        assert most == row.most_pods or outcome.grain, f"only {most} pods at once"


def _disorder(row: Row, outcome: Outcome) -> Iterable[str]:
    """In a chain `a < b`, a has ended before b's first try started."""
    for chain in row.order:
        for before, after in itertools.pairwise(chain.split(" < ")):
            ended = outcome.ended_elsewhere.get(before) or outcome.tasks[before]["ended"]
            started = min([outcome.tasks[after]["started"], *(pod.started for pod in outcome.pods.get(after, ()))])
            if not ended <= started + outcome.grain:
                yield f"{after} started at {started}, {before} ended at {ended}"


def most_at_once(pods: Iterable[Pod]) -> int:
    """The most pods that were there at one moment; where one ends as another begins, they were not."""
    changes = sorted(change for pod in pods for change in ((pod.started, 1), (pod.ended, -1)))
    return max(itertools.accumulate(change for _, change in changes), default=0)


def _check_seen(outcome: Outcome, path: str, what: str, wanted: Json) -> None:
    task, pods, requests = outcome.tasks[path], outcome.pods.get(path, []), outcome.requests.get(path, [])
    match what:
        case "tries":
            assert task["tries"] == wanted
        case "starts":
            assert len(pods) == wanted
        case "ended_before":
            assert task["ended"] < outcome.tasks[wanted]["ended"]
        case "pauses":
            pauses = [after.started - before.ended for before, after in itertools.pairwise(pods)]
            assert len(pauses) == len(wanted)
            assert all(pause + outcome.grain >= least for pause, least in zip(pauses, wanted, strict=True)), pauses
        case "lasted":
            assert task["ended"] - task["started"] >= wanted
        case "args":
            assert list(pods[-1].args) == wanted
        case "command":
            assert list(pods[-1].command) == wanted
        case "env":
            assert {name: pods[-1].env.get(name) for name in wanted} == wanted
        case "requests":
            assert [request.what for request in requests] == wanted
        case "headers":
            assert {name: requests[-1].headers.get(name) for name in wanted} == wanted
        case "body":
            assert requests[-1].body == wanted
        case _:
            raise AssertionError(f"no check for {what}")


def flat(tasks: Json, prefix: str = "") -> dict[str, Json]:
    """The entries of a journal by their paths."""
    found = {}
    for name, task in tasks.items():
        entries = {prefix + name: task}
        entries.update({f"{prefix}{name}[{index}]": entry for index, entry in enumerate(task.get("each", ()))})
        for path, entry in entries.items():
            found[path] = entry
            found.update(flat(entry.get("workflow", {}).get("tasks", {}), f"{path}/"))
    return found
