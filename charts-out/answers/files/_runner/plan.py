"""What is to be run: plan.json (from the compiler) and bindings.json (names and overrides, rendered by Helm).

plan.json, `format` 1. Times are seconds. Keys marked ? may be absent.

    {"format": 1, "workflow": "fulfil", "timeout": 86400.0, "parallelism": 20, "concurrency": "allow|forbid|replace",
     "inputs": {NAME: {"type": TYPE, "default"?: value}},
     "triggers": {"schedule"?: {"with"?: {NAME: value}, "concurrency"?: …}, "install"?: {"with"?: {NAME: value}}},
     "tasks": {NAME: TASK}, "on_exit": {NAME: TASK},
     "outputs": {NAME: {"type": TYPE, "value": TEXT, "default"?: value}}}
    TASK = {"kind": "run" | "call", "needs": {NAME: "succeeded|failed|skipped|done|not_failed"}, "join": "all|any",
            "when"?: EXPR, "retry": RETRY, "timeout": 3600.0, "outputs": {NAME: {"type": TYPE, "default"?: value}},
            "run"?: {"command"?: [TEXT], "args"?: [TEXT], "env"?: {NAME: TEXT}},
            "call"?: {"parallel": false, "steps": [STEP]}}
    STEP = {"service": NAME, "port"?: NAME, "method": "GET", "path": TEXT, "headers"?: {NAME: TEXT}, "body"?: BODY,
            "expect"?: {"status"?: [200], "json"?: EXPR}, "timeout"?: 30.0, "retry"?: RETRY}
    RETRY = {"attempts": 3, "initial": 10.0, "factor": 2.0, "max": 300.0}
    TYPE = "string" | "integer" | "number" | "boolean" | "object" | "list"
    TEXT = "constant" | {"text": ["literal" | EXPR, …]} | {"value": EXPR}     value: keeps the expression's type
    BODY = TEXT | number | boolean | null | [BODY, …] | {"map": {NAME: BODY}} | {NAME: BODY}
           a map whose only key is `text`, `value` or `map` must be wrapped in {"map": …}
    EXPR = see expressions.py

A `run` task's command, args and env hold only what has an expression (a list is then whole); the rest stands in the
task's CronJob.

bindings.json. Durations are texts as people write them ("1h30m"), numbers may be texts.

    {"workflow": "<name of the workflow's CronJob>", "timeout"?: "1h", "parallelism"?: 20,
     "services": {NAME: {"host": "r-stock", "scheme": "http", "main"?: "http", "ports": {"http": 8080}}},
     "tasks": {NAME: {"cronjob"?: "<name>", "timeout"?: "15m",
                      "retry"?: {"attempts"?: 3, "initial"?: "10s", "factor"?: 2, "max"?: "5m"}}}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any

FORMAT = 1
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
ANY_2XX = range(200, 300)

BESIDES = 1800
"""Seconds that a run's Job may last beyond the run's time-out: on_exit, waiting for services, restarts."""


@dataclass(frozen=True)
class Retry:
    """Tries in all, and the pauses between them: `initial`, then each `factor` times the one before, at most `most`."""

    attempts: int = 1
    initial: float = 10.0
    factor: float = 2.0
    most: float = 300.0

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries. Grows by steps, so that no number of tries overflows."""
        pause = self.initial
        for _ in range(tries - 1):
            if pause >= self.most:
                break
            pause *= self.factor
        return min(pause, self.most)


@dataclass(frozen=True)
class Declared:
    """An input or output: its type, and the value that stands in when it is missing."""

    type: str
    default: Json = None

    @property
    def has_default(self) -> bool:
        """Inputs and outputs are never null, so null means: none."""
        return self.default is not None


@dataclass(frozen=True)
class Step:
    """One request of a `call` task."""

    service: str
    method: str
    path: Json
    port: str | None = None
    headers: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None
    has_body: bool = False
    statuses: Any = ANY_2XX
    expect: Json = None
    timeout: float = 30.0
    retry: Retry = Retry()


@dataclass(frozen=True)
class Task:
    """One node of the graph."""

    name: str
    kind: str
    needs: Mapping[str, str]
    join: str
    when: Json
    retry: Retry
    timeout: float
    outputs: Mapping[str, Declared]
    command: list[Json] | None = None
    args: list[Json] | None = None
    env: Mapping[str, Json] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    parallel: bool = False
    cronjob: str = ""


@dataclass(frozen=True)
class Service:
    """Where a service is found."""

    host: str
    scheme: str
    main: str
    ports: Mapping[str, int]

    def port(self, name: str | None) -> int:
        """The number of a port, of the main one when no name is given."""
        return self.ports[name or self.main]


