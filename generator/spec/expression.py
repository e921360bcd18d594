"""Stage spec: the syntax trees of `${{ … }}` and of texts that hold them.

Made by :func:`generator.spec.expression_text.parse_text`; read by `resolve` (types), `plan` (JSON) and `lower`.
The language is a small subset of the Common Expression Language: https://github.com/google/cel-spec/blob/master/doc/langdef.md.
Two trees are equal when they say the same; spans do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from generator.diagnostics import Span
from generator.records import dataclass

MAX_LENGTH = 4_096
"""Characters in one expression."""

MAX_HEIGHT = 100
"""Levels in one tree: what walks a tree may recurse."""

METHODS = {"size": 0, "startsWith": 1, "endsWith": 1, "contains": 1, "matches": 1}
"""The methods, and how many arguments each takes."""


@dataclass(frozen=True)
class Literal:
    """A constant; an integer and a number differ by their Python type."""

    value: str | int | float | bool | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A path from one of the roots: `inputs.x`, `tasks.t.outputs.y`, `tasks["if-failed"].status`, `services.s.ports.p`,
    `services.s`, `run.id`, `item`, `response`, `event`.

    `parts` is `("tasks", "t", "outputs", "y")`; `spans` has one entry for each part. What follows a full path is a
    :class:`Field` or :class:`Index` of its value. A path that stops early, or starts at an unknown root, is kept as it
    was written: whoever checks names says so.
    """

    parts: tuple[str, ...]
    spans: tuple[Span, ...] = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)

    @property
    def root(self) -> str:
        """The first part."""
        return self.parts[0]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Field:
    """`target.name`, of an object whose fields are only known at run time."""

    target: Expression
    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Index:
    """`target[index]`: an item of a list or a field of an object."""

    target: Expression
    index: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class ListLiteral:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Unary:
    """`!operand`; the language has no other prefix operator."""

    operator: str
    operand: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Binary:
    """`left operator right`; the operator is one of `|| && == != < <= > >= in +`."""

    operator: str
    left: Expression
    right: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Method:
    """`target.name(arguments)`, with as many arguments as :data:`METHODS` says."""

    target: Expression
    name: str
    arguments: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Invalid:
    """Stands for an expression whose mistake has been reported."""

    span: Span = field(compare=False, repr=False)


Expression = Literal | Name | Field | Index | ListLiteral | Unary | Binary | Conditional | Method | Invalid


@dataclass(frozen=True)
class Text:
    """A scalar that may hold expressions: literal parts and expressions in the order they were written.

    `whole` tells that the scalar is one expression and nothing around it, which then keeps its type.
    No literal part is empty, and no two follow each other.
    """

    parts: tuple[str | Expression, ...]
    whole: bool
    span: Span = field(compare=False, repr=False)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions, without the literal parts."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    @property
    def constant(self) -> str | None:
        """The text itself when it holds no expression, else None."""
        return None if self.expressions else "".join(part for part in self.parts if isinstance(part, str))

    @property
    def expression(self) -> Expression | None:
        """The expression of a `whole` text, else None."""
        return self.expressions[0] if self.whole else None


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression, in the order they were written."""
    match expression:
        case Field(target=target):
            return (target,)
        case Index(target=target, index=index):
            return (target, index)
        case ListLiteral(items=items):
            return items
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Method(target=target, arguments=arguments):
            return (target, *arguments)
        case Literal() | Name() | Invalid():
            return ()


def names(expression: Expression) -> Iterator[Name]:
    """Every name in an expression, from left to right."""
    if isinstance(expression, Name):
        yield expression
    for child in children(expression):
        yield from names(child)


def texts_of(body: object) -> Iterator[Text]:
    """The texts in JSON whose texts may hold expressions: a call's body, the inputs of a workflow."""
    if isinstance(body, Text):
        yield body
    elif isinstance(body, Mapping):
        for value in body.values():
            yield from texts_of(value)
    elif isinstance(body, (list, tuple)):
        for value in body:
            yield from texts_of(value)


def height(expression: Expression) -> int:
    """Levels of the tree; safe for trees of any height."""
    levels, row = 0, [expression]
    while row:
        levels, row = levels + 1, [child for node in row for child in children(node)]
    return levels
