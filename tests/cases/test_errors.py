"""Wrong input, compared as the user sees it: every finding, its place, the line shown, what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.compiler import Options, compile_spec
from generator.diagnostics import Diagnostics
from generator.report.formats import FORMATS
from generator.report.model import Report

CASES = sorted(path.parent for path in (Path(__file__).parent / "errors").glob("*/spec.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_wrong_input_is_explained(
    case: Path, expect_file: Callable[[str, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(case)
    diagnostics = Diagnostics()
    compilation = compile_spec(Path("spec.yaml"), Options(root=case), diagnostics)
    assert compilation is None or not diagnostics.has_errors
    text = FORMATS["text"](Report.of(diagnostics), _source)
    expect_file(text.replace(str(case), "<root>"), case / "expect.txt")


def _source(file: str) -> str | None:
    path = Path(file)
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
