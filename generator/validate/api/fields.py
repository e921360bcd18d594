"""Checks of single values, which the rules of all kinds are made of.

Input: a value that may be missing (None) and its path. Output: the problems with it; a missing value has none, but for
`required`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from generator.diagnostics import Code
from generator.kube import addresses, names
from generator.kube.quantities import lenient_amount
from generator.manifest import Path
from generator.validate.api import codes
from generator.validate.model import Data, Problem, Problems

_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")


def required(data: Data, key: str, path: Path, what: str = "") -> Problems:
    """The key is there, and not empty."""
    if data.get(key) in (None, "", [], {}):
        yield Problem(codes.EMPTY, what or f'"{key}" is missing', path if data.get(key) is None else (*path, key))


def named(text: str | None, mistake: Callable[[str], str], path: Path, code: Code = codes.NAME) -> Problems:
    """The text keeps to the rule for names that `mistake` knows."""
    if text is not None and (wrong := mistake(text)):
        yield Problem(code, f'{what(path)} "{text}" must {wrong}', path)


def relaxed(problems: Iterable[Problem], name: str | None) -> Problems:
    """What is wrong with the name of a Service: since Kubernetes 1.36 it may begin with a digit, as other labels.

    Source: the feature RelaxedServiceNameValidation, on since then.
    """
    until = "1.35" if not names.dns_label_mistake(name or "") else ""
    yield from (replace(problem, until=until) for problem in problems)


def choice(value: str | None, allowed: Sequence[str], path: Path) -> Problems:
    """The text is one of the allowed words. An empty one counts as not written, but not as an item of a list."""
    is_missing = value is None or (value == "" and not isinstance(path[-1], int))
    if not is_missing and value not in allowed:
        same = next((word for word in allowed if word.lower() == str(value).lower()), "")
        hint = f'did you mean "{same}"?' if same else ""
        yield Problem(codes.CHOICE, f'{what(path)} "{value}" must be one of {", ".join(allowed)}', path, hint)


def word(value: str | None, allowed: Sequence[str], path: Path) -> Problems:
    """The text is one of the allowed words, and not empty: the API server fills nothing in here."""
    if value == "":
        yield Problem(codes.CHOICE, f"{what(path)} is empty: it must be one of {', '.join(allowed)}", path)
    else:
        yield from choice(value, allowed, path)


def between(value: float | None, low: int, high: int | None, path: Path) -> Problems:
    """The number is at least `low`, and at most `high` when there is one."""
    if value is None:
        return
    if value < low:
        yield Problem(codes.RANGE, f"{what(path)} {value} must be at least {low}", path)
    elif high is not None and value > high:
        yield Problem(codes.RANGE, f"{what(path)} {value} must be at most {high}", path)


def port(value: int | None, path: Path) -> Problems:
    """The number is a port."""
    if value is not None and not 1 <= value <= 65535:
        yield Problem(codes.PORT, f"{what(path)} {value} must be from 1 to 65535", path)


def port_or_name(value: int | str | None, path: Path) -> Problems:
    """The value is a port's number or name."""
    if isinstance(value, str):
        yield from named(value, names.port_name_mistake, path, codes.PORT)
    else:
        yield from port(value, path)


def quantity(value: str | float | None, path: Path, above: bool = False) -> Problems:
    """The quantity is not below 0; above it when that is asked for. What is no quantity can't even be decoded."""
    number = None if value is None else lenient_amount(value)
    if number is not None and (number < 0 or (above and number == 0)):
        yield Problem(codes.RANGE, f"{what(path)} {value} must be {'above' if above else 'at least'} 0", path)


def number_or_percent(value: int | str | None, path: Path, at_most_all: bool = True) -> Problems:
    """The value is a whole number from 0 on, or a percentage."""
    if isinstance(value, str):
        if not value.endswith("%") or not value[:-1].isdigit():
            yield Problem(codes.RANGE, f'{what(path)} "{value}" must be a whole number or a percentage as 25%', path)
        elif at_most_all and int(value[:-1]) > 100:
            yield Problem(codes.RANGE, f"{what(path)} {value} must be at most 100%", path)
    else:
        yield from between(value, 0, 2**31 - 1, path)


