"""What is to be run: plan.json (from the compiler) and bindings.json (names and overrides, rendered by Helm).

plan.json, `format` 2. Times are seconds. Keys marked ? may be absent.

    PLAN = WORKFLOW + {"format": 2, "concurrency": "allow|forbid|replace",
                       "triggers": {"schedule|install": {"with"?: {NAME: value}, "concurrency"?: …}},
                       "manual"?: false}       people may not start runs; several schedules: "schedule-1", "schedule-2"…
    WORKFLOW = {"workflow": "fulfil", "timeout": 86400.0, "parallelism": 20,
                "inputs": {NAME: {"type": TYPE, "default"?: value}},
                "tasks": {NAME: TASK}, "on_exit": {NAME: TASK},
                "outputs": {NAME: {"type": TYPE, "value": TEXT, "default"?: value}}}
    TASK = {"kind": "run" | "call" | "sql" | "workflow" | "approve" | "wait",
            "needs": {NAME: "succeeded|failed|skipped|done|not_failed"}, "join": "all|any",
            "when"?: EXPR, "retry": RETRY, "timeout"?: 3600.0, "outputs": {NAME: {"type": TYPE, "default"?: value}},
            "foreach"?: {"items": BODY, "parallel"?: 4, "max_failed"?: 0},
            "mutex"?: TEXT, "priority"?: 0, "isolate"?: true,
            "run"?: {"command"?: [TEXT], "args"?: [TEXT], "env"?: {NAME: TEXT}},
            "call"?: {"parallel": false, "steps": [STEP]},
            "sql"?: {"params": {NAME: TEXT}},
            "env"?: {NAME: TEXT}                          of a `sql` task and of one with `isolate`
            "workflow"?: {"with": {NAME: BODY}, "plan": WORKFLOW},
            "approve"?: {"message": TEXT},
            "wait"?: 30.0}
    STEP = {"service": NAME, "port"?: NAME, "method": "GET", "path": TEXT, "headers"?: {NAME: TEXT | {"env": NAME}},
            "body"?: BODY, "expect"?: {"status"?: [200], "json"?: EXPR}, "timeout"?: 30.0, "retry"?: RETRY}
    RETRY = {"attempts": 3, "initial": 10.0, "factor": 2.0, "max": 300.0}
    TYPE = "string" | "integer" | "number" | "boolean" | "object" | "list"
    TEXT = "constant" | {"text": ["literal" | EXPR, …]} | {"value": EXPR}     value: keeps the expression's type
    BODY = TEXT | number | boolean | null | [BODY, …] | {"map": {NAME: BODY}} | {NAME: BODY}
           a map whose only key is `text`, `value` or `map` must be wrapped in {"map": …}
    EXPR = see expressions.py; in what belongs to an item of a foreach, the name ["name", "item"] is the item

A `run` task's command, args and env hold only what has an expression (a list is then whole); the rest stands in the
task's CronJob. A `sql` task's statement stands there too; its pod gets each parameter, as text, in the variable
`FLOWHELM_PARAM_<name>`. A header `{"env": NAME}` is the value of a variable of the pod that sends the request, and is
left out when there is none. A task without `timeout` has the time of its workflow. A `call` or `wait` with `isolate`
runs in a pod of its own, as `python -B -m runner task` (isolated.py).

The outputs of a `workflow` task are those that the workflow declares, with the defaults that the task adds.

bindings.json. Durations are texts as people write them ("1h30m"), numbers may be texts.

    {"release": "<name>", "workflow": "<name of the workflow's CronJob>", "timeout"?: "1h", "parallelism"?: 20,
     "triggers"?: {"schedule": …}, which replaces that of the plan,
     "services": {NAME: {"host": "r-stock", "scheme": "http", "main"?: "http", "ports": {"http": 8080}}},
     "tasks": {NAME: BOUND}}
    BOUND = {"cronjob"?: "<name>", "timeout"?: "15m",
             "retry"?: {"attempts"?: 3, "initial"?: "10s", "factor"?: 2, "max"?: "5m"},
             "workflow"?: {"timeout"?: "1h", "parallelism"?: 20}, "tasks"?: {NAME: BOUND}}     of a `workflow` task
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

Json = Any

FORMAT = 2
KINDS = ("run", "call", "sql", "workflow", "approve", "wait")
AS_WRITTEN = ("needs", "join", "when", "mutex", "priority", "isolate")
"""What a task has just as it is written."""

APPROVAL = {"by": {"type": "string"}, "at": {"type": "string"}}
"""What every `approve` task has as outputs."""

PARAMETER = "FLOWHELM_PARAM_"
"""The variable of a statement's parameter is named so, and then as the parameter."""

