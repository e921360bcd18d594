"""Files that a spec brings along: read within a root folder, never outside of it (rulings C20).

Input: paths as a user wrote them. Output: bytes, or a finding. Symbolic links are resolved before the root is checked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from generator.diagnostics import Code, Diagnostics, Span

MAX_SPEC = 8 * 1024 * 1024

UNREADABLE = Code(
    "FH0101",
    "file cannot be read",
    "Nothing can be compiled without it.",
)
OUTSIDE = Code(
    "FH0102",
    "path outside the root folder",
    "A spec may only take files from its own folder or repository, so that it gives the same chart everywhere.",
    wrong="files: {/etc/passwd: {from: /etc/passwd}}",
    right="files: {/etc/shop.conf: {from: shop.conf}}",
    source="rulings C20",
)
CODES = (UNREADABLE, OUTSIDE)


@dataclass(frozen=True)
class SourceFile:
    """A file and how it is shown to the user."""

    path: Path
    shown: str
    data: bytes


class Loader:
    """Reads files below `root`: the folder given by `--root`, else the repository's, else the spec's own."""

    def __init__(self, spec: Path, root: Path | None = None) -> None:
        self.folder = spec.resolve().parent
        self.root = (root or _repository(self.folder) or self.folder).resolve()

    def read_beside(self, written: str, span: Span, diagnostics: Diagnostics, limit: int) -> bytes | None:
        """The content of a file named relative to the spec; at most `limit` bytes."""
        try:
            path = (self.folder / written).resolve()
        except (OSError, RuntimeError, ValueError):  # a link to itself; until Python 3.13 a RuntimeError
            diagnostics.add(UNREADABLE, f'cannot read "{written}": its links lead nowhere', span)
            return None
        if Path(written).is_absolute() or not path.is_relative_to(self.root):
            hint = f"the root folder is {self.root}" if not Path(written).is_absolute() else "write a relative path"
            diagnostics.add(OUTSIDE, f'"{written}" is outside the root folder', span, hint=hint)
            return None
        return _read(path, written, span, diagnostics, limit)


def read_source(path: Path, diagnostics: Diagnostics) -> SourceFile | None:
    """The spec itself, shown as the user named it."""
    shown = path.as_posix()
    data = _read(path, shown, Span.at(shown, 1), diagnostics, MAX_SPEC + 1)
    return None if data is None else SourceFile(path, shown, data)


def _read(path: Path, shown: str, span: Span, diagnostics: Diagnostics, limit: int) -> bytes | None:
    try:
        if not path.is_file():  # also refuses pipes and devices, which may never end
            reason = "it is a folder" if path.is_dir() else "there is no such file"
            diagnostics.add(UNREADABLE, f'cannot read "{shown}": {reason}', span)
            return None
        with path.open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        diagnostics.add(UNREADABLE, f'cannot read "{shown}": {os.strerror(error.errno or 0)}', span)
        return None


def _repository(folder: Path) -> Path | None:
    """The nearest folder upwards that holds `.git`."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)
