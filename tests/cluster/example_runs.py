"""Plays an example on a cluster: installs its chart with stand-in images, lets its workflows run, tells what happened.

What is to be done and what is expected stands in tests/cluster/examples/<name>.yaml:

    secrets: {NAME: {KEY: text}}         made before the install, as are `configs`
    volumes: [CLAIM, …]                  claims of StatefulSets, for a cluster without a StorageClass
    database:
      at: deployment/NAME                made before the install, with a Service; a statefulset/NAME is the chart's own
      name: DATABASE
      sql: create table …                what must be in it before the install
      rows: {QUERY: [a|b, …]}            what must be in it after the runs
    runs:
      - workflow: NAME
        inputs: {…} | started: install   by hand, or by the chart's own trigger
        verdict: Failed                  Complete unless written
        approve: {TASK: {by: NAME, approved: true}}      what a person answers, once the task asks
        tasks:
          PATH: skipped                  how it ended; `{succeeded: [ASKED, …]}` also tells what others were asked to do
    ASKED = {SERVICE: "METHOD /path", body?: …, status?: 503, headers?: {…}} | {IMAGE: "arguments"} | {person: question}

`{run}` in it is the name of the run.
"""

import json
import re
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.cluster import Namespace, Release, Run, new_namespace, wait_for
from tests.cluster.example_database import ask_database, start_database

Json = Any
REPOSITORY = Path(__file__).resolve().parents[2]
ENDINGS = {"TaskSucceeded", "TaskFailed", "TaskSkipped", "TaskCancelled"}


@dataclass(frozen=True)
class Asked:
    """Something that a stand-in was asked to do."""

    task: str
    items: tuple[int, ...]
    step: int
    time: float
    what: Json


@dataclass
class Played:
    """What is expected and what happened, run by run and at last in the database; what happened in a wrong order."""

    expected: list[Json] = field(default_factory=list)
    happened: list[Json] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)


def play(example: str, helm: Path, kubectl: Path) -> Played:
    """Install the example, let all its runs go, uninstall it. A failure carries a portrait of the namespace."""
    scenario = read_scenario(example)
    database = scenario.get("database", {})
    with new_namespace(kubectl, f"examples-{example}") as namespace:
        try:
            with prepared(namespace, scenario):
                release = Release(namespace, helm, REPOSITORY / "charts-out" / example)
                release.install()
                played = _play_runs(release, scenario)
                for query, rows in database.get("rows", {}).items():
                    played.expected.append({query: rows})
                    played.happened.append({query: ask_database(namespace, database["at"], database["name"], query)})
                return played
        except Exception as error:
            raise AssertionError(f"{example}: {error}\n{namespace.portrait()}") from error


def read_scenario(example: str) -> Json:
    """What is to be done with an example."""
    return yaml.safe_load((REPOSITORY / f"tests/cluster/examples/{example}.yaml").read_text(encoding="utf-8"))


@contextmanager
def prepared(namespace: Namespace, scenario: Json) -> Iterator[None]:
    """What the chart takes for granted is there: secrets, a database, and volumes where nothing makes them."""
    for kind, data, wanted in (("Secret", "stringData", "secrets"), ("ConfigMap", "data", "configs")):
        for name, values in scenario.get(wanted, {}).items():
            namespace.apply({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, data: values})
    database = scenario.get("database", {})
    if database.get("at", "").startswith("deployment/"):
        start_database(namespace, database["at"], database["name"], database.get("sql", ""))
    claims = [] if namespace.get("storageclasses") else scenario.get("volumes", [])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        volumes = [_volume(namespace, claim, Path(folder)) for claim in claims]
        if volumes:
            namespace.apply(*volumes)
        try:
            yield
        finally:
            for volume in volumes:
                namespace.kubectl("delete", "pv", volume["metadata"]["name"], "--wait=false")


def _volume(namespace: Namespace, claim: str, folder: Path) -> Json:
    """A volume on the node's disk for one claim: pods write to it under their own user."""
    folder.chmod(0o755)
    (folder / claim).mkdir()
    (folder / claim).chmod(0o777)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{namespace.name}-{claim}"},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(folder / claim)},
            "claimRef": {"namespace": namespace.name, "name": claim},
        },
    }


# --- the runs -------------------------------------------------------------------------------------------------------


def _play_runs(release: Release, scenario: Json) -> Played:
    """Start all runs at once, and compare when each has ended."""
    spec = yaml.safe_load((REPOSITORY / f"examples/{release.name}/spec.yaml").read_text(encoding="utf-8"))
    runs = [(_start(release, number, wanted), wanted) for number, wanted in enumerate(scenario["runs"])]
    played = Played()
    for run, wanted in runs:
        _answer(run, wanted.get("approve", {}))
    verdicts = [run.verdict() for run, _ in runs]
    asked = list(read_asked(release))
    for (run, wanted), verdict in zip(runs, verdicts, strict=True):
        played.expected.append(_expectation(wanted, run.name))
        uid = run.job()["metadata"]["uid"]
        mine = [*_questions(run), *(entry for owner, entry in asked if owner == uid)]
        played.happened.append(_account(wanted["workflow"], verdict, endings(run), mine))
        workflow = spec["workflows"][wanted["workflow"]]
        played.out_of_order += [f"{run.name}: {fault}" for fault in disorder(workflow, mine)]
    return played


def _start(release: Release, number: int, wanted: Json) -> Run:
    if wanted.get("started") == "install":
        return wait_for("the run on install", lambda: next(iter(release.runs(wanted["workflow"])), None))
    return release.run(wanted["workflow"], f"{wanted['workflow']}-{number}", **wanted.get("inputs", {}))


