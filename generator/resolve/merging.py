"""Defaults and templates, merged as nodes so that every part keeps its place (rulings L09)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from generator.diagnostics import Diagnostics, Note, Span
from generator.resolve import codes
from generator.resolve.imports import Home
from generator.resolve.libraries import report_services
from generator.resolve.reuse_codes import UNKNOWN_IMPORT
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
    "sql": {"isolate": "it has a pod of its own already"},
    "call": {"services": "its requests name the services"},
    "workflow": {"isolate": "its tasks have the pods that they need"},
    "approve": {"retry": "nobody is asked twice", "isolate": "no pod is needed to wait for an answer"},
    "wait": {"retry": "there is nothing to try again", "outputs": "a wait gives none"},
}
"""Keys of a task that mean nothing for its kind, and why (rulings C30, M10, S25)."""

POD_KINDS = ("run", "sql")
"""Kinds of tasks that always have a pod of their own."""

ISOLATED_KINDS = ("call", "wait")
"""Kinds of tasks that work in the run's pod, and may be given one of their own."""


def defaults_for(spec: Spec, keys: Collection[str]) -> MappingNode:
    """The part of `defaults` that has one of the keys."""
    return only(spec.defaults or EMPTY, keys)


def merged_service(home: Home, name: str, diagnostics: Diagnostics) -> tuple[MappingNode, bool]:
    """A service's node on its templates and the defaults, and whether all of those could be found."""
    own = home.spec.services[name].node
    base: Node = defaults_for(home.spec, SERVICE_KEYS)
    templates, complete = templates_of(home, home.spec.services[name], diagnostics)
    for template in reversed(templates):
        base = merged(base, only(template.node, SERVICE_KEYS - {"extends"}))
    result = merged(base, own)
    assert isinstance(result, MappingNode)
    return result, complete


def templates_of(home: Home, start: Service, diagnostics: Diagnostics) -> tuple[list[Service], bool]:
    """The templates that a service takes over, the nearest first, and whether these are all.

    Those of a library extend others of that library (rulings S01).
    """
    chain: list[Service] = []
    seen: list[tuple[str, str]] = []
    spans: list[Span] = []
    current = start
    while current.extends:
        span = current.span("extends")
        found = _template(home, current.extends, span, diagnostics)
        if found is None:
            return chain, False
        home, name = found
        if (home.prefix, name) in seen:
            first = seen.index((home.prefix, name))
            links = [(each, place) for (_, each), place in zip(seen[first:], spans[first:], strict=True)]
            start_at = links.index(min(links))  # the same cycle, whoever leads into it
            links = links[start_at:] + links[:start_at]
            notes = tuple(Note(f"{each} extends another here", place) for each, place in links[1:])
            message = f"templates extend each other: {' → '.join([each for each, _ in links] + [links[0][0]])}"
            diagnostics.add(codes.TEMPLATE_CYCLE, message, links[0][1], notes=notes)
            return chain, False
        current = home.spec.templates[name]
        seen.append((home.prefix, name))
        spans.append(current.span("extends"))
        if home.is_library and report_services(current, diagnostics):
            return chain, False
        chain.append(current)
    return chain, True


def _template(home: Home, written: str, span: Span, diagnostics: Diagnostics) -> tuple[Home, str] | None:
    """The file and name of the template that `extends` names; None, after reporting it, when there is none."""
    alias, dot, name = written.rpartition(".")
    if dot:
        if alias not in home.imports:
            if alias not in names_of(home.spec.node.get("imports")):
                guess = did_you_mean(alias, home.imports)
                hint = f"did you mean `{guess}`?" if guess else f"add it: imports: {{{alias}: <path>}}"
                diagnostics.add(UNKNOWN_IMPORT, f"there is no import `{alias}`", span, hint=hint)
            return None
        below = home.imports[alias]
        if below is None:
            return None
        home = below
    if name in home.spec.templates:
        return home, name
    if name not in names_of(home.spec.node.get("templates")):
        where = f"`{alias}` has no template" if dot else "there is no template"
        guess = did_you_mean(name, home.spec.templates)
        hint = f"did you mean `{alias}{dot}{guess}`?" if guess else "add it under `templates:`"
        diagnostics.add(codes.UNKNOWN_TEMPLATE, f"{where} `{name}`", span, hint=hint)
    return None


def names_of(node: Node | None) -> frozenset[str]:
    """The keys of a mapping as they are written, those of wrong entries included."""
    return frozenset(entry.key for entry in entries_of(node))


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
    return senseless if isolated or task.kind in POD_KINDS else senseless | CONTAINER_KEYS


def _is_isolated(spec: Spec, task: Task) -> bool:
    """Whether it is given a pod of its own, by itself or by the defaults."""
    written = task.node.get("isolate") or (spec.defaults or EMPTY).get("isolate")
    return task.kind in ISOLATED_KINDS and isinstance(written, ScalarNode) and written.value is True


def entries_of(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a mapping node; nothing for any other."""
    return node.entries if isinstance(node, MappingNode) else ()
