"""What `flowhelm explain CODE` prints.

Input: a code. Output: text: why the rule is there, a wrong and a right example, where it comes from.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from generator.diagnostics import Code

_WIDTH = 100


def explain(code: Code) -> str:
    """The explanation of one code."""
    return "\n".join(_lines(code)) + "\n"


def _lines(code: Code) -> Iterator[str]:
    yield f"{code.id}: {code.title} ({code.severity.value})"
    yield ""
    yield from textwrap.wrap(code.why, _WIDTH)
    for label, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            yield ""
            yield f"{label}:"
            yield textwrap.indent(example.rstrip("\n"), "    ")
    if code.source:
        yield ""
        yield f"Source: {code.source}"
