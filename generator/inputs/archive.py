"""Writes the files of strangers: nothing lands outside the folder, and no more than the limits allow.

Input: a packaged chart, or files one by one. Output: files below a folder, or a :class:`Refused` that says why there
are none.
"""

from __future__ import annotations

import io
import os
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from generator.diagnostics import Code
from generator.inputs import codes
from generator.records import dataclass

if TYPE_CHECKING:
    import gzip

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How much may be written."""

    size: int
    files: int


CHART = Limits(100 << 20, 10_000)
"""Helm refuses charts of more than 100 MiB too."""


class Refused(Exception):
    """Why an input is not read; never leaves `inputs`."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def unpack_chart(archive: Path, into: Path) -> None:
    """Writes the files of a gzipped tar archive below `into`; raises Refused, also for links, which no chart has."""
    import gzip
    import tarfile
    import zlib

    target = Unpacking(into, CHART)
    try:
        with gzip.open(archive) as stream, tarfile.open(fileobj=_Limited(stream), mode="r|") as files:
            for member in files:
                if member.isreg():
                    target.add_file(member.name, files.extractfile(member))
                elif not member.isdir():
                    raise Refused(codes.UNSAFE_ARCHIVE, f'"{member.name}" is a link or a device, not a file')
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise Refused(codes.NOT_A_CHART, f"it is no gzipped tar archive ({error})") from error
    except OSError as error:
        raise Refused(codes.UNREADABLE, os.strerror(error.errno or 0)) from error


class _Limited(io.BufferedIOBase):
    """A stream that ends in a refusal when it gives more than a chart may hold: a header can be a bomb too."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._left = 2 * CHART.size

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes; raises Refused when there are too many in all."""
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        data = self._stream.read(wanted)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(CHART)
        return data


class Unpacking:
    """A folder that is being filled; every method raises Refused."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._size = 0
        self._files = 0
        self._links: list[tuple[Path, str]] = []

    def add_file(self, name: str, content: IO[bytes] | None) -> None:
        """Writes one file; a name that comes twice is refused."""
        path = self._place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise Refused(codes.UNSAFE_ARCHIVE, f'"{name}" is in it twice')
        with path.open("xb") as file:
            while content and (chunk := content.read(_CHUNK)):
                self._size += len(chunk)
                if self._size > self._limits.size:
                    raise _too_large(self._limits)
                file.write(chunk)

    def add_link(self, name: str, target: str) -> None:
        """Remembers a symbolic link for :meth:`link`."""
        self._links.append((self._place(name), target))

    def link(self) -> None:
        """Makes the links, after all files, so that none is written through one; those that lead out are left out."""
        for path, target in self._links:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
        root = self._root.resolve()
        for path, _ in self._links:
            if not Path(os.path.realpath(path)).is_relative_to(root):
                path.unlink()

    def _place(self, name: str) -> Path:
        self._files += 1
        if self._files > self._limits.files:
            raise Refused(codes.TOO_LARGE, f"it holds more than {self._limits.files:,} files")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.parts:
            raise Refused(codes.UNSAFE_ARCHIVE, f'the path "{name}" leads out of its folder')
        return self._root / path


def _too_large(limits: Limits) -> Refused:
    return Refused(codes.TOO_LARGE, f"it is larger than {limits.size >> 20:,} MiB when unpacked")
