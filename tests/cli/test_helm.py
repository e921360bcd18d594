"""Which Helm a command uses, and what it says when there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, fake_helm, snapshot


@pytest.fixture
def no_helm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any Helm: none on PATH, none in the cache, no library."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setitem(sys.modules, "helm_python", None)
    return folder


def test_without_helm_it_says_how_to_get_it_and_writes_nothing(no_helm: Path, run: Run) -> None:
    result = run("compile", "spec.yaml")
    assert result.code == 1
    assert "FH6001" in result.err
    for advice in ("pip install 'flowhelm[helm]'", "scripts/fetch-helm", "--helm", "package manager"):
        assert advice in result.err
    assert snapshot(no_helm).keys() == {"spec.yaml"}


def test_without_helm_a_spec_can_be_compiled_and_manifests_validated(no_helm: Path, run: Run) -> None:
    assert run("compile", "spec.yaml", "--no-validate").code == 0
    (no_helm / "all.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert run("validate", "all.yaml").code == 0
    assert run("validate", "charts-out/shop").code == 1


@pytest.mark.parametrize("how", ["option", "variable"])
def test_the_helm_that_is_named_is_used(how: str, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    helm = fake_helm(folder, "printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\n'", "v4.9.9")
    if how == "variable":
        monkeypatch.setenv("FLOWHELM_HELM", str(helm))
    result = run("compile", "spec.yaml", *(("--helm", helm) if how == "option" else ()))
    assert result.code == 0
    assert "rendered with Helm 4.9.9" in result.err
    assert "checked 1 object" in result.err


def test_the_option_wins_over_the_variable(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    helm = fake_helm(folder, "exit 0", "v4.9.9")
    monkeypatch.setenv("FLOWHELM_HELM", "/nowhere/helm")
    assert "rendered with Helm 4.9.9" in run("compile", "spec.yaml", "--helm", helm).err


@pytest.mark.parametrize(
    ("program", "says"),
    [("/nowhere/helm", "can't be run"), ("/bin/true", "no Helm 3 or 4"), ("spec.yaml", "can't be run")],
)
def test_a_helm_that_is_none_is_an_error(program: str, says: str, folder: Path, run: Run) -> None:
    result = run("compile", "spec.yaml", "--helm", Path(program).absolute())
    assert result.code == 1
    assert "FH6002" in result.err
    assert says in result.err
    assert snapshot(folder).keys() == {"spec.yaml"}


def test_helm_2_is_refused_and_an_untested_helm_3_warned_of(folder: Path, run: Run) -> None:
    assert "FH6002" in run("compile", "spec.yaml", "--helm", fake_helm(folder, "exit 0", "v2.17.0")).err
    result = run("compile", "spec.yaml", "--helm", fake_helm(folder, "exit 0", "v3.9.0"))
    assert result.code == 0
    assert "FH6003" in result.err
