"""The hardened security context of every pod, and deviations from it.

Stage: lower. Everything here passes Pod Security `restricted` unless the spec deviates under `security`, with its
reason; the reason comes out as annotations that checkov, kube-linter and kube-score understand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from generator.chart.nodes import Tree
from generator.spec.parts import Security
from generator.yamlio.nodes import plain

USER = 10001
_LOWEST_SAFE_USER = 10000

# For each deviating field: checkov's checks, kube-linter's check, kube-score's check.
_CHECKS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "readOnlyRootFilesystem": (
        ("CKV_K8S_22",),
        "no-read-only-root-fs",
        "container-security-context-readonlyrootfilesystem",
    ),
    "runAsNonRoot": (("CKV_K8S_23",), "run-as-non-root", "container-security-context-user-group-id"),
    "runAsUser": (("CKV_K8S_40",), "run-as-non-root", "container-security-context-user-group-id"),
    "allowPrivilegeEscalation": (("CKV_K8S_20",), "privilege-escalation-container", ""),
    "privileged": (("CKV_K8S_16",), "privileged-container", "container-security-context-privileged"),
    "capabilities": (("CKV_K8S_28", "CKV_K8S_37"), "drop-net-raw-capability", ""),
    "seccompProfile": (("CKV_K8S_31",), "", "container-seccomp-profile"),
}
_SMALL_USER = (("CKV_K8S_40",), "", "container-security-context-user-group-id")
_TOKEN = (("CKV_K8S_38",), "", "")
_SECRET_VARIABLES = (("CKV_K8S_35",), "read-secret-from-env-var", "")


def pod_security(security: Security | None, owns_volumes: bool = False) -> dict[str, Tree]:
    """A pod's securityContext. `owns_volumes` hands its volumes, and the files in them, to its group."""
    user, group = _identity(security)
    context: dict[str, Tree] = {
        "runAsNonRoot": _deviating(security, "runAsNonRoot", True),
        "runAsUser": _deviating(security, "runAsUser", user),
        "runAsGroup": group,
    }
    if owns_volumes:
        context |= {"fsGroup": group, "fsGroupChangePolicy": "OnRootMismatch"}
    return context | {"seccompProfile": _deviating(security, "seccompProfile", {"type": "RuntimeDefault"})}


def container_security(security: Security | None = None) -> dict[str, Tree]:
    """A container's securityContext."""
    context: dict[str, Tree] = {
        "allowPrivilegeEscalation": _deviating(security, "allowPrivilegeEscalation", False),
        "readOnlyRootFilesystem": _deviating(security, "readOnlyRootFilesystem", True),
        "capabilities": _deviating(security, "capabilities", {"drop": ["ALL"]}),
    }
    if security and "privileged" in security.deviations():
        context["privileged"] = _deviating(security, "privileged", False)
    return context


def exemptions(security: Security | None, secret_variables: bool = False, token: bool = False) -> dict[str, str]:
    """Annotations of a workload that tell scanners which findings are meant to be, and why."""
    meant = [(_CHECKS[name], each.reason) for name, each in (security.deviations() if security else {}).items()]
    if security and security.user is not None and security.user < _LOWEST_SAFE_USER:
        meant.append((_SMALL_USER, "the image is made for this user"))
    if secret_variables:
        meant.append((_SECRET_VARIABLES, "the program reads its credentials from variables"))
    if token:
        meant.append((_TOKEN, "it calls the Kubernetes API"))
    skipped = [f"{check}={reason}" for (checks, _, _), reason in meant for check in checks]
    annotations = {f"checkov.io/skip{number}": text for number, text in enumerate(skipped, start=1)}
    annotations |= {f"ignore-check.kube-linter.io/{check}": reason for (_, check, _), reason in meant if check}
    ignored = _unique(check for (_, _, check), _ in meant if check)
    return annotations | ({"kube-score/ignore": ", ".join(ignored)} if ignored else {})


def _identity(security: Security | None) -> tuple[int, int]:
    user = security.user if security and security.user is not None else USER
    return user, security.group if security and security.group is not None else user


def _deviating(security: Security | None, name: str, hardened: Tree) -> Tree:
    deviation = security.deviations().get(name) if security else None
    return hardened if deviation is None or deviation.value is None else cast("Tree", _data(deviation.value))


def _data(node: Any) -> Any:
    return plain(node)


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
