"""The pods of a service. Stage: lower. Input: a :class:`Component`. Output: the pod template of its workload."""

from __future__ import annotations

from dataclasses import replace

from generator.chart.nodes import FilesChecksum, Tree, Value
from generator.lower.component import Component
from generator.lower.containers import own_files, service_program, side_program, waiting_programs
from generator.lower.context import Context
from generator.lower.located import Located
from generator.lower.pods import Pod, declare_settings, pod_template, spread_over
from generator.lower.security import exemptions
from generator.lower.variables import reads_secrets

GRACE = 30
_ZONE = "topology.kubernetes.io/zone"


def component_pod(context: Context, component: Component) -> Located:
    """The pod template of a service: its containers, those that come first, and where it may run."""
    spec = component.spec
    waits = waiting_programs(context, component)
    main = service_program(context, component)
    settings = declare_settings(
        context, component.scope, component.section, spec.placement, spread=component.has_replicas
    )
    init = [side_program(context, component, each, "init") for each in spec.init]
    sidecars = [side_program(context, component, each, "sidecars") for each in spec.sidecars]
    pod = Pod(
        component.name,
        containers=(replace(main, extra_mounts=settings.mounts),),
        init=(*waits, *init, *sidecars),
        settings=settings,
        security=spec.security,
        token=calls_api(component),
        owns_volumes=bool(spec.storage),
        spread_over=_spread_over(context, component),
        grace=spec.rollout.grace.whole_seconds if spec.rollout and spec.rollout.grace else GRACE,
        annotations=_checksum(component),
    )
    return pod_template(context, pod)


def workload_annotations(component: Component) -> dict[str, str]:
    """Annotations of a workload: what scanners should know of it."""
    spec = component.spec
    return exemptions(spec.security, reads_secrets(spec.env, spec.env_from), calls_api(component))


def calls_api(component: Component) -> bool:
    """Whether the service has rights at the Kubernetes API, and so needs its account's token."""
    return bool(component.spec.account and component.spec.account.rules)


def _spread_over(context: Context, component: Component) -> str | Value:
    """Over zones unless the service says something else; what is everywhere needs no spreading."""
    if not component.has_replicas:
        return ""
    placements = [each.spec.placement for each in component.everywhere]
    return spread_over(context, component.scope, component.section, placements, _ZONE)


def _checksum(component: Component) -> dict[str, Tree]:
    return {"checksum/files": FilesChecksum(f"files/{component.name}/*")} if own_files(component.spec) else {}
