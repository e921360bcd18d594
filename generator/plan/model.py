"""The plan of a workflow: what an engine runs, defaults filled in.

Made by :mod:`generator.plan.planner`; `lower` makes engine objects of it, and :mod:`generator.plan.document` its JSON,
which the `jobs` runner and `diff` read. Times are seconds. Maps are sorted by name, so that the order of keys in a spec
never matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field

from generator.plan.analysis import Forecast
from generator.records import dataclass
from generator.spec.expression import Expression, Text
from generator.spec.parts import KeyReference


@dataclass(frozen=True)
class Declaration:
    """An input or output: its type, and its value when none is given (None: it has no default)."""

    type: str
    default: object = None


@dataclass(frozen=True)
class OutputPlan:
    """An output of the whole run: where its value comes from."""

    declaration: Declaration
    value: Text


@dataclass(frozen=True)
class RetryPlan:
    """Tries in all, and the pauses between them: `initial`, then `factor` times the last one, at most `longest`."""

    attempts: int = 1
    initial: float = 10.0
    factor: float = 2.0
    longest: float = 300.0


@dataclass(frozen=True)
class HeaderVariable:
    """A header out of a Secret or ConfigMap: the variable of the pod that holds it, the same wherever it is used."""

    name: str

    @classmethod
    def of(cls, reference: KeyReference) -> HeaderVariable:
        """The variable of a reference."""
        parts = (reference.secret, reference.config, reference.field, reference.optional)
        digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:8]
        return cls(f"FLOWHELM_HEADER_{digest.upper()}")


@dataclass(frozen=True)
class StepPlan:
    """One request. `statuses` empty: any 2xx. `body`, when there is one, is JSON that may hold :class:`Text`."""

    service: str
    method: str
    path: Text
    port: str = ""
    headers: Mapping[str, Text | HeaderVariable] = field(default_factory=dict)
    body: object = None
    has_body: bool = False
    statuses: tuple[int, ...] = ()
    condition: Expression | None = None
    timeout: float | None = None
    retry: RetryPlan | None = None


@dataclass(frozen=True)
class CallPlan:
    """Requests to services, one after another, or all at once."""

    steps: tuple[StepPlan, ...]
    parallel: bool = False


@dataclass(frozen=True)
class RunPlan:
    """What of a container is only known when it starts.

    `command` and `args` are whole when one of their words holds an expression, else None; `env` has the variables that
    hold one. The rest stands in the task's template.
    """

    command: tuple[Text, ...] | None = None
    args: tuple[Text, ...] | None = None
    env: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class SqlPlan:
    """A statement; it stands in the task's template. `params` are the values of its parameters."""

    params: Mapping[str, Text]


@dataclass(frozen=True)
class ApprovePlan:
    """A question to a person."""

    message: Text


@dataclass(frozen=True)
class WaitPlan:
    """Nothing, for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class ReusePlan:
    """Another workflow that runs inside this one. `given`: inputs → JSON that may hold :class:`Text`."""

    given: Mapping[str, object]
    plan: WorkflowPlan


Work = CallPlan | RunPlan | SqlPlan | ReusePlan | ApprovePlan | WaitPlan

KINDS: Mapping[type, str] = {
    CallPlan: "call",
    RunPlan: "run",
    SqlPlan: "sql",
    ReusePlan: "workflow",
    ApprovePlan: "approve",
    WaitPlan: "wait",
}


@dataclass(frozen=True)
class ForeachPlan:
    """The items: JSON that may hold :class:`Text`, or one that gives a list. `parallel` None: as many as there are."""

    items: object
    parallel: int | None = None
    max_failed: int = 0


@dataclass(frozen=True)
class TaskPlan:
    """One task: what must have ended before it, on which condition it runs, and what it does.

    `timeout` is None where only the workflow's holds. The higher `priority` goes first of the tasks that
    wait (rulings M19); `mutex` is the name of a lock; `foreach` does the task once for each item. A task
    that is no `run` and has a pod has in `env` its variables that hold an expression.
    """

    name: str
    needs: Mapping[str, str]
    join: str
    when: Expression | None
    retry: RetryPlan
    timeout: float | None
    outputs: Mapping[str, Declaration]
    work: Work
    priority: int = 0
    isolate: bool = False
    env: Mapping[str, Text] = field(default_factory=dict)
    mutex: Text | None = None
    foreach: ForeachPlan | None = None

    @property
    def kind(self) -> str:
        """What it is called in a spec."""
        return KINDS[type(self.work)]


@dataclass(frozen=True)
class TriggerPlan:
    """What starts a run on its own: the inputs it gives, and for a schedule what happens when a run is still going.

    Several schedules are `schedule-1`, `schedule-2`…, a single one is `schedule`.
    """

    inputs: Mapping[str, object]
    concurrency: str = ""


@dataclass(frozen=True)
class WorkflowPlan:
    """A workflow, ready for an engine.

    `manual` says whether people may start runs; `services` names every service that its tasks, and those of the
    workflows in it, call or read an address of; `forecast` is what its estimates tell.
    """

    name: str
    timeout: float
    parallelism: int
    concurrency: str
    inputs: Mapping[str, Declaration]
    triggers: Mapping[str, TriggerPlan]
    manual: bool
    tasks: Mapping[str, TaskPlan]
    on_exit: Mapping[str, TaskPlan]
    outputs: Mapping[str, OutputPlan]
    services: tuple[str, ...]
    forecast: Forecast | None = None

    def all_tasks(self) -> tuple[TaskPlan, ...]:
        """The tasks, then those of on_exit."""
        return (*self.tasks.values(), *self.on_exit.values())
