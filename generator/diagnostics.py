"""Findings as values: what is wrong, where, and how to mend it.

Every stage takes a :class:`Diagnostics` sink and adds to it; nothing is raised for a user's mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from enum import StrEnum

from generator.records import dataclass


class Severity(StrEnum):
    """How bad a finding is; the order of the members is from worst to mildest."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst; a larger number is milder."""
        return list(Severity).index(self)


@dataclass(frozen=True, order=True)
class Position:
    """A place in a text: line and column, both from 1; columns count Unicode characters."""

    line: int
    column: int


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a file: from `start` up to, not including, `end`. `file` is the path as shown to the user."""

    file: str
    start: Position
    end: Position

    @classmethod
    def at(cls, file: str, line: int, column: int = 1, length: int = 1) -> Span:
        """A span on one line."""
        return cls(file, Position(line, column), Position(line, column + length))

    def within(self, offset: int, length: int) -> Span:
        """The part of a one-line span that starts `offset` characters in."""
        start = Position(self.start.line, self.start.column + offset)
        return Span(self.file, start, Position(start.line, start.column + length))


@dataclass(frozen=True)
class Code:
    """One kind of finding, as `flowhelm explain` shows it.

    `id` is `FH` and four digits; `title` names the mistake in a few words; `why` says what goes wrong without the rule;
    `wrong` and `right` are small examples; `source` is where the rule comes from.
    """

    id: str
    title: str
    why: str
    wrong: str = ""
    right: str = ""
    source: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class ObjectRef:
    """A Kubernetes object as findings name it."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""

    @property
    def lasting(self) -> tuple[str, ...]:
        """What stays when the object moves to a newer version of its API: group, kind, namespace, name."""
        return (self.api_version.rpartition("/")[0], self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Note:
    """A second place that belongs to a finding: the other edge of a cycle, the first of two equal names."""

    message: str
    span: Span


@dataclass(frozen=True)
class Diagnostic:
    """One finding.

    `message` is a plain sentence without a final full stop; `hint` says how to mend it. `subject` and `path` (for
    example `spec.ports[0].name`) stand for findings on rendered objects; `values_file` names the values it was rendered
    with (empty: the chart's own). `masked` says that a secret stands at `span`: no report shows that stretch of the
    file.
    """

    code: Code
    message: str
    span: Span | None = None
    hint: str = ""
    notes: tuple[Note, ...] = ()
    subject: ObjectRef | None = None
    path: str = ""
    values_file: str = ""
    severity: Severity = Severity.ERROR
    masked: bool = False

    @property
    def place(self) -> str:
        """Object and path for people, empty without them: `Service web, spec.ports[0]`."""
        return ", ".join(part for part in (str(self.subject or "").strip(), self.path) if part)

    @property
    def identity(self) -> tuple[object, ...]:
        """Two findings with one identity say the same."""
        return (self.code.id, self.message, self.span, self.subject, self.path)

    @property
    def lasting(self) -> tuple[str, ...]:
        """What the finding is about, on whatever line it stands: code, object and path; without an object the file."""
        if self.subject:
            return (self.code.id, *self.subject.lasting, self.path)
        return (self.code.id, self.span.file if self.span else "", self.path, self.message)

    @property
    def order(self) -> tuple[object, ...]:
        """Sort key: by place, then by severity and code, so that a report is the same in every run."""
        span = self.span or Span("", Position(0, 0), Position(0, 0))
        return (
            span.file,
            span.start,
            self.severity.rank,
            self.code.id,
            str(self.subject or ""),
            self.path,
            self.message,
        )


@dataclass
class Diagnostics:
    """The sink that a run's stages share. A finding that says the same as an earlier one is kept once.

    `texts` has the imported files, some of which are not on disk: what findings in them show.
    """

    _found: dict[tuple[object, ...], Diagnostic] = field(default_factory=dict)
    _imports: dict[str, Note] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        *,
        hint: str = "",
        notes: tuple[Note, ...] = (),
        subject: ObjectRef | None = None,
        path: str = "",
        values_file: str = "",
        severity: Severity | None = None,
        masked: bool = False,
    ) -> None:
        """Record a finding; its severity is the code's unless said otherwise."""
        level = severity or code.severity
        self.report(Diagnostic(code, message, span, hint, notes, subject, path, values_file, level, masked))

    def report(self, finding: Diagnostic) -> None:
        """Record a finding made elsewhere."""
        self._found.setdefault(finding.identity, self._told_where_from(finding))

    def import_file(self, file: str, span: Span, text: str) -> None:
        """From now on, findings in `file` say that it was imported at `span` (rulings D02)."""
        self.texts.setdefault(file, text)
        self._imports.setdefault(file, Note(f"imported from {span.file}:{span.start.line}", span))

    def _told_where_from(self, finding: Diagnostic) -> Diagnostic:
        notes, file = finding.notes, finding.span.file if finding.span else ""
        while file in self._imports and self._imports[file] not in notes:
            notes = (*notes, self._imports[file])
            file = self._imports[file].span.file
        return replace(finding, notes=notes) if notes != finding.notes else finding

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._found.values(), key=lambda found: found.order))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(found.severity is Severity.ERROR for found in self._found.values())

    def count_errors(self) -> int:
        """How many findings are errors."""
        return self.count(Severity.ERROR)

    def count(self, severity: Severity) -> int:
        """How many findings are of this severity."""
        return sum(found.severity is severity for found in self._found.values())


def located(finding: Diagnostic, span: Span) -> Diagnostic:
    """The same finding at another place: how a finding on a rendered object moves to the user's line."""
    return replace(finding, span=span)
