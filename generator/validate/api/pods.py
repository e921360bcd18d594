"""Pod specs, wherever they stand: in a Pod, or in the template of a workload.

Source: kubernetes pkg/apis/core/validation (ValidatePodSpec, ValidatePodTemplateSpec).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from generator.kube import names
from generator.kube.workloads import POD_TEMPLATES, api_group, value_at
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.containers import container
from generator.validate.api.metadata import meta
from generator.validate.api.volumes import volumes
from generator.validate.model import Data, ObjectRule, Problem, Problems

KINDS: Final = tuple(f"{group}/{kind}" if group else kind for group, kind in POD_TEMPLATES)
_RESTART: Final = ("Always", "OnFailure", "Never")
_DNS: Final = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def pod_template(data: Data) -> tuple[Data, Path] | None:
    """The pod template of an object (for a Pod: itself) and the path at which it stands."""
    path = POD_TEMPLATES[api_group(str(data.get("apiVersion", ""))), str(data.get("kind", ""))]
    template = value_at(data, path)
    return (template, path) if isinstance(template, Mapping) else None


def _pod(data: Data) -> Problems:
    found = pod_template(data)
    if found is None:
        return
    template, path = found
    if path:
        yield from meta(template.get("metadata") or {}, (*path, "metadata"))
    if "spec" not in template:
        yield Problem(codes.EMPTY, "the pod's spec is missing", path)
        return
    claims = value_at(data, ("spec", "volumeClaimTemplates")) or ()
    mountable = {value_at(claim, ("metadata", "name")) for claim in claims}
    yield from _pod_spec(template["spec"], (*path, "spec"), mountable)


def _pod_spec(spec: Data, path: Path, claims: Collection[object]) -> Problems:
    """Everything in a pod spec; `claims` are the volumes that a StatefulSet adds to it."""
    yield from fields.required(spec, "containers", path, "a pod needs at least one container")
    yield from volumes(spec.get("volumes") or (), (*path, "volumes"))
    yield from _containers(spec, path, claims)
    yield from fields.choice(spec.get("restartPolicy"), _RESTART, (*path, "restartPolicy"))
    yield from _dns(spec, path)
    yield from fields.between(spec.get("activeDeadlineSeconds"), 1, 2**31 - 1, (*path, "activeDeadlineSeconds"))
    for key in ("serviceAccountName", "priorityClassName", "runtimeClassName"):
        if spec.get(key):
            yield from fields.named(spec[key], names.subdomain_mistake, (*path, key))
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            yield from fields.named(spec[key], names.dns_label_mistake, (*path, key))
    yield from fields.labels(spec.get("nodeSelector"), (*path, "nodeSelector"))
    yield from _security(spec.get("securityContext") or {}, (*path, "securityContext"))
    yield from _host_network(spec, path)
    yield from _tolerations(spec.get("tolerations") or (), (*path, "tolerations"))
    yield from _affinity(spec.get("affinity") or {}, (*path, "affinity"))
    yield from _spread(spec.get("topologySpreadConstraints") or (), (*path, "topologySpreadConstraints"))


def _containers(spec: Data, path: Path, claims: Collection[object]) -> Problems:
    known = {volume.get("name") for volume in spec.get("volumes") or ()}.union(claims)
    first: dict[str, str] = {}
    for key in ("initContainers", "containers"):
        for index, item in enumerate(spec.get(key) or ()):
            here = (*path, key, index)
            yield from container(item, here, known, key == "initContainers")
            name = item.get("name")
            if name and name in first:
                message = f'name "{name}" is used twice, in {first[name]} and here'
                yield Problem(codes.DUPLICATE, message, (*here, "name"))
            first.setdefault(name, key)


def _dns(spec: Data, path: Path) -> Problems:
    policy = spec.get("dnsPolicy")
    yield from fields.choice(policy, _DNS, (*path, "dnsPolicy"))
    config = spec.get("dnsConfig") or {}
    if policy == "None" and not config.get("nameservers"):
        yield Problem(codes.COMBINATION, "dnsPolicy None needs dnsConfig with nameservers", (*path, "dnsPolicy"))
    for index, server in enumerate(config.get("nameservers") or ()):
        yield from fields.address(server, (*path, "dnsConfig", "nameservers", index))
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        yield from fields.address(alias.get("ip"), (*path, "hostAliases", index, "ip"))


def _security(context: Data, path: Path) -> Problems:
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        yield from fields.between(context.get(key), 0, 2**31 - 1, (*path, key))
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        yield from fields.between(group, 0, 2**31 - 1, (*path, "supplementalGroups", index))
    policies = ("Always", "OnRootMismatch")
    yield from fields.choice(context.get("fsGroupChangePolicy"), policies, (*path, "fsGroupChangePolicy"))
    yield from seccomp(context.get("seccompProfile"), (*path, "seccompProfile"))
    yield from fields.unique(context.get("sysctls") or (), "name", (*path, "sysctls"))


def seccomp(profile: Data | None, path: Path) -> Problems:
    """A seccomp profile of a pod or container."""
    if profile is None:
        return
    kind = profile.get("type")
    yield from fields.choice(kind, ("Localhost", "RuntimeDefault", "Unconfined"), (*path, "type"))
    if kind == "Localhost" and not profile.get("localhostProfile"):
        yield Problem(codes.EMPTY, "a profile of type Localhost needs localhostProfile", path)
    if kind in ("RuntimeDefault", "Unconfined") and profile.get("localhostProfile"):
        yield Problem(codes.COMBINATION, f"localhostProfile does not go with type {kind}", (*path, "localhostProfile"))


def _host_network(spec: Data, path: Path) -> Problems:
    """With the node's network, a container's port is the node's."""
    if not spec.get("hostNetwork"):
        return
    for key in ("initContainers", "containers"):
        for index, item in enumerate(spec.get(key) or ()):
            for number, port in enumerate(item.get("ports") or ()):
                if port.get("hostPort") not in (None, 0, port.get("containerPort")):
                    message = "with hostNetwork, hostPort must be the containerPort"
                    yield Problem(codes.COMBINATION, message, (*path, key, index, "ports", number, "hostPort"))


