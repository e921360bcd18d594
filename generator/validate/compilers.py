"""JSON Schema validators: jsonschema-rs, or jsonschema where that isn't installed (170 times slower, same verdicts).

Input: a schema document whose references lead to shared definitions. Output: a function from data to
:class:`Violation` values.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, Protocol, TypeAlias

from generator.manifest import Path
from generator.records import dataclass
from generator.regexes import regex
from generator.validate.shared import Definitions

DEFINITIONS: Final = "https://kubernetes.io/api/_definitions.json"
"""Where the schemas of kubernetes-validate look for their shared parts."""

_REQUIRED = regex(r"'(.*)' is a required property", re.DOTALL)


@dataclass(frozen=True)
class Violation:
    """One thing that a schema doesn't allow: where, by which keyword, and what the keyword asks for.

    `wanted` is the list of types for `type`, the unknown names for `additionalProperties`, the missing name for
    `required`, the allowed values for `enum`, and the keyword's value for the rest.
    """

    path: Path
    keyword: str
    wanted: Any


Check: TypeAlias = Callable[[Any], Iterator[Violation]]
Formats: TypeAlias = Mapping[str, Callable[[str], bool]]


class BadSchema(Exception):
    """A document that no validator can be made of; the message says why."""


class Compiler(Protocol):
    """Makes validators."""

    def compile(self, document: Mapping[str, Any], formats: Formats | None = None) -> Check:
        """The validator of a schema. With `formats` those are checked, and patterns are read as Go reads them.

        Raises :class:`BadSchema` for what is no schema.
        """
        ...


def compiler(definitions: Definitions) -> Compiler:
    """The best compiler there is, for schemas that refer to these definitions."""
    has_fast = importlib.util.find_spec("jsonschema_rs") is not None
    return FastCompiler(definitions) if has_fast else SlowCompiler(definitions)


class FastCompiler:
    """jsonschema-rs: 8 µs an object."""

    def __init__(self, definitions: Definitions) -> None:
        import jsonschema_rs

        self._make = jsonschema_rs.Draft202012Validator
        self._linear = jsonschema_rs.RegexOptions
        self._registry = jsonschema_rs.Registry
        self._definitions = definitions

    def compile(self, document: Mapping[str, Any], formats: Formats | None = None) -> Check:
        """The validator of a schema."""
        settings: dict[str, Any] = {"retriever": _nothing}
        if formats is not None:  # the dialect of its linear engine is that of Go's
            settings = {"formats": dict(formats), "validate_formats": True, "pattern_options": self._linear()}
        shared = _document(self._definitions.needed_by(document))
        try:
            validator = self._make(dict(document), registry=self._registry([(DEFINITIONS, shared)]), **settings)
        except Exception as error:  # the library has several, without a common parent but this one
            raise BadSchema(str(error)) from error

        def check(data: Any) -> Iterator[Violation]:
            for error in validator.iter_errors(data):
                wanted = None if error.kind.name in ("oneOf", "anyOf") else error.kind.value
                yield Violation(tuple(error.instance_path), error.kind.name, wanted)

        return check


class SlowCompiler:
    """jsonschema, which comes with kubernetes-validate: 1.6 ms an object."""

    def __init__(self, definitions: Definitions) -> None:
        import jsonschema  # type: ignore[import-untyped]  # has no types; it is only the fallback
        import referencing

        self._make = jsonschema.Draft202012Validator
        self._checker = jsonschema.FormatChecker
        self._mistake = jsonschema.SchemaError
        resource: Any = referencing.Resource.from_contents(_document(dict(definitions)))
        self._registry: Any = referencing.Registry().with_resource(DEFINITIONS, resource)

    def compile(self, document: Mapping[str, Any], formats: Formats | None = None) -> Check:
        """The validator of a schema."""
        checker = self._checker(formats=())
        for name, test in (formats or {}).items():
            checker.checks(name)(lambda value, test=test: not isinstance(value, str) or test(value))
        schema = dict(document) if formats is None else _pythonic(document)
        try:
            self._make.check_schema(schema)
        except self._mistake as error:
            raise BadSchema(error.message) from error
        validator = self._make(schema, registry=self._registry, format_checker=checker)

        def check(data: Any) -> Iterator[Violation]:
            for error in validator.iter_errors(data):
                yield Violation(tuple(error.absolute_path), str(error.validator), _wanted(error))

        return check


def _document(definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions as the document that schemas refer to."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": DEFINITIONS, "$defs": definitions}


def _nothing(address: str) -> Any:
    """In place of what would fetch it: nothing is read but what the user named."""
    raise BadSchema(f"it refers to {address}, which is not fetched")


def _pythonic(node: Any) -> Any:
    """A schema whose patterns are written as Python reads them: flags first, and `$` is the very end."""
    if isinstance(node, Mapping):
        return {
            key: _python_pattern(value) if key == "pattern" and isinstance(value, str) else _pythonic(value)
            for key, value in node.items()
        }
    return [_pythonic(item) for item in node] if isinstance(node, list) else node


def _python_pattern(text: str) -> str:
    plain = text.replace("(?i)", "").replace(r"\z", r"\Z")
    ended = plain[:-1] + r"\Z" if plain.endswith("$") and not plain.endswith(r"\$") else plain
    return f"(?i){ended}" if "(?i)" in text else ended


_CLASSES: Final = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_CLASS: Final = regex(r"\[:([a-z]+):\]")


@cache
def go_pattern(text: str) -> str | None:
    """A regular expression as Go writes it, for the validators here; None when they can't tell what it means."""
    text = _CLASS.sub(lambda found: _CLASSES.get(found[1], found[0]), text)
    return text if _is_pattern(text) else None


def _is_pattern(text: str) -> bool:
    if importlib.util.find_spec("jsonschema_rs") is None:
        try:
            return bool(re.compile(_python_pattern(text)))
        except re.error:
            return False
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": text}, pattern_options=jsonschema_rs.RegexOptions())
    except jsonschema_rs.ValidationError:
        return False
    return True


def _wanted(error: Any) -> Any:
    match error.validator:
        case "additionalProperties":
            return [name for name in error.instance if name not in error.schema.get("properties", {})]
        case "required":
            found = _REQUIRED.fullmatch(error.message)
            return found[1] if found else None
        case "type":
            return [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        case "oneOf" | "anyOf":
            return None
        case _:
            return error.validator_value
