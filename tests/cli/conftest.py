"""What tests of the command line share: a folder with a spec, and commands run in it as a user types them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.cli import main

SPEC = """\
flowhelm: v1
name: shop
version: 1.0.0
services:
  web:
    image: registry.example.com/web:1.0.0
    ports: {http: 8080}
    health: {ready: GET /readyz, live: GET /livez}
    resources: {cpu: 10m, memory: 16Mi}
"""
WRONG = SPEC.replace("ports:", "portz:")
WARNED = (
    SPEC
    + """\
workflows:
  flow:
    tasks:
      first: {call: {service: web, get: /}}
      second: {needs: [first], join: any, call: {service: web, get: /}}
"""
)
PROGRAM = (sys.executable, "-c", "from generator.cli import main; main()")


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process."""
    monkeypatch.setattr("signal.signal", lambda *_: None)  # the handlers of the test run stay

    def run(*arguments: str | Path) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        code = ended.value.code
        assert isinstance(code, int)
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a spec in it."""
    for name in ("FLOWHELM_HELM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


def fake_helm(folder: Path, body: str, version: str = "v4.3.1") -> Path:
    """A program that says it is Helm, and otherwise does what the shell text says."""
    program = folder / "fake-helm"
    program.write_text(f"#!/bin/sh\nif [ $1 = version ]; then echo {version}; exit; fi\n{body}\n")
    program.chmod(0o755)
    return program


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def environment(**changes: str) -> dict[str, str]:
    """The environment of a command in a process of its own."""
    return {**os.environ, **changes}
