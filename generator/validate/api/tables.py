"""Rules as tables: a place in the object, and what the value there must be.

Input: `field("spec.ports[].protocol", one_of("TCP", "UDP"))`, or `need(…)` for what may not be missing or empty.
Output: a check for :class:`ObjectRule`. In a path, `[]` stands for each item of a list, `{}` for each value of a
mapping, and `name?` for what is only looked into when it is there; any other missing parent counts as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, TypeAlias

from generator.diagnostics import Code
from generator.kube import addresses, names
from generator.manifest import Path
from generator.records import dataclass
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

Check: TypeAlias = Callable[[Any, Path], Problems]
_STEP: Final = regex(r"\[\]|\{\}|[^.\[\]{}]+")
_EMPTY: Final[tuple[Any, ...]] = ("", [], {})


@dataclass(frozen=True)
class Field:
    """What the values at one place must be."""

    steps: tuple[str, ...]
    checks: tuple[Check, ...]
    is_needed: bool = False


def field(path: str, *checks: Check) -> Field:
    """A value that may be missing."""
    return Field(tuple(_STEP.findall(path)), checks)


def need(path: str, *checks: Check) -> Field:
    """A value that may be neither missing nor empty."""
    return Field(tuple(_STEP.findall(path)), checks, is_needed=True)


def table(*rows: Field) -> Callable[[Data], Problems]:
    """One check of all rows."""

    def check(data: Data) -> Problems:
        yield from checked(data, rows, ())

    return check


def checked(data: Any, rows: Collection[Field], path: Path) -> Problems:
    """The problems that rows find in a part of an object, which stands at `path`."""
    for row in rows:
        for where, value in _places(data, row.steps, path):
            if row.is_needed and (value is None or value in _EMPTY):
                missing = f'"{fields.what(where)}" is missing'
                yield Problem(codes.EMPTY, missing, where if value is not None else where[:-1])
            elif value is not None:
                for test in row.checks:
                    yield from test(value, where)


def _places(value: Any, steps: tuple[str, ...], path: Path) -> Iterator[tuple[Path, Any]]:
    if not steps:
        yield path, value
        return
    step, rest = steps[0], steps[1:]
    if step == "[]":
        for index, item in enumerate(value or ()):
            yield from _places(item, rest, (*path, index))
    elif step == "{}":
        for key, item in (value or {}).items():
            yield from _places(item, rest, (*path, key))
    else:
        key = step.removesuffix("?")
        inner = value.get(key) if isinstance(value, dict) else None
        if inner is not None or key == step:
            yield from _places(inner, rest, (*path, key))


def one_of(*words: str, or_empty: bool = False) -> Check:
    """One of a few words; an empty text counts as missing only where the API server fills the word in."""

    def check(value: Any, path: Path) -> Problems:
        if value == "" and not or_empty:
            yield Problem(codes.CHOICE, f"{fields.what(path)} is empty: it must be one of {', '.join(words)}", path)
        else:
            yield from fields.choice(value, words, path)

    return check


def within(low: int, high: int | None = None) -> Check:
    """A number in a range."""
    return lambda value, path: fields.between(value, low, high, path)


def named(mistake: Callable[[str], str], code: Code = codes.NAME, or_empty: bool = False) -> Check:
    """A text that keeps to a rule for names."""

    def check(value: Any, path: Path) -> Problems:
        if value or not or_empty:
            yield from fields.named(value, mistake, path, code)

    return check


def at_most(limit: int) -> Check:
    """A list or mapping with no more items."""

    def check(value: Any, path: Path) -> Problems:
        if len(value) > limit:
            message = f"{fields.what(path)} has {len(value)} items; {limit} are the most"
            yield Problem(codes.TOO_MANY, message, path)

    return check


def longest(limit: int) -> Check:
    """A text of no more bytes."""

    def check(value: Any, path: Path) -> Problems:
        if len(value.encode()) > limit:
            message = f"{fields.what(path)} has {len(value)} characters; {limit} are the most"
            yield Problem(codes.TOO_MANY, message, path)

    return check


def unique(*keys: str) -> Check:
    """A list in which no two items agree in all of the keys."""
    return lambda value, path: fields.unique(value, keys, path)


def distinct(value: Any, path: Path) -> Problems:
    """A list that holds no text twice."""
    seen = set()
    for index, item in enumerate(value):
        if item in seen:
            yield Problem(codes.DUPLICATE, f'"{item}" is used twice in {fields.what(path)}', (*path, index))
        seen.add(item)


def quantity(above: bool = False) -> Check:
    """A quantity that is not below 0."""
    return lambda value, path: fields.quantity(value, path, above)


def labels(value: Any, path: Path) -> Problems:
    """Labels."""
    return fields.labels(value, path)


def selector(value: Any, path: Path) -> Problems:
    """A label selector."""
    return fields.selector(value, path)


def alone(word: str) -> Check:
    """A list in which a word that stands for everything is the only item."""

    def check(value: Any, path: Path) -> Problems:
        if len(value) > 1 and word in value:
            yield Problem(codes.COMBINATION, f'"{word}" stands for all, so nothing may stand beside it', path)

    return check


SUBDOMAIN: Final = named(names.subdomain_mistake)
DNS_LABEL: Final = named(names.dns_label_mistake)
SEGMENT: Final = named(names.segment_mistake)
QUALIFIED: Final = named(names.label_key_mistake)
QUALIFIED_LOWER: Final = named(lambda text: names.label_key_mistake(text.lower()))
ADDRESS: Final = named(addresses.address_mistake, codes.ADDRESS)
NETWORK: Final = named(addresses.network_mistake, codes.ADDRESS)
