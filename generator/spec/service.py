"""What a service can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from generator.kube.durations import Duration
from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.expose import EXPOSE, Expose
from generator.spec.expression import Text
from generator.spec.formats import (
    BOOLEAN,
    COUNT,
    DATA,
    DURATION,
    DURATION_OR_ZERO,
    LABEL_VALUE,
    METRIC_NAME,
    MOUNT,
    NAME,
    OBJECT_NAME,
    PATH,
    PORT,
    POSITIVE,
    QUANTITY,
    REFERENCE_NAME,
    TEXT,
    URL_PATH,
    label_key,
    name_key,
    port_key,
)
from generator.spec.monitoring import ALERTS, SLO, Alert, Slo
from generator.spec.objects import PATCHES
from generator.spec.parts import (
    ACCEPT,
    ACCOUNT,
    ENV,
    ENV_FROM,
    FILES,
    IMAGE_SHAPE,
    NAMES,
    PLACEMENT,
    RESOURCES,
    SCRATCH,
    SECURITY,
    WORDS,
    Account,
    EnvSource,
    File,
    Image,
    Placement,
    Resources,
    Security,
    Variable,
)
from generator.spec.scalars import Choice, Formatted, IntegerShape, no_expression
from generator.spec.shapes import Either, ListOf, MapOf, Reading, Record, RecordOf, Shape, exactly_one, key
from generator.yamlio.nodes import MappingNode, Node


class ContainerPort(Record):
    """A port of a container that no Service leads to."""

    port: int = key(PORT, "The number others connect to.", required=True, default=0)
    target: int | None = key(PORT, "The number the container listens on; the same by default.")
    protocol: str = key(Choice("TCP", "UDP", "SCTP"), "The transport protocol.", default="TCP")
    app_protocol: str = ""

    @property
    def container(self) -> int:
        """The number the container listens on."""
        return self.target or self.port


class Port(ContainerPort):
    """A port: what others connect to, and where the container listens when that differs."""

    app_protocol: str = key(
        TEXT, "What is spoken on it, as in http, https or kubernetes.io/h2c.", name="appProtocol", default=""
    )


P = TypeVar("P", bound=ContainerPort)


class _ShortPort(Shape[P]):
    expected = PORT.expected

    def __init__(self, record: type[P]) -> None:
        self.record = record

    def read(self, node: Node, reading: Reading) -> P | None:
        number = PORT.read(node, reading)
        return None if number is None else self.record(port=number, node=MappingNode(node.span, ()))

    def schema(self, definitions: Definitions) -> JsonSchema:
        return PORT.schema(definitions)


def _ports(record: type[P]) -> Shape[Mapping[str, P]]:
    return MapOf(Either(_ShortPort(record), RecordOf(record, "a port")), "`ports`", port_key)


PORTS = _ports(Port)


class Probe(Record):
    """A question that the kubelet asks the container again and again."""

    get: str = key(URL_PATH, "Path that answers 200 to 399.", default="")
    tcp: bool = key(BOOLEAN, "The port takes connections.", default=False)
    grpc: str | None = key(TEXT, "Name of the service in the gRPC health protocol.")
    exec: tuple[str, ...] = key(ListOf(TEXT, least=1), "Command that exits 0.", default=())
    port: str = key(TEXT, "Name or number of the port; the main port by default.", default="")
    period: Duration | None = key(DURATION, "How often.")
    timeout: Duration | None = key(DURATION, "How long to wait for the answer.")
    failures: int | None = key(POSITIVE, "How many failures in a row count.")
    delay: Duration | None = key(DURATION_OR_ZERO, "How long after the start the first question comes.")


_GET = "GET /"


class _ShortProbe(Shape[Probe]):
    expected = '"GET /path"'

    def read(self, node: Node, reading: Reading) -> Probe | None:
        text = TEXT.read(node, reading)
        if text is None or not no_expression(text, node.span, reading):
            return None
        if not text.startswith(_GET):
            hint = "write GET /path, or the long form with get, tcp, grpc or exec"
            reading.diagnostics.add(codes.BAD_FORMAT, f'"{text[:60]}" is not a probe', node.span, hint=hint)
            return None
        return Probe(get=text.removeprefix("GET "), node=MappingNode(node.span, ()))

    def schema(self, definitions: Definitions) -> JsonSchema:
        short = TEXT.schema(definitions)
        return {
            **short,
            "type": "string",
            "allOf": [{"pattern": f"^{_GET}"}, *URL_PATH.schema(definitions)["allOf"][1:]],
        }


PROBE: Shape[Probe] = Either(_ShortProbe(), RecordOf(Probe, "a probe", exactly_one("get", "tcp", "grpc", "exec")))


class Health(Record):
    """When a container has started, may get traffic, must be restarted."""

    startup: Probe | None = key(PROBE, "It has started; until then the others wait.")
    ready: Probe | None = key(PROBE, "It may get traffic.")
    live: Probe | None = key(PROBE, "It works; when not, it is restarted.")


class Metric(Record):
    """A metric of your own, to be scaled by: there are as many pods as each can have its share of it."""

    name: str = key(METRIC_NAME, "Its name in the metrics API.", required=True, default="")
    target: str = key(QUANTITY, "How much of it each pod should have, as in 100 or 500m.", required=True, default="")
    of: str = key(
        Choice("pods", "service", "ingress", "external"),
        "Whose it is: each pod's own, the service's Service's or Ingress's, or something outside the cluster's.",
        default="pods",
    )
    labels: Mapping[str, str] = key(
        MapOf(LABEL_VALUE, "`labels`", label_key), "Labels that choose among metrics of one name.", factory=dict
    )


class Autoscale(Record):
    """How many pods there are, by load."""

    min: int | None = key(POSITIVE, "The fewest pods; `replicas` by default.")
    max: int = key(POSITIVE, "The most pods.", required=True, default=1)
    cpu: int | None = key(IntegerShape(1, 1000), "Percent of the requested processor time to aim at.")
    memory: int | None = key(IntegerShape(1, 1000), "Percent of the requested memory to aim at.")
    queue: object = key(DATA, "Length of a queue, through KEDA.", later="scale by cpu or memory")
    metric: tuple[Metric, ...] = key(
        ListOf(RecordOf(Metric, "a metric"), single=True), "Metrics of your own, one or a list.", default=()
    )


class Volume(Record):
    """A persistent volume of each pod."""

    path: str = key(MOUNT, "Where it is mounted.", required=True, default="")
    size: str = key(QUANTITY, "How large, as in 5Gi.", required=True, default="")
    storage_class: str = key(OBJECT_NAME, "StorageClass; the cluster's default otherwise.", name="class", default="")
    access: str = key(
        Choice("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"),
        "Access mode.",
        default="ReadWriteOnce",
    )


VOLUME = RecordOf(Volume, "a volume")


class Metrics(Record):
    """Where Prometheus reads the service's metrics."""

    port: str = key(TEXT, "Name of the port; the main port by default.", default="")
    path: str = key(URL_PATH, "Path of the metrics.", default="/metrics")
    interval: Duration | None = key(DURATION, "How often; Prometheus' default otherwise.")


