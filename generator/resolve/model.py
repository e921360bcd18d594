"""What `resolve` makes of a spec: templates and defaults merged in, every name bound, every edge known.

Everything here wraps the merged records of the spec, so a part's place in the file is always one call away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from generator.diagnostics import Span
from generator.records import dataclass
from generator.spec.expression import Text
from generator.spec.model import Spec
from generator.spec.parts import Account, EnvSource, File, Image, Placement, Resources, Security, Variable
from generator.spec.service import Port
from generator.spec.service import Service as ServiceSpec
from generator.spec.sql import Sql
from generator.spec.workflow import Output, WorkflowOutput
from generator.spec.workflow import Task as TaskSpec
from generator.spec.workflow import Workflow as WorkflowSpec


@dataclass(frozen=True)
class Edge:
    """One declared communication: to a port of a service of the system, or to an address outside of it.

    `service` and `port` (its name) stand for the inside, `host` and `number` for the outside. `reason` is the key that
    declares it: calls, env, depends_on, call or services.
    """

    reason: str
    span: Span
    service: str = ""
    port: str = ""
    host: str = ""
    number: int = 0

    @property
    def target(self) -> tuple[str, str, str, int]:
        """Where it goes, whatever declares it."""
        return (self.service, self.port, self.host, self.number)


@dataclass(frozen=True)
class Service:
    """A service with its template and the defaults merged in.

    `kind` is deployment, statefulset or daemonset. `main_port` is the name of the port that is meant when none is said
    (rulings C02); it is empty when the service has no port, or several and none of them is called http or https.
    """

    name: str
    spec: ServiceSpec
    kind: str
    main_port: str
    edges: tuple[Edge, ...]
    span: Span

    def port(self, name: str) -> Port | None:
        """The port by name; the main port for an empty name."""
        return self.spec.ports.get(name or self.main_port)

    @property
    def scheme(self) -> str:
        """http, or https when the main port is named so or speaks it (rulings X16)."""
        main = self.port("")
        return "https" if main and "https" in (self.main_port, main.app_protocol) else "http"


@dataclass(frozen=True)
class Need:
    """An edge of the task graph: the task `task` must have ended in `state` first."""

    task: str
    state: str
    span: Span


@dataclass(frozen=True)
class Container:
    """The container of a task with a pod of its own: its own image, or a service's with all that belongs to it (S26).

    `service` names the service it was taken from, whose ServiceAccount it uses; empty for an image of its own. The
    program of a task that is no `run` is the compiler's, and so is its image.
    """

    image: Image
    service: str
    command: tuple[Text, ...]
    args: tuple[Text, ...]
    env: Mapping[str, Variable]
    env_from: tuple[EnvSource, ...]
    files: Mapping[str, File]
    scratch: tuple[str, ...]
    resources: Resources | None
    security: Security | None
    placement: Placement | None
    account: Account | None


GIVEN_OUTPUTS: Mapping[str, tuple[str, ...]] = {"approve": ("at", "by")}
"""Outputs that tasks of a kind have without declaring them, all of them texts (rulings M21)."""


@dataclass(frozen=True)
class Task:
    """A task with the defaults merged in.

    `container` is there for tasks with a pod of their own, `callee` for those that reuse a workflow; it is missing when
    the name stands for none, which has been reported.
    """

    name: str
    spec: TaskSpec
    kind: str
    needs: tuple[Need, ...]
    edges: tuple[Edge, ...]
    on_exit: bool
    span: Span
    container: Container | None = None
    callee: Workflow | None = None

    @property
    def outputs(self) -> Mapping[str, Output | WorkflowOutput] | None:
        """What it gives to others: as it declares, or as its callee does with the defaults that it adds (rulings M14).

        None when that cannot be known because of a mistake that was reported.
        """
        if self.kind != "workflow":
            return self.spec.outputs
        if self.callee is None:
            return None
        own = {name: each for name, each in self.spec.outputs.items() if each.has("default")}
        return {name: own.get(name, each) for name, each in self.callee.spec.outputs.items()}

    @property
    def has_pod(self) -> bool:
        """Whether it works in a pod of its own, and not in that of the run."""
        return self.kind in ("run", "sql") or self.spec.isolate


@dataclass(frozen=True)
class Workflow:
    """A workflow; `tasks` and `on_exit` are in the order of the file.

    One that is not `startable` runs only inside others: it comes from a library, or is given a service by its caller.
    """

    name: str
    spec: WorkflowSpec
    tasks: Mapping[str, Task]
    on_exit: Mapping[str, Task]
    span: Span
    startable: bool = True

    def all_tasks(self) -> Iterator[Task]:
        """The tasks, then those of on_exit."""
        yield from self.tasks.values()
        yield from self.on_exit.values()

    def task(self, name: str) -> Task | None:
        """The task of that name, wherever it stands."""
        return self.tasks.get(name) or self.on_exit.get(name)

    def with_reused(self) -> Iterator[Workflow]:
        """The workflow, then all that its tasks reuse, and those again: each once."""
        found: dict[int, Workflow] = {id(self): self}
        waiting = [self]
        while waiting:
            for task in waiting.pop().all_tasks():
                if task.callee is not None and id(task.callee) not in found:
                    found[id(task.callee)] = task.callee
                    waiting.append(task.callee)
        yield from found.values()

    def communications(self) -> Iterator[tuple[str, str, Edge]]:
        """Every edge of a run, with the workflow and the task whose pod has it; no task: the run's own pod."""
        for workflow in self.with_reused():
            for task in workflow.all_tasks():
                caller = (workflow.name, task.name) if task.has_pod else (self.name, "")
                yield from ((*caller, edge) for edge in task.edges)


@dataclass(frozen=True)
class System:
    """Everything, bound. `files` holds what `from:` and `file:` name: file it is written in, path as written → content.

    `workflows` are those of the spec, then those of libraries that they reuse. A workflow that is given services by its
    callers stands there once, with the ways to all of them. `param_types` are the types of the parameters of
    statements, as far as they are known before a run, by workflow, task and parameter. `libraries` are the imported
    files by what names of their workflows begin with. `environments` are whole systems: the spec with the environment's
    overrides merged in. They have no environments.
    """

    spec: Spec
    services: Mapping[str, Service]
    workflows: Mapping[str, Workflow]
    files: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    param_types: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    environments: Mapping[str, System] = field(default_factory=dict)
    libraries: Mapping[str, Spec] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def startable(self) -> Mapping[str, Workflow]:
        """The workflows of which there can be a run."""
        return {name: workflow for name, workflow in self.workflows.items() if workflow.startable}

    @property
    def is_library(self) -> bool:
        """Whether there is nothing to deploy: no service, and no workflow that does without being told of one."""
        own = [self.workflows[name] for name in self.spec.workflows if name in self.workflows]
        return not self.services and not (own and all(workflow.startable for workflow in own))

    def content(self, file: File) -> bytes:
        """What a file has that `from` names."""
        return self.files[file.span("from").file, file.source]

    def statement(self, sql: Sql) -> bytes | None:
        """The text of a statement; None for a file that could not be read, which has been reported."""
        return self.files.get((sql.span("file").file, sql.file)) if sql.file else sql.query.encode()

    def every_workflow(self) -> Iterator[Workflow]:
        """Each workflow as it is, and as it is where it is given services: each once."""
        found = {id(each): each for workflow in self.workflows.values() for each in workflow.with_reused()}
        yield from found.values()
