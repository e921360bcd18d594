"""JSON values: how they are read, what type they have, and how they look as text; so do times."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Callable

from .plan import Declared

Json = Any

MOST_BYTES = 4096
EXACT = 2**53
"""Integers are exact up to here."""

TRUTHS = {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}
"""A boolean as databases write it."""

NESTED, KEPT_NESTED = 100, 500
"""Levels of lists and objects: of a value from outside, and of what is kept and holds such values."""


class WrongValue(Exception):
    """A value that is not what was declared; the text says so, for people."""


def read_json(text: str | bytes, nested: int = NESTED) -> Json:
    """JSON text → value. A whole number is an integer however it was written (3.0 is 3).

    Raises `ValueError` for what is no JSON, and for what could not be written as JSON again: numbers beyond all
    bounds, half characters, more than so many levels.
    """
    try:
        value = json.loads(text, parse_float=_number, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError(f"it is nested more than {nested} levels deep") from None
    _check_nesting(value, nested)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character (a lone surrogate)") from None
    return value


def normal(value: Json) -> Json:
    """A whole float as the integer it is; everything else as it is."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT:
        return int(value)
    return value


def to_text(value: Json) -> str:
    """A value inside a text. Raises :class:`WrongValue` for null, which has none."""
    if isinstance(value, str):
        return value
    if value is None:
        raise WrongValue("null has no text")
    return json.dumps(normal(value), ensure_ascii=False, separators=(",", ":"))


def timestamp(seconds: float) -> str:
    """RFC 3339 with milliseconds, in UTC."""
    whole = int(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 1000):03d}Z"


def type_of(value: Json) -> str:
    """The name of a value's type."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    named = ((str, "string"), (float, "number"), (list, "list"), (dict, "object"))
    return next((name for kind, name in named if isinstance(value, kind)), "null")


def with_article(type_name: str) -> str:
    """`an integer`, `a list`, `null`."""
    if type_name == "null":
        return type_name
    return ("an " if type_name[0] in "aeio" else "a ") + type_name


def is_a(value: Json, type_name: str) -> bool:
    """Whether a value is of a declared type; an integer is a number too."""
    found = type_of(value)
    return found == type_name or (type_name == "number" and found == "integer")


def read_input(name: str, given: Json, declared: Declared) -> Json:
    """An input as it was given, typed or as text. Raises :class:`WrongValue`."""
    value = given
    with suppress(ValueError):
        if isinstance(given, str) and declared.type != "string":
            value = read_json(given)
    if not is_a(value, declared.type):
        raise WrongValue(f"input {name}: {_shown(given)} is not {with_article(declared.type)}")
    return value


def check_given(given: Mapping[str, Json], declared: Mapping[str, Declared]) -> dict[str, Json]:
    """The inputs of a workflow as another one gives them: typed, null for none. Raises :class:`WrongValue`."""
    inputs = {}
    for name, each in declared.items():
        value = each.default if given.get(name) is None else given[name]
        if value is None:
            raise WrongValue(f"input {name} is missing")
        if not is_a(value, each.type):
            raise WrongValue(f"input {name} is {not_a(value, each.type)}")
        inputs[name] = value
    return inputs


def parse_outputs(text: str | bytes, declared: Mapping[str, Declared]) -> dict[str, Json]:
    """What a task wrote → the declared names that are in it, whatever their type. Raises :class:`WrongValue`."""
    if not declared or not text.strip():
        return {}
    try:
        written = read_json(text)
    except ValueError:
        raise WrongValue("its outputs are not JSON") from None
    if not isinstance(written, dict):
        raise WrongValue(f"its outputs are {with_article(type_of(written))}, not an object")
    return {name: written[name] for name in declared if written.get(name) is not None}


def read_column(value: Json, type_name: str) -> Json:
    """A column of a database's answer. Its client may write everything as text: the declared type says what it is."""
    if is_a(value, type_name):
        return value
    if type_name == "boolean" and str(value).lower() in TRUTHS:
        return TRUTHS[str(value).lower()]
    if type_name == "string":
        return to_text(value)
    try:
        return read_json(value) if isinstance(value, str) else value
    except ValueError:
        return value


def judged(
    written: Mapping[str, Json],
    declared: Mapping[str, Declared],
    missing: Callable[[str], str] = lambda name: f"output {name} is missing",
) -> tuple[dict[str, Json], str]:
    """What was written of the declared outputs → those of the right type, and what is wrong, "" for nothing.

    `missing` says of one that it is missing.
    """
    usable = {name: value for name, value in written.items() if is_a(value, declared[name].type)}
    for name, output in declared.items():
        if name in written and name not in usable:
            return usable, f"output {name} is {not_a(written[name], output.type)}"
        if name not in written and not output.has_default:
            return usable, missing(name)
    return usable, ""


def not_a(value: Json, type_name: str) -> str:
    """`a string, not an integer`."""
    return f"{with_article(type_of(value))}, not {with_article(type_name)}"


def _shown(value: Json) -> str:
    """A value in a message, which must stay short."""
    text = "null" if value is None else to_text(value)
    return text if len(text) <= 100 else text[:100] + "…"


def _check_nesting(value: Json, most: int) -> None:
    level = [value]
    for _ in range(most + 1):
        level = [inner for outer in level if isinstance(outer, (list, dict)) for inner in _inside(outer)]
        if not level:
            return
    raise ValueError(f"it is nested more than {most} levels deep")


def _inside(value: Json) -> Json:
    return value.values() if isinstance(value, dict) else value


def _number(digits: str) -> Json:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is too large for a number")
    return normal(number)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
