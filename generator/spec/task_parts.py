"""Parts of a task besides its containers and requests: the question it asks."""

from __future__ import annotations

from generator.spec.expression import Text
from generator.spec.formats import DYNAMIC
from generator.spec.shapes import Either, Reading, Record, RecordOf, Shape, key
from generator.yamlio.nodes import MappingNode, Node


class Approve(Record):
    """A question that a person answers."""

    message: Text | None = key(DYNAMIC, "The question.", required=True)


class _Question(Shape[Approve]):
    """The question alone (rulings S03)."""

    expected = DYNAMIC.expected

    def read(self, node: Node, reading: Reading) -> Approve | None:
        message = DYNAMIC.read(node, reading)
        return None if message is None else Approve(message=message, node=MappingNode(node.span, ()))


APPROVE: Shape[Approve] = Either(_Question(), RecordOf(Approve, "`approve`"))
