"""What an engine makes of a workflow. Stage: lower; the contract between `lowering` and `engines/<engine>.py`."""

from __future__ import annotations

from typing import Protocol

from generator.chart.model import Requirement, Template, WorkflowNote
from generator.lower.context import Context
from generator.records import dataclass
from generator.resolve.model import Workflow


@dataclass(frozen=True)
class LoweredWorkflow:
    """A workflow's objects, what NOTES.txt says of it if it can be started, and what the cluster must have for it."""

    templates: tuple[Template, ...]
    note: WorkflowNote | None = None
    requirements: tuple[Requirement, ...] = ()


class Engine(Protocol):
    """What runs the graphs of tasks."""

    @property
    def name(self) -> str:
        """What a spec says under `engine:`."""
        ...

    def lower(self, context: Context, workflow: Workflow) -> LoweredWorkflow:
        """The workflow's objects; its values and files are declared on the context."""
        ...
