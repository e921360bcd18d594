"""docs/spec-reference.md is what the declarations of the keys say."""

from collections.abc import Callable
from pathlib import Path

from generator.spec.reference import reference
from generator.spec.service import Service
from generator.spec.shapes import keys_of
from generator.spec.workflow import Task

PAGE = Path(__file__).parents[2] / "docs" / "spec-reference.md"


def test_the_page_is_up_to_date(expect_file: Callable[[str, Path], None]) -> None:
    expect_file(reference(), PAGE)


def test_every_key_of_services_and_tasks_is_on_it() -> None:
    text = reference()
    for record in (Service, Task):
        for name in keys_of(record):
            assert f"`{name}`" in text


def test_what_comes_later_is_marked() -> None:
    assert "| `traffic` | any value | *Later.* " in reference()