def _tolerations(items: Collection[Data], path: Path) -> Problems:
    for index, item in enumerate(items):
        here = (*path, index)
        operator = item.get("operator")
        yield from fields.choice(operator, ("Exists", "Equal", "Lt", "Gt"), (*here, "operator"))
        yield from fields.choice(item.get("effect"), _EFFECTS, (*here, "effect"))
        if item.get("key"):
            yield from fields.named(item["key"], names.label_key_mistake, (*here, "key"), codes.LABEL)
        elif operator != "Exists":
            yield Problem(codes.COMBINATION, "a toleration without a key needs operator: Exists", here)
        if operator == "Exists" and item.get("value"):
            yield Problem(codes.COMBINATION, "operator Exists takes no value", (*here, "value"))
        if item.get("tolerationSeconds") is not None and item.get("effect") != "NoExecute":
            yield Problem(codes.COMBINATION, "tolerationSeconds needs effect: NoExecute", here)


def _affinity(affinity: Data, path: Path) -> Problems:
    node = affinity.get("nodeAffinity") or {}
    here = (*path, "nodeAffinity")
    needed = "requiredDuringSchedulingIgnoredDuringExecution"
    wished = "preferredDuringSchedulingIgnoredDuringExecution"
    terms = (node.get(needed) or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(terms):
        yield from _node_term(term, (*here, needed, "nodeSelectorTerms", index))
    for index, item in enumerate(node.get(wished) or ()):
        yield from fields.between(item.get("weight"), 1, 100, (*here, wished, index, "weight"))
        yield from _node_term(item.get("preference") or {}, (*here, wished, index, "preference"))
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        for index, term in enumerate(rules.get(needed) or ()):
            yield from _pod_term(term, (*path, kind, needed, index))
        for index, item in enumerate(rules.get(wished) or ()):
            yield from fields.between(item.get("weight"), 1, 100, (*path, kind, wished, index, "weight"))
            yield from _pod_term(item.get("podAffinityTerm") or {}, (*path, kind, wished, index, "podAffinityTerm"))


def _node_term(term: Data, path: Path) -> Problems:
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        here = (*path, "matchExpressions", index)
        operator, values = expression.get("operator"), expression.get("values") or ()
        yield from fields.choice(operator, _OPERATORS, (*here, "operator"))
        if operator in ("In", "NotIn") and not values:
            yield Problem(codes.EMPTY, f"the operator {operator} needs values", here)
        if operator in ("Exists", "DoesNotExist") and values:
            yield Problem(codes.COMBINATION, f"the operator {operator} takes no values", here)
        if operator in ("Gt", "Lt") and len(values) != 1:
            yield Problem(codes.COMBINATION, f"the operator {operator} takes exactly one value", here)


def _pod_term(term: Data, path: Path) -> Problems:
    yield from fields.required(term, "topologyKey", path)
    yield from fields.selector(term.get("labelSelector"), (*path, "labelSelector"))


def _spread(items: Collection[Data], path: Path) -> Problems:
    for index, item in enumerate(items):
        here = (*path, index)
        yield from fields.between(item.get("maxSkew"), 1, None, (*here, "maxSkew"))
        yield from fields.between(item.get("minDomains"), 1, None, (*here, "minDomains"))
        allowed = ("DoNotSchedule", "ScheduleAnyway")
        yield from fields.choice(item.get("whenUnsatisfiable"), allowed, (*here, "whenUnsatisfiable"))
        yield from fields.selector(item.get("labelSelector"), (*here, "labelSelector"))
    yield from fields.unique(items, ("topologyKey", "whenUnsatisfiable"), path)


RULES = (ObjectRule(_pod, KINDS),)
