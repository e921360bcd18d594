"""What a workflow and its tasks can say."""

from __future__ import annotations

from collections.abc import Mapping

from generator.kube.durations import Duration
from generator.spec import codes
from generator.spec.call import CALL, RETRY, Call, Retry
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.expression import Text
from generator.spec.formats import (
    BOOLEAN,
    CALLED,
    CONDITION,
    CONSTANT,
    CRON,
    DATA,
    DURATION,
    DYNAMIC,
    JSON,
    NAME,
    POSITIVE,
    REFERENCE_NAME,
    TEXT,
    TIME_ZONE,
    name_key,
    variable_key,
)
from generator.spec.objects import PATCHES
from generator.spec.parts import (
    ACCEPT,
    ACCOUNT,
    ENV,
    FILES,
    IMAGE_SHAPE,
    PLACEMENT,
    RESOURCES,
    SECURITY,
    WORDS,
    Account,
    File,
    Image,
    Placement,
    Resources,
    Security,
    Variable,
)
from generator.spec.scalars import TEXT_TYPES, Choice, IntegerShape, NumberShape
from generator.spec.shapes import ListOf, MapOf, Reading, Record, RecordOf, Rule, Shape, exactly_one, key
from generator.spec.sql import SQL, Sql
from generator.spec.task_parts import APPROVE, FOREACH, Approve, Foreach
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode

TYPES = ("string", "integer", "number", "boolean", "object", "list")
SERVICE_TYPE = "service"
"""The type of an input that brings a service; such a workflow can only be reused (rulings C08)."""

STATES = ("succeeded", "failed", "skipped", "done", "not_failed")
_TYPE = Choice(*TYPES)


class Input(Record):
    """A value that a run is started with."""

    type: str = key(Choice(*TYPES, SERVICE_TYPE), "Its type; `service` for a service to call.", default="string")
    description: str = key(TEXT, "What it is.", default="")
    default: object = key(CONSTANT, "Its value when none is given; without it the input is required.")


def _check_input(declared: Input, reading: Reading) -> None:
    if declared.type == SERVICE_TYPE and declared.has("default"):
        message, hint = "a service has no default", "remove it; whoever reuses the workflow says which service it is"
        reading.diagnostics.add(codes.EXCLUSIVE, message, declared.key_span("default"), hint=hint)


def _input_schema(definitions: Definitions) -> JsonSchema:  # noqa: ARG001  # a rule is given them
    is_service = {"properties": {"type": {"const": SERVICE_TYPE}}, "required": ["type"]}
    return {"not": {"allOf": [is_service, {"required": ["default"]}]}}


INPUT = RecordOf(Input, "an input", Rule(_check_input, _input_schema))


class Output(Record):
    """A value that a task gives to others."""

    type: str = key(_TYPE, "Its type.", required=True, default="string")
    description: str = key(TEXT, "What it is.", default="")
    default: object = key(CONSTANT, "Its value when the task gives none.")


class WorkflowOutput(Record):
    """A value that a whole run gives."""

    type: str = key(_TYPE, "Its type.", required=True, default="string")
    value: Text | None = key(DYNAMIC, "Where it comes from.", required=True)
    description: str = key(TEXT, "What it is.", default="")
    default: object = key(CONSTANT, "Its value when a task it comes from did not run.")


class Run(Record):
    """A container that runs to its end: an image of its own, or a service's."""

    image: Image | None = key(IMAGE_SHAPE, "The container image.")
    service: str = key(NAME, "A service whose image, variables, files and account it takes.", default="")
    command: tuple[Text, ...] = key(WORDS, "The command instead of the image's.", default=())
    args: tuple[Text, ...] = key(WORDS, "The arguments.", default=())


class Estimate(Record):
    """What is known about a task before it ever ran."""

    duration: Duration | None = key(DURATION, "How long it takes.")
    p99: Duration | None = key(DURATION, "How long it takes in 99 of 100 cases.")
    success: float | None = key(NumberShape(0, 100), "How often it succeeds, in percent.")


class _NeedsShape(Shape[Mapping[str, str]]):
    """A name, a list of names, or name → state (rulings M26)."""

    expected = "a task, a list of tasks, or task: state"

    def read(self, node: Node, reading: Reading) -> Mapping[str, str] | None:
        if isinstance(node, MappingNode):
            return MapOf(Choice(*STATES), "`needs`").read(node, reading)
        items = node.items if isinstance(node, SequenceNode) else (node,)
        found: dict[str, str] = {}
        for item in items:
            if not isinstance(item, ScalarNode) or item.is_null:
                hint = (
                    "write all of them as a mapping: {a: succeeded, b: failed}" if isinstance(item, MappingNode) else ""
                )
                reading.diagnostics.add(codes.WRONG_TYPE, "expected the name of a task", item.span, hint=hint)
            elif item.text in found:
                reading.diagnostics.add(codes.EXCLUSIVE, f"`{item.text}` is needed twice", item.span, hint="remove one")
            else:
                found[item.text] = "succeeded"
        return found

    def schema(self, definitions: Definitions) -> JsonSchema:
        name = {"type": TEXT_TYPES}
        states = MapOf(Choice(*STATES), "`needs`").schema(definitions)
        return {"anyOf": [name, {"type": "array", "items": name, "uniqueItems": True}, states]}


