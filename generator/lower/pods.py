"""Pods: hardened, with what a user of the chart may set.

Stage: lower. Input: :class:`Program` (one container) and :class:`Pod`. Output: :class:`Located` trees for the
`template` of a Deployment, StatefulSet, DaemonSet or Job, or for a bare Pod.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import field

from generator.chart.nodes import Dot, If, Include, Kind, Merge, Tree, Value, With
from generator.chart.values import JsonSchema
from generator.diagnostics import Span
from generator.kube.quantities import amount
from generator.lower import schemas
from generator.lower.context import Context, ImageValue
from generator.lower.located import Located
from generator.lower.security import container_security, pod_security
from generator.lower.values import Path
from generator.lower.volumes import Mounts
from generator.records import dataclass
from generator.spec.parts import Limits, Placement, Resources, Security, Toleration
from generator.spec.service import ContainerPort

_SPREAD = {"zone": "topology.kubernetes.io/zone", "node": "kubernetes.io/hostname"}


@dataclass(frozen=True)
class Program:
    """One container. `env`, `env_from`, `probes` and `resources` are as the container says them.

    `beside`: among the init containers it is one that goes on running beside the main ones, and ends after them.
    `spans` are the places of its parts, by their path within the container.
    """

    name: str
    image: ImageValue
    command: Sequence[Tree] = ()
    args: Sequence[Tree] = ()
    workdir: str = ""
    ports: Mapping[str, ContainerPort] = field(default_factory=dict)
    env: Sequence[Tree] = ()
    env_from: Sequence[Tree] = ()
    probes: Mapping[str, Tree] = field(default_factory=dict)
    lifecycle: Mapping[str, Tree] = field(default_factory=dict)
    resources: Tree = field(default_factory=dict)
    security: Security | None = None
    mounts: Mounts = field(default_factory=Mounts)
    extra_mounts: Value | None = None
    beside: bool = False
    spans: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """The values by which a user of the chart shapes one component's pods."""

    annotations: Value
    labels: Value
    node_selector: Value
    tolerations: Value
    affinity: Value
    priority: Value
    volumes: Value
    mounts: Value
    spread: Value | None = None


@dataclass(frozen=True)
class Pod:
    """A pod. `component` labels it and, unless `account` is given, names its ServiceAccount.

    `token` mounts the account's token, for pods that call the API. `spread_over` is a node label over whose values
    the pods spread, or a value that says one or nothing. `restart` is the restart policy (empty: Always).
    """

    component: str
    containers: Sequence[Program]
    init: Sequence[Program] = ()
    account: str | Include | None = None
    settings: Settings | None = None
    security: Security | None = None
    token: bool = False
    owns_volumes: bool = False
    spread_over: str | Value = ""
    grace: int = 0
    restart: str = ""
    labels: Mapping[str, Tree] = field(default_factory=dict)
    annotations: Mapping[str, Tree] = field(default_factory=dict)


def declare_settings(
    context: Context, scope: Path, section: str, placement: Placement | None, spread: bool = False
) -> Settings:
    """Declare the values of one component's pods; `spread` for components with replicas."""
    placement = placement or Placement()
    span = placement.node.span if placement.node.entries else None
    tolerations = [_toleration(each) for each in placement.tolerations]

    def leaf(key: str, doc: str, schema: JsonSchema, default: object) -> Value:
        return context.values.leaf((*scope, key), doc, schema, default, section, span)

    return Settings(
        annotations=leaf("podAnnotations", "Annotations of the pods.", schemas.TEXT_MAP, {}),
        labels=leaf("podLabels", "More labels of the pods.", schemas.LABELS, {}),
        node_selector=leaf("nodeSelector", "Labels a node must have.", schemas.TEXT_MAP, dict(placement.node_selector)),
        tolerations=leaf("tolerations", "Taints that the pods tolerate.", schemas.TOLERATIONS, tolerations),
        affinity=leaf("affinity", "Affinity of the pods, instead of the chart's own.", schemas.AFFINITY, {}),
        spread=leaf(
            "topologySpreadConstraints", "How the pods spread, instead of the chart's own.", schemas.OBJECTS, []
        )
        if spread
        else None,
        priority=leaf("priorityClassName", "PriorityClass of the pods.", schemas.TEXT, placement.priority),
        volumes=leaf("extraVolumes", "More volumes of the pods.", schemas.OBJECTS, []),
        mounts=leaf("extraVolumeMounts", "More mounts of the main container.", schemas.OBJECTS, []),
    )


