"""Files that a spec names: nothing outside the root folder is ever read, however it is written or linked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.compiler import Compilation, Options, compile_spec
from generator.diagnostics import Diagnostics

SPEC = """\
flowhelm: v1
name: shop
version: 1.0.0
services:
  web:
    image: registry.example.com/web:1.0.0
    files:
      /etc/shop/text: {from: "FROM"}
"""
SECRET = "what must not be read"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside.txt").write_text(SECRET)
    (tmp_path / "root" / "inner").mkdir(parents=True)
    (tmp_path / "root" / "beside.txt").write_text("beside")
    (tmp_path / "root-not").mkdir()
    (tmp_path / "root-not" / "outside.txt").write_text(SECRET)
    return tmp_path / "root"


def compiled(root: Path, written: str) -> tuple[Compilation | None, Diagnostics]:
    spec = root / "spec.yaml"
    spec.write_text(SPEC.replace("FROM", written))
    found = Diagnostics()
    return compile_spec(spec, Options(root), found), found


@pytest.mark.parametrize(
    "written",
    [
        "../outside.txt",
        "inner/../../outside.txt",
        "./.././outside.txt",
        "inner/../../root-not/outside.txt",
        "../root-not/outside.txt",
        "/etc/passwd",
        "//etc/passwd",
        "../../../../../../../../../../etc/passwd",
        "~/.bashrc",
        "file:///etc/passwd",
        "$HOME/.bashrc",
        "..\\\\outside.txt",
        "inner",
        ".",
        "",
        "beside.txt/../beside.txt/x",
        "a" * 5_000,
        "/".join(["a"] * 3_000),
        "\\0",
        "beside.txt\\0.yaml",
    ],
    ids=repr,
)
def test_a_path_that_leads_elsewhere_is_refused(written: str, root: Path) -> None:
    compilation, found = compiled(root, written)
    assert compilation is None
    assert [(each.span.start.line, each.span.start.column) for each in found if each.span] == [(8, 30)]
    assert SECRET not in "".join(each.message + each.hint for each in found)


@pytest.mark.parametrize(
    "written", ["beside.txt", "./beside.txt", "inner/../beside.txt", "../root/beside.txt", "beside.txt/"]
)
def test_a_path_within_the_root_is_read_however_it_is_written(written: str, root: Path) -> None:
    compilation, found = compiled(root, written)
    assert compilation is not None, [each.message for each in found]
    assert b"beside" in {content.strip() for content in compilation.files.values()}


@pytest.mark.parametrize(
    "target", ["../outside.txt", "/etc/passwd", "../root-not/outside.txt", "link.txt", "/dev/zero"]
)
def test_a_link_that_leads_out_of_the_root_is_refused(target: str, root: Path) -> None:
    (root / "link.txt").symlink_to(target)
    compilation, found = compiled(root, "link.txt")
    assert compilation is None
    assert [each.span.start.line for each in found if each.span] == [8]


def test_a_folder_that_is_a_link_out_of_the_root_is_refused(root: Path) -> None:
    (root / "folder").symlink_to("../root-not")
    compilation, found = compiled(root, "folder/outside.txt")
    assert compilation is None
    assert {each.code.id for each in found} == {"FH0102"}


def test_a_link_within_the_root_is_followed(root: Path) -> None:
    (root / "link.txt").symlink_to("beside.txt")
    assert compiled(root, "link.txt")[0] is not None


def test_a_pipe_is_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    compilation, found = compiled(root, "pipe")
    assert compilation is None
    assert {each.code.id for each in found} == {"FH0101"}
