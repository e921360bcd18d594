"""The values of plain scalars, by the rules of go-yaml 2.

Input: the text of a scalar without quotes or tag. Output: what Helm and kubectl read.
Source of the rules: https://github.com/kubernetes-sigs/yaml (resolve.go); compared with Helm in the tests.
"""

from __future__ import annotations

import math
from typing import Any, Final

from generator.regexes import regex

_HINTS = frozenset("+-.0123456789yYnNtTfFoO~<")
_LOOSE_UNDERSCORE = regex(r"(?<![0-9])_|_(?![0-9])")
_OCTAL = regex(r"[-+]?0[0-9]")
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


class Merge:
    """The key `<<`."""


MERGE: Final = Merge()

_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    "<<": MERGE,
}


def plain(text: str) -> Any:
    """The value of a plain scalar, by the rules of go-yaml 2."""
    if not text:
        return None
    if text[0] not in _HINTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-0123456789":
        return _number(text)
    return _decimal(text) if text[0] == "." and not _LOOSE_UNDERSCORE.search(text) else text


def _number(text: str) -> str | int | float:
    digits = text.replace("_", "")
    try:
        value = int(digits, 8 if _OCTAL.match(digits) else 0)
    except ValueError:
        return _decimal(text)
    limit = 2**63 if digits[0] in "+-" else 2**64
    return value if -(2**63) <= value < limit else _decimal(text)


def _decimal(text: str) -> str | float:
    digits = text.replace("_", "")
    if not _FLOAT.fullmatch(digits):
        return text
    value = float(digits)
    return text if math.isinf(value) else value


def whole(value: float) -> int | float:
    """A float without a fraction as an integer, as Go prints it in JSON."""
    return int(value) if value.is_integer() and abs(value) < 1e21 else value
