"""The formats of texts that the API server knows in the schemas of custom resources; it ignores all others.

Source: apiextensions-apiserver, pkg/apiserver/validation/formats.go; kube-openapi, pkg/validation/strfmt. Where those
lean on Go's parsers (URIs, addresses of mail), only what is surely wrong is called wrong here.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from generator.regexes import regex

Test: TypeAlias = Callable[[str], bool]

_SYMBOL = r"[^\W_]"  # letters and digits of any script; the pattern of kube-openapi takes symbols as well
_HOST = regex(
    rf"{_SYMBOL}(?:-?{_SYMBOL}{{0,62}})?|(?:{_SYMBOL}(?:(?:{_SYMBOL}|-){{0,61}}{_SYMBOL})?\.)+[^\W\d_]{{2,63}}"
)
_TIME = regex(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_GO_DURATION = regex(r"[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_UNITS = regex(
    r"[0-9]+\s*(?:(?:ns|us|µs|ms|s|m|h|hr|d|w|wk)(?![a-zµ])|(?:nano|micro|milli|sec|min|hour|day|week)[a-zµ]*)", re.I
)
_SCHEME = regex(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|/)")
_BAD_ESCAPE = regex(r"%(?![0-9A-Fa-f]{2})")
_SHORT_NAME = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"


def _matching(pattern: str, flags: int = 0) -> Test:
    form = regex(pattern, flags | re.ASCII)
    return lambda text: form.fullmatch(text) is not None


def _uuid(version: str, variant: str) -> Test:
    return _matching(rf"[0-9a-f]{{8}}-?[0-9a-f]{{4}}-?{version}-?{variant}-?[0-9a-f]{{12}}", re.I)


def _uri(text: str) -> bool:
    is_plain = all(" " <= letter != "\x7f" for letter in text)
    return is_plain and _SCHEME.match(text) is not None and not _BAD_ESCAPE.search(text.partition("?")[0])


def _email(text: str) -> bool:
    before, _, after = text.rpartition("@")
    return bool(before.strip(" <") and after.strip(" >"))


def _hostname(text: str) -> bool:
    is_short = len(text) <= 255 and all(len(part) <= 63 for part in text.split("."))
    return is_short and _HOST.fullmatch(text) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as Go's sloppy parser reads it: leading zeros are taken, zones are not."""
    head, colon, tail = text.rpartition(":")
    if "." in tail:
        tail = ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in tail.split("."))
    try:
        return None if "%" in text else ipaddress.ip_address(head + colon + tail)
    except ValueError:
        return None


def _ipv4(text: str) -> bool:
    return _address(text) is not None and "." in text


def _ipv6(text: str) -> bool:
    return _address(text) is not None and ":" in text


def _cidr(text: str) -> bool:
    address, slash, prefix = text.partition("/")
    found = _address(address)
    is_number = prefix.isascii() and prefix.isdigit()
    return found is not None and bool(slash) and is_number and int(prefix) <= found.max_prefixlen


def _date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def _date_time(text: str) -> bool:
    date, letter, time = text.lower().partition("t")
    found = _TIME.fullmatch(time)
    return bool(letter) and _date(date) and found is not None and found[1] <= "23" and max(found[2], found[3]) <= "59"


def _duration(text: str) -> bool:
    return _GO_DURATION.fullmatch(text) is not None or _UNITS.search(text) is not None


FORMATS: Final[Mapping[str, Test]] = {
    "uri": _uri,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "mac": _matching(r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1)+[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4})+", re.I),
    "uuid": _uuid("[0-9a-f]{4}", "[0-9a-f]{4}"),
    "uuid3": _uuid("3[0-9a-f]{3}", "[0-9a-f]{4}"),
    "uuid4": _uuid("4[0-9a-f]{3}", "[89ab][0-9a-f]{3}"),
    "uuid5": _uuid("5[0-9a-f]{3}", "[89ab][0-9a-f]{3}"),
    "ssn": _matching(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}"),
    "hexcolor": _matching(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "byte": _matching(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "date": _date,
    "duration": _duration,
    "datetime": _date_time,
    "k8sshortname": lambda text: len(text) <= 63 and re.fullmatch(_SHORT_NAME, text) is not None,
    "k8slongname": lambda text: (
        len(text) <= 253 and re.fullmatch(rf"{_SHORT_NAME}(?:\.{_SHORT_NAME})*", text) is not None
    ),
}
"""By the format's name without its dashes, as the server looks it up: whether a text has it.

Numbers of books and credit cards, which have checksums, and colours as `rgb()` are not looked at.
"""

PREFIX: Final = "kubernetes:"
"""Before a format's name in the JSON schemas that are made here, so that no library has its own idea of it."""

NAMES: Final[Mapping[str, str]] = {
    "uri": "a URI",
    "email": "an address for e-mail",
    "hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "cidr": "a range of addresses as 10.0.0.0/8",
    "mac": "a MAC address",
    "byte": "base64",
    "date": "a date as 2024-05-01",
    "duration": "a duration as 1h30m",
    "datetime": "a time as 2024-05-01T10:00:00Z",
    "k8sshortname": "a name of at most 63 small letters, digits and dashes",
    "k8slongname": "a name of small letters, digits, dashes and dots",
}
"""What a text of a format is called; other formats go by their names."""


def normalized(name: str) -> str:
    """A format's name as the server looks it up."""
    return name.replace("-", "")
