"""What a report is made of.

Input: the findings of a run and what was checked. Output: the type that every format prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TypeAlias

from generator.diagnostics import Diagnostic, Diagnostics, Severity
from generator.records import dataclass

Sources: TypeAlias = Callable[[str], str | None]
"""The text of a file by its path as findings name it; None when it can't be shown."""


@dataclass(frozen=True)
class Coverage:
    """How much was looked at; `not_checked` counts the objects of kinds that no schema is known for,
    `rules_not_evaluated` the rules in CEL of a kind's definition.
    """

    files: int = 0
    objects: int = 0
    not_checked: Mapping[str, int] = field(default_factory=dict)
    rules_not_evaluated: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownFindings:
    """What was left out because a baseline has it: how many findings, and what of the baseline is no longer found."""

    count: int
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """A run's result, in the order in which it is shown. `versions`: of flowhelm, Helm, Kubernetes.

    `every_place`: where findings that say the same are put together, all of their places are shown, not a few.
    """

    findings: tuple[Diagnostic, ...]
    coverage: Coverage | None = None
    versions: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    known: KnownFindings | None = None
    every_place: bool = False

    @classmethod
    def of(
        cls,
        diagnostics: Diagnostics,
        coverage: Coverage | None = None,
        versions: Mapping[str, str | tuple[str, ...]] | None = None,
    ) -> Report:
        """The report of a sink."""
        return cls(tuple(diagnostics), coverage, versions or {})

    @property
    def summary(self) -> str:
        """`2 errors, 1 warning`; `no findings`."""
        counts = {severity: sum(found.severity is severity for found in self.findings) for severity in Severity}
        words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
        parts = [f"{count} {words[severity]}{'s' * (count > 1)}" for severity, count in counts.items() if count]
        return ", ".join(parts) or "no findings"
