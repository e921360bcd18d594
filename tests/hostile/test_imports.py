"""Evil imports and reuse: nothing outside the root is read, nothing grows without end, git gets no options."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.compiler import Compilation, Options, compile_spec
from generator.diagnostics import Diagnostics
from generator.source.address import parse_address
from tests.hostile.compiling import HEAD, SECONDS, compiled

RUN = "run: {image: registry.example.com/work:1.0.0}"
LIBRARY = HEAD + f"workflows: {{ping: {{tasks: {{ping: {{{RUN}}}}}}}}}\n"
USE = "workflows: {use: {tasks: {use: {workflow: lib.ping}}}}\n"


@pytest.mark.parametrize(
    "written",
    [
        "../outside.yaml",
        "inner/../../outside.yaml",
        "../root-not/outside.yaml",
        "inner/link.yaml",
        "inner/folder/outside.yaml",
        "inner/loop.yaml",
        "inner/pipe.yaml",
        "/etc/hostname",
        "~/outside.yaml",
        "$HOME/outside.yaml",
        "inner",
        ".",
        "a\\0b.yaml",
        "x" * 5_000,
    ],
)
def test_no_library_outside_of_the_root_is_read(tmp_path: Path, written: str) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (tmp_path / "root-not").mkdir()
    for folder in (tmp_path, tmp_path / "root-not"):
        (folder / "outside.yaml").write_text(LIBRARY)
    (root / "inner" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "inner" / "folder").symlink_to(tmp_path / "root-not")
    (root / "inner" / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(root / "inner" / "pipe.yaml")
    (root / "spec.yaml").write_text(HEAD + f'imports: {{lib: "{written}"}}\n' + USE)
    compilation, found = _compiled(root)
    assert compilation is None
    (finding,) = found
    assert finding.span is not None
    assert (finding.code.id in {"FH0101", "FH0102", "FH1005"}, finding.span.start.line) == (True, 4)


def _compiled(root: Path) -> tuple[Compilation | None, Diagnostics]:
    found = Diagnostics()
    return compile_spec(root / "spec.yaml", Options(root), found), found


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c id@v1#a.yaml",
        "git+ext::sh -c id@v1#a.yaml",
        "git+https://host/a@--upload-pack=id#a.yaml",
        "git+https://host/a@-u#a.yaml",
        "git+https://--upload-pack=id/a@v1#a.yaml",
        "git+https://-oProxyCommand=id/a@v1#a.yaml",
        "git+--upload-pack=id://host/a@v1#a.yaml",
        "git+file:///etc/repository@v1#a.yaml",
        "git+ssh://host/a@v1#a.yaml",
        "git+http://host/a@v1#a.yaml",
        "git+https://me:password@host/a@v1#a.yaml",
        "git+https://host/a@v1#/etc/passwd",
        "git+https://host/a@v1#../a.yaml",
        "git+https://host/a@v1#b/../../a.yaml",
        "git+https://host/a@v1#:(top)a.yaml",
        "git+https://host/a@v1^{/x}#a.yaml",
        "git+https://host/a@v1:b#a.yaml",
        "git+https://host/a@{-1}#a.yaml",
        "git+https://host/../a@v1#a.yaml",
        "git+https://host/a b@v1#a.yaml",
        "git+https://host/a\n@v1#a.yaml",
        "git+https://host/a@v1#a.yaml\n",
        "git+https://host/a@v1#a\0.yaml",
        "git+https://" + "h" * 600 + "/a@v1#a.yaml",
        "git+https:///a@v1#a.yaml",
    ],
)
def test_no_address_reaches_git_that_could_be_more_than_an_address(address: str) -> None:
    with pytest.raises(ValueError, match=r" \| "):
        parse_address(address)


def chain(length: int) -> str:
    """Workflows that reuse the next one each."""
    links = [f"w{i}: {{tasks: {{t: {{workflow: w{i + 1}}}}}}}" for i in range(length)]
    return HEAD + f"workflows: {{{', '.join(links)}, w{length}: {{tasks: {{t: {{{RUN}}}}}}}}}\n"


def doubling(levels: int) -> str:
    """Workflows that reuse the next one twice each."""
    links = [f"w{i}: {{tasks: {{a: {{workflow: w{i + 1}}}, b: {{workflow: w{i + 1}}}}}}}" for i in range(levels)]
    return HEAD + f"workflows: {{{', '.join(links)}, w{levels}: {{tasks: {{t: {{{RUN}}}}}}}}}\n"


def many_large(count: int) -> str:
    """One workflow of many tasks, reused by many others."""
    tasks = ", ".join(f"t{i}: {{{RUN}}}" for i in range(1_000))
    users = ", ".join(f"u{i}: {{tasks: {{a: {{workflow: w}}}}}}" for i in range(count))
    return HEAD + f"workflows: {{w: {{tasks: {{{tasks}}}}}, {users}}}\n"


def ring(length: int) -> str:
    links = [f"w{i}: {{tasks: {{t: {{workflow: w{(i + 1) % length}}}}}}}" for i in range(length)]
    return HEAD + f"workflows: {{{', '.join(links)}}}\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [(chain(3_000), "FH2103"), (doubling(18), "FH2103"), (many_large(2_000), "FH2103"), (ring(3_000), "FH2102")],
    ids=["chain", "doubling", "many large", "ring"],
)
def test_reuse_without_end_is_refused_soon(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "spec.yaml").write_text(text)
    ended = compiled(tmp_path / "spec.yaml")
    assert {each["code"] for each in ended.errors} == {code}
    assert all(each["line"] for each in ended.errors)
    assert ended.seconds < SECONDS
    assert not (tmp_path / "chart").exists()


def test_libraries_without_end_are_refused_soon(tmp_path: Path) -> None:
    """Two libraries of each level import the two of the next: a thousand ways, and twenty files."""
    for level in range(12):
        below = f"imports: {{a: a{level + 1}.yaml, b: b{level + 1}.yaml}}\n" if level < 11 else ""
        for name in ("a", "b"):
            (tmp_path / f"{name}{level}.yaml").write_text(HEAD + below + "templates: {web: {ports: {http: 80}}}\n")
    (tmp_path / "spec.yaml").write_text(HEAD + "imports: {a: a0.yaml}\nservices: {web: {extends: a.web, image: a:1}}\n")
    ended = compiled(tmp_path / "spec.yaml")
    assert [each["code"] for each in ended.errors] == ["FH2113"]
    assert ended.seconds < SECONDS


def test_a_bomb_in_a_library_is_found_at_its_line(tmp_path: Path) -> None:
    bomb = "".join(f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    (tmp_path / "lib.yaml").write_text(HEAD + "x-0: &a0 [lol]\n" + bomb)
    (tmp_path / "spec.yaml").write_text(HEAD + "imports: {lib: lib.yaml}\n" + USE)
    ended = compiled(tmp_path / "spec.yaml")
    assert [(each["code"], each["file"]) for each in ended.errors] == [("FH0006", "lib.yaml")]
    assert ended.seconds < SECONDS
