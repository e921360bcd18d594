"""Workflows: tasks merged with the defaults, needs bound, containers put together, edges found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from generator.diagnostics import Diagnostics, Note, Span
from generator.records import dataclass
from generator.resolve import codes
from generator.resolve.edges import Directory, distinct, dynamic_texts
from generator.resolve.given import given_services
from generator.resolve.imports import Home
from generator.resolve.merging import CONTAINER_KEYS, ISOLATED_KINDS, SENSELESS, entries_of, merged_task, senseless_keys
from generator.resolve.model import Container, Edge, Need, Service, Task, Workflow
from generator.resolve.reuse import Reuse, Target
from generator.resolve.reuse_codes import NAMES_MEET, NEEDS_CALLER
from generator.spec.expression import Text
from generator.spec.parts import Image
from generator.spec.service import SERVICE
from generator.spec.service import Service as ServiceSpec
from generator.spec.service_inputs import OPEN
from generator.spec.shapes import Reading
from generator.spec.suggestions import did_you_mean
from generator.spec.workflow import SERVICE_TYPE, TASK, WORKFLOW, Run
from generator.spec.workflow import Task as TaskSpec
from generator.yamlio.nodes import MappingNode, merged, only

TAKEN_KEYS = frozenset({"image", "env", "envFrom", "files", "scratch", "resources", "security", "placement"})
"""What a task takes over from the service it runs as (rulings S26); its account and edges come with it."""

_OWN_KEYS = frozenset({"env", "files", "resources", "security", "placement"})


def bind_workflows(
    home: Home, complete: Mapping[str, ServiceSpec], services: Mapping[str, Service], diagnostics: Diagnostics
) -> dict[str, Workflow]:
    """Every workflow, bound to the system's services and to what it reuses; then what is reused of libraries."""
    shelf = Shelf(services, Directory(complete, diagnostics), Reuse(home, diagnostics))
    for name in home.spec.workflows:
        shelf.workflow(Target(home, name), {})
    return shelf.all_workflows()


@dataclass(frozen=True)
class Shelf:
    """The workflows that have been bound: each once for the same services, however many tasks reuse it."""

    services: Mapping[str, Service]
    directory: Directory
    reuse: Reuse
    bound: dict[Target, dict[tuple[str, ...], Workflow]] = field(default_factory=dict)

    def workflow(self, target: Target, given: Mapping[str, str]) -> Workflow:
        """The workflow, bound; for a service that is not given stands an open one.

        What it reuses is bound first; :class:`Reuse` has made sure that this ends.
        """
        inputs = target.home.spec.workflows[target.workflow].inputs
        services = {name: given.get(name, OPEN + name) for name, each in inputs.items() if each.type == SERVICE_TYPE}
        versions = self.bound.setdefault(target, {})
        key = tuple(services.values())
        if key not in versions:
            versions[key] = _Binder(self, target, services).workflow()
        return versions[key]

    def all_workflows(self) -> dict[str, Workflow]:
        """Every workflow by the name it has in the chart."""
        found: dict[str, Workflow] = {}
        for target in sorted(self.bound, key=lambda each: each.home.is_library):  # those of the spec in their order
            workflow = _joined(self.bound[target])
            first = found.setdefault(target.name, workflow)
            if first is not workflow:
                message = (
                    f"`{target.workflow}` of {target.home.shown} is called `{target.name}`, and so is this workflow"
                )
                notes = (Note("the imported one is here", workflow.span),)
                self.directory.diagnostics.add(NAMES_MEET, message, first.span, hint="rename one of them", notes=notes)
        return found


def _joined(versions: Mapping[tuple[str, ...], Workflow]) -> Workflow:
    """One workflow for all services that it was given, with the ways to all of them."""
    known = [each for key, each in versions.items() if not any(name.startswith(OPEN) for name in key)]
    first, *others = known or list(versions.values())
    if not others:
        return first

    def join(tasks: Mapping[str, Task]) -> dict[str, Task]:
        return {
            name: replace(task, edges=distinct(edge for each in known for edge in _edges_of(each, name)))
            for name, task in tasks.items()
        }

    return replace(first, tasks=join(first.tasks), on_exit=join(first.on_exit))


def _edges_of(workflow: Workflow, task: str) -> tuple[Edge, ...]:
    found = workflow.task(task)
    return found.edges if found else ()


