"""Accounts and rights of the components that an engine makes. Stage: lower."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.chart.model import Origin, Template
from generator.chart.nodes import Include, Tree, Value
from generator.diagnostics import Span
from generator.lower import network
from generator.lower.context import Context
from generator.lower.resources.serviceaccount import CREATED

_RBAC = "rbac.authorization.k8s.io"


def access(
    context: Context, component: str, folder: str, span: Span, rules: Sequence[Tree], egress: Sequence[Tree]
) -> list[Template]:
    """A component's account; the Role and its binding when it has rights; a policy when it may reach something."""
    found = [account(context, component, folder, span), *rights(context, component, folder, span, rules)]
    allowed = network.policy(context, component, f"{folder}/networkpolicy.yaml", span, egress=egress)
    return [*found, allowed] if allowed else found


def account(
    context: Context, component: str, folder: str, span: Span, annotations: Mapping[str, Tree] | Value | None = None
) -> Template:
    """A ServiceAccount. Its token is mounted by the pods that need it, and by no others."""
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": context.metadata(component, annotations=annotations),
        "automountServiceAccountToken": False,
    }
    return Template(f"{folder}/serviceaccount.yaml", tree, Origin(span), CREATED)


def rights(context: Context, component: str, folder: str, span: Span, rules: Sequence[Tree]) -> list[Template]:
    """A Role with these rules and its binding to the component's account."""
    if not rules:
        return []
    name = context.name(component)
    role: dict[str, Tree] = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "Role",
        "metadata": context.metadata(component),
        "rules": list(rules),
    }
    binding: dict[str, Tree] = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": context.metadata(component),
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name}],
    }
    return [
        Template(f"{folder}/role.yaml", role, Origin(span, {"rules": span})),
        Template(f"{folder}/rolebinding.yaml", binding, Origin(span)),
    ]


def rule(group: str, resource: str, verbs: Sequence[str], names: Sequence[Include] = ()) -> Tree:
    """One rule of a Role, for named objects alone when names are given."""
    limited: dict[str, Tree] = {"resourceNames": list(names)} if names else {}
    return {"apiGroups": [group], "resources": [resource], **limited, "verbs": list(verbs)}
