"""Stage resolve: what names an expression may use where it stands, and their types.

Input: a :class:`Name` and the :class:`Scope` around it. Output: its :class:`Type`; what is wrong goes to the sink, and
the type is then dynamic, so that one mistake gives one finding (rulings D03).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from generator.diagnostics import Code, Diagnostics
from generator.records import dataclass
from generator.resolve.certainty import View
from generator.resolve.expression_codes import ELSEWHERE, NOT_ABOVE, UNCERTAIN, UNKNOWN
from generator.resolve.types import DYNAMIC, INTEGER, SERVICE, STRING, Type
from generator.spec.expression import Name
from generator.spec.service_inputs import OPEN
from generator.spec.suggestions import did_you_mean

STATUSES = ("succeeded", "failed", "skipped", "cancelled")
"""What tasks.t.status may be; run.status is one of them but skipped."""

_FOREIGN = {
    "needs": "tasks.<task>.outputs.<name> reads another task",
    "steps": "tasks.<task>.outputs.<name> reads another task",
    "outputs": "tasks.<task>.outputs.<name> reads another task",
    "matrix": "`item` is the item of a foreach",
    "github": "run.id and run.name tell about the run",
    "workflow": "run.id and run.name tell about the run",
    "secrets": "a secret is written as {secret: name, key: key}",
    "env": "expressions cannot read environment variables",
}

_PLACES = {
    "item": "only a task with foreach has an item; its `when` is decided once, before: filter the list that it reads",
    "response": "only expect.json of a call can read the response",
    "event": "only `with` of an event trigger can read the event",
}


@dataclass(frozen=True)
class Outputs:
    """What a task gives: the type of each output, and which of them always have a value because of a default.

    `types` is None when the outputs cannot be known because of a mistake that was reported elsewhere.
    """

    types: Mapping[str, Type] | None
    defaults: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Address:
    """What is known of a service: its ports, and its main port (rulings C02), empty when it has none.

    One that is `open` stands for a service that a caller will name: any port may be right.
    """

    ports: tuple[str, ...]
    main: str = ""
    is_open: bool = False


_OPEN = Address((), is_open=True)


@dataclass(frozen=True)
class Scope:
    """The names that have a value in one place.

    `inputs` and `tasks` are None where a workflow's names mean nothing (services). `view` tells which tasks have ended
    and succeeded; it is needed with `tasks`. `item` is None outside foreach.
    """

    services: Mapping[str, Address] = field(default_factory=dict)
    inputs: Mapping[str, Type] | None = None
    tasks: Mapping[str, Outputs] | None = None
    view: View | None = None
    item: Type | None = None
    response: bool = False
    event: bool = False
    status: bool = False

    def type_of(self, name: Name, diagnostics: Diagnostics) -> Type:
        """The type of the value that `name` stands for."""
        match name.root:
            case "inputs":
                return self._input(name, diagnostics)
            case "tasks":
                return self._task(name, diagnostics)
            case "services":
                return self._service(name, diagnostics)
            case "run":
                return self._run(name, diagnostics)
            case "item" if self.item is not None:
                return self.item
            case "response" if self.response:
                return DYNAMIC
            case "event" if self.event:
                return DYNAMIC
            case "item" | "response" | "event":
                hint = _PLACES[name.root]
                return _wrong(ELSEWHERE, f"`{name.root}` has no value here", name, 0, hint, diagnostics)
        return self._unknown_root(name, diagnostics)

    def _unknown_root(self, name: Name, diagnostics: Diagnostics) -> Type:
        word = name.root
        roots = ["services", *(["inputs", "tasks", "run"] if self.inputs is not None else [])]
        hint = _FOREIGN.get(word) or _suggestion(word, roots, "names begin with")
        if self.inputs is not None and word in self.inputs:
            hint = f"did you mean inputs.{word}?"
        elif word in self.services and self.inputs is None:
            hint = f"did you mean services.{word}?"
        return _wrong(UNKNOWN, f"`{word}` is not the name of anything", name, 0, hint, diagnostics)

    def _input(self, name: Name, diagnostics: Diagnostics) -> Type:
        if self.inputs is None:
            return _only_services(name, diagnostics)
        if len(name.parts) < 2:
            return _wrong(UNKNOWN, "`inputs` alone is no value", name, 0, "write inputs.<name>", diagnostics)
        wanted = name.parts[1]
        if wanted in self.inputs:
            return self.inputs[wanted]
        hint = _suggestion(wanted, self.inputs, "the inputs are", "the workflow declares no inputs")
        return _wrong(UNKNOWN, f"the workflow has no input `{wanted}`", name, 1, hint, diagnostics)

    def _service(self, name: Name, diagnostics: Diagnostics) -> Type:
        if len(name.parts) < 2:
            return _wrong(UNKNOWN, "`services` alone is no value", name, 0, "write services.<name>.url", diagnostics)
        service = name.parts[1]
        address = _OPEN if service.startswith(OPEN) else self.services.get(service)
        if address is None:
            hint = _suggestion(service, self.services, "the services are", "the spec has no services")
            return _wrong(UNKNOWN, f"there is no service `{service}`", name, 1, hint, diagnostics)
        match name.parts[2:]:
            case ():
                return SERVICE
            case ("host",):
                return STRING
            case ("url",) if address.main or address.is_open:
                return STRING
            case ("url",):
                hint = f"write services.{service}.ports.<port>; " if address.ports else "declare its ports"
                hint += f"the ports are {', '.join(address.ports)}" if address.ports else ""
                return _wrong(
                    UNKNOWN, f"service `{service}` has no main port, so it has no url", name, 2, hint, diagnostics
                )
            case ("ports", port) if port in address.ports or address.is_open:
                return INTEGER
            case ("ports", port):
                hint = _suggestion(port, address.ports, "the ports are", "it declares no ports")
                return _wrong(UNKNOWN, f"service `{service}` has no port `{port}`", name, 3, hint, diagnostics)
            case ("ports",):
                hint = f"write services.{service}.ports.<port>"
                return _wrong(UNKNOWN, "`ports` alone is no value", name, 2, hint, diagnostics)
        hint = _suggestion(name.parts[2], ("url", "host", "ports"), "a service has")
        return _wrong(UNKNOWN, f"a service has no `{name.parts[2]}`", name, 2, hint, diagnostics)

    def _run(self, name: Name, diagnostics: Diagnostics) -> Type:
        if self.inputs is None:
            return _only_services(name, diagnostics)
        match name.parts[1:]:
            case ("id" | "name",):
                return STRING
            case ("status",) if self.status:
                return STRING
            case ("status",):
                hint = "only tasks of on_exit can read the run's verdict"
                return _wrong(ELSEWHERE, "run.status has no value before the run has ended", name, 1, hint, diagnostics)
            case ():
                return _wrong(UNKNOWN, "`run` alone is no value", name, 0, "write run.id or run.name", diagnostics)
        hint = _suggestion(name.parts[1], ("id", "name", "status"), "a run has")
        return _wrong(UNKNOWN, f"a run has no `{name.parts[1]}`", name, 1, hint, diagnostics)

    def _task(self, name: Name, diagnostics: Diagnostics) -> Type:
        if self.tasks is None or self.view is None:
            return _only_services(name, diagnostics)
        if len(name.parts) < 2:
            hint = "write tasks.<task>.status or tasks.<task>.outputs.<name>"
            return _wrong(UNKNOWN, "`tasks` alone is no value", name, 0, hint, diagnostics)
        task = name.parts[1]
        if task not in self.tasks:
            hint = _suggestion(task, self.tasks, "the tasks are")
            return _wrong(UNKNOWN, f"the workflow has no task `{task}`", name, 1, hint, diagnostics)
        if not self.view.sees(task):
            return self._unseen(name, self.view, diagnostics)
        match name.parts[2:]:
            case ("status",):
                return STRING
            case ("outputs", output):
                return self._output(name, task, output, self.view, diagnostics)
        return self._incomplete_task(name, task, diagnostics)

    def _unseen(self, name: Name, view: View, diagnostics: Diagnostics) -> Type:
        task = name.parts[1]
        if task == view.consumer:
            message, hint = f"`{task}` cannot look at itself", "its outputs exist only when it has ended"
        elif task not in view.flow:
            message, hint = f"`{task}` belongs to on_exit, which runs after all other tasks", ""
        else:
            message = f"`{task}` may not have ended when {view.consumer} starts"
            hint = f"add {task} to the needs of {view.consumer}"
        return _wrong(NOT_ABOVE, message, name, 1, hint, diagnostics)

    def _output(self, name: Name, task: str, output: str, view: View, diagnostics: Diagnostics) -> Type:
        outputs = self.tasks[task] if self.tasks else Outputs(None)
        if outputs.types is None:
            return DYNAMIC
        if output not in outputs.types:
            hint = _suggestion(
                output, outputs.types, "its outputs are", f"declare it: outputs: {{{output}: {{type: …}}}}"
            )
            return _wrong(UNKNOWN, f"task `{task}` has no output `{output}`", name, 3, hint, diagnostics)
        doubt = None if output in outputs.defaults else view.doubt(task)
        if doubt is not None:
            hint = f"give {output} a default" + (f", or {doubt.instead}" if doubt.instead else "")
            message = f"`{output}` may have no value: {doubt.reason}"
            return _wrong(UNCERTAIN, message, name, 3, hint, diagnostics)
        return outputs.types[output]

    def _incomplete_task(self, name: Name, task: str, diagnostics: Diagnostics) -> Type:
        outputs = (self.tasks[task].types if self.tasks else None) or {}
        if len(name.parts) == 2:
            hint = f"write tasks.{task}.status or tasks.{task}.outputs.<name>"
            return _wrong(UNKNOWN, f"tasks.{task} alone is no value", name, 1, hint, diagnostics)
        word = name.parts[2]
        if word == "outputs":
            hint = f"write tasks.{task}.outputs.<name>" + (f"; its outputs are {', '.join(outputs)}" if outputs else "")
            return _wrong(UNKNOWN, f"tasks.{task}.outputs alone is no value", name, 2, hint, diagnostics)
        hint = _suggestion(word, ("status", "outputs"), "a task has")
        if word in outputs:
            hint = f"did you mean tasks.{task}.outputs.{word}?"
        return _wrong(UNKNOWN, f"a task has no `{word}`", name, 2, hint, diagnostics)


def _only_services(name: Name, diagnostics: Diagnostics) -> Type:
    hint = "an expression of a service may use services.<name>.url, .host and .ports.<port>"
    return _wrong(ELSEWHERE, f"`{name.root}` has no value outside a workflow", name, 0, hint, diagnostics)


def _wrong(code: Code, message: str, name: Name, part: int, hint: str, diagnostics: Diagnostics) -> Type:
    diagnostics.add(code, message, name.spans[part], hint=hint)
    return DYNAMIC


def _suggestion(word: str, known: Iterable[str], introduction: str, none: str = "") -> str:
    """The likest name, else all names when they are few."""
    names = list(known)
    meant = did_you_mean(word, names)
    if meant:
        return f"did you mean {meant}?"
    if not names:
        return none
    return f"{introduction} {', '.join(names)}" if len(names) <= 12 else ""
