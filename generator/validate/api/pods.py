"""Pod specs, wherever they stand: in a Pod, or in the template of a workload.

Source: kubernetes pkg/apis/core/validation (ValidatePodSpec, ValidatePodTemplateSpec).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.kube import names
from generator.kube.workloads import POD_TEMPLATES, api_group, value_at
from generator.manifest import Path
from generator.validate.api import codes, fields, resources
from generator.validate.api.containers import containers
from generator.validate.api.metadata import meta
from generator.validate.api.placement import placement
from generator.validate.api.security import security
from generator.validate.api.volumes import volumes
from generator.validate.model import Data, ObjectRule, Problem, Problems

KINDS: Final = tuple(f"{group}/{kind}" if group else kind for group, kind in POD_TEMPLATES)
_RESTART: Final = ("Always", "OnFailure", "Never")
_DNS: Final = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MOST_SERVERS, _MOST_SEARCHES, _LONGEST_SEARCHES = 3, 32, 2048


def pod_template(data: Data) -> tuple[Data, Path] | None:
    """The pod template of an object (for a Pod: itself) and the path at which it stands."""
    path = POD_TEMPLATES[api_group(str(data.get("apiVersion", ""))), str(data.get("kind", ""))]
    template = value_at(data, path)
    return (template, path) if isinstance(template, Mapping) else None


def _pod(data: Data) -> Problems:
    found = pod_template(data)
    if found is None:
        if data.get("kind") == "PodTemplate":
            yield Problem(codes.EMPTY, "the pod template is missing")
        return
    template, path = found
    if path:
        yield from meta(template.get("metadata") or {}, (*path, "metadata"))
    if "spec" not in template:
        yield Problem(codes.EMPTY, "the pod's spec is missing", path)
        return
    claims: dict[Any, Data] = {
        value_at(claim, ("metadata", "name")): {"persistentVolumeClaim": {}}
        for claim in value_at(data, ("spec", "volumeClaimTemplates")) or ()
    }
    is_stateful = data.get("kind") == "StatefulSet"
    own = "" if path else str((data.get("metadata") or {}).get("name") or "")
    yield from _pod_spec(template["spec"], (*path, "spec"), claims, own, is_pod=not path)
    if not is_stateful:  # its controller sets them, so that the API server does not look at them
        yield from _host_names(template["spec"], (*path, "spec"))
    if template["spec"].get("ephemeralContainers"):
        message = "a pod is made without ephemeralContainers; kubectl debug adds them"
        yield Problem(codes.COMBINATION, message, (*path, "spec", "ephemeralContainers"))
    if not path and template["spec"].get("nodeName") and template["spec"].get("schedulingGates"):
        message = "a Pod with schedulingGates is on no node before they are gone"
        yield Problem(codes.COMBINATION, message, ("spec", "nodeName"))


def _pod_spec(spec: Data, path: Path, claims: Mapping[Any, Data], own: str, *, is_pod: bool) -> Problems:
    """Everything in a pod spec; `claims` are the volumes that a StatefulSet adds to it."""
    yield from fields.required(spec, "containers", path, "a pod needs at least one container")
    yield from volumes(spec.get("volumes") or (), (*path, "volumes"), own, is_pod=is_pod, replaced=claims)
    known = {**{volume.get("name"): volume for volume in spec.get("volumes") or ()}, **claims}
    yield from containers(spec, path, known)
    yield from security(spec, path)
    yield from placement(spec, path)
    yield from resources.of_pod(spec, path)
    yield from resources.overhead(spec.get("overhead") or {}, (*path, "overhead"))
    yield from _claims(spec.get("resourceClaims") or (), (*path, "resourceClaims"))
    yield from _dns(spec, path)
    yield from _names(spec, path)
    yield from fields.choice(spec.get("restartPolicy"), _RESTART, (*path, "restartPolicy"))
    policies = ("Never", "PreemptLowerPriority")
    yield from fields.word(spec.get("preemptionPolicy"), policies, (*path, "preemptionPolicy"))
    yield from fields.between(spec.get("activeDeadlineSeconds"), 1, 2**31 - 1, (*path, "activeDeadlineSeconds"))


def _names(spec: Data, path: Path) -> Problems:
    if not spec.get("serviceAccountName") and spec.get("serviceAccount"):  # its old name
        yield from fields.named(spec["serviceAccount"], names.subdomain_mistake, (*path, "serviceAccount"))
    for key in ("serviceAccountName", "priorityClassName", "nodeName"):
        if spec.get(key):
            yield from fields.named(spec[key], names.subdomain_mistake, (*path, key))
    yield from fields.named(spec.get("runtimeClassName"), names.subdomain_mistake, (*path, "runtimeClassName"))


def _host_names(spec: Data, path: Path) -> Problems:
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            yield from fields.named(spec[key], names.dns_label_mistake, (*path, key))


def _claims(items: Any, path: Path) -> Problems:
    """Claims of devices."""
    for index, item in enumerate(items):
        here = (*path, index)
        yield from fields.named(item.get("name"), names.dns_label_mistake, (*here, "name"))
        kinds = ("resourceClaimName", "resourceClaimTemplateName")
        yield from fields.exactly_one(item, kinds, here, f"a claim has one of {' and '.join(kinds)}")
        for key in kinds:
            yield from fields.named(item.get(key), names.subdomain_mistake, (*here, key))
    yield from fields.unique(items, "name", path)


def _dns(spec: Data, path: Path) -> Problems:
    policy = spec.get("dnsPolicy")
    yield from fields.choice(policy, _DNS, (*path, "dnsPolicy"))
    config, here = spec.get("dnsConfig") or {}, (*path, "dnsConfig")
    servers, searches = config.get("nameservers") or (), config.get("searches") or ()
    if policy == "None" and not servers:
        yield Problem(codes.COMBINATION, "dnsPolicy None needs dnsConfig with nameservers", (*path, "dnsPolicy"))
    if len(servers) > _MOST_SERVERS:
        message = f"{len(servers)} nameservers; {_MOST_SERVERS} are the most"
        yield Problem(codes.RANGE, message, (*here, "nameservers"))
    for index, server in enumerate(servers):
        yield from fields.address(server, (*here, "nameservers", index))
    if len(searches) > _MOST_SEARCHES or len(" ".join(searches)) > _LONGEST_SEARCHES:
        message = f"at most {_MOST_SEARCHES} searches, with {_LONGEST_SEARCHES} characters in all"
        yield Problem(codes.RANGE, message, (*here, "searches"))
    for index, search in enumerate(searches):
        domain = search.removesuffix(".").replace("_", "a")  # an underscore may stand wherever a letter may
        if search != ".":
            yield from fields.named(domain, names.subdomain_mistake, (*here, "searches", index), codes.HOST)
    for index, option in enumerate(config.get("options") or ()):
        yield from fields.required(option, "name", (*here, "options", index), "the option has no name")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        where = (*path, "hostAliases", index)
        yield from fields.address(alias.get("ip"), (*where, "ip"))
        for number, host in enumerate(alias.get("hostnames") or ()):
            yield from fields.named(host, names.subdomain_mistake, (*where, "hostnames", number), codes.HOST)


RULES = (ObjectRule(_pod, KINDS),)
