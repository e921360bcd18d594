"""The pod in which a task works: a container of the user's, or a program of the compiler's own.

Stage: lower. What of command, arguments and variables holds an expression is left out here; the runner fills it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from generator.chart.nodes import Tree, Value
from generator.lower import network
from generator.lower.context import Context, ImageValue
from generator.lower.engines.jobs import runner
from generator.lower.engines.jobs.sql import sql_client
from generator.lower.located import Located
from generator.lower.pods import Pod, Program, declare_resources, declare_settings, pod_template, spread_over
from generator.lower.variables import (
    OUTPUTS,
    Variables,
    extra_items,
    extra_variables,
    lower_sources,
    lower_variables,
    named_variables,
    names_of,
    reference,
)
from generator.lower.volumes import Mounts, file_mounts, scratch_mounts
from generator.plan.model import HeaderVariable
from generator.records import dataclass
from generator.resolve.model import Container, Task, Workflow
from generator.spec.expression import Text
from generator.spec.parts import KeyReference

_OUTPUTS_PATH = "/dev/termination-log"
_CONTAINER = "task"


@dataclass(frozen=True)
class Work:
    """What a task's container executes, and what that needs besides the task's own variables and files."""

    image: ImageValue
    command: Sequence[Tree] = ()
    args: Sequence[Tree] = ()
    workdir: str = ""
    env: Sequence[Tree] = ()
    mounts: Mounts = field(default_factory=Mounts)


def task_pod(context: Context, workflow: Workflow, task: Task, container: Container) -> Located:
    """The pod's template."""
    component, section = network.task_component(workflow, task), f"Workflow {workflow.name}"
    scope = context.task_path(workflow.name, task.name)
    settings = declare_settings(context, scope, section, container.placement)
    work = _work(context, workflow, task, container)
    mounts = file_mounts(context, component, component, container.files) + work.mounts
    program = Program(
        name=_CONTAINER,
        image=work.image,
        command=work.command,
        args=work.args,
        workdir=work.workdir,
        env=[*work.env, *_variables(context, workflow, task, container)],
        env_from=lower_sources(container.env_from),
        resources=declare_resources(context, scope, section, container.resources, task.spec.span("resources")),
        security=container.security,
        mounts=mounts + scratch_mounts("", container.scratch, mounts.paths),
        extra_mounts=settings.mounts,
        spans={key: task.spec.span("run", key) for key in ("image", "command", "args")},
    )
    pod = Pod(
        component,
        containers=(program,),
        account=context.name(container.service) if container.service else None,
        settings=settings,
        security=container.security,
        token=calls_api(context, container),
        restart="Never",
        labels=task_labels(workflow, task),
        spread_over=_spread_over(context, workflow, task),
    )
    return pod_template(context, pod)


def _spread_over(context: Context, workflow: Workflow, task: Task) -> str | Value:
    """Pods of one task, of items of a foreach or of several runs, are spread where the spec says so."""
    versions = [each.task(task.name) for each in context.workflows(workflow.name)]
    placements = [each.container.placement for each in versions if each and each.container]
    scope = context.task_path(workflow.name, task.name)
    return spread_over(context, scope, f"Workflow {workflow.name}", placements, "")


def _work(context: Context, workflow: Workflow, task: Task, container: Container) -> Work:
    outputs: Tree = {"name": OUTPUTS, "value": _OUTPUTS_PATH}
    if task.spec.sql:
        client = sql_client(context, workflow, task)
        return Work(client.image, client.command, env=[outputs, *client.env], mounts=client.mounts)
    if task.spec.isolate:
        return _isolated(context, task)
    return _run(context, workflow, task, container, outputs)