def unique(items: Iterable[Data], key: str | Sequence[str], path: Path) -> Problems:
    """No two items of a list agree in the key (or in all of several); items without it are not compared."""
    keys = (key,) if isinstance(key, str) else key
    first: dict[tuple[Any, ...], int] = {}
    for index, item in enumerate(items):
        value = tuple(item.get(name) for name in keys)
        if value[-1] is None:
            continue
        shown = "/".join(str(part) for part in value if part is not None)
        if value in first:
            message = f'{keys[-1]} "{shown}" is used twice in {path[-1]}'
            yield Problem(codes.DUPLICATE, message, (*path, index, keys[-1]))
        first.setdefault(value, index)


def exactly_one(data: Data, keys: Sequence[str], path: Path, what: str) -> Problems:
    """One of the keys is there, no more, no less."""
    there = [key for key in keys if data.get(key) is not None]
    if len(there) != 1:
        wanted = "nothing" if not there else " and ".join(there)
        yield Problem(codes.ALTERNATIVES, f"{what}; here is {wanted}", path)


def labels(value: Mapping[str, Any] | None, path: Path) -> Problems:
    """Keys and values are those of labels."""
    for key, text in (value or {}).items():
        if wrong := names.label_key_mistake(key):
            yield Problem(codes.LABEL, f'the label "{key}" must {wrong}', (*path, key))
        if isinstance(text, str) and (wrong := names.label_value_mistake(text)):
            yield Problem(codes.LABEL, f'the value "{text}" of the label "{key}" must {wrong}', (*path, key))


def selector(value: Data | None, path: Path) -> Problems:
    """A label selector of `matchLabels` and `matchExpressions`."""
    if value is None:
        return
    yield from labels(value.get("matchLabels"), (*path, "matchLabels"))
    for index, expression in enumerate(value.get("matchExpressions") or ()):
        here = (*path, "matchExpressions", index)
        operator, values = expression.get("operator"), expression.get("values") or ()
        yield from choice(operator, _OPERATORS, (*here, "operator"))
        if operator == "":
            yield Problem(codes.CHOICE, f"the operator must be one of {', '.join(_OPERATORS)}", (*here, "operator"))
        if expression.get("operator") in ("In", "NotIn") and not values:
            yield Problem(codes.EMPTY, f"the operator {expression['operator']} needs values", here)
        if expression.get("operator") in ("Exists", "DoesNotExist") and values:
            yield Problem(codes.COMBINATION, f"the operator {expression['operator']} takes no values", here)
        if wrong := names.label_key_mistake(str(expression.get("key", ""))):
            yield Problem(codes.LABEL, f'the key "{expression.get("key", "")}" must {wrong}', here)
        for number, text in enumerate(values):
            if wrong := names.label_value_mistake(text):
                yield Problem(codes.LABEL, f'the value "{text}" must {wrong}', (*here, "values", number))


def address(value: str | None, path: Path, is_endpoint: bool = False) -> Problems:
    """An IP address; one that traffic is sent to when that is asked for."""
    if value is None:
        return
    found = addresses.address(value)
    if found is None:
        yield Problem(codes.ADDRESS, f'{what(path)} "{value}" is no IP address', path)
    elif is_endpoint and (wrong := addresses.endpoint_mistake(found)):
        yield Problem(codes.ADDRESS, f'{what(path)} "{value}" must {wrong}', path)


def network(text: str | None, path: Path) -> Problems:
    """A range of addresses in CIDR notation."""
    if text is not None and addresses.network(text) is None:
        hint = f"for one address write {text}/32" if text.replace(".", "").isdigit() else ""
        yield Problem(codes.ADDRESS, f'"{text}" is no range of addresses in CIDR notation', path, hint)


def what(path: Path) -> str:
    """What a value is called: its key, or the list's key for an item."""
    return next((step for step in reversed(path) if isinstance(step, str)), "the value")
