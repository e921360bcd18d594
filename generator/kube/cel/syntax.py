"""The grammar of CEL.

Input: a text. Output: its tree, or :class:`CelError`. Operators are calls, as `@&&`: no name begins so.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from generator.records import dataclass
from generator.regexes import regex


class CelError(Exception):
    """What is wrong with an expression."""


@dataclass(frozen=True)
class Literal:
    """A value; `type` is the name of its type."""

    type: str
    text: str = ""


@dataclass(frozen=True)
class Name:
    """A variable, or the first part of a longer name."""

    name: str


@dataclass(frozen=True)
class Select:
    """A field of something; `is_optional` for `.?`."""

    operand: Node
    field: str
    is_optional: bool = False


@dataclass(frozen=True)
class Call:
    """A function, a method when it has a target, an operator, or a macro."""

    name: str
    arguments: tuple[Node, ...]
    target: Node | None = None


@dataclass(frozen=True)
class Items:
    """A list, or a mapping as its keys and values in turn."""

    type: str
    items: tuple[Node, ...]


Node: TypeAlias = Literal | Name | Select | Call | Items

RESERVED: Final = frozenset(
    ("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
     "let", "loop", "package", "namespace", "return", "var", "void", "while")
)  # fmt: skip
_ESCAPE: Final = r"\\(?:[abfnrtv\\?\"'`]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"
_TOKEN: Final = regex(
    rf"""\s+ | //[^\n]*
    | (?P<float>(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?))
    | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU]) | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
    | (?P<raw>[bB]?[rR][bB]?(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|"[^"\n\r]*"|'[^'\n\r]*'))
    | (?P<text>[bB]?(?:\"\"\"(?:{_ESCAPE}|(?s:[^\\]))*?\"\"\"|'''(?:{_ESCAPE}|(?s:[^\\]))*?'''
        |"(?:{_ESCAPE}|[^"\\\n\r])*"|'(?:{_ESCAPE}|[^'\\\n\r])*'))
    | (?P<name>[_a-zA-Z][_a-zA-Z0-9]*) | (?P<quoted>`[^`\n]+`)
    | (?P<sign>\.\?|\[\?|&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{{}}])""",
    re.VERBOSE,
)
_RELATIONS: Final = ("<", "<=", ">", ">=", "==", "!=", "in")
_LEVELS: Final = (("||",), ("&&",), _RELATIONS, ("+", "-"), ("*", "/", "%"))


def parse(text: str) -> Node:
    """The tree of an expression; raises CelError."""
    parser = _Parser(_tokens(text))
    node = parser.expression()
    if parser.here[0] != "end":
        raise CelError(f"unexpected {parser.here[1]}")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise CelError(f"cannot read {text[at : at + 20]!r}")
        at = match.end()
        if match.lastgroup:
            found.append((match.lastgroup, match[0]))
    return [*found, ("end", "the end")]


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def here(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def take(self, *signs: str) -> str:
        """The next token when it is one of these; otherwise nothing."""
        kind, text = self.here
        if text in signs and kind in ("sign", "name"):
            self.at += 1
            return text
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise CelError(f"{sign} is missing before {self.here[1]}")

    def expression(self) -> Node:
        node = self.binary(0)
        if self.take("?"):
            then = self.binary(0)
            self.need(":")
            node = Call("@?:", (node, then, self.expression()))
        return node

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        node = self.binary(level + 1)
        while sign := self.take(*_LEVELS[level]):
            node = Call(f"@{sign}", (node, self.binary(level + 1)))
        return node

    def unary(self) -> Node:
        sign = self.take("!", "-")
        if not sign:
            return self.member()
        if sign == "-" and self.here[0] in ("int", "float"):
            kind, text = self.here
            self.at += 1
            return self.members(Literal("double" if kind == "float" else "int", f"-{text}"))
        return Call(f"@{sign}1", (self.unary(),))

    def member(self) -> Node:
        return self.members(self.primary())

    def members(self, node: Node) -> Node:
        while sign := self.take(".", ".?", "[", "[?"):
            if sign in ("[", "[?"):
                index = self.expression()
                self.need("]")
                node = Call("@[]" if sign == "[" else "@[?]", (node, index))
                continue
            kind, name = self.here
            if kind not in ("name", "quoted"):
                raise CelError(f"a name is missing before {name}")
            self.at += 1
            if sign == "." and kind == "name" and self.take("("):
                node = Call(name, self.listed(")"), node)
            else:
                node = Select(node, name.strip("`"), sign == ".?")
        return node

    def primary(self) -> Node:
        kind, text = self.here
        self.at += 1
        match kind:
            case "int" | "uint":
                if not _fits(text, is_signed=kind == "int"):
                    raise CelError(f"{text} is beyond 64 bits")
                return Literal(kind, text)
            case "float":
                return Literal("double", text)
            case "text" | "raw":
                prefix = text[: text.index(text[-1])].lower()
                return Literal("bytes" if "b" in prefix else "string", text)
            case "name":
                return self.named(text)
        match text:
            case "(":
                node = self.expression()
                self.need(")")
                return node
            case "[":
                return Items("list", self.listed("]"))
            case "{":
                return self.mapping()
            case "." if self.here[0] == "name":
                return self.primary()
        raise CelError(f"unexpected {text}")

    def named(self, text: str) -> Node:
        if text in ("true", "false"):
            return Literal("bool", text)
        if text == "null":
            return Literal("null")
        if text in RESERVED:
            raise CelError(f"{text} is a reserved word")
        return Call(text, self.listed(")")) if self.take("(") else Name(text)

    def listed(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.take(end):
            if found:
                self.need(",")
                if end != ")" and self.take(end):
                    break
            if end == "]":
                self.take("?")
            found.append(self.expression())
        return tuple(found)

    def mapping(self) -> Node:
        found: list[Node] = []
        while not self.take("}"):
            if found:
                self.need(",")
                if self.take("}"):
                    break
            self.take("?")
            found.append(self.expression())
            self.need(":")
            found.append(self.expression())
        return Items("map", tuple(found))


def _fits(text: str, *, is_signed: bool) -> bool:
    number = int(text.rstrip("uU"), 16 if text.startswith("0x") else 10)
    return number < (1 << 63 if is_signed else 1 << 64)
