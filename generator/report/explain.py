"""What `flowhelm explain` prints.

Input: a code, or all of them. Output: text: why the rule is there, a wrong and a right example, where it comes from; or
a list with a line for each code.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from generator.diagnostics import Code
from generator.report.policies_page import level_in
from generator.validate.model import Preset
from generator.validate.presets import POLICIES

_WIDTH = 100


def explain(code: Code) -> str:
    """The explanation of one code."""
    return "\n".join(_lines(code)) + "\n"


def list_codes(codes: Iterable[Code]) -> str:
    """One line for each code."""
    return "".join(f"{code.id}  {code.severity.value:7}  {code.title}\n" for code in codes)


def _lines(code: Code) -> Iterator[str]:
    yield f"{code.id}: {code.title} ({code.severity.value})"
    yield ""
    yield from textwrap.wrap(code.why, _WIDTH)
    for label, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            yield ""
            yield f"{label}:"
            yield textwrap.indent(example.rstrip("\n"), "    ")
    if code.id in POLICIES:
        yield ""
        yield f"Presets: {', '.join(f'{preset} {level_in(code, preset)}' for preset in Preset)}"
    if code.source:
        yield ""
        yield f"Source: {code.source}"
