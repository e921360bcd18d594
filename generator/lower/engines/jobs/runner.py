"""The pod in which the runner works: its image, its program, and what both need.

Stage: lower. The runner's modules are files of the chart (`files/_runner/`, a name that no service has), and come into
the pod as the package `runner` by a ConfigMap that all workflows share.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.chart.model import Origin, Template
from generator.chart.nodes import FileText, Include, Tree
from generator.lower.context import Context, ImageValue
from generator.lower.pods import Pod, Program, Settings, declare_resources, declare_settings
from generator.lower.volumes import Mounts, scratch_mounts
from generator.records import dataclass
from generator.resolve.model import System
from generator.spec.parts import Image, Resources

WORKFLOW_LABEL, TASK_LABEL = "flowhelm.dev/workflow", "flowhelm.dev/task"
CONTAINER = "runner"

_PATH = ("runner",)
_SECTION = "Runner of the workflows"
HOME = "/flowhelm"
COMMAND = ("python3", "-B", "-m", "runner")
_MODULES = "files/_runner/"


@dataclass(frozen=True)
class RunnerValues:
    """What a user of the chart may set for the pods in which runs are carried out."""

    image: ImageValue
    resources: Tree
    settings: Settings


def declare_runner(context: Context) -> RunnerValues:
    """Declare the runner's values, once for all workflows."""
    context.values.group(_PATH, "The pods that carry out the runs; any image with Python 3.9 or later will do.")
    image = Image(repository="python", tag="3.13-slim")
    resources = Resources(cpu="50m", memory="96Mi")
    return RunnerValues(
        image=context.image((*_PATH, "image"), image, _SECTION),
        resources=declare_resources(context, _PATH, _SECTION, resources),
        settings=declare_settings(context, _PATH, _SECTION, None),
    )


def runner_config_map(context: Context) -> Template:
    """The runner itself. Its text is shipped; nothing here imports it."""
    folder = Path(__file__).parents[3] / "runtime"
    modules = sorted(module.name for module in folder.iterdir() if module.name.endswith(".py"))
    for module in modules:
        context.files[_MODULES + module] = folder.joinpath(module).read_bytes()
    data: dict[str, Tree] = {module: FileText(_MODULES + module) for module in modules}
    component = _component(context.system)
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": context.metadata(component),
        "data": data,
    }
    span = context.system.workflows[min(context.system.workflows)].span
    return Template("templates/workflows/runner.yaml", tree, Origin(span))


def runner_pod(
    context: Context, component: str, workflow: str, argument: str, env: Sequence[Tree], mounts: Mounts, grace: int = 0
) -> Pod:
    """A pod of the component that works with the runner's program; `argument` says what it does there."""
    values = declare_runner(context)
    program = Program(
        name=CONTAINER,
        image=values.image,
        command=COMMAND,
        args=[argument],
        workdir=HOME,
        env=env,
        resources=values.resources,
        mounts=program_mounts(context) + mounts + scratch_mounts("", ()),
        extra_mounts=values.settings.mounts,
    )
    return Pod(
        component,
        containers=(program,),
        settings=values.settings,
        token=True,
        restart="Never",
        grace=grace,
        labels={WORKFLOW_LABEL: workflow},
    )


def config_mounts(name: str, config_map: Include, folder: str) -> Mounts:
    """A ConfigMap as a folder of the runner's home."""
    volume: dict[str, Tree] = {"name": name, "configMap": {"name": config_map}}
    mount: dict[str, Tree] = {"name": name, "mountPath": f"{HOME}/{folder}", "readOnly": True}
    return Mounts({name: volume}, (mount,))


def from_field(name: str, path: str) -> Tree:
    """A variable that holds a field of the pod."""
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def free_component(system: System, *candidates: str) -> str:
    """The first of the names that no service, workflow or task has; with an x at its end if all are taken."""
    taken = {*system.services, *system.workflows}
    taken |= {f"{workflow.name}-{task.name}" for workflow in system.workflows.values() for task in workflow.all_tasks()}
    free = [name for name in candidates if name not in taken]
    return free[0] if free else free_component(system, *(f"{name}x" for name in candidates))


def program_mounts(context: Context) -> Mounts:
    """The runner's modules, where its command finds them."""
    return config_mounts("runner", context.name(_component(context.system)), "runner")


def _component(system: System) -> str:
    return free_component(system, "runner", "workflow-runner")
