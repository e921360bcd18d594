"""Every expression of a system, checked in the scope it stands in (rulings X01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from generator.diagnostics import Diagnostics
from generator.resolve.certainty import Flow, Needs, View
from generator.resolve.edges import dynamic_texts
from generator.resolve.expressions import check_condition, check_text
from generator.resolve.given import check_given
from generator.resolve.model import GIVEN_OUTPUTS, Service, System, Task, Workflow
from generator.resolve.scope import Address, Outputs, Scope
from generator.resolve.types import DYNAMIC, OBJECT, STRING, Type, declared, item_type, list_of, type_of
from generator.spec.call import Step
from generator.spec.expression import Text, texts_of
from generator.spec.sql import Sql
from generator.yamlio.nodes import MappingNode, ScalarNode

ParamTypes: TypeAlias = dict[tuple[str, str, str], str]


def check_texts(system: System, diagnostics: Diagnostics) -> ParamTypes:
    """Check names and types of every expression of the services and workflows; returns `System.param_types`."""
    types: ParamTypes = {}
    addresses = {name: Address(tuple(each.spec.ports), each.main_port) for name, each in system.services.items()}
    outside = Scope(services=addresses)
    for service in system.services.values():
        for text in _service_texts(service):
            check_text(text, outside, diagnostics)
    for workflow in system.every_workflow():
        _check_workflow(workflow, addresses, types, diagnostics)
    return types


def _service_texts(service: Service) -> Iterator[Text]:
    for owner in service.spec.containers:
        yield from dynamic_texts(owner.env, owner.command, owner.args)


def _check_workflow(
    workflow: Workflow, addresses: Mapping[str, Address], types: ParamTypes, diagnostics: Diagnostics
) -> None:
    inputs = {name: declared(each.type) for name, each in workflow.spec.inputs.items()}
    outputs = {task.name: _outputs(task) for task in workflow.all_tasks()}
    flow = Flow({name: _needs(task) for name, task in workflow.tasks.items()})
    exit_flow = Flow({name: _needs(task) for name, task in workflow.on_exit.items()})

    def scope(view: View) -> Scope:
        return Scope(addresses, inputs, outputs, view, status=view.on_exit)

    for task in workflow.all_tasks():
        view = View(exit_flow if task.on_exit else flow, task.name, on_exit=task.on_exit)
        params = _check_task(task, scope(view), diagnostics)
        types |= {(workflow.name, task.name, name): each.name for name, each in params.items()}
    end = scope(View(flow))
    for output in workflow.spec.outputs.values():
        if output.value is not None:
            given = end if output.default is None else scope(View(_everything_certain(workflow)))
            check_text(output.value, given, diagnostics, declared(output.type))


def _everything_certain(workflow: Workflow) -> Flow:
    """The tasks without needs and conditions: what an output with a default of its own may look at."""
    return Flow({name: Needs({}) for name in workflow.tasks})


def _outputs(task: Task) -> Outputs:
    outputs = task.outputs
    if outputs is None:
        return Outputs(None)
    with_default = frozenset(name for name, each in outputs.items() if each.default is not None)
    types = {name: declared(each.type) for name, each in outputs.items()}
    types |= dict.fromkeys(GIVEN_OUTPUTS.get(task.kind, ()), STRING)
    if task.spec.foreach is None:
        return Outputs(types, with_default)
    # An item that failed may have null in its place; but there is always a list, if need be an empty one (M13, M13c).
    lists = {name: list_of(each if name in with_default else DYNAMIC) for name, each in types.items()}
    return Outputs(lists, frozenset(lists))


def _needs(task: Task) -> Needs:
    states = {need.task: need.state for need in task.needs}
    mistaken = len(task.needs) < len(task.spec.needs)
    return Needs(states, task.spec.join == "any", task.spec.when is not None, mistaken)


def _check_task(task: Task, scope: Scope, diagnostics: Diagnostics) -> dict[str, Type]:
    """Check the expressions of a task; returns the types of its statement's parameters."""
    if task.spec.when is not None and task.spec.when.expression is not None:
        check_condition(task.spec.when.expression, scope, diagnostics)
    if task.spec.foreach:
        scope = replace(scope, item=_item(task.spec.foreach.items, scope, diagnostics))
    if task.spec.mutex:
        check_text(task.spec.mutex, scope, diagnostics)
    if task.spec.approve and task.spec.approve.message:
        check_text(task.spec.approve.message, scope, diagnostics)
    if task.container:
        for text in dynamic_texts(task.container.env, task.container.command, task.container.args):
            check_text(text, scope, diagnostics)
    for step in task.spec.call.steps if task.spec.call else ():
        _check_step(step, scope, diagnostics)
    check_given(task, scope, diagnostics)
    return _params(task.spec.sql, scope, diagnostics) if task.spec.sql else {}


def _params(sql: Sql, scope: Scope, diagnostics: Diagnostics) -> dict[str, Type]:
    """The types of parameters: that of a whole expression (rulings X03), of a number as it was written, else text."""
    written = sql.node.get("params")
    types = {}
    for name, text in sql.params.items():
        node = written.get(name) if isinstance(written, MappingNode) else None
        found = check_text(text, scope, diagnostics, DYNAMIC if text.whole else None)
        types[name] = type_of(node.value) if isinstance(node, ScalarNode) and not text.expressions else found
    return types


def _item(items: object, scope: Scope, diagnostics: Diagnostics) -> Type:
    """The type of a foreach's items (rulings X11)."""
    if isinstance(items, Text):
        return check_text(items, scope, diagnostics, list_of(DYNAMIC)).item or DYNAMIC
    types = [_type_of_json(item, scope, diagnostics) for item in items] if isinstance(items, list) else []
    return item_type(types)


def _type_of_json(value: object, scope: Scope, diagnostics: Diagnostics) -> Type:
    match value:
        case Text(whole=whole):
            return check_text(value, scope, diagnostics, DYNAMIC if whole else None)
        case Mapping() | list():
            for text in texts_of(value):
                check_text(text, scope, diagnostics, DYNAMIC)
            return OBJECT if isinstance(value, Mapping) else list_of(DYNAMIC)
        case str() | int() | float():
            return type_of(value)
    return DYNAMIC


def _check_step(step: Step, scope: Scope, diagnostics: Diagnostics) -> None:
    for text in (
        *([step.path] if step.path else []),
        *(each for each in step.headers.values() if isinstance(each, Text)),
    ):
        check_text(text, scope, diagnostics)
    for text in texts_of(step.body):
        check_text(text, scope, diagnostics, DYNAMIC)
    if step.expect and step.expect.json and step.expect.json.expression:
        inside = replace(scope, response=True)
        check_condition(step.expect.json.expression, inside, diagnostics, "expect.json")
