"""Turns a rendering that failed into findings, each at the line that can be mended.

Input: how Helm ended, the chart, the values it was rendered with. Output: findings in `diagnostics`, at the line of the
template, the values file or, where the origins are known, the user's spec.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from generator.chart.model import CARD, Origins
from generator.diagnostics import Diagnostics, Note, Span
from generator.kube.credentials import names_credential
from generator.kube.hiding import secret_parts
from generator.manifest import Broken, path_text, read_manifests
from generator.manifest import Path as Steps
from generator.records import dataclass
from generator.render import codes
from generator.render.failure import Failure, failures
from generator.render.process import End, Outcome
from generator.render.settings import Settings
from generator.yamlio.manifests import Unreadable, load, locate
from generator.yamlio.templating import likely_place, unclosed


@dataclass(frozen=True)
class FailureReport:
    """A failed rendering of one chart. `rendered` renders it again, for the text that Helm could not read."""

    chart: Path
    shown: str
    settings: Settings
    diagnostics: Diagnostics
    origins: Origins | None
    rendered: Callable[[], str]

    def report(self, outcome: Outcome) -> None:
        """Add what went wrong to the findings."""
        limits = self.settings.limits
        if outcome.end is End.TIME:
            self._add(Failure(codes.TIME_LIMIT, f"Helm did not end within {limits.seconds:g} s and was killed"))
        elif outcome.end is End.OUTPUT:
            size = f"{limits.output / (1 << 20):g} MiB"
            self._add(Failure(codes.OUTPUT_LIMIT, f"the chart renders to more than {size}"))
        elif outcome.status < 0 and not outcome.stderr:
            self._add(Failure(codes.CRASH, f"Helm was killed by signal {-outcome.status}"))
        else:
            for failure in failures(outcome.stderr):
                self._add(failure)

    def _add(self, failure: Failure) -> None:
        if failure.values_path is not None:
            steps = (*self._prefix(failure.chart), *failure.values_path)
            is_secret = any(isinstance(step, str) and names_credential(step) for step in steps)
            said = re.sub("'[^']*'", "'••••'", failure.message) if is_secret else failure.message
            failure = replace(failure, values_path=steps, message=said)
        broken = self._unreadable(failure.file) if failure.code is codes.NOT_YAML else None
        if broken:
            failure = replace(failure, message=f"the rendered text can't be read: {broken.message}")
        span, notes = self._place(failure, broken)
        path = path_text(failure.values_path or ())
        message = f"{path or 'the values'}: {failure.message}" if failure.values_path is not None else failure.message
        line = _last_line(broken) if broken else ""
        hint = f"that line is rendered as `{line}`" if line and line not in self._text(failure.file) else ""
        label = self.settings.shown
        self.diagnostics.add(failure.code, message, span, hint=hint, notes=notes, path=path, values_file=label)

    # --- places ------------------------------------------------------------------------------------------------------

    def _place(self, failure: Failure, broken: Broken | None) -> tuple[Span, tuple[Note, ...]]:
        if failure.values_path is not None:
            return self._in_values(failure.values_path), ()
        span, notes = self._in_file(failure, broken)
        origin = self.origins.find(failure.file, "") if self.origins and failure.file else None
        return (origin, (Note("in this template", span), *notes)) if origin else (span, notes)

    def _in_file(self, failure: Failure, broken: Broken | None) -> tuple[Span, tuple[Note, ...]]:
        """The line of the template or other file, and those that led there."""
        text = self._text(failure.file) if failure.file else ""
        if failure.key:
            return self._span(failure.file, *locate(text, failure.key)), ()
        if broken:
            return self._span(failure.file, *likely_place(text, broken.text)), ()
        notes = tuple(Note("called from here", self._span(*place)) for place in failure.via)
        span = self._span(failure.file, failure.line, failure.column)
        if failure.code is codes.TEMPLATE and (found := unclosed(text, failure.line)):
            return span, (Note(found[1], self._span(failure.file, found[0], 0)), *notes)
        said = self._said_by(failure.message) if failure.code is codes.EXECUTION and not notes else None
        if said and said[:2] != (failure.file, failure.line):
            return self._span(*said), (Note("called from here", span),)
        return span, notes

    def _span(self, file: str, line: int, column: int) -> Span:
        return Span.at(f"{self.shown}/{file}" if file else self.shown, max(line, 1), max(column, 1))

    def _text(self, file: str) -> str:
        try:
            return (self.chart / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _said_by(self, message: str) -> tuple[str, int, int] | None:
        """The one `fail` or `required` of the chart that says this: Helm names only the template that led there."""
        quoted = re.escape(json.dumps(message, ensure_ascii=False)[1:-1])
        saying = re.compile(rf"\b(?:fail|required)\s+[\"`]{quoted}[\"`]")
        found: list[tuple[str, int, int]] = []
        for path in sorted(self.chart.glob("**/templates/**/*")):
            file = path.relative_to(self.chart).as_posix()
            text = self._text(file) if path.is_file() else ""
            for match in saying.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append((file, line, match.start() - text.rfind("\n", 0, match.start())))
        return found[0] if len(found) == 1 else None

    # --- values ------------------------------------------------------------------------------------------------------

    def _prefix(self, chart: str) -> Steps:
        """Where the values of a chart stand in those of the chart that is rendered."""
        card = load(self._text(CARD))
        if not chart or not isinstance(card, dict) or card.get("name") == chart:
            return ()
        dependencies = card.get("dependencies")
        for entry in dependencies if isinstance(dependencies, list) else ():
            if isinstance(entry, dict) and entry.get("name") == chart and entry.get("alias"):
                return (str(entry["alias"]),)
        return (chart,)

    def _in_values(self, path: Steps) -> Span:
        """Where the value was set: in the last values file that has it, else in the chart's own."""
        own = f"{self.shown}/values.yaml"
        files = [(file, self._shown(file)) for file in reversed(self.settings.values_files)]
        for file, name in (*files, (self.chart / "values.yaml", own)):
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            if path and _has(load(text), path):
                return Span.at(name, *locate(text, path))
        return Span.at(own, 1)

    def _shown(self, file: Path) -> str:
        inside = file.is_relative_to(self.chart)
        return f"{self.shown}/{file.relative_to(self.chart).as_posix()}" if inside else str(file)

    # --- rendered text -----------------------------------------------------------------------------------------------

    def _unreadable(self, file: str) -> Broken | None:
        """What can't be read in the text that a template gave, when Helm tells it."""
        broken = read_manifests(self.rendered()).broken
        return next((each for each in broken if each.source == file and each.text), None)


def _last_line(broken: Broken) -> str:
    """The line that can't be read; nothing of what may hold secrets."""
    lines = broken.text.rstrip("\n").split("\n")
    is_secret = "Secret" in broken.text or any(secret_parts(lines, len(lines) - 1))
    return "" if is_secret else lines[-1].strip()[:80]


def _has(data: object | Unreadable, path: Steps) -> bool:
    for step in path:
        is_there = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if not is_there:
            return False
        assert isinstance(data, dict | list)
        data = data[step]  # type: ignore[index]  # a step that is there fits its container
    return True
