"""What `${{ }}` comes to: evaluates the trees that the compiler made.

    EXPR = ["lit", value] | ["name", part, …] | ["field", E, name] | ["index", E, E] | ["list", E, …]
         | ["!", E] | ["&&", A, B] | ["||", A, B] | ["?:", C, A, B]
         | [op, A, B] with op one of == != < <= > >= in + | ["size", E]
         | [method, E, E] with method one of startsWith endsWith contains matches

Names are looked up by the caller: `lookup(("inputs", "order"))` → value.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections.abc import Mapping, Sequence
from typing import Any, Callable, TypeVar
from urllib.parse import quote

from .values import WrongValue, normal, to_text, type_of, with_article

Json = Any
Lookup = Callable[[tuple[str, ...]], Json]

Made = TypeVar("Made")

NUMBERS = ("integer", "number")
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

MOST_MATCHED = 16 * 1024
"""Characters of a text that matches() looks through: what takes time in their square still ends in a second or so."""


def _or_wrong(make: Callable[[Json, Lookup], Made]) -> Callable[[Json, Lookup], Made]:
    """Whatever goes wrong in an expression is a :class:`WrongValue`: it fails its task, never the runner."""

    @functools.wraps(make)
    def made(written: Json, lookup: Lookup) -> Made:
        try:
            return make(written, lookup)
        except WrongValue:
            raise
        except RecursionError:
            raise WrongValue("a value is nested too deeply") from None
        except Exception as problem:
            raise WrongValue(f"it has no value: {problem}") from None

    return made


@_or_wrong
def evaluate(expression: Sequence[Json], lookup: Lookup) -> Json:
    """An expression's value. Raises :class:`WrongValue` when it has none."""
    return _evaluate(expression, lookup)


@_or_wrong
def condition(expression: Sequence[Json], lookup: Lookup) -> bool:
    """An expression that must be true or false."""
    return _boolean(_evaluate(expression, lookup))


@_or_wrong
def text_of(written: Json, lookup: Lookup) -> str:
    """A TEXT of the plan as text."""
    return "".join(to_text(part) for part in _parts(written, lookup))


@_or_wrong
def path_of(written: Json, lookup: Lookup) -> str:
    """A TEXT as path and query of a request: literal parts as written, values percent-encoded."""
    if isinstance(written, str):
        return _as_written(written)
    if "value" in written:
        return quote(text_of(written, lookup), safe="")
    return "".join(
        _as_written(part) if isinstance(part, str) else quote(to_text(_evaluate(part, lookup)), safe="")
        for part in written["text"]
    )


@_or_wrong
def value_of(written: Json, lookup: Lookup) -> Json:
    """A BODY of the plan as JSON; a TEXT that is one whole expression keeps its type."""
    return _value_of(written, lookup)


def _evaluate(expression: Sequence[Json], lookup: Lookup) -> Json:
    name, operands = expression[0], expression[1:]
    if name == "lit":
        return normal(operands[0])
    if name == "name":
        return lookup(tuple(operands))
    if name == "field":
        return _field(_evaluate(operands[0], lookup), operands[1])
    if name == "&&":
        return _boolean(_evaluate(operands[0], lookup)) and _boolean(_evaluate(operands[1], lookup))
    if name == "||":
        return _boolean(_evaluate(operands[0], lookup)) or _boolean(_evaluate(operands[1], lookup))
    if name == "?:":
        return _evaluate(operands[1] if _boolean(_evaluate(operands[0], lookup)) else operands[2], lookup)
    return _apply(name, [_evaluate(operand, lookup) for operand in operands])


def _value_of(written: Json, lookup: Lookup) -> Json:
    if isinstance(written, list):
        return [_value_of(item, lookup) for item in written]
    if not isinstance(written, dict):
        return written
    if len(written) == 1:
        if isinstance(written.get("value"), list):
            return _evaluate(written["value"], lookup)
        if isinstance(written.get("text"), list):
            return text_of(written, lookup)
        if isinstance(written.get("map"), dict):
            written = written["map"]
    return {key: _value_of(item, lookup) for key, item in written.items()}


