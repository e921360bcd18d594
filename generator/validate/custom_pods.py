"""Pods of custom resources, made sure of: the rules for pods rely on types, and no schema of the kind may be known.

Input: what the layer `schema` says of one object. Output: the same, with the pod template as the schema of Kubernetes'
own PodTemplate leaves it. What is wrong in it is dropped, and not told: only the kind's controller knows its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator.kube.workloads import CUSTOM_PODS, api_group, value_at
from generator.manifest import Manifest
from generator.validate.schemas import Schemas
from generator.validate.structure import Structure, check_structure


def with_typed_pods(structure: Structure, manifest: Manifest, schemas: Schemas) -> Structure:
    """The structure of an object, in which the pods of a custom resource are well typed, or not there."""
    reference = manifest.ref
    path = CUSTOM_PODS.get((api_group(reference.api_version), reference.kind))
    template = value_at(structure.data, path) if path is not None else None
    if path is None or template is None:
        return structure
    parts = {key: template.get(key) or {} for key in ("metadata", "spec")} if isinstance(template, Mapping) else {}
    plain = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "pods"}, "template": parts}
    typed = check_structure(Manifest(plain, manifest.source), schemas).data.get("template") or {}
    return replace(structure, data=_with(structure.data, path, typed))


def _with(data: Mapping[str, Any], path: tuple[str, ...], template: Mapping[str, Any]) -> dict[str, Any]:
    if not path:
        return {**data, **{key: template.get(key) or {} for key in ("metadata", "spec")}}
    return {**data, path[0]: _with(data[path[0]], path[1:], template) if path[1:] else template}
