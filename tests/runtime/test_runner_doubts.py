"""What should not happen but does: values that no type foresees, a runner that stops at a bad moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.runtime.expressions import condition
from generator.runtime.values import WrongValue
from tests.runtime.simulated_run import simulation
from tests.runtime.workflow_rows import Row, name, run

Json = Any

# --- expressions ------------------------------------------------------------------------------------------------------

INPUTS = {"o": {"type": "object"}, "s": {"type": "string"}, "n": {"type": "integer"}}
NO_VALUES: dict[str, Json] = {
    "a sum that overflows": ["==", ["+", name("inputs.n"), ["lit", 0.5]], ["lit", 1]],
    "a pattern that is none": ["matches", name("inputs.s"), ["lit", "("]],
    "a sum beyond all numbers": ["==", ["+", ["lit", 1.7e308], ["lit", 1.7e308]], ["lit", 1]],
    "a text that is too long": ["matches", name("inputs.s"), ["lit", "^x"]],
}


@pytest.mark.parametrize("case", NO_VALUES)
def test_an_expression_without_a_value_fails_its_task(case: str, tmp_path: Path) -> None:
    inputs = {"o": {}, "s": "x" * 20000, "n": 10**400}
    row = Row("x", "M07", "", {"a": run(when=NO_VALUES[case])}, {"z": run()}, plan={"inputs": INPUTS}, inputs=inputs)
    with simulation(row, tmp_path, 50) as simulated:
        assert simulated.run() == 10
        assert simulated.story()["a"][0] == "failed"
        assert simulated.story()["a"][1].startswith("its condition: ")
        assert simulated.story()["z"] == ("succeeded", "")


def test_an_expression_that_is_nested_too_deeply_has_no_value() -> None:
    expression: Json = ["lit", True]
    for _ in range(100_000):
        expression = ["!", expression]
    with pytest.raises(WrongValue, match="nested too deeply"):
        condition(expression, lambda _: None)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["in", ["list", ["lit", 1]], ["lit", {"m": {}}]], False),
        (["in", ["list", ["lit", 1]], ["list", ["list", ["lit", 1.0]]]], True),
        (["matches", ["lit", "a$"], ["lit", "[]$]$"]], True),
        (["matches", ["lit", "a"], ["lit", "[^]$]$"]], True),
        (["matches", ["lit", "a\nb"], ["lit", "(?im)A$"]], True),
        (["matches", ["lit", "a\n"], ["lit", "a$"]], False),
    ],
)
def test_what_is_unusual_has_its_value(expression: Json, expected: bool) -> None:
    assert condition(expression, lambda _: None) is expected