def _run(context: Context, workflow: Workflow, task: Task, container: Container, outputs: Tree) -> Work:
    """The user's container: an image of its own, or that of the service it runs as."""
    scope = context.task_path(workflow.name, task.name)
    image_scope = context.service_path(container.service) if container.service else scope
    section, span = f"Workflow {workflow.name}", task.spec.span("run", "image")
    return Work(
        image=context.image((*image_scope, "image"), container.image, section, span),
        command=_fixed(context, container.command),
        args=_fixed(context, container.args),
        env=[outputs],
    )


def _isolated(context: Context, task: Task) -> Work:
    """The runner's program, which is told what to do by the Job that is made of this (runtime/task.py)."""
    return Work(
        image=runner.declare_runner(context).image,
        command=runner.COMMAND,
        args=["task"],
        workdir=runner.HOME,
        env=header_variables([task]),
        mounts=runner.program_mounts(context),
    )


def secret_headers(tasks: Iterable[Task]) -> list[KeyReference]:
    """The references among the headers of the tasks' requests, each once."""
    steps = (step for task in tasks if task.spec.call for step in task.spec.call.steps)
    references = (value for step in steps for value in step.headers.values() if isinstance(value, KeyReference))
    unique = {HeaderVariable.of(each).name: each for each in references}
    return [unique[name] for name in sorted(unique)]


def header_variables(tasks: Iterable[Task]) -> list[Tree]:
    """The variables of a pod that sends the tasks' requests (rulings S19)."""
    found: list[Tree] = []
    for each in secret_headers(tasks):
        source: Any = reference(each)
        found.append({"name": HeaderVariable.of(each).name, "valueFrom": source})
    return found


def task_labels(workflow: Workflow, task: Task) -> dict[str, Tree]:
    """The labels of a task's objects and pods."""
    return {runner.WORKFLOW_LABEL: workflow.name, runner.TASK_LABEL: task.name}


def calls_api(context: Context, container: Container) -> bool:
    """Whether its account has rights of its own, so that the token is of use."""
    account = context.system.services[container.service].spec.account if container.service else container.account
    return bool(account and account.rules)


def _variables(context: Context, workflow: Workflow, task: Task, container: Container) -> list[Tree]:
    """Those of the service that it runs as, read from the service's values, and its own."""
    own = _own_names(task, container)
    mine = [
        _only(other.container.env, own)
        for each in context.workflows(workflow.name)
        if (other := each.task(task.name)) and other.container
    ]
    places = {name: task.spec.span("env", name) for name in own}
    scope, section = context.task_path(workflow.name, task.name), f"Workflow {workflow.name}"
    if not container.service:
        return [*lower_variables(context, scope, section, mine, places)]
    theirs = [_without(each.spec.env, own) for each in context.services(container.service)]
    lent, title = context.service_path(container.service), f"Service {container.service}"
    taken = named_variables(context, lent, title, theirs, {})
    items = [*taken, *named_variables(context, scope, section, mine, places)]
    more = extra_variables(context, scope, section, names_of(items), mine)
    return [*items, *extra_items(extra_variables(context, lent, title, names_of(taken), theirs), more, sorted(own))]


def _own_names(task: Task, container: Container) -> frozenset[str]:
    """The variables that the task itself says, and not the service it runs as."""
    return frozenset(task.spec.env) if container.service else frozenset(container.env)


def _only(env: Variables, names: Iterable[str]) -> Variables:
    """The variables of these names that are known before the run starts."""
    chosen = frozenset(names)
    return {name: variable for name, variable in env.items() if name in chosen and not _is_dynamic(variable)}


def _without(env: Variables, names: Iterable[str]) -> Variables:
    """A service's variables are known before the run, as they are to the service: they name services at most."""
    return {name: variable for name, variable in env.items() if name not in names}


def _is_dynamic(variable: object) -> bool:
    return isinstance(variable, Text) and bool(variable.expressions)


def _fixed(context: Context, words: tuple[Text, ...]) -> list[Tree]:
    """A command or arguments; nothing when one of the words is only known at run time."""
    return [] if any(word.expressions for word in words) else [context.text(word) for word in words]
