"""The tree of a Go template.

Input: none; `parsing` makes it. Output: the nodes that `evaluation` walks. Text between actions has no node: it reads
nothing. Source: Go, package text/template, "Actions", "Arguments", "Pipelines", "Variables".
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from generator.records import dataclass


@dataclass(frozen=True)
class Literal:
    """A constant: a string or a whole number as text, None for all else."""

    text: str | None = None


@dataclass(frozen=True)
class Identifier:
    """The name of a function."""

    name: str


@dataclass(frozen=True)
class Variable:
    """`$name`; the empty name is the data that the template was called with."""

    name: str


@dataclass(frozen=True)
class Dot:
    """The dot."""


@dataclass(frozen=True)
class Chain:
    """Fields of something: `.a.b`, `$x.a`, `(…).a`. `offset` is where it begins in the action."""

    base: Operand
    fields: tuple[str, ...]
    offset: int


@dataclass(frozen=True)
class Command:
    """One operand, or a function or method with its arguments."""

    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Pipeline:
    """Commands, the answer of each being the last argument of the next; `names` are the variables it is put into.

    Actions with the same text share one pipeline. `is_closed` tells that it has nothing to do with variables but `$`.
    """

    commands: tuple[Command, ...]
    names: tuple[str, ...] = ()
    is_assignment: bool = False
    is_closed: bool = False


Operand: TypeAlias = Literal | Identifier | Variable | Dot | Chain | Pipeline


class Action(NamedTuple):
    """`{{ pipeline }}`; `at` is where it begins in the text, here and below."""

    pipeline: Pipeline
    at: int


@dataclass(frozen=True)
class Branch:
    """`if`, `with` or `range`, with what follows `else`."""

    keyword: str
    pipeline: Pipeline
    at: int
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Call:
    """`{{ template "name" pipeline }}`."""

    name: str
    pipeline: Pipeline | None
    at: int


Node: TypeAlias = Action | Branch | Call


@dataclass(frozen=True)
class Template:
    """A parsed text: its own nodes, and the templates that it defines."""

    body: tuple[Node, ...]
    defined: dict[str, tuple[Node, ...]]
