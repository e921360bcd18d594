"""Rows of the conformance table as people would write them: each row becomes a workflow of a spec.

A row's plan is printed as a spec, expressions and all, so that the compiler has its part in what is proved: the spec
that is printed compiles to the row's plan again (test_specs.py), and its chart is what runs on a cluster. What belongs
to the stage and not to the row (images, the program of the pods, the header that tells services which row asks) is
added by `Props`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.runtime.workflow_rows import Row, Step, Task

Json = Any
DEFAULTS: Mapping[str, Json] = {
    "join": "all",
    "timeout": 3600.0,
    "retry": {"attempts": 1, "initial": 10.0, "factor": 2.0, "max": 300.0},
}
ROW_HEADER = "X-Row"
"""Tells a service which row a request belongs to."""
CRON = "0 0 1 1 *"
"""Rows with a schedule must not be started by it."""


@dataclass(frozen=True)
class Props:
    """What the tasks' pods are: the keys of `run`, and those of the task that go with a script.

    `patience` is the time-out of requests that are answered at once, where the machine may be busy.
    """

    run: Mapping[str, Json] = field(default_factory=lambda: {"image": "registry.example.com/conformance/task:1"})
    by_script: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    workflow: Mapping[str, Json] = field(default_factory=dict)
    patience: str = ""


def workflows_of(row: Row, name: str, props: Props) -> dict[str, Json]:
    """The workflow of a row under this name, and beside it those that its tasks call."""
    return _Printer(props, name).print(row)


def services_of(row: Row) -> set[str]:
    """The services that a row's calls go to."""
    return {step.request.split(" ")[1] for task in row.all_tasks().values() for step in task.steps}


