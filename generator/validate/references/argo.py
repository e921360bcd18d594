"""Workflows of Argo: the templates that they, their steps and their tasks name, and the tasks that tasks wait for.

No schema has made sure of types here, as their definitions mostly say nothing of them.
Source: Argo Workflows, workflow/validate/validate.go, workflow/common/ancestry.go.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from generator.diagnostics import Code
from generator.kube.workloads import value_at
from generator.manifest import Manifest, Path
from generator.regexes import regex
from generator.validate.model import Data, Problem, Related
from generator.validate.references import codes
from generator.validate.references.lookups import is_name, mappings, names
from generator.validate.world import Item, World

Findings = Iterator[tuple[Manifest, Problem]]

_SPECS: Final[tuple[tuple[str, Path], ...]] = (
    ("argoproj.io/Workflow", ("spec",)),
    ("argoproj.io/WorkflowTemplate", ("spec",)),
    ("argoproj.io/ClusterWorkflowTemplate", ("spec",)),
    ("argoproj.io/CronWorkflow", ("spec", "workflowSpec")),
)
_CALLS: Final = ("templates[].dag.tasks[]", "templates[].steps[][]")
_TASK: Final = regex(
    r"([A-Za-z0-9_][-A-Za-z0-9_]*)(?:\.(?:Succeeded|Failed|Errored|Skipped|Omitted|Daemoned|AnySucceeded|AllFailed))?"
)


def workflows(world: World) -> Findings:
    """All that is named in a workflow is in it, or in the template that is named."""
    for kind, place in _SPECS:
        for item in world.of_kind(kind):
            spec = value_at(item.data, tuple(str(step) for step in place))
            if isinstance(spec, Mapping):
                yield from _templates(item, spec, place, world)
                yield from _tasks(item, spec, place)


def _templates(item: Item, spec: Data, place: Path, world: World) -> Findings:
    own = list(_names(spec))
    elsewhere = spec.get("workflowTemplateRef")
    if isinstance(elsewhere, Mapping):  # its templates, entrypoint and hooks count as well
        found = _template_of(elsewhere, item, world)
        known = None if found is None else [*own, *_names(found.data.get("spec"))]
    else:
        known = own
    for path in ("entrypoint", "onExit", "hooks.{}.template"):
        for where, name in _written(spec, path, place):
            if known is not None and name not in known:
                yield (
                    item.manifest,
                    _missing(codes.NO_TEMPLATE, f'{item} → there is no template "{name}"', where, name, known),
                )
    for call in _CALLS:
        for where, step in mappings(spec, call, place):
            yield from _called(item, step, where, known, world)


def _written(spec: Data, path: str, place: Path) -> Iterator[tuple[Path, str]]:
    """Names at a path, in which `{}` stands for each value of a mapping."""
    before, _, after = path.partition(".{}.")
    if not after:
        yield from names(spec, path, place)
        return
    for where, found in mappings(spec, before, place):
        for key, inner in found.items():
            yield from names(inner, after, (*where, key))


def _called(item: Item, step: Data, where: Path, known: list[str] | None, world: World) -> Findings:
    name, reference = step.get("template"), step.get("templateRef")
    shown = f'{item} → {_kind(where)} "{step.get("name", "")}"'
    if isinstance(name, str) and is_name(name) and known is not None and name not in known:
        yield (
            item.manifest,
            _missing(codes.NO_TEMPLATE, f'{shown} → there is no template "{name}"', (*where, "template"), name, known),
        )
    if not isinstance(reference, Mapping):
        return
    target, wanted = _template_of(reference, item, world), reference.get("template")
    there = list(_names(target.data.get("spec"))) if target else []
    if target and isinstance(wanted, str) and is_name(wanted) and wanted not in there:
        related = Related(f"{target} is here", target.manifest, ("spec", "templates"))
        message = f'{shown} → {target} has no template "{wanted}"'
        path = (*where, "templateRef", "template")
        yield item.manifest, _missing(codes.NO_TEMPLATE, message, path, wanted, there, (related,))


def _kind(where: Path) -> str:
    return "task" if "dag" in where else "step"


def _template_of(reference: Data, item: Item, world: World) -> Item | None:
    """The object that a reference names; None when it is not in the chart."""
    name = str(reference.get("name") or "")
    if reference.get("clusterScope"):
        return world.find("argoproj.io/ClusterWorkflowTemplate", name)
    return world.find("argoproj.io/WorkflowTemplate", name, item.namespace)


def _names(spec: Any) -> Iterator[str]:
    """The names of the templates that a spec holds."""
    for _, template in mappings(spec, "templates[]"):
        if isinstance(template.get("name"), str):
            yield template["name"]


def _tasks(item: Item, spec: Data, place: Path) -> Findings:
    """Tasks wait for tasks of their own DAG."""
    for path, dag in mappings(spec, "templates[].dag", place):
        known = [name for _, name in names(dag, "tasks[].name")]
        for where, task in mappings(dag, "tasks[]", path):
            for place_of, name in _waits(task, where):
                if name not in known:
                    message = f'{item} → task "{task.get("name", "")}" waits for "{name}", which is no task of its DAG'
                    yield item.manifest, _missing(codes.NO_TASK, message, place_of, name, known)
        if isinstance(dag.get("target"), str):
            for name in dag["target"].split():
                if is_name(name) and name not in known:
                    message = f'{item} → the target "{name}" is no task of its DAG'
                    yield item.manifest, _missing(codes.NO_TASK, message, (*path, "target"), name, known)


def _waits(task: Data, where: Path) -> Iterator[tuple[Path, str]]:
    yield from names(task, "dependencies[]", where)
    depends = task.get("depends")
    if isinstance(depends, str) and is_name(depends):
        for name in dict.fromkeys(_TASK.findall(depends)):
            yield (*where, "depends"), name


def _missing(
    code: Code, message: str, path: Path, name: str, known: Iterable[str], related: tuple[Related, ...] = ()
) -> Problem:
    there = sorted(set(known))
    near = difflib.get_close_matches(name, there, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(there)}" if there else ""
    return Problem(code, message, path, hint, related=related)


RULES = (workflows,)