def _amount_mistake(text: str) -> str:
    digits = text.removesuffix("%")
    return "" if digits.isascii() and digits.isdigit() else f'"{text[:20]}" is no number or percentage'


_PERCENT_OR_COUNT = Formatted("a number or a percentage", _amount_mistake, {"pattern": "^[0-9]+%?$"})


class Rollout(Record):
    """How a new version replaces the old one."""

    strategy: str = key(Choice("rolling", "recreate"), "A few pods at a time, or all at once.", default="rolling")
    max_surge: str = key(_PERCENT_OR_COUNT, "How many pods may be there in addition.", default="")
    max_unavailable: str = key(_PERCENT_OR_COUNT, "How many pods may be missing.", default="")
    min_ready: Duration | None = key(DURATION_OR_ZERO, "How long a new pod must be ready.")
    grace: Duration | None = key(DURATION, "How long a pod has to end its work.")
    history: int | None = key(COUNT, "Old versions kept for a rollback.")


class Disruption(Record):
    """How many pods may be missing while nodes are drained."""

    min_available: str = key(_PERCENT_OR_COUNT, "The fewest pods that stay.", default="")
    max_unavailable: str = key(_PERCENT_OR_COUNT, "The most pods that go.", default="")


class Container(Record):
    """An init container."""

    name: str = key(NAME, "Its name.", required=True, default="")
    image: Image | None = key(IMAGE_SHAPE, "Its image.", required=True)
    command: tuple[Text, ...] = key(WORDS, "Its command instead of the image's.", default=())
    args: tuple[Text, ...] = key(WORDS, "Its arguments.", default=())
    env: Mapping[str, Variable] = key(ENV, "Its variables.", factory=dict)
    env_from: tuple[EnvSource, ...] = key(ENV_FROM, "Secrets and ConfigMaps as variables.", name="envFrom", default=())
    files: Mapping[str, File] = key(FILES, "Its files.", factory=dict)
    ports: Mapping[str, ContainerPort] = key(_ports(ContainerPort), "Its ports.", factory=dict)
    resources: Resources | None = key(RESOURCES, "What it is given.")
    health: Health | None = None
    """Only what goes on running can be asked."""


