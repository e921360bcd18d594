"""Values at places of objects whose types nobody has made sure of: custom resources without a schema, too.

Input: data and a path (`spec.tls[].secretName`, `[]` for each item of a list). Output: what stands there, and where.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from generator.manifest import Path
from generator.regexes import regex
from generator.validate.model import Data

_STEP: Final = regex(r"\[\]|[^.\[\]]+")
_TEMPLATE: Final = regex(r"\{\{|\$\(")


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(_STEP.findall(path))


def values(data: Any, path: str, here: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What stands at a path, with its place; nothing where a part of the path is missing or of another type."""
    yield from _values(data, _steps(path), here)


def _values(value: Any, steps: tuple[str, ...], here: Path) -> Iterator[tuple[Path, Any]]:
    if not steps:
        if value is not None:
            yield here, value
    elif steps[0] == "[]":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _values(item, steps[1:], (*here, index))
    elif isinstance(value, dict):
        yield from _values(value.get(steps[0]), steps[1:], (*here, steps[0]))


def names(data: Any, path: str, here: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts at a path, but empty ones and those that are filled in later."""
    for place, value in values(data, path, here):
        if isinstance(value, str) and is_name(value):
            yield place, value


def mappings(data: Any, path: str, here: Path = ()) -> Iterator[tuple[Path, Data]]:
    """The mappings at a path."""
    for place, value in values(data, path, here):
        if isinstance(value, dict):
            yield place, value


def is_name(value: str) -> bool:
    """Whether a text can be a name: some tools fill in names when they run."""
    return bool(value) and not _TEMPLATE.search(value)
