"""The language of the conformance table: small workflows, what their tasks do, and what must come of it.

A :class:`Row` holds a plan (in the format of `generator/runtime/plan.py`), a script for each task, and the expected
story. Nothing here knows the runner or the simulation, so the same rows can run on any engine and on a real cluster.

Scripts of `run` tasks, one for each try (the last one repeats):
    "ok"  "ok {json}"  "exit 3"  "exit 1 {json}"  "out of memory"  "evicted"  "no image"  "refused"  "gone"
    "hang" (until it is ended, then exits 143)  "hang, then exit 0" (as programs do that catch SIGTERM)
Answers of services to `call` steps, one for each request (the last one repeats):
    "200 {json}"  "500"  "302 /elsewhere"  "drop" (closes the connection)  "hang" (never answers)
    "200 text: plain text"     "200 {"at": "$PATH"}" (the path of the request)
    "together 64" (waits until so many are there and those that were on their way, then 200 {"there": how many})
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(frozen=True)
class Step:
    """One request of a `call` task, and how the service answers it."""

    request: str
    answers: tuple[str, ...]
    extra: dict[str, Json]


@dataclass(frozen=True)
class Task:
    """One task: its entry in plan.json, and the script of the pod, the steps of the call or the tasks of the workflow.

    `items` has the scripts of single items of a foreach. `query` is the statement of a `sql` task that does what its
    script says, `dsn` the key of the Secret that says where the database is.
    """

    plan: dict[str, Json]
    script: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    items: dict[int, tuple[str, ...]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    on_exit: dict[str, Task] = field(default_factory=dict)
    query: str = "select 1"
    dsn: str = "postgres"

    @property
    def in_pod(self) -> bool:
        """Whether its tries are Jobs."""
        return self.plan["kind"] in ("run", "sql") or "isolate" in self.plan


@dataclass(frozen=True)
class Row:
    """One small workflow and its expected story.

    `expect` has one line for the run and one for each task, `name status (reason)`; `order` holds chains of tasks in
    which each must have ended before the next starts; `saw` maps a task to what its last try was given; `scripts` are
    those of single paths.
    """

    name: str
    rules: str
    expect: str
    tasks: dict[str, Task]
    on_exit: dict[str, Task] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    saw: dict[str, Json] = field(default_factory=dict)
    plan: dict[str, Json] = field(default_factory=dict)
    bindings: dict[str, Json] = field(default_factory=dict)
    inputs: Json = None
    trigger: str = "manual"
    cancel_when: str = ""
    most_pods: int = 0
    other_runs: tuple[str, ...] = ()
    outputs: dict[str, Json] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def all_tasks(self) -> dict[str, Task]:
        """Every task by its path, without the indices of items."""
        return flat({**self.tasks, **self.on_exit})


def flat(tasks: dict[str, Task], prefix: str = "") -> dict[str, Task]:
    """Tasks and those of the workflows that they call, by their paths."""
    found = {}
    for name, task in tasks.items():
        found[prefix + name] = task
        found.update(flat({**task.tasks, **task.on_exit}, f"{prefix}{name}/"))
    return found


def run(*script: str, items: dict[int, tuple[str, ...]] | None = None, **keys: Json) -> Task:
    """A task with a pod; `script` says what each try does."""
    command = {name: keys.pop(name) for name in ("command", "args", "env") if name in keys}
    return Task({"kind": "run", **_task(keys), "run": command}, script or ("ok",), items=items or {})


def sql(
    *script: str, query: str = "select 1", dsn: str = "postgres", params: dict[str, Json] | None = None, **keys: Json
) -> Task:
    """A statement; `script` says what each try of its pod does."""
    plan = {"kind": "sql", **_task(keys), "sql": {"params": params or {}}}
    return Task(plan, script or ("ok {}",), query=query, dsn=dsn)


def workflow(tasks: dict[str, Task], on_exit: dict[str, Task] | None = None, **keys: Json) -> Task:
    """A call of another workflow; `callee` are keys of that one, `given` its inputs."""
    called = {
        "workflow": "callee",
        "timeout": 86400.0,
        "parallelism": 20,
        "inputs": {},
        "outputs": {},
        **keys.pop("callee", {}),
    }
    keys.setdefault("outputs", {name: {"type": output["type"]} for name, output in called["outputs"].items()})
    plan = {"kind": "workflow", **_task(keys), "workflow": {"with": keys.pop("given", {}), "plan": called}}
    plan.pop("given", None)
    return Task(plan, tasks=tasks, on_exit=on_exit or {})


def wait(seconds: float, *script: str, **keys: Json) -> Task:
    """A task that waits."""
    return Task({"kind": "wait", **_task(keys), "wait": seconds}, script or ("ok",))


def approve(message: Json, **keys: Json) -> Task:
    """A task that asks."""
    return Task({"kind": "approve", **_task(keys), "approve": {"message": message}})


def call(*steps: Step, parallel: bool = False, script: tuple[str, ...] = ("ok",), **keys: Json) -> Task:
    """A task that sends requests; with `isolate`, `script` says what its pod does."""
    plan = {"kind": "call", **_task(keys), "call": {"parallel": parallel, "steps": []}}
    return Task(plan, script, steps)


def step(request: str, *answers: str, **extra: Json) -> Step:
    """`step("GET stock /a", "200 {}")`: method, service, path."""
    return Step(request, answers or ("200",), extra)


def retry(attempts: int, initial: float = 10.0, factor: float = 2.0, most: float = 300.0) -> dict[str, Json]:
    """Tries in all, and the pauses between them."""
    return {"attempts": attempts, "initial": initial, "factor": factor, "max": most}


def name(path: str) -> list[Json]:
    """`name("tasks.a.outputs.x")`: that name as an expression."""
    return ["name", *path.split(".")]


def equal(path: str, value: Json) -> list[Json]:
    """`path == value`."""
    return ["==", name(path), ["lit", value]]


def text(*parts: str | list[Json]) -> dict[str, Json]:
    """A text with expressions in it."""
    return {"text": list(parts)}


def value(expression: list[Json]) -> dict[str, Json]:
    """A whole scalar that is one expression and keeps its type."""
    return {"value": expression}


def _task(keys: dict[str, Json]) -> dict[str, Json]:
    needs = keys.pop("needs", {})
    if isinstance(needs, str):
        needs = dict.fromkeys(needs.split(), "succeeded")
    outputs = {
        output: declared if isinstance(declared, dict) else {"type": declared}
        for output, declared in keys.pop("outputs", {}).items()
    }
    return {
        "needs": needs,
        "join": keys.pop("join", "all"),
        "retry": keys.pop("retry", retry(1)),
        "timeout": keys.pop("timeout", 3600.0),
        "outputs": outputs,
        **keys,
    }


def each(items: Json, **keys: Json) -> dict[str, Json]:
    """A foreach."""
    return {"items": items, **keys}


def told(story: str) -> dict[str, tuple[str, str]]:
    """A story's lines: name → (status, reason)."""
    lines = (re.fullmatch(r"(\S+) (\w+)(?: \((.*)\))?", line.strip()) for line in story.strip().splitlines())
    return {line[1]: (line[2], line[3] or "") for line in lines if line}
