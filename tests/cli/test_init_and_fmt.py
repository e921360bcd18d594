"""`init` and `fmt`: the first spec, and every one after it in one style."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Run


def test_a_first_spec_compiles_without_a_finding_and_is_formatted(run: Run, tmp_path: Path, helm4: Path) -> None:
    spec = tmp_path / "My Shop" / "spec.yaml"
    created = run("init", spec, "--yes")
    assert (created.code, created.out) == (0, "")
    text = spec.read_text()
    assert "\nname: my-shop\n" in text
    assert text.startswith("# yaml-language-server: $schema=flowhelm.schema.json\n")
    assert (spec.parent / "flowhelm.schema.json").exists()
    assert run("fmt", "--check", spec).code == 0
    compiled = run("compile", spec, "-o", tmp_path / "chart", "--helm", helm4, "--fail-on", "info")
    assert compiled.code == 0, compiled.err
    assert "no findings" in compiled.err
    for line in ("    # env:", "# workflows:"):
        assert line in text
    opened = text.replace("\n    # ", "\n    ").replace("\n# workflows", "\nworkflows").replace("\n#  ", "\n ")
    spec.write_text(opened)
    full = run("compile", spec, "-o", tmp_path / "chart", "--helm", helm4)
    assert full.code == 0, full.err


def test_what_was_asked_for_is_in_it(run: Run, tmp_path: Path) -> None:
    assert (
        run("init", tmp_path / "a.yaml", "--name", "web", "--image", "a.example/web:2", "--port", "3000", "-y").code
        == 0
    )
    assert "  web:\n    image: a.example/web:2\n    ports: {http: 3000}\n" in (tmp_path / "a.yaml").read_text()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--name", "My Shop", "write my-shop"),
        ("--image", "Shop", "is not an image"),
        ("--port", "0", "is not in the range"),
    ],
)
def test_wrong_values_are_wrong_usage(option: str, value: str, message: str, run: Run, tmp_path: Path) -> None:
    result = run("init", tmp_path / "a.yaml", option, value, "-y")
    assert result.code == 64
    assert message in result.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("mine")
    (tmp_path / "flowhelm.schema.json").write_text("mine too")
    assert run("init", tmp_path / "spec.yaml", "-y").code == 1
    assert run("init", tmp_path / "other.yaml", "-y").code == 0
    assert (tmp_path / "spec.yaml").read_text() == "mine"
    assert (tmp_path / "flowhelm.schema.json").read_text() == "mine too"


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    process = subprocess.Popen([*PROGRAM, "init"], cwd=tmp_path, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    os.write(controller, b"My Shop\nshop\n\n9000\n")
    shown = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(controller)
    assert process.wait() == 0
    text = (tmp_path / "spec.yaml").read_text()
    assert b"write my-shop" in shown
    assert "  shop:\n    image: registry.example.com/shop:0.1.0\n    ports: {http: 9000}\n" in text


UNTIDY = "name: 'shop'\nflowhelm: v1   # first\n"
TIDY = "flowhelm: v1   # first\nname: shop\n"


def test_files_are_formatted_in_place_with_their_permissions(run: Run, tmp_path: Path) -> None:
    spec, link = tmp_path / "spec.yaml", tmp_path / "link.yaml"
    spec.write_text(UNTIDY)
    spec.chmod(0o640)
    link.symlink_to(spec)
    result = run("fmt", link)
    assert (result.code, result.out, result.err) == (0, "", f"formatted {link}\n")
    assert link.is_symlink()
    assert spec.read_text() == TIDY
    assert stat.S_IMODE(spec.stat().st_mode) == 0o640
    assert run("fmt", spec).err == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "spec.yaml"]


def test_check_changes_nothing(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(UNTIDY)
    result = run("fmt", "--check", spec)
    assert (result.code, result.err) == (3, f"{spec} is not formatted\n")
    assert spec.read_text() == UNTIDY


def test_stdin_goes_to_stdout() -> None:
    result = subprocess.run([*PROGRAM, "fmt", "-"], input=UNTIDY, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, TIDY, "")


def test_a_file_with_mistakes_of_syntax_stays_and_the_others_are_formatted(run: Run, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text("a: [1\n")
    good.write_text(UNTIDY)
    result = run("fmt", bad, good)
    assert result.code == 1
    assert "FH0001" in result.err
    assert bad.read_text() == "a: [1\n"
    assert good.read_text() == TIDY
