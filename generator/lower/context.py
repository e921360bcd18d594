"""What every builder of objects needs: the system, its names and labels, the values, and where findings go.

Stage: lower. The builders of resources and engines take a :class:`Context` and give templates; they change nothing
but the values and files that they declare on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from generator.chart.nodes import AnyOf, If, Include, Join, Kind, Merge, Root, Tree, Value, With
from generator.chart.values import JsonSchema
from generator.diagnostics import Diagnostics, Span
from generator.kube.identifiers import MAX_NAME, camel_case
from generator.lower import codes, schemas, texts
from generator.lower.values import Path, ValuesBuilder
from generator.plan.model import WorkflowPlan
from generator.records import dataclass
from generator.resolve.model import Service, System, Workflow
from generator.spec.expression import Text
from generator.spec.parts import Image


@dataclass(frozen=True)
class ImageValue:
    """An image in the values: what a container's `image` and `imagePullPolicy` read."""

    reference: Include
    pull_policy: Value


@dataclass(frozen=True)
class Context:
    """One lowering.

    `variants` are the system itself and that of each environment: whatever one of them turns on must have its place
    in the templates and in values.yaml.
    """

    variants: tuple[System, ...]
    current: int
    plans: Mapping[str, WorkflowPlan]
    diagnostics: Diagnostics
    values: ValuesBuilder = field(default_factory=ValuesBuilder)
    files: dict[str, bytes] = field(default_factory=dict)
    patched: set[str] = field(default_factory=set)  # the kinds of objects that a patch was found for

    @property
    def system(self) -> System:
        """The system that is lowered."""
        return self.variants[self.current]

    # --- names and labels

    def name(self, component: str, limit: int = MAX_NAME) -> Include:
        """The name of a component's objects, `<release>-<chart>-<component>`, cut with a hash beyond `limit`."""
        arguments = (Root(), component) if limit == MAX_NAME else (Root(), component, limit)
        return Include("component", arguments)

    def host(self, service: Service) -> str | Include:
        """The name of a service's Service: the host name that others call."""
        return service.spec.hostname or self.name(service.name)

    def labels(self, component: str) -> Include:
        """The labels of an object of the component."""
        return Include("labels", (Root(), component), block=True)

    def selector(self, component: str) -> Include:
        """The labels by which the component's pods are selected."""
        return Include("selectorLabels", (Root(), component), block=True)

    def metadata(
        self,
        component: str,
        name: str | Include | Join | None = None,
        labels: Mapping[str, Tree] | Value | None = None,
        annotations: Mapping[str, Tree] | Value | None = None,
    ) -> Mapping[str, Tree]:
        """The metadata of an object; `name` is the component's unless given."""
        own: Tree = self.labels(component)
        if labels:
            own = Merge((own, With(labels) if isinstance(labels, Value) else labels))
        common = Value(("commonAnnotations",), Kind.TREE)
        noted: Tree = With(common)
        if isinstance(annotations, Value):
            noted = If(AnyOf((annotations, common)), Merge((With(annotations), With(common))))
        elif annotations:
            noted = Merge((annotations, With(common)))
        return {
            "name": self.name(component) if name is None else name,
            "labels": own,
            "annotations": noted,
        }

    # --- values

    def service_path(self, service: str) -> Path:
        """Where a service's values live."""
        return ("services", camel_case(service))

    def workflow_path(self, workflow: str) -> Path:
        """Where a workflow's values live."""
        return ("workflows", camel_case(workflow))

    def task_path(self, workflow: str, task: str) -> Path:
        """Where a task's values live."""
        return (*self.workflow_path(workflow), "tasks", camel_case(task))

    def image(self, path: Path, image: Image, section: str = "", span: Span | None = None) -> ImageValue:
        """Declare an image's values at `path`; returns what a container reads."""
        registry, repository = split_registry(image.repository)
        self.values.group(path, "", span)
        parts: tuple[tuple[str, str, JsonSchema, str], ...] = (
            ("registry", "Registry of the image; global.imageRegistry wins over it.", schemas.TEXT, registry),
            ("repository", "Name of the image in its registry.", schemas.SOME_TEXT, repository),
            ("tag", "Tag of the image.", schemas.TAG, image.tag),
            ("digest", "Digest of the image (sha256:…); it wins over the tag.", schemas.DIGEST, image.digest),
        )
        for key, doc, schema, default in parts:
            self.values.leaf((*path, key), doc, schema, default, section, span)
        policy = self.values.leaf(
            (*path, "pullPolicy"),
            "When a node pulls the image.",
            schemas.PULL_POLICY,
            image.pull_policy,
            section,
            span,
        )
        return ImageValue(Include("image", (Root(), Value(path))), policy)

    # --- the same thing in every environment

    def services(self, name: str) -> Iterator[Service]:
        """A service as the base and as each environment has it."""
        return (system.services[name] for system in self.variants if name in system.services)

    def workflows(self, name: str) -> Iterator[Workflow]:
        """A workflow as the base and as each environment has it."""
        return (system.workflows[name] for system in self.variants if name in system.workflows)

    # --- texts

    def text(self, text: Text) -> str | Join:
        """A word of a command or a variable's value; reports what cannot be known before a release exists."""
        try:
            return texts.container_text(text, self.system.services, self.host)
        except texts.UnknownBeforeRun as unknown:
            self.diagnostics.add(
                codes.UNKNOWN_BEFORE_RUN, codes.UNKNOWN_BEFORE_RUN.title, unknown.span, hint=codes.NAMES_ONLY
            )
            return ""


def split_registry(repository: str) -> tuple[str, str]:
    """`registry.example.com/shop/web` → its registry and the rest; Docker Hub's names have no registry."""
    head, slash, rest = repository.partition("/")
    return (head, rest) if slash and ("." in head or ":" in head or head == "localhost") else ("", repository)
