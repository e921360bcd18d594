"""A workflow as the runner sees it: its tasks, and where services are found. Made by plan.py; nothing changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any

ANY_2XX = range(200, 300)
MOST_FAILED = 0
PARAMETER = "FLOWHELM_PARAM_"
"""The variable of a statement's parameter is named so, and then as the parameter."""


@dataclass(frozen=True)
class Retry:
    """Tries in all, and the pauses between them: `initial`, then each `factor` times the one before, at most `most`."""

    attempts: int = 1
    initial: float = 10.0
    factor: float = 2.0
    most: float = 300.0

    def pause(self, tries: int) -> float:
        """Seconds to wait after so many tries. Grows by steps, so that no number of tries overflows."""
        pause = self.initial
        for _ in range(tries - 1):
            if pause >= self.most:
                break
            pause *= self.factor
        return min(pause, self.most)


@dataclass(frozen=True)
class Declared:
    """An input or output: its type, and the value that stands in when it is missing."""

    type: str
    default: Json = None

    @property
    def has_default(self) -> bool:
        """Inputs and outputs are never null, so null means: none."""
        return self.default is not None


@dataclass(frozen=True)
class Step:
    """One request of a `call` task."""

    service: str
    method: str
    path: Json
    port: str | None = None
    headers: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None
    has_body: bool = False
    statuses: Any = ANY_2XX
    expect: Json = None
    timeout: float = 30.0
    retry: Retry = Retry()


@dataclass(frozen=True)
class Foreach:
    """A task that is done for each item of a list; `parallel` is None when only the workflow's own limit counts."""

    items: Json
    parallel: int | None = None
    max_failed: int = MOST_FAILED


@dataclass(frozen=True)
class Task:
    """One node of the graph. What a kind does not have is None or empty."""

    name: str
    kind: str
    needs: Mapping[str, str]
    join: str
    when: Json
    retry: Retry
    timeout: float
    outputs: Mapping[str, Declared]
    foreach: Foreach | None = None
    mutex: Json = None
    priority: int = 0
    isolate: bool = False
    command: list[Json] | None = None
    args: list[Json] | None = None
    env: Mapping[str, Json] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    parallel: bool = False
    given: Mapping[str, Json] = field(default_factory=dict)
    callee: Workflow | None = None
    message: Json = ""
    seconds: float = 0.0
    cronjob: str = ""

    @property
    def in_pod(self) -> bool:
        """Whether its tries are Jobs; else they are made by the run's own pod."""
        return self.kind in ("run", "sql") or self.isolate


@dataclass(frozen=True)
class WorkflowOutput:
    """One output of a workflow."""

    declared: Declared
    value: Json


@dataclass(frozen=True)
class Workflow:
    """A workflow that can be carried out: as a run, or as a task of another workflow."""

    workflow: str
    timeout: float
    parallelism: int
    inputs: Mapping[str, Declared]
    tasks: Mapping[str, Task]
    on_exit: Mapping[str, Task]
    outputs: Mapping[str, WorkflowOutput]

    def own_tasks(self) -> list[Task]:
        """The tasks and then those of on_exit."""
        return [*self.tasks.values(), *self.on_exit.values()]

    def all_tasks(self) -> Iterator[Task]:
        """Its own tasks, and those of the workflows that they call, to any depth."""
        for task in self.own_tasks():
            yield task
            if task.callee is not None:
                yield from task.callee.all_tasks()

    def depth(self) -> int:
        """How many workflows lie within one another; one that calls none is 1 deep."""
        return 1 + max((task.callee.depth() for task in self.own_tasks() if task.callee is not None), default=0)


@dataclass(frozen=True)
class Service:
    """Where a service is found."""

    host: str
    scheme: str
    main: str
    ports: Mapping[str, int]

    def port(self, name: str | None) -> int:
        """The number of a port, of the main one when no name is given."""
        return self.ports[name or self.main]


@dataclass(frozen=True)
class Plan(Workflow):
    """The workflow of a run, bound to one release."""

    release: str
    cronjob: str
    concurrency: str
    triggers: Mapping[str, Json]
    manual: bool
    services: Mapping[str, Service]
