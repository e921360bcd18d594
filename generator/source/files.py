"""Reads the spec, the libraries it imports, and the files they name (rulings C20).

Each file has a :class:`Loader`, because paths are relative to the file they are written in. Symbolic links are resolved
before the root is checked.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from generator.diagnostics import Diagnostics, Span
from generator.records import dataclass
from generator.source.address import PREFIX, Address, parse_address
from generator.source.codes import NOT_PINNED, OUTSIDE, UNREADABLE

MAX_SPEC = 8 * 1024 * 1024


@dataclass(frozen=True)
class SourceFile:
    """A file and how it is shown to the user. `identity` is the same for the same file, however it is named."""

    identity: str
    shown: str
    data: bytes


@dataclass(frozen=True)
class Opened:
    """A library, and what reads the files that it names."""

    file: SourceFile
    loader: AnyLoader


class Repositories(Protocol):
    """The files of git repositories, each in the state that is pinned."""

    def read(self, address: Address, span: Span, diagnostics: Diagnostics) -> bytes | None:
        """The content of a file; None after reporting why there is none."""
        ...


class AnyLoader(Protocol):
    """Reads what a file names. `identity` tells the file from all others."""

    @property
    def identity(self) -> str:
        """What tells the file from all others."""
        ...

    def read_beside(self, written: str, span: Span, diagnostics: Diagnostics, limit: int) -> bytes | None:
        """The content of a file named relative to this one; at most `limit` bytes."""
        ...

    def open(self, written: str, span: Span, diagnostics: Diagnostics) -> Opened | None:
        """A library named relative to this file, or by the address of a repository."""
        ...


class Loader:
    """Reads files below `root`: the folder given by `--root`, else the repository's, else the spec's own.

    `repositories` is asked for when the first library of a repository is opened.
    """

    def __init__(
        self,
        spec: Path,
        root: Path | None = None,
        shown: str = "",
        repositories: Callable[[], Repositories] | None = None,
    ) -> None:
        self.spec = spec.resolve()
        self.folder = self.spec.parent
        self.shown = shown or spec.as_posix()
        self.root = (root or repository_of(self.folder) or self.folder).resolve()
        self.repositories = repositories

    @property
    def identity(self) -> str:
        """The path, all links resolved."""
        return str(self.spec)

    def read_beside(self, written: str, span: Span, diagnostics: Diagnostics, limit: int) -> bytes | None:
        """The content of a file named relative to this one; at most `limit` bytes."""
        path = self._path(written, span, diagnostics)
        return None if path is None else _read(path, written, span, diagnostics, limit)

    def open(self, written: str, span: Span, diagnostics: Diagnostics) -> Opened | None:
        """A library named relative to this file, or by the address of a repository."""
        if written.startswith(PREFIX):
            if self.repositories is None:
                diagnostics.add(NOT_PINNED, "libraries of repositories cannot be read here", span)
                return None
            return open_pinned(parse_address(written), self.repositories(), span, diagnostics)
        path = self._path(written, span, diagnostics)
        data = None if path is None else _read(path, written, span, diagnostics, MAX_SPEC + 1)
        if path is None or data is None:
            return None
        shown = posixpath.normpath(posixpath.join(posixpath.dirname(self.shown), written))
        loader = Loader(path, self.root, shown, self.repositories)
        return Opened(SourceFile(loader.identity, shown, data), loader)

    def _path(self, written: str, span: Span, diagnostics: Diagnostics) -> Path | None:
        """Where the file is on this machine; None, with a finding, when that is not below the root."""
        try:
            path = (self.folder / written).resolve()
        except (OSError, RuntimeError, ValueError):  # a link to itself; until Python 3.13 a RuntimeError
            diagnostics.add(UNREADABLE, f'cannot read "{written}": its links lead nowhere', span)
            return None
        if Path(written).is_absolute() or not path.is_relative_to(self.root):
            hint = f"the root folder is {self.root}" if not Path(written).is_absolute() else "write a relative path"
            diagnostics.add(OUTSIDE, f'"{written}" is outside the root folder', span, hint=hint)
            return None
        return path


@dataclass(frozen=True)
class PinnedLoader:
    """Reads files of a repository, in the state that is pinned, for one of them."""

    address: Address
    repositories: Repositories

    @property
    def identity(self) -> str:
        """The address: repository, state and path."""
        return f"{self.address.repository}#{self.address.path}"

    def read_beside(self, written: str, span: Span, diagnostics: Diagnostics, limit: int) -> bytes | None:
        """The content of a file of the repository; at most `limit` bytes."""
        address = self._beside(written, span, diagnostics)
        data = self.repositories.read(address, span, diagnostics) if address else None
        return None if data is None else data[:limit]

    def open(self, written: str, span: Span, diagnostics: Diagnostics) -> Opened | None:
        """A library of the same repository, or of another."""
        address = parse_address(written) if written.startswith(PREFIX) else self._beside(written, span, diagnostics)
        return open_pinned(address, self.repositories, span, diagnostics) if address else None

    def _beside(self, written: str, span: Span, diagnostics: Diagnostics) -> Address | None:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.address.path), written))
        if posixpath.isabs(path) or path.split("/")[0] == "..":
            hint = f"the root folder is that of {self.address.repository}"
            diagnostics.add(OUTSIDE, f'"{written}" is outside the repository', span, hint=hint)
            return None
        return replace(self.address, path=path)


def open_pinned(address: Address, repositories: Repositories, span: Span, diagnostics: Diagnostics) -> Opened | None:
    """A library of a repository."""
    data = repositories.read(address, span, diagnostics)
    if data is None:
        return None
    loader = PinnedLoader(address, repositories)
    return Opened(SourceFile(loader.identity, loader.identity, data), loader)


def read_source(path: Path, diagnostics: Diagnostics) -> SourceFile | None:
    """The spec itself, shown as the user named it."""
    shown = path.as_posix()
    data = _read(path, shown, Span.at(shown, 1), diagnostics, MAX_SPEC + 1)
    return None if data is None else SourceFile(str(path), shown, data)


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


def repository_of(folder: Path) -> Path | None:
    """The nearest folder upwards that holds `.git`."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)