@dataclass(frozen=True)
class WorkflowOutput:
    """One output of the whole workflow."""

    declared: Declared
    value: Json


@dataclass(frozen=True)
class Plan:
    """One workflow, bound to one release."""

    workflow: str
    cronjob: str
    timeout: float
    parallelism: int
    concurrency: str
    inputs: Mapping[str, Declared]
    triggers: Mapping[str, Json]
    tasks: Mapping[str, Task]
    on_exit: Mapping[str, Task]
    outputs: Mapping[str, WorkflowOutput]
    services: Mapping[str, Service]

    def all_tasks(self) -> list[Task]:
        """The tasks and then those of on_exit."""
        return [*self.tasks.values(), *self.on_exit.values()]


def load_plan(plan: Mapping[str, Json], bindings: Mapping[str, Json]) -> Plan:
    """Both files' contents → the plan, with the values' overrides merged in.

    Raises `ValueError` for a format that this runner does not know.
    """
    if plan["format"] != FORMAT:
        raise ValueError(f"plan.json has format {plan['format']}; this runner knows {FORMAT}")
    bound = bindings.get("tasks", {})
    return Plan(
        workflow=plan["workflow"],
        cronjob=bindings["workflow"],
        timeout=_seconds(bindings.get("timeout"), plan["timeout"]),
        parallelism=int(bindings.get("parallelism") or plan["parallelism"]),
        concurrency=plan.get("concurrency", "allow"),
        inputs=_declared(plan.get("inputs", {})),
        triggers=plan.get("triggers", {}),
        tasks={name: _task(name, task, bound.get(name, {})) for name, task in plan["tasks"].items()},
        on_exit={name: _task(name, task, bound.get(name, {})) for name, task in plan.get("on_exit", {}).items()},
        outputs={
            name: WorkflowOutput(Declared(output["type"], output.get("default")), output["value"])
            for name, output in plan.get("outputs", {}).items()
        },
        services={name: _service(service) for name, service in bindings.get("services", {}).items()},
    )


def seconds(duration: str) -> float:
    """`"1h30m"` → 5400.0. Raises `ValueError` for anything else."""
    if not re.fullmatch(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd]))+", duration):
        raise ValueError(f"{duration!r} is no duration such as 90s, 5m or 1h30m")
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|[smhd])", duration))


def _seconds(text: str | None, otherwise: float) -> float:
    return seconds(text) if text else float(otherwise)


def _declared(items: Mapping[str, Json]) -> dict[str, Declared]:
    return {name: Declared(item["type"], item.get("default")) for name, item in items.items()}


def _retry(written: Mapping[str, Json] | None, bound: Mapping[str, Json] | None = None) -> Retry:
    written, bound = written or {}, bound or {}
    return Retry(
        attempts=int(bound.get("attempts", written.get("attempts", 1))),
        initial=_seconds(bound.get("initial"), written.get("initial", 10.0)),
        factor=float(bound.get("factor", written.get("factor", 2.0))),
        most=_seconds(bound.get("max"), written.get("max", 300.0)),
    )


def _task(name: str, task: Mapping[str, Json], bound: Mapping[str, Json]) -> Task:
    if task["kind"] not in ("run", "call"):
        raise ValueError(f"task {name} is of the kind {task['kind']}, which this runner does not know")
    run, call = task.get("run", {}), task.get("call", {})
    return Task(
        name=name,
        kind=task["kind"],
        needs=task.get("needs", {}),
        join=task.get("join", "all"),
        when=task.get("when"),
        retry=_retry(task.get("retry"), bound.get("retry")),
        timeout=_seconds(bound.get("timeout"), task["timeout"]),
        outputs=_declared(task.get("outputs", {})),
        command=run.get("command"),
        args=run.get("args"),
        env=run.get("env", {}),
        steps=tuple(_step(step) for step in call.get("steps", ())),
        parallel=call.get("parallel", False),
        cronjob=bound.get("cronjob", ""),
    )


def _step(step: Mapping[str, Json]) -> Step:
    expect = step.get("expect", {})
    return Step(
        service=step["service"],
        method=step["method"],
        path=step["path"],
        port=step.get("port"),
        headers=step.get("headers", {}),
        body=step.get("body"),
        has_body="body" in step,
        statuses=expect.get("status", ANY_2XX),
        expect=expect.get("json"),
        timeout=step.get("timeout", 30.0),
        retry=_retry(step.get("retry")),
    )


def _service(service: Mapping[str, Json]) -> Service:
    ports = {name: int(number) for name, number in service["ports"].items()}
    return Service(service["host"], service.get("scheme", "http"), service.get("main") or next(iter(ports)), ports)
