"""All objects of one rendering, as rules for references ask for them.

Input: manifests with their well-typed data. Output: look-ups by kind, name and labels. What stands in no namespace
stands in the release's; so an object without one matches any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Generic, Protocol, TypeVar

from generator.kube.selectors import selects
from generator.kube.workloads import ALL_PODS, api_group, value_at
from generator.manifest import Manifest, Path
from generator.records import dataclass
from generator.validate.model import Data


@dataclass(frozen=True)
class Item:
    """One object of the world."""

    manifest: Manifest
    data: Data
    kind: str
    """`apps/Deployment`, or `Service` for the core group."""
    name: str
    namespace: str
    """Empty for the release's."""

    @classmethod
    def of(cls, manifest: Manifest, data: Data) -> Item:
        """The item that an object is."""
        group, kind = api_group(str(data.get("apiVersion", ""))), str(data.get("kind", ""))
        metadata = data.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        name, namespace = str(metadata.get("name") or ""), str(metadata.get("namespace") or "")
        return cls(manifest, data, f"{group}/{kind}" if group else kind, name, namespace)

    @cached_property
    def labels(self) -> Mapping[str, Any]:
        """The labels of the object itself."""
        return value_at(self.data, ("metadata", "labels")) or {}

    def __str__(self) -> str:
        name = self.name or value_at(self.data, ("metadata", "generateName")) or ""
        return f"{self.data.get('kind', '')} {name}".rstrip()


@dataclass(frozen=True)
class Pods:
    """The pods that one object makes (or is): their template, and the path at which it stands."""

    owner: Item
    template: Data
    path: Path

    @cached_property
    def labels(self) -> Mapping[str, Any]:
        """The labels its pods carry."""
        return value_at(self.template, ("metadata", "labels")) or {}

    @cached_property
    def spec(self) -> Data:
        """The pod spec."""
        return self.template.get("spec") or {}

    @cached_property
    def spec_path(self) -> Path:
        """Where the pod spec stands in the owner."""
        return (*self.path, "spec")

    def containers(self) -> Iterator[tuple[Path, Data]]:
        """Each container, those that run before the others first, with its path in the owner."""
        for key in ("initContainers", "containers"):
            for index, container in enumerate(self.spec.get(key) or ()):
                yield (*self.spec_path, key, index), container


_BY_CONTROLLERS: Final = frozenset(
    (
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "job-name",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    )
)
"""Labels that Kubernetes' controllers give to the pods they make: no template has them."""


_MAKERS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("bitnami.com/SealedSecret", "Secret", ("spec", "template", "metadata", "name")),
    ("cert-manager.io/Certificate", "Secret", ("spec", "secretName")),
    ("external-secrets.io/ExternalSecret", "Secret", ("spec", "target", "name")),
)
"""Kinds whose controllers make an object of another kind, and where its name stands; else it has their own."""


class Labelled(Protocol):
    """Something that a selector can find."""

    @property
    def labels(self) -> Mapping[str, Any]:
        """Its labels."""
        ...


_T = TypeVar("_T", bound=Labelled)


@dataclass(frozen=True)
class Labels(Generic[_T]):
    """Things by their labels, so that a selector looks at few of them."""

    members: tuple[_T, ...]

    @cached_property
    def _by_label(self) -> Mapping[tuple[str, str], Sequence[_T]]:
        found: dict[tuple[str, str], list[_T]] = {}
        for member in self.members:
            for key, value in member.labels.items():
                found.setdefault((key, str(value)), []).append(member)
        return found

    def selected(self, selector: Data) -> Iterator[_T]:
        """The members that a label selector (`matchLabels`, `matchExpressions`) matches."""
        wanted: Mapping[str, Any] = selector.get("matchLabels") or {}
        if not _BY_CONTROLLERS.isdisjoint(wanted):
            wanted = {key: value for key, value in wanted.items() if key not in _BY_CONTROLLERS}
            selector = {**selector, "matchLabels": wanted}
        choices = [self._by_label.get((key, str(value)), ()) for key, value in wanted.items()]
        for member in min(choices, key=len, default=self.members):
            if selects(selector, member.labels):
                yield member


@dataclass(frozen=True)
class World:
    """All objects of one rendering."""

    items: tuple[Item, ...]
    is_release: bool = True

    @classmethod
    def of(cls, objects: Iterable[tuple[Manifest, Data]], *, is_release: bool = True) -> World:
        """The world of these objects; `is_release` tells whether all of them are installed together."""
        return cls(tuple(Item.of(manifest, data) for manifest, data in objects), is_release)

    @property
    def here(self) -> str:
        """Where an object is missing, in the words of findings."""
        return "in this chart" if self.is_release else "among these manifests"

    @cached_property
    def pods(self) -> tuple[Pods, ...]:
        """The pods of all objects that make some."""
        return tuple(found for item in self.items if (found := pods_of(item)))

    @cached_property
    def services(self) -> Labels[Item]:
        """All Services, by their own labels."""
        return Labels(tuple(self.of_kind("Service")))

    @cached_property
    def _pods_by_label(self) -> Labels[Pods]:
        return Labels(self.pods)

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Item]]:
        found: dict[str, list[Item]] = {}
        for item in self.items:
            found.setdefault(item.kind, []).append(item)
        return found

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Sequence[Item]]:
        found: dict[tuple[str, str], list[Item]] = {}
        for item in self.items:
            found.setdefault((item.kind, item.name), []).append(item)
        return found

    def of_kind(self, *kinds: str) -> Iterator[Item]:
        """All objects of these kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def find(self, kind: str, name: str, namespace: str = "") -> Item | None:
        """The object of this kind and name in a namespace."""
        return next(iter(self.all(kind, name, namespace)), None)

    def all(self, kind: str, name: str, namespace: str = "") -> tuple[Item, ...]:
        """The objects of this kind and name in a namespace: several where files of a folder are alternatives."""
        named = self._by_name.get((kind, name), ())
        return tuple(item for item in named if same_namespace(item.namespace, namespace))

    def has(self, kind: str, name: str, namespace: str = "") -> bool:
        """Whether an object of this kind and name is there, or made by one that is: a SealedSecret makes a Secret."""
        made = any(same_namespace(other, namespace) for other in self._made.get((kind, name), ()))
        return made or self.find(kind, name, namespace) is not None

    @cached_property
    def _made(self) -> Mapping[tuple[str, str], Sequence[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for kind, target, path in _MAKERS:
            for item in self.of_kind(kind):
                name = value_at(item.data, path)
                found.setdefault((target, name if isinstance(name, str) else item.name), []).append(item.namespace)
        return found

    def selected(self, selector: Data, namespace: str = "") -> tuple[Pods, ...]:
        """The pods that a label selector matches in a namespace."""
        found = self._pods_by_label.selected(selector)
        return tuple(pods for pods in found if same_namespace(pods.owner.namespace, namespace))


def pods_of(item: Item) -> Pods | None:
    """The pods of an object; None when it makes none."""
    path = ALL_PODS.get((api_group(str(item.data.get("apiVersion", ""))), str(item.data.get("kind", ""))))
    template = value_at(item.data, path) if path is not None else None
    return Pods(item, template, path) if path is not None and isinstance(template, dict) else None


def same_namespace(one: str, other: str) -> bool:
    """Whether two objects may be in one namespace."""
    return one == other or not one or not other
