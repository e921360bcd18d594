"""What a `sql` task executes (rulings C32): the database's own client, with a script of the compiler's that feeds it.

Stage: lower. The scripts and what they read stand in `client/`; they reach the pods by a ConfigMap that all tasks
share, the compiled statement by the task's own. Neither holds a value of a parameter: those are variables of the pod.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Any

from generator.chart.model import Origin, Template
from generator.chart.nodes import FileText, Tree
from generator.lower import network
from generator.lower.context import Context, ImageValue
from generator.lower.engines.jobs.runner import HOME, config_mounts, free_component
from generator.lower.variables import reference
from generator.lower.volumes import Mounts, file_keys
from generator.records import dataclass
from generator.resolve.model import System, Task, Workflow
from generator.resolve.statements import read_statement
from generator.spec.parts import Image
from generator.spec.sql import ENGINES, Sql

_FILES = "files/_sql/"
_SHARED = {"postgres": ("csv.awk",), "mysql": ("dsn.awk", "hex.awk", "xml.awk")}
_IMAGES = {
    "postgres": Image(repository="postgres", tag="17-alpine"),
    "mysql": Image(repository="mysql", tag="8.4"),
}
_NEEDS = {"postgres": "psql 15 or later", "mysql": "mysql or mariadb"}


@dataclass(frozen=True)
class Client:
    """The client of one task: its image, what it executes, and the variables and files that it reads."""

    image: ImageValue
    command: tuple[str, ...]
    env: list[Tree] = field(default_factory=list)
    mounts: Mounts = field(default_factory=Mounts)


def sql_client(context: Context, workflow: Workflow, task: Task) -> Client:
    """The client of a task; its statement becomes a file of the task's ConfigMap."""
    sql = task.spec.sql
    assert sql is not None
    component = network.task_component(workflow, task)
    key = _statement_key(task)
    context.files[f"files/{component}/{key}"] = _compiled(context, workflow, task, sql).encode()
    volume: dict[str, Tree] = {
        "name": "statement",
        "configMap": {"name": context.name(component), "items": [{"key": key, "path": "statement.sql"}]},
    }
    mount: dict[str, Tree] = {"name": "statement", "mountPath": f"{HOME}/statement", "readOnly": True}
    source: Any = reference(sql.dsn) if sql.dsn else {}
    env: list[Tree] = [
        {"name": "FLOWHELM_DSN", "valueFrom": source},
        {"name": "FLOWHELM_STATEMENT", "value": f"{HOME}/statement/statement.sql"},
        {"name": "FLOWHELM_PARAMS", "value": " ".join(sorted(sql.params))},
        {"name": "FLOWHELM_COLUMNS", "value": " ".join(sorted(task.spec.outputs))},
    ]
    scripts = config_mounts("client", context.name(_component(context.system)), "client")
    return Client(
        _image(context, sql.engine),
        ("sh", f"{HOME}/client/{sql.engine}.sh"),
        env,
        scripts + Mounts({"statement": volume}, (mount,)),
    )


def client_config_map(context: Context) -> Iterator[Template]:
    """The scripts of the engines that the chart's statements are for; nothing without statements.

    Their values are declared here, so that the order of tasks in the spec does not reach the chart.
    """
    used = [task.spec.sql for task in _tasks(context.system) if task.spec.sql]
    if not used:
        return
    folder = Path(__file__).parent / "client"
    data: dict[str, Tree] = {}
    for engine in (engine for engine in ENGINES if any(sql.engine == engine for sql in used)):
        _image(context, engine)
        for name in (f"{engine}.sh", *_SHARED[engine]):
            context.files[_FILES + name] = folder.joinpath(name).read_bytes()
            data[name] = FileText(_FILES + name)
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": context.metadata(_component(context.system)),
        "data": data,
    }
    yield Template("templates/workflows/sql-client.yaml", tree, Origin(used[0].node.span))


def _tasks(system: System) -> Iterator[Task]:
    for workflow in system.every_workflow():
        yield from workflow.all_tasks()


def _image(context: Context, engine: str) -> ImageValue:
    path, section = ("sqlClients", engine), "Clients of databases"
    context.values.group(
        path[:1], "The clients that carry out the statements of workflows, one for each kind of database."
    )
    context.values.group(path, f"Any image with sh, awk and {_NEEDS[engine]} will do.")
    return context.image((*path, "image"), _IMAGES[engine], section)


def _compiled(context: Context, workflow: Workflow, task: Task, sql: Sql) -> str:
    text = (context.system.statement(sql) or b"").decode()
    places = {name: (workflow.name, task.name, name) for name in sql.params}
    known = context.system.param_types
    types = {name: known[place] for name, place in places.items() if place in known}
    return read_statement(text, sql.engine).compiled(types, captured=bool(task.spec.outputs))


def _statement_key(task: Task) -> str:
    """The statement's key in the task's ConfigMap: one that no file of the task has."""
    key = "statement.sql"
    while key in file_keys(task.spec.files).values():
        key = f"_{key}"
    return key


def _component(system: System) -> str:
    return free_component(system, "sql-client", "workflow-sql-client")
