"""Replace a chart folder as a whole: its next state is built beside it, and takes its name in one step.

Input: the folder as it was found and what changes in it. Output: the folder on disk, at every instant the old chart
or the new one. The two exchange their names by one system call: renameat2(2) with RENAME_EXCHANGE on Linux,
renamex_np(2) with RENAME_SWAP on macOS. Files that do not change are hard links, so they keep their identity, owner
and times.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from generator.write.disk import sync_folder, write_file
from generator.write.folder import Folder

_AT_FDCWD = -100  # <fcntl.h>
_RENAME_EXCHANGE = 2  # <linux/fs.h>
_RENAME_SWAP = 2  # <sys/stdio.h> of macOS


def swap(folder: Folder, writes: Mapping[str, bytes | None]) -> None:
    """Write and remove (None) these files of the folder, all at once.

    Raises OSError where the system cannot do that here, and FolderChanged; the folder is untouched then.
    """
    staging = _staging(folder.path)
    try:
        _build(staging, folder, writes)
        folder.require_unchanged()
        if folder.exists:
            _exchange(staging, folder.path)
        else:
            staging.rename(folder.path)
        sync_folder(folder.path.parent)
    finally:
        # Before the exchange this is the unfinished new state, after it the old one; either way nobody needs it.
        discard(folder.path)


def discard(place: Path) -> None:
    """Remove what a swap of this folder left beside it, now or in a run that was interrupted."""
    shutil.rmtree(_staging(place), ignore_errors=True)


def _staging(place: Path) -> Path:
    return place.with_name(f".{place.name}.flowhelm.tmp")


def _build(staging: Path, folder: Folder, writes: Mapping[str, bytes | None]) -> None:
    staging.mkdir(parents=True)
    emptied = folder.emptied(writes)
    for name in folder.folders:
        if name not in emptied:
            (staging / name).mkdir()
    for name in folder.files.keys() - writes.keys():
        os.link(folder.path / name, staging / name, follow_symlinks=False)
    for name, content in writes.items():
        if content is not None:
            write_file(staging / name, content, like=folder.path / name)
    for path in (staging, *(path for path in staging.rglob("*") if path.is_dir() and not path.is_symlink())):
        _resemble(path, folder.path / path.relative_to(staging))
        sync_folder(path)


def _resemble(path: Path, original: Path) -> None:
    """Give a new folder the permissions and the owner of the one it stands for."""
    if original.is_dir():
        shutil.copymode(original, path)
        new, old = path.stat(), original.stat()
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            os.chown(path, old.st_uid, old.st_gid)


def _exchange(first: Path, second: Path) -> None:
    import ctypes  # only here: most runs change nothing

    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    try:
        if sys.platform == "darwin":
            failed = libc.renamex_np(*names, _RENAME_SWAP)
        else:
            failed = libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    except AttributeError:
        raise OSError("the C library cannot exchange two names") from None
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(second))