ANY_2XX = range(200, 300)
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Retry:
    """Tries in all, and the pauses between them: `initial`, then each `factor` times the one before, at most `max`."""

    attempts: int = 1
    initial: float = 10.0
    factor: float = 2.0
    max: float = 300.0

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries. Grows by steps, so that no number of tries overflows."""
        pause = self.initial
        for _ in range(tries - 1):
            if pause >= self.max:
                break
            pause *= self.factor
        return min(pause, self.max)


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
class Foreach:
    """A task that is done for each item of a list; `parallel` is None when only the workflow's own limit counts."""

    items: Json
    parallel: int | None = None
    max_failed: int = 0


@dataclass(frozen=True)
class Task:
    """One node of the graph. What a kind does not have is None or empty."""

    name: str
    kind: str
    retry: Retry
    timeout: float
    outputs: Mapping[str, Declared]
    needs: Mapping[str, str] = field(default_factory=dict)
    join: str = "all"
    when: Json = None
    foreach: Foreach | None = None
    mutex: Json = None
    priority: int = 0
    isolate: bool = False
    command: list[Json] | None = None
    args: list[Json] | None = None
    env: Mapping[str, Json] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    parallel: bool = False
    given: Mapping[str, Json] = field(default_factory=dict)
    callee: Workflow | None = None
    message: Json = ""
    seconds: float = 0.0
    cronjob: str = ""

    @property
    def in_pod(self) -> bool:
        """Whether its tries are Jobs; else they are made by the run's own pod."""
        return self.kind in ("run", "sql") or self.isolate


@dataclass(frozen=True)
class WorkflowOutput(Declared):
    """One output of a workflow, and how its value is written."""

    value: Json = None


@dataclass(frozen=True)
class Workflow:
    """A workflow that can be carried out: as a run, or as a task of another workflow."""

    workflow: str
    timeout: float
    parallelism: int
    inputs: Mapping[str, Declared]
    tasks: Mapping[str, Task]
    on_exit: Mapping[str, Task]
    outputs: Mapping[str, WorkflowOutput]

    def own_tasks(self) -> list[Task]:
        """The tasks and then those of on_exit."""
        return [*self.tasks.values(), *self.on_exit.values()]

    def all_tasks(self) -> Iterator[Task]:
        """Its own tasks, and those of the workflows that they call, to any depth."""
        for task in self.own_tasks():
            yield task
            if task.callee is not None:
                yield from task.callee.all_tasks()

    def depth(self) -> int:
        """How many workflows lie within one another; one that calls none is 1 deep."""
        return 1 + max((task.callee.depth() for task in self.own_tasks() if task.callee is not None), default=0)


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
class Plan(Workflow):
    """The workflow of a run, bound to one release."""

    release: str
    cronjob: str
    concurrency: str
    triggers: Mapping[str, Json]
    manual: bool
    services: Mapping[str, Service]


def load_plan(plan: Mapping[str, Json], bindings: Mapping[str, Json]) -> Plan:
    """Both files' contents → the plan, with the values' overrides merged in.

    Raises `ValueError` for a format that this runner does not know.
    """
    if plan["format"] != FORMAT:
        raise ValueError(f"plan.json has format {plan['format']}; this runner knows {FORMAT}")
    own = _workflow(plan, bindings, bindings.get("tasks"))
    return Plan(
        **vars(own),
        release=bindings.get("release", ""),
        cronjob=bindings["workflow"],
        concurrency=plan.get("concurrency", "allow"),
        triggers={**plan.get("triggers", {}), **bindings.get("triggers", {})},
        manual=plan.get("manual", True),
        services={name: load_service(service) for name, service in bindings.get("services", {}).items()},
    )


