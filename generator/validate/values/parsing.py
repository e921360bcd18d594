"""Stage: text of a Go template → its tree.

Input: text. Output: a :class:`Template`, or None when it is no template: Helm itself says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.validate.values.syntax import (
    Action,
    Branch,
    Call,
    Chain,
    Command,
    Dot,
    Identifier,
    Literal,
    Node,
    Operand,
    Pipeline,
    Template,
    Variable,
)

_MAX_DEPTH = 100
_COMMENT = re.compile(r"\{\{(?:- )?\s*/\*.*?\*/\s*(?: -)?\}\}", re.S)
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<close>-?\}\})
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<raw>`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\.)*')
    |(?P<declare>:=)
    |(?P<assign>=)
    |(?P<mark>[|(),])
    |(?P<number>[-+]?(?:[0-9][0-9A-Za-z_.]*|\.[0-9][0-9A-Za-z_]*))
    |(?P<field>\.\w+)
    |(?P<dot>\.)
    |(?P<variable>\$\w*)
    |(?P<word>\w+)""",
    re.X,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    offset: int
    follows_space: bool


class _NoTemplate(Exception):
    """Ends the parsing; never leaves this module."""


def parse(text: str) -> Template | None:
    """The tree of a template; None when the text is none."""
    if "{{" not in text:
        return Template((), {})
    parser = _Parser(list(_actions(text)))
    try:
        body, _ = parser.nodes(ends=())
    except (_NoTemplate, RecursionError):
        return None
    return Template(body, parser.defined)


def _actions(text: str) -> Iterator[list[_Token]]:
    """The tokens of each action; raises nothing: an action that doesn't end has the kind `broken`."""
    at = 0
    while (start := text.find("{{", at)) >= 0:
        comment = _COMMENT.match(text, start)
        if comment:
            at = comment.end()
            continue
        at = start + 2
        if re.match(r"-\s", text[at : at + 2]):
            at += 1
        tokens: list[_Token] = []
        spaced = False
        while True:
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                yield [_Token("broken", "", at, False)]
                return
            at = found.end()
            if found.lastgroup == "close":
                break
            if found.lastgroup == "space":
                spaced = True
                continue
            tokens.append(_Token(found.lastgroup, found[0], found.start(), spaced))
            spaced = False
        yield tokens


@dataclass
class _Parser:
    """Reads actions one by one."""

    actions: list[list[_Token]]
    at: int = 0
    depth: int = 0
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)

    def nodes(self, ends: tuple[str, ...]) -> tuple[tuple[Node, ...], list[_Token]]:
        """The nodes up to one of the keywords that end a block, and that action; without ends, up to the end."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _NoTemplate
        found: list[Node] = []
        while self.at < len(self.actions):
            tokens = self.actions[self.at]
            self.at += 1
            keyword = tokens[0].text if tokens and tokens[0].kind == "word" else ""
            if keyword in ("end", "else"):
                if keyword not in ends:
                    raise _NoTemplate
                self.depth -= 1
                return tuple(found), tokens
            found += self._node(keyword, tokens)
        if ends:
            raise _NoTemplate
        return tuple(found), []

    def _node(self, keyword: str, tokens: list[_Token]) -> Iterator[Node]:
        match keyword:
            case "if" | "with" | "range":
                yield self._branch(keyword, tokens[1:])
            case "define":
                self.defined[_name(tokens)], _ = self.nodes(("end",))
            case "block":
                self.defined[_name(tokens)], _ = self.nodes(("end",))
                yield Call(_name(tokens), _whole(tokens[2:]))
            case "template":
                yield Call(_name(tokens), _whole(tokens[2:]) if len(tokens) > 2 else None)
            case "break" | "continue" if len(tokens) == 1:
                return
            case _:
                yield Action(_whole(tokens))

    def _branch(self, keyword: str, tokens: list[_Token]) -> Branch:
        pipeline = _whole(tokens)
        body, end = self.nodes(("end", "else"))
        if end[0].text == "end":
            return Branch(keyword, pipeline, body)
        if len(end) > 1:  # `else if …` ends with the same `end`
            return Branch(keyword, pipeline, body, (self._branch(end[1].text, end[2:]),))
        otherwise, _ = self.nodes(("end",))
        return Branch(keyword, pipeline, body, otherwise)


def _name(tokens: list[_Token]) -> str:
    if len(tokens) < 2 or tokens[1].kind not in ("string", "raw"):
        raise _NoTemplate
    return _text(tokens[1])


def _text(token: _Token) -> str:
    if token.kind == "raw":
        return token.text[1:-1]
    try:
        return str(json.loads(token.text))
    except json.JSONDecodeError:  # an escape that Go has and JSON has not
        return token.text[1:-1]


def _whole(tokens: list[_Token]) -> Pipeline:
    """The pipeline that all of the tokens are."""
    pipeline, rest = _pipeline(tokens, 0)
    if rest < len(tokens):
        raise _NoTemplate
    return pipeline


def _pipeline(tokens: list[_Token], at: int) -> tuple[Pipeline, int]:
    names, is_assignment, at = _targets(tokens, at)
    commands: list[Command] = []
    operands: list[Operand] = []
    while True:
        token = tokens[at] if at < len(tokens) else None
        if token is None or (token.text in ("|", ")") and token.kind == "mark"):
            if not operands:
                raise _NoTemplate
            commands.append(Command(tuple(operands)))
            if token is None or token.text == ")":
                return Pipeline(tuple(commands), names, is_assignment), at
            operands = []
            at += 1
            continue
        operand, at = _operand(tokens, at)
        operands.append(operand)


def _targets(tokens: list[_Token], at: int) -> tuple[tuple[str, ...], bool, int]:
    """`$x :=`, `$x =` or `$k, $v :=` at the start of a pipeline."""
    names: list[str] = []
    here = at
    while here + 1 < len(tokens) and tokens[here].kind == "variable":
        names.append(tokens[here].text[1:])
        after = tokens[here + 1]
        if after.kind in ("declare", "assign"):
            return tuple(names), after.kind == "assign", here + 2
        if after.text != ",":
            break
        here += 2
    return (), False, at


def _operand(tokens: list[_Token], at: int) -> tuple[Operand, int]:
    token = tokens[at]
    base: Operand
    fields: list[str] = []
    match token.kind:
        case "string" | "raw":
            base = Literal(_text(token))
        case "number":
            base = Literal(token.text if token.text.isdecimal() and len(token.text) < 7 else None)
        case "char":
            base = Literal()
        case "variable":
            base = Variable(token.text[1:])
        case "word":
            base = Literal() if token.text in ("true", "false", "nil") else Identifier(token.text)
        case "dot":
            base = Dot()
        case "field":
            base, fields = Dot(), [token.text[1:]]
        case "mark" if token.text == "(":
            base, at = _pipeline(tokens, at + 1)
            if at >= len(tokens):
                raise _NoTemplate
        case _:
            raise _NoTemplate
    at += 1
    while at < len(tokens) and tokens[at].kind == "field" and not tokens[at].follows_space:
        fields.append(tokens[at].text[1:])
        at += 1
    return (Chain(base, tuple(fields), token.offset) if fields else base), at
