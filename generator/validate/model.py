"""What validation takes and gives.

A rule looks at one object (or at all of them, for references) and yields a :class:`Problem`: what is wrong and where in
the object. One place (`validator`) makes findings of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any, TypeAlias

from generator.diagnostics import Code, Severity
from generator.manifest import Manifest, Path
from generator.records import dataclass

Data: TypeAlias = Mapping[str, Any]


class Layer(StrEnum):
    """What can be checked, in the order in which it is."""

    SCHEMA = "schema"
    API = "api"
    REFERENCES = "references"
    POLICY = "policy"
    VALUES = "values"


LAYERS = tuple(Layer)


class Preset(StrEnum):
    """How much is asked. Only the policies (FH41 to FH44) differ; what Kubernetes refuses always counts."""

    MINIMAL = "minimal"
    STANDARD = "standard"
    STRICT = "strict"


@dataclass(frozen=True)
class Related:
    """Another object that a problem is about, and the place in it."""

    message: str
    manifest: Manifest
    path: Path = ()


@dataclass(frozen=True)
class Problem:
    """What is wrong with one object. `path` is the place in it; without a severity the code's own counts.

    `masked` says that a secret stands there, `until` which version of Kubernetes was the last to refuse it.
    """

    code: Code
    message: str
    path: Path = ()
    hint: str = ""
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    masked: bool = False
    until: str = ""


Problems: TypeAlias = Iterator[Problem]


@dataclass(frozen=True)
class ObjectRule:
    """A rule for objects of some kinds (`apps/Deployment`, core kinds as `Service`; none: every object).

    `check` gets well-typed data: every value has the type of the kind's schema, but required fields may be missing.
    """

    check: Callable[[Data], Problems]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """How much was looked at: files (or templates), objects, Kubernetes versions, and what no schema is known for."""

    files: int
    objects: int
    versions: tuple[str, ...]
    not_checked: Mapping[str, int] = field(default_factory=dict)
    """`apiVersion kind` → how many objects."""
    rules_not_evaluated: Mapping[str, int] = field(default_factory=dict)
    """`apiVersion kind` → how many rules in CEL of its definition."""

    @classmethod
    def total(cls, parts: Sequence[Checked]) -> Checked:
        """What was looked at in all of the parts, of which there is at least one."""
        not_checked = sum((Counter(part.not_checked) for part in parts), Counter[str]())
        files, objects = sum(part.files for part in parts), sum(part.objects for part in parts)
        rules = {kind: count for part in parts for kind, count in part.rules_not_evaluated.items()}
        return cls(files, objects, parts[0].versions, dict(not_checked), rules)
