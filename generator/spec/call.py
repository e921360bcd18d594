"""Tries, and requests to services: what a `call` task can say."""

from __future__ import annotations

from collections.abc import Mapping

from generator.kube.durations import Duration
from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.expression import Text
from generator.spec.formats import BOOLEAN, CALLED, CONDITION, DATA, DURATION, JSON, TEXT
from generator.spec.parts import VARIABLE, Variable
from generator.spec.scalars import DynamicShape, IntegerShape, NumberShape
from generator.spec.shapes import ListOf, MapOf, Reading, Record, RecordOf, Rule, Shape, exactly_one, key
from generator.yamlio.nodes import MappingNode, Node, ScalarNode

METHODS = ("get", "post", "put", "patch", "delete")


class Backoff(Record):
    """How long to wait between tries."""

    initial: Duration | None = key(DURATION, "After the first try; 10s by default.")
    factor: float | None = key(NumberShape(1, 100), "How much longer each time; 2 by default.")
    max: Duration | None = key(DURATION, "At most; 5m by default.")


class Retry(Record):
    """What happens after a failed try."""

    attempts: int = key(IntegerShape(1, 100), "Tries in all.", required=True, default=1)
    backoff: Backoff | None = key(RecordOf(Backoff, "`backoff`"), "How long to wait between them.")


RETRY = RecordOf(Retry, "`retry`")


class Expect(Record):
    """What makes an answer good."""

    status: tuple[int, ...] = key(
        ListOf(IntegerShape(100, 599), single=True), "Status codes; any 2xx by default.", default=()
    )
    json: Text | None = key(CONDITION, "A condition on `response`, the JSON body.")


class RequestPathShape(DynamicShape):
    """The path of a request. Values in it are percent-encoded (rulings X09), so its first / has to be written."""

    expected = "a path"

    def read(self, node: Node, reading: Reading) -> Text | None:
        text = super().read(node, reading)
        if isinstance(node, ScalarNode) and text and not str(text.parts[0] if text.parts else "").startswith("/"):
            message, hint = f'"{node.text[:60]}" is not a path', "start it with /"
            reading.diagnostics.add(codes.BAD_FORMAT, message, node.span, hint=hint)
        return text

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "string", "allOf": [super().schema(definitions), {"pattern": "^/"}]}


REQUEST_PATH = RequestPathShape()


class Step(Record):
    """One request to a service."""

    service: str = key(CALLED, "The service that is called.", required=True, default="")
    port: str = key(TEXT, "Name of its port; the main port by default.", default="")
    get: Text | None = key(REQUEST_PATH, "Path of a GET request.")
    post: Text | None = key(REQUEST_PATH, "Path of a POST request.")
    put: Text | None = key(REQUEST_PATH, "Path of a PUT request.")
    patch: Text | None = key(REQUEST_PATH, "Path of a PATCH request.")
    delete: Text | None = key(REQUEST_PATH, "Path of a DELETE request.")
    grpc: object = key(DATA, "A gRPC call.", later="use a task with `run`")
    headers: Mapping[str, Variable] = key(
        MapOf(VARIABLE, "`headers`"), "Headers of the request; a reference reads a Secret or ConfigMap.", factory=dict
    )
    body: object = key(JSON, "The body: a mapping or list is sent as JSON.")
    expect: Expect | None = key(RecordOf(Expect, "`expect`"), "What makes the answer good.")
    timeout: Duration | None = key(DURATION, "How long to wait for the answer; 30s by default.")
    retry: Retry | None = key(RETRY, "Repeats this request only.")

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return next((name.upper() for name in METHODS if getattr(self, name) is not None), "")

    @property
    def path(self) -> Text | None:
        """The path of the request."""
        return next((getattr(self, name) for name in METHODS if getattr(self, name) is not None), None)


_ONE_METHOD = exactly_one(*METHODS)


def _check_step(step: Step, reading: Reading) -> None:
    if not step.has("grpc"):
        _ONE_METHOD.report(step, reading)


STEP = RecordOf(Step, "a call", Rule(_check_step, _ONE_METHOD.schema))


class Call(Record):
    """Requests to services: one after another, or all at once."""

    steps: tuple[Step, ...] = key(ListOf(STEP, least=1), "The requests.", required=True, default=())
    parallel: bool = key(BOOLEAN, "All at once; the outputs come from the last in the list.", default=False)


class CallShape(Shape[Call]):
    """One step, a list of steps, or {parallel, steps} (rulings C04)."""

    expected = "a call, a list of calls, or {parallel, steps}"
    inside = (STEP, RecordOf(Call, "`call`"))

    def read(self, node: Node, reading: Reading) -> Call | None:
        if isinstance(node, MappingNode) and ("steps" in node or "parallel" in node):
            return self.inside[1].read(node, reading)
        if isinstance(node, ScalarNode):
            self.refuse(node, reading)
            return None
        steps = ListOf(STEP, single=True, least=1).read(node, reading) or ()
        entries = node.entries if isinstance(node, MappingNode) else ()
        return Call(steps=steps, node=MappingNode(node.span, entries))

    def schema(self, definitions: Definitions) -> JsonSchema:
        step, call = (shape.schema(definitions) for shape in self.inside)
        long = {"anyOf": [{"required": [name]} for name in ("steps", "parallel")]}
        several = ListOf(STEP, least=1).schema(definitions)
        return {"anyOf": [step, several, {"allOf": [call, long]}]}


CALL = CallShape()
