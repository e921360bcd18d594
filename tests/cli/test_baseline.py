"""`flowhelm validate --baseline`: only what is new is shown, wherever it has moved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: %s}]\n"


@pytest.fixture
def known(folder: Path, run: Run) -> Path:
    """A baseline of one Service whose port is wrong."""
    (folder / "web.yaml").write_text(SERVICE % 0)
    result = run("validate", "web.yaml", "--write-baseline", "known.json")
    assert result.code == 0
    assert "--baseline known.json" in result.err
    return folder / "known.json"


def test_known_findings_are_left_out_wherever_their_line_is(folder: Path, known: Path, run: Run) -> None:
    assert run("validate", "web.yaml").code == 1
    (folder / "web.yaml").write_text("# moved\n\n" + SERVICE % 70000)
    result = run("validate", "web.yaml", "--baseline", "known.json")
    assert result.code == 0
    assert "1 known finding of the baseline left out" in result.err


def test_a_new_finding_is_shown_and_a_mended_one_is_said(folder: Path, known: Path, run: Run) -> None:
    (folder / "web.yaml").write_text(SERVICE % 80 + "  extra: true\n")
    result = run("validate", "web.yaml", "--baseline", "known.json")
    assert result.code == 1
    assert "FH3010" in result.err
    assert "no longer found, and not needed in the baseline: 1 finding\n  FH" in result.err
    assert "Service web, spec.ports[0].port" in result.err
    document = json.loads(run("validate", "web.yaml", "--baseline", "known.json", "--format", "json").out)
    assert [found["code"] for found in document["findings"]] == ["FH3010"]
    assert document["baseline"]["known"] == 0
    assert len(document["baseline"]["gone"]) == 1


def test_the_same_mistake_in_a_second_object_is_new(folder: Path, known: Path, run: Run) -> None:
    (folder / "two.yaml").write_text(f"{SERVICE % 0}---\n{SERVICE % 0}".replace("name: web", "name: shop", 1))
    result = run("validate", "two.yaml", "--baseline", "known.json")
    assert result.code == 1
    assert "Service shop" in result.err
    assert "Service web" not in result.err


def test_nothing_is_said_to_be_mended_where_not_all_was_checked(known: Path, run: Run) -> None:
    for arguments in (("nothing.yaml",), ("web.yaml", "--layers", "references")):
        assert "no longer found" not in run("validate", *arguments, "--baseline", "known.json").err


def test_the_report_itself_can_be_the_baseline(folder: Path, known: Path, run: Run) -> None:
    (folder / "report.json").write_text(run("validate", "web.yaml", "--format", "json").out)
    assert run("validate", "web.yaml", "--baseline", "report.json").code == 0


def test_what_cannot_be_checked_is_not_written_down(folder: Path, run: Run) -> None:
    (folder / "broken.yaml").write_bytes(b"\xff\xfe")
    result = run("validate", "broken.yaml", "--write-baseline", "known.json")
    assert result.code == 1
    assert "known.json was not written" in result.err
    assert not (folder / "known.json").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"findings": {}}',
        '{"findings": [1]}',
        '{"findings": [{"code": 1}]}',
        "[" * 100_000,
        "\0",
        "a: b",
    ],
)
def test_a_broken_baseline_is_an_error_at_its_place(text: str, known: Path, run: Run) -> None:
    known.write_text(text)
    result = run("validate", "web.yaml", "--baseline", "known.json")
    assert result.code == 1
    assert "error FH6211: known.json" in result.err
    assert "--> known.json:1:" in result.err


def test_a_baseline_that_is_not_there_or_goes_with_writing_one_is_wrong_usage(known: Path, run: Run) -> None:
    assert run("validate", "web.yaml", "--baseline", "nothing.json").code == 64
    assert run("validate", "web.yaml", "--baseline", "known.json", "--write-baseline", "other.json").code == 64
    assert run("validate", "web.yaml", "--write-baseline", "known.json/x").code == 64
