"""References by name alone, as a table: classes, Gateways, policies, Secrets for images and certificates.

Classes, Gateways and policies mostly are the cluster's: nothing is said of those, unless one of nearly the same name is
in the chart. Of what is missing otherwise is said once, where it is named first.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from generator.diagnostics import Code, Severity
from generator.manifest import Manifest, Path
from generator.records import dataclass
from generator.validate.model import Problem
from generator.validate.references import codes
from generator.validate.references.lookups import names
from generator.validate.world import Item, World

Findings = Iterator[tuple[Manifest, Problem]]


@dataclass(frozen=True)
class Link:
    """Objects of a kind (`pods`: all that make pods) name objects of another kind at a path.

    `is_wide` tells that those have no namespace; names that begin with `built_in` are in every cluster.
    """

    kind: str
    path: str
    target: str
    code: Code = codes.NEARLY
    is_wide: bool = False
    built_in: str = "\0"


_PODS: Final = "pods"
_GATEWAY: Final = "gateway.networking.k8s.io"
_ADMISSION: Final = "admissionregistration.k8s.io"
_STORAGE: Final = "storage.k8s.io/StorageClass"

# fmt: off
LINKS: Final = (
    Link(_PODS, "imagePullSecrets[].name", "Secret", codes.NO_SECRET),
    Link(_PODS, "volumes[].csi.nodePublishSecretRef.name", "Secret", codes.NO_SECRET),
    Link(_PODS, "priorityClassName", "scheduling.k8s.io/PriorityClass", is_wide=True, built_in="system-"),
    Link(_PODS, "runtimeClassName", "node.k8s.io/RuntimeClass", is_wide=True),
    Link(_PODS, "resourceClaims[].resourceClaimName", "resource.k8s.io/ResourceClaim"),
    Link(_PODS, "resourceClaims[].resourceClaimTemplateName", "resource.k8s.io/ResourceClaimTemplate"),
    Link(_PODS, "volumes[].ephemeral.volumeClaimTemplate.spec.storageClassName", _STORAGE, is_wide=True),
    Link("apps/StatefulSet", "spec.volumeClaimTemplates[].spec.storageClassName", _STORAGE, is_wide=True),
    Link("PersistentVolumeClaim", "spec.storageClassName", _STORAGE, is_wide=True),
    Link("ServiceAccount", "imagePullSecrets[].name", "Secret", codes.NO_SECRET),
    Link("networking.k8s.io/Ingress", "spec.ingressClassName", "networking.k8s.io/IngressClass", is_wide=True),
    Link("networking.k8s.io/Ingress", "spec.tls[].secretName", "Secret", codes.NO_SECRET),
    Link(f"{_GATEWAY}/Gateway", "spec.gatewayClassName", f"{_GATEWAY}/GatewayClass", is_wide=True),
    Link(f"{_ADMISSION}/ValidatingAdmissionPolicyBinding", "spec.policyName",
         f"{_ADMISSION}/ValidatingAdmissionPolicy", is_wide=True),
    Link(f"{_ADMISSION}/MutatingAdmissionPolicyBinding", "spec.policyName",
         f"{_ADMISSION}/MutatingAdmissionPolicy", is_wide=True),
    Link("argoproj.io/Workflow", "spec.workflowTemplateRef.name", "argoproj.io/WorkflowTemplate"),
    Link("argoproj.io/CronWorkflow", "spec.workflowSpec.workflowTemplateRef.name", "argoproj.io/WorkflowTemplate"),
    Link("argoproj.io/Workflow", "spec.serviceAccountName", "ServiceAccount", codes.NO_ACCOUNT, built_in="default"),
    Link("argoproj.io/WorkflowTemplate", "spec.serviceAccountName", "ServiceAccount", codes.NO_ACCOUNT,
         built_in="default"),
    Link("argoproj.io/CronWorkflow", "spec.workflowSpec.serviceAccountName", "ServiceAccount", codes.NO_ACCOUNT,
         built_in="default"),
)
# fmt: on


def links(world: World) -> Findings:
    """What the table says is named, and is not in the chart."""
    said: set[tuple[str, str]] = set()
    for link in LINKS:
        for item, path, name in _named(link, world):
            is_known = name.startswith(link.built_in) or world.has(
                link.target, name, "" if link.is_wide else item.namespace
            )
            if not is_known and (link.target, name) not in said:
                said.add((link.target, name))
                near = _near(link.target, name, world)
                if near or link.code is not codes.NEARLY:
                    yield item.manifest, _missing(link, item, path, name, near, world)


def _named(link: Link, world: World) -> Iterator[tuple[Item, Path, str]]:
    if link.kind == _PODS:
        for pods in world.pods:
            for path, name in names(pods.spec, link.path, pods.spec_path):
                yield pods.owner, path, name
        return
    for item in world.of_kind(link.kind):
        for path, name in names(item.data, link.path):
            yield item, path, name


def _near(kind: str, name: str, world: World) -> str:
    """The object whose name was probably meant."""
    there = {other.name for other in world.of_kind(kind) if abs(len(other.name) - len(name)) <= 1}
    near = difflib.get_close_matches(name, there, n=1, cutoff=0.8)
    return near[0] if near else ""


def _missing(link: Link, item: Item, path: Path, name: str, near: str, world: World) -> Problem:
    message = f'{item} → there is no {link.target.rpartition("/")[2]} "{name}" {world.here}'
    if near:
        return Problem(link.code, message, path, f'did you mean "{near}"?', Severity.WARNING)
    return Problem(link.code, message, path)


RULES = (links,)
