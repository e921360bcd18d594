"""Shapes of Kubernetes objects, and of parts of them, that a spec brings as they are: `extra` and `patches`.

They are kept as nodes, so that a finding on the rendered object leads to its line; only what no object can hold is
refused here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.scalars import NO_NUL, TEXT_TYPES, has_no_nul
from generator.spec.shapes import MapOf, Reading, Shape, refuse_other
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode

_MAX_KEY = 500  # no field or name of Kubernetes is longer, and YAML takes no more than 1024


class PartShape(Shape[MappingNode]):
    """A part of an object. Null deletes a field, where `deletes` says so; anywhere else it is refused."""

    def __init__(self, words: str, *, deletes: bool) -> None:
        self.expected = words
        self.deletes = deletes

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        if not isinstance(node, MappingNode):
            refuse_other(self.expected, node, reading)
            return None
        sound = [self._is_sound(scalar, in_list, reading) for scalar, in_list in _scalars(node)]
        return node if all([*sound, *(_fits(key, reading) for key in _keys(node))]) else None

    def _is_sound(self, node: ScalarNode, in_list: bool, reading: Reading) -> bool:
        if node.is_null and (in_list or not self.deletes):
            hint = "write a value, or leave it out"
            reading.diagnostics.add(codes.WRONG_TYPE, "expected a value, found nothing", node.span, hint=hint)
            return False
        if isinstance(node.value, float) and not math.isfinite(node.value):
            message = f"{node.text} is no number of JSON, in which objects are kept"
            reading.diagnostics.add(codes.OUT_OF_RANGE, message, node.span, hint="put it into quotes for a text")
            return False
        return has_no_nul(node, reading)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {**self._value(definitions), "type": "object"}

    def _value(self, definitions: Definitions) -> JsonSchema:
        return definitions.reference(self, "PatchValue" if self.deletes else "ObjectValue", self._definition)

    def _definition(self, definitions: Definitions) -> JsonSchema:
        inside = self._value(definitions)
        return {
            "type": [*TEXT_TYPES, "object", "array", *(["null"] if self.deletes else [])],
            **NO_NUL,
            "propertyNames": {"maxLength": _MAX_KEY, **NO_NUL},
            "additionalProperties": inside,
            "items": {**inside, "not": {"type": "null"}},
        }


def _fits(key: ScalarNode, reading: Reading) -> bool:
    """Whether YAML can hold the key on a line of its own."""
    if len(key.text) > _MAX_KEY:
        message = f"the key has {len(key.text)} characters"
        reading.diagnostics.add(codes.BAD_FORMAT, message, key.span, hint=f"{_MAX_KEY} is the limit")
    return len(key.text) <= _MAX_KEY and has_no_nul(key, reading)


def _keys(node: Node) -> Iterator[ScalarNode]:
    for entry in node.entries if isinstance(node, MappingNode) else ():
        yield ScalarNode(entry.key_span, entry.key, entry.key)
    for inner in _inside(node):
        yield from _keys(inner)


def _inside(node: Node) -> tuple[Node, ...]:
    if isinstance(node, MappingNode):
        return tuple(entry.value for entry in node.entries)
    return node.items if isinstance(node, SequenceNode) else ()


def _scalars(node: Node, in_list: bool = False) -> Iterator[tuple[ScalarNode, bool]]:
    """The scalars below a node, and whether each is an item of a list."""
    if isinstance(node, ScalarNode):
        yield node, in_list
    for inner in _inside(node):
        yield from _scalars(inner, isinstance(node, SequenceNode))


PATCH = PartShape("a patch", deletes=True)
PATCHES = MapOf(PATCH, "`patches`")
OBJECT = PartShape("an object", deletes=False)
