"""Which kinds hold pods, and where in them the pod template stands.

Input: an object's data. Output: its API group, its pod template. Source: the `template` fields of apps/v1, batch/v1 and
core/v1, and the definitions of Argo Rollouts 1.8, KEDA 2.17, Knative Serving 1.18, OpenKruise and LeaderWorkerSet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_TEMPLATE: Final = ("spec", "template")
_PLAIN_CUSTOM: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("apps.kruise.io", "BroadcastJob"): _TEMPLATE,
    ("apps.kruise.io", "CloneSet"): _TEMPLATE,
    ("apps.kruise.io", "DaemonSet"): _TEMPLATE,
    ("apps.kruise.io", "StatefulSet"): _TEMPLATE,
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("keda.sh", "ScaledJob"): ("spec", "jobTargetRef", "template"),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): ("spec", "leaderWorkerTemplate", "workerTemplate"),
}
_KNATIVE: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("serving.knative.dev", "Revision"): (),
    ("serving.knative.dev", "Service"): _TEMPLATE,
}
"""Knative fills in names, probes and more before it makes pods: the API server's rules for pods do not hold before."""

CUSTOM_PODS: Final = {**_PLAIN_CUSTOM, **_KNATIVE}
"""Path of the pod template by API group and kind, for custom resources."""

POD_TEMPLATES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("", "Pod"): (),
    ("", "PodTemplate"): ("template",),
    ("", "ReplicationController"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    **_PLAIN_CUSTOM,
}
"""Path of the pod template (what has `metadata` and `spec` of a pod) by API group and kind."""

ALL_PODS: Final = {**POD_TEMPLATES, **_KNATIVE}
"""The same, with those that are no pod templates of Kubernetes yet."""


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
