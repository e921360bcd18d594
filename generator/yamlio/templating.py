"""Which line of a template gave a line of rendered text, and what is not closed in a template.

Input: a template, and the rendered text up to a line. Output: a line, counted from 1; the likeliest where Helm knows
none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.regexes import regex

_ACTION = regex(r"\{\{-?\s*(?:(?P<comment>/\*.*?\*/)|(?P<word>[a-z]+)\b)?.*?\}\}", re.S)
_OPENING = ("if", "with", "range", "define", "block")


def likely_place(template: str, rendered: str) -> tuple[int, int]:
    """The line of a template that gave the last line of `rendered`, and the column where it begins.

    That with the same words, if there is one; else the first one that is filled in after the nearest line above that
    can be found.
    """
    written = template.splitlines() or [""]
    number = _likely_index([line.strip() for line in written], [line.strip() for line in rendered.splitlines()] or [""])
    return number + 1, len(written[number]) - len(written[number].lstrip()) + 1


def _likely_index(lines: Sequence[str], rendered: Sequence[str]) -> int:
    *above, last = rendered
    same = [number for number, line in enumerate(lines) if line == last]
    if len(same) == 1:
        return same[0]
    for text in reversed(above):
        found = [number for number, line in enumerate(lines) if text and line == text]
        if len(found) == 1:
            after = range(found[0] + 1, len(lines))
            return next((number for number in after if lines[number] == last or "{{" in lines[number]), found[0])
    return next((number for number, line in enumerate(lines) if "{{" in line), 0)


def unclosed(template: str, line: int) -> tuple[int, str] | None:
    """The action or block that is still open at the end of a line: the line it begins on, and what it lacks."""
    text = "\n".join(template.split("\n")[:line])
    start = text.rfind("{{")
    if start >= 0 and "}}" not in text[start:]:
        return text.count("\n", 0, start) + 1, "the action that begins here is not closed by }}"
    open_blocks: list[tuple[int, str]] = []
    for action in _ACTION.finditer(text):
        if action["word"] in _OPENING:
            open_blocks.append((text.count("\n", 0, action.start()) + 1, action["word"]))
        elif action["word"] == "end" and open_blocks:
            open_blocks.pop()
    if line < template.count("\n") or not open_blocks:
        return None
    number, word = open_blocks[-1]
    return number, f"this `{word}` has no `end`"
