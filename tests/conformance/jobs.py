"""The engine `jobs` on a real cluster: how its runs are started, and where it can be seen what came of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from generator.runs.state import NOT_BEGUN, as_json, state_of
from generator.runtime.names import label_of
from tests.conformance.compiled import NAMES
from tests.conformance.outcome import Outcome, Pod, Request
from tests.runtime.workflow_rows import Row, told

Json = Any
GRAIN = 1.0
"""Kubernetes tells when a Job was made in whole seconds."""
SCHEDULED = {"batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-02T03:00:00Z"}
BY_HAND = {"cronjob.kubernetes.io/instantiate": "manual"}
TRIGGERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "manual": ("", BY_HAND),
    "schedule": ("", SCHEDULED),
    "schedule-2": ("schedule-2", SCHEDULED),
    "schedule-2 by hand": ("schedule-2", BY_HAND),
    "install": ("", {"flowhelm.dev/trigger": "install"}),
}
PATH, TRY, TASK = "flowhelm.dev/path", "flowhelm.dev/try", "flowhelm.dev/task"


def run_of(row: Row, cron_jobs: Iterable[Json]) -> list[Json]:
    """The Jobs to create: runs of the workflow that are there before, and the row's own, last."""
    name = NAMES[row.name]
    wanted, annotations = TRIGGERS[row.trigger]
    own = [job for job in cron_jobs if job["metadata"]["labels"].get("flowhelm.dev/workflow") == name]
    launchers = [job for job in own if TASK not in job["metadata"]["labels"]]
    from_trigger = [job for job in launchers if not wanted or _annotations(job).get("flowhelm.dev/trigger") == wanted]
    launcher = sorted(from_trigger, key=lambda job: str(job["metadata"]["name"]))[0]
    asked: dict[str, str] = dict(annotations)
    if row.inputs is not None:
        asked["flowhelm.dev/inputs"] = json.dumps(row.inputs)
    asked.update({f"flowhelm.dev/approve.{task}": answer for task, answer in row.answers.items()})
    return [*(_other(launcher, name, other) for other in row.other_runs), _job(launcher, name, asked)]


def _annotations(cron_job: Json) -> Json:
    return cron_job["spec"]["jobTemplate"].get("metadata", {}).get("annotations", {})


def _job(launcher: Json, name: str, annotations: Mapping[str, str]) -> Json:
    """A Job as `kubectl create job --from` makes it."""
    template = json.loads(json.dumps(launcher["spec"]["jobTemplate"]))
    owner = {key: launcher["metadata"][key] for key in ("name", "uid")}
    metadata = {**template.get("metadata", {}), "name": name}
    metadata["annotations"] = {**metadata.get("annotations", {}), **annotations}
    metadata["ownerReferences"] = [{"apiVersion": "batch/v1", "kind": "CronJob", "controller": True, **owner}]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]}


def _other(launcher: Json, name: str, other: str) -> Json:
    """Another run of the workflow: suspended, so that it does not end; one that has ended; one of another release."""
    job = _job(launcher, f"{name}-{other}", BY_HAND)
    if other == "elsewhere":
        job["metadata"]["labels"]["app.kubernetes.io/instance"] = "another-release"
    job["spec"]["suspend"] = other != "ended"
    if other == "ended":
        job["spec"].pop("podFailurePolicy", None)
        container = job["spec"]["template"]["spec"]["containers"][0]
        container["command"], container["args"] = ["true"], []
    return job


def prompts_of(row: Row) -> dict[str, Json]:
    """What the row's pods are to do, by how their names begin: run, task and item."""
    tasks = row.all_tasks()
    found = {}
    for path in told(row.expect):
        plain = _without_items(path)
        if plain in tasks and tasks[plain].in_pod:
            task = tasks[plain]
            script = row.scripts.get(path) or task.items.get(_last_item(path), task.script)
            found[f"{NAMES[row.name]}-{label_of(path).replace('.', '-')}"] = [path, script]
    return found


def _without_items(path: str) -> str:
    return "".join(part.partition("]")[2] if "]" in part else part for part in path.split("["))


