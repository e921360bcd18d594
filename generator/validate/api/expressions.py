"""Expressions in CEL that the API server compiles when it takes an object.

Input: a text, what it may name, and what it must come to. Output: what is wrong with it, after "must"; "" when nothing
is, or when the package common-expression-language (the extra `cel`) is not installed.
Source: k8s.io/apiserver/pkg/admission/plugin/cel, apiextensions-apiserver pkg/apiserver/schema/cel.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Collection
from functools import cache
from typing import Any, Final

_TYPES: Final = {"bool": bool, "string": str}
_BOUND: Final = re.compile(
    r"\.(?:all|exists|exists_one|existsOne|map|filter|transformList|transformMap|transformMapEntry|bind)"
    r"\(\s*(\w+)\s*,(?:\s*(\w+)\s*,)?"
)
_PLACE: Final = re.compile(r"(?:object|oldObject|params)(?:\.\w+|\[[^\]]*\])*")


def expression_mistake(text: str, variables: Collection[str], wanted: str = "bool") -> str:
    """What is wrong with an expression that may name these variables; `wanted` is bool, string, or "" for anything."""
    program, problem = _compiled(text)
    if problem:
        return f"be an expression in CEL: {problem}"
    if program is None:
        return ""
    bound = {name for names in _BOUND.findall(text) for name in names}
    unknown = sorted(set(program.variables()) - bound - set(variables))
    if unknown:
        return f"name nothing but {', '.join(sorted(variables))}: there is no `{unknown[0]}`"
    if wanted and not program.variables():
        return _of_constant(program, wanted)
    return f"come to a {wanted}: of {text} nobody knows" if wanted and _PLACE.fullmatch(text) else ""


def _of_constant(program: Any, wanted: str) -> str:
    try:
        value = program.execute({})
    except Exception:  # a function that only the API server has
        return ""
    return "" if isinstance(value, _TYPES[wanted]) else f"come to a {wanted}"


@cache
def _compiled(text: str) -> tuple[Any, str]:
    """The program and what is wrong with it; neither when nothing can compile it here."""
    if importlib.util.find_spec("cel") is None:
        return None, ""
    import cel

    try:
        return cel.compile(text), ""
    except (ValueError, RuntimeError) as problem:
        return None, str(problem).partition("ERROR: ")[2].partition("\n")[0] or "it cannot be read"
