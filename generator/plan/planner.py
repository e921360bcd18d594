"""Stage plan: :class:`System` → :class:`WorkflowPlan` of each workflow.

Input: a system and its graph in which no stage up to `check` found an error. Output: plans with the defaults of the
language filled in (rulings M31), everything in an order that does not depend on the order of keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from generator.graph import SystemGraph, WorkflowGraph
from generator.kube.durations import Duration
from generator.plan.analysis import forecast
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
from generator.records import dataclass
from generator.resolve.constants import Mistake, constant
from generator.resolve.given import given_values
from generator.resolve.model import GIVEN_OUTPUTS, System, Task, Workflow
from generator.spec.call import Retry, Step
from generator.spec.expression import Expression, Text, names, texts_of
from generator.spec.parts import KeyReference, Variable
from generator.spec.task_parts import Foreach
from generator.spec.workflow import SERVICE_TYPE, Input, Output, WorkflowOutput
from generator.yamlio.nodes import Node

WORKFLOW_TIMEOUT = 86400.0
TASK_TIMEOUT = 3600.0
PARALLELISM = 20


def plan_workflows(system: System, graph: SystemGraph) -> dict[str, WorkflowPlan]:
    """The plans by workflow, sorted by name."""
    planner = _Planner(graph.workflows)
    found = {name: planner.plan(workflow) for name, workflow in sorted(system.startable.items())}
    elsewhere = {name: [each.workflows[name] for each in system.environments.values()] for name in found}
    return {
        name: replace(plan, triggers=_triggers(system.workflows[name], elsewhere[name])) for name, plan in found.items()
    }


@dataclass(frozen=True)
class _Planner:
    """Plans workflows; one that several tasks reuse is planned once."""

    graphs: Mapping[str, WorkflowGraph]
    plans: dict[int, WorkflowPlan] = field(default_factory=dict)

    def plan(self, workflow: Workflow) -> WorkflowPlan:
        """The plan of a workflow, with those of all that it reuses inside."""
        if id(workflow) not in self.plans:
            inner = {task.name: self.plan(task.callee) for task in workflow.all_tasks() if task.callee}
            self.plans[id(workflow)] = _workflow(workflow, self.graphs[workflow.name], inner)
        return self.plans[id(workflow)]


def _workflow(workflow: Workflow, graph: WorkflowGraph, inner: Mapping[str, WorkflowPlan]) -> WorkflowPlan:
    spec = workflow.spec
    tasks = {name: _task(workflow.tasks[name], inner) for name in sorted(workflow.tasks)}
    on_exit = {name: _task(workflow.on_exit[name], inner) for name in sorted(workflow.on_exit)}
    outputs = {name: _output(spec.outputs[name]) for name in sorted(spec.outputs)}
    return WorkflowPlan(
        name=workflow.name,
        timeout=_seconds(spec.timeout, WORKFLOW_TIMEOUT),
        parallelism=spec.parallelism or PARALLELISM,
        concurrency=spec.concurrency or "allow",
        inputs=_declarations({name: each for name, each in spec.inputs.items() if each.type != SERVICE_TYPE}),
        triggers=_triggers(workflow) if workflow.startable else {},
        manual=spec.triggers is None or spec.triggers.manual,
        tasks=tasks,
        on_exit=on_exit,
        outputs=outputs,
        services=_services([*tasks.values(), *on_exit.values()], outputs),
        forecast=forecast(workflow, graph.tasks, {name: plan.forecast for name, plan in inner.items()}),
    )


def _triggers(workflow: Workflow, elsewhere: Sequence[Workflow] = ()) -> dict[str, TriggerPlan]:
    """What starts the workflow; a schedule that only environments have gets what it says there by their values."""
    triggers = workflow.spec.triggers
    found = schedule_plans(workflow) or next(filter(None, map(schedule_plans, elsewhere)), {})
    if triggers and triggers.install:
        found["install"] = TriggerPlan(_given(triggers.install.with_, workflow))
    return found


def schedule_plans(workflow: Workflow) -> dict[str, TriggerPlan]:
    """The schedules of a workflow, by the names of their triggers (rulings C25)."""
    triggers = workflow.spec.triggers
    return {
        name: TriggerPlan(
            _given(schedule.with_, workflow), schedule.concurrency or workflow.spec.concurrency or "forbid"
        )
        for name, schedule in (triggers.named_schedules if triggers else {}).items()
    }


def _given(values: Mapping[str, Node], workflow: Workflow) -> dict[str, object]:
    return {name: _sound(constant(values[name], workflow.spec.inputs[name].type)) for name in sorted(values)}


def _declarations(declared: Mapping[str, Input] | Mapping[str, Output | WorkflowOutput]) -> dict[str, Declaration]:
    return {name: _declaration(declared[name]) for name in sorted(declared)}


def _declaration(declared: Input | Output | WorkflowOutput) -> Declaration:
    node = declared.node.get("default")
    return Declaration(declared.type, None if node is None else _sound(constant(node, declared.type)))


def _sound(value: object) -> object:
    """What `check` has let through."""
    if isinstance(value, Mistake):
        raise ValueError(value.message)
    return value


def _output(output: WorkflowOutput) -> OutputPlan:
    return OutputPlan(_declaration(output), _written(output.value))


def _written(text: Text | None) -> Text:
    """A text that the language demands."""
    if text is None:
        raise ValueError("a required text is missing")
    return text


def _task(task: Task, inner: Mapping[str, WorkflowPlan]) -> TaskPlan:
    states = {need.task: need.state for need in task.needs}
    return TaskPlan(
        name=task.name,
        needs={name: states[name] for name in sorted(states)},
        join=task.spec.join,
        when=task.spec.when.expression if task.spec.when else None,
        retry=_retry(task.spec.retry) or RetryPlan(),
        timeout=_timeout(task),
        outputs=_outputs(task),
        work=_work(task, inner),
        priority=task.spec.priority,
        isolate=task.spec.isolate,
        env={} if task.kind == "run" else _dynamic_env(task),
        mutex=task.spec.mutex,
        foreach=_foreach(task.spec.foreach),
    )


def _foreach(foreach: Foreach | None) -> ForeachPlan | None:
    return ForeachPlan(_sorted(foreach.items), foreach.parallel, foreach.max_failed) if foreach else None


def _timeout(task: Task) -> float | None:
    """Its own; what only waits, or reuses a workflow, has no other than those around and inside it (rulings M31)."""
    if task.spec.timeout is None and task.kind in {"approve", "wait", "workflow"}:
        return None
    return _seconds(task.spec.timeout, TASK_TIMEOUT)


def _outputs(task: Task) -> dict[str, Declaration]:
    given = {name: Declaration("string") for name in GIVEN_OUTPUTS.get(task.kind, ())}
    return given | _declarations(task.outputs or {})


def _work(task: Task, inner: Mapping[str, WorkflowPlan]) -> Work:
    spec = task.spec
    if spec.call is not None:
        return CallPlan(tuple(map(_step, spec.call.steps)), spec.call.parallel)
    if spec.sql is not None:
        return SqlPlan({name: spec.sql.params[name] for name in sorted(spec.sql.params)})
    if spec.approve is not None:
        return ApprovePlan(_written(spec.approve.message))
    if spec.wait is not None:
        return WaitPlan(spec.wait.number)
    if spec.workflow:
        given = {name: _sorted(_sound(value)) for name, value in given_values(task).items()}
        return ReusePlan(given, inner[task.name])
    return _run(task)


def _retry(retry: Retry | None) -> RetryPlan | None:
    if retry is None:
        return None
    default, backoff = RetryPlan(), retry.backoff
    if backoff is None:
        return RetryPlan(retry.attempts)
    return RetryPlan(
        retry.attempts,
        _seconds(backoff.initial, default.initial),
        default.factor if backoff.factor is None else float(backoff.factor),
        _seconds(backoff.max, default.longest),
    )


def _step(step: Step) -> StepPlan:
    expect = step.expect
    return StepPlan(
        service=step.service,
        method=step.method,
        path=_written(step.path),
        port=step.port,
        headers={name: _header(step.headers[name]) for name in sorted(step.headers)},
        body=_sorted(step.body),
        has_body=step.has("body"),
        statuses=tuple(sorted(set(expect.status))) if expect else (),
        condition=expect.json.expression if expect and expect.json else None,
        timeout=step.timeout.number if step.timeout else None,
        retry=_retry(step.retry),
    )


def _header(value: Variable) -> Text | HeaderVariable:
    return HeaderVariable.of(value) if isinstance(value, KeyReference) else value


def _sorted(body: object) -> object:
    if isinstance(body, Mapping):
        return {key: _sorted(body[key]) for key in sorted(body)}
    return [_sorted(item) for item in body] if isinstance(body, list) else body


def _run(task: Task) -> RunPlan:
    container = task.container
    if container is None:
        raise ValueError("a run task has a container")
    return RunPlan(_dynamic(container.command), _dynamic(container.args), _dynamic_env(task))


def _dynamic_env(task: Task) -> dict[str, Text]:
    """What is known when the task starts; what a service lends it stands in the template, as with the service."""
    container = task.container
    env = task.spec.env if container and container.service else container.env if container else {}
    return {name: text for name, text in sorted(env.items()) if isinstance(text, Text) and text.expressions}


def _dynamic(words: tuple[Text, ...]) -> tuple[Text, ...] | None:
    return words if any(word.expressions for word in words) else None


def _seconds(duration: Duration | None, otherwise: float) -> float:
    return duration.number if duration else otherwise


def _services(tasks: list[TaskPlan], outputs: Mapping[str, OutputPlan]) -> tuple[str, ...]:
    found: set[str] = set()
    expressions = [expression for output in outputs.values() for expression in output.value.expressions]
    for task in tasks:
        if isinstance(task.work, CallPlan):
            found.update(step.service for step in task.work.steps)
        if isinstance(task.work, ReusePlan):
            found.update(task.work.plan.services)
        expressions += _expressions(task)
    for expression in expressions:
        found.update(name.parts[1] for name in names(expression) if name.root == "services")
    return tuple(sorted(found))


def _expressions(task: TaskPlan) -> Iterator[Expression]:
    """Every expression that is evaluated for a task."""
    if task.when is not None:
        yield task.when
    texts = [*_texts(task.work), *task.env.values(), *texts_of(task.foreach.items if task.foreach else None)]
    for text in [*texts, *([task.mutex] if task.mutex else [])]:
        yield from text.expressions
    if isinstance(task.work, CallPlan):
        yield from (step.condition for step in task.work.steps if step.condition is not None)


def _texts(work: Work) -> Iterator[Text]:
    match work:
        case RunPlan(command=command, args=args, env=env):
            yield from (*(command or ()), *(args or ()), *env.values())
        case SqlPlan(params=params):
            yield from params.values()
        case ApprovePlan(message=message):
            yield message
        case CallPlan(steps=steps):
            for step in steps:
                headers = (each for each in step.headers.values() if isinstance(each, Text))
                yield from (step.path, *headers, *texts_of(step.body))
        case ReusePlan(given=given):
            yield from texts_of(given)
