"""Presets, settings and exceptions as a user gives them; secrets, which no report shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SECRETS = (
    "hunter2-of-ours",
    "AKIAIOSFODNN7EXAMPLE",
    "q8Zt3vKx91LmPw0sRb7YdF2hJc5NgXx9",
    "swordfish-12345",
    "s3cr3t-annotation",
    "topsecretflag",
    "31337133",
    "bm90IGJhc2U2NA!",
)
POD = f"""\
apiVersion: v1
kind: Pod
metadata:
  name: agent
  annotations: {{note: "https://user:{SECRETS[4]}@example.com"}}
spec:
  hostNetwork: true
  containers:
  - name: agent
    image: shop/agent:1
    args: ["--db-password={SECRETS[5]}", "-v"]
    env:
    - {{name: DB_PASSWORD, value: {SECRETS[0]}}}
    - name: KEY
      value: {SECRETS[1]}
    - name: SIGNING
      value: "{SECRETS[2]}"
    - {{name: API_TOKEN, value: {SECRETS[6]}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: login}}
data:
  user: {SECRETS[7]}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings}}
data:
  app.properties: |
    level=info
    db.password={SECRETS[3]}
"""
EXCEPTION = """
[[accept]]
code = "FH4100"
name = "agent"
reason = "it measures the node"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with manifests in it, where the user stands."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "pod.yaml").write_text(POD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(run: Run, *arguments: str) -> dict[str, str]:
    """The severity of each code that is found."""
    report = json.loads(run("validate", "manifests", "--format", "json", *arguments).out)
    return {found["code"]: found["severity"] for found in report["findings"]}


@pytest.mark.parametrize("shown", ["text", "json", "sarif", "github"])
def test_no_report_shows_a_secret(shown: str, shop: Path, run: Run) -> None:
    result = run("validate", "manifests", "--format", shown, "-v", "--preset", "strict")
    for secret in SECRETS:
        assert secret not in result.out + result.err
    for code in ("FH4301", "FH4302", "FH4303"):
        assert code in result.out + result.err


def test_the_line_is_shown_with_the_secret_masked(shop: Path, run: Run) -> None:
    shown = run("validate", "manifests").err
    assert "      value: ••••\n" in shown
    assert "    - {name: DB_PASSWORD, value: ••••\n" in shown


def test_presets(shop: Path, run: Run) -> None:
    assert codes(run)["FH4100"] == "warning"
    assert codes(run, "--preset", "strict")["FH4100"] == "error"
    assert {"FH4201", "FH4126"} <= codes(run).keys()
    assert not {"FH4201", "FH4126"} & codes(run, "--preset", "minimal").keys()
    assert run("validate", "manifests", "--preset", "strict").code == 1


def test_settings_of_the_working_directory(shop: Path, run: Run) -> None:
    (shop / ".flowhelm.toml").write_text('preset = "strict"\n[severity]\nFH4410 = "off"\n')
    assert codes(run)["FH4100"] == "error"
    assert "judged by the settings in .flowhelm.toml\n" in run("validate", "manifests").err
    assert "FH4410" not in codes(run)
    assert codes(run, "--preset", "minimal")["FH4100"] == "warning"
    (shop / "manifests" / ".flowhelm.toml").write_text('preset = "minimal"\n')
    assert codes(run)["FH4100"] == "error", "what comes with the input does not judge it"
    assert "manifests/.flowhelm.toml is not followed: --config names it\n" in run("validate", "manifests").err
    (shop / "other.toml").write_text('[severity]\nFH4100 = "info"\n')
    assert codes(run, "--config", "other.toml")["FH4100"] == "info"


def test_exceptions(shop: Path, run: Run) -> None:
    (shop / ".flowhelm.toml").write_text(EXCEPTION)
    assert not {"FH4100", "FH3030", "FH3031"} & codes(run).keys()
    (shop / ".flowhelm.toml").write_text(EXCEPTION + "until = 2020-01-31\n")
    assert codes(run).keys() >= {"FH4100", "FH3031"}
    (shop / ".flowhelm.toml").write_text(EXCEPTION.replace("FH4100", "FH4401"))
    assert codes(run)["FH3030"] == "warning"
    assert "FH3030" not in codes(run, "--layers", "policy")


def test_wrong_settings_are_an_error_with_the_line(shop: Path, run: Run) -> None:
    (shop / ".flowhelm.toml").write_text('preset = "strict"\n\n[severity]\nFH4100 = "fatal"\n')
    result = run("validate", "manifests")
    assert result.code == 1
    assert "error FH6215: severity must be one of error, warning, info, off\n --> .flowhelm.toml:4:1\n" in result.err
    assert '4 | FH4100 = "fatal"\n' in result.err


def test_compile_follows_the_settings_too(folder: Path, run: Run) -> None:
    (folder / ".flowhelm.toml").write_text('[severity]\nFH4235 = "off"\nFH4111 = "error"\n')
    result = run("compile", "spec.yaml", "-o", "chart")
    assert result.code == 1
    assert "error FH4111" in result.err
    (folder / ".flowhelm.toml").write_text("[severity\n")
    assert "error FH6215" in run("compile", "spec.yaml", "-o", "chart").err
    (folder / ".flowhelm.toml").unlink()
    assert run("compile", "spec.yaml", "-o", "chart").code == 0


def test_an_environment_of_a_spec_has_its_own_preset(folder: Path, run: Run) -> None:
    spec = folder / "spec.yaml"
    spec.write_text(spec.read_text() + "environments: {prod: {}, test: {}}\n")
    (folder / ".flowhelm.toml").write_text('[environments.prod]\npreset = "strict"\n')
    report = json.loads(run("compile", "spec.yaml", "-o", "chart", "--format", "json").out)
    seen = {found["values_file"] for found in report["findings"] if found["code"] == "FH4111"}
    assert seen == {"values-prod.yaml"}


def test_the_line_of_a_spec_is_masked_too(folder: Path, run: Run) -> None:
    spec = folder / "spec.yaml"
    variable = f"    env: {{SIGNING: {SECRETS[2]}}}\n"
    spec.write_text(spec.read_text().replace("    ports:", variable + "    ports:"))
    result = run("compile", "spec.yaml", "-o", "chart", "-v")
    assert "FH4303" in result.err, result.err
    assert "••••" in result.err
    assert SECRETS[2] not in result.err


def test_the_notes_of_strict_can_be_accepted_in_a_spec(folder: Path, run: Run) -> None:
    spec = folder / "spec.yaml"
    spec.write_text("accept: {FH4111: tags are moved by nobody}\n" + spec.read_text())
    for preset in ("standard", "strict"):
        report = json.loads(run("compile", "spec.yaml", "--preset", preset, "--format", "json", "--check").out)
        assert not {"FH4111", "FH2462"} & {found["code"] for found in report["findings"]}