def endings(run: Run) -> dict[str, str]:
    """How each task ended; for tasks of a workflow that ran for several items: all the ways."""
    found: dict[str, set[str]] = {}
    for line in run.story():
        if line["event"] in ENDINGS and not line["task"].endswith("]"):
            task, _ = _task_and_items(line["task"])
            found.setdefault(task, set()).add(line["event"].removeprefix("Task").lower())
    return {task: " or ".join(sorted(ways)) for task, ways in found.items()}


def _expectation(wanted: Json, run: str) -> Json:
    """The expectation in the form of an account."""
    text = json.dumps(wanted["tasks"]).replace("{run}", run)
    tasks = {}
    for task, how in json.loads(text).items():
        ((status, asked),) = how.items() if isinstance(how, dict) else [(how, [])]
        tasks[task] = {"status": status, "asked": asked}
    return {"workflow": wanted["workflow"], "verdict": wanted.get("verdict", "Complete"), "tasks": tasks}


def _account(workflow: str, verdict: str, statuses: Mapping[str, str], asked: Iterable[Asked]) -> Json:
    """What happened, in one form: by task, the requests in the order of items and steps."""
    tasks: dict[str, Json] = {task: {"status": status, "asked": []} for task, status in statuses.items()}
    for entry in sorted(asked, key=lambda entry: (entry.items, entry.step, entry.time)):
        tasks.setdefault(entry.task, {"status": "none", "asked": []})["asked"].append(entry.what)
    return {"workflow": workflow, "verdict": verdict, "tasks": tasks}


def disorder(workflow: Json, asked: Iterable[Asked]) -> list[str]:
    """Which task did something before all that it needs had done theirs; on_exit comes after everything."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for entry in asked:
        task = entry.task.partition("/")[0]
        first[task] = min(first.get(task, entry.time), entry.time)
        last[task] = max(last.get(task, entry.time), entry.time)
    edges = {(need, name) for name, task in workflow["tasks"].items() for need in task.get("needs", ())}
    edges |= {(task, final) for final in workflow.get("on_exit", ()) for task in workflow["tasks"]}
    return [
        f"{after} before {before}"
        for before, after in sorted(edges)
        if before in last and after in first and last[before] > first[after]
    ]


def _answer(run: Run, answers: Mapping[str, Json]) -> None:
    """Answer for a person, as soon as a task asks one."""
    for task, answer in answers.items():
        question = wait_for(f"the question of {task}", partial(_question, run, task))
        note = f"{question['annotation']}={json.dumps(answer, ensure_ascii=False)}"
        run.namespace.kubectl("annotate", "job", run.name, note)


def _question(run: Run, task: str) -> Json | None:
    return next((line for line in run.story() if line.get("task") == task and "annotation" in line), None)


# --- what the stand-ins tell ----------------------------------------------------------------------------------------


def read_asked(release: Release) -> Iterator[tuple[str, Asked]]:
    """What each run asked of services and of programs, by the uid of the run's Job."""
    pods = {pod["metadata"]["name"]: pod for pod in release.namespace.get("pods")}
    uids = {job["metadata"]["name"]: job["metadata"]["uid"] for job in release.namespace.get("jobs")}
    lines = release.namespace.logs("-l", release.selector(), "--all-containers")
    for line in sorted((line for line in lines if "did" in line), key=lambda line: float(line["time"])):
        labels = pods[line["pod"]]["metadata"]["labels"]
        if line["did"] == "answer" and line["key"]:
            yield line["key"].partition("/")[0], _request(labels["app.kubernetes.io/component"], line)
        elif line["did"] != "answer" and "flowhelm.dev/task" in labels:
            yield uids[labels["flowhelm.dev/run"]], _program(pods[line["pod"]], line)


def _request(service: str, line: Json) -> Asked:
    """A request to a service: the Idempotency-Key tells run, task, item and step."""
    _, *path, step = line["key"].split("/")
    what = {service: line["request"]}
    what |= {"body": line["body"]} if line["body"] is not None else {}
    what |= {"status": line["status"]} if line["status"] != 200 else {}
    what |= {"headers": line["headers"]} if line["headers"] else {}
    return Asked(*_task_and_items("/".join(path)), int(step), line["time"], what)


def _program(pod: Json, line: Json) -> Asked:
    """A program that ran: its pod tells which task."""
    labels, notes = pod["metadata"]["labels"], pod["metadata"].get("annotations", {})
    path = notes.get("flowhelm.dev/path", labels["flowhelm.dev/task"])
    image = pod["spec"]["containers"][0]["image"].rpartition("/")[2].partition(":")[0]
    what = {image: shlex.join(line["args"])} if line["did"] == "run" else line
    return Asked(*_task_and_items(path), 0, line["time"], what)


def _questions(run: Run) -> Iterator[Asked]:
    """What the run asked of people."""
    for line in run.story():
        if "annotation" in line:
            time = datetime.fromisoformat(line["time"]).timestamp()
            yield Asked(*_task_and_items(line["task"]), 0, time, {"person": line["reason"]})


def _task_and_items(path: str) -> tuple[str, tuple[int, ...]]:
    """`pay[2]/charge` is the task `pay/charge` with the item 2."""
    parts = [part for part in re.split(r"[\[\]/]+", path) if part]
    return "/".join(part for part in parts if not part.isdigit()), tuple(int(part) for part in parts if part.isdigit())
