"""Stage spec: inputs of `type: service`, which the compiler fills in (rulings C08).

A workflow that calls a service without knowing its name takes it as an input. Input: texts that name such inputs, and
the services that are given for them. Output: the same texts with the services' names in place of the inputs'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from generator.regexes import regex
from generator.spec.expression import (
    Binary,
    Conditional,
    Expression,
    Field,
    Index,
    ListLiteral,
    Literal,
    Method,
    Name,
    Text,
    Unary,
)

OPEN = "?"
"""Begins the name of a service that is not known yet: no service can be called so."""

INPUT_PATTERN = r"\$\{\{[ \t\r\n]*inputs\.([A-Za-z_][A-Za-z0-9_]*)[ \t\r\n]*\}\}(\.[A-Za-z0-9-]+)?"
_INPUT = regex(INPUT_PATTERN)


def input_named(text: str) -> tuple[str, str]:
    """The input that stands where the name of a service belongs, and what follows it; empty when none does."""
    found = _INPUT.fullmatch(text)
    return (found[1], found[2] or "") if found else ("", "")


def with_services(text: Text, given: Mapping[str, str]) -> Text:
    """The text with `services.payment.url` for `inputs.gateway.url`, where `given` says which service it is."""
    if not given or not text.expressions:
        return text
    return replace(text, parts=tuple(part if isinstance(part, str) else _filled(part, given) for part in text.parts))


def _filled(expression: Expression, given: Mapping[str, str]) -> Expression:
    """The same tree; its names of inputs that are given become names of services, as far as their path goes."""
    match expression:
        case Name(parts=("inputs", name), spans=spans, span=span) if name in given:
            return Name(("services", given[name]), spans, span)
        case Field(target=target, name=name):
            target = _filled(target, given)
            return _longer(target, name, expression) or replace(expression, target=target)
        case Index(target=target, index=index):
            target, index = _filled(target, given), _filled(index, given)
            name = index.value if isinstance(index, Literal) and isinstance(index.value, str) else ""
            return _longer(target, name, expression) or replace(expression, target=target, index=index)
        case ListLiteral(items=items):
            return replace(expression, items=tuple(_filled(item, given) for item in items))
        case Unary(operand=operand):
            return replace(expression, operand=_filled(operand, given))
        case Binary(left=left, right=right):
            return replace(expression, left=_filled(left, given), right=_filled(right, given))
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            then, otherwise = _filled(then, given), _filled(otherwise, given)
            return replace(expression, condition=_filled(condition, given), then=then, otherwise=otherwise)
        case Method(target=target, arguments=arguments):
            arguments = tuple(_filled(argument, given) for argument in arguments)
            return replace(expression, target=_filled(target, given), arguments=arguments)
    return expression


def _longer(target: Expression, name: str, whole: Field | Index) -> Name | None:
    """`services.s` and `url` → the name `services.s.url`; None when the name is complete without the field."""
    if not isinstance(target, Name) or target.root != "services" or not name:
        return None
    if len(target.parts) == 2 or (len(target.parts) == 3 and target.parts[2] == "ports"):
        return Name((*target.parts, name), (*target.spans, whole.span), whole.span)
    return None
