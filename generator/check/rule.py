"""Stage check: what a rule is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from generator.diagnostics import Code, Note, Span
from generator.graph import SystemGraph
from generator.records import dataclass
from generator.resolve.model import System, Task, Workflow


@dataclass(frozen=True)
class Subject:
    """What is checked: a system, which may be that of an environment, and its graph."""

    system: System
    graph: SystemGraph

    def tasks(self) -> Iterator[tuple[Workflow, Task]]:
        """Every task, those of on_exit included, with its workflow."""
        for workflow in self.system.workflows.values():
            for task in workflow.all_tasks():
                yield workflow, task


@dataclass(frozen=True)
class Finding:
    """One mistake. `owner` is the part of the spec whose `accept` may let it pass.

    It is () for the whole spec, ("services", name), ("workflows", name) or ("workflows", name, task). `masked`: a
    secret stands at `span`, and no report may show it.
    """

    code: Code
    message: str
    span: Span
    hint: str = ""
    notes: tuple[Note, ...] = ()
    owner: tuple[str, ...] = ()
    masked: bool = False


Rule: TypeAlias = Callable[[Subject], Iterable[Finding]]
