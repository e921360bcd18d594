"""docs/rulings.md explains every ruling that is cited, and no other."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "rulings.md"
ID = re.compile(r"\b[CDLMSX][0-9]{2}[a-d]?\b")
ROW = re.compile(r"^\| ([CDLMSX][0-9]{2}[a-d]?) \| (.+) \|$", re.M)
CITING = (
    "generator/**/*.py",
    "templates/**/*",
    "examples/**/*.yaml",
    "examples/**/*.md",
    "tests/**/*.py",
    "docs/adr/*.md",
)


def cited(*patterns: str) -> set[str]:
    """The ids in the files of these patterns."""
    files = {file for pattern in patterns for file in REPOSITORY.glob(pattern) if file.is_file()}
    files -= {Path(__file__)}
    assert files
    return {each for file in files for each in ID.findall(file.read_text(encoding="utf-8", errors="replace"))}


def rows() -> list[tuple[str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_every_ruling_that_the_code_cites_has_a_row() -> None:
    found = cited("generator/**/*.py")
    assert len(found) > 50
    assert found - {name for name, _ in rows()} == set()


def test_every_row_is_cited_somewhere() -> None:
    assert {name for name, _ in rows()} - cited(*CITING) == set()


def test_rows_stand_once_in_order_under_their_letter() -> None:
    names = [name for name, _ in rows()]
    assert names == sorted(set(names))
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    assert {section[0] for section in sections} == {name[0] for name in names}
    for section in sections:
        assert {name[0] for name, _ in ROW.findall(section)} == {section[0]}


def test_a_row_says_something() -> None:
    assert [name for name, text in rows() if len(text) < 30 or not text.rstrip("*").endswith(".")] == []


def test_the_rulings_of_the_tests_have_rows() -> None:
    """A row of the conformance table names the rulings it shows."""
    found = cited("tests/runtime/*.py", "tests/resolve/*.py", "tests/check/*.py")
    assert found - {name for name, _ in rows()} == set()
