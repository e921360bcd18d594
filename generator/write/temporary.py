"""A FileSet in a folder that is gone afterwards: what Helm renders before the real folder is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.chart.model import FileSet


@contextmanager
def temporary_folder(files: FileSet) -> Iterator[Path]:
    """Write the files to a new folder; it is removed at the end."""
    with TemporaryDirectory(prefix="flowhelm-") as name:
        folder = Path(name)
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        yield folder
