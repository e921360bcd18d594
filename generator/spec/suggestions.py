"""Find the word that was meant: by likeness, and by what other tools call the same thing (rulings L16)."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# Words of Compose, GitHub Actions, Argo Workflows and Kubernetes → ours.
_ELSEWHERE = {
    "environment": "env",
    "healthcheck": "health",
    "probes": "health",
    "livenessProbe": "health",
    "readinessProbe": "health",
    "readiness": "ready",
    "liveness": "live",
    "volumes": "storage",
    "volumeMounts": "storage",
    "if": "when",
    "depends": "needs",
    "dependencies": "needs",
    "dependsOn": "needs",
    "depends_on": "needs",
    "onExit": "on_exit",
    "finally": "on_exit",
    "container": "run",
    "entrypoint": "command",
    "working_dir": "workdir",
    "workingDir": "workdir",
    "replicaCount": "replicas",
    "scale": "replicas",
    "ingress": "expose",
    "autoscaling": "autoscale",
    "hpa": "autoscale",
    "cron": "schedule",
    "on": "triggers",
    "jobs": "tasks",
    "steps": "tasks",
    "strategy": "rollout",
    "activeDeadlineSeconds": "timeout",
    "timeout-minutes": "timeout",
    "retries": "retry",
    "retryStrategy": "retry",
    "withItems": "foreach",
    "matrix": "foreach",
    "configs": "files",
    "secrets": "files",
    "serviceAccount": "account",
    "nodeSelector": "placement",
    "tolerations": "placement",
    "securityContext": "security",
    "url": "service",
    "parameters": "inputs",
    "http": "call",
}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or an empty text."""
    choices = list(known)
    if (meant := _ELSEWHERE.get(word)) in choices:
        return meant or ""
    by_lower = {choice.lower().replace("_", "").replace("-", ""): choice for choice in choices}
    bare = word.lower().replace("_", "").replace("-", "")
    if bare in by_lower:
        return by_lower[bare]
    close = get_close_matches(word[:80], choices, n=1, cutoff=0.6)
    return close[0] if close else ""
