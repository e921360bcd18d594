"""System → Chart.

Stage: lower. Input: the resolved system. Output: the chart as data. The system is lowered once for the chart, and
once for each environment for its values; an environment's file holds what differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from generator.chart.model import (
    GATEWAY_API,
    MONITORING_API,
    Chart,
    Entrance,
    Guide,
    Maintainer,
    Metadata,
    Requirement,
    Template,
    WorkflowNote,
)
from generator.chart.nodes import Include, Tree
from generator.chart.values import Environment, Values
from generator.diagnostics import Diagnostics, Note
from generator.lower import codes
from generator.lower.chartwide import declare_common, default_policy
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.dependencies import declare_dependencies
from generator.lower.engines import ENGINES
from generator.lower.extra import extra_templates
from generator.lower.monitoring import prometheus_rules
from generator.lower.monitoring.dashboards import FOLDER, dashboards
from generator.lower.patches import patched, report_unused_defaults
from generator.lower.resources import RESOURCES
from generator.lower.resources.service import public_name
from generator.lower.values import difference
from generator.lower.workflows import Engine
from generator.plan.model import WorkflowPlan
from generator.resolve.model import System
from generator.spec.expose import Expose

# sleep in preStop hooks (beta and on by default since 1.30) is the youngest thing that the charts use.
KUBE_VERSION = ">=1.30.0-0"


def lower(system: System, plans: Mapping[str, WorkflowPlan], diagnostics: Diagnostics) -> Chart:
    """The chart of a system. What cannot be written into a chart is reported."""
    names = sorted(system.environments)
    variants = (system, *(system.environments[name] for name in names))
    chart = _lowered(Context(variants, 0, plans, diagnostics))
    _check_names(chart.templates, diagnostics)
    base = chart.values.defaults
    environments = []
    for index, name in enumerate(names, start=1):
        values = _lowered(Context(variants, index, plans, diagnostics)).values.defaults
        span = system.spec.span("environments", name)
        environments.append(Environment(name, difference(base, values), span))
    return Chart(chart.metadata, chart.values, chart.templates, chart.files, tuple(environments), chart.guide)


def _lowered(context: Context) -> Chart:
    system = context.system
    declare_common(context)
    templates = list(_service_templates(context))
    engine: Engine = next(each for each in ENGINES if each.name == system.spec.engine)
    lowered = [engine.lower(context, workflow) for _, workflow in sorted(system.workflows.items())]
    for workflow in lowered:
        templates += workflow.templates
    notes = tuple(workflow.note for workflow in lowered if workflow.note)
    templates += [default_policy(context), *prometheus_rules(context, notes), *dashboards(context, notes)]
    templates += extra_templates(context)
    report_unused_defaults(context)
    needed = tuple(dict.fromkeys(requirement for workflow in lowered for requirement in workflow.requirements))
    return Chart(
        metadata=replace(_metadata(system), dependencies=declare_dependencies(context)),
        values=_values(context, templates),
        templates=tuple(sorted(templates, key=lambda template: template.path)),
        files=dict(sorted(context.files.items())),
        guide=_guide(context, notes, needed, templates),
    )


def _is_monitored(templates: list[Template]) -> bool:
    return any(template.tree.get("apiVersion") == MONITORING_API for template in templates)


def _values(context: Context, templates: list[Template]) -> Values:
    """The values of the chart. Where nothing reads those of `monitoring`, they may be set and are not written."""
    values = context.values.build()
    if _is_monitored(templates) or context.system.spec.monitoring:
        return values
    return Values(tuple(replace(entry, optional=True) if entry.path[0] == "monitoring" else entry for entry in values))


def _check_names(templates: tuple[Template, ...], diagnostics: Diagnostics) -> None:
    """Report two objects of one kind and name."""
    seen: dict[tuple[Tree, Tree, Tree], Template] = {}
    for template in templates:
        metadata = template.tree.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if name is None:
            continue
        first = seen.setdefault((template.tree["apiVersion"], template.tree["kind"], name), template)
        if first is not template:
            message = f"two objects of kind {template.tree['kind']} would be called {_shown(name)}"
            notes = (Note("the other one comes from here", first.origin.span),)
            diagnostics.add(codes.SAME_NAME, message, template.origin.span, hint="rename one", notes=notes)


def _shown(name: Tree) -> str:
    component = [str(part) for part in name.arguments[1:2]] if isinstance(name, Include) else [str(name)]
    return "-".join(["<release>", *component])


def _service_templates(context: Context) -> Iterator[Template]:
    for _, service in sorted(context.system.services.items()):
        component = Component.of(context, service)
        templates = [template for build in RESOURCES for template in build(context, component)]
        yield from patched(context, templates, service.spec, f"service `{service.name}`")


def _metadata(system: System) -> Metadata:
    spec = system.spec
    return Metadata(
        name=spec.name,
        version=spec.version,
        app_version=spec.app_version,
        description=spec.description,
        maintainers=tuple(Maintainer(each.name, each.email, each.url) for each in spec.maintainers),
        home=spec.home,
        sources=spec.sources,
        keywords=spec.keywords,
        icon=spec.icon,
        kube_version=spec.kube_version or KUBE_VERSION,
    )


def _guide(
    context: Context, notes: tuple[WorkflowNote, ...], needed: tuple[Requirement, ...], templates: list[Template]
) -> Guide:
    """What NOTES.txt and the README tell."""
    services = sorted(context.system.services.items())
    entrances = [
        entrance
        for _, service in services
        for way in service.spec.expose
        for entrance in _entrances(context, Component.of(context, service), way)
    ]
    asked = context.system.spec.monitoring
    unwanted = asked is not None and not asked.enabled
    monitoring = Requirement(MONITORING_API, "metrics and alerts", "monitoring.enabled=false", off=unwanted)
    gateway = Requirement(GATEWAY_API, "routes through a Gateway", "gateway.enabled=false")
    routed = any(template.tree.get("apiVersion") == gateway.api for template in templates)
    lasting = [name for name, service in services if service.kind == "statefulset" and service.spec.storage]
    return Guide(
        entrances=tuple(entrances),
        workflows=notes,
        requirements=(*((monitoring,) if _is_monitored(templates) else ()), *((gateway,) if routed else ()), *needed),
        lasting=tuple(lasting),
        has_dashboards=any(path.startswith(FOLDER) for path in context.files),
        scraped=any(service.spec.metrics for _, service in services),
    )


def _entrances(context: Context, component: Component, way: Expose) -> Iterator[Entrance]:
    port = component.service.port(way.port)
    if port is None:
        return
    name = public_name(context, component, way)
    yield Entrance(component.name, name, way.via, way.path, component.expose_scope(way), port.port)
