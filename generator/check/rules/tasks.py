"""Joins, retries and time-outs that have no effect, and durations that Kubernetes rounds (rulings M25, M10, C24)."""

from __future__ import annotations

from collections.abc import Iterator

from generator.check import workflow_codes
from generator.check.rule import Finding, Rule, Subject
from generator.kube.durations import Duration
from generator.plan.model import RetryPlan
from generator.plan.planner import TASK_TIMEOUT, WORKFLOW_TIMEOUT
from generator.resolve.model import Task, Workflow
from generator.spec.call import Retry
from generator.spec.service import Health
from generator.spec.shapes import Record


def _tasks(subject: Subject) -> Iterator[tuple[Workflow, Task, tuple[str, ...]]]:
    for workflow in subject.system.workflows.values():
        for task in workflow.all_tasks():
            yield workflow, task, ("workflows", workflow.name, task.name)


def joins_without_needs(subject: Subject) -> Iterator[Finding]:
    """A `join` on a task with fewer than two needs."""
    for _, task, owner in _tasks(subject):
        if task.spec.has("join") and len(task.spec.needs) < 2:
            count = "one need" if task.spec.needs else "no needs"
            message = f"`{task.name}` has {count}, so `join` has no effect"
            yield Finding(workflow_codes.LONELY_JOIN, message, task.spec.key_span("join"), "remove it", (), owner)


def backoffs_without_effect(subject: Subject) -> Iterator[Finding]:
    """A first pause above the longest, and pauses where there is only one try."""
    for _, task, owner in _tasks(subject):
        retries = [task.spec.retry, *(step.retry for step in (task.spec.call.steps if task.spec.call else ()))]
        for retry in retries:
            if retry is not None and retry.backoff is not None:
                yield from _backoff(retry, owner)


def _backoff(retry: Retry, owner: tuple[str, ...]) -> Iterator[Finding]:
    backoff, default = retry.backoff, RetryPlan()
    if backoff is None:
        return
    initial = backoff.initial.number if backoff.initial else default.initial
    longest = backoff.max.number if backoff.max else default.longest
    if retry.attempts == 1:
        message, hint = "one try has nothing to wait for", "raise `attempts`, or remove `backoff`"
        yield Finding(workflow_codes.IDLE_BACKOFF, message, retry.key_span("backoff"), hint, (), owner)
    elif initial > longest:
        message = f"the first pause, {_text(backoff.initial, '10s')}, is longer than the longest, "
        message += _text(backoff.max, "5m by default")
        span = backoff.span("max" if backoff.max else "initial")
        yield Finding(workflow_codes.IDLE_BACKOFF, message, span, "raise `max`, or lower `initial`", (), owner)


def _text(duration: Duration | None, otherwise: str) -> str:
    return duration.text if duration else otherwise


def timeouts_never_reached(subject: Subject) -> Iterator[Finding]:
    """A task's time-out above its workflow's, a request's above its task's."""
    for workflow, task, owner in _tasks(subject):
        own, around = task.spec.timeout, workflow.spec.timeout
        limit = around.number if around else WORKFLOW_TIMEOUT
        if own and own.number > limit and not task.on_exit:
            message = f"the run ends before, after {_text(around, '24h by default')}"
            yield Finding(
                workflow_codes.IDLE_TIMEOUT, message, task.spec.span("timeout"), "raise the workflow's", (), owner
            )
        limit = own.number if own else TASK_TIMEOUT
        for step in task.spec.call.steps if task.spec.call else ():
            if step.timeout and step.timeout.number > limit:
                message = f"the task ends before, after {_text(own, '1h by default')}"
                yield Finding(workflow_codes.IDLE_TIMEOUT, message, step.span("timeout"), "raise the task's", (), owner)


def durations_rounded(subject: Subject) -> Iterator[Finding]:
    """Parts of seconds where Kubernetes counts whole ones."""
    for service in subject.system.services.values():
        owner: tuple[str, ...] = ("services", service.name)
        for container in service.spec.containers:
            yield from _rounded_health(container.health, owner)
        if service.spec.rollout:
            yield from _rounded(service.spec.rollout, ("min_ready", "grace"), owner)
    for _, task, owner in _tasks(subject):
        if task.has_pod:
            yield from _rounded(task.spec, ("timeout",), owner)


def _rounded_health(health: Health | None, owner: tuple[str, ...]) -> Iterator[Finding]:
    for probe in (health.startup, health.ready, health.live) if health else ():
        if probe is not None:
            yield from _rounded(probe, ("period", "timeout", "delay"), owner)


def _rounded(record: Record, names: tuple[str, ...], owner: tuple[str, ...]) -> Iterator[Finding]:
    for name in names:
        duration = getattr(record, name)
        if isinstance(duration, Duration) and duration.seconds.denominator != 1:
            message = f"Kubernetes takes {duration.text} as {duration.whole_seconds}s"
            yield Finding(workflow_codes.ROUNDED, message, record.span(name), "write whole seconds", (), owner)


RULES: tuple[Rule, ...] = (joins_without_needs, backoffs_without_effect, timeouts_never_reached, durations_rounded)
