"""The commands on specs that import libraries, and on libraries alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import SPEC, Run

LIBRARY = """\
flowhelm: v1
name: asking
version: 1.0.0
workflows:
  ask:
    inputs: {it: {type: service}}
    tasks: {get: {call: {service: "${{ inputs.it }}", get: /}}}
"""
USER = (
    SPEC.replace("services:", "imports: {asking: ../lib/asking.yaml}\nservices:")
    + 'workflows: {go: {tasks: {ask: {workflow: asking.ask, with: {it: "${{ services.web }}"}}}}}\n'
)


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository with a library and a spec, in folders beside each other."""
    for name, text in {"lib/asking.yaml": LIBRARY, "shop/spec.yaml": USER}.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.com")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        subprocess.run([*git, *command], cwd=folder, check=True, capture_output=True)
    return folder


def test_a_library_is_checked_on_its_own_and_makes_no_chart(repository: Path, run: Run) -> None:
    checked = run("validate", "lib/asking.yaml")
    assert (checked.code, checked.err.splitlines()[-1]) == (
        0,
        "lib/asking.yaml is a library: it was checked, and there is no chart to make",
    )
    (repository / "lib" / "asking.yaml").write_text(LIBRARY.replace("inputs.it", "inputs.ti"))
    assert run("validate", "lib/asking.yaml").code == 1
    compiled = run("compile", "lib/asking.yaml")
    assert compiled.code == 1
    assert not (repository / "charts-out").exists()


def test_a_commit_is_compared_with_the_libraries_that_it_has(repository: Path, run: Run) -> None:
    library = repository / "lib" / "asking.yaml"
    library.write_text(LIBRARY.replace("get: /", "get: /new"))
    result = run("diff", "git:HEAD:shop/spec.yaml", "shop/spec.yaml", "--detailed-exitcode")
    assert (result.code, result.err) == (2, "")
    assert run("diff", "git:HEAD:shop/spec.yaml", "git:HEAD:shop/spec.yaml", "--detailed-exitcode").code == 0


def test_dependencies_are_shown_for_people_and_for_programs(repository: Path, run: Run) -> None:
    assert run("deps", "shop/spec.yaml").out.splitlines() == [
        "shop/spec.yaml",
        "└─ asking: ../lib/asking.yaml",
        "    workflow ask: go.ask",
    ]
    assert json.loads(run("deps", "shop/spec.yaml", "--format", "json").out) == {
        "spec": "shop/spec.yaml",
        "imports": [
            {
                "alias": "asking",
                "import": "../lib/asking.yaml",
                "file": "lib/asking.yaml",
                "workflows": {"ask": ["go.ask"]},
                "templates": {},
                "imports": [],
            }
        ],
    }
    assert run("deps", "spec.yaml").out.splitlines() == ["spec.yaml", "└─ no imports"]


def test_what_cannot_be_read_is_an_error_of_deps(repository: Path, run: Run) -> None:
    (repository / "lib" / "asking.yaml").unlink()
    result = run("deps", "shop/spec.yaml")
    assert result.code == 1
    assert "FH0101" in result.err


def test_an_update_without_git_imports_writes_nothing(repository: Path, run: Run) -> None:
    result = run("update", "shop/spec.yaml")
    assert (result.code, result.err) == (0, "no findings\nshop/spec.yaml has no git imports\n")
    assert not (repository / "shop" / "flowhelm.lock").exists()
    wrong = run("update", "shop/spec.yaml", "asking")
    assert wrong.code == 64
    assert "only git imports are pinned" in wrong.err
