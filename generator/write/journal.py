"""Write inside a chart folder, file by file, for places where it cannot be replaced as a whole.

Such places are a mount point, a parent that is not writable, a file system without exchange, and the folder in which
the user's shell stands. Input: the folder as it was found and what changes in it. Output: the folder on disk. All new
text is written to `.flowhelm.tmp/` inside it first; a journal there, complete or absent, says what is to be done. A
write that is interrupted before the journal stands has changed nothing; after it, :func:`recover` finishes it at the
next start.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from generator.write.disk import sync_folder, write_file
from generator.write.folder import WORK, Folder
from generator.write.record import is_inside

_JOURNAL = "journal.json"


def write_in_place(folder: Folder, writes: Mapping[str, bytes | None]) -> None:
    """Write and remove (None) these files of the folder. Raises OSError and FolderChanged; the folder is untouched
    then.

    An OSError after the journal stands leaves the rest to the next start.
    """
    work = folder.path / WORK
    try:
        work.mkdir()
        staged: dict[str, str | None] = {}
        for number, (name, content) in enumerate(writes.items()):
            staged[name] = None if content is None else str(number)
            if content is not None:
                write_file(work / str(number), content, like=folder.path / name)
        journal = json.dumps({"files": staged, "emptied": folder.emptied(writes)}).encode()
        write_file(work / "journal.part", journal, like=work / "journal.part")
        folder.require_unchanged()
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    (work / "journal.part").rename(work / _JOURNAL)
    sync_folder(work)
    recover(folder.path)


def recover(place: Path) -> None:
    """Finish the write that the journal in this folder describes; without a journal, drop what was prepared for one."""
    work = place / WORK
    if not work.is_dir() or work.is_symlink():
        return
    staged, emptied = _read_journal(place)
    for name, source in staged.items():
        file = place / name
        if source is None:
            file.unlink(missing_ok=True)
        elif (work / source).exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            (work / source).replace(file)
            sync_folder(file.parent)
    for name in emptied:
        with contextlib.suppress(OSError):  # not empty: something of the user's came in
            (place / name).rmdir()
    (work / _JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)


def _read_journal(place: Path) -> tuple[Mapping[str, str | None], list[str]]:
    """The journal's steps; none when it is not there, or asks for something that no journal of flowhelm asks for."""
    try:
        data = json.loads((place / WORK / _JOURNAL).read_bytes())
        staged, emptied = dict(data["files"]), list(data["emptied"])
        steps_are_ours = all(source is None or str(source).isdecimal() for source in staged.values())
        paths_are_inside = all(
            is_inside(name) and (place / name).parent.resolve().is_relative_to(place) for name in [*staged, *emptied]
        )
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return {}, []
    return (staged, emptied) if steps_are_ours and paths_are_inside else ({}, [])
