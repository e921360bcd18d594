"""Stage resolve: which workflow each task reuses, and that none comes back to itself (language rule 8).

Input: the spec with the libraries it imports. Output: the callee of each task; what has none, because its name is wrong
or it would lead into itself, is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import pairwise
from typing import TypeAlias

from generator.diagnostics import Diagnostics, Note, Span
from generator.records import dataclass
from generator.resolve.imports import Home
from generator.resolve.libraries import report_services
from generator.resolve.merging import names_of
from generator.resolve.reuse_codes import RECURSION, TOO_MUCH, UNKNOWN_IMPORT, UNKNOWN_WORKFLOW
from generator.spec.suggestions import did_you_mean
from generator.spec.workflow import Task

MAX_DEPTH = 20
"""Levels of workflows in one run."""

MAX_TASKS = 5_000
"""Tasks in one run, those of reused workflows included."""

MAX_ALL = 20_000
"""Tasks of all workflows of a spec, those of reused workflows counted as often as they are reused."""

_MOST_CHAINS = 20
_LONGEST = 30
"""Links of a chain that are shown; people write none as long."""


Key: TypeAlias = tuple[str, str]
"""A workflow: the prefix of its home, and its name."""


@dataclass(frozen=True)
class Target:
    """A workflow of a home."""

    home: Home
    workflow: str

    @property
    def key(self) -> Key:
        """What tells it apart from every other workflow."""
        return (self.home.prefix, self.workflow)

    @property
    def name(self) -> str:
        """What it is called in the chart."""
        return "-".join(filter(None, self.key))

    @property
    def shown(self) -> str:
        """What it is called in messages, as a task names it."""
        return ".".join(filter(None, self.key))


@dataclass(frozen=True)
class _Use:
    """A task that reuses a workflow."""

    target: Target
    span: Span


@dataclass
class _Node:
    """A workflow on the walk: what its tasks use, and what was found below; `cut` when that grows too large."""

    target: Target
    uses: dict[str, _Use]
    depth: int = 1
    size: int = 0
    cut: bool = False


@dataclass
class Reuse:
    """The callees of all workflows that can be reached from a spec."""

    root: Home
    diagnostics: Diagnostics
    _nodes: dict[Key, _Node] = field(default_factory=dict)
    _unsound: dict[Key, bool] = field(default_factory=dict)
    _chains: int = 0
    _is_full: bool = False

    def __post_init__(self) -> None:
        total = 0
        for name in self.root.spec.workflows:
            target = Target(self.root, name)
            self._walk(target)
            node = self._nodes[target.key]
            total += node.size
            if total > MAX_ALL and node.uses:
                self._cut(node)

    def _cut(self, node: _Node) -> None:
        """Let a workflow reuse nothing, because all workflows together grow too large; said once."""
        if not self._is_full:
            message = f"with all that they reuse, the workflows have more than {MAX_ALL} tasks together"
            hint = "split the spec, or reuse less"
            self.diagnostics.add(TOO_MUCH, message, next(iter(node.uses.values())).span, hint=hint)
        self._is_full = True
        node.uses.clear()

    def target(self, caller: Key, task: str) -> Target | None:
        """What a task reuses; None after a mistake."""
        use = self._nodes[caller].uses.get(task)
        return use.target if use else None

    def _walk(self, start: Target) -> None:
        """Visit all that can be reached, the deepest first; without recursion, because files may nest for ever."""
        if start.key in self._nodes:
            return
        path: dict[Key, tuple[_Node, Iterator[tuple[str, _Use]]]] = {}
        self._open(start, path)
        while path:
            node, waiting = next(reversed(path.values()))
            task, use = next(waiting, ("", None))
            if use is None:
                del path[node.target.key]
                self._close(node)
            elif use.target.key in path:
                on_path = list(path)
                self._report_chain([self._nodes[key] for key in on_path[on_path.index(use.target.key) :]], use)
                del node.uses[task]
            elif use.target.key not in self._nodes:
                self._open(use.target, path)

    def _open(self, target: Target, path: dict[Key, tuple[_Node, Iterator[tuple[str, _Use]]]]) -> None:
        node = _Node(target, dict(self._uses(target)))
        self._nodes[target.key] = node
        path[target.key] = (node, iter(tuple(node.uses.items())))

    def _close(self, node: _Node) -> None:
        """Depth and size, from what was found below; what grows too large is cut off here, and reported once."""
        workflow = node.target.home.spec.workflows[node.target.workflow]
        node.size = len(workflow.tasks) + len(workflow.on_exit)
        for task, use in tuple(node.uses.items()):
            below, message = self._nodes[use.target.key], ""
            if below.depth >= MAX_DEPTH:
                message = f"workflows are nested deeper than {MAX_DEPTH} levels"
            elif node.size + below.size > MAX_TASKS:
                message = f"with all that it reuses, `{node.target.shown}` has more than {MAX_TASKS} tasks"
            if message:
                self.diagnostics.add(TOO_MUCH, message, use.span, hint="split it into workflows that run on their own")
            if message or below.cut:
                node.cut = True
                del node.uses[task]
                continue
            node.depth, node.size = max(node.depth, below.depth + 1), node.size + below.size

    def _report_chain(self, nodes: list[_Node], last: _Use) -> None:
        """One finding for a whole chain: where it closes, with a note at each of its other links.

        What else leads into it is left out in silence.
        """
        for node in nodes:
            node.cut = True
        self._chains += 1
        if self._chains > _MOST_CHAINS:
            return
        names = [node.target.shown for node in nodes]
        links = [
            next(use for use in node.uses.values() if use.target.key == following.target.key)
            for node, following in pairwise(nodes)
        ]
        notes = tuple(
            Note(f"{name} reuses {use.target.shown} here", use.span) for name, use in zip(names, links, strict=False)
        )
        shown = names if len(names) <= _LONGEST else [*names[: _LONGEST // 2], "…", *names[-_LONGEST // 2 :]]
        message = f"workflows reuse each other: {' → '.join((*shown, names[0]))}"
        self.diagnostics.add(RECURSION, message, last.span, hint="remove one of these tasks", notes=notes[:_LONGEST])

    def _uses(self, caller: Target) -> Iterator[tuple[str, _Use]]:
        workflow = caller.home.spec.workflows[caller.workflow]
        for name, task in {**workflow.on_exit, **workflow.tasks}.items():
            if task.kind == "workflow" and task.workflow:
                target = self._named(caller.home, task)
                if target is not None:
                    yield name, _Use(target, task.span("workflow"))

    def _named(self, caller: Home, task: Task) -> Target | None:
        """The workflow that a task names, in its own file or in a library."""
        alias, dot, name = task.workflow.rpartition(".")
        home: Home | None = caller
        if dot:
            home = self._imported(caller, alias, task)
        if home is None:
            return None
        workflows = home.spec.workflows
        if name in workflows:
            target = Target(home, name)
            return target if self._is_sound(target) else None
        if name in names_of(home.spec.node.get("workflows")):
            return None  # there is one, and what is wrong with it has been reported
        where = f"`{alias}` has no workflow" if dot else "there is no workflow"
        guess = did_you_mean(name, workflows)
        elsewhere = (
            [] if dot else [each for each, below in caller.imports.items() if below and name in below.spec.workflows]
        )
        if elsewhere:
            alias, dot, guess = elsewhere[0], ".", name
        hint = f"did you mean `{alias}{dot}{guess}`?" if guess else _listed(workflows, f"{alias}{dot}")
        self.diagnostics.add(UNKNOWN_WORKFLOW, f"{where} `{name}`", task.span("workflow"), hint=hint)
        return None

    def _imported(self, caller: Home, alias: str, task: Task) -> Home | None:
        """The library of an alias; None when there is none, or it could not be read."""
        if alias in caller.imports:
            return caller.imports[alias]
        if alias not in names_of(caller.spec.node.get("imports")):
            guess = did_you_mean(alias, caller.imports)
            hint = f"did you mean `{guess}`?" if guess else f"add it: imports: {{{alias}: <path>}}"
            self.diagnostics.add(UNKNOWN_IMPORT, f"there is no import `{alias}`", task.span("workflow"), hint=hint)
        return None

    def _is_sound(self, target: Target) -> bool:
        """Whether a library's workflow names no services of its own."""
        if not target.home.is_library:
            return True
        if target.key not in self._unsound:
            workflow = target.home.spec.workflows[target.workflow]
            self._unsound[target.key] = report_services(workflow, self.diagnostics)
        return not self._unsound[target.key]


def _listed(workflows: Mapping[str, object], before: str) -> str:
    names = [f"{before}{name}" for name in workflows]
    return f"the workflows are {', '.join(names)}" if 0 < len(names) <= 12 else ""
