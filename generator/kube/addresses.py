"""IP addresses and ranges of them, as Kubernetes reads them.

Input: a text. Output: the address or network, or None. Fields that are older than strict parsing take zeros at the
beginning of a number and bits beyond the prefix; newer ones take only the canonical form.
Source: k8s.io/apimachinery/pkg/util/validation/ip.go, k8s.io/utils/net (ParseIPSloppy, ParseCIDRSloppy).
"""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

from generator.regexes import regex

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_LEADING_ZEROS: Final = regex(r"(?<![0-9])0+(?=[0-9])")
_DOTTED: Final = regex(r"[0-9.]+")
_PREFIX: Final = regex(r"[0-9]+")


def address(text: str) -> Address | None:
    """The address; an IPv4 address that is written as IPv6 is the former."""
    if "%" in text or "/" in text:
        return None
    if _DOTTED.fullmatch(text):
        text = _LEADING_ZEROS.sub("", text)
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def network(text: str) -> Network | None:
    """The range of addresses in CIDR notation."""
    base, _, length = text.partition("/")
    if not _PREFIX.fullmatch(length) or "%" in base:
        return None
    if _DOTTED.fullmatch(base):
        base = _LEADING_ZEROS.sub("", base)
    try:
        return ipaddress.ip_network(f"{base}/{int(length)}", strict=False)
    except ValueError:
        return None


def address_mistake(text: str) -> str:
    """What is wrong with an address in a field that takes the canonical form only, after "must"."""
    found = address(text)
    if found is None:
        return "be an IP address"
    return "" if str(found) == text else f"be written {found}"


def network_mistake(text: str) -> str:
    """What is wrong with a range in a field that takes the canonical form only, after "must"."""
    found = network(text)
    if found is None:
        return "be a range of addresses in CIDR notation"
    return "" if str(found) == text else f"be written {found}"


def endpoint_mistake(found: Address) -> str:
    """Why an address can't be one that traffic is sent to, after "must"."""
    if found.is_unspecified:
        return "not be the unspecified address"
    if found.is_loopback:
        return "not be a loopback address"
    if found.is_link_local:
        return "not be a link-local address"
    multicast = ("224.0.0.0/24", "ff02::/16")[found.version == 6]
    return "not be a link-local multicast address" if found in ipaddress.ip_network(multicast) else ""
