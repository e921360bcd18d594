"""Shapes of Kubernetes objects, and of parts of them, that a spec brings as they are: `extra` and `patches`.

They are kept as nodes, so that a finding on the rendered object leads to its line; only what no object can hold is
refused here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.formats import ONLY_PRINTABLE, PRINTABLE
from generator.spec.scalars import NO_NUL, TEXT_TYPES, has_no_nul
from generator.spec.shapes import ListOf, MapOf, Reading, Shape, described, head_span, refuse_other
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode

_MAX_KEY = 500  # no field or name of Kubernetes is longer, and YAML takes no more than 1024


class PartShape(Shape[MappingNode]):
    """A part of an object. Null deletes a field, where `deletes` says so; anywhere else it is refused.

    `printable`: its texts hold no control characters, which Helm 3 cannot take in values.
    """

    def __init__(self, words: str, *, deletes: bool, printable: bool = False) -> None:
        self.expected = words
        self.deletes = deletes
        self.printable = printable

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        if not isinstance(node, MappingNode):
            refuse_other(self.expected, node, reading)
            return None
        sound = [self._is_sound(scalar, in_list, reading) for scalar, in_list in _scalars(node)]
        return node if all([*sound, *(self._fits(key, reading) for key in _keys(node))]) else None

    def _is_sound(self, node: ScalarNode, in_list: bool, reading: Reading) -> bool:
        if node.is_null and (in_list or not self.deletes):
            hint = "write a value, or leave it out"
            reading.diagnostics.add(codes.WRONG_TYPE, "expected a value, found nothing", node.span, hint=hint)
            return False
        if isinstance(node.value, float) and not math.isfinite(node.value):
            message = f"{node.text} is no number of JSON, in which objects are kept"
            reading.diagnostics.add(codes.OUT_OF_RANGE, message, node.span, hint="put it into quotes for a text")
            return False
        return self._is_text(node, reading)

    def _fits(self, key: ScalarNode, reading: Reading) -> bool:
        """Whether YAML can hold the key on a line of its own."""
        if len(key.text) > _MAX_KEY:
            message = f"the key has {len(key.text)} characters"
            reading.diagnostics.add(codes.BAD_FORMAT, message, key.span, hint=f"{_MAX_KEY} is the limit")
        return len(key.text) <= _MAX_KEY and self._is_text(key, reading)

    def _is_text(self, node: ScalarNode, reading: Reading) -> bool:
        if not self.printable:
            return has_no_nul(node, reading)
        message, _, hint = PRINTABLE.mistake(node.text).partition(" | ")
        if message:
            reading.diagnostics.add(codes.BAD_FORMAT, message, node.span, hint=hint)
        return not message

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {**self._value(definitions), "type": "object"}

    def _value(self, definitions: Definitions) -> JsonSchema:
        return definitions.reference(self, self._name, self._definition)

    @property
    def _name(self) -> str:
        return "ChartValue" if self.printable else "PatchValue" if self.deletes else "ObjectValue"

    def _definition(self, definitions: Definitions) -> JsonSchema:
        inside, texts = self._value(definitions), ONLY_PRINTABLE if self.printable else NO_NUL
        return {
            "type": [*TEXT_TYPES, "object", "array", *(["null"] if self.deletes else [])],
            **texts,
            "propertyNames": {"maxLength": _MAX_KEY, **texts},
            "additionalProperties": inside,
            "items": {**inside, "not": {"type": "null"}},
        }


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
VALUES = PartShape("`values`", deletes=False, printable=True)


class ExtraObject(PartShape):
    """A whole object; without its apiVersion, kind and name it would be nothing."""

    def __init__(self) -> None:
        super().__init__("an object of `extra`", deletes=False)

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        sound = super().read(node, reading) is not None
        if not isinstance(node, MappingNode):
            return None
        metadata = node.get("metadata") or MappingNode(head_span(node), ())
        known = [_says(node, "apiVersion", reading), _says(node, "kind", reading)]
        if isinstance(metadata, MappingNode):
            known.append(_says(metadata, "name", reading, "metadata."))
        else:
            refuse_other("`metadata` of an object", metadata, reading)
        kind = node.get("kind")
        if isinstance(kind, ScalarNode) and kind.value == "List":
            hint = "write its items as items of `extra`"
            reading.diagnostics.add(codes.BAD_FORMAT, "a List is no object of its own", kind.span, hint=hint)
            return None
        return node if sound and len(known) == 3 and all(known) else None

    def schema(self, definitions: Definitions) -> JsonSchema:
        some_text = {"type": "string", "minLength": 1}
        metadata = {"type": "object", "required": ["name"], "properties": {"name": some_text}}
        kind = {**some_text, "not": {"const": "List"}}
        return {
            **super().schema(definitions),
            "required": ["apiVersion", "kind", "metadata"],
            "properties": {"apiVersion": some_text, "kind": kind, "metadata": metadata},
        }


def _says(node: MappingNode, key: str, reading: Reading, above: str = "") -> bool:
    """Whether the object says a text of its identity; reports it when not."""
    value, words = node.get(key), above + key
    if value is None:
        message = f"an object of `extra` needs `{words}`"
        reading.diagnostics.add(codes.MISSING_KEY, message, head_span(node), hint=f"add {words}")
    elif not isinstance(value, ScalarNode) or not isinstance(value.value, str) or not value.text:
        message = f"`{words}` of an object must be a text, found {described(value)}"
        reading.diagnostics.add(codes.WRONG_TYPE, message, value.span, hint=f"write {words}: … as a text")
    else:
        return True
    return False


EXTRA = ListOf(ExtraObject())
