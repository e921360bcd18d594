"""Roles and their bindings.

Source: kubernetes pkg/apis/rbac/validation.
"""

from __future__ import annotations

from typing import Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.tables import checked, field, need, selector
from generator.validate.model import Data, ObjectRule, Problem, Problems

_GROUP: Final = "rbac.authorization.k8s.io"


_AGGREGATION: Final = (
    need("aggregationRule?.clusterRoleSelectors"),
    field("aggregationRule?.clusterRoleSelectors[]", selector),
)


def _role(data: Data) -> Problems:
    is_cluster = data.get("kind") == "ClusterRole"
    for index, rule in enumerate(data.get("rules") or ()):
        yield from _rule(rule, ("rules", index), is_cluster)
    if is_cluster:
        yield from checked(data, _AGGREGATION, ())


def _rule(rule: Data, path: Path, is_cluster: bool) -> Problems:
    if not rule.get("verbs"):
        yield Problem(codes.RULE, "the rule names no verbs", path)
    urls = rule.get("nonResourceURLs")
    if urls:
        if not is_cluster:
            message = "nonResourceURLs are for ClusterRoles only"
            yield Problem(codes.RULE, message, (*path, "nonResourceURLs"))
        if rule.get("resources") or rule.get("apiGroups") or rule.get("resourceNames"):
            message = "nonResourceURLs do not go with resources"
            yield Problem(codes.COMBINATION, message, (*path, "nonResourceURLs"))
        return
    if not rule.get("apiGroups"):
        hint = 'for core resources (pods, services …) write `apiGroups: [""]`'
        yield Problem(codes.RULE, "the rule names no apiGroups", path, hint)
    if not rule.get("resources"):
        yield Problem(codes.RULE, "the rule names no resources", path)


def _binding(data: Data) -> Problems:
    role = data.get("roleRef") or {}
    if role.get("apiGroup") not in (None, "", _GROUP):
        yield Problem(codes.CHOICE, f"apiGroup of roleRef must be {_GROUP}", ("roleRef", "apiGroup"))
    kinds = ("ClusterRole",) if data.get("kind") == "ClusterRoleBinding" else ("Role", "ClusterRole")
    yield from fields.choice(role.get("kind"), kinds, ("roleRef", "kind"))
    for key in ("kind", "name"):
        if role.get(key) == "":
            yield Problem(codes.EMPTY, f"roleRef has no {key}", ("roleRef", key))
    yield from fields.named(role.get("name"), names.segment_mistake, ("roleRef", "name"))
    for index, subject in enumerate(data.get("subjects") or ()):
        yield from _subject(subject, ("subjects", index), data.get("kind") == "ClusterRoleBinding")


def _subject(subject: Data, path: Path, is_cluster: bool) -> Problems:
    kind, group = subject.get("kind"), subject.get("apiGroup") or ""
    yield from fields.choice(kind, ("User", "Group", "ServiceAccount"), (*path, "kind"))
    if kind == "":
        yield Problem(codes.SUBJECT, "the kind of the subject is empty", (*path, "kind"))
    if not subject.get("name"):
        yield Problem(codes.SUBJECT, "the subject has no name", path)
    elif kind == "ServiceAccount":
        yield from fields.named(subject["name"], names.subdomain_mistake, (*path, "name"))
    if kind == "ServiceAccount" and group:
        yield Problem(codes.SUBJECT, "apiGroup of a ServiceAccount must be empty", (*path, "apiGroup"))
    if kind in ("User", "Group") and group not in ("", _GROUP):
        yield Problem(codes.SUBJECT, f"apiGroup of a {kind} must be {_GROUP}", (*path, "apiGroup"))
    if kind == "ServiceAccount" and is_cluster and not subject.get("namespace"):
        message = f'the ServiceAccount "{subject.get("name", "")}" needs its namespace here'
        yield Problem(codes.SUBJECT, message, path, "in a chart: `namespace: {{ .Release.Namespace }}`")


RULES = (
    ObjectRule(_role, (f"{_GROUP}/Role", f"{_GROUP}/ClusterRole")),
    ObjectRule(_binding, (f"{_GROUP}/RoleBinding", f"{_GROUP}/ClusterRoleBinding")),
)
