"""Names, labels and keys, as the API server allows them.

Input: a text. Output: what is wrong with it, in words that follow "must …", or "" when nothing is.
Source: k8s.io/apimachinery/pkg/util/validation, pkg/api/validation/path.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from generator.regexes import regex

_LABEL: Final = regex(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LABEL_1035: Final = regex(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN: Final = regex(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")
_QUALIFIED: Final = regex(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_ENV: Final = regex(r"[ -<>-~]+")
_CONFIG_KEY: Final = regex(r"[-._a-zA-Z0-9]+")
_HTTP_PATH: Final = regex(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")
_SEGMENT_FORBIDDEN: Final = regex(r"[/%]")

_remembered: Final = lru_cache(maxsize=4096)
"""The names in a chart repeat: each label stands in many objects."""

# The same as the functions below say, for whole texts in JSON Schemas.
DNS_LABEL: Final = _LABEL.pattern
SUBDOMAIN: Final = _SUBDOMAIN.pattern
LABEL_KEY: Final = rf"(?:(?=[^/]{{1,253}}/){SUBDOMAIN}/)?{_QUALIFIED.pattern}"
LABEL_VALUE: Final = rf"(?:{_QUALIFIED.pattern})?"
CONFIG_KEY: Final = rf"(?!\.$|\.\.){_CONFIG_KEY.pattern}"
PORT_NAME: Final = r"(?=[^a-z]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*"


@_remembered
def dns_label_mistake(text: str) -> str:
    """For names that become one part of a DNS name: containers, volumes, namespaces."""
    if len(text) > 63:
        return "have at most 63 characters"
    return "" if _LABEL.fullmatch(text) else "hold only a-z, 0-9 and -, and begin and end with a letter or digit"


def dns_1035_mistake(text: str) -> str:
    """For names of Services, which must also begin with a letter."""
    if len(text) > 63:
        return "have at most 63 characters"
    return "" if _LABEL_1035.fullmatch(text) else "hold only a-z, 0-9 and -, begin with a letter and not end with -"


@_remembered
def subdomain_mistake(text: str) -> str:
    """For most objects' names: DNS labels joined by dots."""
    if len(text) > 253:
        return "have at most 253 characters"
    return "" if _SUBDOMAIN.fullmatch(text) else "hold only a-z, 0-9, - and ., and begin and end with a letter or digit"


def segment_mistake(text: str) -> str:
    """For names that only have to fit into a URL: roles and their bindings."""
    return "not be . or .. and hold no / or %" if text in (".", "..") or _SEGMENT_FORBIDDEN.search(text) else ""


def completed(prefix: str) -> str:
    """A name that begins so, by which the API server judges a prefix: a dash at the end is no mistake."""
    return f"{prefix[:-2]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def domain_mistake(text: str) -> str:
    """For domains of at least two parts; a dot at the end is none too many."""
    text = text.removesuffix(".")
    if mistake := subdomain_mistake(text):
        return mistake
    if "." not in text:
        return "have at least two parts joined by a dot"
    return next((mistake for part in text.split(".") if (mistake := dns_label_mistake(part))), "")


def hook_mistake(text: str) -> str:
    """For names of webhooks: domains of at least three parts."""
    return subdomain_mistake(text) or ("" if text.count(".") > 1 else "have at least three parts joined by dots")


def prefixed_path_mistake(text: str) -> str:
    """For names such as `example.com/ingress`: a DNS name, a slash and a path."""
    host, _, path = text.partition("/")
    if not host or not path:
        return "be a DNS name, a slash and a path"
    if mistake := subdomain_mistake(host):
        return f"have a DNS name before the slash ({mistake})"
    return "" if _HTTP_PATH.fullmatch(path) else "hold only characters of a URL's path after the slash"


@_remembered
def label_key_mistake(text: str) -> str:
    """For the keys of labels and annotations: a name, or a DNS name, a slash and a name."""
    prefix, slash, name = text.rpartition("/")
    if slash and (mistake := subdomain_mistake(prefix)):
        return f"have a DNS name before the slash ({mistake})"
    return label_name_mistake(name)


def label_name_mistake(text: str) -> str:
    """For the name part of a label's key."""
    if len(text) > 63:
        return "have a name of at most 63 characters"
    return "" if _QUALIFIED.fullmatch(text) else "hold only letters, digits, -, _ and ., and begin and end alphanumeric"


@_remembered
def label_value_mistake(text: str) -> str:
    """For the values of labels."""
    return label_name_mistake(text).replace("a name of ", "") if text else ""


def env_name_mistake(text: str) -> str:
    """For names of environment variables: any printable ASCII but `=` (Kubernetes 1.34 and later)."""
    return "" if _ENV.fullmatch(text) else "hold only printable ASCII characters, and no ="


def config_key_mistake(text: str) -> str:
    """For the keys of ConfigMaps and Secrets, which become file names."""
    if len(text) > 253:
        return "have at most 253 characters"
    if text == "." or text.startswith(".."):
        return "not be . and not begin with .."
    return "" if _CONFIG_KEY.fullmatch(text) else "hold only letters, digits, -, _ and ."


@_remembered
def port_name_mistake(text: str) -> str:
    """For the names of containers' ports (IANA service names)."""
    if len(text) > 15:
        return "have at most 15 characters"
    if not re.fullmatch(r"[-a-z0-9]+", text) or "--" in text or text.startswith("-") or text.endswith("-"):
        return "hold only a-z, 0-9 and single - between them"
    return "" if re.search(r"[a-z]", text) else "hold at least one letter"
