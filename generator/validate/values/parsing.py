"""Stage: text of a Go template → its tree.

Input: text. Output: a :class:`Template`, or None when it is no template: Helm itself says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cached_property, lru_cache
from typing import NamedTuple

from generator.records import dataclass
from generator.regexes import regex
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
_KEYWORDS = frozenset(
    ("if", "with", "range", "else", "end", "define", "block", "template", "break", "continue"),
)
_TOKEN = regex(
    r"""\s*(?:(?P<close>-?\}\})
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
    |(?P<word>\w+))""",
    re.X,
)


_NEXT = regex(
    r"""\{\{(?:
        (?P<comment>(?:-[ ])?\s*/\*(?s:.*?)\*/\s*(?:[ ]-)?\}\})
        |(?P<action>[^"`'}]*(?:(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}(?!\}))[^"`'}]*)*\}\})
    )?""",
    re.X,
)
"""A comment, a whole action when nothing in it is broken, or the beginning of one that is."""


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int
    follows_space: bool


class _NoTemplate(Exception):
    """Ends the parsing; never leaves this module."""


@dataclass(frozen=True)
class _Form:
    """What the text of an action says, wherever it stands: charts repeat the same actions, so each is read once."""

    tokens: tuple[_Token, ...]
    length: int
    pipelines: dict[int, Pipeline] = field(default_factory=dict)

    def pipeline(self, first: int) -> Pipeline:
        """The pipeline that the tokens from `first` on are; raises _NoTemplate."""
        found = self.pipelines.get(first)
        if found is None:
            found, rest = _pipeline(self.tokens, first)
            if rest < len(self.tokens):
                raise _NoTemplate
            self.pipelines[first] = found
        return found

    @cached_property
    def keyword(self) -> str:
        """The keyword that it begins with, if it does."""
        word = self.tokens[0].text if self.tokens else ""
        return word if word in _KEYWORDS else ""


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


def _actions(text: str) -> Iterator[tuple[int, _Form]]:
    """Each action with the place where it begins; what follows one that doesn't end is left out."""
    at = 0
    while found := _NEXT.search(text, at):
        at = found.end()
        if found.lastgroup == "comment":
            continue
        form = _form(found[0] if found.lastgroup else text[found.start() :])
        yield found.start(), form
        if not form.length:
            return


@lru_cache(maxsize=20_000)
def _form(text: str) -> _Form:
    """The tokens of the action that a text begins with; no length and a token `broken` when it doesn't end."""
    at = 3 if re.match(r"-\s", text[2:4]) else 2
    tokens: list[_Token] = []
    for found in _TOKEN.finditer(text, at):
        kind = found.lastgroup
        if found.start() != at or kind is None:
            break
        start, at = found.start(kind), found.end()
        if kind == "close":
            return _Form(tuple(tokens), at)
        tokens.append(_Token(kind, found[kind], start, start > found.start()))
    return _Form((_Token("broken", "", at, False),), 0)


@dataclass
class _Parser:
    """Reads actions one by one."""

    actions: list[tuple[int, _Form]]
    at: int = 0
    depth: int = 0
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)

    def nodes(self, ends: tuple[str, ...]) -> tuple[tuple[Node, ...], tuple[int, _Form]]:
        """The nodes up to one of the keywords that end a block, and that action; without ends, up to the end."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _NoTemplate
        found: list[Node] = []
        while self.at < len(self.actions):
            start, form = self.actions[self.at]
            self.at += 1
            keyword = form.keyword
            if not keyword:
                found.append(Action(form.pipeline(0), start))
            elif keyword in ("end", "else"):
                if keyword not in ends:
                    raise _NoTemplate
                self.depth -= 1
                return tuple(found), (start, form)
            elif node := self._node(keyword, start, form):
                found.append(node)
        if ends:
            raise _NoTemplate
        return tuple(found), (0, _Form((), 0))

    def _node(self, keyword: str, start: int, form: _Form) -> Node | None:
        match keyword:
            case "if" | "with" | "range":
                return self._branch(keyword, start, form, 1)
            case "define":
                self.defined[_name(form)], _ = self.nodes(("end",))
                return None
            case "block":
                self.defined[_name(form)], _ = self.nodes(("end",))
                return Call(_name(form), form.pipeline(2), start)
            case "template":
                return Call(_name(form), form.pipeline(2) if len(form.tokens) > 2 else None, start)
            case _ if len(form.tokens) == 1:  # break, continue
                return None
            case _:
                return Action(form.pipeline(0), start)

    def _branch(self, keyword: str, start: int, form: _Form, first: int) -> Branch:
        pipeline = form.pipeline(first)
        body, (place, end) = self.nodes(("end", "else"))
        if end.keyword == "end":
            return Branch(keyword, pipeline, start, body)
        if len(end.tokens) > 1:  # `else if …` ends with the same `end`
            return Branch(keyword, pipeline, start, body, (self._branch(end.tokens[1].text, place, end, 2),))
        otherwise, _ = self.nodes(("end",))
        return Branch(keyword, pipeline, start, body, otherwise)


def _name(form: _Form) -> str:
    if len(form.tokens) < 2 or form.tokens[1].kind not in ("string", "raw"):
        raise _NoTemplate
    return _text(form.tokens[1])


def _text(token: _Token) -> str:
    if token.kind == "raw" or "\\" not in token.text:
        return token.text[1:-1]
    try:
        return str(json.loads(token.text))
    except json.JSONDecodeError:  # an escape that Go has and JSON has not
        return token.text[1:-1]


def _pipeline(tokens: Sequence[_Token], at: int) -> tuple[Pipeline, int]:
    names, is_assignment, at = _targets(tokens, at)
    commands: list[Command] = []
    operands: list[Operand] = []
    is_closed = not names
    while True:
        token = tokens[at] if at < len(tokens) else None
        if token is None or (token.text in ("|", ")") and token.kind == "mark"):
            if not operands:
                raise _NoTemplate
            commands.append(Command(tuple(operands)))
            if token is None or token.text == ")":
                return Pipeline(tuple(commands), names, is_assignment, is_closed), at
            operands = []
            at += 1
            continue
        operand, at = _operand(tokens, at)
        operands.append(operand)
        is_closed = is_closed and _is_closed(operand)


def _is_closed(operand: Operand) -> bool:
    """Whether an operand has nothing to do with variables but `$`."""
    if isinstance(operand, Chain):
        return _is_closed(operand.base)
    return not operand.name if isinstance(operand, Variable) else not isinstance(operand, Pipeline) or operand.is_closed


def _targets(tokens: Sequence[_Token], at: int) -> tuple[tuple[str, ...], bool, int]:
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


def _operand(tokens: Sequence[_Token], at: int) -> tuple[Operand, int]:
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
