"""Credentials that stand in the spec itself, wherever they stand (language rule 9; rulings C09, C17, L17).

Messages never hold the value, and findings are masked: no report shows the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Span
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode

_ENDINGS = ("PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIALS")
_NOT_SECRET = re.compile(r"[-+]?[0-9][0-9_.,eE+-]*|true|false", re.IGNORECASE)
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)

# Each form begins where a word begins, so that a long text is read once; none can take the time of its square.
_FORMS = (
    ("an access key of AWS", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])")),
    ("a token of GitHub", re.compile(r"(?<![A-Za-z0-9_])(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{30,255}")),
    ("a live key of Stripe", re.compile(r"(?<![A-Za-z0-9_])[sr]k_live_[A-Za-z0-9]{16,255}")),
    ("a token of Slack", re.compile(r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,255}")),
    ("a JSON Web Token", re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]{5,}")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----")),
    ("an address with a password", re.compile(r"://[^\s/:@]{0,255}:(?![$<{*%])[^\s/@]{1,255}@")),
)


def credentials(subject: Subject) -> Iterator[Finding]:
    """Variables and headers that are named like a secret, and texts in the form of one."""
    yield from _of(subject.system.spec.node, (), "")


def _of(node: Node, path: tuple[str, ...], key: str) -> Iterator[Finding]:
    """The findings at and below a node; `key` is what the nearest mapping calls it."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from _of(item, path, key)
    elif isinstance(node, MappingNode):
        for entry in node.entries:
            yield from _by_form(entry.key, entry.key_span, path)
            yield from _of(entry.value, (*path, entry.key), entry.key)
    elif _is_named_so(path) and _is_literal(node):
        kind = "header" if path[-2] == "headers" else "variable"
        message = f"the {kind} `{key}` holds a literal, and by its name a secret"
        hint = (
            "write {secret: <name>, key: <key>}" if kind == "variable" else "call from a `run` task, which can read it"
        )
        hint += "; if it is none, accept: {FH4001: <why>}"
        yield Finding(codes.CREDENTIAL_VALUE, message, node.span, hint, (), _owner(path), masked=True)
    else:
        yield from _by_form(node.text, node.span, path)


def _by_form(text: str, span: Span, path: tuple[str, ...]) -> Iterator[Finding]:
    plain = _EXPRESSION.sub(" ", text)
    for words, form in _FORMS:
        if form.search(plain):
            message = f"{words} stands here"
            hint = (
                "put it into a Secret, and write {secret: <name>, key: <key>}; if it is none, accept: {FH4002: <why>}"
            )
            yield Finding(codes.CREDENTIAL_FORM, message, span, hint, (), _owner(path), masked=True)
            return


def _is_named_so(path: tuple[str, ...]) -> bool:
    """Whether the last of the path is a variable or header that is named like a secret."""
    if len(path) < 2 or path[-2] not in {"env", "headers"}:
        return False
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path[-1]).upper().replace("-", "_")
    return name.endswith(_ENDINGS) or name in {"AUTHORIZATION", "PROXY_AUTHORIZATION"}


def _is_literal(node: ScalarNode) -> bool:
    """Whether it is a text of its own: not a number, not a switch, not empty, and no expression that fetches it."""
    text = node.text.strip()
    if node.is_null or not text or _NOT_SECRET.fullmatch(text):
        return False
    return "${{" not in text


def _owner(path: tuple[str, ...]) -> tuple[str, ...]:
    """Whose `accept` covers a place."""
    if path[:1] == ("environments",):
        path = path[2:]
    match path:
        case ("services", name, *_):
            return ("services", name)
        case ("workflows", name, "tasks" | "on_exit", task, *_):
            return ("workflows", name, task)
        case ("workflows", name, *_):
            return ("workflows", name)
    return ()


RULES: tuple[Rule, ...] = (credentials,)
