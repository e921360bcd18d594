"""What bindings.json says of tasks: their CronJobs, and the time and tries that the values set.

Stage: lower. The tasks of a reused workflow stand inside the task that reuses it; their values are the reused
workflow's, whoever reuses it. The format stands in runtime/plan.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.chart.nodes import Tree
from generator.chart.values import JsonSchema
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.engines.jobs.task import template_name
from generator.plan.planner import PARALLELISM
from generator.resolve.model import Task, Workflow
from generator.spec.call import Retry

_TIMEOUT, _RUN_TIMEOUT = "1h", "24h"

_RETRY = schemas.closed(
    {
        "attempts": schemas.integer(1, 100),
        "initial": schemas.DURATION,
        "factor": {"type": "number", "minimum": 1},
        "max": schemas.DURATION,
    }
)


def bound_limits(context: Context, workflow: Workflow) -> dict[str, Tree]:
    """How long a workflow may take, and how many of its pods may work at once."""
    path, section, spec = context.workflow_path(workflow.name), f"Workflow {workflow.name}", workflow.spec
    leaf = context.values.leaf
    timeout = spec.timeout.text if spec.timeout else _RUN_TIMEOUT
    pods = spec.parallelism or PARALLELISM
    words = {"timeout": "How long a run may take.", "parallelism": "How many pods of a run work at once."}
    return {
        "timeout": leaf((*path, "timeout"), words["timeout"], schemas.DURATION, timeout, section, spec.span("timeout")),
        "parallelism": leaf(
            (*path, "parallelism"), words["parallelism"], schemas.integer(1), pods, section, spec.span("parallelism")
        ),
    }


def bound_tasks(context: Context, workflow: Workflow) -> dict[str, Tree]:
    """The tasks of a workflow by name."""
    by_name = sorted(workflow.all_tasks(), key=lambda task: task.name)
    return {task.name: _bound_task(context, workflow, task) for task in by_name}


def _bound_task(context: Context, workflow: Workflow, task: Task) -> Tree:
    """A task's CronJob, what the values say of tries and time, and the same of what it reuses."""
    scope, section = context.task_path(workflow.name, task.name), f"Workflow {workflow.name}"
    context.values.group(scope, f"The task {task.name}.", task.span)
    versions = [other.spec for each in context.workflows(workflow.name) if (other := each.task(task.name))]
    texts = {"timeout": "How long one try may take.", "retry": "Tries in all, and the pauses between them."}
    parts: dict[str, tuple[JsonSchema, object]] = {"timeout": (schemas.DURATION, _timeout(workflow, task))}
    if task.kind not in {"approve", "wait"}:
        parts["retry"] = (_RETRY, _retry(task.spec.retry))
    bound: dict[str, Tree] = {"cronjob": template_name(context, workflow, task)} if task.has_pod else {}
    for key, (schema, default) in parts.items():
        path, place = (*scope, key), task.spec.span(key)
        if any(each.has(key) for each in versions):
            bound[key] = context.values.leaf(path, texts[key], schema, default, section, place)
        else:
            bound[key] = context.values.optional(path, texts[key], schema, section, place)
    if task.callee is not None:
        bound["workflow"] = bound_limits(context, task.callee)
        bound["tasks"] = bound_tasks(context, task.callee)
    return bound


def _timeout(workflow: Workflow, task: Task) -> str:
    """How long a try may take, as the values say it; what waits or reuses a workflow, as long as its workflow."""
    if task.spec.timeout:
        return task.spec.timeout.text
    if task.kind in {"approve", "wait", "workflow"}:
        return workflow.spec.timeout.text if workflow.spec.timeout else _RUN_TIMEOUT
    return _TIMEOUT


def _retry(retry: Retry | None) -> Mapping[str, object]:
    if retry is None:
        return {}
    backoff = retry.backoff
    written = {
        "attempts": retry.attempts,
        "initial": backoff.initial.text if backoff and backoff.initial else None,
        "factor": _whole(backoff.factor) if backoff else None,
        "max": backoff.max.text if backoff and backoff.max else None,
    }
    return {key: value for key, value in written.items() if value is not None}


def _whole(number: float | None) -> float | int | None:
    return int(number) if number is not None and number == int(number) else number
