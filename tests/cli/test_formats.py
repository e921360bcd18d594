"""What commands print for programs is one document that fits its schema, whatever they found.

The schema of SARIF in tests/report/schemas is OASIS's own, 2.1.0-rtm.5, as the npm package @microsoft/jest-sarif
1.0.0-beta.0 brings it (MIT licence).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.cli.conftest import SPEC, WARNED, WRONG, Run

ROOT = Path(__file__).parents[2]
# One of its patterns holds a bare `]`, which not every reader of patterns takes.
SARIF = json.loads((ROOT / "tests/report/schemas/sarif-2.1.0-rtm.5.json").read_text().replace("{2}]?$", r"{2}\\]?$"))
FINDINGS = json.loads((ROOT / "generator/report/findings.schema.json").read_text())
SCHEMAS = {"json": jsonschema_rs.validator_for(FINDINGS), "sarif": jsonschema_rs.Draft4Validator(SARIF)}

FILES = {
    "right.yaml": SPEC,
    "wrong.yaml": WRONG,
    "warned.yaml": WARNED.replace("name: shop", "name: other"),
    "secret.yaml": SPEC + "    env: {DB_PASSWORD: c0rrect-h0rse}\n",
    "100%, a: b.yaml": WRONG,
    "bad.yaml": "a: [1\n",
    "cycle.yaml": SPEC
    + "workflows:\n  w:\n    tasks:\n"
    + "".join(f"      {a}: {{needs: [{b}], call: {{service: web, get: /}}}}\n" for a, b in (("a", "b"), ("b", "a"))),
    "object.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 0}]}\n",
}
COMMANDS = [
    *(("compile", name, "--no-validate") for name in FILES if name != "object.yaml"),
    ("compile", *(name for name in FILES if name != "object.yaml"), "--no-validate"),
    ("compile", "right.yaml", "warned.yaml"),
    ("compile", "missing.yaml"),
    ("validate", "right.yaml", "object.yaml", "wrong.yaml"),
    ("validate", "missing.yaml"),
    ("fmt", "--check", *FILES),
]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("form", SCHEMAS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_output_is_one_document_that_fits_its_schema(command: tuple[str, ...], form: str, run: Run) -> None:
    result = run(*command, "--format", form)
    document = json.loads(result.out)
    assert [error.message for error in SCHEMAS[form].iter_errors(document)] == []
    assert "c0rrect-h0rse" not in result.out
    found = document["findings"] if form == "json" else document["runs"][0]["results"]
    assert bool(found) == (result.code != 0 or "warned.yaml" in command)


@pytest.mark.parametrize("form", SCHEMAS)
def test_a_document_that_does_not_fit_would_be_noticed(form: str) -> None:
    broken: dict[str, dict[str, Any]] = {"json": {"findings": [{}]}, "sarif": {"version": "2.1.0", "runs": [{}]}}
    assert list(SCHEMAS[form].iter_errors(broken[form]))


def test_annotations_are_one_line_each_and_escape_their_properties(run: Run) -> None:
    lines = run("compile", "wrong.yaml", "100%, a: b.yaml", "--no-validate", "--format", "github").out.splitlines()
    assert len(lines) > 2
    annotation = re.compile(r"::(error|warning|notice) (?:[A-Za-z]+=[^,:\r\n]*,?)+::[^\r\n]+")
    assert [line for line in lines[:-1] if not annotation.fullmatch(line)] == []
    assert any("file=100%25%2C a%3A b.yaml," in line for line in lines)


def test_paths_start_at_the_root_of_the_checkout(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def uri(named: str) -> str:
        document = json.loads(run("validate", named, "--format", "sarif").out)
        location = document["runs"][0]["results"][0]["locations"][0]
        return str(location["physicalLocation"]["artifactLocation"]["uri"])

    assert uri(f"{tmp_path}/object.yaml") == "object.yaml"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    assert uri("object.yaml") == f"{tmp_path.name}/object.yaml"
    assert f"file={tmp_path.name}/object.yaml," in run("validate", "object.yaml", "--format", "github").out
    monkeypatch.setenv("GITHUB_WORKSPACE", "/elsewhere")
    assert uri("object.yaml") == f"file://{tmp_path}/object.yaml"


def test_fingerprints_stay_when_lines_move_and_tell_findings_apart(tmp_path: Path, run: Run) -> None:
    def fingerprints() -> list[str]:
        document = json.loads(run("validate", "object.yaml", "--format", "sarif").out)
        return sorted(each["partialFingerprints"]["flowhelm/v1"] for each in document["runs"][0]["results"])

    file = tmp_path / "object.yaml"
    before = fingerprints()
    file.write_text(f"# a comment\n\n{file.read_text()}")
    assert fingerprints() == before
    file.write_text(f"{file.read_text()}---\n{FILES['object.yaml']}".replace("name: web", "name: shop", 1))
    assert set(before) < set(fingerprints())
    assert len(set(fingerprints())) == len(fingerprints())
