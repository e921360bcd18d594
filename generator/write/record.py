"""`.flowhelm.json`: which files of a chart are flowhelm's.

Input and output: the record's text in a chart folder. It holds each generated file with the SHA-256 of what was
generated, the files that the user adopted, and the version of its format; nothing else, so that it changes only when
the chart does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import PurePosixPath
from typing import Any

from generator.records import dataclass

NAME = ".flowhelm.json"
FORMAT = 1


@dataclass(frozen=True)
class Record:
    """`files`: path → checksum of the text as it was generated. `adopted`: generated once, the user's own since."""

    files: Mapping[str, str] = field(default_factory=dict)
    adopted: frozenset[str] = frozenset()

    @property
    def text(self) -> bytes:
        """The record as it is stored."""
        data: dict[str, Any] = {"format": FORMAT, "files": dict(sorted(self.files.items()))}
        if self.adopted:
            data["adopted"] = sorted(self.adopted)
        return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def parse_record(text: bytes) -> Record:
    """The record that `text` holds. Raises ValueError, with a reason for the user, when it is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    version = data.get("format") if isinstance(data, dict) else None
    if version != FORMAT:
        raise ValueError(f"its format is {version!r}, and this flowhelm knows {FORMAT}")
    files, adopted = data.get("files", {}), data.get("adopted", [])
    if not isinstance(files, dict) or not all(isinstance(checksum, str) for checksum in files.values()):
        raise ValueError("`files` must map paths to checksums")
    if not isinstance(adopted, list):
        raise ValueError("`adopted` must be a list of paths")
    for path in [*files, *adopted]:
        if not is_inside(path):
            raise ValueError(f"{path!r} is not a path inside the chart")
    return Record(files, frozenset(adopted))


def is_inside(path: object) -> bool:
    """Whether this is a relative POSIX path in its plain form that stays inside the folder it starts from."""
    if not isinstance(path, str) or not path or "\0" in path:
        return False
    parts = PurePosixPath(path).parts
    return path == "/".join(parts) and path != "." and ".." not in parts and not path.startswith("/")


def checksum(content: bytes) -> str:
    """SHA-256, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
