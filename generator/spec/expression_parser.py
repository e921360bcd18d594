"""Stage spec: tokens of one expression → its tree.

Input: :class:`Token` values. Output: a tree with spans, or :class:`ExpressionError`. A precedence parser: work
is linear in the number of tokens, recursion is limited.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.diagnostics import Span
from generator.spec.expression import (
    MAX_HEIGHT,
    METHODS,
    Binary,
    Conditional,
    Expression,
    Field,
    Index,
    ListLiteral,
    Literal,
    Method,
    Name,
    Unary,
    height,
)
from generator.spec.expression_codes import FUNCTION, LIMIT, SYNTAX
from generator.spec.expression_lexer import ExpressionError, Kind, Token
from generator.spec.suggestions import did_you_mean

MAX_NESTING = 32
"""Brackets, conditionals and arguments inside each other."""

Locate = Callable[[int, int], Span]
"""The span of a stretch of the text, from its two offsets."""

_PRECEDENCE = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3, "+": 4}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_METHODS_ELSEWHERE = {
    "length": "size",
    "len": "size",
    "count": "size",
    "includes": "contains",
    "has": "contains",
    "test": "matches",
    "match": "matches",
}
_WORDS = {"and": "&&", "or": "||", "not": "!", "is": "==", "eq": "==", "ne": "!="}
_NO_MINUS = "there is no subtraction; only a literal such as -5 may have a minus"


def parse_tokens(found: list[Token], locate: Locate) -> Expression:
    """The tree of one expression, from all its tokens. Raises :class:`ExpressionError` at the first mistake."""
    return _Parser(found, locate).parse()


class _Parser:
    """Precedence climbing over one expression's tokens; methods consume what they return."""

    def __init__(self, found: list[Token], locate: Locate) -> None:
        self._tokens, self._locate = found, locate
        self._next = 0
        self._nesting = 0

    def parse(self) -> Expression:
        if len(self._tokens) == 1:
            raise ExpressionError(SYNTAX, "the expression is empty", self._token.offset)
        expression = self._expression()
        if self._next < len(self._tokens) - 1:
            raise self._unexpected()
        if height(expression) > MAX_HEIGHT:
            raise ExpressionError(
                LIMIT, f"the expression has more than {MAX_HEIGHT} levels", self._tokens[0].offset, hint="split it up"
            )
        return expression

    def _expression(self) -> Expression:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise ExpressionError(LIMIT, f"more than {MAX_NESTING} levels of brackets", self._token.offset)
        expression = self._binary(1)
        if self._accept("?"):
            then = self._binary(1)
            self._expect(":", "`:` is missing: `? … :` needs both of its values")
            otherwise = self._expression()
            expression = Conditional(expression, then, otherwise, _join(expression.span, otherwise.span))
        self._nesting -= 1
        return expression

    def _binary(self, lowest: int) -> Expression:
        left = self._unary()
        while (precedence := _PRECEDENCE.get(self._token.text, 0)) >= lowest:
            operator = self._take().text
            right = self._binary(precedence + 1)
            left = Binary(operator, left, right, _join(left.span, right.span))
        return left

    def _unary(self) -> Expression:
        bangs: list[Token] = []
        while token := self._accept("!"):
            bangs.append(token)
        expression = self._postfix()
        for bang in reversed(bangs):
            expression = Unary("!", expression, _join(self._span(bang), expression.span))
        return expression

    def _postfix(self) -> Expression:
        expression = self._primary()
        while True:
            if self._accept("."):
                expression = self._member(expression)
            elif self._accept("["):
                index = self._expression()
                close = self._expect("]", "`]` is missing")
                expression = Index(expression, index, _join(expression.span, self._span(close)))
            else:
                return expression

    def _member(self, target: Expression) -> Expression:
        if self._token.kind is not Kind.NAME:
            raise ExpressionError(SYNTAX, "a name must follow the dot", *self._where())
        name = self._take()
        if not self._accept("("):
            return Field(target, name.text, _join(target.span, self._span(name)))
        if name.text not in METHODS:
            raise _unknown_function(name)
        arguments, close = self._separated(")")
        if len(arguments) != METHODS[name.text]:
            wanted = "no argument" if METHODS[name.text] == 0 else "one argument"
            raise ExpressionError(
                SYNTAX, f"{name.text}() takes {wanted}, here are {len(arguments)}", name.offset, close.end - name.offset
            )
        return Method(target, name.text, arguments, _join(target.span, self._span(close)))

    def _primary(self) -> Expression:
        token = self._token
        match token.kind, token.text:
            case ((Kind.STRING | Kind.NUMBER), _):
                self._take()
                return Literal(token.value, self._span(token))
            case Kind.NAME, word if word in _CONSTANTS:
                self._take()
                return Literal(_CONSTANTS[word], self._span(token))
            case Kind.NAME, word if word != "in":
                return self._name()
            case Kind.OPERATOR, "-":
                return self._negative()
            case Kind.OPERATOR, "(":
                self._take()
                expression = self._expression()
                self._expect(")", "`)` is missing")
                return expression
            case Kind.OPERATOR, "[":
                return self._list()
        raise self._unexpected()

    def _negative(self) -> Expression:
        minus, number = self._take(), self._token
        if number.kind is not Kind.NUMBER or isinstance(number.value, str):
            raise ExpressionError(SYNTAX, "`-` must stand before a number", minus.offset, hint=_NO_MINUS)
        self._take()
        return Literal(-number.value, _join(self._span(minus), self._span(number)))

    def _list(self) -> Expression:
        opened = self._take()
        items, close = self._separated("]")
        return ListLiteral(items, _join(self._span(opened), self._span(close)))

    def _separated(self, closer: str) -> tuple[tuple[Expression, ...], Token]:
        """Expressions with commas between them, and the bracket that ends them."""
        items: list[Expression] = []
        while self._token.text != closer and (not items or self._accept(",")):
            items.append(self._expression())
        return tuple(items), self._expect(closer, f"`,` or `{closer}` is missing")

    def _name(self) -> Expression:
        """A path, as far as its root's shape goes: what follows is a field of its value."""
        path = [self._take()]
        if self._token.text == "(" and self._token.kind is Kind.OPERATOR:
            raise _unknown_function(path[0])
        parts = [path[0].text]
        while _goes_on(parts):
            following, after = self._ahead(1), self._ahead(2)
            if self._token.text == "." and following.kind is Kind.NAME and after.text != "(":
                self._next += 2
                parts.append(following.text)
                path.append(following)
            elif self._token.text == "[" and following.kind is Kind.STRING and after.text == "]":
                self._next += 3
                parts.append(str(following.value))
                path.append(following)
            else:
                break
        spans = tuple(self._span(token) for token in path)
        last = self._tokens[self._next - 1]
        return Name(tuple(parts), spans, _join(spans[0], self._span(last)))

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _ahead(self, count: int) -> Token:
        return self._tokens[min(self._next + count, len(self._tokens) - 1)]

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _accept(self, operator: str) -> Token | None:
        matches = self._token.kind is Kind.OPERATOR and self._token.text == operator
        return self._take() if matches else None

    def _expect(self, operator: str, complaint: str) -> Token:
        token = self._accept(operator)
        if token is None:
            raise ExpressionError(SYNTAX, complaint, *self._where())
        return token

    def _span(self, token: Token) -> Span:
        return self._locate(token.offset, token.end)

    def _where(self) -> tuple[int, int]:
        """Offset and length of the next token; at the end, of the last one."""
        token = self._token if self._token.kind is not Kind.END or self._next == 0 else self._tokens[self._next - 1]
        return token.offset, max(len(token.text), 1)

    def _unexpected(self) -> ExpressionError:
        token = self._token
        if token.kind is Kind.END:
            before = self._tokens[self._next - 1].text
            return ExpressionError(SYNTAX, f"a value is missing after `{before}`", *self._where())
        hint = _NO_MINUS if token.text == "-" else ""
        if token.kind is Kind.NAME and token.text in _WORDS:
            hint = f"write {_WORDS[token.text]}"
        return ExpressionError(SYNTAX, f"`{token.text}` is not expected here", *self._where(), hint=hint)


def _goes_on(parts: list[str]) -> bool:
    """Whether a path that begins like this may have one more part."""
    match parts:
        case ["inputs" | "run" | "tasks" | "services"] | ["tasks" | "services", _]:
            return True
        case ["tasks", _, "outputs"] | ["services", _, "ports"]:
            return True
    return False


def _unknown_function(name: Token) -> ExpressionError:
    meant = did_you_mean(name.text, (*METHODS, *_METHODS_ELSEWHERE))
    meant = _METHODS_ELSEWHERE.get(meant, meant)
    hint = f"did you mean .{meant}()?" if meant else f"the methods are {', '.join(METHODS)}"
    if name.text in METHODS:
        hint = f"it is a method: write value.{name.text}({'…' if METHODS[name.text] else ''})"
    return ExpressionError(FUNCTION, f"there is no function {name.text}()", name.offset, len(name.text), hint)


def _join(first: Span, last: Span) -> Span:
    return Span(first.file, first.start, last.end)
