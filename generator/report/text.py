"""Findings for people: what is wrong, the line with the place underlined, how to mend it.

Findings that say the same are one, with the other places below it.

Input: a report, the sources, whether to colour. Output: text.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Severity, Span
from generator.report.excerpt import Excerpts, printable
from generator.report.grouping import Group, grouped, place
from generator.report.model import KnownFindings, Report, Sources

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.INFO: "36;1"}
_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_FRAME = "34;1"
_BOLD = "1"
_FEW = 4
"""So many other places of a finding are shown unless all are asked for."""


def print_text(report: Report, sources: Sources, colour: bool = False) -> str:
    """The report as text that ends with a summary line."""
    page = _Page(Excerpts.of(sources, report.findings), colour)
    few = None if report.every_place else _FEW
    blocks = ["\n".join(page.group(group, few)) + "\n" for group in grouped(report.findings)]
    return "\n".join([*blocks, *_summary(report)]) + "\n"


def _summary(report: Report) -> Iterator[str]:
    yield report.summary
    if report.known:
        yield from _known(report.known)
    coverage = report.coverage
    if coverage:
        kubernetes = report.versions.get("kubernetes", ())
        versions = kubernetes if isinstance(kubernetes, str) else ", ".join(kubernetes)
        against = f" against Kubernetes {versions}" if versions else ""
        yield f"checked {_count(coverage.objects, 'object')} in {_count(coverage.files, 'file')}{against}"
        skipped = sum(coverage.not_checked.values())
        if skipped:
            yield f"not checked: {_count(skipped, 'object')} of a kind without a schema"


def _known(known: KnownFindings) -> Iterator[str]:
    if known.count:
        yield f"{_count(known.count, 'known finding')} of the baseline left out"
    if known.gone:
        yield f"no longer found, and not needed in the baseline: {_count(len(known.gone), 'finding')}"
        yield from (f"  {printable(entry)}" for entry in known.gone)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class _Page:
    """Prints groups of findings one by one."""

    def __init__(self, excerpts: Excerpts, colour: bool) -> None:
        self._excerpts = excerpts
        self._colour = colour

    def group(self, group: Group, few: int | None) -> Iterator[str]:
        """The lines of one finding, with `few` of the other places that it is said of, or all."""
        finding = group.first
        spans = [span for span in (finding.span, *(note.span for note in finding.notes)) if span]
        gutter = max((len(str(span.start.line)) for span in spans), default=1)
        tone = _COLOURS[finding.severity]
        head = self._tinted(f"{_WORDS[finding.severity]} {finding.code.id}", tone)
        times = f" ({len(group.others) + 1} times)" if group.others else ""
        yield head + self._tinted(f": {printable(finding.message)}", _BOLD) + times
        if finding.span:
            yield from self._place(finding.span, gutter, tone)
        for label, text in (*_facts(finding), *_others(group, few)):
            yield f"{' ' * gutter} {self._tinted('=', _FRAME)} {self._tinted(label, _BOLD)}: {printable(text)}"
        for note in finding.notes:
            yield f"{self._tinted('note', _COLOURS[Severity.INFO])}: {printable(note.message)}"
            yield from self._place(note.span, gutter, _FRAME)

    def _place(self, span: Span, gutter: int, tone: str) -> Iterator[str]:
        where = f"{printable(span.file)}:{span.start.line}:{span.start.column}"
        yield f"{' ' * gutter}{self._tinted('-->', _FRAME)} {where}"
        excerpt = self._excerpts.at(span)
        if excerpt:
            bar = self._tinted("|", _FRAME)
            yield f"{' ' * gutter} {bar}"
            yield f"{self._tinted(str(span.start.line).rjust(gutter), _FRAME)} {bar} {excerpt.text}".rstrip()
            yield f"{' ' * gutter} {bar} {' ' * excerpt.indent}{self._tinted('^' * excerpt.length, tone)}"

    def _tinted(self, text: str, tone: str) -> str:
        return f"\x1b[{tone}m{text}\x1b[0m" if self._colour else text


def _others(group: Group, few: int | None) -> Iterator[tuple[str, str]]:
    shown = group.others if few is None or len(group.others) <= few + 1 else group.others[:few]
    yield from (("also", place(finding)) for finding in shown)
    more = len(group.others) - len(shown)
    if more:
        yield "also", f"at {more} more places; -v shows them all"


def _facts(finding: Diagnostic) -> Iterator[tuple[str, str]]:
    if finding.subject and (finding.subject.kind or finding.subject.name):
        yield "object", finding.place
    if finding.values_file:
        yield "values", finding.values_file
    if finding.hint:
        yield "help", finding.hint