def _toleration(each: Toleration) -> dict[str, str]:
    fields = {"key": each.taint, "operator": each.operator, "value": each.value, "effect": each.effect}
    return {key: value for key, value in fields.items() if value}


def declare_resources(
    context: Context, scope: Path, section: str, resources: Resources | None, span: Span | None = None
) -> Value:
    """Declare a container's `resources` value."""
    doc = "What the container is given: requests, and limits."
    return context.values.leaf((*scope, "resources"), doc, schemas.RESOURCES, resource_values(resources), section, span)


def resource_values(resources: Resources | None) -> dict[str, dict[str, str]]:
    """Requests and limits: memory is limited to what it requests unless more is said, the processor not at all."""
    asked, limits = resources or Resources(), (resources and resources.limits) or Limits()
    memory, disk = asked.memory or "128Mi", asked.ephemeral_storage or "64Mi"
    bounds = {
        "cpu": limits.cpu,
        "memory": limits.memory or memory,
        "ephemeral-storage": limits.ephemeral_storage or _larger(disk, "1Gi"),
    }
    return {
        "requests": {"cpu": asked.cpu or "100m", "memory": memory, "ephemeral-storage": disk},
        "limits": {name: bound for name, bound in bounds.items() if bound},
    }


def _larger(one: str, other: str) -> str:
    return one if (amount(one) or 0) > (amount(other) or 0) else other


def pod_template(context: Context, pod: Pod) -> Located:
    """Metadata and spec of the pod, as a workload's `template`."""
    labels: list[Tree] = [context.selector(pod.component), *([pod.labels] if pod.labels else [])]
    annotations: list[Tree] = [pod.annotations] if pod.annotations else []
    if pod.settings:
        labels.append(With(pod.settings.labels))
        annotations.append(With(pod.settings.annotations))
    metadata: dict[str, Tree] = {"labels": Merge(tuple(labels)) if len(labels) > 1 else labels[0]}
    if annotations:
        metadata["annotations"] = Merge(tuple(annotations)) if pod.annotations else annotations[0]
    spec = pod_spec(context, pod)
    return Located({"metadata": metadata, "spec": spec.tree}, spec.under("spec"))


def pod_spec(context: Context, pod: Pod) -> Located:
    """The pod's spec."""
    init = [_container(program) for program in pod.init]
    containers = [_container(program) for program in pod.containers]
    pull_secrets = Value(("global", "imagePullSecrets"), Kind.TREE)
    tree: dict[str, Tree] = {
        "serviceAccountName": context.name(pod.component) if pod.account is None else pod.account,
        "automountServiceAccountToken": pod.token,
        "enableServiceLinks": False,
        "imagePullSecrets": With(pull_secrets),
        "securityContext": pod_security(pod.security, pod.owns_volumes or _has_closed_files(pod)),
    }
    if pod.restart:
        tree["restartPolicy"] = pod.restart
    if pod.grace:
        tree["terminationGracePeriodSeconds"] = pod.grace
    if init:
        tree["initContainers"] = [located.tree for located in init]
    tree["containers"] = [located.tree for located in containers]
    tree |= _volumes(pod) | _placement(context, pod)
    spans: dict[str, Span] = {}
    for key, group in (("initContainers", init), ("containers", containers)):
        for index, located in enumerate(group):
            spans |= located.under(f"{key}[{index}]")
    return Located(tree, spans)


def _mounted(pod: Pod) -> dict[str, Mapping[str, Tree]]:
    volumes: dict[str, Mapping[str, Tree]] = {}
    for program in (*pod.init, *pod.containers):
        volumes |= program.mounts.volumes
    return volumes


