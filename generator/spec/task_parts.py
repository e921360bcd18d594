"""Parts of a task besides its containers and requests: the question it asks, the items it is done for."""

from __future__ import annotations

from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.expression import Text
from generator.spec.formats import COUNT, DYNAMIC, JSON, POSITIVE
from generator.spec.scalars import WHOLE_EXPRESSION
from generator.spec.shapes import Either, Reading, Record, RecordOf, Shape, key
from generator.yamlio.nodes import MappingNode, Node, SequenceNode


class Approve(Record):
    """A question that a person answers."""

    message: Text | None = key(DYNAMIC, "The question.", required=True)


class _Question(Shape[Approve]):
    """The question alone (rulings S03)."""

    expected = DYNAMIC.expected

    def read(self, node: Node, reading: Reading) -> Approve | None:
        message = DYNAMIC.read(node, reading)
        return None if message is None else Approve(message=message, node=MappingNode(node.span, ()))

    def schema(self, definitions: Definitions) -> JsonSchema:
        return DYNAMIC.schema(definitions)


APPROVE: Shape[Approve] = Either(_Question(), RecordOf(Approve, "`approve`"))


class _Items(Shape[object]):
    """A list whose texts may hold expressions, or one expression that gives a list."""

    expected = "a list, or ${{ }} that gives one"
    inside = (JSON,)

    def read(self, node: Node, reading: Reading) -> object | None:
        if isinstance(node, SequenceNode):
            return JSON.read(node, reading)
        before = len(reading.diagnostics)
        text = None if isinstance(node, MappingNode) or node.is_null else DYNAMIC.read(node, reading)
        if text is not None and text.whole:
            return text
        if len(reading.diagnostics) == before:
            bare = text is not None and not text.expressions
            self.refuse(
                node, reading, f"write [{text.constant}], or ${{{{ {text.constant} }}}}" if text and bare else ""
            )
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"anyOf": [{"type": "array", "items": JSON.schema(definitions)}, {"type": "string", **WHOLE_EXPRESSION}]}


class Foreach(Record):
    """The task is done once for each item; `${{ item }}` is the item."""

    items: object = key(_Items(), "The items.", required=True)
    parallel: int | None = key(POSITIVE, "How many items at once; by default only `parallelism` limits them.")
    max_failed: int = key(COUNT, "How many items may fail without failing the task; 0 by default.", default=0)


FOREACH = RecordOf(Foreach, "`foreach`", form="{items: […]}")
