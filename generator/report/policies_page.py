"""The table of policies in docs/policies.md.

Input: the text of the page, the policies. Output: the page with the table written anew, behind its heading at the end;
`make goldens` writes it, a test compares it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.diagnostics import Code, Severity
from generator.validate.model import Preset
from generator.validate.presets import preset_severity

HEADING = "## All policies\n"
_WORDS = {None: "off", Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def policies_page(page: str, codes: Iterable[Code]) -> str:
    """The page with its table."""
    return page.partition(HEADING)[0] + HEADING + "\n" + "\n".join(_table(codes)) + "\n"


def _table(codes: Iterable[Code]) -> Iterator[str]:
    yield f"| code | what is found | {' | '.join(Preset)} | rules of others that ask for the same, or its source |"
    yield "|---|---|" + "---|" * len(Preset) + "---|"
    for code in codes:
        levels = " | ".join(level_in(code, preset) for preset in Preset)
        yield f"| [{code.id}](diagnostics.md#{_anchor(code)}) | {code.title} | {levels} | {code.source or 'our own'} |"


def level_in(code: Code, preset: Preset) -> str:
    """How severely a preset takes a policy, in a word."""
    return _WORDS[preset_severity(code, preset)]


def _anchor(code: Code) -> str:
    text = f"{code.id}-{code.title}".lower().replace(" ", "-")
    return "".join(char for char in text if char.isalnum() or char in "-_")
