"""Records that services and tasks share: images, variables, files, resources, placement, security."""

from __future__ import annotations

from collections.abc import Mapping

from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.expression import Text
from generator.spec.formats import (
    BOOLEAN,
    CONFIG_KEY,
    COUNT,
    DATA,
    DIGEST,
    DYNAMIC,
    FILE,
    IMAGE,
    LABEL_KEY,
    LABEL_VALUE,
    MAPPING,
    MOUNT,
    OBJECT_NAME,
    PRINTABLE,
    QUANTITY,
    REPOSITORY,
    TAG,
    TEXT,
    label_key,
    path_key,
    variable_key,
)
from generator.spec.scalars import Choice, Formatted, IntegerShape
from generator.spec.shapes import (
    Either,
    ListOf,
    MapOf,
    Reading,
    Record,
    RecordOf,
    Shape,
    exactly_one,
    head_span,
    key,
)
from generator.yamlio.nodes import MappingNode, Node, ScalarNode


class Image(Record):
    """A container image, in parts: `registry/repository:tag@digest`."""

    repository: str = key(
        REPOSITORY, "Registry and repository, as in registry.example.com/shop/web.", required=True, default=""
    )
    tag: str = key(TAG, "The tag; a fixed one, so that every pod runs the same.", default="")
    digest: str = key(DIGEST, "sha256:… of the image; wins over the tag.", default="")
    pull_policy: str = key(
        Choice("IfNotPresent", "Always", "Never"), "When the node pulls it.", name="pullPolicy", default="IfNotPresent"
    )

    @property
    def reference(self) -> str:
        """The image in one text."""
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


class _ShortImage(Shape[Image]):
    expected = "an image"

    def read(self, node: Node, reading: Reading) -> Image | None:
        text = IMAGE.read(node, reading)
        if text is None:
            return None
        name, _, digest = text.partition("@")
        head, slash, last = name.rpartition("/")
        last, _, tag = last.partition(":")
        return Image(repository=head + slash + last, tag=tag, digest=digest, node=MappingNode(node.span, ()))

    def schema(self, definitions: Definitions) -> JsonSchema:
        return IMAGE.schema(definitions)


IMAGE_SHAPE: Shape[Image] = Either(_ShortImage(), RecordOf(Image, "an image"))


class KeyReference(Record):
    """One value out of a Secret or ConfigMap of the namespace."""

    secret: str = key(OBJECT_NAME, "Name of the Secret.", default="")
    config: str = key(OBJECT_NAME, "Name of the ConfigMap.", default="")
    field: str = key(CONFIG_KEY, "The key in it.", name="key", required=True, default="")
    optional: bool = key(BOOLEAN, "Start without it when it is missing.", default=False)


REFERENCE = RecordOf(KeyReference, "a reference", exactly_one("secret", "config"), form="{secret: <name>, key: <key>}")
Variable = Text | KeyReference
VARIABLE: Shape[Variable] = Either(DYNAMIC, REFERENCE)
ENV = MapOf(VARIABLE, "`env`", variable_key)


class EnvSource(Record):
    """All keys of a Secret or ConfigMap as variables."""

    secret: str = key(OBJECT_NAME, "Name of the Secret.", default="")
    config: str = key(OBJECT_NAME, "Name of the ConfigMap.", default="")
    prefix: str = key(TEXT, "Put before each name.", default="")
    optional: bool = key(BOOLEAN, "Start without it when it is missing.", default=False)


ENV_FROM = ListOf(RecordOf(EnvSource, "an item of `envFrom`", exactly_one("secret", "config")))

_MODE = Formatted(
    "a file mode",
    lambda text: (
        ""
        if len(text) in (3, 4) and set(text) <= set("01234567")
        else f'"{text[:20]}" is not a file mode | as in "0644"'
    ),
    {"pattern": "^[0-7]{3,4}$"},
    strict=True,
)


class File(Record):
    """A file in the container: its text, a file beside the spec, or a key of a Secret or ConfigMap."""

    content: str | None = key(TEXT, "The text itself.")
    source: str = key(FILE, "A file, relative to the spec.", name="from", default="")
    secret: str = key(OBJECT_NAME, "Name of a Secret; without `key` the path is a folder with all of it.", default="")
    config: str = key(
        OBJECT_NAME, "Name of a ConfigMap; without `key` the path is a folder with all of it.", default=""
    )
    field: str = key(CONFIG_KEY, "One key of the Secret or ConfigMap.", name="key", default="")
    mode: str = key(_MODE, 'Access rights, as in "0644".', default="")


FILES = MapOf(
    RecordOf(File, "a file", exactly_one("content", "from", "secret", "config")),
    "`files`",
    path_key,
)


class Limits(Record):
    """Upper bounds of a container."""

    cpu: str = key(QUANTITY, "Processor time; beyond it the container is slowed down.", default="")
    memory: str = key(QUANTITY, "Memory; beyond it the container is killed.", default="")
    ephemeral_storage: str = key(QUANTITY, "Disk in the container.", name="ephemeralStorage", default="")