def load_step(step: Mapping[str, Json]) -> Step:
    """One request of a call."""
    expect = step.get("expect", {})
    return Step(
        **{key: value for key, value in step.items() if key not in ("expect", "retry")},
        has_body="body" in step,
        statuses=expect.get("status", ANY_2XX),
        expect=expect.get("json"),
        retry=_retry(step.get("retry")),
    )


def load_service(service: Mapping[str, Json]) -> Service:
    """Where a service is found."""
    ports = {name: int(number) for name, number in service["ports"].items()}
    return Service(service["host"], service.get("scheme", "http"), service.get("main") or next(iter(ports)), ports)


def seconds(duration: str | float) -> float:
    """`"1h30m"` → 5400.0; a number is one of seconds. Raises `ValueError` for any other text."""
    if not isinstance(duration, str):
        return float(duration)
    if not re.fullmatch(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd]))+", duration):
        raise ValueError(f"{duration!r} is no duration such as 90s, 5m or 1h30m")
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|[smhd])", duration))


def _workflow(plan: Mapping[str, Json], bound: Mapping[str, Json] | None, tasks: Mapping[str, Json] | None) -> Workflow:
    """One workflow; `bound` has its own overrides, `tasks` those of its tasks."""
    bound, tasks = bound or {}, tasks or {}
    timeout = seconds(bound.get("timeout") or plan["timeout"])

    def load(written: Mapping[str, Json]) -> dict[str, Task]:
        return {name: _task(name, task, tasks.get(name, {}), timeout) for name, task in written.items()}

    return Workflow(
        workflow=plan["workflow"],
        timeout=timeout,
        parallelism=int(bound.get("parallelism") or plan["parallelism"]),
        inputs=_declared(plan.get("inputs", {})),
        tasks=load(plan["tasks"]),
        on_exit=load(plan.get("on_exit", {})),
        outputs={name: WorkflowOutput(**output) for name, output in plan.get("outputs", {}).items()},
    )


def _task(name: str, task: Mapping[str, Json], bound: Mapping[str, Json], timeout: float) -> Task:
    if task["kind"] not in KINDS:
        raise ValueError(f"task {name} is of the kind {task['kind']}, which this runner does not know")
    run, call, called = task.get("run", {}), task.get("call", {}), task.get("workflow", {})
    parameters = {PARAMETER + name: text for name, text in task.get("sql", {}).get("params", {}).items()}
    return Task(
        name=name,
        kind=task["kind"],
        retry=_retry(task.get("retry"), bound.get("retry")),
        timeout=seconds(bound.get("timeout") or task.get("timeout", timeout)),
        outputs=_declared({**(APPROVAL if task["kind"] == "approve" else {}), **task.get("outputs", {})}),
        **{key: task[key] for key in AS_WRITTEN if key in task},
        foreach=Foreach(**task["foreach"]) if "foreach" in task else None,
        command=run.get("command"),
        args=run.get("args"),
        env={**run.get("env", {}), **task.get("env", {}), **parameters},
        steps=tuple(load_step(step) for step in call.get("steps", ())),
        parallel=call.get("parallel", False),
        given=called.get("with", {}),
        callee=_workflow(called["plan"], bound.get("workflow"), bound.get("tasks")) if called else None,
        message=task.get("approve", {}).get("message", ""),
        seconds=float(task.get("wait", 0.0)),
        cronjob=bound.get("cronjob", ""),
    )


def _declared(items: Mapping[str, Json]) -> dict[str, Declared]:
    return {name: Declared(**item) for name, item in items.items()}


def _retry(written: Mapping[str, Json] | None, bound: Mapping[str, Json] | None = None) -> Retry:
    found = {**(written or {}), **{key: value for key, value in (bound or {}).items() if value not in (None, "")}}
    kinds: dict[str, Callable[[Any], Any]] = {"attempts": int, "initial": seconds, "factor": float, "max": seconds}
    return Retry(**{key: kinds[key](value) for key, value in found.items()})
