"""Bytes that are on disk when the call returns, so that a rename after it never shows a half-written file.

Input: a path and what it is to hold. Output: the file or folder, flushed to the device.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def write_file(path: Path, content: bytes, like: Path) -> None:
    """Write a new file, with the permissions of the regular file `like` when there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like.is_file() and not like.is_symlink():
        path.chmod(stat.S_IMODE(like.stat().st_mode))


def sync_folder(path: Path) -> None:
    """Flush a folder's entries: the names that were made, renamed or removed in it."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file there in one step: whoever reads it sees the old content or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        scratch = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            scratch.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
            scratch.replace(path)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)
