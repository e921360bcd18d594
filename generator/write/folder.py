"""A chart folder as it lies on disk: its folders, its files, and what tells whether they changed. No link is followed.

Input: a path. Output: a :class:`Folder`: a write is planned from it, and checked against it before it happens.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath

from generator.records import dataclass

# Where a write inside the folder keeps its journal (see `journal.py`); not a part of the chart.
WORK = ".flowhelm.tmp"


class FolderChanged(Exception):
    """The folder is not as it was when the write was planned."""


@dataclass(frozen=True)
class Stamp:
    """What changes when a file does."""

    inode: int
    modified: int
    size: int


@dataclass(frozen=True)
class Folder:
    """What lies in a folder, by relative POSIX paths, parents first.

    A symbolic link is a file; one that leads to a folder stands in `links`, too.
    """

    path: Path
    files: Mapping[str, Stamp] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()
    exists: bool = False

    def content(self, path: str) -> bytes | None:
        """A file's bytes; None when it is not there or is a link to nowhere."""
        try:
            return (self.path / path).read_bytes() if path in self.files else None
        except (FileNotFoundError, IsADirectoryError):
            return None

    def emptied(self, writes: Mapping[str, bytes | None]) -> list[str]:
        """The folders, innermost first, that hold nothing once these files are written and removed (None)."""
        leaving = {path for path, content in writes.items() if content is None}
        staying = self.files.keys() - leaving | writes.keys() - leaving
        emptied = _parents(leaving) - _parents(staying)
        emptied -= _parents(set(self.folders) - emptied)
        return sorted(emptied, key=lambda path: (-path.count("/"), path))

    def require_unchanged(self) -> None:
        """Raise FolderChanged unless the folder is still as it was found."""
        if scan(self.path) != self:
            raise FolderChanged

    def require_writable(self, paths: Iterable[str]) -> None:
        """Raise PermissionError when a folder in which one of the paths changes is write-protected."""
        if not self.exists:
            return
        for name in (".", *sorted(_parents(paths) & set(self.folders))):
            if not os.access(self.path / name, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)

    def obstacle(self, path: str, leaving: frozenset[str]) -> str:
        """What keeps a file from being written at `path`, as words for the user; empty when nothing does.

        Files that are `leaving` are in nobody's way.
        """
        if path in self.folders or path in self.links:
            return f"{path} is a folder"
        for parent in sorted(_parents([path])):
            if parent in self.links:
                return f"{parent} is a symbolic link"
            if parent in self.files and parent not in leaving:
                return f"{parent} is a file"
        return ""


def scan(path: Path) -> Folder:
    """What lies in the folder at `path`; an empty one when it does not exist. Raises OSError as the system does."""
    if not path.exists():
        return Folder(path)
    files: dict[str, Stamp] = {}
    folders: list[str] = []
    links: set[str] = set()
    for name, entry in _entries(path, ""):
        if entry.is_dir(follow_symlinks=False):
            folders.append(name)
            continue
        found = entry.stat(follow_symlinks=False)
        files[name] = Stamp(found.st_ino, found.st_mtime_ns, found.st_size)
        if entry.is_dir():
            links.add(name)
    return Folder(path, files, tuple(folders), frozenset(links), exists=True)


def _entries(path: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = prefix + entry.name
        if name == WORK:
            continue
        yield name, entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path), f"{name}/")


def _parents(paths: Iterable[str]) -> set[str]:
    """All folders above these paths, without the root."""
    return {str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."}
