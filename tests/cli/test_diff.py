"""`flowhelm diff` of everything that it takes, and its exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import SPEC, WRONG, Run

CHANGED = SPEC.replace("web:1.0.0", "web:1.0.1")


@pytest.fixture
def sides(folder: Path) -> Path:
    """A spec as it was, and as it is, in a repository that has the first one."""
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.com")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)
    (folder / "new.yaml").write_text(CHANGED)
    return folder


def test_two_specs(sides: Path, run: Run) -> None:
    result = run("diff", "spec.yaml", "new.yaml")
    assert result.code == 0
    assert "Deployment" in result.out
    assert "1.0.1" in result.out
    assert result.err == ""


def test_nothing_changed(sides: Path, run: Run) -> None:
    result = run("diff", "spec.yaml", "spec.yaml", "--detailed-exitcode", "--fail-on", "info")
    assert result.code == 0
    assert "no changes" in result.out


def test_charts_and_manifests_give_the_same_as_their_specs(sides: Path, run: Run) -> None:
    run("compile", "spec.yaml", "-o", "old", "--no-validate")
    run("compile", "new.yaml", "-o", "new", "--no-validate")
    expected = run("diff", "spec.yaml", "new.yaml", "--format", "json").out
    assert json.loads(run("diff", "old", "new", "--format", "json").out) == json.loads(expected)
    assert json.loads(run("diff", "spec.yaml", "new", "--format", "json").out) == json.loads(expected)


def test_a_side_from_a_commit(sides: Path, run: Run) -> None:
    (sides / "spec.yaml").write_text(CHANGED)
    for old in ("git:HEAD:spec.yaml", "git:HEAD"):
        result = run("diff", old, "spec.yaml", "--detailed-exitcode")
        assert result.code == 2, result.err
        assert "1.0.1" in result.out
    missing = run("diff", "git:no-such-ref:spec.yaml", "spec.yaml")
    assert missing.code == 1
    assert "error FH62" in missing.err


def test_exit_codes(sides: Path, run: Run) -> None:
    assert run("diff", "spec.yaml", "new.yaml", "--detailed-exitcode").code == 2
    assert run("diff", "spec.yaml", "new.yaml", "--fail-on", "error").code == 0
    assert run("diff", "spec.yaml", "new.yaml", "--fail-on", "info").code == 3
    assert run("diff", "spec.yaml", "new.yaml", "--fail-on", "info", "--detailed-exitcode").code == 3


def test_a_side_with_errors_is_an_error_and_nothing_is_compared(sides: Path, run: Run) -> None:
    (sides / "new.yaml").write_text(WRONG)
    result = run("diff", "spec.yaml", "new.yaml", "--detailed-exitcode")
    assert result.code == 1
    assert result.out == ""
    assert "new.yaml:7:5" in result.err


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_forms(form: str, sides: Path, run: Run) -> None:
    result = run("diff", "spec.yaml", "new.yaml", "--format", form)
    assert "Deployment" in result.out
    assert (form == "json") == result.out.startswith("{")
    assert "\x1b[" not in result.out
