"""Stage resolve: what a task gives to the workflow it reuses, and what it takes from it (language rule 8, rulings M14).

Input: a `workflow` task with its callee. Output: the values of the callee's inputs; mistakes go to the sink, at most
one for each input and output.
"""

from __future__ import annotations

from generator.diagnostics import Diagnostics, Span
from generator.resolve.constants import Mistake, constant, holds_expression
from generator.resolve.edges import Directory
from generator.resolve.expression_codes import TYPE
from generator.resolve.expressions import check_text
from generator.resolve.model import Task, Workflow
from generator.resolve.reuse_codes import FOREIGN_OUTPUT, NOT_GIVEN, SERVICE_NOT_GIVEN, UNKNOWN_INPUT
from generator.resolve.scope import Scope
from generator.resolve.types import DYNAMIC, SERVICE, declared
from generator.spec.expression import Name, Text, texts_of
from generator.spec.service_inputs import OPEN
from generator.spec.suggestions import did_you_mean
from generator.spec.workflow import SERVICE_TYPE
from generator.spec.workflow import Task as TaskSpec
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode


def check_given(task: Task, scope: Scope, diagnostics: Diagnostics) -> None:
    """Check the inputs that a task gives and the outputs that it adds defaults to; nothing when it has no callee."""
    if task.callee is None:
        return
    _check_names(task, task.callee, diagnostics)
    for name, node in _nodes(task).items():
        if name in task.callee.spec.inputs:
            _check_value(task, name, node, scope, diagnostics)
    _check_outputs(task, task.callee, diagnostics)


def given_services(spec: TaskSpec, directory: Directory) -> dict[str, str]:
    """The services that a task gives to the workflow it reuses, by input; other values are left out."""
    found = {}
    for name, value in spec.with_.items():
        service = _service(value)
        if service and (service in directory.services or service.startswith(OPEN)):
            found[name] = service
    return found


def _service(value: object) -> str:
    """The service that `${{ services.s }}` names; empty for anything else."""
    expression = value.expression if isinstance(value, Text) else None
    named = isinstance(expression, Name) and expression.root == "services" and len(expression.parts) == 2
    return expression.parts[1] if isinstance(expression, Name) and named else ""


def given_values(task: Task) -> dict[str, object]:
    """The value of each input that a sound task gives, by name: a constant, or a body that holds expressions."""
    nodes = _nodes(task)
    callee = task.callee
    if callee is None:
        return {}
    return {
        name: value if holds_expression(nodes[name]) else constant(nodes[name], callee.spec.inputs[name].type)
        for name, value in sorted(task.spec.with_.items())
        if callee.spec.inputs[name].type != SERVICE_TYPE
    }


def _check_names(task: Task, callee: Workflow, diagnostics: Diagnostics) -> None:
    """Unknown inputs; required ones without a value, but for one that an unknown name was meant to be (rulings D03)."""
    inputs, given = callee.spec.inputs, _nodes(task)
    guesses = set()
    for name in given:
        if name not in inputs:
            guess = did_you_mean(name, inputs)
            guesses.add(guess)
            hint = f"did you mean `{guess}`?" if guess else f"its inputs are {', '.join(inputs) or 'none'}"
            message = f"workflow `{task.spec.workflow}` has no input `{name[:60]}`"
            diagnostics.add(UNKNOWN_INPUT, message, _key_span(task, name), hint=hint)
    missing = [
        name for name, each in inputs.items() if not each.has("default") and name not in given and name not in guesses
    ]
    if missing:
        words = ", ".join(f"`{name}`" for name in missing)
        message = f"workflow `{task.spec.workflow}` needs the {'input' if len(missing) == 1 else 'inputs'} {words}"
        span = task.spec.key_span("with") if task.spec.has("with") else task.spec.span("workflow")
        hint = f"add with: {{{', '.join(f'{name}: …' for name in missing)}}}"
        diagnostics.add(NOT_GIVEN, message, span, hint=hint)


def _check_value(task: Task, name: str, node: Node, scope: Scope, diagnostics: Diagnostics) -> None:
    """A constant must have the declared type; so must an expression's value; in lists and mappings anything goes."""
    assert task.callee is not None
    value, wanted = task.spec.with_.get(name), task.callee.spec.inputs[name].type
    if wanted == SERVICE_TYPE:
        if _service(value):
            assert isinstance(value, Text)
            check_text(value, scope, diagnostics, SERVICE)
        else:
            message = f"input `{name}` is a service, which must be named here"
            hint = f"write ${{{{ services.{_meant(node, scope)} }}}}"
            diagnostics.add(SERVICE_NOT_GIVEN, message, node.span, hint=hint)
        return
    if not holds_expression(node):
        found = constant(node, wanted)
        if isinstance(found, Mistake):
            diagnostics.add(TYPE, f"input `{name}`: {found.message}", node.span, hint=found.hint)
    elif isinstance(value, Text):
        check_text(value, scope, diagnostics, declared(wanted))
    else:
        kind = "list" if isinstance(node, SequenceNode) else "object"
        if wanted != kind:
            diagnostics.add(TYPE, f"input `{name}` is of type {wanted}, this is of type {kind}", node.span)
        for text in texts_of(value):
            check_text(text, scope, diagnostics, DYNAMIC)


def _meant(node: Node, scope: Scope) -> str:
    """The service whose bare name was written, or a gap for it."""
    return node.text if isinstance(node, ScalarNode) and node.text in scope.services else "<name>"


def _check_outputs(task: Task, callee: Workflow, diagnostics: Diagnostics) -> None:
    outputs, spec = callee.spec.outputs, task.spec
    written = spec.node.get("outputs")
    for name, own in spec.outputs.items():
        span = written.key_span(name) if isinstance(written, MappingNode) else spec.node.span
        if name not in outputs:
            guess = did_you_mean(name, outputs)
            hint = f"did you mean `{guess}`?" if guess else f"its outputs are {', '.join(outputs) or 'none'}"
            message = f"workflow `{spec.workflow}` has no output `{name}`"
            diagnostics.add(FOREIGN_OUTPUT, message, span, hint=hint)
        elif own.has("type") and own.type != outputs[name].type:
            message = f"`{name}` of workflow `{spec.workflow}` is of type {outputs[name].type}"
            diagnostics.add(FOREIGN_OUTPUT, message, own.span("type"), hint=f"write {outputs[name].type}")


def _nodes(task: Task) -> dict[str, Node]:
    written = task.spec.node.get("with")
    return {entry.key: entry.value for entry in written.entries} if isinstance(written, MappingNode) else {}


def _key_span(task: Task, name: str) -> Span:
    written = task.spec.node.get("with")
    return written.key_span(name) if isinstance(written, MappingNode) else task.spec.node.span
