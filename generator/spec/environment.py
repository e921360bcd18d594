"""What an environment can say: the keys of services and workflows that the chart takes as values (rulings L10)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.expose import EXPOSE
from generator.spec.monitoring import SLO
from generator.spec.service import SERVICE, VOLUME
from generator.spec.shapes import Key, MapOf, Reading, RecordOf, Shape, key_schema, refuse_other, report_unknown
from generator.spec.workflow import SCHEDULE, TASK, TRIGGERS, WORKFLOW
from generator.yamlio.nodes import MappingNode, Node


class Overrides(Shape[MappingNode]):
    """Some keys of a record, of which none is required; kept as the node that is merged over the base.

    `values` are the keys that may be overridden as a whole; `deeper` those of which only a part may be, with the shape
    of that part.
    """

    def __init__(
        self, words: str, record: RecordOf[Any] | None, *values: str, deeper: Mapping[str, Shape[Any]] | None = None
    ) -> None:
        self.expected = words
        self.record = record
        self.known: Mapping[str, Key] = {name: each for name, (_, each) in record.keys.items()} if record else {}
        self.deeper = dict(deeper or {})
        self.shapes = {**{name: self.known[name].shape for name in values}, **self.deeper}
        self.inside = tuple(self.shapes.values())

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        if not isinstance(node, MappingNode):
            refuse_other(self.expected, node, reading)
            return None
        for entry in node.entries:
            if entry.key in self.shapes:
                inside = dataclasses.replace(reading, complete=False, owner=entry.key_span)
                self.shapes[entry.key].read(entry.value, inside)
            elif entry.key in self.known:
                message = f"`{entry.key}` is not a value of the chart"
                hint = f"an environment may change here: {', '.join(sorted(self.shapes))}"
                reading.diagnostics.add(codes.NOT_A_VALUE, message, entry.key_span, hint=hint)
            else:
                report_unknown(entry.key, entry.key_span, tuple(sorted(self.shapes)), self.expected, reading)
        return node

    def schema(self, definitions: Definitions) -> JsonSchema:
        inside = definitions.partial()
        properties = {
            name: key_schema(self.known[name], inside)
            if name in self.known and name not in self.deeper
            else shape.schema(inside)
            for name, shape in self.shapes.items()
        }
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def paths(self) -> Iterator[str]:
        """The values, written as paths, for the reference: `storage.*.size`."""
        for name, shape in self.shapes.items():
            part, step = (shape.value, f"{name}.*") if isinstance(shape, MapOf) else (shape, name)
            yield from (f"{step}.{path}" for path in part.paths()) if isinstance(part, Overrides) else (name,)


_SERVICE = Overrides(
    "a service of an environment",
    SERVICE,
    "image",
    "replicas",
    "autoscale",
    "resources",
    "env",
    "placement",
    deeper={
        "slo": Overrides("`slo` of an environment", SLO, "availability", "latency"),
        "storage": MapOf(Overrides("a volume of an environment", VOLUME, "size", "class"), "`storage`"),
        "expose": Overrides("`expose` of an environment", EXPOSE, "host", "tls", "class", "gateway", "annotations"),
    },
)
_TASK = Overrides("a task of an environment", TASK, "resources", "timeout", "env", "retry", "placement")
_WORKFLOW = Overrides(
    "a workflow of an environment",
    WORKFLOW,
    "timeout",
    "parallelism",
    "keep",
    deeper={
        "triggers": Overrides("`triggers` of an environment", TRIGGERS, deeper={"schedule": SCHEDULE}),
        "tasks": MapOf(_TASK, "`tasks`"),
    },
)
ENVIRONMENT = Overrides(
    "an environment",
    None,
    deeper={"services": MapOf(_SERVICE, "`services`"), "workflows": MapOf(_WORKFLOW, "`workflows`")},
)