class _Printer:
    """Prints one row."""

    def __init__(self, props: Props, name: str) -> None:
        self.props, self.name = props, name
        self.workflows: dict[str, Json] = {}

    def print(self, row: Row) -> dict[str, Json]:
        plan = row.plan
        top = self._workflow(plan, row.tasks, row.on_exit)
        if "concurrency" in plan:
            top["concurrency"] = plan["concurrency"]
        triggers = _triggers(plan)
        if triggers:
            top["triggers"] = triggers
        return {self.name: {**self.props.workflow, **top}, **self.workflows}

    def _workflow(self, plan: Json, tasks: Mapping[str, Task], on_exit: Mapping[str, Task]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        if plan.get("inputs"):
            found["inputs"] = plan["inputs"]
        if plan.get("outputs"):
            found["outputs"] = {
                output: {**declared, "value": body(declared["value"])} for output, declared in plan["outputs"].items()
            }
        if "timeout" in plan:
            found["timeout"] = duration(plan["timeout"])
        if "parallelism" in plan:
            found["parallelism"] = plan["parallelism"]
        found["tasks"] = {task: self._task(each) for task, each in tasks.items()}
        if on_exit:
            found["on_exit"] = {task: self._task(each) for task, each in on_exit.items()}
        return found

    def _task(self, task: Task) -> dict[str, Json]:
        plan, kind = task.plan, task.plan["kind"]
        found: dict[str, Json] = {kind: self._work(task)}
        for key in ("needs", "outputs", "mutex", "priority", "isolate"):
            if plan.get(key):
                found[key] = body(plan[key]) if key == "mutex" else plan[key]
        if plan["join"] != DEFAULTS["join"]:
            found["join"] = plan["join"]
        if plan["timeout"] != DEFAULTS["timeout"]:
            found["timeout"] = duration(plan["timeout"])
        if plan["retry"] != DEFAULTS["retry"]:
            found["retry"] = retry(plan["retry"])
        if "when" in plan:
            found["when"] = plan["when"][1] if plan["when"][0] == "lit" else whole(plan["when"])
        if "foreach" in plan:
            found["foreach"] = {**plan["foreach"], "items": body(plan["foreach"]["items"])}
        if kind == "workflow":
            found.update(self._called(task, found))
        if kind == "run":
            found["env"] = {"KEEP": "kept", **body(plan["run"].get("env", {}))}
            for script in (*task.script, *(script for scripts in task.items.values() for script in scripts)):
                found.update(self.props.by_script.get(script, {}))
        return found

    def _work(self, task: Task) -> Json:
        plan = task.plan
        match plan["kind"]:
            case "run":
                words = {key: body(plan["run"][key]) for key in ("command", "args") if key in plan["run"]}
                image = {"image": NO_IMAGE} if "no image" in task.script else {}
                return {**self.props.run, **image, **words}
            case "call":
                steps = [{**self._patience(step), **self._step(step.request, step.extra)} for step in task.steps]
                return {"parallel": True, "steps": steps} if plan["call"]["parallel"] else steps
            case "wait":
                return duration(plan["wait"])
            case "approve":
                return {"message": body(plan["approve"]["message"])}
            case "sql":
                dsn = {"secret": "database", "key": task.dsn}
                return {"dsn": dsn, "query": task.query, "params": body(plan["sql"]["params"])}
        return ""

    def _patience(self, step: Step) -> dict[str, Json]:
        return {"timeout": self.props.patience} if self.props.patience and "hang" not in step.answers else {}

    def _step(self, request: str, extra: Json) -> Json:
        method, service, *path = request.split(" ", 2)
        found = {"service": service, method.lower(): path[0] if path else body(extra["path"])}
        found["headers"] = {ROW_HEADER: self.name, **body(extra.get("headers", {}))}
        if "body" in extra:
            found["body"] = body(extra["body"])
        if "timeout" in extra:
            found["timeout"] = duration(extra["timeout"])
        if "retry" in extra:
            found["retry"] = retry(extra["retry"])
        if "expect" in extra:
            json_expected = extra["expect"].get("json")
            found["expect"] = {**extra["expect"], **({"json": whole(json_expected)} if json_expected else {})}
        return found

    def _called(self, task: Task, found: Json) -> dict[str, Json]:
        """A workflow of its own for what the task calls."""
        called = task.plan["workflow"]
        name = f"{self.name}x{len(self.workflows) + 1}"
        self.workflows[name] = {}  # its number is taken before those of what it calls
        self.workflows[name] = self._workflow(called["plan"], task.tasks, task.on_exit)
        inherited = {output: {"type": each["type"]} for output, each in called["plan"].get("outputs", {}).items()}
        keys: dict[str, Json] = {"workflow": name, "with": body(called["with"])}
        if not called["with"]:
            del keys["with"]
        if found.get("outputs") == inherited:
            found.pop("outputs", None)
        return keys


NO_IMAGE = "registry.example.com/conformance/nowhere:1"


def _triggers(plan: Json) -> dict[str, Json]:
    written = plan.get("triggers", {})
    schedules = [
        {"cron": CRON, **{key: value for key, value in trigger.items() if value}}
        for name, trigger in written.items()
        if name.startswith("schedule")
    ]
    triggers: dict[str, Json] = {}
    if schedules:
        triggers["schedule"] = schedules if len(schedules) > 1 else schedules[0]
    if "install" in written:
        triggers["install"] = written["install"]
    if plan.get("manual") is False:
        triggers["manual"] = False
    return triggers


def retry(plan: Json) -> Json:
    """The plan's retry as it is written."""
    pauses = {"initial": duration(plan["initial"]), "factor": plan["factor"], "max": duration(plan["max"])}
    return {"attempts": plan["attempts"], "backoff": pauses}


def duration(seconds: float) -> str:
    """`2.5` → `2500ms`."""
    return f"{seconds:g}s" if seconds == int(seconds) else f"{seconds * 1000:g}ms"


def body(value: Json) -> Json:
    """A text, or a body, of plan.json as it is written in a spec."""
    if isinstance(value, dict):
        if set(value) == {"text"}:
            return "".join(part if isinstance(part, str) else whole(part) for part in value["text"])
        if set(value) == {"value"}:
            return whole(value["value"])
        if set(value) == {"map"}:
            return body(value["map"])
        return {name: body(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [body(entry) for entry in value]
    return value


def whole(tree: Json) -> str:
    """An expression of plan.json between its braces."""
    return "${{ " + expression(tree) + " }}"


_BINARY = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3, "+": 4}


def expression(tree: Json) -> str:
    """An expression of plan.json as people write it; every part in parentheses that might need them."""
    operator, *parts = tree
    match operator:
        case "lit":
            return json.dumps(parts[0], ensure_ascii=True)
        case "name":
            return ".".join(parts)
        case "field":
            return f"{_enclosed(parts[0])}.{parts[1]}"
        case "index":
            return f"{_enclosed(parts[0])}[{expression(parts[1])}]"
        case "list":
            return "[" + ", ".join(map(expression, parts)) + "]"
        case "!":
            return "!" + _enclosed(parts[0])
        case "?:":
            return " ".join([_enclosed(parts[0]), "?", _enclosed(parts[1]), ":", _enclosed(parts[2])])
    if operator in _BINARY:
        return f"{_enclosed(parts[0])} {operator} {_enclosed(parts[1])}"
    return f"{_enclosed(parts[0])}.{operator}({', '.join(map(expression, parts[1:]))})"


def _enclosed(tree: Json) -> str:
    return expression(tree) if tree[0] in ("lit", "name", "list", "field", "index") else f"({expression(tree)})"


def environment_of(row: Row, name: str) -> dict[str, Json]:
    """The inputs that a row's values give a schedule, as an environment of the spec says it: workflow → its keys."""
    if "triggers" not in row.bindings:
        return {}
    return {name: {"triggers": {"schedule": {"with": row.bindings["triggers"]["schedule"]["with"]}}}}


def values_of(row: Row, name: str) -> dict[str, Json]:
    """What a row's values say of tasks and of the workflows that they call, as Helm's values: workflow → its keys."""
    found: dict[str, Json] = {}
    for task, bound in row.bindings.get("tasks", {}).items():
        if "workflow" in bound:  # the values of a workflow count wherever it is called
            found[f"{name}x1"] = dict(bound["workflow"])
        keys = {key: bound[key] for key in ("timeout", "retry") if key in bound}
        if keys:
            found.setdefault(name, {"tasks": {}})["tasks"][task] = keys
    return found
