import json
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.write.plan import Verdict, plan_write, stale
from tests.write.charts import NEW, OLD, files_in, plan, refused, write


@pytest.fixture
def chart(tmp_path):
    target = tmp_path / "shop"
    write(OLD, target)
    return target


def verdicts(made):
    return {action.path: str(action.verdict) for action in made.actions}


def test_each_file_gets_its_verdict(chart):
    made = plan(NEW, chart)
    assert verdicts(made) == {
        ".flowhelm.json": "update",
        "Chart.yaml": "update",
        "templates/_helpers.tpl": "identical",
        "templates/cart/deployment.yaml": "identical",
        "templates/cart/service.yaml": "create",
        "templates/mail/deployment.yaml": "remove",
        "values.yaml": "update",
    }
    assert made.count(Verdict.IDENTICAL) == 2
    assert files_in(chart).keys() == {*OLD, ".flowhelm.json"}, "a plan writes nothing"


def test_stale_names_what_differs(chart):
    assert stale(plan(OLD, chart)) == ()
    assert [action.path for action in stale(plan({**OLD, "values.yaml": b""}, chart))] == [
        ".flowhelm.json",
        "values.yaml",
    ]
    (chart / "values.yaml").write_bytes(b"edited: true\n")
    assert [action.path for action in stale(plan(OLD, chart))] == [".flowhelm.json", "values.yaml", "values.yaml.new"]


def test_a_file_deleted_by_hand_is_made_again(chart):
    (chart / "values.yaml").unlink()
    assert verdicts(plan(OLD, chart))["values.yaml"] == "create"


def test_the_record_holds_checksums_and_the_format_alone(chart):
    record = json.loads((chart / ".flowhelm.json").read_bytes())
    assert record.keys() == {"format", "files"}
    assert record["files"].keys() == OLD.keys()


def test_a_folder_of_the_users_own_is_no_obstacle(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write(OLD, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_foreign_chart_is_refused_unless_forced(tmp_path):
    (tmp_path / "Chart.yaml").write_text("name: other\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "other.yaml").write_text("kind: Pod\n")
    assert refused(OLD, tmp_path) == ["FH6103"]
    assert write(OLD, tmp_path, force=True) == []
    assert files_in(tmp_path).items() >= OLD.items()
    assert (tmp_path / "templates" / "other.yaml").read_text() == "kind: Pod\n"


def test_a_file_in_the_place_of_the_chart_is_refused(tmp_path):
    (tmp_path / "shop").write_text("not a folder")
    assert refused(OLD, tmp_path / "shop", force=True) == ["FH6102"]


@pytest.mark.parametrize(
    "text",
    [
        b"<<<<<<< HEAD\n",
        b"[]",
        b'{"format": 2, "files": {}}',
        b'{"format": 1, "files": []}',
        b'{"format": 1, "files": {"values.yaml": 7}}',
        b'{"format": 1, "files": {}, "adopted": "values.yaml"}',
        b'{"format": 1, "files": {}, "adopted": [7]}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_broken_record_is_refused_unless_forced(chart, text):
    (chart / ".flowhelm.json").write_bytes(text)
    assert refused(OLD, chart) == ["FH6105"]
    assert write(NEW, chart, force=True) == []
    assert files_in(chart).items() >= NEW.items()


@pytest.mark.parametrize("path", ["../victim", "/victim", "templates/../../victim", "", ".", "a\0b", "a//b", "./a"])
def test_a_record_never_reaches_outside_the_chart(chart, path):
    (chart / ".flowhelm.json").write_text(json.dumps({"format": 1, "files": {path: "0" * 64}}))
    assert refused(OLD, chart) == ["FH6105"]


def test_nothing_is_written_through_a_linked_folder(chart, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (chart / "templates").rename(elsewhere)
    (chart / "templates").symlink_to(elsewhere)
    assert set(refused(NEW, chart, force=True)) == {"FH6104"}
    assert (elsewhere / "mail" / "deployment.yaml").exists()


def test_a_linked_file_is_an_edit_and_is_replaced_not_followed(chart, tmp_path):
    shared = tmp_path / "shared.yaml"
    shared.write_text("shared: true\n")
    (chart / "values.yaml").unlink()
    (chart / "values.yaml").symlink_to(shared)
    assert write(NEW, chart) == ["FH6101"]
    assert (chart / "values.yaml").is_symlink()
    assert write(NEW, chart, force=True) == []
    assert not (chart / "values.yaml").is_symlink()
    assert shared.read_text() == "shared: true\n"


def test_a_link_to_nowhere_is_an_edit(chart):
    (chart / "values.yaml").unlink()
    (chart / "values.yaml").symlink_to("nowhere")
    assert verdicts(plan(NEW, chart))["values.yaml"] == "conflict"


def test_what_stands_in_the_way_is_named_all_at_once(chart):
    (chart / "templates" / "cart" / "service.yaml").mkdir()
    (chart / "values.yaml").unlink()
    (chart / "values.yaml").mkdir()
    (chart / "files").write_text("a file where a folder must be")
    diagnostics = Diagnostics()
    assert plan_write({**NEW, "files/run.py": b""}, chart, diagnostics, force=True) is None
    assert [finding.message.removeprefix(f"{chart}/") for finding in diagnostics] == [
        "files/run.py cannot be written: files is a file",
        "templates/cart/service.yaml cannot be written: templates/cart/service.yaml is a folder",
        "values.yaml cannot be written: values.yaml is a folder",
    ]


def test_a_generated_file_may_become_a_folder(chart):
    write({"files": b"once a file"}, chart)
    write({"files/run.py": b"now a folder"}, chart)
    assert files_in(chart).keys() == {"files/run.py", ".flowhelm.json"}


def test_messages_show_the_folder_as_the_user_named_it(chart, monkeypatch):
    monkeypatch.chdir(chart.parent)
    (chart / ".flowhelm.json").write_bytes(b"")
    diagnostics = Diagnostics()
    plan_write(OLD, Path("shop"), diagnostics)
    assert [finding.message for finding in diagnostics] == ["shop/.flowhelm.json cannot be read: it is not JSON"]
