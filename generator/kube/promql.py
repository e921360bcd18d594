"""PromQL and the templates of alerts, as far as brackets, strings and blocks tell: most slips are among these.

Sources: https://prometheus.io/docs/prometheus/latest/querying/basics/ (string literals, comments, selectors);
https://pkg.go.dev/text/template (actions), for the texts of alerts.
"""

from __future__ import annotations

import re

from generator.regexes import regex

_TOKEN = regex(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<quote>["'`])|(?P<comment>\#[^\n]*)|(?P<other>[^\s])"""
)
_ACTION = regex(r"""\{\{(?P<inside>(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|(?!\}\})[^"`'])*)\}\}""")
_COMMENT = regex(r"\{\{(?:- )?/\*.*?\*/(?: -)?\}\}", re.DOTALL)
_BLOCKS = ("if", "range", "with", "define", "block")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def promql_mistake(text: str) -> str:
    """What is wrong with the expression, in words; empty when nothing can be seen to be."""
    waiting: list[str] = []
    empty = True
    for token in _TOKEN.finditer(text):
        kind, found = token.lastgroup, token.group()
        empty = empty and kind == "comment"
        if kind == "quote":
            return f"the string that begins with {found} does not end"
        if kind == "open":
            if found == "{" and waiting[-1:] == ["{"]:
                return "{{ }} has no meaning here, only in the texts of an alert"
            waiting.append(found)
        elif kind == "close" and (not waiting or waiting.pop() != _PAIRS[found]):
            return f"`{found}` closes nothing"
    if waiting:
        return f"`{waiting[-1]}` is not closed"
    return "it is empty" if empty else ""


def template_mistake(text: str) -> str:
    """What is wrong with the text of an alert, a Go template; empty when nothing can be seen to be."""
    text = _COMMENT.sub("", text)
    if "{{" in _ACTION.sub("", text):
        return "`{{` is not closed"
    waiting: list[str] = []
    for action in _ACTION.finditer(text):
        word = (action["inside"].removeprefix("- ").split() or [""])[0]
        if not word or word == "-":
            return "`{{ }}` is empty"
        if word in _BLOCKS:
            waiting.append(word)
        elif word in ("end", "else") and not waiting:
            return f"`{{{{ {word} }}}}` belongs to nothing"
        elif word == "end":
            waiting.pop()
    return f"`{{{{ {waiting[-1]} }}}}` has no end" if waiting else ""