class Task(Record):
    """One node of a workflow's graph: exactly one of run, call, sql, workflow, approve, wait."""

    description: str = key(TEXT, "What it does.", default="")
    needs: Mapping[str, str] = key(_NeedsShape(), "Tasks that must have ended first, and how.", factory=dict)
    join: str = key(Choice("all", "any"), "Whether all needs must hold, or any.", default="all")
    when: Text | None = key(CONDITION, "Runs only when this holds; otherwise it is skipped.")
    run: Run | None = key(RecordOf(Run, "`run`", exactly_one("image", "service")), "A container that runs to its end.")
    call: Call | None = key(CALL, "Requests to services.")
    sql: Sql | None = key(SQL, "A statement on a database. Outputs: the columns of the first row of its last result.")
    workflow: str = key(REFERENCE_NAME, "Another workflow: its name, or alias.name of an import.", default="")
    approve: Approve | None = key(
        APPROVE, "Waits for a person's answer; the question, *expressions*. Outputs: `by` and `at`, texts."
    )
    wait: Duration | None = key(DURATION, "Waits for so long.")
    with_: Mapping[str, object] = key(
        MapOf(JSON, "`with`"), "Inputs of the other workflow, by name.", name="with", factory=dict
    )
    env: Mapping[str, Variable] = key(ENV, "Environment variables of its container.", factory=dict)
    files: Mapping[str, File] = key(FILES, "Files in its container, by path.", factory=dict)
    outputs: Mapping[str, Output] = key(
        MapOf(RecordOf(Output, "an output"), "`outputs`", variable_key), "Values it gives to others.", factory=dict
    )
    foreach: Foreach | None = key(
        FOREACH, "Runs once for each item of a list; each of its outputs is then a list, in the order of the items."
    )
    retry: Retry | None = key(RETRY, "What happens after a failed try.")
    timeout: Duration | None = key(
        DURATION, "How long one try may take; 1h by default, for `approve` and `wait` the workflow's."
    )
    resources: Resources | None = key(RESOURCES, "What its container is given.")
    isolate: bool = key(
        BOOLEAN, "Gives a call or wait, which else run in the run's own pod, a pod of its own.", default=False
    )
    mutex: Text | None = key(
        DYNAMIC, "Name of a lock: of the release's tasks with the same name only one runs at a time."
    )
    cache: object = key(DATA, "Reuses earlier results.", later="it always runs until then")
    priority: int = key(
        IntegerShape(-1_000_000, 1_000_000),
        "The higher goes first of the tasks that wait for `parallelism`; 0 by default.",
        default=0,
    )
    estimate: Estimate | None = key(RecordOf(Estimate, "`estimate`"), "How long it takes and how often it succeeds.")
    account: Account | None = key(ACCOUNT, "Its ServiceAccount.")
    security: Security | None = key(SECURITY, "The user, and deviations from the hardened default.")
    placement: Placement | None = key(PLACEMENT, "Which nodes it may run on.")
    patches: Mapping[str, MappingNode] = key(
        PATCHES, "Strategic merge patches on its objects, by kind: `Job`, `ServiceAccount`.", factory=dict
    )
    accept: Mapping[str, str] = key(ACCEPT, "Findings that are accepted here, each with a reason.", factory=dict)
    calls: tuple[str, ...] = key(
        ListOf(CALLED), "What its container calls: a service, service.port, or host:port.", default=()
    )
    services: tuple[str, ...] = key(ListOf(CALLED), "Services that its container takes part with.", default=())

    @property
    def kind(self) -> str:
        """Which of the six kinds it is; empty when that is open."""
        return next((name for name in KINDS if self.has(name)), "")


KINDS = ("run", "call", "sql", "workflow", "approve", "wait")


_ONE_KIND = exactly_one(*KINDS)


def _check_task(task: Task, reading: Reading) -> None:
    if reading.complete:
        _ONE_KIND.report(task, reading)
    # `with` gives inputs to another workflow, and to nothing else (rulings S24).
    if task.has("with") and task.kind and not task.has("workflow"):
        message, hint = "`with` gives inputs to another workflow", f"`{task.kind}` takes none; use `env`, or remove it"
        reading.diagnostics.add(codes.EXCLUSIVE, message, task.key_span("with"), hint=hint)


