"""Rules on what libraries bring: found at their lines, accepted where they say so."""

from pathlib import Path

import pytest

from generator.compiler import Options, compile_spec
from generator.diagnostics import Diagnostics

HEAD = "flowhelm: v1\nname: it\nversion: 1.0.0\n"
SPEC = (
    HEAD + "imports: {lib: lib.yaml}\n"
    "services: {web: {extends: lib.web, image: 'shop/web:1.0.0'}}\n"
    "workflows: {go: {tasks: {ping: {workflow: lib.ping}}}}\n"
)
TEMPLATE = "templates: {web: {env: {API_TOKEN: 'abcdefgh'}}}\n"
WORKFLOW = "workflows: {ping: {tasks: {ping: {run: {image: 'shop/ping:1.0.0'}, env: {DB_PASSWORD: 'abcdefgh'}}}}}\n"
TASK_ACCEPTS = WORKFLOW.replace("env:", "accept: {FH4001: 'none of ours'}, env:")


def found(folder: Path, library: str, spec: str = SPEC) -> list[tuple[str, str, int]]:
    """Code, file and line of each finding."""
    (folder / "lib.yaml").write_text(HEAD + library)
    (folder / "spec.yaml").write_text(spec)
    diagnostics = Diagnostics()
    compile_spec(folder / "spec.yaml", Options(folder), diagnostics)
    return [(each.code.id, Path(each.span.file).name, each.span.start.line) for each in diagnostics if each.span]


def test_credentials_of_a_library_are_found_at_its_lines(tmp_path: Path) -> None:
    assert found(tmp_path, TEMPLATE + WORKFLOW) == [("FH4001", "lib.yaml", 4), ("FH4001", "lib.yaml", 5)]


@pytest.mark.parametrize(
    ("library", "spec", "left"),
    [
        (TEMPLATE + WORKFLOW + "accept: {FH4001: 'none of ours'}\n", SPEC, []),
        (TEMPLATE + TASK_ACCEPTS, SPEC, [("FH4001", "lib.yaml", 4)]),
        (TEMPLATE + WORKFLOW, SPEC + "accept: {FH4001: 'none of ours'}\n", []),
        (
            TEMPLATE + WORKFLOW + "accept: {FH2401: 'in vain'}\n",
            SPEC,
            [("FH4001", "lib.yaml", 4), ("FH4001", "lib.yaml", 5)],
        ),
    ],
    ids=["the library", "a task of it", "the spec", "another code"],
)
def test_who_may_accept_them(tmp_path: Path, library: str, spec: str, left: list[tuple[str, str, int]]) -> None:
    assert found(tmp_path, library, spec) == left
