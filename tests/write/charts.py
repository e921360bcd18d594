"""Small charts, and how tests put them on disk and read them back."""

from pathlib import Path

from generator.chart.model import FileSet
from generator.diagnostics import Diagnostics
from generator.write.plan import WritePlan, plan_write
from generator.write.writer import apply

OLD: FileSet = {
    "Chart.yaml": b"name: shop\nversion: 1.0.0\n",
    "values.yaml": b"replicas: 1\n",
    "templates/_helpers.tpl": b"{{/* helpers */}}\n",
    "templates/cart/deployment.yaml": b"kind: Deployment\n",
    "templates/mail/deployment.yaml": b"kind: Deployment\n",
}

# One file each that is updated, created, removed with its folder, and as it was.
NEW: FileSet = {
    "Chart.yaml": b"name: shop\nversion: 1.1.0\n",
    "values.yaml": b"replicas: 2\n",
    "templates/_helpers.tpl": b"{{/* helpers */}}\n",
    "templates/cart/deployment.yaml": b"kind: Deployment\n",
    "templates/cart/service.yaml": b"kind: Service\n",
}


def plan(files: FileSet, target: Path, *, force: bool = False, adopt: tuple[str, ...] = ()) -> WritePlan:
    """A plan that is not refused."""
    diagnostics = Diagnostics()
    made = plan_write(files, target, diagnostics, force=force, adopt=adopt)
    assert made, [finding.message for finding in diagnostics]
    return made


def write(files: FileSet, target: Path, *, force: bool = False, adopt: tuple[str, ...] = ()) -> list[str]:
    """Write a chart; the codes of what was found on the way."""
    diagnostics = Diagnostics()
    assert apply(plan(files, target, force=force, adopt=adopt), diagnostics), list(diagnostics)
    return [finding.code.id for finding in diagnostics]


def refused(files: FileSet, target: Path, *, force: bool = False, adopt: tuple[str, ...] = ()) -> list[str]:
    """The codes for which a write is refused before it begins."""
    diagnostics = Diagnostics()
    assert plan_write(files, target, diagnostics, force=force, adopt=adopt) is None
    return [finding.code.id for finding in diagnostics]


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
