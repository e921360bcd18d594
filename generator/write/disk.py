"""Bytes that are on disk when the call returns, so that a rename after it never shows a half-written file.

Input: a path and what it is to hold. Output: the file or folder, flushed to the device.
"""

from __future__ import annotations

import os
import stat
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
