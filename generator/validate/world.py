"""All objects of one rendering, as rules for references ask for them.

Input: manifests with their well-typed data. Output: look-ups by kind, name and labels. What stands in no namespace
stands in the release's; so an object without one matches any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.kube.workloads import POD_TEMPLATES, api_group, value_at
from generator.manifest import Manifest, Path
from generator.validate.model import Data


@dataclass(frozen=True)
class Item:
    """One object of the world."""

    manifest: Manifest
    data: Data

    @property
    def kind(self) -> str:
        """`apps/Deployment`, or `Service` for the core group."""
        group = api_group(str(self.data.get("apiVersion", "")))
        kind = str(self.data.get("kind", ""))
        return f"{group}/{kind}" if group else kind

    @property
    def name(self) -> str:
        """Its name."""
        return str(value_at(self.data, ("metadata", "name")) or "")

    @property
    def namespace(self) -> str:
        """Its namespace, empty for the release's."""
        return str(value_at(self.data, ("metadata", "namespace")) or "")

    def __str__(self) -> str:
        return f"{self.data.get('kind', '')} {self.name}"


@dataclass(frozen=True)
class Pods:
    """The pods that one object makes (or is): their template, and the path at which it stands."""

    owner: Item
    template: Data
    path: Path

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels its pods carry."""
        return value_at(self.template, ("metadata", "labels")) or {}

    @property
    def spec(self) -> Data:
        """The pod spec."""
        return self.template.get("spec") or {}

    @property
    def spec_path(self) -> Path:
        """Where the pod spec stands in the owner."""
        return (*self.path, "spec")

    @property
    def is_lasting(self) -> bool:
        """Whether the pods are meant to stay: not those of a Job or a hook."""
        return self.owner.kind not in ("batch/Job", "batch/CronJob") and not self.owner.manifest.is_hook

    def containers(self) -> Iterator[tuple[Path, Data]]:
        """Each container, those that run before the others first, with its path in the owner."""
        for key in ("initContainers", "containers"):
            for index, container in enumerate(self.spec.get(key) or ()):
                yield (*self.spec_path, key, index), container


@dataclass(frozen=True)
class World:
    """All objects of one rendering."""

    items: tuple[Item, ...]
    by_kind: Mapping[str, tuple[Item, ...]]
    pods: tuple[Pods, ...]

    @classmethod
    def of(cls, objects: Iterable[tuple[Manifest, Data]]) -> World:
        """The world of these objects."""
        items = tuple(Item(manifest, data) for manifest, data in objects)
        by_kind: dict[str, list[Item]] = {}
        for item in items:
            by_kind.setdefault(item.kind, []).append(item)
        pods = tuple(found for item in items if (found := pods_of(item)))
        return cls(items, {kind: tuple(members) for kind, members in by_kind.items()}, pods)

    def of_kind(self, *kinds: str) -> Iterator[Item]:
        """All objects of these kinds."""
        for kind in kinds:
            yield from self.by_kind.get(kind, ())

    def find(self, kind: str, name: str, namespace: str = "") -> Item | None:
        """The object of this kind and name in a namespace."""
        for item in self.by_kind.get(kind, ()):
            if item.name == name and same_namespace(item.namespace, namespace):
                return item
        return None

    def selected(self, selector: Data, namespace: str = "") -> tuple[Pods, ...]:
        """The pods that a label selector (`matchLabels`, `matchExpressions`) matches in a namespace."""
        return tuple(
            pods
            for pods in self.pods
            if same_namespace(pods.owner.namespace, namespace) and matches(selector, pods.labels)
        )


def pods_of(item: Item) -> Pods | None:
    """The pods of an object; None when it makes none."""
    path = POD_TEMPLATES.get((api_group(str(item.data.get("apiVersion", ""))), str(item.data.get("kind", ""))))
    template = value_at(item.data, path) if path is not None else None
    return Pods(item, template, path) if path is not None and isinstance(template, Mapping) else None


def same_namespace(one: str, other: str) -> bool:
    """Whether two objects may be in one namespace."""
    return one == other or not one or not other


def matches(selector: Data, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    wanted: Mapping[str, Any] = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions") or ())


def _holds(expression: Data, labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return True
