"""Stage plan: :class:`WorkflowPlan` → the text of `plan.json`.

Input: a plan. Output: JSON text, the same bytes for the same plan, one line for each task so that two versions can be
compared. The runner's `plan.py` describes the format; keys that were not written are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from generator.plan.expression import JSON, expression_json, text_json
from generator.plan.model import (
    ApprovePlan,
    CallPlan,
    Declaration,
    ForeachPlan,
    HeaderVariable,
    OutputPlan,
    RetryPlan,
    ReusePlan,
    RunPlan,
    SqlPlan,
    StepPlan,
    TaskPlan,
    TriggerPlan,
    WaitPlan,
    Work,
    WorkflowPlan,
)
from generator.spec.expression import Text

FORMAT = 2

_MARKS = {"text", "value", "map"}
"""Keys that mean something in the JSON of a body: a user's own mapping with one of them alone is wrapped."""


def plan_text(plan: WorkflowPlan) -> str:
    """The text of plan.json."""
    lines = []
    for key, value in plan_json(plan).items():
        if isinstance(value, dict) and value:
            entries = ",\n".join(f"    {_compact(name)}: {_compact(entry)}" for name, entry in value.items())
            lines.append(f"  {_compact(key)}: {{\n{entries}\n  }}")
        else:
            lines.append(f"  {_compact(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def plan_json(plan: WorkflowPlan) -> dict[str, JSON]:
    """The plan as JSON data."""
    return {
        "format": FORMAT,
        "workflow": plan.name,
        "timeout": plan.timeout,
        "parallelism": plan.parallelism,
        "concurrency": plan.concurrency,
        "inputs": _declarations(plan.inputs),
        "triggers": {name: _trigger(trigger) for name, trigger in plan.triggers.items()},
        **({} if plan.manual else {"manual": False}),
        **_graph(plan),
    }


def _graph(plan: WorkflowPlan) -> dict[str, JSON]:
    return {
        "tasks": {name: _task(task) for name, task in plan.tasks.items()},
        "on_exit": {name: _task(task) for name, task in plan.on_exit.items()},
        "outputs": {name: _output(output) for name, output in plan.outputs.items()},
    }


def _declarations(declared: Mapping[str, Declaration]) -> dict[str, JSON]:
    return {name: dict(_declaration(each)) for name, each in declared.items()}


def _declaration(declared: Declaration) -> dict[str, JSON]:
    return {"type": declared.type} | ({} if declared.default is None else {"default": _constant(declared.default)})


def _output(output: OutputPlan) -> JSON:
    return _declaration(output.declaration) | {"value": text_json(output.value)}


def _trigger(trigger: TriggerPlan) -> JSON:
    found: dict[str, JSON] = {"concurrency": trigger.concurrency} if trigger.concurrency else {}
    return found | ({"with": _constant(trigger.inputs)} if trigger.inputs else {})


def _task(task: TaskPlan) -> JSON:
    found: dict[str, JSON] = {"kind": task.kind, "needs": dict(task.needs), "join": task.join}
    if task.when is not None:
        found["when"] = expression_json(task.when)
    found["retry"] = _retry(task.retry)
    if task.timeout is not None:
        found["timeout"] = task.timeout
    found["outputs"] = _declarations(task.outputs)
    if task.priority:
        found["priority"] = task.priority
    if task.isolate:
        found["isolate"] = True
    if task.env:
        found["env"] = _texts(task.env)
    if task.mutex is not None:
        found["mutex"] = text_json(task.mutex)
    if task.foreach is not None:
        found["foreach"] = _foreach(task.foreach)
    return found | {task.kind: _work(task.work)}


def _foreach(foreach: ForeachPlan) -> JSON:
    parallel: dict[str, JSON] = {} if foreach.parallel is None else {"parallel": foreach.parallel}
    return {"items": body_json(foreach.items), **parallel, "max_failed": foreach.max_failed}


def _work(work: Work) -> JSON:
    match work:
        case CallPlan():
            return _call(work)
        case RunPlan():
            return _run(work)
        case ReusePlan():
            return _reuse(work)
        case SqlPlan(params=params):
            return {"params": _texts(params)}
        case ApprovePlan(message=message):
            return {"message": text_json(message)}
        case WaitPlan(seconds=seconds):
            return seconds


def _reuse(reuse: ReusePlan) -> JSON:
    """What is started from outside has no meaning inside another run: triggers, and who may run beside whom."""
    plan = reuse.plan
    inner: dict[str, JSON] = {
        "workflow": plan.name,
        "timeout": plan.timeout,
        "parallelism": plan.parallelism,
        "inputs": _declarations(plan.inputs),
        **_graph(plan),
    }
    given: dict[str, JSON] = {name: body_json(value) for name, value in reuse.given.items()}
    return {"with": given, "plan": inner}


def _retry(retry: RetryPlan) -> JSON:
    return {"attempts": retry.attempts, "initial": retry.initial, "factor": retry.factor, "max": retry.longest}


def _run(run: RunPlan) -> JSON:
    found: dict[str, JSON] = {}
    if run.command is not None:
        found["command"] = [text_json(word) for word in run.command]
    if run.args is not None:
        found["args"] = [text_json(word) for word in run.args]
    if run.env:
        found["env"] = _texts(run.env)
    return found


def _call(call: CallPlan) -> JSON:
    return {"parallel": call.parallel, "steps": [_step(step) for step in call.steps]}


def _step(step: StepPlan) -> JSON:
    found: dict[str, JSON] = {"service": step.service, "method": step.method, "path": text_json(step.path)}
    if step.port:
        found["port"] = step.port
    if step.headers:
        found["headers"] = {name: _header(value) for name, value in step.headers.items()}
    if step.has_body:
        found["body"] = body_json(step.body)
    expect: dict[str, JSON] = {"status": list(step.statuses)} if step.statuses else {}
    if step.condition is not None:
        expect["json"] = expression_json(step.condition)
    if expect:
        found["expect"] = expect
    if step.timeout is not None:
        found["timeout"] = step.timeout
    if step.retry is not None:
        found["retry"] = _retry(step.retry)
    return found


def _header(value: Text | HeaderVariable) -> JSON:
    return {"env": value.name} if isinstance(value, HeaderVariable) else text_json(value)


def _texts(texts: Mapping[str, Text]) -> JSON:
    return {name: text_json(text) for name, text in texts.items()}


def body_json(body: object) -> JSON:
    """A body: JSON in which texts may hold expressions. `{"map": …}` wraps what would be taken for an expression."""
    if isinstance(body, Text):
        return text_json(body)
    if isinstance(body, Mapping):
        found: dict[str, JSON] = {str(key): body_json(value) for key, value in body.items()}
        return {"map": found} if len(found) == 1 and _MARKS & found.keys() else found
    return [body_json(item) for item in body] if isinstance(body, (list, tuple)) else _constant(body)


def _constant(value: object) -> JSON:
    match value:
        case Mapping():
            return {str(key): _constant(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_constant(item) for item in value]
        case str() | int() | float() | None:
            return value
    raise TypeError(f"{type(value).__name__} has no form in JSON")
