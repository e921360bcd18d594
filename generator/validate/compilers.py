"""JSON Schema validators: jsonschema-rs, or jsonschema where that isn't installed (170 times slower, same verdicts).

Input: a schema document whose references lead to shared definitions. Output: a function from data to
:class:`Violation` values. Each compiler builds the registry of the shared definitions once.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from generator.manifest import Path

DEFINITIONS: Final = "https://kubernetes.io/api/_definitions.json"
"""Where the schemas of kubernetes-validate look for their shared parts."""

_REQUIRED = re.compile(r"'(.*)' is a required property", re.DOTALL)


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


class Compiler(Protocol):
    """Makes validators."""

    def compile(self, document: Mapping[str, Any]) -> Check:
        """The validator of a schema."""
        ...


def compiler(definitions: Mapping[str, Any]) -> Compiler:
    """The best compiler there is, for schemas that refer to these definitions."""
    has_fast = importlib.util.find_spec("jsonschema_rs") is not None
    return FastCompiler(definitions) if has_fast else SlowCompiler(definitions)


class FastCompiler:
    """jsonschema-rs: 8 µs an object."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        import jsonschema_rs

        self._make = jsonschema_rs.Draft202012Validator
        self._registry = jsonschema_rs.Registry([(DEFINITIONS, dict(definitions))])

    def compile(self, document: Mapping[str, Any]) -> Check:
        """The validator of a schema."""
        validator = self._make(dict(document), registry=self._registry)

        def check(data: Any) -> Iterator[Violation]:
            for error in validator.iter_errors(data):
                wanted = None if error.kind.name in ("oneOf", "anyOf") else error.kind.value
                yield Violation(tuple(error.instance_path), error.kind.name, wanted)

        return check


class SlowCompiler:
    """jsonschema, which comes with kubernetes-validate: 1.6 ms an object."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        import jsonschema  # type: ignore[import-untyped]  # has no types; it is only the fallback
        import referencing

        self._make = jsonschema.Draft202012Validator
        resource: Any = referencing.Resource.from_contents(dict(definitions))
        self._registry: Any = referencing.Registry().with_resource(DEFINITIONS, resource)

    def compile(self, document: Mapping[str, Any]) -> Check:
        """The validator of a schema."""
        validator = self._make(dict(document), registry=self._registry)

        def check(data: Any) -> Iterator[Violation]:
            for error in validator.iter_errors(data):
                yield Violation(tuple(error.absolute_path), str(error.validator), _wanted(error))

        return check


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
