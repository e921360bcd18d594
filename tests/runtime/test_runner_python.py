"""The runner's modules on the oldest Python that they are for, and without anything but its standard library."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.simulated_run import simulation
from tests.runtime.workflow_rows import Row, approve, call, name, run, sql, step, text, told, wait, workflow

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "generator" / "runtime").glob("*.py"))
OLDEST = (3, 9)

ROW = Row(
    "small",
    "M32",
    "run succeeded\na succeeded\nb succeeded\nc succeeded\nc[0] succeeded\nc[0]/x succeeded\nd succeeded\ne succeeded",
    {
        "a": sql('ok {"n": "7"}', outputs={"n": "integer"}),
        "b": call(step("GET stock", path=text("/", name("tasks.a.outputs.n"))), needs="a"),
        "c": workflow({"x": run(mutex="till")}, foreach={"items": [1]}),
        "d": wait(0.1, isolate=True),
        "e": approve("Well?"),
    },
    answers={"e": "true"},
)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_syntax_is_old_enough(module: Path) -> None:
    ast.parse(module.read_text("utf-8"), feature_version=OLDEST)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_only_the_standard_library_is_imported(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_no_module_hides_one_of_the_standard_library() -> None:
    assert {module.stem for module in MODULES} & sys.stdlib_module_names == set()


def oldest_python() -> str:
    """Python 3.9, from pyenv or from PATH."""
    installed = sorted(Path.home().glob(".pyenv/versions/3.9.*/bin/python3.9"))
    found = str(installed[-1]) if installed else shutil.which("python3.9")
    if not found:
        pytest.skip("no Python 3.9 on this machine")
    return found


def test_a_run_on_the_oldest_python(tmp_path: Path) -> None:
    """As in the pod: the package is a folder named `runner`, mounted as a ConfigMap mounts it."""
    home = tmp_path / "flowhelm"
    data = home / "runner" / "..data"
    data.mkdir(parents=True)
    for module in MODULES:
        shutil.copy(module, data)
        (home / "runner" / module.name).symlink_to(Path("..data") / module.name)
    with simulation(ROW, tmp_path, 50) as simulated:
        program = (
            "import http.client, pathlib, sys, runner.kube, runner.opening, runner.runner as r\n"
            f"connect = lambda s: http.client.HTTPConnection('127.0.0.1', {simulated.port}, timeout=s)\n"
            "clock = runner.kube.Clock()\n"
            "api = runner.kube.Api(connect, 'ns', clock)\n"
            f"folder = pathlib.Path({str(tmp_path)!r})\n"
            "one = r.Runner(api, clock, runner.opening.Identity('the-run', 'the-uid', 'p'), folder)\n"
            "code = r.carry_out(one, folder / 'termination-log')\n"
            "import os; os._exit(code)\n"
        )
        found = subprocess.run([oldest_python(), "-B", "-c", program], cwd=home, timeout=30)
        assert found.returncode == 0
        assert simulated.story() == told(ROW.expect)
        assert [request[1] for request in simulated.requests.of("b")] == ["GET stock /7"]
