"""The catalogue of codes is complete, and each code says what it has to."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import generator
from generator.catalog import ROOMS, all_codes, find_code
from generator.diagnostics import Code
from generator.report.diagnostics_page import PARTS, diagnostics_page


def _defined() -> list[tuple[str, Code]]:
    """Every Code that some module defines as a constant."""
    modules = [found.name for found in pkgutil.walk_packages(generator.__path__, "generator.")]
    found: list[tuple[str, Code]] = []
    for name in modules:
        if not name.endswith("__main__") and not name.startswith("generator.runtime"):
            found += [(name, value) for value in vars(import_module(name)).values() if isinstance(value, Code)]
    return found


def test_every_code_is_in_the_catalogue() -> None:
    missing = {(name, code.id) for name, code in _defined() if all_codes().get(code.id) is not code}
    assert missing == set()


def test_ids_are_unique() -> None:
    ids = [code.id for room in ROOMS for code in import_module(room).CODES]
    assert len(ids) == len(set(ids))


def test_every_code_explains_itself() -> None:
    silent = [code.id for code in all_codes().values() if not (code.title and code.why and code.id[:2] == "FH")]
    assert silent == []


def test_codes_are_found_however_they_are_written() -> None:
    code = find_code("FH6001")
    assert code is not None
    assert find_code("fh6001") is code
    assert find_code(" 6001 ") is code
    assert find_code("FH9999") is None


def test_the_page_of_codes_is_up_to_date(expect_file: Callable[[str, Path], None]) -> None:
    expect_file(diagnostics_page(all_codes().values()), Path(__file__).parents[1] / "docs" / "diagnostics.md")


def test_every_code_is_in_one_part_of_the_page() -> None:
    starts = tuple(start for start, _ in PARTS)
    assert [code for code in all_codes() if not code.startswith(starts)] == []
