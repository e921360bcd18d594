"""Where a finding on a rendered object is shown.

Input: an object and a path in it. Output: a Span: the user's own line where the chart knows it, the line of a manifest
file, or the template of a chart that someone else made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from typing import ClassVar, Protocol

from generator.chart.model import Origins
from generator.diagnostics import Span
from generator.manifest import Broken, Manifest, Path, path_text
from generator.records import dataclass
from generator.yamlio.manifests import locate
from generator.yamlio.templating import likely_place


class Places(Protocol):
    """Finds the line to show. `is_release` tells whether the objects are installed together."""

    is_release: ClassVar[bool]

    def of(self, manifest: Manifest, path: Path) -> Span:
        """The place of a path in an object, or of its nearest parent."""
        ...

    def of_secret(self, manifest: Manifest, path: Path) -> Span:
        """The place of a secret, as a report is to hide it: from where the value may begin to the end of the line."""
        ...

    def of_broken(self, broken: Broken) -> Span:
        """The place of a document that is no object."""
        ...


@dataclass(frozen=True)
class FilePlaces:
    """For manifests that were read from files: `source` is the file, and lines count in it."""

    is_release: ClassVar[bool] = False

    def of(self, manifest: Manifest, path: Path) -> Span:
        """The line and column in the file."""
        line, column = locate(manifest.text, (*manifest.root, *path))
        length = len(str(path[-1])) if path and isinstance(path[-1], str) else 1
        return Span.at(manifest.source, manifest.line + line - 1, column, length)

    def of_secret(self, manifest: Manifest, path: Path) -> Span:
        """What stands behind the key, or all of an item."""
        return _behind(self.of(manifest, path))

    def of_broken(self, broken: Broken) -> Span:
        """Where reading failed."""
        return Span.at(broken.source, broken.line, broken.column)


@dataclass(frozen=True)
class ChartPlaces:
    """For rendered charts: `shown` is the chart's path, `origins` the way back to a spec (none for foreign charts).

    `read` gives a template's text by its path in the chart, or None.
    """

    is_release: ClassVar[bool] = True
    shown: str
    origins: Origins | None = None
    read: Callable[[str], str | None] = lambda _: None
    _templates: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, manifest: Manifest, path: Path) -> Span:
        """The user's line, else the likeliest line of the template."""
        origin = self.origins.find(manifest.source, path_text((*manifest.root, *path))) if self.origins else None
        return origin or self._in_template(manifest.source, path)

    def of_secret(self, manifest: Manifest, path: Path) -> Span:
        """All of what the user wrote; of a template what stands behind the key."""
        span = self.of(manifest, path)
        if span.file != f"{self.shown}/{manifest.source}":
            return span.within(0, 1) if span.start.line == span.end.line else span
        return _behind(span)

    def of_broken(self, broken: Broken) -> Span:
        """The user's line, else the line of the template that most likely gave the one that can't be read."""
        origin = self.origins.find(broken.source, "") if self.origins else None
        place = likely_place(self.read(broken.source) or "", broken.text) if broken.text else (1, 1)
        return origin or Span.at(f"{self.shown}/{broken.source}", *place)

    def _lines(self, source: str) -> list[str]:
        """The lines of a template, which is read once."""
        found = self._templates.get(source)
        if found is None:
            found = self._templates[source] = (self.read(source) or "").splitlines()
        return found

    def _in_template(self, source: str, path: Path) -> Span:
        """The line on which a template writes the path's keys, one below the other; as far as they can be followed."""
        lines = self._lines(source)
        line, column, depth, length = 0, 1, -1, 1
        for key in (step for step in path if isinstance(step, str)):
            pattern = re.compile(rf"\s*(?:- +)*(?P<key>\"?{re.escape(key)}\"?):")
            for number in range(line, len(lines)):
                found = pattern.match(lines[number])
                if found and found.start("key") > depth:
                    depth, length = found.start("key"), len(found["key"])
                    line, column = number, depth + 1
                    break
            else:
                break
        return Span.at(f"{self.shown}/{source}", line + 1, column, length)


def _behind(span: Span) -> Span:
    """What follows the key at `span`; what has no key is hidden from its beginning.

    A report that hides a stretch of one character hides the rest of the line, as long as it may be.
    """
    length = span.end.column - span.start.column
    return span.within(length + 2 if length > 1 else 0, 1)