class Sidecar(Container):
    """A container beside the service's own."""

    ports: Mapping[str, Port] = key(PORTS, "Its ports.", factory=dict)
    health: Health | None = key(RecordOf(Health, "`health`"), "Its probes.")


CONTAINER = RecordOf(Container, "a container")
SIDECAR = RecordOf(Sidecar, "a sidecar")


class Service(Record):
    """A long-running component of the system."""

    image: Image | None = key(IMAGE_SHAPE, "The container image.", required=True)
    kind: str = key(
        Choice("deployment", "statefulset", "daemonset", later=("function",)),
        "What runs it; `statefulset` when it has storage, else `deployment`.",
        default="",
    )
    command: tuple[Text, ...] = key(WORDS, "The command instead of the image's.", default=())
    args: tuple[Text, ...] = key(WORDS, "The arguments.", default=())
    workdir: str = key(PATH, "The working directory.", default="")
    ports: Mapping[str, Port] = key(
        PORTS, "Ports by name; the main port is the only one, else `http`, else `https`.", factory=dict
    )
    env: Mapping[str, Variable] = key(ENV, "Environment variables.", factory=dict)
    env_from: tuple[EnvSource, ...] = key(ENV_FROM, "Secrets and ConfigMaps as variables.", name="envFrom", default=())
    files: Mapping[str, File] = key(FILES, "Files in the container, by path.", factory=dict)
    health: Health | None = key(RecordOf(Health, "`health`"), "When it has started, is ready, is alive.")
    resources: Resources | None = key(RESOURCES, "What each pod is given.")
    replicas: int | None = key(COUNT, "How many pods; 1 by default.")
    autoscale: Autoscale | None = key(RecordOf(Autoscale, "`autoscale`"), "How many pods, by load.")
    storage: Mapping[str, Volume] = key(
        MapOf(VOLUME, "`storage`", name_key),
        "Persistent volumes by name; pods of a Deployment share them, others have one each.",
        factory=dict,
    )
    scratch: tuple[str, ...] = key(SCRATCH, "Paths that are writable, and empty after a restart.", default=())
    expose: tuple[Expose, ...] = key(
        ListOf(EXPOSE, single=True),
        "How it is reached from outside.",
        default=(),
    )
    hostname: str = key(NAME, "A fixed name of the Service; then only one release fits a namespace.", default="")
    calls: tuple[str, ...] = key(NAMES, "What it calls: a service, service.port, or host:port outside.", default=())
    metrics: Metrics | None = key(RecordOf(Metrics, "`metrics`"), "Where Prometheus reads its metrics.")
    slo: Slo | None = key(SLO, "Service level objectives: recording rules, alerts and a dashboard.")
    alerts: Mapping[str, Alert] = key(ALERTS, "Alerts of your own, by name.", factory=dict)
    traffic: object = key(
        DATA, "Time-outs, retries and splits through Istio.", later="set them in the callers until then"
    )
    security: Security | None = key(SECURITY, "The user, and deviations from the hardened default.")
    account: Account | None = key(ACCOUNT, "Its ServiceAccount.")
    placement: Placement | None = key(PLACEMENT, "Which nodes it may run on.")
    rollout: Rollout | None = key(RecordOf(Rollout, "`rollout`"), "How a new version replaces the old one.")
    disruption: Disruption | None = key(
        RecordOf(Disruption, "`disruption`"), "How many pods may be missing during drains."
    )
    init: tuple[Container, ...] = key(
        ListOf(CONTAINER), "Containers that run to their end first, in this order.", default=()
    )
    sidecars: tuple[Sidecar, ...] = key(
        ListOf(SIDECAR),
        "Containers that start before it, after those of `init`, and run until it has ended.",
        default=(),
    )
    depends_on: tuple[str, ...] = key(NAMES, "Services that must be ready before it starts.", default=())
    extends: str = key(
        REFERENCE_NAME, "A template whose keys it takes over: its name, or alias.name of an import.", default=""
    )
    patches: Mapping[str, MappingNode] = key(
        PATCHES, "Strategic merge patches on its objects, by kind: `Deployment`, or `Service.headless`.", factory=dict
    )
    accept: Mapping[str, str] = key(ACCEPT, "Findings that are accepted here, each with a reason.", factory=dict)

    @property
    def containers(self) -> tuple[Service | Container, ...]:
        """The main container, then those of init and sidecars."""
        return (self, *self.init, *self.sidecars)


SERVICE = RecordOf(Service, "a service")
