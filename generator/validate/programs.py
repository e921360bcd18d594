"""Files in the form of Kubernetes objects that no API server ever sees: a program reads them.

They lie beside manifests, often in one folder. Source: the documentation of each program.
"""

from __future__ import annotations

from typing import Final

from generator.kube.workloads import api_group

_GROUPS: Final = frozenset(
    (
        "apiserver.config.k8s.io",
        "apiserver.k8s.io",
        "audit.k8s.io",
        "client.authentication.k8s.io",
        "ctlptl.dev",
        "k3d.io",
        "kind.x-k8s.io",
        "kubeadm.k8s.io",
        "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io",
        "kubescheduler.config.k8s.io",
        "kustomize.config.k8s.io",
        "skaffold",
    )
)
_TRANSFORMERS: Final = "builtin"
"""What kustomize's own transformers and generators have for an apiVersion."""


def is_for_a_program(api_version: str, kind: str) -> bool:
    """Whether this is a program's file: a kustomization, a kubeconfig, what kind or kubeadm make clusters from."""
    is_kubeconfig = (api_version, kind) == ("v1", "Config")
    return is_kubeconfig or api_version == _TRANSFORMERS or api_group(api_version) in _GROUPS
