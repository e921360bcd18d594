"""Formats: texts with rules of their own, names, and the shapes that keys are declared with."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.diagnostics import Code, Span
from generator.kube import cron, identifiers, names
from generator.spec import codes
from generator.spec.scalars import (
    BooleanShape,
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
from generator.spec.shapes import Reading

_SEMVER = re.compile(
    r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)"
    r"(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_QUANTITY = re.compile(
    r"[+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?"
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MAX_PATTERN = 256  # no version, tag or quantity is longer; patterns need not be fast beyond it
_MAX_PATH = 200  # a key of a ConfigMap has room for 253 characters, and is made of the path
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
# As Helm reads ranges (Masterminds/semver): comparisons with commas or spaces between them, or one `a - b`.
_VERSION = r"v?(?:[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*])){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
_COMPARISON = rf"(?:=|!=|>|<|>=|=>|<=|=<|~|~>|\^)?\s*{_VERSION}"
_VERSIONS = re.compile(rf"{_COMPARISON}(?:(?:\s*,\s*|\s+){_COMPARISON}){{0,20}}|{_VERSION}\s+-\s+{_VERSION}")
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


def name_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the name of a service, workflow or task."""
    return _checked(span, reading, name_mistake(text))


def variable_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the name of an input, output or variable."""
    good = identifiers.VARIABLE.fullmatch(text) is not None
    hint = "letters, digits and _, not a digit first"
    return _checked(span, reading, "" if good else f'"{text[:60]}" is not a name | {hint}')


def port_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the name of a port."""
    return _checked(span, reading, port_name_mistake(text))


def label_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the key of a label, annotation or taint."""
    return _checked(span, reading, _label_key_mistake(text))


def path_key(text: str, span: Span, reading: Reading) -> bool:
    """Check an absolute path in a container."""
    return _checked(span, reading, path_mistake(text), codes.BAD_FORMAT)


def _checked(span: Span, reading: Reading, problem: str, code: Code = codes.BAD_NAME) -> bool:
    if problem:
        message, _, hint = problem.partition(" | ")
        reading.diagnostics.add(code, message, span, hint=hint)
    return not problem


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


def _pattern(pattern: re.Pattern[str], what: str, hint: str) -> Callable[[str], str]:
    def mistake(text: str) -> str:
        good = len(text) <= _MAX_PATTERN and pattern.fullmatch(text)
        return "" if good else f'"{text[:60]}" is not {what} | {hint}'

    return mistake


def _image_mistake(text: str) -> str:
    if len(text) <= 512 and _IMAGE.fullmatch(text):
        return ""
    return f'"{text[:80]}" is not an image | registry/repository:tag, the repository in lower case'


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
    return "" if text.strip() else "the name of a file is empty | write a path relative to the spec"


def _kube_version_mistake(text: str) -> str:
    alternatives = [alternative.strip() for alternative in text.split("||")]
    good = len(text) <= 256 and all(_VERSIONS.fullmatch(alternative) for alternative in alternatives)
    return "" if good else f'"{text[:60]}" is not a range of versions | as in >=1.30.0-0, or >=1.30.0-0 <1.36.0-0'


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


def _host_mistake(text: str) -> str:
    labels = text.removeprefix("*.").split(".")
    good = len(text) <= 253 and all(identifiers.LABEL.fullmatch(label) and len(label) <= 63 for label in labels)
    return "" if good else f'"{text[:60]}" is not a host name | for example shop.example.com'


TEXT = TextShape()
DYNAMIC = DynamicShape()
CONDITION = ConditionShape()
BOOLEAN = BooleanShape()
DATA = DataShape()
MAPPING = MappingShape()
JSON = JsonShape()
CONSTANT = ConstantShape()
DURATION = DurationShape()
DURATION_OR_ZERO = DurationShape(zero=True)
NAME = Formatted("a name", name_mistake, codes.BAD_NAME)
REFERENCE_NAME = Formatted("a name, or alias.name", _reference_mistake, codes.BAD_NAME)
SEMVER = Formatted("a version", _pattern(_SEMVER, "a version", "three numbers as in 1.0.0, without v (SemVer 2)"))
TAG = Formatted("a tag", _pattern(_TAG, "a tag", "letters, digits, _, . and -, at most 128"))
DIGEST = Formatted("a digest", _pattern(_DIGEST, "a digest", "sha256: and 64 hexadecimal digits"))
LABEL_KEY = Formatted("the key of a label", _label_key_mistake)
LABEL_VALUE = Formatted("the value of a label", _label_value_mistake)
PRINTABLE = Formatted("a text", _printable_mistake)
FILE = Formatted("a path", _file_mistake)
OBJECT_NAME = Formatted("the name of an object", _object_name_mistake)
CONFIG_KEY = Formatted("a key", _config_key_mistake)
KUBE_VERSION = Formatted("a range of versions", _kube_version_mistake)
QUANTITY = Formatted("a quantity", _pattern(_QUANTITY, "a quantity", "for example 100m, 0.5, 128Mi, 5Gi"))
IMAGE = Formatted("an image", _image_mistake)
CRON = Formatted("a schedule", _cron_mistake)
TIME_ZONE = Formatted("a time zone", _zone_mistake)
HOST = Formatted("a host name", _host_mistake)
PATH = Formatted("an absolute path", path_mistake)
MOUNT = Formatted("a folder in the container", _mount_mistake)
PORT_NAME = Formatted("a port's name", port_name_mistake)
URL_PATH = Formatted("a path", _url_path_mistake)
PORT = IntegerShape(1, 65535)
COUNT = IntegerShape(0)
POSITIVE = IntegerShape(1)
