"""Find the word that was meant: by likeness, and by what other tools call the same thing (rulings L16)."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# Words of Compose, GitHub Actions, Argo Workflows and Kubernetes → ours.
_ELSEWHERE = {
    # Compose
    "environment": "env", "env_file": "envFrom", "healthcheck": "health", "volumes": "storage scratch files",
    "tmpfs": "scratch", "entrypoint": "command", "working_dir": "workdir", "container_name": "name", "links": "calls",
    "networks": "calls", "configs": "files", "secrets": "envFrom files", "deploy": "replicas resources",
    "scale": "replicas", "mem_limit": "resources", "cpus": "resources cpu", "test": "exec", "start_period": "delay",
    "stop_grace_period": "rollout grace", "file": "from", "external_links": "calls", "published": "port",
    # GitHub Actions
    "if": "when", "depends": "needs", "dependencies": "needs", "on": "triggers", "jobs": "tasks workflows",
    "steps": "tasks", "uses": "workflow", "runs-on": "placement", "timeout-minutes": "timeout", "matrix": "foreach",
    "max-parallel": "parallel parallelism", "permissions": "account", "workflow_dispatch": "manual",
    "fail-fast": "max_failed", "cron": "schedule",
    # Argo Workflows
    "onExit": "on_exit", "finally": "on_exit", "container": "run", "script": "run", "http": "call", "dag": "tasks",
    "retryStrategy": "retry", "retries": "retry failures", "limit": "attempts", "withItems": "foreach",
    "withParam": "foreach", "withSequence": "foreach", "arguments": "with inputs", "parameters": "inputs",
    "suspend": "approve wait", "synchronization": "mutex", "memoize": "cache", "ttlStrategy": "keep",
    "templateRef": "workflow", "activeDeadlineSeconds": "timeout", "schedules": "schedule",
    # Kubernetes
    "dependsOn": "needs depends_on", "probes": "health", "livenessProbe": "health live",
    "startupProbe": "health startup", "readinessProbe": "health ready", "liveness": "live", "readiness": "ready",
    "httpGet": "get", "tcpSocket": "tcp",
    "initialDelaySeconds": "delay", "periodSeconds": "period", "timeoutSeconds": "timeout",
    "failureThreshold": "failures", "volumeMounts": "storage scratch files", "volumeClaimTemplates": "storage",
    "emptyDir": "scratch", "configMap": "config files", "configMapRef": "config", "configMapKeyRef": "config",
    "secretRef": "secret", "secretKeyRef": "secret", "workingDir": "workdir", "replicaCount": "replicas",
    "containerPort": "target port", "targetPort": "target", "ingress": "expose", "ingressClassName": "class",
    "storageClassName": "class", "accessModes": "access", "autoscaling": "autoscale", "hpa": "autoscale",
    "minReplicas": "min", "maxReplicas": "max", "strategy": "rollout", "podDisruptionBudget": "disruption",
    "minAvailable": "min_available", "maxUnavailable": "max_unavailable", "maxSurge": "max_surge",
    "minReadySeconds": "rollout min_ready", "terminationGracePeriodSeconds": "rollout grace",
    "revisionHistoryLimit": "rollout history", "serviceAccount": "account", "serviceAccountName": "account",
    "nodeSelector": "placement", "tolerations": "placement", "affinity": "placement",
    "topologySpreadConstraints": "placement spread", "priorityClassName": "placement priority",
    "securityContext": "security", "runAsGroup": "group", "initContainers": "init", "timeZone": "timezone",
    "concurrencyPolicy": "concurrency", "successfulJobsHistoryLimit": "keep success",
    "failedJobsHistoryLimit": "keep failure", "backoffLimit": "retry attempts", "hosts": "host",
    # HTTP
    "url": "service", "method": "get", "path": "get",
}  # fmt: skip
"""Their word → ours; where it may be one of several, the first that is known in the place."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty text."""
    choices = list(known)
    for meant in _ELSEWHERE.get(word, "").split():
        if meant in choices:
            return meant
    by_lower = {choice.lower().replace("_", "").replace("-", ""): choice for choice in choices}
    bare = word.lower().replace("_", "").replace("-", "")
    if bare in by_lower:
        return by_lower[bare]
    close = get_close_matches(word[:80], choices, n=1, cutoff=0.6)
    return close[0] if close else ""
