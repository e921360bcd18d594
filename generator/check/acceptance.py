"""What `accept` lets pass of the findings on rendered objects, which are there only when the chart has been rendered.

An object belongs to the service, workflow or task that it was made for, wherever in the spec the line stands that a
finding on it shows: in a template, in `defaults`, in an imported file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.check import codes
from generator.diagnostics import Diagnostic, Diagnostics, ObjectRef, Severity, Span
from generator.records import dataclass

RENDERED = ("FH3", "FH41", "FH42", "FH43", "FH44")
"""Codes of findings on rendered objects begin so."""


@dataclass(frozen=True)
class Acceptance:
    """One code of an `accept`, written at `span`. `area` is the service, workflow or task that has it; None: all.

    A library may accept what only some of its importers have: then it need not have an effect.
    """

    code: str
    span: Span
    area: Span | None = None
    must_have_effect: bool = True

    def covers(self, finding: Diagnostic, owner: Span | None) -> bool:
        """Whether it lets a finding pass on an object that was made for what stands at `owner`.

        What Kubernetes refuses never passes; policies do, also where they count as errors.
        """
        if finding.code.id != self.code or (finding.severity is Severity.ERROR and self.code.startswith("FH3")):
            return False
        return self.area is None or (owner is not None and _holds(self.area, owner))


def _holds(area: Span, owner: Span) -> bool:
    return area.file == owner.file and area.start <= owner.start < area.end


def let_pass(
    found: Iterable[Diagnostic],
    accepted: Iterable[Acceptance],
    owners: Mapping[ObjectRef, Span | None],
    diagnostics: Diagnostics,
    complete: bool,
) -> None:
    """Report the findings that no `accept` covers, and, if `complete` says that all were looked for, idle ones.

    `owners` says for each object where the part of the spec stands that it was made for.
    """
    idle = dict.fromkeys(accepted)
    covering = tuple(idle)
    for finding in found:
        owner = owners.get(finding.subject) if finding.subject else None
        matching = [each for each in covering if each.covers(finding, owner)]
        if not matching:
            diagnostics.report(finding)
        for each in matching:
            idle.pop(each, None)
    used = {each.span for each in covering if each not in idle}
    for each in idle:
        if complete and each.must_have_effect and each.span not in used:
            message = f"{each.code} is accepted, but nothing here has it"
            diagnostics.add(codes.ACCEPT_UNUSED, message, each.span, hint="remove it")
