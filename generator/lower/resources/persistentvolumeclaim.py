"""PersistentVolumeClaims of services that are no StatefulSets: one volume that all pods share."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import Dot, Kind, Tree, Value, With
from generator.kube.identifiers import camel_case
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.spec.service import Volume

# Claims of a StatefulSet outlive the release; so do these.
_KEPT = {"helm.sh/resource-policy": "keep"}


def volume_claims(context: Context, component: Component) -> Iterator[Template]:
    """A claim for each volume, but for StatefulSets, which have templates of claims."""
    if component.service.kind == "statefulset":
        return
    for name, volume in sorted(component.spec.storage.items()):
        tree: dict[str, Tree] = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": context.metadata(component.name, context.name(f"{component.name}-{name}"), annotations=_KEPT),
            "spec": claim_spec(context, component, name, volume),
        }
        yield component.template(f"pvc-{name}", tree, span=component.spec.span("storage", name))


def claim_spec(context: Context, component: Component, name: str, volume: Volume) -> Tree:
    """What a claim asks for; its size and class are values."""
    scope, section = (*component.scope, "storage", camel_case(name)), component.section
    span = component.spec.span("storage", name)
    doc = f"Size of the volume {name}."
    size = context.values.leaf((*scope, "size"), doc, schemas.QUANTITY, volume.size, section, span)
    doc = "StorageClass of the volume; the cluster's default when this and global.storageClass are empty."
    storage_class = context.values.leaf((*scope, "class"), doc, schemas.TEXT, volume.storage_class, section, span)
    shared = Value(("global", "storageClass"), Kind.TEXT)
    return {
        "accessModes": [volume.access],
        "storageClassName": With(storage_class, Dot(Kind.TEXT), With(shared, Dot(Kind.TEXT))),
        "resources": {"requests": {"storage": size}},
    }
