"""What a rule of the review is, and what it sees.

Input of a rule: an :class:`Upgrade`. Output: :class:`Finding` values; `comparison` turns them into diagnostics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from generator.diagnostics import Code, Severity
from generator.diff.model import ObjectChange, Path
from generator.manifest import Manifest


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
