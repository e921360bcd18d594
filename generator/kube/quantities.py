"""Quantities: `500m`, `1Gi`, `2e3`, as Kubernetes reads them.

Source: k8s.io/apimachinery/pkg/api/resource, "Quantity": a decimal number with a binary, decimal or exponent suffix.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final

from generator.regexes import regex

_BINARY: Final = {suffix: 1 << 10 * power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_QUANTITY: Final = regex(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?[0-9]{1,2}))?")
_BARE: Final = regex(r"[+-]?\.?(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")
_LONG_EXPONENT: Final = regex(r"(?<=[0-9.][eE])([+-]?)[0-9]{3,}$")

_MEANT: Final = (("B", ""), ("gb", "G"), ("mb", "M"), ("kb", "k"), ("gi", "Gi"), ("mi", "Mi"), ("g", "G"), ("K", "k"))


@lru_cache(maxsize=4096, typed=True)
def amount(quantity: str | int | float) -> Fraction | None:
    """The exact value of a quantity; None when it is none.

    `amount("500m") == amount(0.5)`, `amount("1Gi") == 2**30`.
    """
    found = _QUANTITY.fullmatch(str(quantity)) if not isinstance(quantity, bool) else None
    if not found:
        return None
    number, suffix, exponent = found.groups()
    if suffix in _BINARY:
        return Fraction(number) * _BINARY[suffix]
    scale: Fraction = Fraction(10) ** (int(exponent) if exponent else _DECIMAL[suffix or ""])
    return Fraction(number) * scale


@lru_cache(maxsize=4096, typed=True)
def lenient_amount(quantity: str | int | float) -> Fraction | None:
    """The value that the API server reads: no exponent is too large, spaces around do not count, and `Gi` is 0."""
    text = _LONG_EXPONENT.sub(r"\g<1>99", str(quantity).strip(" "))
    return Fraction(0) if is_bare(text) and not isinstance(quantity, bool) else amount(text)


def is_bare(text: str) -> bool:
    """Whether a quantity has lost its number: `Gi`."""
    return bool(text) and _BARE.fullmatch(text) is not None


def suffix_hint(text: str) -> str:
    """What was probably meant by `512MB`, `1 Gi` or `2gb`: a hint, or nothing."""
    compact = text.replace(" ", "")
    for suffix, right in _MEANT:
        if compact.endswith(suffix) and amount(candidate := compact.removesuffix(suffix) + right) is not None:
            return f'write "{candidate}"'
    return f'write "{compact}"' if compact != text and amount(compact) is not None else ""
