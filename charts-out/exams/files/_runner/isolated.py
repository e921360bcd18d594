"""A `call` or `wait` in a pod of its own: what the pod is told, and what it does as `python -B -m runner task`.

    FLOWHELM_TASK = {"kind": "call", "run": "<uid>", "path": "pay/charge", "parallel": false, "steps": [STEP],
                     "services": {NAME: {"host", "scheme", "main", "ports"}}, "outputs": {NAME: {"type"}}}
                  | {"kind": "wait", "seconds": 30.0}

STEP is that of plan.json with its expressions evaluated; only what `expect` says of the response is left. The outputs
go to the termination log as those of any pod; of a try that failed, `{"reason": TEXT, "outputs": {NAME: value}}`.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .calls import Calls
from .expressions import Lookup, path_of, text_of, value_of
from .kube import Clock
from .plan import ANY_2XX, Declared, Retry, Service, Step, Task, load_service, load_step
from .progress import Result
from .values import MOST_BYTES, WrongValue

Json = Any

VARIABLE = "FLOWHELM_TASK"
MOST_TOLD = 100_000
"""Bytes of one variable; Linux takes at most 128 KiB."""
FAILED = 1


def told(path: str, task: Task, run_id: str, services: Mapping[str, Service], lookup: Lookup) -> str:
    """What the pod is told. Raises :class:`WrongValue` when something in it cannot be evaluated, or is too large."""
    about: dict[str, Json] = {"kind": "wait", "seconds": task.seconds}
    if task.kind == "call":
        about = {
            "kind": "call",
            "run": run_id,
            "path": path,
            "parallel": task.parallel,
            "steps": [_evaluated(step, lookup) for step in task.steps],
            "services": {step.service: vars(services[step.service]) for step in task.steps},
            "outputs": {name: {"type": declared.type} for name, declared in task.outputs.items()},
        }
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MOST_TOLD:
        raise WrongValue(f"its requests are larger than {MOST_TOLD} bytes, too much for a pod of its own")
    return text


def do_task(about: Json, clock: Clock, termination_log: Path) -> int:
    """Do what the pod was told; returns the process's exit code."""
    if about["kind"] == "wait":
        time.sleep(about["seconds"])
        return 0
    result = _make_calls(about, clock)
    written: Json = dict(result.outputs)
    if not result.succeeded:
        written = {"reason": result.reason, "outputs": written}
        if len(_compact(written).encode()) > MOST_BYTES:
            written = {"reason": result.reason[:1000]}
    print(result.reason or "succeeded", flush=True)
    termination_log.write_text(_compact(written), "utf-8")
    return 0 if result.succeeded else FAILED


@dataclass(frozen=True)
class _Calling:
    """The one task of this pod."""

    path: str
    task: Task

    def lookup(self, name: tuple[str, ...], /) -> Json:
        """Everything that has a value has been evaluated."""
        raise WrongValue(f"{'.'.join(name)} has no value")


def _make_calls(about: Json, clock: Clock) -> Result:
    outputs = {name: Declared(declared["type"], "") for name, declared in about["outputs"].items()}
    steps = tuple(load_step(step) for step in about["steps"])
    task = Task(about["path"], "call", Retry(), 0.0, outputs, steps=steps, parallel=about["parallel"])
    results: queue.SimpleQueue[Result] = queue.SimpleQueue()
    services = {name: load_service(service) for name, service in about["services"].items()}
    calls = Calls(services, lambda _path: about["run"], clock, lambda _work, _number, result: results.put(result))
    calls.start(_Calling(about["path"], task), 1)
    try:
        return results.get()
    finally:
        calls.close()


def _evaluated(step: Step, lookup: Lookup) -> dict[str, Json]:
    """A step without names but `response`, in plan.json's form."""
    where = f"{step.method} of {step.service}"
    try:
        found: dict[str, Json] = {
            "service": step.service,
            "method": step.method,
            "path": path_of(step.path, lookup),
            "headers": {name: _header(written, lookup) for name, written in step.headers.items()},
            "timeout": step.timeout,
            "retry": vars(step.retry),
        }
        if step.has_body:
            found["body"] = {"value": ["lit", value_of(step.body, lookup)]}
    except WrongValue as problem:
        raise WrongValue(f"{where}: {problem}") from None
    expect = {} if step.statuses is ANY_2XX else {"status": list(step.statuses)}
    if step.expect is not None:
        expect["json"] = _known(step.expect, lookup)
    return {**found, **({"port": step.port} if step.port else {}), **({"expect": expect} if expect else {})}


def _header(written: Json, lookup: Lookup) -> Json:
    return written if isinstance(written, dict) and "env" in written else text_of(written, lookup)


def _known(expression: Json, lookup: Lookup) -> Json:
    """An expression in which the names that have a value are that value."""
    if expression[0] == "lit":
        return expression
    if expression[0] != "name":
        return [expression[0], *(_known(part, lookup) if isinstance(part, list) else part for part in expression[1:])]
    if expression[1:] == ["response"]:
        return expression
    try:
        return ["lit", lookup(tuple(expression[1:]))]
    except WrongValue:  # it may stand where it is not looked at
        return expression


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
