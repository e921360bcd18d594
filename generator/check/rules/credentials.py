"""Credentials that stand in the spec itself, wherever they stand (language rule 9; rulings C09, C17, L17).

Messages never hold the value, and findings are masked: no report shows the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Span
from generator.kube.credentials import credential_form, names_credential
from generator.regexes import regex
from generator.resolve.merging import entries_of
from generator.spec.shapes import written_text
from generator.yamlio.nodes import EMPTY, MappingNode, Node, ScalarNode, SequenceNode

_NOT_SECRET = regex(r"[-+]?[0-9][0-9_.,eE+-]*|true|false", re.IGNORECASE)
_EXPRESSION = regex(r"\$\{\{.*?\}\}", re.DOTALL)


def credentials(subject: Subject) -> Iterator[Finding]:
    """Variables and headers that are named like a secret, and texts in the form of one; in libraries too."""
    yield from _of(subject.system.spec.node, (), "")
    for prefix, library in subject.system.libraries.items():
        for entry in entries_of(library.node.get("workflows")):
            name = f"{prefix}-{entry.key}"
            if name in subject.system.workflows:
                yield from _of(entry.value, ("workflows", name), entry.key)
        yield from _of(library.node.get("templates") or EMPTY, ("templates",), "templates")


def _of(node: Node, path: tuple[str, ...], key: str) -> Iterator[Finding]:
    """The findings at and below a node; `key` is what the nearest mapping calls it."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from _of(item, path, key)
    elif isinstance(node, MappingNode):
        values = _secret_values(node, path, key)
        for value in values:
            message = (
                "a Secret of `extra` holds a literal"
                if key != "env"
                else "a variable named like a secret holds a literal"
            )
            hint = (
                "leave it out of the chart, and refer to a Secret that is there; if it is none, accept: {FH4001: <why>}"
            )
            yield Finding(codes.CREDENTIAL_VALUE, message, value.span, hint, (), _owner(path), masked=True)
        for entry in node.entries:
            yield from _by_form(entry.key, entry.key_span, path)
            if not values or entry.key not in ("data", "stringData", "value"):
                yield from _of(entry.value, (*path, entry.key), entry.key)
    elif _is_named_so(path) and _is_literal(node):
        kind = "header" if path[-2] == "headers" else "variable"
        message = f"the {kind} `{key}` holds a literal, and by its name a secret"
        hint = "write {secret: <name>, key: <key>}; if it is none, accept: {FH4001: <why>}"
        yield Finding(codes.CREDENTIAL_VALUE, message, node.span, hint, (), _owner(path), masked=True)
    else:
        yield from _by_form(node.text, node.span, path)


def _secret_values(node: MappingNode, path: tuple[str, ...], key: str) -> list[ScalarNode]:
    """The literals of a raw object that are credentials by their place: in a Secret, or a variable named like one."""
    if path[:1] == ("extra",) and written_text(node.get("kind")) == "Secret":
        parts = [node.get("data"), node.get("stringData")]
        values = [entry.value for part in parts if isinstance(part, MappingNode) for entry in part.entries]
        return [value for value in values if isinstance(value, ScalarNode) and value.text]
    value = node.get("value")
    is_named_so = key == "env" and isinstance(value, ScalarNode) and names_credential(written_text(node.get("name")))
    return [value] if is_named_so and isinstance(value, ScalarNode) and _is_literal(value) else []


def _by_form(text: str, span: Span, path: tuple[str, ...]) -> Iterator[Finding]:
    words = credential_form(_EXPRESSION.sub(" ", text))
    if words:
        hint = "put it into a Secret, and write {secret: <name>, key: <key>}; if it is none, accept: {FH4002: <why>}"
        yield Finding(codes.CREDENTIAL_FORM, f"{words} stands here", span, hint, (), _owner(path), masked=True)


def _is_named_so(path: tuple[str, ...]) -> bool:
    """Whether the last of the path is a variable or header that is named like a secret."""
    return len(path) > 1 and path[-2] in {"env", "headers"} and names_credential(path[-1])


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
