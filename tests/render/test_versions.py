"""Helm is asked for its version once, and again when it may be another."""

import os
import shutil
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.render.engine import find_engine
from generator.render.process import run
from generator.render.versions import recall, remember


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "flowhelm" / "helm-versions.json"


@pytest.fixture
def asked(monkeypatch):
    asked = []

    def counting(command, *others):
        asked.append(command)
        return run(command, *others)

    monkeypatch.setattr("generator.render.engine.run", counting)
    return asked


def version(program: Path) -> str:
    found = find_engine(str(program), Diagnostics())
    assert found
    return found.version


def program(folder: Path, name: str = "helm", start: bytes = b"\x7fELF") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(start)
    return path


def test_a_binary_is_asked_once_and_again_when_it_has_changed(tmp_path, helm4, asked):
    copy = tmp_path / "helm"
    shutil.copy2(helm4, copy)
    assert version(copy) == version(copy)
    assert recall(str(copy)) == f"v{version(copy)}"
    assert len(asked) == 1
    os.utime(copy, (1, 1))
    assert version(copy).count(".") == 2
    assert len(asked) == 2


def test_a_script_is_asked_each_time(tmp_path, asked):
    script = program(tmp_path, start=b"#!/bin/sh\necho v3.19.0\n")
    script.chmod(0o755)
    assert version(script) == "3.19.0"
    script.write_bytes(b"#!/bin/sh\necho v4.0.0\n")
    assert version(script) == "4.0.0"
    assert len(asked) == 2


def test_a_link_of_a_version_manager_is_not_remembered(tmp_path):
    manager = program(tmp_path, "manager")
    (tmp_path / "helm").symlink_to(manager)
    remember(str(tmp_path / "helm"), "v3.19.0")
    assert recall(str(tmp_path / "helm")) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"x": 1}', b'{"PATH": [1, 2]}', b'{"PATH": ["x", ["v4"]]}'])
def test_a_damaged_cache_is_as_good_as_none(tmp_path, cache, content):
    helm = program(tmp_path)
    cache.parent.mkdir(parents=True)
    cache.write_bytes(content.replace(b"PATH", str(helm).encode()))
    assert recall(str(helm)) is None
    remember(str(helm), "v4.1.0")
    assert recall(str(helm)) == "v4.1.0"
    assert [file.name for file in cache.parent.iterdir()] == [cache.name]


def test_a_cache_that_cant_be_written_is_no_mistake(tmp_path, cache):
    cache.parent.parent.mkdir()
    cache.parent.write_bytes(b"a file where the folder should be")
    remember(str(program(tmp_path)), "v4.1.0")
    assert recall(str(tmp_path / "helm")) is None


def test_the_cache_stays_small(tmp_path, cache):
    for number in range(40):
        remember(str(program(tmp_path / str(number))), "v4.1.0")
    assert cache.read_text(encoding="utf-8").count("v4.1.0") == 32
    assert recall(str(tmp_path / "39" / "helm")) == "v4.1.0"
    assert recall(str(tmp_path / "0" / "helm")) is None
