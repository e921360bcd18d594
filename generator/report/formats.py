"""Every format that findings can be printed in.

Input: a report, the sources of the lines shown, whether to colour. Output: the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from generator.report.github import print_github
from generator.report.json import print_json
from generator.report.model import Report, Sources
from generator.report.text import print_text


class Format(Protocol):
    """Prints a report."""

    def __call__(self, report: Report, sources: Sources, colour: bool = False) -> str:
        """The report as text that ends with a line feed."""
        ...


def _sarif(report: Report, sources: Sources, colour: bool = False) -> str:
    from generator.report.sarif import print_sarif  # it brings what explains each code

    return print_sarif(report, sources, colour)


FORMATS: Final[Mapping[str, Format]] = {
    "text": print_text,
    "json": print_json,
    "sarif": _sarif,
    "github": print_github,
}
