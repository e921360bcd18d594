"""docs/spec-reference.md is what the declarations of the keys say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import Diagnostics
from generator.spec.reference import reference
from generator.spec.reference_examples import EXAMPLES
from generator.spec.service import Service
from generator.spec.shapes import Reading, RecordOf, keys_of
from generator.spec.workflow import Task
from generator.yamlio.reader import read_spec_text
from tests.spec.test_schema import shapes

PAGE = Path(__file__).parents[2] / "docs" / "spec-reference.md"


def test_the_page_is_up_to_date(expect_file: Callable[[str, Path], None]) -> None:
    expect_file(reference(), PAGE)


def test_every_key_of_services_and_tasks_is_on_it() -> None:
    text = reference()
    for record in (Service, Task):
        for name in keys_of(record):
            assert f"`{name}`" in text


RECORDS = [shape for shape in shapes() if isinstance(shape, RecordOf)]


@pytest.mark.parametrize("shape", RECORDS, ids=lambda shape: shape.record.__name__)
def test_every_record_has_an_example_that_is_right(shape: RecordOf[Any]) -> None:
    name = shape.record.__name__
    assert name in EXAMPLES, f"generator/spec/reference_examples.py needs an example of {name}"
    diagnostics = Diagnostics()
    node = read_spec_text(EXAMPLES[name].encode(), name, diagnostics)
    assert node is not None
    shape.read(node, Reading(diagnostics))
    assert [finding.message for finding in diagnostics] == []


def test_no_example_is_left_over() -> None:
    assert EXAMPLES.keys() == {shape.record.__name__ for shape in RECORDS}


def test_what_an_environment_may_change_is_marked() -> None:
    lines = reference().splitlines()
    assert any(line.startswith("| `replicas` |") and line.endswith("*Value.* |") for line in lines)
    assert not any(line.startswith("| `ports` |") and "*Value.*" in line for line in lines)


def test_what_comes_later_is_marked() -> None:
    assert "| `traffic` | any value | *Later.* " in reference()
