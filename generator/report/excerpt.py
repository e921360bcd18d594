"""The line of a file that a finding is about, as a report shows it.

Input: spans and the texts of files. Output: the line and where to underline it. Secrets are masked in it, whichever
finding shows the line, and what by its name or place may be one; characters that would act on a terminal are replaced;
a long line is cut around the place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import field

from generator.diagnostics import Diagnostic, Span
from generator.kube.hiding import secret_parts
from generator.records import dataclass
from generator.report.model import Sources

MASK = "••••"
WIDTH = 110
_BEFORE = 40


@dataclass(frozen=True)
class Excerpt:
    """One line: its `text`, and the underline as blanks before it and its length, counted in columns of a terminal."""

    text: str
    indent: int
    length: int


@dataclass
class Excerpts:
    """The lines of the files that findings name, each file read and split once."""

    sources: Sources
    masked: dict[tuple[str, int], list[tuple[int, int | None]]] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Sources, findings: Iterable[Diagnostic]) -> Excerpts:
        """Excerpts that hide what any of the findings marks as secret."""
        excerpts = cls(sources)
        for finding in findings:
            if finding.masked and finding.span:
                excerpts._mask(finding.span)
        return excerpts

    def at(self, span: Span) -> Excerpt | None:
        """The first line of a span; None when the file can't be shown or has no such line."""
        lines = self._file(span.file)
        if not 0 < span.start.line <= len(lines):
            return None
        line = lines[span.start.line - 1]
        start = min(span.start.column - 1, len(line))
        end = span.end.column - 1 if span.end.line == span.start.line else len(line.rstrip())
        end = min(max(end, start + 1), max(len(line), start + 1))
        line, start, end = self._hidden(span, lines, start, end)
        return _cut(line, start, end)

    def _file(self, name: str) -> list[str]:
        if name not in self._lines:
            text = self.sources(name)
            self._lines[name] = [] if text is None else text.replace("\r\n", "\n").split("\n")
        return self._lines[name]

    def _mask(self, span: Span) -> None:
        """Hides a span on each of its lines; to the end of the line when the span's end isn't on it."""
        for line in range(span.start.line, span.end.line + 1):
            start = span.start.column - 1 if line == span.start.line else 0
            end = span.end.column - 1 if line == span.end.line else None
            self.masked.setdefault((span.file, line), []).append((start, end))

    def _hidden(self, span: Span, lines: list[str], start: int, end: int) -> tuple[str, int, int]:
        line = lines[span.start.line - 1]
        parts: list[tuple[int, int | None]] = [*self.masked.get((span.file, span.start.line), ())]
        parts += [
            part
            for part in secret_parts(lines, span.start.line - 1)
            if not any(first < part[1] and part[0] < (last or len(line)) for first, last in parts)
        ]
        for first, last in sorted(parts, key=lambda part: part[0], reverse=True):
            stop = len(line) if last is None or last <= first + 1 else last
            shift = len(MASK) - (min(stop, len(line)) - first)
            line = line[:first] + MASK + line[stop:]
            start = start + shift if start >= stop else min(start, first)
            if end > first:
                end = end + shift if end >= stop else max(first + len(MASK), start + 1)
        return line, start, end


def printable(text: str) -> str:
    """The text without what would act on a terminal: escape sequences, changes of writing direction."""
    return "".join(char if char.isprintable() else " " if char in "\t\n\r" else "�" for char in text)


def _cut(line: str, start: int, end: int) -> Excerpt:
    first = max(start - _BEFORE, 0) if len(line) > WIDTH else 0
    text = printable(line[first : first + WIDTH])
    lead, tail = "…" if first else "", "…" if first + WIDTH < len(line) else ""
    indent = len(lead) + _columns(text[: start - first])
    length = _columns(text[start - first : end - first])
    return Excerpt(f"{lead}{text.rstrip()}{tail}", indent, max(length, 1))


def _columns(text: str) -> int:
    """How many columns a terminal needs for the text."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
