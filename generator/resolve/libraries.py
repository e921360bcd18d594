"""Stage resolve: libraries do not know the services of the systems that import them (rulings C08).

Input: a workflow or template of a library, as written. Output: a finding for each service that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.diagnostics import Diagnostics, Span
from generator.resolve.reuse_codes import NAMES_SERVICE
from generator.spec.expression import Text, names
from generator.spec.service import Service
from generator.spec.shapes import Record
from generator.spec.workflow import Task, Workflow

_IN_WORKFLOW = "add an input of type service, and write ${{ inputs.<name> }}"
_IN_TEMPLATE = "name it in the service that extends this template"


def report_services(part: Workflow | Service, diagnostics: Diagnostics) -> bool:
    """Report each service that a workflow or template of a library names; whether there is any."""
    named = list(_services(part))
    hint = _IN_WORKFLOW if isinstance(part, Workflow) else _IN_TEMPLATE
    for service, span in named:
        diagnostics.add(NAMES_SERVICE, f"a library cannot know the service `{service}`", span, hint=hint)
    return bool(named)


def _services(part: Workflow | Service) -> Iterator[tuple[str, Span]]:
    if isinstance(part, Service):
        yield from _inside(part, "calls", part.calls)
        yield from _inside(part, "depends_on", part.depends_on)
    else:
        for task in (*part.tasks.values(), *part.on_exit.values()):
            yield from _of_task(task)
    for text in _texts(part):
        for expression in text.expressions:
            for name in names(expression):
                if name.root == "services" and len(name.parts) > 1:
                    yield name.parts[1], name.span


def _of_task(task: Task) -> Iterator[tuple[str, Span]]:
    if task.run and task.run.service:
        yield task.run.service, task.run.span("service")
    for step in task.call.steps if task.call else ():
        if step.service and "${{" not in step.service:
            yield step.service, step.span("service")
    yield from _inside(task, "calls", task.calls)
    yield from _inside(task, "services", task.services)


def _inside(record: Record, key: str, named: tuple[str, ...]) -> Iterator[tuple[str, Span]]:
    """The entries of a list that name services of the system, and no address outside of it."""
    for index, name in enumerate(named):
        if ":" not in name and "${{" not in name:
            yield name.partition(".")[0], record.span(key, index)


def _texts(part: object) -> Iterator[Text]:
    """Every text with expressions, however deep."""
    if isinstance(part, Text):
        yield part
    elif isinstance(part, Record):
        for name, value in vars(part).items():
            if name != "node":
                yield from _texts(value)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _texts(value)
