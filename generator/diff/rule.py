"""What a rule of the review is, and what it sees.

Input of a rule: an :class:`Upgrade`. Output: :class:`Finding` values; `comparison` turns them into diagnostics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cached_property

from generator.diagnostics import Code, Severity
from generator.diff.model import ObjectChange, Path
from generator.kube.workloads import api_group, value_at
from generator.manifest import Manifest
from generator.records import dataclass


@dataclass(frozen=True)
class Upgrade:
    """All changes of an upgrade; `namespace` is where objects land that name none."""

    changes: tuple[ObjectChange, ...]
    namespace: str

    @property
    def old(self) -> Iterator[Manifest]:
        """The objects of the old side."""
        return (change.old for change in self.changes if change.old)

    @property
    def new(self) -> Iterator[Manifest]:
        """The objects of the new side."""
        return (change.new for change in self.changes if change.new)

    @cached_property
    def _autoscalers(self) -> Mapping[tuple[str, str, str], Manifest]:
        """The HorizontalPodAutoscalers of the new side, by namespace, kind and name of what they scale."""
        found: dict[tuple[str, str, str], Manifest] = {}
        for manifest in self.new:
            ref = manifest.ref
            if (api_group(ref.api_version), ref.kind) == ("autoscaling", "HorizontalPodAutoscaler"):
                target = ("spec", "scaleTargetRef")
                kind, name = (str(value_at(manifest.data, (*target, field))) for field in ("kind", "name"))
                found.setdefault((self.namespace_of(manifest), kind, name), manifest)
        return found

    def autoscaler_of(self, workload: Manifest) -> Manifest | None:
        """The HorizontalPodAutoscaler of the new side that scales a workload."""
        ref = workload.ref
        return self._autoscalers.get((self.namespace_of(workload), ref.kind, ref.name))

    def namespace_of(self, manifest: Manifest) -> str:
        """The namespace an object lands in."""
        return manifest.ref.namespace or self.namespace


@dataclass(frozen=True)
class Finding:
    """What a rule found on one object: what changes and what happens then, and in `hint` how to do it safely.

    `severity` is the code's unless said otherwise.
    """

    change: ObjectChange
    path: Path
    message: str
    hint: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: the code of its findings, and the function that finds them."""

    code: Code
    find: Callable[[Upgrade], Iterator[Finding]] = field(repr=False)
