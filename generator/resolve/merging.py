"""Defaults and templates, merged as nodes so that every part keeps its place (rulings L09)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from generator.diagnostics import Diagnostics, Note
from generator.resolve import codes
from generator.spec.model import Spec
from generator.spec.service import Service
from generator.spec.shapes import keys_of
from generator.spec.suggestions import did_you_mean
from generator.spec.workflow import Task
from generator.yamlio.nodes import EMPTY, Entry, MappingNode, Node, ScalarNode, merged, only

SERVICE_KEYS = frozenset(keys_of(Service))
TASK_KEYS = frozenset(keys_of(Task))
CONTAINER_KEYS = frozenset(
    {"resources", "env", "files", "account", "security", "placement", "patches", "calls", "services"}
)
"""Keys of a task that mean something only where it has a container of its own (rulings C30)."""

SENSELESS: Mapping[str, Mapping[str, str]] = {
    "run": {"isolate": "it has a pod of its own already"},
    "call": {"services": "its requests name the services"},
    "workflow": {"isolate": "its tasks have the pods that they need"},
    "approve": {"retry": "nobody is asked twice", "isolate": "no pod is needed to wait for an answer"},
    "wait": {"retry": "there is nothing to try again", "outputs": "a wait gives none"},
}
"""Keys of a task that mean nothing for its kind, and why (rulings C30, M10, S25)."""

ISOLATED_KINDS = ("call", "wait")
"""Kinds of tasks that work in the run's pod, and may be given one of their own."""


def defaults_for(spec: Spec, keys: Collection[str]) -> MappingNode:
    """The part of `defaults` that has one of the keys."""
    return only(spec.defaults or EMPTY, keys)


def merged_service(spec: Spec, name: str, diagnostics: Diagnostics) -> MappingNode:
    """A service's node on its templates and the defaults; unknown templates and cycles are reported."""
    own = spec.services[name].node
    base: Node = defaults_for(spec, SERVICE_KEYS)
    for template in reversed(_templates(spec, spec.services[name], diagnostics)):
        base = merged(base, only(template.node, SERVICE_KEYS - {"extends"}))
    result = merged(base, own)
    assert isinstance(result, MappingNode)
    return result


def _templates(spec: Spec, start: Service, diagnostics: Diagnostics) -> list[Service]:
    """The templates that a service takes over, the nearest first."""
    chain: list[Service] = []
    seen: list[str] = []
    current = start
    while current.extends:
        name, span = current.extends, current.span("extends")
        if name in seen:
            cycle = " → ".join([*seen[seen.index(name) :], name])
            notes = tuple(Note(f"{each} extends another here", spec.templates[each].span("extends")) for each in seen)
            first = spec.templates[name].span("extends")
            diagnostics.add(codes.TEMPLATE_CYCLE, f"templates extend each other: {cycle}", first, notes=notes[1:])
            break
        if name not in spec.templates:
            guess = did_you_mean(name, spec.templates)
            hint = f"did you mean `{guess}`?" if guess else "add it under `templates:`"
            diagnostics.add(codes.UNKNOWN_TEMPLATE, f"there is no template `{name}`", span, hint=hint)
            break
        seen.append(name)
        current = spec.templates[name]
        chain.append(current)
    return chain


def merged_task(spec: Spec, task: Task) -> MappingNode:
    """A task's node on the defaults that make sense for its kind; the others are left out in silence.

    A wait is as long as it says: a time-out for all tasks is not meant for it.
    """
    isolated = _is_isolated(spec, task)
    keys = TASK_KEYS - senseless_keys(task, isolated) - ({"timeout"} if task.kind == "wait" else frozenset())
    result = merged(defaults_for(spec, keys), task.node)
    assert isinstance(result, MappingNode)
    return result


def senseless_keys(task: Task, isolated: bool) -> frozenset[str]:
    """The keys that mean nothing on a task of its kind, which may be `isolated`."""
    senseless = frozenset(SENSELESS.get(task.kind, ()))
    return senseless if task.kind == "run" or isolated else senseless | CONTAINER_KEYS


def _is_isolated(spec: Spec, task: Task) -> bool:
    """Whether it is given a pod of its own, by itself or by the defaults."""
    written = task.node.get("isolate") or (spec.defaults or EMPTY).get("isolate")
    return task.kind in ISOLATED_KINDS and isinstance(written, ScalarNode) and written.value is True


def entries_of(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a mapping node; nothing for any other."""
    return node.entries if isinstance(node, MappingNode) else ()
