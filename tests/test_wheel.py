"""What is installed from a wheel works without the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = folder.glob("flowhelm-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_package_with_its_data_and_nothing_else(installed):
    assert {path.name for path in installed.iterdir() if path.suffix != ".dist-info"} == {"generator"}
    package, sources = installed / "generator", CHECKOUT / "generator"
    expected = {path.relative_to(sources) for path in sources.rglob("*") if path.is_file()}
    expected |= {Path("templates") / path.relative_to(CHECKOUT / "templates") for path in templates()}
    expected = {path for path in expected if "__pycache__" not in path.parts}
    assert {path.relative_to(package) for path in package.rglob("*") if path.is_file()} == expected


def templates() -> list[Path]:
    return [path for path in (CHECKOUT / "templates").rglob("*") if path.is_file()]


def test_it_compiles_the_same_bytes(installed, tmp_path):
    program = "import generator, sys; print(generator.__file__); from generator.cli import main; main(sys.argv[1:])"
    spec = CHECKOUT / "examples" / "order" / "spec.yaml"
    done = subprocess.run(
        [sys.executable, "-c", program, "compile", "--no-validate", "-o", "chart", str(spec)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0] == str(installed / "generator" / "__init__.py")
    golden = CHECKOUT / "charts-out" / "order"
    assert contents(tmp_path / "chart") == contents(golden)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