def _last_item(path: str) -> int:
    return int(path[path.rindex("[") + 1 : -1]) if path.endswith("]") else -1


def outcome_of(row: Row, jobs: Sequence[Json], seen: Iterable[Json], gone: Mapping[str, float]) -> Outcome:
    """What came of a row: from `flowhelm status`, the tries' Jobs and what the prompter was asked."""
    name = NAMES[row.name]
    own = {name: "the-run", next(job["metadata"]["uid"] for job in jobs if job["metadata"]["name"] == name): "the-uid"}
    by_name = {job["metadata"]["name"]: job for job in jobs}
    mine = [job for job in by_name.values() if _owner(job) == by_name[name]["metadata"]["uid"]]
    state = as_json(state_of(by_name[name], mine))
    asked = {record["pod"].rpartition("-")[0]: record for record in seen if "pod" in record}
    pods: dict[str, list[Pod]] = {}
    for job in sorted(mine, key=_age):
        record = asked.get(job["metadata"]["name"]) or _as_made(job)
        pod = Pod(
            _seconds(job["metadata"]["creationTimestamp"]),
            _end(job),
            _as_told(record["args"], own),
            record["env"],
            _as_made(job)["command"],
        )
        pods.setdefault(job["metadata"]["annotations"][PATH], []).append(pod)
    requests: dict[str, list[Request]] = {}
    for record in seen:
        if "request" in record:
            headers = dict(zip(record["headers"], _as_told(record["headers"].values(), own), strict=True))
            body = json.loads(record["body"]) if record["body"] else None
            requests.setdefault(record["path"], []).append(Request(record["request"], headers, body))
    elsewhere = {other: gone[f"{name}-{other}"] for other in row.other_runs if f"{name}-{other}" in gone}
    tasks = {path: task for path, task in _flat(state["tasks"]) if task["reason"] != NOT_BEGUN}
    for path, tries in pods.items():  # a Job notices the end of its pod a second or two later than the run does
        tries[-1] = replace(tries[-1], ended=min(tries[-1].ended, tasks[path]["ended"] or tries[-1].ended))
    reason = state["reason"].replace(f"{name}-", "")
    return Outcome(state["status"], reason, state["outputs"], tasks, pods, requests, elsewhere, GRAIN)


def _as_told(texts: Iterable[str], own: Mapping[str, str]) -> list[str]:
    """Texts with the run's name and uid as the rows have them."""
    pattern = "|".join(rf"\b{re.escape(word)}\b" for word in own)
    return [re.sub(pattern, lambda found: own[found[0]], text) for text in texts]


def _as_made(job: Json) -> Json:
    """What a pod was given that runs a program of flowhelm's own, and so asks nobody."""
    container = job["spec"]["template"]["spec"]["containers"][0]
    env = {each["name"]: each.get("value", "").replace("$$", "$") for each in container.get("env", ())}
    command = [word.replace("$$", "$") for word in container.get("command", ())]
    return {"command": command, "args": container.get("args", ()), "env": env}


def _flat(tasks: Json, prefix: str = "") -> Iterable[tuple[str, Json]]:
    for name, task in tasks.items():
        entries = {name: task, **{f"{name}[{index}]": item for index, item in enumerate(task.get("items") or ())}}
        for path, entry in entries.items():
            times = {key: _seconds(entry[key]) if entry[key] else None for key in ("started", "ended")}
            yield prefix + path, {**entry, **times}
            yield from _flat(entry.get("tasks", {}), f"{prefix}{path}/")


def _owner(job: Json) -> str:
    return next((str(owner["uid"]) for owner in job["metadata"].get("ownerReferences", ())), "")


def _age(job: Json) -> tuple[str, list[int]]:
    tries = job["metadata"]["annotations"][TRY].split(".")
    return job["metadata"]["creationTimestamp"], [int(number) for number in tries]


def _end(job: Json) -> float:
    conditions = job.get("status", {}).get("conditions", ())
    ends = [each["lastTransitionTime"] for each in conditions if each["type"] in ("Complete", "Failed")]
    return _seconds(ends[0]) if ends else float("inf")


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()
