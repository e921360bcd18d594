"""The spec as written: the top level, and the records it is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.dependency import DEPENDENCIES, Dependency
from generator.spec.environment import ENVIRONMENT
from generator.spec.formats import BOOLEAN, IMPORT, KUBE_VERSION, NAME, PRINTABLE, SEMVER, TEXT, name_key
from generator.spec.objects import EXTRA
from generator.spec.parts import ACCEPT
from generator.spec.scalars import Choice
from generator.spec.service import SERVICE, Service
from generator.spec.shapes import (
    ListOf,
    MapOf,
    Reading,
    Record,
    RecordOf,
    Rule,
    Shape,
    head_span,
    key,
    key_schema,
    refuse_other,
    report_unknown,
)
from generator.spec.workflow import TASK, WORKFLOW, Workflow
from generator.yamlio.nodes import EMPTY, Entry, MappingNode, Node, merged, only

VERSION = "v1"


class _VersionShape(Shape[str]):
    expected = VERSION

    def read(self, node: Node, reading: Reading) -> str | None:
        text = TEXT.read(node, reading)
        if text not in (None, VERSION):
            message = f'this is flowhelm\'s language {VERSION}, the file says "{text[:20]}"' if text else ""
            reading.diagnostics.add(codes.WRONG_VERSION, message, node.span, hint=f"write {VERSION}")
        return text

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"const": VERSION}


class Maintainer(Record):
    """Who looks after the chart."""

    name: str = key(TEXT, "A person or a team.", required=True, default="")
    email: str = key(TEXT, "Where to write.", default="")
    url: str = key(TEXT, "Where to look.", default="")


class Monitoring(Record):
    """Whether the chart brings monitoring."""

    enabled: bool = key(BOOLEAN, "The default of the chart's value `monitoring.enabled`.", default=True)


class _PartialShape(Shape[Service]):
    """A service or template as written: none of its keys is required before templates and defaults are merged."""

    expected = "a service"
    inside = (SERVICE,)

    def read(self, node: Node, reading: Reading) -> Service | None:
        return SERVICE.read(node, Reading(reading.diagnostics, complete=False))

    def schema(self, definitions: Definitions) -> JsonSchema:
        return SERVICE.schema(definitions.partial())


_OWN = {"extends"}
"""Keys that each service says for itself."""


class _DefaultsShape(Shape[MappingNode]):
    """Keys of services and of tasks, of which none is required (rulings L09); kept as the node that is merged."""

    expected = "`defaults`"
    inside = (SERVICE, TASK)

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        if not isinstance(node, MappingNode):
            refuse_other(self.expected, node, reading)
            return None
        inside = dataclasses.replace(reading, complete=False)
        known = {name: each for name, each in {**TASK.keys, **SERVICE.keys}.items() if name not in _OWN}
        for entry in node.entries:
            if entry.key not in known:
                report_unknown(entry.key, entry.key_span, tuple(known), self.expected, reading)
        SERVICE.read(only(node, SERVICE.keys.keys() - _OWN), inside)
        TASK.read(only(node, TASK.keys.keys() - SERVICE.keys.keys()), inside)
        return node

    def schema(self, definitions: Definitions) -> JsonSchema:
        pairs = ((name, each) for record in (TASK, SERVICE) for name, (_, each) in record.keys.items())
        keys = {name: each for name, each in pairs if name not in _OWN}
        inside = definitions.partial()
        properties = {name: key_schema(declared, inside) for name, declared in keys.items()}
        rules = [record.rule.schema(inside) for record in (TASK, SERVICE) if record.rule]
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            **({"allOf": rules} if any(rules) else {}),
        }


class Spec(Record):
    """A whole file."""

    flowhelm: str = key(_VersionShape(), "Version of the language: v1.", required=True, default="")
    name: str = key(NAME, "Name of the chart.", required=True, default="")
    version: str = key(SEMVER, "Version of the chart (SemVer 2).", required=True, default="")
    app_version: str = key(PRINTABLE, "Version of what is deployed.", name="appVersion", default="")
    description: str = key(PRINTABLE, "What the system does, in one sentence.", default="")
    maintainers: tuple[Maintainer, ...] = key(
        ListOf(RecordOf(Maintainer, "a maintainer")), "Who looks after it.", default=()
    )
    home: str = key(TEXT, "Its home page.", default="")
    sources: tuple[str, ...] = key(ListOf(TEXT), "Where its source is.", default=())
    keywords: tuple[str, ...] = key(ListOf(TEXT), "Words to find it by.", default=())
    icon: str = key(TEXT, "Address of a picture.", default="")
    kube_version: str = key(
        KUBE_VERSION, "Kubernetes versions it runs on, as in >=1.28.0-0.", name="kubeVersion", default=""
    )
    engine: str = key(Choice("jobs", later=("argo",)), "What runs the workflows.", default="jobs")
    monitoring: Monitoring | None = key(RecordOf(Monitoring, "`monitoring`"), "Whether the chart brings monitoring.")
    imports: Mapping[str, str] = key(
        MapOf(IMPORT, "`imports`", name_key),
        "Libraries of workflows and templates, by alias: a path from this file, or git+https://host/repository@ref#path.",
        factory=dict,
    )
    templates: Mapping[str, Service] = key(
        MapOf(_PartialShape(), "`templates`", name_key), "Services to be extended, by name.", factory=dict
    )
    defaults: MappingNode | None = key(_DefaultsShape(), "Keys of services and tasks, merged under every one of them.")
    services: Mapping[str, Service] = key(
        MapOf(_PartialShape(), "`services`", name_key), "The long-running components, by name.", factory=dict
    )
    workflows: Mapping[str, Workflow] = key(
        MapOf(WORKFLOW, "`workflows`", name_key), "Tasks and their order, by name.", factory=dict
    )
    environments: Mapping[str, MappingNode] = key(
        MapOf(ENVIRONMENT, "`environments`", name_key),
        "Values that differ between environments, by name.",
        factory=dict,
    )
    extra: tuple[MappingNode, ...] = key(
        EXTRA, "Kubernetes objects of your own, installed as they are: nothing is added, no labels either.", default=()
    )
    dependencies: tuple[Dependency, ...] = key(
        DEPENDENCIES, "Charts that come with this one; `flowhelm compile --dependencies` fetches them.", default=()
    )
    accept: Mapping[str, str] = key(ACCEPT, "Findings that are accepted, each with a reason.", factory=dict)


def _check_spec(spec: Spec, reading: Reading) -> None:
    if not any(spec.has(name) for name in ("services", "workflows", "templates")):
        message = "the spec has no services and no workflows"
        reading.diagnostics.add(
            codes.MISSING_KEY, message, head_span(spec.node), hint="add `services:` or `workflows:`"
        )
    for entry in _entries(spec.node.get("services")):
        # What templates bring is only known when they are merged; every other service is complete here already.
        if entry.key in spec.services and not spec.services[entry.key].extends:
            defaults = only(spec.defaults or EMPTY, SERVICE.keys)
            SERVICE.read(merged(defaults, entry.value), dataclasses.replace(reading, owner=entry.key_span))


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, MappingNode) else ()


def _spec_schema(definitions: Definitions) -> JsonSchema:
    """Something is in it; without defaults, a service that extends nothing is complete as it stands."""
    extends = {"required": ["extends"], "properties": {"extends": {"not": {"const": ""}}}}
    complete = {"anyOf": [extends, SERVICE.schema(definitions)]}
    return {
        "patternProperties": {"^x-": {"description": "Ignored: a place for anchors."}},
        "anyOf": [{"required": [name]} for name in ("services", "workflows", "templates")],
        "if": {"not": {"required": ["defaults"]}},
        "then": {"properties": {"services": {"additionalProperties": complete}}},
    }


SPEC = RecordOf(Spec, "the spec", Rule(_check_spec, _spec_schema))
