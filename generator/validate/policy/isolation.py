"""What pods can reach, and be reached by, within the cluster: network policies, and tokens for the API server."""

from __future__ import annotations

from typing import Final

from generator.kube.workloads import value_at
from generator.validate.model import Problem
from generator.validate.policy import exposure_codes, pod_codes
from generator.validate.policy.workload import Findings, WorldRule
from generator.validate.world import World

_GROUP: Final = "rbac.authorization.k8s.io"


def network_policies(world: World) -> Findings:
    """Every pod is selected by policies for both directions."""
    directions: dict[int, set[str]] = {}
    for item in world.of_kind("networking.k8s.io/NetworkPolicy"):
        spec = item.data.get("spec") or {}
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        for pods in world.selected(spec.get("podSelector") or {}, item.namespace):
            directions.setdefault(id(pods), set()).update(types)
    for pods in world.pods:
        found = directions.get(id(pods), set())
        if pods.spec.get("hostNetwork"):
            continue  # such a policy has no effect there
        if not found:
            message = f"no NetworkPolicy selects the pods of {pods.owner}"
            yield pods.owner.manifest, Problem(exposure_codes.NO_POLICY, message, (*pods.path, "metadata"))
        elif len(found) == 1:
            message = f"the pods of {pods.owner} have a NetworkPolicy for {next(iter(found))} only"
            yield pods.owner.manifest, Problem(exposure_codes.ONE_WAY, message, (*pods.path, "metadata"))


def tokens(world: World) -> Findings:
    """Only pods whose account has rights get its token."""
    bound = {
        str(subject.get("name"))
        for item in world.of_kind(f"{_GROUP}/RoleBinding", f"{_GROUP}/ClusterRoleBinding")
        for subject in item.data.get("subjects") or ()
        if subject.get("kind") == "ServiceAccount"
    }
    for pods in world.pods:
        name = str(pods.spec.get("serviceAccountName") or pods.spec.get("serviceAccount") or "default")
        if name in bound or pods.spec.get("automountServiceAccountToken") is False:
            continue
        account = world.find("ServiceAccount", name, pods.owner.namespace)
        declines = account is not None and value_at(account.data, ("automountServiceAccountToken",)) is False
        if pods.spec.get("automountServiceAccountToken") is None and declines:
            continue
        message = f"the pods of {pods.owner} get a token of the account {name}, which has no rights here"
        path = (*pods.spec_path, "automountServiceAccountToken")
        yield (
            pods.owner.manifest,
            Problem(pod_codes.ACCOUNT_TOKEN, message, path, "automountServiceAccountToken: false"),
        )


RULES: Final = tuple(map(WorldRule, (network_policies, tokens)))