def _parts(written: Json, lookup: Lookup) -> list[Json]:
    if not isinstance(written, dict):
        return [written]
    if "value" in written:
        return [_evaluate(written["value"], lookup)]
    return [part if isinstance(part, str) else _evaluate(part, lookup) for part in written["text"]]


def _as_written(literal: str) -> str:
    """Only what no request line can hold is encoded: blanks, controls, and what is not ASCII."""
    return quote(literal, safe="!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~")


def _apply(name: str, values: list[Json]) -> Json:
    if name == "list":
        return values
    if name == "!":
        return not _boolean(values[0])
    if name == "size":
        return len(_expect(values[0], "size()", str, list, dict))
    left, right = values
    if name == "index":
        return _index(left, right)
    if name in ("==", "!="):
        return _equal(left, right) == (name == "==")
    if name in COMPARED:
        return _compare(name, left, right)
    if name == "in":
        if isinstance(right, list):
            return any(_equal(left, item) for item in right)
        fields = _expect(right, "in", dict)
        return isinstance(left, str) and left in fields
    if name == "+":
        return _add(left, right)
    if name not in METHODS:
        raise ValueError(f"the plan has an operator that this runner does not know: {name}")
    return METHODS[name](_expect(left, f"{name}()", str), _expect(right, f"{name}()", str))


def _matches(text: str, pattern: str) -> bool:
    if len(text) > MOST_MATCHED:
        raise WrongValue(f"matches() is for at most {MOST_MATCHED} characters, and there are {len(text)}")
    return re.search(_as_re2(pattern), text, re.ASCII) is not None


METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
    "matches": _matches,
}


def _as_re2(pattern: str) -> str:
    """`$` ends the text in RE2; Python's also matches before a last line break."""
    if re.search(r"\(\?[is]*m", pattern):
        return pattern
    return re.sub(
        r"\\.|\[\^?]?(?:\\.|[^]\\])*]|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern, flags=re.S
    )


def _field(target: Json, name: str) -> Json:
    fields = _expect(target, f"field {name}", dict)
    if name not in fields:
        raise WrongValue(f"there is no field {name}")
    return fields[name]


def _index(target: Json, index: Json) -> Json:
    if isinstance(target, list) and type_of(index) == "integer":
        if not 0 <= index < len(target):
            raise WrongValue(f"there is no item {index} in a list of {len(target)}")
        return target[index]
    if isinstance(target, dict) and isinstance(index, str):
        return _field(target, index)
    raise WrongValue(f"{with_article(type_of(target))} has no item {to_text(index) if index is not None else 'null'}")


def _equal(left: Json, right: Json) -> bool:
    kinds = type_of(left), type_of(right)
    if kinds[0] != kinds[1] and not all(kind in NUMBERS for kind in kinds):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(_equal(a, right[position]) for position, a in enumerate(left))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_equal(value, right[key]) for key, value in left.items())
    return bool(left == right)


def _compare(name: str, left: Json, right: Json) -> bool:
    kinds = {type_of(left), type_of(right)}
    if kinds != {"string"} and not kinds <= set(NUMBERS):
        raise WrongValue(f"{with_article(type_of(left))} cannot be compared with {with_article(type_of(right))}")
    return COMPARED[name](left, right)


def _add(left: Json, right: Json) -> Json:
    kinds = {type_of(left), type_of(right)}
    if kinds in ({"string"}, {"list"}) or kinds <= set(NUMBERS):
        total = normal(left + right)
        if isinstance(total, float) and not math.isfinite(total):
            raise WrongValue("the sum is too large")
        return total
    raise WrongValue(f"{with_article(type_of(left))} and {with_article(type_of(right))} cannot be added")


def _boolean(value: Json) -> bool:
    return bool(_expect(value, "a condition", bool))


def _expect(value: Json, what: str, *kinds: type) -> Json:
    if not isinstance(value, kinds):
        raise WrongValue(f"{what} is not for {with_article(type_of(value))}")
    return value