class Resources(Record):
    """What a container is given: the requests, and the memory limit, which is the same unless `limits` says more."""

    cpu: str = key(QUANTITY, "Processor time requested, as in 100m.", default="")
    memory: str = key(QUANTITY, "Memory requested, and its limit.", default="")
    ephemeral_storage: str = key(QUANTITY, "Disk requested in the container.", name="ephemeralStorage", default="")
    limits: Limits | None = key(RecordOf(Limits, "`limits`"), "Upper bounds where they differ.")


RESOURCES = RecordOf(Resources, "`resources`")


class Toleration(Record):
    """A taint that the pods tolerate."""

    taint: str = key(LABEL_KEY, "Key of the taint.", name="key", default="")
    operator: str = key(Choice("Equal", "Exists"), "How the value is compared.", default="Equal")
    value: str = key(LABEL_VALUE, "Value of the taint.", default="")
    effect: str = key(Choice("NoSchedule", "PreferNoSchedule", "NoExecute"), "Effect of the taint.", default="")


class Placement(Record):
    """Which nodes the pods may run on."""

    node_selector: Mapping[str, str] = key(
        MapOf(LABEL_VALUE, "`nodeSelector`", label_key),
        "Labels that a node must have.",
        name="nodeSelector",
        factory=dict,
    )
    tolerations: tuple[Toleration, ...] = key(
        ListOf(RecordOf(Toleration, "a toleration")), "Taints that are tolerated.", default=()
    )
    spread: str = key(Choice("node", "zone"), "Spread the pods over nodes or zones.", default="")
    priority: str = key(OBJECT_NAME, "Name of a PriorityClass.", default="")


PLACEMENT = RecordOf(Placement, "`placement`")


class Deviation(Record):
    """A setting that is laxer than the hardened default, and why."""

    value: Node | None = key(DATA, "The setting.", required=True)
    reason: str = key(TEXT, "Why it is needed; it is shown in the chart and to scanners.", required=True, default="")


class _DeviationShape(RecordOf[Deviation]):
    """A mapping that is the value itself, as of capabilities, is one mistake: it lacks the reason around it."""

    def read(self, node: Node, reading: Reading) -> Deviation | None:
        if isinstance(node, MappingNode) and node.entries and not any(entry.key in self.keys for entry in node.entries):
            message = "a deviation needs `value` and `reason`"
            reading.diagnostics.add(codes.WRONG_TYPE, message, head_span(node), hint=f"write it as {self.form}")
            return None
        return super().read(node, reading)


_DEVIATION = _DeviationShape(Deviation, "a deviation", form="{value: …, reason: why it is needed}")


class Security(Record):
    """The user, and deviations from the hardened default, each with a reason (rulings S12, L25)."""

    user: int | None = key(IntegerShape(1), "User id; needs no reason.")
    group: int | None = key(IntegerShape(1), "Group id; needs no reason.")
    read_only: Deviation | None = key(
        _DEVIATION, "Whether the image's files are read-only.", name="readOnlyRootFilesystem"
    )
    non_root: Deviation | None = key(_DEVIATION, "Whether the user must not be root.", name="runAsNonRoot")
    run_as_user: Deviation | None = key(_DEVIATION, "User id, 0 included.", name="runAsUser")
    escalation: Deviation | None = key(
        _DEVIATION, "Whether a process may gain rights.", name="allowPrivilegeEscalation"
    )
    privileged: Deviation | None = key(_DEVIATION, "Full access to the node.")
    capabilities: Deviation | None = key(_DEVIATION, "{add, drop} of Linux capabilities.")
    seccomp: Deviation | None = key(_DEVIATION, "The seccomp profile.", name="seccompProfile")

    def deviations(self) -> dict[str, Deviation]:
        """The deviations by the name of the securityContext's field.

        A privileged container may gain rights, whatever else is said: the API server refuses the contrary.
        """
        found = {
            "readOnlyRootFilesystem": self.read_only,
            "runAsNonRoot": self.non_root,
            "runAsUser": self.run_as_user,
            "allowPrivilegeEscalation": self.escalation or (self.privileged if _is_true(self.privileged) else None),
            "privileged": self.privileged,
            "capabilities": self.capabilities,
            "seccompProfile": self.seccomp,
        }
        return {name: deviation for name, deviation in found.items() if deviation is not None}


def _is_true(deviation: Deviation | None) -> bool:
    return isinstance(node := deviation and deviation.value, ScalarNode) and node.value is True


SECURITY = RecordOf(Security, "`security`")


class Account(Record):
    """The ServiceAccount: its annotations, and what it may do in the namespace."""

    annotations: Mapping[str, str] = key(
        MapOf(PRINTABLE, "`annotations`", label_key), "Annotations, for example for cloud identities.", factory=dict
    )
    rules: tuple[MappingNode, ...] = key(ListOf(MAPPING), "RBAC rules of its Role.", default=())


ACCOUNT = RecordOf(Account, "`account`")

SCRATCH = ListOf(MOUNT)
WORDS = ListOf(DYNAMIC)
ACCEPT = MapOf(TEXT, "`accept`")
NAMES = ListOf(TEXT)
COUNTS = COUNT
