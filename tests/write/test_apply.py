import os
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.write import staging
from generator.write.plan import plan_write
from generator.write.temporary import temporary_folder
from generator.write.writer import apply
from tests.write.charts import NEW, OLD, files_in, plan, refused, write


@pytest.fixture(params=["as a whole", "in place"])
def chart(request, tmp_path, monkeypatch):
    """A written chart; the second time as when the shell stands in it, where it may not be exchanged."""
    target = tmp_path / "shop"
    write(OLD, target)
    if request.param == "in place":
        monkeypatch.chdir(target)
    return target


def test_the_folder_holds_the_new_chart_and_nothing_is_left_beside_it(chart):
    assert write(NEW, chart) == []
    assert files_in(chart).keys() == {*NEW, ".flowhelm.json"}
    assert files_in(chart).items() >= NEW.items()
    assert not (chart / "templates" / "mail").exists(), "a folder that became empty goes"
    assert [path.name for path in chart.parent.iterdir()] == ["shop"]


def test_writing_again_touches_nothing(chart):
    before = {path: path.stat().st_ctime_ns for path in [chart, *chart.rglob("*")]}
    assert write(OLD, chart) == []
    assert {path: path.stat().st_ctime_ns for path in [chart, *chart.rglob("*")]} == before


def test_missing_parents_are_made(tmp_path):
    write(OLD, tmp_path / "charts" / "team" / "shop")
    assert files_in(tmp_path / "charts" / "team" / "shop").items() >= OLD.items()


