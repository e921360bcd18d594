"""The chart between lower and emit: what will be written, still as data.

Input: what `lower` makes of a System. Output: the types that `emit` prints to a :data:`FileSet`, and by which a finding
on a rendered object is led back to the user's spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from generator.chart.nodes import Condition, Include, Tree
from generator.chart.values import Environment, Values
from generator.diagnostics import Span
from generator.records import dataclass

CARD = "Chart.yaml"
MONITORING_API = "monitoring.coreos.com/v1"
GATEWAY_API = "gateway.networking.k8s.io/v1"

# Path inside the chart (`templates/reception/deployment.yaml`) → content.
FileSet: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True)
class Maintainer:
    """One entry of Chart.yaml's `maintainers`."""

    name: str
    email: str = ""
    url: str = ""


@dataclass(frozen=True)
class Dependency:
    """One entry of Chart.yaml's `dependencies`; what is empty is left out there."""

    name: str
    version: str
    span: Span
    repository: str = ""
    condition: str = ""
    alias: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metadata:
    """What Chart.yaml says."""

    name: str
    version: str
    app_version: str = ""
    description: str = ""
    maintainers: tuple[Maintainer, ...] = ()
    home: str = ""
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    icon: str = ""
    kube_version: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where an object came from.

    `span` stands for all of it; `parts` for what is inside, by its path (`spec.template.spec.containers[0].env[2]`).
    """

    span: Span
    parts: Mapping[str, Span] = field(default_factory=dict)

    def find(self, path: str) -> Span:
        """The span of the longest known prefix of an object path; without one, that of the whole object."""
        best = max((prefix for prefix in self.parts if _is_prefix(prefix, path)), key=len, default="")
        return self.parts[best] if best else self.span


@dataclass(frozen=True)
class Alias:
    """A short name for a part of the values in one template: `$service` for `.Values.services.reception`."""

    name: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """One Kubernetes object. It is there only when `condition` holds (None: always)."""

    path: str
    tree: Mapping[str, Tree]
    origin: Origin
    condition: Condition | None = None
    alias: Alias | None = None


@dataclass(frozen=True)
class Entrance:
    """Where a person reaches a service from outside, for NOTES.txt.

    `via` is as in the spec. An ingress or gateway has `path`, and `values`: the place of its values.
    """

    service: str
    name: str | Include
    via: str
    path: str = ""
    values: tuple[str, ...] = ()
    port: int = 0


@dataclass(frozen=True)
class ScheduleNote:
    """A schedule: the object that starts its runs, its place in the values, its words (none: off but elsewhere)."""

    launcher: Include
    values: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True)
class Fact:
    """One line of a workflow's table in the README: an input, a task or an output."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class WorkflowNote:
    """What NOTES.txt and the README say of a workflow: `launcher` is the object that new runs are made from.

    `required` are the inputs that whoever starts a run must give, unless a trigger gives them (`has_inputs`).
    `schedules` are those that it has in any environment; `manual` says whether people may start runs; `facts` are its
    inputs, tasks and outputs, `forecast` is what estimates tell of a run. `questions` are the annotations by which
    people answer its runs.
    """

    name: str
    description: str
    launcher: Include
    launcher_kind: str
    inputs: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    has_inputs: bool = True
    schedules: tuple[ScheduleNote, ...] = ()
    facts: tuple[Fact, ...] = ()
    forecast: str = ""
    manual: bool = True
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Requirement:
    """What the cluster must have: `api` (`monitoring.coreos.com/v1`), for what, and the value that does without it.

    `off`: the chart does without it unless it is told otherwise.
    """

    api: str
    purpose: str
    switch: str
    off: bool = False


@dataclass(frozen=True)
class Guide:
    """What the chart's text files tell a person."""

    entrances: tuple[Entrance, ...] = ()
    workflows: tuple[WorkflowNote, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    lasting: tuple[str, ...] = ()  # services whose volumes outlive the release
    has_dashboards: bool = False
    scraped: bool = False  # whether Prometheus reads a service's metrics


@dataclass(frozen=True)
class Chart:
    """One chart. `files` are those that templates read with `.Files.Get`; all paths are relative to the chart."""

    metadata: Metadata
    values: Values
    templates: tuple[Template, ...]
    files: FileSet = field(default_factory=dict)
    environments: tuple[Environment, ...] = ()
    guide: Guide = Guide()

    @property
    def origins(self) -> Origins:
        """The way back from rendered objects to the spec."""
        found = {template.path: template.origin for template in self.templates}
        charts = {f"dependencies.{each.name}": each.span for each in reversed(self.metadata.dependencies)}
        if charts:
            found[CARD] = Origin(self.metadata.dependencies[0].span, charts)
        return Origins(found)


@dataclass(frozen=True)
class Origins:
    """For each template of the chart, where its object came from."""

    templates: Mapping[str, Origin]

    def find(self, template: str, path: str = "") -> Span | None:
        """The user's line for a path of the object that a template makes; None: it is not the user's."""
        origin = self.templates.get(template)
        return origin.find(path) if origin else None


def _is_prefix(prefix: str, path: str) -> bool:
    return path == prefix or (path.startswith(prefix) and path[len(prefix)] in ".[")
