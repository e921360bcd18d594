"""`flowhelm compile` with sub-charts: what is not there is said, `--dependencies` fetches it, regenerating keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import SPEC, Run, snapshot

DEPENDENCY = 'dependencies: [{name: cache, version: ^1.0.0, repository: "file://../../cache"}]\n'
BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache}\nnope: {}\n"


@pytest.fixture
def with_cache(folder: Path, helm4: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec with a dependency, and the chart that it is."""
    monkeypatch.setenv("PATH", f"{helm4.parent}:/usr/bin:/bin")
    (folder / "spec.yaml").write_text(SPEC + DEPENDENCY)
    (folder / "cache" / "templates").mkdir(parents=True)
    (folder / "cache" / "Chart.yaml").write_text("apiVersion: v2\nname: cache\nversion: 1.2.3\n")
    (folder / "cache" / "templates" / "cm.yaml").write_text(BROKEN.replace("nope", "data"))
    return folder


def test_what_is_not_there_is_not_checked_and_said(with_cache: Path, run: Run) -> None:
    result = run("compile", "spec.yaml", "-v")
    assert result.code == 0
    assert "not checked: cache, not in charts/" in result.err
    assert "spec.yaml:10:16" in result.err
    assert 'the dependency "cache" is not in charts/, so it was left out and not checked' in result.err


def test_dependencies_are_fetched_checked_and_kept(with_cache: Path, run: Run) -> None:
    result = run("compile", "spec.yaml", "--dependencies")
    assert result.code == 0, result.err
    assert "not checked" not in result.err
    chart = with_cache / "charts-out" / "shop"
    fetched = snapshot(chart / "charts")
    assert set(fetched) == {"cache-1.2.3.tgz"}
    assert (chart / "Chart.lock").is_file()
    assert run("compile", "spec.yaml").code == 0
    assert snapshot(chart / "charts") == fetched
    (with_cache / "spec.yaml").write_text(SPEC + DEPENDENCY.replace("^1.0.0", "~1.2"))
    assert run("compile", "spec.yaml", "--dependencies").code == 0, "a stale Chart.lock is brought up to date"


def test_what_sub_charts_bring_is_validated(with_cache: Path, run: Run) -> None:
    (with_cache / "cache" / "templates" / "cm.yaml").write_text(BROKEN)
    result = run("compile", "spec.yaml", "--dependencies")
    assert result.code == 1
    assert 'error FH3010: unknown field "nope"' in result.err
    assert "charts/cache/templates/cm.yaml" in result.err


def test_what_cannot_be_fetched_is_said_at_its_line(with_cache: Path, run: Run) -> None:
    (with_cache / "spec.yaml").write_text(SPEC + DEPENDENCY.replace("^1.0.0", "^9.0.0"))
    result = run("compile", "spec.yaml", "--dependencies")
    assert result.code == 1
    assert "error FH6017: helm dependency build: " in result.err
    assert "spec.yaml:10:16" in result.err


def test_check_fetches_nothing(with_cache: Path, run: Run) -> None:
    result = run("compile", "spec.yaml", "--check", "--dependencies")
    assert result.code == 64
    assert "--check writes nothing" in result.err