class _Binder:
    """Binds the tasks of one workflow; `given` are the services that stand for its inputs of `type: service`."""

    def __init__(self, shelf: Shelf, target: Target, given: Mapping[str, str]) -> None:
        self.shelf = shelf
        self.target = target
        self.given = given
        self.spec = target.home.spec
        self.directory = shelf.directory
        self.diagnostics = shelf.directory.diagnostics
        written = self.spec.workflows[target.workflow]
        self.written = (WORKFLOW.read(written.node, self._reading()) or written) if given else written
        parts = {False: self.written.node.get("tasks"), True: self.written.node.get("on_exit")}
        self.name_spans = {
            on_exit: {entry.key: entry.key_span for entry in entries_of(part)} for on_exit, part in parts.items()
        }

    def workflow(self) -> Workflow:
        """The workflow with its tasks and those of on_exit."""
        self._check_names()
        tasks = {each: self._task(each, on_exit=False) for each in self.written.tasks}
        on_exit = {each: self._task(each, on_exit=True) for each in self.written.on_exit}
        named = self.spec.node.get("workflows")
        span = named.key_span(self.target.workflow) if isinstance(named, MappingNode) else self.written.node.span
        startable = not self.target.home.is_library and not self.given
        if self.given and self.written.has("triggers") and not self.target.home.is_library:
            message = "a workflow that is given a service cannot be started on its own"
            hint = "start a workflow that reuses it"
            self.diagnostics.add(NEEDS_CALLER, message, self.written.key_span("triggers"), hint=hint)
        return Workflow(self.target.name, self.written, tasks, on_exit, span, startable)

    def _reading(self, owner: Span | None = None, *, complete: bool = True) -> Reading:
        return Reading(self.diagnostics, complete, owner, self.given)

    def _check_names(self) -> None:
        for name in self.written.on_exit:
            if name in self.written.tasks:
                notes = (Note("the task of that name", self._name_span(name, on_exit=False)),)
                span = self._name_span(name, on_exit=True)
                message = f"`{name}` is a task already"
                self.diagnostics.add(codes.NAME_TWICE, message, span, notes=notes, hint="give one of them another name")

    def _name_span(self, name: str, *, on_exit: bool) -> Span:
        return self.name_spans[on_exit][name]

    def _task(self, name: str, *, on_exit: bool) -> Task:
        own = (self.written.on_exit if on_exit else self.written.tasks)[name]
        span = self._name_span(name, on_exit=on_exit)
        spec = TASK.read(merged_task(self.spec, own), self._reading(span)) or own
        needs = self._needs(name, spec, on_exit=on_exit)
        if own.kind:
            self._check_keys(own, spec.isolate and own.kind in ISOLATED_KINDS)
        container = self._container(spec) if spec.run or spec.sql or spec.isolate else None
        edges = self._edges(spec, container)
        target = self.shelf.reuse.target(self.target.key, name) if spec.workflow else None
        callee = self.shelf.workflow(target, given_services(spec, self.directory)) if target else None
        return Task(name, spec, spec.kind, needs, edges, on_exit, span, container, callee)

    def _check_keys(self, own: TaskSpec, isolated: bool) -> None:
        """Report what was written on the task itself and means nothing for its kind (rulings C30)."""
        for key in sorted(senseless_keys(own, isolated)):
            if not own.has(key):
                continue
            if key in CONTAINER_KEYS - senseless_keys(own, isolated=True):
                can_be = own.kind in ISOLATED_KINDS
                message = f"`{key}` needs " + ("isolate: true" if can_be else "a task with a container of its own")
                hint = "add it, which gives the task a pod of its own, or " if can_be else ""
                self.diagnostics.add(codes.NO_CONTAINER, message, own.key_span(key), hint=f"{hint}remove the key")
            else:
                message = f"`{key}` means nothing on a task with `{own.kind}`"
                hint = f"{SENSELESS[own.kind][key]}; remove it"
                self.diagnostics.add(codes.SENSELESS_KEY, message, own.key_span(key), hint=hint)

    def _needs(self, name: str, spec: TaskSpec, *, on_exit: bool) -> tuple[Need, ...]:
        here = self.written.on_exit if on_exit else self.written.tasks
        there = self.written.tasks if on_exit else self.written.on_exit
        found = []
        for index, (need, state) in enumerate(spec.needs.items()):
            span = _need_span(spec, need, index)
            if need == name:
                self.diagnostics.add(codes.NEEDS_ITSELF, f"`{name}` needs itself", span, hint="remove it")
            elif need in here:
                found.append(Need(need, state, span))
            elif need in there:
                message = f"`{name}` and `{need}` stand on different sides of on_exit"
                hint = "read tasks." + need + ".status in `when` instead" if on_exit else "remove it"
                self.diagnostics.add(codes.NEEDS_ACROSS, message, span, hint=hint)
            else:
                guess = did_you_mean(need, here)
                hint = f"did you mean `{guess}`?" if guess else f"tasks here: {', '.join(here)}"
                self.diagnostics.add(codes.UNKNOWN_TASK, f"there is no task `{need}`", span, hint=hint)
        return tuple(found)

    def _container(self, spec: TaskSpec) -> Container | None:
        """The task's container; None when it names a service that does not exist."""
        run = spec.run or Run()
        if not run.service:
            base = only(run.node, {"image"})
        elif self.directory.known(run.service, run.span("service")):
            base = only(self.directory.services[run.service].node, TAKEN_KEYS)
        else:
            return None
        node = merged(base, only(spec.node, _OWN_KEYS))
        taken = SERVICE.read(node, self._reading(complete=False))
        if taken is None or (spec.run and taken.image is None):
            return None
        return Container(
            image=taken.image or Image(),
            service=run.service,
            command=run.command,
            args=run.args,
            env=taken.env,
            env_from=taken.env_from,
            files=taken.files,
            scratch=taken.scratch,
            resources=taken.resources,
            security=taken.security,
            placement=taken.placement,
            account=spec.account,
        )

    def _edges(self, spec: TaskSpec, container: Container | None) -> tuple[Edge, ...]:
        edges: list[Edge] = [
            *self.directory.of_steps(spec.call.steps if spec.call else ()),
            *self.directory.of_calls(spec, spec.calls),
            *self.directory.of_names(spec, "services", spec.services),
        ]
        if container:
            words: tuple[Text, ...] = (*container.command, *container.args)
            edges += self.directory.of_texts(dynamic_texts(container.env, words))
            if container.service in self.shelf.services:
                edges += [edge for edge in self.shelf.services[container.service].edges if edge.reason != "depends_on"]
        return distinct(edges)


def _need_span(spec: TaskSpec, need: str, index: int) -> Span:
    """Where a need is written: the key of a mapping, the item of a list, or the text itself."""
    keys = {entry.key: entry.key_span for entry in entries_of(spec.node.get("needs"))}
    return keys.get(need) or spec.span("needs", index)
