"""The containers of a service: its own, those beside it, those before it, and the one that waits for another service.

Stage: lower. Input: records of the spec. Output: :class:`Program` values for `pods`.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.chart.nodes import Tree
from generator.diagnostics import Span
from generator.kube.identifiers import MAX_NAME, camel_case, shortened
from generator.lower.component import Component
from generator.lower.context import Context, ImageValue
from generator.lower.pods import Program, declare_resources
from generator.lower.probes import lower_probes
from generator.lower.variables import Variables, lower_sources, lower_variables
from generator.lower.volumes import Mounts, file_mounts, scratch_mounts
from generator.resolve.edges import main_port
from generator.resolve.model import Service
from generator.spec.parts import File, Image
from generator.spec.service import Container, Port
from generator.spec.service import Service as ServiceSpec

_DRAIN_SECONDS = 5
# `-e true` ends as soon as it is connected; not every busybox has nc's `-z`.
_WAIT = 'until nc -w 2 "$1" "$2" -e true; do sleep 1; done'


def service_program(context: Context, component: Component) -> Program:
    """The service's own container."""
    spec, scope, section = component.spec, component.scope, component.section
    files = file_mounts(context, component.name, component.name, spec.files)
    storage = _storage(context, component)
    return Program(
        name=component.name,
        image=context.image((*scope, "image"), spec.image or Image(), section, spec.span("image")),
        command=[context.text(word) for word in spec.command],
        args=[context.text(word) for word in spec.args],
        workdir=spec.workdir,
        ports=spec.ports,
        resources=declare_resources(context, scope, section, spec.resources, spec.span("resources")),
        env=lower_variables(
            context, scope, section, [each.spec.env for each in component.everywhere], _places(spec, "env", spec.env)
        ),
        env_from=lower_sources(spec.env_from),
        probes=lower_probes(spec.health, spec.ports, component.service.main_port),
        lifecycle=_drain(spec),
        security=spec.security,
        mounts=storage + (files + scratch_mounts("", spec.scratch, (files + storage).paths)).clear_of(spec.storage),
        spans=_spans(spec),
    )


def side_program(context: Context, component: Component, container: Container, role: str) -> Program:
    """A container before (`role` init) or beside (sidecars) the service's own."""
    scope = (*component.scope, role, camel_case(container.name))
    versions = [_named(each.spec, role, container.name).env for each in component.everywhere]
    files = file_mounts(context, component.name, container.name, container.files)
    return Program(
        name=container.name,
        image=context.image((*scope, "image"), container.image or Image(), component.section, container.span("image")),
        command=[context.text(word) for word in container.command],
        args=[context.text(word) for word in container.args],
        ports=container.ports,
        resources=declare_resources(
            context, scope, component.section, container.resources, container.span("resources")
        ),
        env=lower_variables(context, scope, component.section, versions, _places(container, "env", container.env)),
        env_from=lower_sources(container.env_from),
        probes=_side_probes(container) if role == "sidecars" else {},
        beside=role == "sidecars",
        security=component.spec.security,
        mounts=(files + scratch_mounts(f"{container.name}-", (), files.paths)).clear_of(component.spec.storage),
        spans=_spans(container),
    )


def _side_probes(container: Container) -> dict[str, Tree]:
    """Only what is asked for: a program beside the main one may listen to it alone, where no probe comes."""
    return lower_probes(container.health, container.ports, main_port(container.ports)) if container.health else {}


def waiting_programs(context: Context, component: Component) -> list[Program]:
    """For each service that it depends on, the container that waits until one of its pods is ready."""
    found = []
    for index, written in enumerate(component.spec.depends_on):
        name, _, port = written.partition(".")
        target = context.system.services[name]
        port = port or _waiting_port(target.spec.ports)
        found.append(_waiting(context, target, target.spec.ports[port], component.spec.span("depends_on", index)))
    return found


def _waiting_port(ports: Mapping[str, Port]) -> str:
    """The main port, else the one with the lowest number, of those that take connections."""
    spoken = {name: port for name, port in ports.items() if port.protocol == "TCP"} or ports
    return main_port(spoken) or min(spoken, key=lambda each: (spoken[each].port, each))


def _waiting(context: Context, target: Service, port: Port, span: Span) -> Program:
    """A Service without ready pods takes no connections."""
    small: dict[str, Tree] = {
        "requests": {"cpu": "10m", "memory": "16Mi", "ephemeral-storage": "1Mi"},
        "limits": {"memory": "32Mi", "ephemeral-storage": "16Mi"},
    }
    return Program(
        name=shortened(f"wait-for-{target.name}", MAX_NAME),
        image=tool_image(context),
        command=["sh", "-c", _WAIT, "wait"],
        args=[context.host(target), str(port.port)],
        resources=small,
        spans={"": span},
    )


def tool_image(context: Context) -> ImageValue:
    """The small image with a shell that waits for services and tests connections."""
    context.values.group(
        ("toolImage",), "A small image with a shell, nc and wget: it waits for services and tests them."
    )
    return context.image(("toolImage",), Image(repository="busybox", tag="1.37"), "Common")


def _storage(context: Context, component: Component) -> Mounts:
    """Where the persistent volumes are mounted; a StatefulSet's own claims bring the volumes themselves."""
    storage = sorted(component.spec.storage.items())
    mounts = tuple({"name": name, "mountPath": volume.path} for name, volume in storage)
    if component.service.kind == "statefulset":
        return Mounts({}, mounts)
    claims = {name: context.name(f"{component.name}-{name}") for name, _ in storage}
    volumes: dict[str, Mapping[str, Tree]] = {
        name: {"name": name, "persistentVolumeClaim": {"claimName": claim}} for name, claim in claims.items()
    }
    return Mounts(volumes, mounts)


def own_files(spec: ServiceSpec) -> dict[str, File]:
    """The files whose content the chart brings, of all containers; the keys only tell them apart."""
    found = {
        f"{container.name}:{path}": file
        for container in (*spec.init, *spec.sidecars)
        for path, file in container.files.items()
    }
    return {path: file for path, file in {**spec.files, **found}.items() if not file.secret and not file.config}


def _drain(spec: ServiceSpec) -> dict[str, Tree]:
    """Time for the cluster to stop sending requests, before the program is told to end."""
    if not spec.ports:
        return {}
    grace = spec.rollout.grace.whole_seconds if spec.rollout and spec.rollout.grace else 2 * _DRAIN_SECONDS
    seconds = min(_DRAIN_SECONDS, grace // 2)
    return {"preStop": {"sleep": {"seconds": seconds}}} if seconds else {}


def _named(spec: ServiceSpec, role: str, name: str) -> Container:
    containers: tuple[Container, ...] = spec.init if role == "init" else spec.sidecars
    return next((each for each in containers if each.name == name), Container(name=name))


def _places(record: ServiceSpec | Container, key: str, names: Variables) -> dict[str, Span]:
    return {name: record.span(key, name) for name in names}


def _spans(record: ServiceSpec | Container) -> dict[str, Span]:
    """Where the parts of a container were written."""
    keys = {
        "image": "image",
        "command": "command",
        "args": "args",
        "envFrom": "envFrom",
        "resources": "resources",
        "ports": "ports",
        "env": "env",
    }
    spans = {path: record.span(key) for path, key in keys.items() if record.has(key)}
    spans |= {f"env[{index}]": record.span("env", name) for index, name in enumerate(record.env)}
    probes = {"startupProbe": "startup", "readinessProbe": "ready", "livenessProbe": "live"}
    return spans | {path: record.span("health", key) for path, key in probes.items() if record.has("health")}
