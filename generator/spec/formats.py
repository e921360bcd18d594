"""Formats: texts with rules of their own, names, and the shapes that keys are declared with."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.kube import cron, identifiers, names
from generator.regexes import regex
from generator.source.address import ADDRESS, ADDRESS_PATTERN, MAX_ADDRESS, PREFIX, parse_address
from generator.spec import codes
from generator.spec.definitions import JsonSchema, whole
from generator.spec.scalars import (
    BooleanShape,
    CalledShape,
    ConditionShape,
    ConstantShape,
    DataShape,
    DurationShape,
    DynamicShape,
    Formatted,
    IntegerShape,
    JsonShape,
    MappingShape,
    TextShape,
)
from generator.spec.shapes import NameRule

_METRIC = regex(r"[A-Za-z0-9_:][-A-Za-z0-9_.:|@]*")
_SEMVER = regex(
    r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)"
    r"(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_QUANTITY = regex(r"[+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?")
_TAG = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = regex(r"sha256:[0-9a-f]{64}")
_MAX_PATTERN = 256  # no version, tag or quantity is longer; patterns need not be fast beyond it
_MAX_IMAGE = 512
_MAX_PATH = 200  # a key of a ConfigMap has room for 253 characters, and is made of the path
_CONTROL = regex("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
ONLY_PRINTABLE: JsonSchema = {
    "pattern": f"^[^{_CONTROL.pattern[1:-1]}]*$"
}  # as PRINTABLE; says nothing of what is no text
_VISIBLE = regex(r"[^ \t\r\n]")
# As Helm reads ranges (Masterminds/semver): comparisons with commas or spaces between them, or one `a - b`.
_VERSION = r"v?(?:[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*])){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
_COMPARISON = rf"(?:(?:=|!=|>|<|>=|=>|<=|=<|~|~>|\^) *)?{_VERSION}"
_RANGE = rf" *(?:{_COMPARISON}(?:(?: *, *| +){_COMPARISON})*|{_VERSION} +- +{_VERSION}) *"
_VERSIONS = regex(rf"{_RANGE}(?:\|\|{_RANGE})*")
_SHORT_NAME = rf"(?=[^.]{{1,{identifiers.MAX_NAME}}}(?:\.|$)){identifiers.NAME.pattern}"
_HOST = regex(rf"(?:\*\.)?{identifiers.LABEL.pattern}(?:\.{identifiers.LABEL.pattern})*")
_REPOSITORY = regex(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
)
_IMAGE = regex(rf"{_REPOSITORY.pattern}(?::{_TAG.pattern})?(?:@{_DIGEST.pattern})?")


_PATH_FORM: JsonSchema = {"pattern": "^/[^:]*$", "not": {"pattern": r"/\.\.(?:/|$)"}, "maxLength": _MAX_PATH}


def name_mistake(text: str) -> str:
    """What is wrong with a name, and the corrected one."""
    if identifiers.is_name(text):
        return ""
    if len(text) > identifiers.MAX_NAME:
        return f"the name has {len(text)} characters | {identifiers.MAX_NAME} is the limit"
    better = identifiers.corrected(text)
    return f'"{text}" cannot be a name | ' + (
        f"write {better}" if better else "lower-case letters, digits and -, a letter first"
    )


def _reference_mistake(text: str) -> str:
    """What is wrong with a name, or with alias.name."""
    alias, dot, name = text.partition(".")
    return (name_mistake(alias) or name_mistake(name)) if dot else name_mistake(text)


def path_mistake(text: str) -> str:
    """What is wrong with an absolute path in a container."""
    if len(text) > _MAX_PATH:
        return f"the path has {len(text)} characters | {_MAX_PATH} is the limit"
    if not text.startswith("/"):
        return f'"{text[:60]}" is not an absolute path | start it with /'
    if ":" in text or ".." in text.split("/"):
        return f'"{text[:60]}" cannot be a path in a container | no `:` and no `..`'
    return ""


def _form(pattern: re.Pattern[str] | str, longest: int | None = None) -> JsonSchema:
    """The JSON Schema of texts that the pattern matches as a whole."""
    text = pattern if isinstance(pattern, str) else pattern.pattern
    return {"pattern": whole(text), **({"maxLength": longest} if longest else {})}


def matching(words: str, pattern: re.Pattern[str], hint: str, longest: int = _MAX_PATTERN) -> Formatted:
    """A text that the pattern matches as a whole."""

    def mistake(text: str) -> str:
        good = len(text) <= longest and pattern.fullmatch(text)
        return "" if good else f'"{text[:80]}" is not {words} | {hint}'

    return Formatted(words, mistake, _form(pattern, longest))


def _repository_mistake(text: str) -> str:
    if len(text) <= _MAX_IMAGE and _REPOSITORY.fullmatch(text):
        return ""
    if _IMAGE.fullmatch(text):
        return f'"{text[:80]}" holds a tag or digest | write it as `tag` or `digest`'
    return f'"{text[:80]}" is not a repository | as in registry.example.com/shop/web'


def _name_of(what: str, mistake: Callable[[str], str]) -> Callable[[str], str]:
    """A rule of Kubernetes for names, as a mistake of the spec."""

    def found(text: str) -> str:
        problem = mistake(text)
        return f'"{text[:60]}" cannot be {what} | it must {problem}' if problem else ""

    return found


_label_key_mistake = _name_of("the key of a label", names.label_key_mistake)
_label_value_mistake = _name_of("the value of a label", names.label_value_mistake)
_object_name_mistake = _name_of("the name of an object", names.subdomain_mistake)
_config_key_mistake = _name_of("a key of a Secret or ConfigMap", names.config_key_mistake)
port_name_mistake = _name_of("the name of a port", names.port_name_mistake)


def _printable_mistake(text: str) -> str:
    found = _CONTROL.search(text)
    return f"the text holds the control character U+{ord(found.group()):04X} | remove it" if found else ""


def _file_mistake(text: str) -> str:
    return "" if _VISIBLE.search(text) else "the name of a file is empty | write a path relative to the spec"


def _import_mistake(text: str) -> str:
    if text.startswith(PREFIX):
        try:
            parse_address(text)
        except ValueError as error:
            return str(error)
        return ""
    if "://" in text or text.startswith("git@"):
        return f'"{text[:60]}" is not the address of a library | write {ADDRESS}'
    return "" if _VISIBLE.search(text) else "the name of a library is empty | write a path relative to this file"


_IMPORT_FORM: JsonSchema = {
    "anyOf": [
        {"pattern": _VISIBLE.pattern, "not": {"pattern": r"^git\+|^git@|://"}},
        {"pattern": whole(ADDRESS_PATTERN), "maxLength": MAX_ADDRESS},
    ]
}


def _cron_mistake(text: str) -> str:
    problem = cron.cron_mistake(text)
    return f'"{text[:60]}" is not a schedule: {problem} | for example "0 3 * * *" (daily at 3:00)' if problem else ""


def _zone_mistake(text: str) -> str:
    return "" if cron.is_time_zone(text) else f'"{text[:60]}" is not a time zone | for example Etc/UTC or Europe/Paris'


def _mount_mistake(text: str) -> str:
    whole = not text.strip("/") and "a volume over / would hide the image's own files | mount it on a folder of its own"
    return whole or path_mistake(text)


def _url_path_mistake(text: str) -> str:
    return "" if text.startswith("/") else f'"{text[:60]}" is not a path | start it with /'


def _variable_mistake(text: str) -> str:
    good = identifiers.VARIABLE.fullmatch(text)
    return "" if good else f'"{text[:60]}" is not a name | letters, digits and _, not a digit first'


TEXT = TextShape()
DYNAMIC = DynamicShape()
CALLED = CalledShape()
CONDITION = ConditionShape()
BOOLEAN = BooleanShape()
DATA = DataShape()
MAPPING = MappingShape()
JSON = JsonShape()
CONSTANT = ConstantShape()
DURATION = DurationShape()
DURATION_OR_ZERO = DurationShape(zero=True)
NAME = Formatted("a name", name_mistake, _form(identifiers.NAME, identifiers.MAX_NAME), codes.BAD_NAME)
REFERENCE_NAME = Formatted(
    "a name, or alias.name",
    _reference_mistake,
    _form(rf"(?:{_SHORT_NAME}\.)?{_SHORT_NAME}"),
    codes.BAD_NAME,
)
SEMVER = matching("a version", _SEMVER, "three numbers as in 1.0.0, without v (SemVer 2)")
TAG = matching("a tag", _TAG, "letters, digits, _, . and -, at most 128")
DIGEST = matching("a digest", _DIGEST, "sha256: and 64 hexadecimal digits")
LABEL_KEY = Formatted("the key of a label", _label_key_mistake, _form(names.LABEL_KEY))
LABEL_VALUE = Formatted("the value of a label", _label_value_mistake, _form(names.LABEL_VALUE))
PRINTABLE = Formatted("a text", _printable_mistake, {"not": {"pattern": _CONTROL.pattern}}, plain=True)
IMPORT = Formatted("a library", _import_mistake, _IMPORT_FORM)
FILE = Formatted("a path", _file_mistake, {"pattern": _VISIBLE.pattern})
NAMESPACE = Formatted(
    "a namespace", _name_of("a namespace", names.dns_label_mistake), _form(names.DNS_LABEL, identifiers.MAX_NAME)
)
METRIC_NAME = matching("the name of a metric", _METRIC, "letters, digits and - _ . : | @")
OBJECT_NAME = Formatted("the name of an object", _object_name_mistake, _form(names.SUBDOMAIN, 253))
CONFIG_KEY = Formatted("a key", _config_key_mistake, _form(names.CONFIG_KEY, 253))
KUBE_VERSION = matching("a range of versions", _VERSIONS, "as in >=1.30.0-0, or >=1.30.0-0 <1.36.0-0")
CHART_VERSION = matching("a range of versions", _VERSIONS, "as in 19.6.4 or ^19.0.0")
QUANTITY = matching("a quantity", _QUANTITY, "for example 100m, 0.5, 128Mi, 5Gi")
IMAGE = matching("an image", _IMAGE, "registry/repository:tag, the repository in lower case", _MAX_IMAGE)
REPOSITORY = Formatted("a repository", _repository_mistake, _form(_REPOSITORY, _MAX_IMAGE))
CRON = Formatted("a schedule", _cron_mistake, _form(cron.PATTERN, cron.MAX_LENGTH))
TIME_ZONE = Formatted("a time zone", _zone_mistake, _form(cron.ZONE_PATTERN), strict=True)
HOST = matching("a host name", _HOST, "for example shop.example.com", 253)
PATH = Formatted("an absolute path", path_mistake, _PATH_FORM)
MOUNT = Formatted("a folder in the container", _mount_mistake, {**_PATH_FORM, "pattern": "^/[^:]*[^:/][^:]*$"})
PORT_NAME = Formatted("a port's name", port_name_mistake, _form(names.PORT_NAME, 15))
URL_PATH = Formatted("a path", _url_path_mistake, {"pattern": "^/"})
PORT = IntegerShape(1, 65535)
COUNT = IntegerShape(0)
POSITIVE = IntegerShape(1)

name_key = NameRule(name_mistake, NAME.form)
variable_key = NameRule(_variable_mistake, _form(identifiers.VARIABLE))
port_key = NameRule(port_name_mistake, PORT_NAME.form)
label_key = NameRule(_label_key_mistake, LABEL_KEY.form)
path_key = NameRule(path_mistake, PATH.form, codes.BAD_FORMAT)
