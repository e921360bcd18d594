"""Stage plan: expression trees → the JSON that engines evaluate.

Input: :class:`Expression` and :class:`Text` trees that `resolve` has checked. Output: JSON values; their forms stand in
:mod:`generator.plan.model`.
"""

from __future__ import annotations

from typing import TypeAlias

from generator.spec.expression import (
    Binary,
    Conditional,
    Expression,
    Field,
    Index,
    Invalid,
    ListLiteral,
    Literal,
    Method,
    Name,
    Text,
    Unary,
)

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"


def expression_json(expression: Expression) -> list[JSON]:
    """The tree as nested lists, operator first: `inputs.n > 1` → `[">", ["name", "inputs", "n"], ["lit", 1]]`."""
    match expression:
        case Literal(value=value):
            return ["lit", value]
        case Name(parts=parts):
            return ["name", *parts]
        case Field(target=target, name=name):
            return ["field", expression_json(target), name]
        case Index(target=target, index=index):
            return ["index", expression_json(target), expression_json(index)]
        case ListLiteral(items=items):
            return ["list", *map(expression_json, items)]
        case Unary(operator=operator, operand=operand):
            return [operator, expression_json(operand)]
        case Binary(operator=operator, left=left, right=right):
            return [operator, expression_json(left), expression_json(right)]
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return ["?:", expression_json(condition), expression_json(then), expression_json(otherwise)]
        case Method(target=target, name=name, arguments=arguments):
            return [name, expression_json(target), *map(expression_json, arguments)]
        case Invalid():
            raise ValueError("a spec with an invalid expression has no plan")


def text_json(text: Text) -> str | dict[str, JSON]:
    """A constant as it is; one whole expression, which keeps its type (rulings X03); parts to join to a text."""
    if text.expression is not None:
        return {"value": expression_json(text.expression)}
    constant = text.constant
    if constant is not None:
        return constant
    return {"text": [part if isinstance(part, str) else expression_json(part) for part in text.parts]}