def _task_schema(definitions: Definitions) -> JsonSchema:
    no_kind = {"not": {"anyOf": [{"required": [kind]} for kind in KINDS]}}
    goes_with = {"dependentSchemas": {"with": {"anyOf": [{"required": ["workflow"]}, no_kind]}}}
    return {**goes_with, **(_ONE_KIND.schema(definitions) if definitions.complete else {})}


TASK = RecordOf(Task, "a task", Rule(_check_task, _task_schema))


class Schedule(Record):
    """Runs at fixed times."""

    cron: str = key(CRON, "When, in cron's five fields.", required=True, default="")
    timezone: str = key(TIME_ZONE, "Time zone of the schedule.", default="Etc/UTC")
    concurrency: str = key(
        Choice("forbid", "allow", "replace"),
        "What happens when a run is still going; the workflow's by default, else `forbid`.",
        default="",
    )
    with_: Mapping[str, Node] = key(MapOf(DATA, "`with`"), "Values of the inputs.", name="with", factory=dict)


SCHEDULE = RecordOf(Schedule, "a schedule")


class Install(Record):
    """A run with helm install and upgrade."""

    with_: Mapping[str, Node] = key(MapOf(DATA, "`with`"), "Values of the inputs.", name="with", factory=dict)
    wait: bool = key(BOOLEAN, "Helm waits for the run, and fails with it.", default=False)
    when: str = key(
        Choice("after", "before"),
        "After the services are installed; or before, as for migrations: Helm then always waits.",
        default="after",
    )


def _check_install(install: Install, reading: Reading) -> None:
    if install.when == "before" and install.has("wait") and not install.wait:
        message = "Helm always waits for a run before the installation"
        hint = "remove `wait`, or start the run after it"
        reading.diagnostics.add(codes.EXCLUSIVE, message, install.key_span("wait"), hint=hint)


def _install_schema(_: Definitions) -> JsonSchema:
    unwaited = {"required": ["when", "wait"], "properties": {"when": {"const": "before"}, "wait": {"const": False}}}
    return {"not": unwaited}


INSTALL = RecordOf(Install, "`install`", Rule(_check_install, _install_schema))


class Triggers(Record):
    """What starts a run."""

    schedules: tuple[Schedule, ...] = key(
        ListOf(SCHEDULE, single=True, least=1),
        "Fixed times: one schedule, or a list of them.",
        name="schedule",
        default=(),
    )
    install: Install | None = key(INSTALL, "helm install and upgrade.")
    event: object = key(DATA, "An event.", later="start runs by `kubectl create job --from=cronjob/…`")
    manual: bool = key(BOOLEAN, "People may start runs.", default=True)

    @property
    def named_schedules(self) -> dict[str, Schedule]:
        """The schedules by the name of their trigger: `schedule`, or `schedule-1`, `schedule-2`… for several."""
        if len(self.schedules) == 1:
            return {"schedule": self.schedules[0]}
        return {f"schedule-{number}": each for number, each in enumerate(self.schedules, start=1)}


TRIGGERS = RecordOf(Triggers, "`triggers`")


class Keep(Record):
    """How many ended runs stay to be looked at."""

    success: int = key(IntegerShape(0, 100), "Succeeded runs.", default=3)
    failure: int = key(IntegerShape(0, 100), "Failed runs.", default=3)


_TASKS = MapOf(TASK, "`tasks`", name_key, least=1)


class Workflow(Record):
    """Tasks, and the order and conditions between them."""

    description: str = key(TEXT, "What it is for.", default="")
    inputs: Mapping[str, Input] = key(
        MapOf(INPUT, "`inputs`", variable_key),
        "Values that a run is started with.",
        factory=dict,
    )
    outputs: Mapping[str, WorkflowOutput] = key(
        MapOf(RecordOf(WorkflowOutput, "an output"), "`outputs`", variable_key),
        "Values that a run gives.",
        factory=dict,
    )
    triggers: Triggers | None = key(TRIGGERS, "What starts a run.")
    concurrency: str = key(Choice("forbid", "allow", "replace"), "What happens when a run is still going.", default="")
    parallelism: int | None = key(POSITIVE, "How many pods run at once; 20 by default.")
    timeout: Duration | None = key(DURATION, "How long a run may take; 24h by default.")
    keep: Keep | None = key(RecordOf(Keep, "`keep`"), "How many ended runs stay.")
    tasks: Mapping[str, Task] = key(_TASKS, "The tasks by name.", required=True, factory=dict)
    on_exit: Mapping[str, Task] = key(
        MapOf(TASK, "`on_exit`", name_key), "Tasks that run at the end, whatever happened.", factory=dict
    )
    accept: Mapping[str, str] = key(ACCEPT, "Findings that are accepted here, each with a reason.", factory=dict)


WORKFLOW = RecordOf(Workflow, "a workflow")
