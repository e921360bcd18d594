"""What Helm must not follow or wait for: links that lead out, or in circles, pipes and devices.

Input: the folder of a chart. Output: nothing, or a :class:`Refused`. Helm follows every link and puts what it finds
into the chart, and a report would show it: a link may only lead within the repository that the chart is in.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from generator.inputs import codes
from generator.inputs.archive import Refused
from generator.source.files import repository_of

_MOST = 50_000


def refuse_unsafe(chart: Path, root: Path | None = None) -> None:
    """Raises Refused for what has no place in a chart. `root` is where links may lead; None: the chart's repository."""
    here = chart.resolve()
    inside = (root or repository_of(here) or here).resolve()
    _Walk(chart, inside).look(chart, ())


class _Walk:
    """Looks at all that Helm would load, links followed."""

    def __init__(self, chart: Path, inside: Path) -> None:
        self._chart = chart
        self._inside = inside
        self._left = _MOST

    def look(self, folder: Path, above: tuple[Path, ...]) -> None:
        """A folder and all in it; `above` are the folders it was reached through."""
        real = folder.resolve()
        if real in above:
            raise self._refused(folder, "is a link that leads in a circle")
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            self._left -= 1
            if self._left < 0:
                raise Refused(codes.TOO_LARGE, f"it holds more than {_MOST:,} files")
            path = Path(entry.path)
            if entry.name == ".git":
                continue
            if entry.is_symlink():
                self._follow(path)
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                self.look(path, (*above, real))
            elif not stat.S_ISREG(mode):
                raise self._refused(path, "is a pipe, a socket or a device, no file")

    def _follow(self, path: Path) -> None:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # a link to itself; until Python 3.13 a RuntimeError
            raise self._refused(path, "is a link that leads nowhere") from None
        if not target.is_relative_to(self._inside):
            raise self._refused(path, "is a link that leads out of the chart")

    def _refused(self, path: Path, why: str) -> Refused:
        return Refused(codes.UNSAFE_CHART, f"{path.relative_to(self._chart).as_posix()} {why}")
