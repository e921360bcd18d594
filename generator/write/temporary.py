"""A FileSet in a folder that is gone afterwards: what Helm renders before the real folder is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from generator.chart.model import FileSet


@contextmanager
def temporary_folder(files: FileSet, charts: Path | None = None) -> Iterator[Path]:
    """Write the files to a new folder, with the sub-charts of the folder `charts`; it is removed at the end."""
    with TemporaryDirectory(prefix="flowhelm-") as name:
        folder = Path(name)
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if charts is not None and charts.is_dir():
            copytree(charts, folder / "charts", dirs_exist_ok=True)
        yield folder
