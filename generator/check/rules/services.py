"""Services whose keys contradict each other (rulings L13, L14, L18, L20)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Note, Span
from generator.resolve.model import Service
from generator.spec.service import Metric, Port
from generator.spec.shapes import Record

_ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


def _most_pods(service: Service) -> int:
    spec = service.spec
    return spec.autoscale.max if spec.autoscale else 1 if spec.replicas is None else spec.replicas


def _fewest_pods(service: Service) -> int:
    """`replicas` is the default of autoscale.min (rulings L13)."""
    spec = service.spec
    if spec.autoscale and spec.autoscale.min is not None:
        return spec.autoscale.min
    return 1 if spec.replicas is None else spec.replicas


def kinds_contradicted(subject: Subject) -> Iterator[Finding]:
    """Keys that a DaemonSet has no use for, and pods of a Deployment that would fight over a volume."""
    for service in subject.system.services.values():
        spec, owner = service.spec, ("services", service.name)
        if service.kind == "daemonset":
            own = subject.system.spec.services[service.name]  # what `defaults` says of others has no effect here
            for key in ("replicas", "autoscale", "disruption"):
                if own.has(key):
                    message = f"`{key}` has no meaning for a daemonset, which has one pod on each node"
                    yield Finding(codes.KIND_CONTRADICTION, message, own.key_span(key), "remove it", (), owner)
        if service.kind == "deployment" and _most_pods(service) > 1:
            for name, volume in spec.storage.items():
                if volume.access in _ONE_NODE:
                    message = f"volume `{name}` is for one node, but there may be {_most_pods(service)} pods"
                    hint = "remove `kind`, so that each pod has a volume of its own, or say access: ReadWriteMany"
                    yield Finding(codes.KIND_CONTRADICTION, message, spec.span("storage", name), hint, (), owner)


def volumes_not_shared(subject: Subject) -> Iterator[Finding]:
    """Volumes that many nodes may mount, and of which each pod gets its own because no kind was written."""
    for service in subject.system.services.values():
        spec = service.spec
        for name, volume in spec.storage.items():
            if volume.access not in _ONE_NODE and not spec.kind and _most_pods(service) > 1:
                message = f"each pod has a volume `{name}` of its own, although many could share one"
                hint = "say kind: deployment to share it, or kind: statefulset if it is meant so"
                owner = ("services", service.name)
                yield Finding(codes.NOT_SHARED, message, spec.span("storage", name, "access"), hint, (), owner)


def autoscalers_that_cannot_work(subject: Subject) -> Iterator[Finding]:
    """A minimum above the maximum, and nothing to scale by."""
    for service in subject.system.services.values():
        autoscale, owner = service.spec.autoscale, ("services", service.name)
        if autoscale is None or service.kind == "daemonset":
            continue
        fewest = _fewest_pods(service)
        if fewest > autoscale.max:
            source = "`min`" if autoscale.min is not None else "`replicas`, the default of `min`,"
            message = f"{source} is {fewest}, above the `max` of {autoscale.max}"
            hint = "raise `max`, or lower the other"
            yield Finding(codes.SCALE_RANGE, message, autoscale.span("max"), hint, (), owner)
        if autoscale.cpu is None and autoscale.memory is None and not autoscale.metric:
            message, span = "there is nothing to scale by", service.spec.key_span("autoscale")
            yield Finding(codes.SCALE_BY_NOTHING, message, span, "add cpu: 70, memory: 80, or a metric", (), owner)
        yield from _metrics_that_nothing_has(service, autoscale.metric, owner)


def _metrics_that_nothing_has(
    service: Service, metrics: tuple[Metric, ...], owner: tuple[str, ...]
) -> Iterator[Finding]:
    """Metrics of an object that the service lacks, and two that would have one key in values.yaml."""
    first: dict[str, Metric] = {}
    lacking = {
        "service": "" if service.spec.ports else "ports",
        "ingress": "" if any(way.via == "ingress" for way in service.spec.expose) else "expose",
    }
    for metric in metrics:
        key = re.sub("[^A-Za-z0-9_]", "_", metric.name)
        if lacking.get(metric.of):
            message = f"the service has no {metric.of.capitalize()} whose metric this could be"
            hint = f"add `{lacking[metric.of]}`, or say of: pods"
            yield Finding(codes.METRIC_OF_NOTHING, message, metric.span("of"), hint, (), owner)
        if key in first:
            message = f"metrics `{first[key].name}` and `{metric.name}` both become the key `{key}` of values.yaml"
            notes = (Note("the first one is here", first[key].node.span),)
            yield Finding(codes.KEYS_MEET, message, metric.span("name"), "remove one of them", notes, owner)
        first.setdefault(key, metric)


def ports_of_one_number(subject: Subject) -> Iterator[Finding]:
    """Two ports of a Service, or listeners of two containers of a pod, with one number and protocol."""
    for service in subject.system.services.values():
        owner = ("services", service.name)
        spec = service.spec
        numbers = ((name, port, port.port) for name, port in spec.ports.items())
        yield from _ports_twice(numbers, spec, {}, owner)
        listening: dict[tuple[int, str], tuple[str, Span]] = {}
        for name, port in spec.ports.items():
            listening[port.container, port.protocol] = (name, spec.span("ports", name))
        for sidecar in spec.sidecars:
            targets = ((name, port, port.container) for name, port in sidecar.ports.items())
            yield from _ports_twice(targets, sidecar, listening, owner)


def _ports_twice(
    ports: Iterator[tuple[str, Port, int]],
    record: Record,
    first: dict[tuple[int, str], tuple[str, Span]],
    owner: tuple[str, ...],
) -> Iterator[Finding]:
    for name, port, number in ports:
        key, span = (number, port.protocol), record.span("ports", name)
        if key in first:
            other, where = first[key]
            message = f"ports `{other}` and `{name}` both have the number {number}"
            notes = (Note(f"`{other}` has it here", where),)
            yield Finding(codes.PORT_TWICE, message, span, "give one of them another number", notes, owner)
        first.setdefault(key, (name, span))


def containers_of_one_name(subject: Subject) -> Iterator[Finding]:
    """Two containers of a pod with one name; the main one has the service's."""
    for service in subject.system.services.values():
        first: dict[str, Span] = {service.name: service.span}
        for container in (*service.spec.init, *service.spec.sidecars):
            span = container.span("name")
            if container.name in first:
                message = f"there is a container `{container.name}` already"
                notes = (Note("the other one is here", first[container.name]),)
                hint = "give it another name"
                yield Finding(codes.CONTAINER_TWICE, message, span, hint, notes, ("services", service.name))
            first.setdefault(container.name, span)


