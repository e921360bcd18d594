"""One file of the user's → other content, whole or not at all.

Input: a path and the new bytes. Output: the file replaced by one rename; a link keeps leading to it, permissions stay.
"""

from __future__ import annotations

import os
from pathlib import Path

from generator.write.disk import sync_folder, write_file


def replace_file(path: Path, content: bytes) -> None:
    """Put the content where the path leads; raises OSError when that cannot be done, and then nothing has changed."""
    target = path.resolve()
    staged = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        write_file(staged, content, like=target)
        staged.replace(target)
    finally:
        staged.unlink(missing_ok=True)
    sync_folder(target.parent)


def create_file(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet: FileExistsError when it does."""
    write_file(path, content, like=path)
