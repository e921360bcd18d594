"""Settings of a user: found above the input, read, and what is wrong in them said with line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from generator.catalog import all_codes
from generator.diagnostics import Diagnostics, Severity
from generator.inputs.configuration import Configuration, find_configuration, find_overlooked, read_configuration
from generator.validate.model import Preset
from generator.validate.presets import Policy
from generator.validate.rulebook import Exemption


def read(text: str, folder: Path, name: str = ".flowhelm.toml") -> tuple[Configuration, list[tuple[int, int, str]]]:
    """The configuration, and line, column and message of each mistake."""
    file = folder / name
    file.write_text(text)
    found = Diagnostics()
    configuration = read_configuration(file, all_codes().__contains__, found)
    places = [(each.span.start.line, each.span.start.column, each.message) for each in found if each.span]
    return configuration, places


FULL = """\
preset = "strict"
pod-security = "baseline"

[severity]
FH4206 = "warning"
FH4404 = "off"

[environments.prod]
preset = "minimal"
severity = { FH4206 = "error" }

[[accept]]
code = "FH4100"
kind = "DaemonSet"
name = "node-*"
path = "spec.template.spec.host*"
reason = "it measures the node"
until = 2027-01-31
"""


def test_all_that_can_be_said(tmp_path: Path) -> None:
    configuration, mistakes = read(FULL, tmp_path)
    assert mistakes == []
    off = {"FH4206": Severity.WARNING, "FH4404": None}
    assert configuration.policy == Policy(Preset.STRICT, off, "baseline")
    prod = Policy(Preset.MINIMAL, {**off, "FH4206": Severity.ERROR}, "baseline")
    assert configuration.environments == {"prod": prod}
    [exemption] = configuration.exemptions
    assert exemption.span.start.line == 13
    assert exemption == Exemption(
        "FH4100",
        "it measures the node",
        exemption.span,
        "DaemonSet",
        "node-*",
        "spec.template.spec.host*",
        until=date(2027, 1, 31),
    )


def test_the_project_file_says_the_same(tmp_path: Path) -> None:
    text = FULL.replace("[severity]", "[tool.flowhelm.severity]").replace(
        "[environments", "[tool.flowhelm.environments"
    )
    project = '[project]\nname = "x"\n[tool.flowhelm]\n' + text.replace("[[accept]]", "[[tool.flowhelm.accept]]")
    inside, mistakes = read(project, tmp_path, "pyproject.toml")
    outside, _ = read(FULL, tmp_path)
    assert mistakes == []
    assert (inside.policy, inside.environments) == (outside.policy, outside.environments)
    assert [each.reason for each in inside.exemptions] == [each.reason for each in outside.exemptions]


WRONG = [
    ('preset = "strict"\npreset = ', 2, 10, "this is no TOML: Invalid value"),
    ('preset = "harsh"\n', 1, 1, "preset must be one of minimal, standard, strict"),
    ('pod-security = "none"\n', 1, 1, "pod-security must be one of privileged, baseline, restricted"),
    ("\n[severity]\n  FH4206 = 'fatal'\n", 3, 3, "severity must be one of error, warning, info, off"),
    ("[severity]\nFH4999 = 'off'\n", 2, 1, "FH4999 is the code of no finding on rendered objects"),
    ("[severity]\nFH1001 = 'off'\n", 2, 1, "FH1001 is the code of no finding on rendered objects"),
    ("[severty]\nFH4206 = 'off'\n", 1, 2, 'unknown key "severty"'),
    ("severity = 3\n", 1, 1, "severity is a table"),
    ("accept = 3\n", 1, 1, "accept is a list of tables"),
    ("[environments.prod]\nseverity = {FH4206 = 1}\n", 2, 13, "severity must be one of error, warning, info, off"),
    ("[environments]\nprod = 'strict'\n", 2, 1, "prod is a table"),
    ("[[accept]]\ncode = 'FH4206'\n", 1, 3, "an exception needs a reason"),
    ("[[accept]]\nreason = 'why'\n", 1, 3, "an exception needs a code"),
    ("[[accept]]\ncode = 'FH4206'\nreason = ' '\n", 3, 1, "the reason is empty"),
    ("[[accept]]\ncode = 'FH4206'\nreason = 'x'\nuntil = '2027-01-31'\n", 4, 1, "until is a date"),
    ("[[accept]]\ncode = 'FH4206'\nreason = 'x'\nkind = 3\n", 4, 1, "kind is a text"),
    ("[[accept]]\ncode = 'FH4206'\nreason = 'x'\n[[accept]]\ncode = 'x'\nreason = 'x'\n", 5, 1, "x is the code of no"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), WRONG, ids=[case[3][:40] for case in WRONG])
def test_mistakes_have_a_place(text: str, line: int, column: int, message: str, tmp_path: Path) -> None:
    [(found_line, found_column, found)] = read(text, tmp_path)[1]
    assert (found_line, found_column) == (line, column)
    assert found.startswith(message)


def test_the_nearest_file_of_the_checkout_counts(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "charts"
    inner.mkdir(parents=True)
    (tmp_path / ".flowhelm.toml").write_text("")
    assert find_configuration(inner) is None, "there is no checkout: only the folder itself counts"
    (inner.parent / ".git").mkdir()
    (inner.parent / "pyproject.toml").write_text("[project]\n")
    assert find_configuration(inner) is None, "what is above the checkout does not count"
    (inner.parent / "pyproject.toml").write_text("[tool.flowhelm]\n")
    assert find_configuration(inner) == inner.parent / "pyproject.toml"
    (inner / ".flowhelm.toml").write_text("")
    assert find_configuration(inner) == inner / ".flowhelm.toml"


def test_files_beside_inputs_are_overlooked(tmp_path: Path) -> None:
    here, other = tmp_path / "here", tmp_path / "other" / "chart"
    for folder in (here / "a" / "chart", other):
        folder.mkdir(parents=True)
    assert find_overlooked(here / "a" / "chart", here) is None
    (here / ".flowhelm.toml").write_text("")
    assert find_overlooked(here / "a" / "chart", here) is None
    (here / "a" / ".flowhelm.toml").write_text("")
    assert find_overlooked(here / "a" / "chart", here) == here / "a" / ".flowhelm.toml"
    (other / ".flowhelm.toml").write_text("")
    assert find_overlooked(other, here) == other / ".flowhelm.toml"
