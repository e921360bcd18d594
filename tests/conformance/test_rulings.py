"""Every ruling of docs/rulings.md is shown by rows of the table, or held by a test that `elsewhere.py` names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conformance.compiled import ALL_ROWS
from tests.conformance.elsewhere import ELSEWHERE

REPOSITORY = Path(__file__).parents[2]
RULINGS = re.findall(r"^\| ([A-Z][0-9]{2}[a-d]?) \|", (REPOSITORY / "docs/rulings.md").read_text("utf-8"), re.MULTILINE)
SHOWN = {ruling for row in ALL_ROWS for ruling in row.rules.split()}


def test_every_ruling_is_shown_or_held() -> None:
    assert len(RULINGS) > 150
    assert [ruling for ruling in RULINGS if ruling not in SHOWN and ruling not in ELSEWHERE] == []


def test_rows_and_table_name_rulings() -> None:
    assert SHOWN | set(ELSEWHERE) <= set(RULINGS)


def test_what_rows_show_is_not_looked_for_elsewhere() -> None:
    assert SHOWN & set(ELSEWHERE) == set()


@pytest.mark.parametrize("ruling", ELSEWHERE)
def test_the_place_is_there(ruling: str) -> None:
    path, _, what = ELSEWHERE[ruling].partition("::")
    file = REPOSITORY / path
    text = (file / "expect.txt" if file.is_dir() else file).read_text("utf-8")
    wanted = (
        rf"^def {what}\(" if what.startswith("test_") else rf'Row\("{re.escape(what)}",' if file.is_file() else what
    )
    assert re.search(wanted, text, re.MULTILINE)
