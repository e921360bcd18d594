"""What the text templates may call: few filters, all pure.

Stage: emit. A text that a source inserts is escaped for Helm unless it is an :class:`ActionText` (made from a Helm
node) or the file is none that Helm reads as a template (`verbatim`).
"""

from __future__ import annotations

import json
from typing import Any

from generator.emit.actions import escape


class ActionText(str):
    """Text that holds template actions on purpose."""

    __slots__ = ()


def inserted(value: object) -> str:
    """The `finalize` hook: what an expression of a source puts into the text."""
    return value if isinstance(value, ActionText) else escape(str(value))


def verbatim(value: object) -> ActionText:
    """A text as it is, for files that Helm does not read as templates."""
    return ActionText(value)


def cell(text: str) -> ActionText:
    """A text as the cell of a Markdown table."""
    return ActionText(" ".join(text.split()).replace("|", "\\|"))


def code(value: Any) -> ActionText:
    """JSON data as inline code in the cell of a Markdown table."""
    text = json.dumps(value, ensure_ascii=False)
    fence = "``" if "`" in text else "`"
    return ActionText(f"{fence}{text}{fence}".replace("|", "\\|"))


FILTERS = {"verbatim": verbatim, "cell": cell, "code": code}
