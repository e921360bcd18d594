"""What keeps a workload available, as several objects say it together: replicas, autoscalers, budgets, Services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.kube.workloads import value_at
from generator.records import dataclass
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import workload_codes as codes
from generator.validate.policy.pods import spreads
from generator.validate.policy.workload import Findings, Workload, WorldRule
from generator.validate.world import Item, Pods, World

_SETS: Final = ("apps/Deployment", "apps/StatefulSet")


@dataclass(frozen=True)
class _Scale:
    """How many pods a workload has at least; `scaler` is the autoscaler that decides it."""

    least: int
    scaler: Item | None = None


def scale(world: World) -> Mapping[int, _Scale]:
    """The scale of each Deployment and StatefulSet, by the identity of its item."""
    scalers: dict[tuple[str, str], Item] = {}
    for item in world.of_kind("autoscaling/HorizontalPodAutoscaler"):
        target = value_at(item.data, ("spec", "scaleTargetRef")) or {}
        scalers[str(target.get("kind")), str(target.get("name"))] = item
    found: dict[int, _Scale] = {}
    for item in world.of_kind(*_SETS):
        scaler = scalers.get((str(item.data.get("kind")), item.name))
        least = value_at((scaler or item).data, ("spec", "minReplicas" if scaler else "replicas"))
        found[id(item)] = _Scale(1 if least is None else int(least), scaler)
    return found


def replicas(world: World) -> Findings:
    """More than one pod, on more than one node, kept by a budget; the number is said in one place."""
    scales = scale(world)
    kept = {id(pods) for item in world.of_kind("policy/PodDisruptionBudget") for pods in _budgeted(item, world)}
    for pods in world.pods:
        item = pods.owner
        its = scales.get(id(item))
        if its is None:
            continue
        if its.scaler and value_at(item.data, ("spec", "replicas")) is not None:
            message = f"{item} says its number of replicas, which {its.scaler} decides"
            yield item.manifest, Problem(codes.REPLICAS_AND_HPA, message, ("spec", "replicas"), "remove replicas")
        if its.least > 1:
            yield from _several(pods, its, is_kept=id(pods) in kept)
        elif its.least == 1 and not its.scaler and item.kind == "apps/Deployment" and not _recreates(item):
            yield item.manifest, Problem(codes.ONE_REPLICA, f"{item} has one pod", ("spec", "replicas"), "replicas: 2")


def _several(pods: Pods, its: _Scale, is_kept: bool) -> Findings:
    item = pods.owner
    if not is_kept:
        message = f"no PodDisruptionBudget keeps some of the {its.least} pods of {item}"
        yield item.manifest, Problem(codes.NO_BUDGET, message, ("metadata", "name"))
    workload = Workload(str(item.data.get("kind")), item.data, pods.template, pods.path)
    if not any(True for _ in spreads(workload)):
        message = f"all {its.least} pods may stand on one node"
        hint = "write topologySpreadConstraints, or a podAntiAffinity"
        yield item.manifest, Problem(codes.NOT_SPREAD, message, pods.spec_path, hint)


def _recreates(item: Item) -> bool:
    return bool(value_at(item.data, ("spec", "strategy", "type")) == "Recreate")


def _budgeted(item: Item, world: World) -> tuple[Pods, ...]:
    selector = value_at(item.data, ("spec", "selector"))
    return world.selected(selector, item.namespace) if selector else ()


def budgets(world: World) -> Findings:
    """A budget leaves at least one pod to be moved."""
    scales = scale(world)
    for item in world.of_kind("policy/PodDisruptionBudget"):
        spec: Data = item.data.get("spec") or {}
        if not spec.get("unhealthyPodEvictionPolicy"):
            message = f"{item} says nothing of pods that are not ready"
            hint = "unhealthyPodEvictionPolicy: AlwaysAllow"
            yield item.manifest, Problem(codes.UNHEALTHY_PODS, message, ("spec",), hint)
        if str(spec.get("maxUnavailable")) in ("0", "0%"):
            message = f"{item} lets none of the pods be unavailable"
            yield item.manifest, Problem(codes.BUDGET_BLOCKS, message, ("spec", "maxUnavailable"))
        least: Any = spec.get("minAvailable")
        if least == "100%":
            message = f"{item} wants all pods to be available"
            yield item.manifest, Problem(codes.BUDGET_BLOCKS, message, ("spec", "minAvailable"))
        elif isinstance(least, int) and least > 0:
            owners = [scales[id(pods.owner)] for pods in _budgeted(item, world) if id(pods.owner) in scales]
            there = sum(each.least for each in owners)
            if owners and least >= there:
                message = f"{item} wants {least} pods to be available, of which there are {there}"
                hint = "one less, or maxUnavailable: 1"
                yield item.manifest, Problem(codes.BUDGET_BLOCKS, message, ("spec", "minAvailable"), hint)


def services(world: World) -> Findings:
    """What stands behind a Service is updated pod by pod, unless only one may have a volume."""
    seen: set[int] = set()
    for service in world.of_kind("Service"):
        selector = value_at(service.data, ("spec", "selector"))
        for pods in world.selected({"matchLabels": selector}, service.namespace) if selector else ():
            item = pods.owner
            claims = [volume for volume in pods.spec.get("volumes") or () if volume.get("persistentVolumeClaim")]
            if id(item) not in seen and item.kind == "apps/Deployment" and _recreates(item) and not claims:
                seen.add(id(item))
                message = f"at each update of {item} there is a while without any pod behind {service}"
                yield item.manifest, Problem(codes.NOT_ROLLING, message, ("spec", "strategy", "type"))


def stateful_sets(world: World) -> Findings:
    """A StatefulSet's Service is headless."""
    for item in world.of_kind("apps/StatefulSet"):
        name = str(value_at(item.data, ("spec", "serviceName")) or "")
        service = world.find("Service", name, item.namespace) if name else None
        if not name:
            yield item.manifest, Problem(codes.NOT_HEADLESS, f"{item} names no Service", ("spec", "serviceName"))
        elif service and value_at(service.data, ("spec", "clusterIP")) != "None":
            message = f"{service} of {item} is not headless"
            path = ("spec", "serviceName")
            yield item.manifest, Problem(codes.NOT_HEADLESS, message, path, "clusterIP: None")


def autoscalers(data: Data) -> Problems:
    """An autoscaler can scale, and never down to a single pod."""
    spec = data.get("spec") or {}
    least, most = spec.get("minReplicas", 1), spec.get("maxReplicas")
    if isinstance(least, int) and least < 2:
        yield Problem(
            codes.HPA_MINIMUM, f"the autoscaler goes down to {least}", ("spec", "minReplicas"), "minReplicas: 2"
        )
    if least == most:
        message = f"the smallest and the largest number are both {most}"
        yield Problem(codes.HPA_RANGE, message, ("spec", "maxReplicas"))


RULES: Final[tuple[WorldRule | ObjectRule, ...]] = (
    *map(WorldRule, (replicas, budgets, services, stateful_sets)),
    ObjectRule(autoscalers, ("autoscaling/HorizontalPodAutoscaler",)),
)
