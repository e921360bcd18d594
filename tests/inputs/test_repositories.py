"""Git imports, with a real git and a repository on this machine."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import main
from generator.compiler import Compilation, Options, compile_spec
from generator.diagnostics import Diagnostics
from generator.source import address
from generator.source.lock import NAME, read_lock

HEAD = "flowhelm: v1\nname: it\nversion: 1.0.0\n"
LIBRARY = (
    HEAD + "imports: {deeper: ../deeper.yaml}\n"
    "workflows:\n  charge:\n    tasks:\n"
    "      pay: {run: {image: 'shop/pay:1.0.0'}, files: {/etc/a: {from: a.conf}}}\n"
    "      book: {workflow: deeper.book}\n"
)
DEEPER = HEAD + "workflows: {book: {tasks: {book: {run: {image: 'shop/book:1.0.0'}}}}}\n"


def git(folder: Path, *arguments: str) -> str:
    configured = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    command = ["git", *configured, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a library, which may be fetched although it is no https."""
    monkeypatch.setattr(address, "PROTOCOLS", ("https", "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "repository"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "payments.yaml").write_text(LIBRARY)
    (folder / "lib" / "a.conf").write_text("first")
    (folder / "deeper.yaml").write_text(DEEPER)
    (folder / "lib" / "link.yaml").symlink_to("payments.yaml")
    git(folder, "init", "--quiet")
    commit(folder)
    git(folder, "tag", "v1")
    return folder


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "a change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def spec(tmp_path: Path, repository: Path) -> Path:
    path = tmp_path / "system" / "spec.yaml"
    path.parent.mkdir()
    path.write_text(
        f"{HEAD}imports: {{payments: 'git+file://{repository}@main#lib/payments.yaml'}}\n"
        "workflows: {order: {tasks: {pay: {workflow: payments.charge}}}}\n"
    )
    return path


def compiled(spec: Path) -> tuple[Compilation | None, list[str]]:
    found = Diagnostics()
    return compile_spec(spec, Options(), found), [finding.code.id for finding in found]


@pytest.fixture
def flowhelm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Runs a command; its exit code, and all that it says."""
    monkeypatch.setattr("signal.signal", lambda *_: None)  # the handlers of the test run stay

    def run(*arguments: str | Path) -> tuple[int, str]:
        with pytest.raises(SystemExit) as leaving:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(leaving.value.code or 0), said.out + said.err

    return run


Run = Callable[..., tuple[int, str]]


def test_nothing_is_fetched_that_is_not_pinned(spec: Path) -> None:
    assert compiled(spec) == (None, ["FH0103"])
    assert not (spec.parent / NAME).exists()


def test_an_import_is_pinned_with_all_files_that_it_needs(spec: Path, repository: Path, flowhelm: Run) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert flowhelm("update", spec) == (0, f"no findings\ngit+file://{repository}@main is pinned to {head[:12]}\n")
    ((name, pin),) = (read_lock(spec.parent / NAME, Diagnostics()) or {}).items()
    assert (name, pin.commit) == (f"git+file://{repository}@main", head)
    assert sorted(pin.files) == ["deeper.yaml", "lib/a.conf", "lib/payments.yaml"]
    compilation, found = compiled(spec)
    assert compilation
    assert found == []
    assert b"first" in compilation.files.values()


def test_what_is_pinned_stays_when_the_branch_moves_until_it_is_updated(
    spec: Path, repository: Path, flowhelm: Run
) -> None:
    flowhelm("update", spec)
    before = git(repository, "rev-parse", "HEAD")
    (repository / "lib" / "a.conf").write_text("second")
    after = commit(repository)
    first, _ = compiled(spec)
    code, said = flowhelm("update", spec, "payments")
    second, _ = compiled(spec)
    assert first
    assert second
    assert b"first" in first.files.values()
    assert b"second" in second.files.values()
    assert (code, said) == (0, f"no findings\ngit+file://{repository}@main moved from {before[:12]} to {after[:12]}\n")
    assert flowhelm("update", spec)[1].endswith(f"stays at {after[:12]}\n")


def test_without_a_network_the_cache_is_enough_and_without_a_cache_it_is_said(
    spec: Path, repository: Path, flowhelm: Run, tmp_path: Path
) -> None:
    flowhelm("update", spec)
    repository.rename(tmp_path / "away")
    assert compiled(spec)[1] == []
    (tmp_path / "cache").rename(tmp_path / "lost")
    compilation, found = compiled(spec)
    assert compilation is None
    assert found == ["FH0104"]
    (tmp_path / "away").rename(repository)
    assert compiled(spec)[1] == []  # the pinned commit is fetched again


def test_content_of_another_hash_is_never_taken(spec: Path, flowhelm: Run, tmp_path: Path) -> None:
    """Neither from the cache, which is then fetched anew, nor from the repository."""
    flowhelm("update", spec)
    for kept in (tmp_path / "cache" / "flowhelm" / "imports").iterdir():
        kept.write_text("tampered with")
    assert compiled(spec)[1] == []
    lock = spec.parent / NAME
    pin = (read_lock(lock, Diagnostics()) or {}).popitem()[1]
    lock.write_text(lock.read_text().replace(pin.files["deeper.yaml"], "sha256:" + "0" * 64))
    assert compiled(spec)[1] == ["FH0105"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("version: 1", "version: 2"),
        lambda text: text.replace("commit:", "commmit:"),
        lambda text: text.replace("sha256:", "md5:"),
        lambda text: "[" + text,
    ],
)
def test_a_damaged_lock_is_a_finding_and_can_be_written_anew(
    spec: Path, flowhelm: Run, change: Callable[[str], str]
) -> None:
    flowhelm("update", spec)
    lock = spec.parent / NAME
    text = lock.read_text()
    lock.write_text(change(text))
    assert compiled(spec)[1] in (["FH0106"], ["FH0001"])
    assert flowhelm("update", spec)[0] == 0
    assert lock.read_text() == text


def test_another_spec_of_the_folder_keeps_its_pins(spec: Path, repository: Path, flowhelm: Run) -> None:
    """Its files move with the branch that both name."""
    other = spec.with_name("other.yaml")
    deeper = spec.read_text().replace("lib/payments.yaml", "deeper.yaml").replace("charge", "book")
    other.write_text(deeper.replace("@main", "@v1"))
    flowhelm("update", other)
    flowhelm("update", spec)
    assert [compiled(each)[1] for each in (spec, other)] == [[], []]
    other.write_text(deeper)
    (repository / "lib" / "a.conf").write_text("second")
    commit(repository)
    flowhelm("update", other)
    assert [compiled(each)[1] for each in (spec, other)] == [[], []]


@pytest.mark.parametrize(
    ("address_end", "word"),
    [
        ("@nowhere#lib/payments.yaml", "nowhere"),
        ("@main#lib/missing.yaml", "no file of the commit"),
        ("@main#lib", "no file of the commit"),
        ("@main#lib/link.yaml", "a link"),
    ],
)
def test_what_is_not_there_is_said_and_nothing_is_written(
    spec: Path, repository: Path, flowhelm: Run, address_end: str, word: str
) -> None:
    spec.write_text(spec.read_text().replace("@main#lib/payments.yaml", address_end))
    code, said = flowhelm("update", spec)
    assert (code, word in said, (spec.parent / NAME).exists()) == (1, True, False)


def test_a_library_cannot_leave_its_repository(spec: Path, repository: Path, flowhelm: Run) -> None:
    (repository / "deeper.yaml").write_text(DEEPER.replace("workflows:", "imports: {up: ../../spec.yaml}\nworkflows:"))
    commit(repository)
    code, said = flowhelm("update", spec)
    assert code == 1
    assert 'FH0102: "../../spec.yaml" is outside the repository' in said
    assert "imported from" in said
    assert "2 | " in said or "imports: {up" in said


def test_the_tree_of_imports_is_shown(spec: Path, repository: Path, flowhelm: Run) -> None:
    flowhelm("update", spec)
    head = git(repository, "rev-parse", "HEAD")[:12]
    code, said = flowhelm("deps", spec)
    assert (code, said.splitlines()) == (
        0,
        [
            f"{spec}",
            f"└─ payments: git+file://{repository}@main#lib/payments.yaml ({head})",
            "    workflow charge: order.pay",
            f"    └─ deeper: ../deeper.yaml ({head})",
            "        workflow book: charge.book",
        ],
    )
    (found,) = json.loads(flowhelm("deps", spec, "--format", "json")[1])["imports"]
    assert (found["alias"], found["workflows"]) == ("payments", {"charge": ["order.pay"]})
    assert found["commit"].startswith(head)
    assert [each["file"] for each in found["imports"]] == [f"git+file://{repository}@main#deeper.yaml"]


def test_a_lock_that_cannot_be_written_is_said_and_stays_whole(
    spec: Path, repository: Path, flowhelm: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    flowhelm("update", spec)
    lock = spec.parent / NAME
    before = lock.read_text()
    (repository / "lib" / "a.conf").write_text("second")
    commit(repository)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    code, said = flowhelm("update", spec)
    assert (code, "FH6106" in said, "moved" in said) == (1, True, False)
    assert lock.read_text() == before
    assert sorted(each.name for each in spec.parent.iterdir()) == [NAME, "spec.yaml"]


def test_variables_of_a_git_hook_do_not_mislead(
    spec: Path, repository: Path, flowhelm: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of another repository calls flowhelm: git tells its children which repository that is."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(spec.parent / "elsewhere"))
    assert flowhelm("update", spec)[0] == 0


def test_only_git_imports_can_be_moved(spec: Path, flowhelm: Run) -> None:
    assert flowhelm("update", spec, "paymnts")[0] == 64
