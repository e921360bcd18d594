"""The result of a comparison: objects, their fields, and what the changes will do.

Input of `report` and of the rules; made by `match`, `fields` and `comparison`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from generator.diagnostics import Diagnostic, ObjectRef
from generator.kube.workloads import api_group
from generator.manifest import Manifest
from generator.records import dataclass

Path: TypeAlias = tuple[str, ...]
"""Where a field stands, in the words that are shown: `spec`, `containers`, `[web]`, `image`."""

Scalar: TypeAlias = str | int | float | bool | None
HIDDEN = "••••"


@dataclass(frozen=True)
class Leaf:
    """A value without parts. Two leaves are equal when Kubernetes means the same by them.

    `meaning` is what is compared (`500m` and `0.5` have one); it is never shown, for it may be a secret's. `value` is
    what is shown: as it was written, or :data:`HIDDEN`. `is_default`: the object leaves it out and the API server fills
    it in.
    """

    meaning: Hashable = field(repr=False)
    value: Scalar = field(compare=False)
    is_default: bool = field(default=False, compare=False)

    @property
    def is_hidden(self) -> bool:
        """Whether the value is kept from every report."""
        return self.value == HIDDEN


Tree: TypeAlias = "dict[str, Tree] | list[Tree] | Leaf"
"""An object or a part of it, in the form in which it is compared."""


def leaves(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, Leaf]]:
    """Every leaf below a tree, with its path."""
    if isinstance(tree, Leaf):
        yield path, tree
    elif isinstance(tree, dict):
        for key, part in sorted(tree.items()):
            yield from leaves(part, (*path, step(key)))
    else:
        for index, part in enumerate(tree):
            yield from leaves(part, (*path, f"[{index}]"))


def step(key: str) -> str:
    """A mapping's key as a part of a path; quoted when it would not stand out by itself."""
    return key if re.fullmatch(r"[A-Za-z0-9_$-]+", key) else f'["{key}"]'


def dotted(path: Path) -> str:
    """A path as one text: `spec.containers[web].image`."""
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")


@dataclass(frozen=True)
class FieldChange:
    """One field that differs; `before` or `after` is None where there is none.

    `order_only`: a list holds the same items in another order, and the order means nothing to Kubernetes; `before` and
    `after` are then the items' names.
    """

    path: Path
    before: Tree | None
    after: Tree | None
    order_only: bool = False

    def is_within(self, pattern: Path) -> bool:
        """Whether the changed field is at or below `pattern`, in which `[]` stands for any item of a list."""
        return len(self.path) >= len(pattern) and all(
            part == wanted or (wanted == "[]" and part.startswith("[") and not part.startswith('["'))
            for part, wanted in zip(self.path, pattern, strict=False)
        )


class Status(StrEnum):
    """What became of an object."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class ObjectChange:
    """An object of the old side, of the new side, or a pair of both.

    A renamed object is a pair by likeness; to Kubernetes it is one object deleted and another one created.
    """

    status: Status
    old: Manifest | None
    new: Manifest | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def manifest(self) -> Manifest:
        """The new object; the old one when it is gone."""
        manifest = self.new or self.old
        assert manifest is not None
        return manifest

    @cached_property
    def ref(self) -> ObjectRef:
        """How the object is named: by its new name."""
        return self.manifest.ref

    @cached_property
    def group_kind(self) -> tuple[str, str]:
        """API group and kind."""
        return api_group(self.ref.api_version), self.ref.kind

    @property
    def pair(self) -> tuple[Manifest, Manifest] | None:
        """Old and new, when the object stays and Helm patches it; None otherwise."""
        stays = self.status in (Status.CHANGED, Status.UNCHANGED)
        return (self.old, self.new) if stays and self.old and self.new else None

    def within(self, pattern: Path) -> tuple[FieldChange, ...]:
        """The changes at or below a path."""
        return tuple(change for change in self.fields if change.is_within(pattern))

    def touching(self, pattern: Path) -> Iterator[FieldChange]:
        """The changes at or below a path, and what came or went there with all that is around it."""
        yield from self.within(pattern)
        for change in self.fields:
            depth = len(change.path)
            if depth < len(pattern) and change.path == pattern[:depth]:
                before, after = (_below(tree, pattern[depth:]) for tree in (change.before, change.after))
                if before != after and not all(leaf.is_default for part in (before, after) for _, leaf in _all(part)):
                    yield FieldChange(pattern, before, after)


def _below(tree: Tree | None, path: Path) -> Tree | None:
    for part in path:
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def _all(tree: Tree | None) -> Iterator[tuple[Path, Leaf]]:
    return leaves(tree) if tree is not None else iter(())


@dataclass(frozen=True)
class ChartDiff:
    """Everything that differs between two sets of manifests, and what an upgrade will do."""

    changes: tuple[ObjectChange, ...]
    findings: tuple[Diagnostic, ...] = ()

    def with_status(self, status: Status) -> tuple[ObjectChange, ...]:
        """The objects of one status."""
        return tuple(change for change in self.changes if change.status is status)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return all(change.status is Status.UNCHANGED for change in self.changes)
