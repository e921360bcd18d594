"""`flowhelm compile`: exit codes, what is written and what is not, and what is printed where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import SPEC, WARNED, WRONG, Run, fake_helm, snapshot

NOTES = "templates/NOTES.txt"


def test_a_spec_becomes_a_chart_that_was_proved(folder: Path, run: Run) -> None:
    result = run("compile", "spec.yaml")
    assert result.code == 0
    assert result.out == ""
    assert (folder / "charts-out/shop/Chart.yaml").is_file()
    assert "charts-out/shop" in result.err
    assert "no findings" in result.err
    assert "rendered with Helm" in result.err
    assert "Kubernetes 1.35" in result.err


def test_what_the_cluster_must_have_is_said(folder: Path, run: Run) -> None:
    spec = folder / "spec.yaml"
    spec.write_text(SPEC + "    metrics: {}\n")
    needs = "needs monitoring.coreos.com/v1 in the cluster"
    assert (
        f"{needs} (metrics and alerts); without it: --set monitoring.enabled=false"
        in run("compile", "spec.yaml").err.splitlines()
    )
    spec.write_text(spec.read_text() + "monitoring: {enabled: false}\n")
    assert needs not in run("compile", "spec.yaml").err
    readme = (folder / "charts-out/shop/README.md").read_text()
    assert "| `monitoring.coreos.com/v1` | metrics and alerts | it is off by default |" in readme


def test_the_folder_is_named_with_o(folder: Path, run: Run) -> None:
    assert run("compile", "spec.yaml", "-o", "deploy/chart", "--no-validate").code == 0
    assert (folder / "deploy/chart/Chart.yaml").is_file()
    assert not (folder / "charts-out").exists()


def test_several_specs_get_a_folder_each(folder: Path, run: Run) -> None:
    (folder / "other.yaml").write_text(SPEC.replace("shop", "other"))
    assert run("compile", "spec.yaml", "other.yaml", "--no-validate").code == 0
    assert run("compile", "spec.yaml", "other.yaml", "-o", "out", "--no-validate").code == 0
    for parent in ("charts-out", "out"):
        assert {path.name for path in (folder / parent).iterdir()} == {"shop", "other"}


def test_one_wrong_spec_of_several_fails_and_the_others_are_written(folder: Path, run: Run) -> None:
    (folder / "wrong.yaml").write_text(WRONG.replace("shop", "wrong"))
    result = run("compile", "wrong.yaml", "spec.yaml", "--no-validate")
    assert result.code == 1
    assert {path.name for path in (folder / "charts-out").iterdir()} == {"shop"}


def test_errors_are_shown_with_place_line_and_advice_and_nothing_is_written(folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(WRONG)
    result = run("compile", "spec.yaml")
    assert result.code == 1
    assert result.out == ""
    for part in ("error FH1001", "spec.yaml:7:5", "portz: {http: 8080}", "did you mean `ports`?", "1 error"):
        assert part in result.err
    assert not (folder / "charts-out").exists()


def test_errors_leave_the_old_chart_byte_for_byte(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "--no-validate")
    before = snapshot(folder / "charts-out")
    (folder / "spec.yaml").write_text(WRONG)
    assert run("compile", "spec.yaml", "--no-validate").code == 1
    assert run("compile", "spec.yaml", "--force", "--no-validate").code == 1
    assert snapshot(folder / "charts-out") == before


def test_what_validation_finds_is_an_error_and_writes_nothing(folder: Path, run: Run) -> None:
    helm = fake_helm(folder, "printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: Not A Name}\\n'")
    result = run("compile", "spec.yaml", "--helm", helm)
    assert result.code == 1
    assert "FH3101" in result.err
    assert "Not A Name" in result.err
    assert not (folder / "charts-out").exists()


def test_what_helm_refuses_is_an_error_and_writes_nothing(folder: Path, run: Run) -> None:
    helm = fake_helm(folder, "echo 'Error: parse error at (shop/templates/NOTES.txt:1): nonsense' >&2; exit 1")
    result = run("compile", "spec.yaml", "--helm", helm)
    assert result.code == 1
    assert "FH6010" in result.err
    assert "nonsense" in result.err
    assert not (folder / "charts-out").exists()


def test_without_validation_helm_is_not_needed(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWHELM_HELM", "/nowhere/helm")
    result = run("compile", "spec.yaml", "--no-validate")
    assert result.code == 0
    assert "rendered" not in result.err


def test_a_second_compilation_changes_nothing(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "--no-validate")
    before = {path: path.stat().st_mtime_ns for path in (folder / "charts-out").rglob("*")}
    result = run("compile", "spec.yaml", "--no-validate")
    assert "unchanged" in result.err
    assert "created" not in result.err
    assert "updated" not in result.err
    assert {path: path.stat().st_mtime_ns for path in (folder / "charts-out").rglob("*")} == before


def test_check_tells_a_stale_chart_from_a_fresh_one_and_writes_nothing(folder: Path, run: Run) -> None:
    absent = run("compile", "spec.yaml", "--check", "--no-validate")
    assert absent.code == 3
    assert not (folder / "charts-out").exists()
    run("compile", "spec.yaml", "--no-validate")
    assert run("compile", "spec.yaml", "--check", "--no-validate").code == 0
    before = snapshot(folder / "charts-out")
    (folder / "spec.yaml").write_text(SPEC.replace("1.0.0", "1.0.1"))
    stale = run("compile", "spec.yaml", "--check", "--no-validate")
    assert stale.code == 3
    assert "update    Chart.yaml" in stale.err
    assert snapshot(folder / "charts-out") == before


def test_errors_come_before_staleness(folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(WRONG)
    assert run("compile", "spec.yaml", "--check", "--no-validate").code == 1


def test_a_file_edited_by_hand_is_kept_with_the_new_one_beside_it(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "--no-validate")
    notes = folder / "charts-out/shop" / NOTES
    generated = notes.read_bytes()
    notes.write_text("mine")
    result = run("compile", "spec.yaml", "--no-validate")
    assert result.code == 1
    assert "FH6101" in result.err
    assert "--force" in result.err
    assert "--adopt" in result.err
    assert notes.read_text() == "mine"
    assert notes.with_name("NOTES.txt.new").read_bytes() == generated
    assert run("compile", "spec.yaml", "--check", "--no-validate").code in (1, 3)

    assert run("compile", "spec.yaml", "--force", "--no-validate").code == 0
    assert notes.read_bytes() == generated
    assert not notes.with_name("NOTES.txt.new").exists()


def test_an_adopted_file_is_the_users_from_then_on(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "--no-validate")
    notes = folder / "charts-out/shop" / NOTES
    notes.write_text("mine")
    assert run("compile", "spec.yaml", "--adopt", NOTES, "--no-validate").code == 0
    assert run("compile", "spec.yaml", "--no-validate").code == 0
    assert run("compile", "spec.yaml", "--check", "--no-validate").code == 0
    assert notes.read_text() == "mine"
    assert run("compile", "spec.yaml", "--adopt", "no/such/file", "--no-validate").code == 1


def test_files_of_the_user_in_the_folder_are_left_alone(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "--no-validate")
    own = folder / "charts-out/shop/ci/small-values.yaml"
    own.parent.mkdir()
    own.write_text("{}\n")
    assert run("compile", "spec.yaml", "--force", "--no-validate").code == 0
    assert own.read_text() == "{}\n"


def test_a_folder_with_another_chart_is_refused(folder: Path, run: Run) -> None:
    (folder / "chart").mkdir()
    (folder / "chart/Chart.yaml").write_text("name: other\n")
    result = run("compile", "spec.yaml", "-o", "chart", "--no-validate")
    assert result.code == 1
    assert "FH6103" in result.err
    assert snapshot(folder / "chart") == {"Chart.yaml": b"name: other\n"}


def test_a_file_in_the_place_of_the_folder_is_refused(folder: Path, run: Run) -> None:
    result = run("compile", "spec.yaml", "-o", "spec.yaml", "--no-validate")
    assert result.code == 1
    assert "FH6102" in result.err
    assert (folder / "spec.yaml").read_text() == SPEC


def test_warnings_alone_write_the_chart(folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(WARNED)
    result = run("compile", "spec.yaml", "--no-validate")
    assert result.code == 0
    assert "warning FH24" in result.err
    assert (folder / "charts-out/shop/Chart.yaml").is_file()


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 3), ("info", 3), ("never", 0)], ids=str)
def test_fail_on_decides_the_exit_code(fail_on: str, code: int, folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(WARNED)
    assert run("compile", "spec.yaml", "--no-validate", "--fail-on", fail_on).code == code


def test_quiet_shows_findings_only_and_verbose_notes_too(folder: Path, run: Run) -> None:
    assert run("compile", "spec.yaml", "--no-validate", "-q").err == ""
    (folder / "spec.yaml").write_text(WARNED + "      third: {run: {service: web}, timeout: 1.5s}\n")
    plain = run("compile", "spec.yaml", "--no-validate")
    assert "more note" in plain.err
    assert "note FH24" not in plain.err
    quiet = run("compile", "spec.yaml", "--no-validate", "-q")
    assert "warning FH24" in quiet.err
    assert "charts-out" not in quiet.err
    verbose = run("compile", "spec.yaml", "--no-validate", "-v")
    assert "note FH24" in verbose.err
    assert "more note" not in verbose.err


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
@pytest.mark.parametrize("text", [SPEC, WARNED, WRONG], ids=["right", "warned", "wrong"])
def test_results_for_programs_stand_alone_on_stdout(form: str, text: str, folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(text)
    result = run("compile", "spec.yaml", "--no-validate", "--format", form)
    assert result.err == ""
    expected = {SPEC: 0, WARNED: 1, WRONG: 1}[text]
    if form == "github":
        lines = result.out.splitlines()
        findings = [line for line in lines if line.startswith(("::error file=spec.yaml,", "::warning file=spec.yaml,"))]
        assert len(findings) == expected
        assert len(lines) == expected + 1, "and a summary"
        return
    data = json.loads(result.out)
    if form == "json":
        found = [(each["file"], each["line"]) for each in data["findings"]]
    else:
        assert data["version"] == "2.1.0"
        places = [each["locations"][0]["physicalLocation"] for each in data["runs"][0]["results"]]
        found = [(each["artifactLocation"]["uri"], each["region"]["startLine"]) for each in places]
    assert len(found) == expected
    assert {file for file, _ in found} <= {"spec.yaml"}
    assert all(line > 0 for _, line in found)


def test_json_says_what_was_checked_with_what(folder: Path, run: Run) -> None:
    data = json.loads(run("compile", "spec.yaml", "--format", "json", "--kube-version", "1.33").out)
    assert data["checked"]["objects"] > 3
    assert data["versions"]["kubernetes"] == ["1.33"]
    assert data["versions"]["helm"][0] in "34"


def test_colours_come_only_when_asked_for(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "spec.yaml").write_text(WRONG)
    assert "\x1b[" not in run("compile", "spec.yaml").err
    assert "\x1b[" in run("compile", "spec.yaml", "--color", "always").err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in run("compile", "spec.yaml").err
    assert "\x1b[" not in run("compile", "spec.yaml", "--color", "never").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("compile", "spec.yaml").err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("compile",),
        ("compile", "spec.yaml", "--no-such-option"),
        ("compile", "spec.yaml", "--format", "xml"),
        ("compile", "spec.yaml", "--fail-on", "sometimes"),
        ("compile", "spec.yaml", "--engine", "make"),
        ("compile", "spec.yaml", "--engine", "argo"),
        ("no-such-command",),
        ("validate",),
        ("validate", "spec.yaml", "--layers", "schema,nothing"),
        ("diff", "spec.yaml"),
        ("explain", "FH9999"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_64_and_writes_nothing(arguments: tuple[str, ...], folder: Path, run: Run) -> None:
    result = run(*arguments)
    assert result.code == 64
    assert result.out == ""
    assert result.err
    assert snapshot(folder).keys() == {"spec.yaml"}


def test_a_spec_that_is_not_there_is_an_error(folder: Path, run: Run) -> None:
    result = run("compile", "nowhere.yaml")
    assert result.code == 1
    assert "FH0101" in result.err


def test_two_specs_of_one_name_are_not_written_over_each_other(folder: Path, run: Run) -> None:
    (folder / "other.yaml").write_text(SPEC)
    found = run("compile", "spec.yaml", "other.yaml", "-o", "out", "--no-validate")
    assert found.code == 1
    assert "spec.yaml and other.yaml have one name" in found.err


def test_the_chart_of_another_spec_is_not_replaced(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "-o", "chart", "--no-validate")
    (folder / "other.yaml").write_text(SPEC.replace("name: shop", "name: other"))
    before = snapshot(folder / "chart")
    found = run("compile", "other.yaml", "-o", "chart", "--no-validate")
    assert found.code == 1
    assert "chart holds the chart shop, not other" in found.err
    assert snapshot(folder / "chart") == before
    assert run("compile", "other.yaml", "-o", "chart", "--no-validate", "--force").code == 0


def test_an_adopted_file_that_went_its_own_way_is_named(folder: Path, run: Run) -> None:
    run("compile", "spec.yaml", "-o", "chart", "--no-validate")
    file = folder / "chart" / "values.yaml"
    file.write_text(file.read_text() + "# mine\n")
    found = run("compile", "spec.yaml", "-o", "chart", "--no-validate", "--adopt", "chart/values.yaml")
    assert "values.yaml is your own, and not what would be generated now" in found.err


def test_a_kubernetes_version_is_a_version(run: Run) -> None:
    assert run("compile", "spec.yaml", "--kube-version", "abc").code == 64


def test_objects_of_ones_own_are_checked_against_definitions(folder: Path, run: Run) -> None:
    widget = "{apiVersion: shop.example.com/v1, kind: Widget, metadata: {name: a}, spec: 5}"
    (folder / "spec.yaml").write_text(SPEC + f"extra: [{widget}]\n")
    assert run("compile", "spec.yaml").code == 0
    strict = run("compile", "spec.yaml", "--strict-schemas")
    assert (strict.code, "no schema is known for shop.example.com/v1 Widget" in strict.err) == (1, True)
    schema = '{"properties": {"spec": {"type": "object"}}}'
    (folder / "shop.example.com").mkdir()
    (folder / "shop.example.com" / "widget_v1.json").write_text(schema)
    known = run("compile", "spec.yaml", "--strict-schemas", "--schema-location", ".")
    assert (known.code, "spec must be a mapping, but is the number 5" in known.err) == (1, True)
