"""The text files of a chart, its packed sub-charts unpacked.

Input: the folder of a chart. Output: path → text, sub-charts in `charts/<name>/`, as far as the limits go: what is
larger, no text, or leads out of the chart is left out, and Helm has its say on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from stat import S_ISREG
from tempfile import TemporaryDirectory

from generator.diagnostics import Diagnostics, Span
from generator.inputs import codes
from generator.inputs.archive import Refused, unpack_chart

_MAX_FILE = 2 << 20
_MAX_ALL = 64 << 20
_MAX_DEPTH = 10


def chart_files(folder: Path, shown: str, diagnostics: Diagnostics) -> Mapping[str, str]:
    """Every text file of a chart. A packed sub-chart that would write outside is FH6204, at `shown`/charts/…."""
    found: dict[str, str] = {}
    left = _MAX_ALL
    refused: list[tuple[str, Refused]] = []
    for path, text in _files(folder, 0, refused):
        left -= len(text)
        if left < 0:
            break
        found[path] = text
    for path, refusal in refused:
        if refusal.code is codes.UNSAFE_ARCHIVE:  # of all else Helm itself says so
            diagnostics.add(refusal.code, f"{path}: {refusal.message}", Span.at(f"{shown}/{path}", 1))
    return found


def _files(folder: Path, depth: int, refused: list[tuple[str, Refused]]) -> Iterator[tuple[str, str]]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        below = Path(parent).relative_to(folder).as_posix()
        for name in sorted(names):
            path = f"{parent}/{name}"
            shown = name if below == "." else f"{below}/{name}"
            if shown.startswith("charts/") and name.endswith(".tgz") and depth < _MAX_DEPTH:
                yield from _packed(Path(path), shown, depth, refused)
            elif (text := _text(path)) is not None:
                yield shown, text


def _packed(archive: Path, shown: str, depth: int, refused: list[tuple[str, Refused]]) -> Iterator[tuple[str, str]]:
    with TemporaryDirectory(prefix="flowhelm-") as scratch:
        try:
            unpack_chart(archive, Path(scratch))
        except Refused as refusal:
            refused.append((shown, refusal))
            return
        for chart in sorted(each for each in Path(scratch).iterdir() if each.is_dir()):
            for path, text in _files(chart, depth + 1, refused):
                yield f"{shown}/{path}", text


def _text(path: str) -> str | None:
    """The text of a file; a chart may have thousands, so neither a Path nor a reader with a buffer is made for each."""
    try:
        status = os.lstat(path)
        if not S_ISREG(status.st_mode) or status.st_size > _MAX_FILE:
            return None
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # of a Path it takes twice as long
            text = file.read().decode()
    except (OSError, UnicodeDecodeError):
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
