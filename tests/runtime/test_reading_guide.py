"""The page that says in which order the runner can be read."""

from __future__ import annotations

import re
from pathlib import Path

from generator import runtime

FOLDER = Path(runtime.__file__).parent


def test_the_guide_names_each_module_once() -> None:
    named = re.findall(r"^    (\w+\.py)  ", runtime.__doc__ or "", re.M)
    assert sorted(named) == sorted(module.name for module in FOLDER.glob("*.py") if module.name != "__init__.py")


def test_the_decisions_know_no_clock_no_network_and_no_thread() -> None:
    """As the guide says. Times are written by gmtime, which only calculates."""
    decisions = ("plan", "progress", "work", "node", "scope", "run", "names", "values", "expressions")
    for module in decisions:
        text = (FOLDER / f"{module}.py").read_text("utf-8")
        assert set(re.findall(r"^from \.(\w*)", text, re.M)) <= set(decisions), module
        assert not re.search(r"^import (threading|socket|http|queue)|time\.(time|monotonic|sleep)\(", text, re.M), (
            module
        )
