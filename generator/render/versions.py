"""The versions that Helm binaries have told, kept in the user's cache: to ask takes as long as to render a small chart.

Input: a program. Output: what it told when it was last asked, as long as it is the same file. Scripts, and links to
programs of another name (version managers have both), are never remembered: what they start may be another next time.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Any

_MOST = 32
"""Programs that are remembered."""


def recall(program: str) -> str | None:
    """The version that a program has told; None when it has to be asked."""
    path, state = _identity(program)
    known = _read().get(path)
    return known[1] if known and known[0] == state and isinstance(known[1], str) else None


def remember(program: str, version: str) -> None:
    """Keep what a program told. That it can't be kept is no mistake."""
    path, state = _identity(program)
    if not path:
        return
    others = {key: value for key, value in _read().items() if key != path}
    kept = dict([*others.items(), (path, [state, version])][-_MOST:])
    with suppress(OSError, RuntimeError):  # the latter: there is no home
        _file().parent.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(prefix=".helm-versions-", dir=_file().parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file)
            Path(name).replace(_file())
        except OSError:
            Path(name).unlink()
            raise


def _file() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowhelm" / "helm-versions.json"


def _read() -> dict[str, list[Any]]:
    """Path → state and version; empty when there is nothing, or nothing of use."""
    try:
        known = json.loads(_file().read_bytes())
    except (OSError, ValueError, RuntimeError):
        return {}
    entries = known.items() if isinstance(known, dict) else ()
    return {path: value for path, value in entries if isinstance(value, list) and len(value) == 2}


def _identity(program: str) -> tuple[str, list[int]]:
    """Where a program lies, and what changes when it does; no place when it is not to be remembered."""
    try:
        path = Path(shutil.which(program) or program).resolve()
        with path.open("rb") as file:
            is_script = file.read(2) == b"#!"
            state = os.fstat(file.fileno())
    except (OSError, RuntimeError):
        return "", []
    if is_script or not path.name.startswith("helm"):
        return "", []
    return str(path), [state.st_size, state.st_mtime_ns, state.st_ctime_ns]
