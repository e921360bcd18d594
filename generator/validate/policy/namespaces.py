"""Namespaces: where objects stand, and what a namespace's own labels allow."""

from __future__ import annotations

from typing import Final

from generator.kube.scopes import is_cluster_wide
from generator.kube.workloads import api_group, value_at
from generator.regexes import regex
from generator.validate.model import Data, ObjectRule, Problem, Problems, Related
from generator.validate.policy import pod_codes, workload_codes
from generator.validate.policy.pod_security import pod_security
from generator.validate.policy.workload import Findings, Workload, WorldRule
from generator.validate.world import Item, World

_PREFIX: Final = "pod-security.kubernetes.io/"
_LEVELS: Final = ("privileged", "baseline", "restricted")
_VERSION: Final = regex(r"latest|v1\.\d{1,3}")
_REFUSED: Final = {"baseline": (pod_codes.BASELINE,), "restricted": (pod_codes.BASELINE, pod_codes.RESTRICTED)}


def labels(data: Data) -> Problems:
    """The labels of Pod Security name a level or a version."""
    for key, value in (value_at(data, ("metadata", "labels")) or {}).items():
        name = key.removeprefix(_PREFIX)
        path = ("metadata", "labels", key)
        if name in ("enforce", "audit", "warn") and key != name and value not in _LEVELS:
            message = f'"{value}" is no level of Pod Security; levels are {", ".join(_LEVELS)}'
            yield Problem(pod_codes.NAMESPACE_LABEL, message, path)
        elif name in ("enforce-version", "audit-version", "warn-version") and not _VERSION.fullmatch(value):
            message = f'"{value}" is no version of Pod Security; write latest or one as v1.35'
            yield Problem(pod_codes.NAMESPACE_LABEL, message, path)


def enforced(world: World) -> Findings:
    """Pods keep the level that their own namespace enforces."""
    refused: dict[str, tuple[Item, str]] = {}
    for item in world.of_kind("Namespace"):
        level = str(item.labels.get(f"{_PREFIX}enforce") or "")
        if level in _REFUSED:
            refused[item.name] = (item, level)
    for pods in world.pods if refused else ():
        namespace, level = refused.get(pods.owner.namespace, (None, ""))
        if namespace is None:
            continue
        workload = Workload(str(pods.owner.data.get("kind")), pods.owner.data, pods.template, pods.path)
        for problem in pod_security(workload):
            if problem.code in _REFUSED[level]:
                what = problem.message.partition("; Pod Security")[0]
                message = f"{what}; the namespace {namespace.name} enforces `{level}`, so no such pod starts"
                related = Related(
                    "it is enforced here", namespace.manifest, ("metadata", "labels", f"{_PREFIX}enforce")
                )
                path, hint = problem.path, problem.hint
                yield pods.owner.manifest, Problem(pod_codes.ENFORCED, message, path, hint, related=(related,))


def places(world: World) -> Findings:
    """An object says where it stands, and that is not where everything stands for which nobody chose a place.

    The objects of a release stand where whoever installs it says.
    """
    for item in () if world.is_release else world.items:
        if is_cluster_wide(api_group(str(item.data.get("apiVersion", ""))), str(item.data.get("kind", ""))):
            continue
        if not item.namespace:
            message = f"{item} names no namespace"
            yield item.manifest, Problem(workload_codes.NO_NAMESPACE, message, ("metadata",))
        elif item.namespace == "default":
            message = f"{item} stands in the namespace `default`"
            yield item.manifest, Problem(workload_codes.DEFAULT_NAMESPACE, message, ("metadata", "namespace"))


RULES: Final = (ObjectRule(labels, ("Namespace",)), WorldRule(places), WorldRule(enforced))
