"""RBAC: rights that reach further than their holder needs.

Source: Kubernetes, "Role Based Access Control Good Practices" (1.35), privilege escalation risks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generator.diagnostics import Code
from generator.kube.workloads import value_at
from generator.records import dataclass
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import access_codes as codes

_GROUP: Final = "rbac.authorization.k8s.io"
_ROLES: Final = (f"{_GROUP}/Role", f"{_GROUP}/ClusterRole")
_BINDINGS: Final = (f"{_GROUP}/RoleBinding", f"{_GROUP}/ClusterRoleBinding")
_EVERYBODY: Final = frozenset(
    ("system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts")
)
_READ: Final = frozenset(("get", "list", "watch"))
_WRITE: Final = frozenset(("create", "update", "patch"))


@dataclass(frozen=True)
class _Right:
    """One of these verbs on one of these resources of a group is `code`; `named`: also when it is for named objects."""

    code: Code
    group: str
    resources: frozenset[str]
    verbs: frozenset[str]
    named: bool = True


def _right(code: Code, group: str, resources: str, verbs: Iterable[str], named: bool = True) -> _Right:
    return _Right(code, group, frozenset(resources.split()), frozenset(verbs), named)


_RIGHTS: Final = (
    _right(codes.READS_SECRETS, "", "secrets", _READ, named=False),
    _right(
        codes.ENTERS_PODS, "", "pods/exec pods/attach pods/ephemeralcontainers", {"create", "get", "update", "patch"}
    ),
    _right(codes.MAKES_PODS, "", "pods replicationcontrollers", {"create"}),
    _right(codes.MAKES_PODS, "apps", "deployments statefulsets daemonsets replicasets", {"create"}),
    _right(codes.MAKES_PODS, "batch", "jobs cronjobs", {"create"}),
    _right(codes.RAISES_RIGHTS, _GROUP, "roles clusterroles", {"bind", "escalate"}),
    _right(codes.RAISES_RIGHTS, "", "users groups serviceaccounts", {"impersonate"}),
    _right(codes.CONTROLS_CLUSTER, "", "nodes/proxy", {"get", "create"}),
    _right(codes.CONTROLS_CLUSTER, "", "serviceaccounts/token", {"create"}, named=False),
    _right(codes.CONTROLS_CLUSTER, "certificates.k8s.io", "certificatesigningrequests/approval", {"update", "patch"}),
    _right(codes.CONTROLS_CLUSTER, "certificates.k8s.io", "signers", {"approve", "sign"}),
    _right(
        codes.CONTROLS_CLUSTER,
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations validatingwebhookconfigurations",
        _WRITE,
    ),
)


def roles(data: Data) -> Problems:
    """What the rules of a role allow."""
    for index, rule in enumerate(data.get("rules") or ()):
        groups, resources, verbs = (set(rule.get(key) or ()) for key in ("apiGroups", "resources", "verbs"))
        path = ("rules", index)
        wild = [
            key for key, found in (("verbs", verbs), ("resources", resources), ("apiGroups", groups)) if "*" in found
        ]
        if wild and resources:
            message = f"the rule allows all {' and '.join(wild)}"
            yield Problem(codes.WILDCARD, message, (*path, wild[0]), "name those that are needed")
        if {"verbs", "resources"} <= set(wild):
            continue  # each of the rights below is part of it
        for right in _RIGHTS:
            reached = sorted(right.resources if "*" in resources else right.resources & resources)
            used = sorted(right.verbs if "*" in verbs else right.verbs & verbs)
            is_named = bool(rule.get("resourceNames"))
            if reached and used and groups & {right.group, "*"} and (right.named or not is_named):
                yield Problem(right.code, f"the rule allows to {'/'.join(used)} {', '.join(reached)}", path)


def bindings(data: Data) -> Problems:
    """Who gets the rights of a role."""
    if value_at(data, ("roleRef", "name")) == "cluster-admin":
        yield Problem(codes.CLUSTER_ADMIN, "the binding gives cluster-admin", ("roleRef", "name"))
    for index, subject in enumerate(data.get("subjects") or ()):
        name, path = str(subject.get("name") or ""), ("subjects", index, "name")
        if name in _EVERYBODY or name.startswith("system:serviceaccounts:"):
            yield Problem(codes.EVERYBODY, f"the binding gives rights to {name}", path)
        elif subject.get("kind") == "ServiceAccount" and name == "default":
            yield Problem(codes.DEFAULT_BOUND, "the binding gives rights to every pod that names no account", path)


RULES: Final = (ObjectRule(roles, _ROLES), ObjectRule(bindings, _BINDINGS))
