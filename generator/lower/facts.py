"""What the README tells of a workflow: its inputs, tasks and outputs, and how long a run will take.

Stage: lower. The words of the spec's descriptions, and its estimates, for people who run the chart without the spec.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Fact
from generator.plan.analysis import Forecast
from generator.resolve.model import Task, Workflow
from generator.spec.workflow import Estimate


def workflow_facts(workflow: Workflow) -> tuple[Fact, ...]:
    """Its inputs, its tasks with their outputs, those of on_exit last, and its outputs; each by name."""
    spec = workflow.spec
    inputs = [
        Fact(name, f"input, {each.type}" + ("" if each.has("default") else ", required"), each.description)
        for name, each in sorted(spec.inputs.items())
    ]
    tasks = [
        fact for part in (workflow.tasks, workflow.on_exit) for _, task in sorted(part.items()) for fact in _task(task)
    ]
    outputs = [Fact(name, f"output, {each.type}", each.description) for name, each in sorted(spec.outputs.items())]
    return (*inputs, *tasks, *outputs)


def _task(task: Task) -> Iterator[Fact]:
    spec = task.spec
    states = sorted((need.task, need.state) for need in task.needs)
    needs = ", ".join(name if state == "succeeded" else f"{name} {state}" for name, state in states)
    place = ["at the end" if task.on_exit else "", f"after {needs}" if needs else ""]
    words = [spec.description, _estimate(spec.estimate), *place]
    yield Fact(task.name, f"task, {task.kind}", "; ".join(filter(None, words)))
    for name, output in sorted(spec.outputs.items()):
        yield Fact(f"{task.name}.{name}", f"output of the task, {output.type}", output.description)


def _estimate(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    words = [f"about {estimate.duration.text}"] if estimate.duration else []
    words += [f"99 of 100 times within {estimate.p99.text}"] if estimate.p99 else []
    words += [f"{estimate.success:g} % succeed"] if estimate.success is not None else []
    return ", ".join(words)


def forecast_text(forecast: Forecast | None) -> str:
    """A sentence on how long a run takes; empty when nothing was estimated."""
    if forecast is None or not forecast.seconds:
        return ""
    path = ", ".join(forecast.path)
    text = f"Estimated: a run takes about {forecast.seconds:g} s ({path})"
    text += f", and {forecast.success * 100:.4g} % of the runs succeed." if forecast.success < 1 else "."
    return text + (f" Without an estimate: {', '.join(forecast.unknown)}." if forecast.unknown else "")