def test_an_edited_file_is_kept_and_the_new_text_stands_beside_it(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    assert write(NEW, chart) == ["FH6101"]
    assert (
        files_in(chart).items() >= {**NEW, "values.yaml": b"replicas: 7\n", "values.yaml.new": b"replicas: 2\n"}.items()
    )
    assert write({**NEW, "values.yaml": b"replicas: 3\n"}, chart) == ["FH6101"]
    assert (chart / "values.yaml.new").read_bytes() == b"replicas: 3\n"


def test_taking_over_the_new_text_ends_the_conflict(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    write(NEW, chart)
    (chart / "values.yaml.new").replace(chart / "values.yaml")
    assert write(NEW, chart) == []
    assert write(OLD, chart) == [], "and it is a generated file again"
    assert files_in(chart).items() >= OLD.items()


def test_undoing_the_edit_ends_the_conflict_and_removes_the_new_text(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    write(NEW, chart)
    (chart / "values.yaml").write_bytes(NEW["values.yaml"])
    assert write(NEW, chart) == []
    assert not (chart / "values.yaml.new").exists()


def test_a_new_text_that_was_edited_is_kept_too(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    write(NEW, chart)
    (chart / "values.yaml.new").write_bytes(b"half merged\n")
    assert write(NEW, chart) == ["FH6101", "FH6101"]
    assert (chart / "values.yaml.new").read_bytes() == b"half merged\n"
    (chart / "values.yaml").write_bytes(NEW["values.yaml"])
    assert write(NEW, chart) == ["FH6109"]
    assert (chart / "values.yaml.new").read_bytes() == b"half merged\n"


def test_force_overwrites_edits_and_cleans_up(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    write(NEW, chart)
    assert write(NEW, chart, force=True) == []
    assert files_in(chart).keys() == {*NEW, ".flowhelm.json"}
    assert files_in(chart).items() >= NEW.items()


def test_an_adopted_file_is_the_users_for_good(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    write(NEW, chart)
    assert write(NEW, chart, adopt=("values.yaml",)) == []
    assert not (chart / "values.yaml.new").exists()
    assert write(OLD, chart) == [], "it is remembered"
    assert write(NEW, chart, force=True) == [], "and stronger than --force"
    (chart / "values.yaml").write_bytes(b"replicas: 8\n")
    remaining = {path: content for path, content in NEW.items() if path != "values.yaml"}
    assert write(remaining, chart) == []
    assert write(NEW, chart) == []
    assert (chart / "values.yaml").read_bytes() == b"replicas: 8\n"


def test_an_adopted_file_that_is_deleted_is_generated_again(chart):
    write(OLD, chart, adopt=("values.yaml",))
    (chart / "values.yaml").unlink()
    write(OLD, chart)
    assert write(NEW, chart) == []
    assert (chart / "values.yaml").read_bytes() == NEW["values.yaml"]


def test_adopt_takes_the_path_as_the_user_reaches_it(chart):
    (chart / "values.yaml").write_bytes(b"replicas: 7\n")
    assert write(NEW, chart, adopt=(os.path.relpath(chart / "values.yaml"),)) == []


def test_only_what_is_generated_and_there_can_be_adopted(chart):
    (chart / "notes.txt").write_text("mine")
    (chart / "values.yaml").unlink()
    assert refused(NEW, chart, adopt=("notes.txt", "values.yaml", "../other")) == ["FH6108"] * 3


def test_a_file_that_is_no_longer_generated_stays_when_edited(chart):
    mail = chart / "templates" / "mail" / "deployment.yaml"
    mail.write_bytes(b"kind: StatefulSet\n")
    assert write(NEW, chart) == ["FH6109"]
    assert write(NEW, chart) == []
    assert write(NEW, chart, force=True) == []
    assert mail.read_bytes() == b"kind: StatefulSet\n"


def test_foreign_files_are_not_touched(chart):
    (chart / "templates" / "mail" / "own.yaml").write_bytes(b"mine\n")
    (chart / "empty").mkdir(mode=0o700)
    (chart / "link").symlink_to("nowhere")
    (chart / "tool.sh").write_bytes(b"#!/bin/sh\n")
    (chart / "tool.sh").chmod(0o750)
    before = (chart / "tool.sh").stat()
    write(NEW, chart, force=True)
    after = (chart / "tool.sh").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (before.st_ino, before.st_mtime_ns, before.st_mode)
    assert (chart / "templates" / "mail" / "own.yaml").read_bytes() == b"mine\n"
    assert stat.S_IMODE((chart / "empty").stat().st_mode) == 0o700
    assert (chart / "link").readlink() == Path("nowhere")


def test_permissions_outlive_an_update(chart):
    (chart / "values.yaml").chmod(0o640)
    chart.chmod(0o750)
    write(NEW, chart)
    assert stat.S_IMODE((chart / "values.yaml").stat().st_mode) == 0o640
    assert stat.S_IMODE(chart.stat().st_mode) == 0o750


def test_a_linked_chart_folder_is_written_where_it_lies(chart, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(chart)
    write(NEW, link)
    assert link.is_symlink()
    assert files_in(chart).items() >= NEW.items()


def test_a_change_in_the_meantime_is_not_lost(chart):
    made = plan(NEW, chart)
    (chart / "values.yaml").write_bytes(b"saved by an editor just now\n")
    diagnostics = Diagnostics()
    assert not apply(made, diagnostics)
    assert [finding.code.id for finding in diagnostics] == ["FH6107"]
    assert files_in(chart).items() >= {**OLD, "values.yaml": b"saved by an editor just now\n"}.items()
    assert [path.name for path in chart.parent.iterdir()] == ["shop"]


def test_a_folder_that_cannot_be_exchanged_is_written_in_place(tmp_path, monkeypatch):
    write(OLD, tmp_path / "shop")
    inode = (tmp_path / "shop").stat().st_ino

    def refuse(first: Path, second: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(staging, "_exchange", refuse)
    write(NEW, tmp_path / "shop")
    assert files_in(tmp_path / "shop").keys() == {*NEW, ".flowhelm.json"}
    assert (tmp_path / "shop").stat().st_ino == inode
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_place_where_no_folder_can_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "shop"
    diagnostics = Diagnostics()
    made = plan_write(OLD, target, diagnostics)
    assert made is None or not apply(made, diagnostics)
    assert [finding.code.id for finding in diagnostics] == ["FH6106"]


@contextmanager
def without_privileges():
    """As a user who may not write everywhere, as root may."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize("protected", [".", "templates"])
def test_a_write_protected_folder_is_reported_and_left_alone(protected):
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        target = Path(place) / "shop"
        with without_privileges():
            write(OLD, target)
            before = files_in(target)
            (target / protected).chmod(0o555)
            diagnostics = Diagnostics()
            assert not apply(plan(NEW, target), diagnostics)
            assert [finding.message for finding in diagnostics] == [f"{target} cannot be written: Permission denied"]
            assert files_in(target) == before
            assert [path.name for path in Path(place).iterdir()] == ["shop"]
            (target / protected).chmod(0o755)


def test_a_write_protected_parent_is_no_obstacle():
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        target = Path(place) / "shop"
        with without_privileges():
            write(OLD, target)
        Path(place).chmod(0o555)
        with without_privileges():
            assert write(NEW, target) == []
            assert files_in(target).items() >= NEW.items()


def test_an_unreadable_file_is_reported():
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        target = Path(place) / "shop"
        with without_privileges():
            write(OLD, target)
            (target / "values.yaml").chmod(0)
            assert refused(NEW, target) == ["FH6106"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_folders_keep_their_owner_when_root_compiles(chart):
    os.chown(chart / "templates", 1234, 1234)
    write(NEW, chart)
    assert (chart / "templates").stat().st_uid == 1234


def test_an_exchange_that_the_system_refuses_says_why(tmp_path):
    (tmp_path / "one").mkdir()
    with pytest.raises(FileNotFoundError):
        staging._exchange(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "one").is_dir()


def test_a_temporary_folder_holds_the_files_and_is_gone_afterwards():
    with temporary_folder(NEW) as folder:
        assert files_in(folder) == NEW
    assert not folder.exists()
