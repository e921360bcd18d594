"""What only one kind of task can get wrong (rulings M21, M22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.check import workflow_codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Span
from generator.resolve.model import GIVEN_OUTPUTS
from generator.spec.shapes import Record
from generator.yamlio.nodes import MappingNode

RESERVED = "FLOWHELM_"


def outputs_of_answers(subject: Subject) -> Iterator[Finding]:
    """Outputs of `approve` that no answer has; the two that it has may be written to give them a default."""
    for workflow, task in subject.tasks():
        given = GIVEN_OUTPUTS.get(task.kind, ())
        owner = ("workflows", workflow.name, task.name)
        for name, output in task.spec.outputs.items() if given else ():
            words = " and ".join(f"`{each}`" for each in given)
            if name not in given:
                message, span = f"an answer has no `{name}`", output.node.span
                yield Finding(workflow_codes.NO_SUCH_OUTPUT, message, span, f"it has {words}", (), owner)
            elif output.type != "string":
                message, span = f"`{name}` is a string", output.span("type")
                yield Finding(workflow_codes.NO_SUCH_OUTPUT, message, span, "write type: string", (), owner)


def waits_cut_short(subject: Subject) -> Iterator[Finding]:
    """A wait that its own time-out, or the workflow's, ends every time."""
    for workflow, task in subject.tasks():
        wait, owner = task.spec.wait, ("workflows", workflow.name, task.name)
        for words, around in (("task", task.spec.timeout), ("workflow", workflow.spec.timeout)):
            if wait and around and wait.seconds >= around.seconds and not (task.on_exit and words == "workflow"):
                message = f"the {words}'s time-out of {around.text} always ends this wait"
                hint = f"wait for less, or raise the {words}'s `timeout`"
                yield Finding(workflow_codes.ENDLESS_WAIT, message, task.spec.span("wait"), hint, (), owner)
                break


def reserved_variables(subject: Subject) -> Iterator[Finding]:
    """Variables by which the runner and a task's pod talk to each other; a task may run as any service."""
    records: list[tuple[Record, Iterable[str], tuple[str, ...]]] = [
        (service.spec, service.spec.env, ("services", service.name)) for service in subject.system.services.values()
    ]
    records += [(task.spec, task.spec.env, ("workflows", flow.name, task.name)) for flow, task in subject.tasks()]
    seen: set[Span] = set()  # those of `defaults` belong to many
    for record, names, owner in records:
        for name in names:
            span = _key_span(record, name)
            if name.startswith(RESERVED) and span not in seen:
                seen.add(span)
                message = f"`{name}` begins with {RESERVED}, as the variables that the runner sets"
                yield Finding(workflow_codes.RESERVED_VARIABLE, message, span, "give it another name", (), owner)


def _key_span(record: Record, name: str) -> Span:
    written = record.node.get("env")
    return written.key_span(name) if isinstance(written, MappingNode) else record.span("env", name)


RULES: tuple[Rule, ...] = (outputs_of_answers, waits_cut_short, reserved_variables)
