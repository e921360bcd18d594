"""What the API server's decoder asks of single values, beyond their JSON types.

Input: an object and the schema of its kind. Output: where values are null, and the problems with values that Go can't
decode: whole numbers beyond their bits, quantities, times, base64. What such a value must be comes from the schema:
its `format`, and the definitions of Quantity, Time, MicroTime and IntOrString.
Source: k8s.io/apimachinery (pkg/api/resource, pkg/apis/meta/v1/time.go, micro_time.go, pkg/util/intstr), encoding/json.
"""

from __future__ import annotations

import base64
import datetime
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from generator.diagnostics import Severity
from generator.kube.quantities import is_bare, lenient_amount, suffix_hint
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes as api_codes
from generator.validate.codes import VALUE
from generator.validate.model import Problem, Problems

if TYPE_CHECKING:
    from generator.validate.schemas import Schema

_BASE64: Final = regex(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_TIME: Final = regex(r"(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|[+-](\d\d):(\d\d))", re.ASCII)
_MICRO_DIGITS: Final = 6
_EXAMPLE: Final = "2024-05-01T10:00:00Z"

Test: TypeAlias = Callable[[Any, Path], Problems]


class Shape:
    """The part of a schema that says what values at one place must decode to; `parts` are those of the keys there."""

    __slots__ = ("parts", "test")

    def __init__(self, schema: Schema, node: Any) -> None:
        self.test = _test(node)
        self.parts = _Parts(schema, schema.resolved(node))


class _Parts(dict[str | int, Shape | None]):
    """The shapes under the keys of a mapping, and under 0 that of a list's items; None where the schema knows none.

    A shape is made when it is first asked for.
    """

    def __init__(self, schema: Schema | None, node: Mapping[str, Any]) -> None:
        super().__init__()
        self._schema, self._node = schema, node

    def __missing__(self, key: str | int) -> Shape | None:
        node = self._node
        child = node.get("items") if key == 0 else node.get("properties", {}).get(key)
        child = child if child is not None else node.get("additionalProperties")
        shape = Shape(self._schema, child) if self._schema and isinstance(child, Mapping) else None
        if len(self) < _MAX_PARTS:
            self[key] = shape
        return shape


_MAX_PARTS: Final = 10_000
_ANY: Final = _Parts(None, {})


def odd_values(data: Any, shape: Shape | None, path: Path = ()) -> list[tuple[Path, Any, Problem | None]]:
    """The places of nulls, and of values that can't be decoded with what is wrong with them."""
    found: list[tuple[Path, Any, Problem | None]] = []
    _gather(data, shape.parts if shape else _ANY, path, found)
    return found


def _gather(data: Any, parts: _Parts, path: Path, found: list[tuple[Path, Any, Problem | None]]) -> None:
    """Every value of every object comes by here: a path is only made for what needs one."""
    is_list = data.__class__ is list
    for key, value in enumerate(data) if is_list else data.items():
        inner = parts[0 if is_list else key]
        if value.__class__ is dict or value.__class__ is list:
            if inner and inner.test is _bytes and are_bytes(value):
                found.append(((*path, key), value, None))
            else:
                _gather(value, inner.parts if inner else _ANY, (*path, key), found)
        elif value is None:
            found.append(((*path, key), None, None))
        elif inner and inner.test:
            found += [((*path, key), value, problem) for problem in inner.test(value, (*path, key))]


def encoded(numbers: list[Any]) -> str:
    """Bytes that are written as a list of numbers, which Go reads as well, in base64."""
    return base64.b64encode(bytes(number or 0 for number in numbers)).decode()


def are_bytes(value: Any) -> bool:
    """Whether it is a list of numbers that Go reads as bytes; a null is a 0."""
    return value.__class__ is list and all(
        item is None or (item.__class__ is int and 0 <= item < 256) for item in value
    )


def _is_base64(text: str) -> bool:
    return _BASE64.fullmatch(text.replace("\r", "").replace("\n", "")) is not None


def _bytes(value: Any, path: Path) -> Problems:
    if isinstance(value, str) and not _is_base64(value):
        hint = "write plain text under stringData" if path[0] == "data" else ""
        yield Problem(api_codes.BASE64, f'the value of "{path[-1]}" is not base64', path, hint)


def _quantity(value: Any, path: Path) -> Problems:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return
    if lenient_amount(value) is None:
        message = f'{_name(path)} "{value}" is not a quantity'
        yield Problem(api_codes.QUANTITY, message, path, suffix_hint(str(value)))
    elif is_bare(str(value).strip(" ")):
        message = f'{_name(path)} "{value}" has no number, so it is 0'
        yield Problem(api_codes.QUANTITY, message, path, severity=Severity.WARNING)


def _within(bits: int) -> Test:
    limit = 1 << (bits - 1)

    def test(value: Any, path: Path) -> Problems:
        if value.__class__ is int and not -limit <= value < limit:
            yield Problem(VALUE, f"{_name(path)} {value} is beyond {bits} bits", path)

    return test


def _time(value: Any, path: Path) -> Problems:
    if isinstance(value, str) and not _is_time(value):
        hint = f'write it as "{_EXAMPLE}"'
        yield Problem(VALUE, f'{_name(path)} "{value}" is not a time of RFC 3339', path, hint)


def _micro_time(value: Any, path: Path) -> Problems:
    if not isinstance(value, str):
        return
    found = _TIME.fullmatch(value)
    if not found or not _is_time(value) or len(found[7] or "") != _MICRO_DIGITS:
        hint = f'write it as "{_EXAMPLE.replace("Z", ".000000Z")}"'
        yield Problem(VALUE, f'{_name(path)} "{value}" is not a time with microseconds', path, hint)


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if not found:
        return False
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        datetime.datetime(year or 4, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError:
        return False
    return int(found[8] or 0) <= 24 and int(found[9] or 0) < 60


def _name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "the value")


_INT32: Final = _within(32)
_OF_FORMAT: Final[Mapping[str, Test]] = {"int32": _INT32, "int64": _within(64), "byte": _bytes}
_OF_DEFINITION: Final[Mapping[str, Test]] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _quantity,
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": _micro_time,
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": _time,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _INT32,
}


def _test(node: Any) -> Test | None:
    reference = node.get("$ref") if isinstance(node, Mapping) else None
    if reference:
        return _OF_DEFINITION.get(reference.rpartition("/")[2])
    return _OF_FORMAT.get(node.get("format", "")) if isinstance(node, Mapping) else None
