"""Functions that Kubernetes adds to CEL, and those of CEL's own extensions that its rules may use.

Values of types that only Kubernetes has (a quantity, a URL, an address) are mappings of one key here.
Source: Kubernetes documentation, "Common Expression Language in Kubernetes"; cel-go, ext/strings.go.
"""

from __future__ import annotations

import datetime
import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from generator.kube.quantities import amount
from generator.regexes import regex
from generator.validate.custom.formats import FORMATS

REFUSED: Final = "refused: "
"""Begins the message of the error about a value that Kubernetes' own function refuses as well."""

_PART: Final = regex(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|ms|s|m|h)")
_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_WORDS: Final = regex(r"([0-9]+)\s*([A-Za-zµ]+)")
_LONG: Final = {"nano": "ns", "micro": "us", "milli": "ms", "sec": "s", "min": "m", "h": "h", "day": "d", "w": "w"}


def _is(test: Callable[[Any], object]) -> Callable[[Any], bool]:
    """Whether a test passes without an error."""

    def answer(value: Any) -> bool:
        try:
            test(value)
        except (ValueError, TypeError):
            return False
        return True

    return answer


def _quantity(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or amount(text) is None:
        raise ValueError(f"{REFUSED}not a quantity")
    return {"quantity": text}


def _number(value: Any) -> Any:
    number = amount(value["quantity"]) if isinstance(value, Mapping) else None
    if number is None:
        raise ValueError(f"{REFUSED}not a quantity")
    return number


def _compare(one: Any, other: Any) -> int:
    a, b = _number(one), _number(other)
    return int(a > b) - int(a < b)


def _url(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or not FORMATS["uri"](text):
        raise ValueError(f"{REFUSED}not a URL")
    return {"url": text}


def _parts(value: Any) -> SplitResult:
    return urlsplit(str(value["url"]))


def _ip(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or not (FORMATS["ipv4"](text) or FORMATS["ipv6"](text)):
        raise ValueError(f"{REFUSED}not an address")
    return {"ip": text}


def _cidr(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or not FORMATS["cidr"](text):
        raise ValueError(f"{REFUSED}not a range of addresses")
    return {"cidr": text}


def _family(value: Any) -> int:
    return ipaddress.ip_address(value["ip"]).version


def _contains_ip(value: Any, other: Any) -> bool:
    address = other["ip"] if isinstance(other, Mapping) else other
    return ipaddress.ip_address(address) in ipaddress.ip_network(value["cidr"], strict=False)


def _is_sorted(items: list[Any]) -> bool:
    return all(a <= b for a, b in itertools.pairwise(items))


def _index_of(where: Any, what: Any, start: int = 0) -> int:
    if isinstance(where, str):
        return where.find(what, start)
    return where.index(what) if what in where else -1


def _last_index_of(where: Any, what: Any) -> int:
    if isinstance(where, str):
        return where.rfind(what)
    return len(where) - 1 - where[::-1].index(what) if what in where else -1


def _find(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return found[0] if found else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    found = [each[0] for each in re.finditer(pattern, text)]
    return found if limit < 0 else found[:limit]


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise ValueError(f"{REFUSED}beyond the text")
    return text[index : index + 1]


def _substring(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise ValueError(f"{REFUSED}beyond the text")
    return text[start:stop]


def _split(text: str, separator: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    if not separator:
        return list(text)
    return text.split(separator, limit - 1 if limit > 0 else -1)


def _replace(text: str, old: str, new: str, limit: int = -1) -> str:
    return text.replace(old, new, limit)


def _ascii(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(change(letter) if letter.isascii() else letter for letter in text)


def duration_of(text: str) -> datetime.timedelta:
    """The duration that a text of the format `duration` holds, as Go or as Scala writes it."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    parts = _PART.findall(rest)
    if "".join(number + unit for number, unit in parts) != rest:
        found = ((number, unit.lower()) for number, unit in _WORDS.findall(rest))
        parts = [
            (number, next((key for word, key in _LONG.items() if unit.startswith(word)), unit))
            for number, unit in found
        ]
    return sign * datetime.timedelta(seconds=sum(float(number) * _SECONDS.get(unit, 0) for number, unit in parts))


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "isSorted": _is_sorted,
    "sum": sum,
    "min": min,
    "max": max,
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "find": _find,
    "findAll": _find_all,
    "charAt": _char_at,
    "join": lambda items, separator="": separator.join(items),
    "lowerAscii": _ascii(str.lower),
    "upperAscii": _ascii(str.upper),
    "replace": _replace,
    "split": _split,
    "substring": _substring,
    "trim": lambda text: text.strip(),
    "isQuantity": _is(_quantity),
    "quantity": _quantity,
    "compareTo": _compare,
    "isLessThan": lambda one, other: _compare(one, other) < 0,
    "isGreaterThan": lambda one, other: _compare(one, other) > 0,
    "isURL": _is(_url),
    "url": _url,
    "getScheme": lambda value: _parts(value).scheme,
    "getHost": lambda value: _parts(value).netloc.rpartition("@")[2],
    "getHostname": lambda value: _parts(value).hostname or "",
    "getPort": lambda value: str(_parts(value).port or ""),
    "getEscapedPath": lambda value: _parts(value).path,
    "isIP": _is(_ip),
    "ip": _ip,
    "family": _family,
    "isCIDR": _is(_cidr),
    "cidr": _cidr,
    "containsIP": _contains_ip,
}
"""By name; a method's first argument is the value that it is called on."""
