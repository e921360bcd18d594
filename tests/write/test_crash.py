"""A writer that is killed at any of its steps leaves the old chart or the new one, whole."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.write.journal import recover
from tests.write.charts import NEW, OLD, files_in, write

CHECKOUT = Path(__file__).parents[2]
OWN = {"own.txt": b"mine\n", "templates/mail/own.yaml": b"mine\n"}


@pytest.fixture
def old_chart(tmp_path):
    return chart_with(OLD, tmp_path / "old")


@pytest.fixture
def new_chart(tmp_path):
    return chart_with(NEW, tmp_path / "new")


def chart_with(files, target: Path) -> dict[str, bytes]:
    """A chart as it lies on disk, with files of the user's own in it."""
    write(files, target)
    add_own_files(target)
    return files_in(target)


def add_own_files(target: Path) -> None:
    for path, content in OWN.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)


def killed_writes(place: Path, *, before: Path | None, cwd: str = ".") -> Iterator[Path]:
    """The chart folder after a write that was killed before its first step, before its second, and so on."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(CHECKOUT)}
    for step in range(1, 1000):
        folder = place / str(step)
        target = folder / "shop"
        folder.mkdir()
        if before:
            shutil.copytree(before, target)
        command = [sys.executable, "-m", "tests.write.dying_writer", str(target), str(step)]
        code = subprocess.run(command, cwd=folder / cwd, env=environment, check=False).returncode
        yield target
        if code == 0:
            assert step > 10, "the writer was killed at many steps"
            return
        assert code == -signal.SIGKILL
    pytest.fail("the writer never ends")


def test_at_every_step_the_old_chart_or_the_new_one_is_there(tmp_path, old_chart, new_chart):
    outcomes = []
    for target in killed_writes(tmp_path, before=tmp_path / "old"):
        found = files_in(target)
        assert found in (old_chart, new_chart), f"killed at step {target.parent.name}"
        outcomes.append(found == new_chart)
        write(NEW, target)
        assert files_in(target) == new_chart
        assert [path.name for path in target.parent.iterdir()] == ["shop"], "what was left behind is gone"
    assert outcomes == sorted(outcomes), "once it is new, it stays new"
    assert False in outcomes
    assert True in outcomes


def test_a_first_write_is_there_or_not(tmp_path, new_chart):
    generated = {path: content for path, content in new_chart.items() if path not in OWN}
    for target in killed_writes(tmp_path, before=None):
        assert not target.exists() or files_in(target) == generated
        write(NEW, target)
        assert files_in(target) == generated
        assert [path.name for path in target.parent.iterdir()] == ["shop"]


def test_a_write_in_place_is_finished_or_forgotten_at_the_next_start(tmp_path, old_chart, new_chart):
    outcomes = []
    for target in killed_writes(tmp_path, before=tmp_path / "old", cwd="shop"):
        recover(target)
        found = files_in(target)
        assert found in (old_chart, new_chart), f"killed at step {target.parent.name}"
        outcomes.append(found == new_chart)
        write(NEW, target)
        assert files_in(target) == new_chart
    assert outcomes == sorted(outcomes)
    assert False in outcomes
    assert True in outcomes


@pytest.mark.parametrize(
    "journal",
    [
        '{"files": {"../victim": null}, "emptied": []}',
        '{"files": {"linked/victim": null}, "emptied": []}',
        '{"files": {"values.yaml": "../../victim"}, "emptied": []}',
        '{"files": {}, "emptied": ["../folder"]}',
        '{"files": 7}',
        "[]",
        "{",
    ],
)
def test_a_journal_that_flowhelm_did_not_write_does_nothing(tmp_path, journal):
    target = tmp_path / "shop"
    write(OLD, target)
    (tmp_path / "victim").write_text("victim")
    (tmp_path / "folder").mkdir()
    (target / "linked").symlink_to(tmp_path)
    before = files_in(target)
    (target / ".flowhelm.tmp").mkdir()
    (target / ".flowhelm.tmp" / "journal.json").write_text(journal)
    recover(target)
    assert files_in(target) == before
    assert (tmp_path / "victim").read_text() == "victim"
    assert (tmp_path / "folder").exists()
