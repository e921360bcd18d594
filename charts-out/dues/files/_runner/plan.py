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
from collections.abc import Mapping
from typing import Any

from .workflow import (
    ANY_2XX,
    MOST_FAILED,
    PARAMETER,
    Declared,
    Foreach,
    Plan,
    Retry,
    Service,
    Step,
    Task,
    Workflow,
    WorkflowOutput,
)

Json = Any

FORMATS = (1, 2)
"""Format 1 is a part of format 2; a run that began before an upgrade of the release may still have it."""
KINDS = ("run", "call", "sql", "workflow", "approve", "wait")
APPROVAL = {"by": {"type": "string"}, "at": {"type": "string"}}
"""What every `approve` task has as outputs."""
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def load_plan(plan: Mapping[str, Json], bindings: Mapping[str, Json]) -> Plan:
    """Both files' contents → the plan, with the values' overrides merged in.

    Raises `ValueError` for a format that this runner does not know.
    """
    if plan["format"] not in FORMATS:
        raise ValueError(f"plan.json has format {plan['format']}; this runner knows {FORMATS[-1]}")
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


def load_service(service: Mapping[str, Json]) -> Service:
    """Where a service is found."""
    ports = {name: int(number) for name, number in service["ports"].items()}
    return Service(service["host"], service.get("scheme", "http"), service.get("main") or next(iter(ports)), ports)


def seconds(duration: str) -> float:
    """`"1h30m"` → 5400.0. Raises `ValueError` for anything else."""
    if not re.fullmatch(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd]))+", duration):
        raise ValueError(f"{duration!r} is no duration such as 90s, 5m or 1h30m")
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|[smhd])", duration))


def _workflow(plan: Mapping[str, Json], bound: Mapping[str, Json] | None, tasks: Mapping[str, Json] | None) -> Workflow:
    """One workflow; `bound` has its own overrides, `tasks` those of its tasks."""
    bound, tasks = bound or {}, tasks or {}
    timeout = _seconds(bound.get("timeout"), plan["timeout"])
    on_exit = plan.get("on_exit", {})
    return Workflow(
        workflow=plan["workflow"],
        timeout=timeout,
        parallelism=int(bound.get("parallelism") or plan["parallelism"]),
        inputs=_declared(plan.get("inputs", {})),
        tasks={name: _task(name, task, tasks.get(name, {}), timeout) for name, task in plan["tasks"].items()},
        on_exit={name: _task(name, task, tasks.get(name, {}), timeout) for name, task in on_exit.items()},
        outputs={
            name: WorkflowOutput(Declared(output["type"], output.get("default")), output["value"])
            for name, output in plan.get("outputs", {}).items()
        },
    )


def _task(name: str, task: Mapping[str, Json], bound: Mapping[str, Json], timeout: float) -> Task:
    if task["kind"] not in KINDS:
        raise ValueError(f"task {name} is of the kind {task['kind']}, which this runner does not know")
    run, call, called = task.get("run", {}), task.get("call", {}), task.get("workflow", {})
    parameters = {PARAMETER + name: text for name, text in task.get("sql", {}).get("params", {}).items()}
    return Task(
        name=name,
        kind=task["kind"],
        needs=task.get("needs", {}),
        join=task.get("join", "all"),
        when=task.get("when"),
        retry=_retry(task.get("retry"), bound.get("retry")),
        timeout=_seconds(bound.get("timeout"), task.get("timeout", timeout)),
        outputs=_declared({**(APPROVAL if task["kind"] == "approve" else {}), **task.get("outputs", {})}),
        foreach=_foreach(task.get("foreach")),
        mutex=task.get("mutex"),
        priority=task.get("priority", 0),
        isolate=task.get("isolate", False),
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


def _foreach(written: Mapping[str, Json] | None) -> Foreach | None:
    if written is None:
        return None
    return Foreach(written["items"], written.get("parallel"), written.get("max_failed", MOST_FAILED))


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
