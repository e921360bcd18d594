"""Quantities by value."""

from fractions import Fraction

import pytest

from generator.kube.quantities import amount


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", Fraction(1, 2)), (0.5, Fraction(1, 2)), (".5", Fraction(1, 2)), ("5.", 5), (2, 2), ("1Gi", 2**30),
        ("1024Mi", 2**30), ("1k", 1000), ("1K", None), ("100u", Fraction(1, 10_000)), ("1n", Fraction(1, 10**9)),
        ("1e3", 1000), ("1E3", 1000), ("1E", 10**18), ("-1Ki", -1024), ("", None), ("1 Gi", None), ("1GB", None),
        ("x", None), (True, None), ("1e999", None),
    ],
)  # fmt: skip
def test_amount(text: str | float, value: Fraction | int | None) -> None:
    assert amount(text) == value
