"""The pods that one object makes, laid out once for all rules that look at them.

Input: the well-typed data of an object. Output: :class:`Workload`, None when it makes no pods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeAlias

from generator.kube.workloads import ALL_PODS, api_group, value_at
from generator.manifest import Manifest, Path
from generator.records import dataclass
from generator.validate.model import Data, Problem, Problems
from generator.validate.world import World

FIELDS: Final = ("initContainers", "containers", "ephemeralContainers")
_ONE_SHOT: Final = frozenset(("Job", "CronJob"))


@dataclass(frozen=True)
class Container:
    """A container of a pod, and where it stands."""

    data: Data
    path: Path
    field: str
    pod: Workload

    @cached_property
    def name(self) -> str:
        """As messages name it."""
        name = self.data.get("name")
        return f'the container "{name}"' if name else "the container"

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """Its security context."""
        return self.data.get("securityContext") or {}

    @cached_property
    def context_path(self) -> Path:
        """Where the security context stands, or would."""
        return (*self.path, "securityContext") if "securityContext" in self.data else self.path


@dataclass(frozen=True)
class Workload:
    """An object that makes pods (or is one): its kind, its data, the pod template and the path of that."""

    kind: str
    data: Data
    template: Data
    path: Path

    @classmethod
    def of(cls, data: Data) -> Workload | None:
        """The workload that an object is."""
        kind = str(data.get("kind", ""))
        path = ALL_PODS.get((api_group(str(data.get("apiVersion", ""))), kind))
        template = value_at(data, path) if path is not None else None
        if path is None or not isinstance(template, Mapping):
            return None
        return cls(kind, data, template, path)

    @cached_property
    def spec(self) -> Data:
        """The pod spec."""
        return self.template.get("spec") or {}

    @cached_property
    def spec_path(self) -> Path:
        """Where the pod spec stands."""
        return (*self.path, "spec")

    @cached_property
    def meta(self) -> Data:
        """The pods' metadata."""
        return self.template.get("metadata") or {}

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """The pods' security context."""
        return self.spec.get("securityContext") or {}

    @cached_property
    def is_windows(self) -> bool:
        """Whether the pods say that they run on Windows."""
        return bool(value_at(self.spec, ("os", "name")) == "windows")

    @cached_property
    def is_one_shot(self) -> bool:
        """Whether the pods come to an end by themselves."""
        return self.kind in _ONE_SHOT or self.spec.get("restartPolicy") in ("Never", "OnFailure")

    @cached_property
    def is_probed(self) -> bool:
        """Whether something asks the pods for readiness without being told to: Knative does."""
        return str(self.data.get("apiVersion", "")).startswith("serving.knative.dev/")

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """All containers, those that run first, first."""
        return tuple(self._containers())

    def _containers(self) -> Iterator[Container]:
        for field in FIELDS:
            for index, data in enumerate(self.spec.get(field) or ()):
                yield Container(data, (*self.spec_path, field, index), field, self)


@dataclass(frozen=True)
class PodRule:
    """A rule for pods, of which each object's are looked at once."""

    check: Callable[[Workload], Problems]


@dataclass(frozen=True)
class ContainerRule:
    """A rule for each container of a pod."""

    check: Callable[[Container], Problems]


Findings: TypeAlias = Iterator[tuple[Manifest, Problem]]


@dataclass(frozen=True)
class WorldRule:
    """A rule for all objects of one rendering together."""

    check: Callable[[World], Findings]
