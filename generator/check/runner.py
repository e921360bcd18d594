"""Stage check: runs every rule, and lets pass what the spec accepts.

Input: the system, its environments and its graph. Output: findings that no single part shows. An `accept` lets findings
of one code pass where it stands and below; one that lets nothing pass is itself a finding (rulings C16). Those for
findings on rendered objects are handed on to the stage that has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from generator.check import codes, workflow_codes
from generator.check.acceptance import RENDERED, Acceptance
from generator.check.rule import Finding, Subject
from generator.check.rules import RULES
from generator.diagnostics import Code, Diagnostics, Severity, Span
from generator.graph import SystemGraph
from generator.records import dataclass
from generator.resolve.model import System
from generator.spec.shapes import Record
from generator.yamlio.nodes import MappingNode


def check(system: System, graph: SystemGraph, diagnostics: Diagnostics) -> tuple[Acceptance, ...]:
    """Check the system, and each environment as a whole of its own (rulings L10).

    Gives what is accepted of the findings on rendered objects.
    """
    systems = [system, *system.environments.values()]
    acceptance = _Acceptance()
    for each in systems:
        acceptance.read(each, diagnostics)
    for each in systems:
        for rule in RULES:
            for finding in rule(Subject(each, graph)):
                if not acceptance.covers(finding):
                    _report(finding, diagnostics)
    acceptance.report_unused(diagnostics)
    return tuple(acceptance.rendered)


def _report(found: Finding, diagnostics: Diagnostics) -> None:
    diagnostics.add(found.code, found.message, found.span, hint=found.hint, notes=found.notes, masked=found.masked)


def can_be_accepted(code: Code) -> bool:
    """Credentials that are none, and warnings: with any other mistake there would be no sound chart."""
    return code.id.startswith("FH40") or code.severity is not Severity.ERROR


@dataclass
class _Acceptance:
    """What is accepted where. One `accept` may reach several owners through `defaults`; its place tells it apart.

    `libraries` is what imported files accept for themselves: file and code. Whether all of it is of use shows
    only where a library is checked on its own.
    """

    places: dict[tuple[tuple[str, ...], str], Span] = field(default_factory=dict)
    used: set[Span] = field(default_factory=set)
    libraries: set[tuple[str, str]] = field(default_factory=set)
    rendered: dict[Acceptance, None] = field(default_factory=dict)

    def read(self, system: System, diagnostics: Diagnostics) -> None:
        """Take up every `accept` of the system, and report those that name no code."""
        known = {code.id: code for code in (*codes.CODES, *workflow_codes.CODES)}
        for owner, place, record, accepted in _accepts(system):
            written = record.node.get("accept")
            for name in accepted:
                span = written.key_span(name) if isinstance(written, MappingNode) else record.node.span
                if name.startswith(RENDERED):
                    area = Span(place.file, place.start, record.node.span.end) if place else None
                    self.rendered[Acceptance(name, span, area)] = None
                    continue
                if name in known and can_be_accepted(known[name]):
                    self.places[owner, name] = span
                    continue
                message = f"{name} cannot be accepted" if name in known else f"no finding here has the code {name[:20]}"
                hint = "mend what it says" if name in known else "write the code as it is shown with the finding"
                diagnostics.add(codes.ACCEPT_UNKNOWN, message, span, hint=hint)
        for library in system.libraries.values():
            self.libraries |= {(library.node.span.file, name) for name in library.accept}
            area = library.node.span
            rendered = (name for name in library.accept if name.startswith(RENDERED))
            self.rendered |= {Acceptance(name, area, area, must_have_effect=False): None for name in rendered}

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is accepted at its owner or above, or by the library that it is in."""
        for length in range(len(finding.owner), -1, -1):
            span = self.places.get((finding.owner[:length], finding.code.id))
            if span is not None:
                self.used.add(span)
                return True
        return (finding.span.file, finding.code.id) in self.libraries and can_be_accepted(finding.code)

    def report_unused(self, diagnostics: Diagnostics) -> None:
        """Exceptions without effect hide the next real finding."""
        for (_, name), span in self.places.items():
            if span not in self.used:
                message = f"{name} is accepted, but nothing here has it"
                diagnostics.add(codes.ACCEPT_UNUSED, message, span, hint="remove it")


def _accepts(system: System) -> Iterator[tuple[tuple[str, ...], Span | None, Record, tuple[str, ...]]]:
    """Every `accept`: its owner, the place of that, the record it stands in, the codes."""
    yield (), None, system.spec, tuple(system.spec.accept)
    for service in system.services.values():
        yield ("services", service.name), service.span, service.spec, tuple(service.spec.accept)
    for workflow in system.workflows.values():
        yield ("workflows", workflow.name), workflow.span, workflow.spec, tuple(workflow.spec.accept)
        for task in workflow.all_tasks():
            yield ("workflows", workflow.name, task.name), task.span, task.spec, tuple(task.spec.accept)
