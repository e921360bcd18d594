"""What triggers give to runs, and constants that must have a declared type (rulings C01, X18)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from generator.check import workflow_codes
from generator.check.rule import Finding, Rule, Subject
from generator.resolve.constants import Mistake, constant, holds_expression
from generator.resolve.merging import entries_of
from generator.resolve.model import Workflow
from generator.spec.suggestions import did_you_mean
from generator.spec.workflow import Input, Install, Output, Schedule, WorkflowOutput
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode

Declared: TypeAlias = Input | Output | WorkflowOutput


def inputs_of_triggers(subject: Subject) -> Iterator[Finding]:
    """Values for inputs that do not exist, and required inputs without a value."""
    for workflow in subject.system.workflows.values():
        for name, trigger in _triggers(workflow).items():
            yield from _unknown_inputs(workflow, trigger)
            yield from _missing_inputs(workflow, name, trigger)


def _triggers(workflow: Workflow) -> dict[str, Schedule | Install]:
    """What starts it; nothing starts a workflow that only runs inside others."""
    triggers = workflow.spec.triggers if workflow.startable else None
    if triggers is None:
        return {}
    installed = {} if triggers.install is None else {"install": triggers.install}
    return {**triggers.named_schedules, **installed}


def _unknown_inputs(workflow: Workflow, trigger: Schedule | Install) -> Iterator[Finding]:
    inputs, given = workflow.spec.inputs, trigger.node.get("with")
    for name in trigger.with_:
        if name not in inputs:
            guess = did_you_mean(name, inputs)
            hint = f"did you mean `{guess}`?" if guess else f"the inputs are {', '.join(inputs) or 'none'}"
            span = given.key_span(name) if isinstance(given, MappingNode) else trigger.node.span
            message = f"workflow `{workflow.name}` has no input `{name[:60]}`"
            yield Finding(workflow_codes.INPUT_UNKNOWN, message, span, hint, (), ("workflows", workflow.name))


def _missing_inputs(workflow: Workflow, name: str, trigger: Schedule | Install) -> Iterator[Finding]:
    """Required inputs without a value, but for one that an unknown name was probably meant to be (rulings D03)."""
    inputs = workflow.spec.inputs
    guesses = {did_you_mean(given, inputs) for given in trigger.with_ if given not in inputs}
    missing = [
        each
        for each, declared in inputs.items()
        if not declared.has("default") and each not in trigger.with_ and each not in guesses
    ]
    if missing:
        triggers = workflow.spec.triggers
        span = triggers.key_span(name) if triggers and triggers.has(name) else trigger.node.span
        words = ", ".join(f"`{each}`" for each in missing)
        message = f"`{name}` gives the required {'input' if len(missing) == 1 else 'inputs'} {words} no value"
        hint = f"add with: {{{', '.join(f'{each}: …' for each in missing)}}}, or give {words} a default"
        yield Finding(workflow_codes.INPUT_MISSING, message, span, hint, (), ("workflows", workflow.name))


def types_of_constants(subject: Subject) -> Iterator[Finding]:
    """Values of triggers and defaults that have not the declared type."""
    for workflow in subject.system.workflows.values():
        owner = ("workflows", workflow.name)
        inputs = workflow.spec.inputs
        for trigger in _triggers(workflow).values():
            for name, node in trigger.with_.items():
                if name in inputs:
                    yield from _wrong(f"input `{name}`", inputs[name].type, node, owner)
        yield from _defaults("input", inputs, owner)
        yield from _defaults("output", workflow.spec.outputs, owner)
        for task in workflow.all_tasks():
            yield from _defaults("output", task.spec.outputs, (*owner, task.name))


def _defaults(kind: str, declared: Mapping[str, Declared], owner: tuple[str, ...]) -> Iterator[Finding]:
    for name, each in declared.items():
        node = each.node.get("default")
        if node is not None:
            yield from _wrong(f"the default of {kind} `{name}`", each.type, node, owner)


def _wrong(words: str, declared: str, node: Node, owner: tuple[str, ...]) -> Iterator[Finding]:
    found = constant(node, declared)
    if isinstance(found, Mistake):
        yield Finding(workflow_codes.WRONG_CONSTANT, f"{words}: {found.message}", node.span, found.hint, (), owner)


def numbers_without_json(subject: Subject) -> Iterator[Finding]:
    """Numbers that JSON cannot hold: in a request's body, among the items of a foreach, given to another workflow."""
    for workflow in subject.system.workflows.values():
        for task in workflow.all_tasks():
            written = [step.node.get("body") for step in (task.spec.call.steps if task.spec.call else ())]
            written += [task.spec.foreach.node.get("items")] if task.spec.foreach else []
            # Constants that are given to another workflow have been read by their type.
            given = task.spec.node.get("with")
            written += [each.value for each in entries_of(given) if holds_expression(each.value)]
            for node in (found for each in written for found in _not_finite(each)):
                message = f"{node.text} has no form in JSON"
                owner = ("workflows", workflow.name, task.name)
                yield Finding(workflow_codes.WRONG_CONSTANT, message, node.span, "write a finite number", (), owner)


def _not_finite(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        if isinstance(node.value, float) and not math.isfinite(node.value):
            yield node
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _not_finite(item)
    elif node is not None:
        for entry in node.entries:
            yield from _not_finite(entry.value)


def workflows_that_nothing_starts(subject: Subject) -> Iterator[Finding]:
    """No trigger, no people, and no other workflow either; a library's workflows are for others."""
    workflows = subject.system.workflows.values()
    reused = {task.callee.name for each in workflows for task in each.all_tasks() if task.callee}
    for workflow in workflows:
        if workflow.name in reused or subject.system.is_library:
            continue
        triggers, owner = workflow.spec.triggers, ("workflows", workflow.name)
        if not workflow.startable and not triggers:  # with triggers it has a finding already
            message = f"no workflow reuses `{workflow.name}`, which takes a service and cannot be started on its own"
            yield Finding(workflow_codes.NOTHING_STARTS, message, workflow.span, "reuse it, or remove it", (), owner)
        elif workflow.startable and triggers and not triggers.manual and not _triggers(workflow):
            message = f"nothing starts workflow `{workflow.name}`"
            span = triggers.key_span("manual")
            yield Finding(workflow_codes.NOTHING_STARTS, message, span, "add a schedule", (), owner)


def runs_before_the_services(subject: Subject) -> Iterator[Finding]:
    """Tasks that need a service, in a run before the installation; what a service needs itself is another matter."""
    services = subject.system.services
    for workflow in subject.system.workflows.values():
        triggers = workflow.spec.triggers
        if not (triggers and triggers.install and triggers.install.when == "before"):
            continue
        for task in (task for each in workflow.with_reused() for task in each.all_tasks()):
            service = services.get(task.container.service) if task.container else None
            inherited = {edge.target for edge in service.edges} if service else set()
            for edge in task.edges:
                if edge.service and edge.target not in inherited:
                    message = f"`{task.name}` needs the service `{edge.service}`, which is not there yet"
                    hint = "start the run after the installation: install: {wait: true} lets Helm wait for it"
                    yield Finding(workflow_codes.TOO_EARLY, message, edge.span, hint, (), ("workflows", workflow.name))


RULES: tuple[Rule, ...] = (
    inputs_of_triggers,
    types_of_constants,
    numbers_without_json,
    workflows_that_nothing_starts,
    runs_before_the_services,
)
