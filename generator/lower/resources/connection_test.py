"""`helm test`: a pod that connects to a service and ends."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Origin, Template
from generator.chart.nodes import Join, Tree
from generator.lower import network
from generator.lower.component import Component
from generator.lower.containers import tool_image
from generator.lower.context import Context
from generator.lower.pods import Pod, Program, pod_spec
from generator.lower.volumes import scratch_mounts
from generator.resolve.model import Service, System

_SMALL: dict[str, Tree] = {
    "requests": {"cpu": "10m", "memory": "16Mi", "ephemeral-storage": "1Mi"},
    "limits": {"memory": "32Mi", "ephemeral-storage": "16Mi"},
}
_HOOK = {
    "helm.sh/hook": "test",
    "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    "checkov.io/skip1": "CKV_K8S_8=a test ends by itself",
    "checkov.io/skip2": "CKV_K8S_9=a test ends by itself",
}


def is_tested(system: System, service: Service) -> bool:
    """Whether `helm test` connects to it: to what is exposed, or to all services when nothing is."""
    main = service.port("")
    exposed = any(each.spec.expose for each in system.services.values())
    return bool(main and main.protocol == "TCP" and (service.spec.expose or not exposed))


def tester(service: str) -> str:
    """The component of the pod that tests a service."""
    return f"{service}-connection"


def connection_tests(context: Context, component: Component) -> Iterator[Template]:
    """The pod, and the policy that lets it out."""
    if not is_tested(context.system, component.service):
        return
    name = tester(component.name)
    pod = Pod(
        name,
        containers=(_program(context, component),),
        account=context.name(component.name),
        restart="Never",
    )
    spec = pod_spec(context, pod)
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": context.metadata(name, annotations=_HOOK),
        "spec": spec.tree,
    }
    folder = "templates/tests"
    origin = Origin(component.service.span, spec.under("spec"))
    yield Template(f"{folder}/{component.name}-connection.yaml", tree, origin)
    port = component.service.port("")
    rule: Tree = {
        "to": [network.pods_of(context, component.name)],
        "ports": network.ports((port.container, port.protocol)) if port else [],
    }
    path = f"{folder}/{component.name}-networkpolicy.yaml"
    allowed = network.policy(context, name, path, component.service.span, egress=[rule])
    if allowed:
        yield allowed


def _program(context: Context, component: Component) -> Program:
    """Asks for the readiness page, or only connects where there is none."""
    service = component.service
    port = service.port("")
    number = str(port.port) if port else "0"
    ready = component.spec.health.ready if component.spec.health else None
    host = context.host(service)
    if ready and ready.get and ready.port in ("", service.main_port):
        url = Join((f"{service.scheme}://", host, f":{number}{ready.get}"))
        command: list[Tree] = ["wget", "-q", "-T", "10", "-O", "/dev/null", url]
    else:
        command = ["nc", "-w", "10", host, number, "-e", "true"]
    return Program(
        name="connection",
        image=tool_image(context),
        command=command,
        resources=_SMALL,
        mounts=scratch_mounts("", ()),
    )
