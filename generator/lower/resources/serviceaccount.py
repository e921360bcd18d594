"""ServiceAccount: who a service is to the API server, and what it may do there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from generator.chart.model import Template
from generator.chart.nodes import Kind, Tree, Value
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.yamlio.nodes import plain

CREATED = Value(("serviceAccounts", "create"), Kind.BOOLEAN)
_RBAC = "rbac.authorization.k8s.io"


def service_accounts(context: Context, component: Component) -> Iterator[Template]:
    """The service's account, and a Role for it when the spec gives it rights."""
    account = component.spec.account
    annotations = context.values.leaf(
        (*component.scope, "serviceAccount", "annotations"),
        "Annotations of the service account, for example for an identity of the cloud.",
        schemas.TEXT_MAP,
        dict(account.annotations) if account else {},
        component.section,
        component.spec.span("account"),
    )
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": context.metadata(component.name, annotations=annotations),
        "automountServiceAccountToken": False,
    }
    yield component.template("serviceaccount", tree, condition=CREATED)
    if account and account.rules:
        yield from _rights(context, component)


def _rights(context: Context, component: Component) -> Iterator[Template]:
    name, account = context.name(component.name), component.spec.account
    rules = cast("list[Tree]", [plain(rule) for rule in account.rules] if account else [])
    span = component.spec.span("account")
    role: dict[str, Tree] = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "Role",
        "metadata": context.metadata(component.name),
        "rules": rules,
    }
    yield component.template("role", role, {"rules": span}, span=span)
    binding: dict[str, Tree] = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": context.metadata(component.name),
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name}],
    }
    yield component.template("rolebinding", binding, span=span)