def _has_closed_files(pod: Pod) -> bool:
    """Whether files are mounted that only their owner, root, or its group may read."""
    sources = (volume.get(kind) for volume in _mounted(pod).values() for kind in ("secret", "configMap"))
    modes = (source.get("defaultMode") for source in sources if isinstance(source, Mapping))
    return any(isinstance(mode, int) and not mode & stat.S_IROTH for mode in modes)


def _volumes(pod: Pod) -> dict[str, Tree]:
    volumes = _mounted(pod)
    items: list[Tree] = list(volumes.values())
    if pod.settings:
        items.append(With(pod.settings.volumes))
    return {"volumes": items} if volumes else {"volumes": With(pod.settings.volumes)} if pod.settings else {}


def _placement(context: Context, pod: Pod) -> dict[str, Tree]:
    settings = pod.settings
    if settings is None:
        return {}
    tree: dict[str, Tree] = {
        "priorityClassName": With(settings.priority, Dot(Kind.TEXT)),
        "nodeSelector": With(settings.node_selector),
        "tolerations": With(settings.tolerations),
        "affinity": With(settings.affinity, otherwise=_apart(context, pod) if settings.spread else None),
    }
    if settings.spread:
        tree["topologySpreadConstraints"] = With(settings.spread, otherwise=_spread(context, pod))
    elif isinstance(pod.spread_over, Value):
        tree["topologySpreadConstraints"] = If(pod.spread_over, _spread(context, pod))
    elif pod.spread_over:
        tree["topologySpreadConstraints"] = _spread(context, pod)
    return tree


def spread_over(
    context: Context, scope: Path, section: str, placements: Sequence[Placement | None], otherwise: str
) -> str | Value:
    """The node label over whose values pods spread, `otherwise` where nothing is said; a value where that differs.

    `placements` are those of the system itself and of each environment, in the order of `Context.variants`.
    """
    labels = [_SPREAD.get(each.spread if each else "", otherwise) for each in placements]
    if len(set(labels)) == 1:
        return labels[0]
    doc = "Label of the nodes over whose values the pods spread."
    return context.values.leaf((*scope, "spreadOver"), doc, schemas.TEXT, labels[context.current], section)


def _apart(context: Context, pod: Pod) -> Tree:
    """Replicas rather not on one node."""
    term: dict[str, Tree] = {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {"matchLabels": context.selector(pod.component)},
    }
    preferred: list[Tree] = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def _spread(context: Context, pod: Pod) -> Tree:
    constraint: dict[str, Tree] = {
        "maxSkew": 1,
        "topologyKey": pod.spread_over,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": context.selector(pod.component)},
    }
    return [constraint]


def _container(program: Program) -> Located:
    optional: tuple[tuple[str, Tree], ...] = (
        ("command", list(program.command)),
        ("args", list(program.args)),
        ("workingDir", program.workdir),
        ("ports", [_container_port(name, port) for name, port in sorted(program.ports.items())]),
        ("envFrom", list(program.env_from)),
        ("env", _list(program.env)),
        *program.probes.items(),
        ("lifecycle", program.lifecycle),
        ("resources", program.resources),
    )
    tree: dict[str, Tree] = {
        "name": program.name,
        "image": program.image.reference,
        "imagePullPolicy": program.image.pull_policy,
        **({"restartPolicy": "Always"} if program.beside else {}),
        **{key: value for key, value in optional if value},
        "securityContext": container_security(program.security),
    }
    mounts: list[Tree] = list(program.mounts.mounts)
    if program.extra_mounts:
        mounts.append(With(program.extra_mounts))
    if mounts:
        tree["volumeMounts"] = _list(mounts)
    return Located(tree, program.spans)


def _container_port(name: str, port: ContainerPort) -> Tree:
    return {"name": name, "containerPort": port.container, "protocol": port.protocol}


def _list(items: Sequence[Tree]) -> Tree:
    """A list; one whose only item is optional is left out with it."""
    if len(items) == 1 and isinstance(items[0], If):
        return If(items[0].condition, items[0].then)
    if len(items) == 1 and isinstance(items[0], With):
        return With(items[0].value, items[0].body)
    return list(items)
