"""Which kinds hold pods, and where in them the pod template stands.

Input: an object's data. Output: its API group, its pod template. Source: the `template` fields of apps/v1, batch/v1 and
core/v1, and of Argo Rollouts' Rollout, which stands for a Deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

POD_TEMPLATES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("argoproj.io", "Rollout"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): ("spec", "template"),
}
"""Path of the pod template (what has `metadata` and `spec` of a pod) by API group and kind."""


def api_group(api_version: str) -> str:
    """The group of an apiVersion: `apps` of `apps/v1`, empty for the core's `v1`."""
    return api_version.rpartition("/")[0]


def value_at(data: object, path: tuple[str, ...]) -> Any:
    """What stands at a path of mapping keys; None when it isn't there."""
    for key in path:  # a check for a Mapping would be slow, and rules ask this of every object
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def pod_template(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The pod template of an object; None when it has none.

    A custom resource counts when it has containers under `spec.template`, as most that keep pods do (Rollout, Knative's
    Service).
    """
    kind = (api_group(str(data.get("apiVersion", ""))), str(data.get("kind", "")))
    template = value_at(data, POD_TEMPLATES.get(kind, ("spec", "template")))
    if not isinstance(template, Mapping):
        return None
    holds_pods = kind in POD_TEMPLATES or isinstance(value_at(template, ("spec", "containers")), list)
    return template if holds_pods else None
