"""Stage resolve: constants of declared types: defaults, and the values that triggers give.

Input: a node, and the type it is declared to have. Output: its value as JSON has it, or what is wrong with it.
"""

from __future__ import annotations

import math

from generator.records import dataclass
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode, plain

_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "list": "a list",
}


@dataclass(frozen=True)
class Mistake:
    """Why a node is no constant of its type, and how to mend it."""

    message: str
    hint: str = ""


def constant(node: Node, declared: str) -> object | Mistake:
    """The value of a constant. A text takes numbers and booleans as they were written (rulings L02)."""
    if isinstance(node, ScalarNode) and node.is_null:
        return Mistake(f"{_WORDS[declared]} must stand here, this is nothing", "leave the key out")
    if holds_expression(node):
        return Mistake("no expressions here, only constants")
    value = plain(node)
    if not _is_json(value):
        return Mistake("this number has no form in JSON", "write a finite number")
    match declared, node, value:
        case "string", ScalarNode(text=text), _:
            return text
        case "boolean", ScalarNode(), bool():
            return value
        case "integer", ScalarNode(), int() if not isinstance(value, bool):
            return value
        case "integer", ScalarNode(), float() if value.is_integer():
            return int(value)
        case "number", ScalarNode(), int() | float() if not isinstance(value, bool):
            return value
        case ("object", MappingNode(), _) | ("list", SequenceNode(), _):
            return _sorted(value)
    quoted = isinstance(node, ScalarNode) and node.quoted and declared in {"integer", "number", "boolean"}
    return Mistake(f"{_WORDS[declared]} must stand here", "remove the quotes" if quoted else "")


def holds_expression(node: Node) -> bool:
    """Whether a text in it does."""
    if isinstance(node, ScalarNode):
        return "${{" in node.text
    children = node.items if isinstance(node, SequenceNode) else tuple(entry.value for entry in node.entries)
    return any(holds_expression(child) for child in children)


def _is_json(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    return all(map(_is_json, value)) if isinstance(value, list) else True


def _sorted(value: object) -> object:
    """The order of keys means nothing (rulings L27)."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