def rollouts_that_cannot_begin(subject: Subject) -> Iterator[Finding]:
    """Neither a pod more nor a pod less."""
    for service in subject.system.services.values():
        rollout = service.spec.rollout
        amounts = (rollout.max_surge, rollout.max_unavailable) if rollout else ()
        if rollout and amounts and all(amount and not amount.rstrip("%").strip("0") for amount in amounts):
            message = "neither a pod more nor a pod less is allowed, so a new version could not start"
            span = rollout.span("max_unavailable")
            hint = "raise one of `max_surge` and `max_unavailable`"
            yield Finding(codes.STUCK_ROLLOUT, message, span, hint, (), ("services", service.name))


def disruptions_that_cannot_work(subject: Subject) -> Iterator[Finding]:
    """Both bounds at once, or all pods to stay."""
    for service in subject.system.services.values():
        disruption, owner = service.spec.disruption, ("services", service.name)
        if disruption is None or service.kind == "daemonset":
            continue
        if disruption.min_available and disruption.max_unavailable:
            message = "`min_available` and `max_unavailable` exclude each other"
            span = disruption.key_span("max_unavailable")
            yield Finding(codes.BAD_DISRUPTION, message, span, "remove one of them", (), owner)
        elif _keeps_all(disruption.min_available, disruption.max_unavailable, _fewest_pods(service)):
            message = f"no pod of `{service.name}` may ever go, so no node that it runs on can be drained"
            key = "min_available" if disruption.min_available else "max_unavailable"
            hint = "let at least one pod go"
            yield Finding(codes.BAD_DISRUPTION, message, disruption.span(key), hint, (), owner)


def _keeps_all(min_available: str, max_unavailable: str, pods: int) -> bool:
    """Percentages of `min_available` are rounded up, as Kubernetes does."""
    if not pods:
        return False
    if max_unavailable:
        return not max_unavailable.rstrip("%").strip("0")
    if min_available.endswith("%"):
        return -(-int(min_available[:-1]) * pods // 100) >= pods
    return bool(min_available) and int(min_available) >= pods


RULES: tuple[Rule, ...] = (
    kinds_contradicted,
    volumes_not_shared,
    autoscalers_that_cannot_work,
    ports_of_one_number,
    containers_of_one_name,
    rollouts_that_cannot_begin,
    disruptions_that_cannot_work,
)
