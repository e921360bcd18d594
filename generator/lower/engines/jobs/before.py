"""The run before an installation (`install: {when: before}`): the hook, and all that it needs.

Stage: lower. Helm makes the objects of a chart after its pre-install and pre-upgrade hooks. A run at that time can
stand on nothing that the chart brings: at the first installation nothing is there, at an upgrade it is of the old
version. So everything that the run needs is there twice: as an object of the release, and under another name as a hook
that comes before the run and goes with its success. The hook's Job is itself the run, so Helm waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from generator.chart.model import Origin, Template
from generator.chart.nodes import If, Include, Merge, Tree
from generator.lower.chartwide import default_policy
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.engines.jobs.launcher import TRIGGER, noted_exemptions, run_spec
from generator.lower.engines.jobs.runner import WORKFLOW_LABEL, runner_config_map
from generator.lower.engines.jobs.schedules import launcher_name
from generator.lower.engines.jobs.sql import client_config_map
from generator.lower.engines.jobs.starter import LOGS_OF_FAILURES
from generator.lower.resources.serviceaccount import CREATED, service_accounts
from generator.records import dataclass
from generator.resolve.model import Workflow

_SUFFIX = "before"
_FOLDER = "templates/workflows"
_STAY_SECONDS = 3600
_HOOK, _EVENTS = "helm.sh/hook", "pre-install,pre-upgrade"
_PASSING = {"helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded"}
# Helm takes hooks by weight; of one weight, CronJobs would come after Jobs. When a run fails, Helm 3 leaves the hooks
# before it behind; as hooks of the removal, too, they are taken away then at the latest.
_FIRST = {_HOOK: f"{_EVENTS},post-delete", **_PASSING, "helm.sh/hook-weight": "-5"}
_THEN = {_HOOK: _EVENTS, **_PASSING, "helm.sh/hook-weight": "0", **LOGS_OF_FAILURES}


def run_before(
    context: Context, workflow: Workflow, own: Sequence[Template], tasks_of: Callable[[Workflow], Sequence[Template]]
) -> list[Template]:
    """The hooks of a workflow that runs before installations; none for another one.

    `own` are the objects of its runner; `tasks_of` gives those of a workflow's tasks, of it or of one that it reuses.
    """
    if not _runs_before(workflow):
        return []
    programs = [runner_config_map(context), *client_config_map(context)]
    tasks = {each.name: tasks_of(each) for each in workflow.with_reused()}
    all_tasks = [each for objects in tasks.values() for each in objects]
    components = frozenset(_component(template) for template in (*programs, *own, *all_tasks))
    copies = _Copies(components, launcher_name(context, workflow))
    earlier = [each for _, each in sorted(context.system.workflows.items()) if _runs_before(each)]
    earlier = earlier[: earlier.index(workflow)]
    taken = {each.name for other in earlier for each in other.with_reused()}
    copied = [*own, *(each for name, objects in tasks.items() if name not in taken for each in objects)]
    found = [_hook(copies.of(each), _beside(each.path)) for each in copied]
    if not earlier:
        found += [_hook(copies.of(each), f"{_FOLDER}/before-{each.path.rpartition('/')[2]}") for each in programs]
        found.append(_hook(default_policy(context, context.name(_SUFFIX)), f"{_FOLDER}/before-networkpolicy.yaml"))
    services = _services(workflow) - {name for other in earlier for name in _services(other)}
    found += [_hook(each, path) for service in sorted(services) for path, each in _accounts(context, service)]
    return [*found, _job(context, workflow, copies)]


def _job(context: Context, workflow: Workflow, copies: _Copies) -> Template:
    """The hook that is the run itself."""
    noted: dict[str, Tree] = {**_THEN, TRIGGER: "install", **noted_exemptions(workflow)}
    labels: dict[str, Tree] = {WORKFLOW_LABEL: workflow.name}
    spec = cast("Mapping[str, Tree]", copies.tree(run_spec(context, workflow)))
    job: dict[str, Tree] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": context.metadata(f"{workflow.name}-{_SUFFIX}", labels=labels, annotations=noted),
        "spec": {**spec, "ttlSecondsAfterFinished": _STAY_SECONDS},
    }
    origin = Origin(workflow.spec.span("triggers", "install"))
    return Template(f"{_FOLDER}/{workflow.name}/before/job.yaml", job, origin)


def _runs_before(workflow: Workflow) -> bool:
    triggers = workflow.spec.triggers
    return bool(triggers and triggers.install and triggers.install.when == "before")


def _services(workflow: Workflow) -> set[str]:
    """The services that tasks run as: theirs are the accounts."""
    containers = [task.container for each in workflow.with_reused() for task in each.all_tasks()]
    return {container.service for container in containers if container and container.service}


def _accounts(context: Context, service: str) -> Iterator[tuple[str, Template]]:
    """A service's account and rights."""
    copies = _Copies(frozenset({service}))
    for template in service_accounts(context, Component.of(context, context.system.services[service])):
        kind = str(template.tree["kind"]).lower()
        yield f"{_FOLDER}/before-{service}-{kind}.yaml", copies.of(template)


def _beside(path: str) -> str:
    """`templates/workflows/close/role.yaml` → `templates/workflows/close/before/role.yaml`."""
    workflow, _, rest = path.removeprefix(f"{_FOLDER}/").partition("/")
    return f"{_FOLDER}/{workflow}/before/{rest}"


def _component(template: Template) -> str:
    name = cast("Mapping[str, Tree]", template.tree["metadata"])["name"]
    return str(cast("Include", name).arguments[1])


def _hook(template: Template, path: str) -> Template:
    metadata = dict(cast("Mapping[str, Tree]", template.tree["metadata"]))
    noted = metadata["annotations"]
    noted = noted.then if isinstance(noted, If) else noted
    parts = noted.parts if isinstance(noted, Merge) else (noted,)
    metadata["annotations"] = Merge((_FIRST, *parts))
    return replace(template, path=path, tree={**template.tree, "metadata": metadata})


@dataclass(frozen=True)
class _Copies:
    """Objects under another name: that of their component, with a suffix. `kept` is a name that stays."""

    components: frozenset[str]
    kept: Include | None = None

    def of(self, template: Template) -> Template:
        """The copy of one object."""
        return replace(template, tree=cast("Mapping[str, Tree]", self.tree(template.tree)))

    def tree(self, tree: Any) -> Any:
        """The same tree with the other names in it."""
        if isinstance(tree, Include):
            return self._renamed(tree)
        if isinstance(tree, Mapping):
            return {key: _account(value) if _names_account(key, tree) else self.tree(value)
                    for key, value in tree.items()}  # fmt: skip
        if isinstance(tree, (list, tuple)):
            return type(tree)(self.tree(item) for item in tree)
        if is_dataclass(tree) and not isinstance(tree, type):
            return replace(tree, **{each.name: self.tree(getattr(tree, each.name)) for each in fields(tree)})
        return tree

    def _renamed(self, name: Include) -> Include:
        component = name.arguments[1] if len(name.arguments) > 1 else ""
        return _suffixed(name) if component in self.components and name != self.kept else name


def _names_account(key: str, tree: Mapping[str, Any]) -> bool:
    return key == "serviceAccountName" or (key == "name" and tree.get("kind") == "ServiceAccount")


def _account(name: Include) -> Tree:
    """An account that the chart does not make has no copy."""
    return If(CREATED, _suffixed(name), name)


def _suffixed(name: Include) -> Include:
    root, component, *rest = name.arguments
    return replace(name, arguments=(root, f"{component}-{_SUFFIX}", *rest))
