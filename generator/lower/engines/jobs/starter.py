"""The hook that starts one run after `helm install` and `helm upgrade`, when the workflow has that trigger.

Stage: lower. The hook is short: it makes the run from the workflow's CronJob and ends, so that neither upgrade nor
uninstall waits for the run; with `wait: true` it stays until the run has ended, and fails with it (rulings C31).
"""

from __future__ import annotations

from generator.chart.model import Origin, Template
from generator.chart.nodes import Builtin, Tree
from generator.lower import network
from generator.lower.context import Context
from generator.lower.engines.jobs.launcher import VERDICT, deadline
from generator.lower.engines.jobs.rights import access, rule
from generator.lower.engines.jobs.runner import free_component, from_field, runner_pod
from generator.lower.engines.jobs.schedules import launcher_name
from generator.lower.pods import pod_template
from generator.lower.volumes import Mounts
from generator.resolve.model import Workflow

_HOOK = {
    "helm.sh/hook": "post-install,post-upgrade",
    "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
}
LOGS_OF_FAILURES = {"helm.sh/hook-output-log-policy": "hook-failed"}
"""Helm 4 prints what a failed hook has said; Helm 3 does not know the annotation."""

_DEADLINE_SECONDS = 300
_RETRIES = 3
_STAY_SECONDS = 3600


def starter(context: Context, workflow: Workflow) -> list[Template]:
    """The hook's Job, and what it may do: read this CronJob, create a Job, and look at it when it waits."""
    triggers = workflow.spec.triggers
    if not triggers or not triggers.install or triggers.install.when == "before":
        return []
    component = free_component(context.system, f"{workflow.name}-install", f"{workflow.name}-install-run")
    name, span = launcher_name(context, workflow), workflow.spec.span("triggers", "install")
    env: list[Tree] = [
        {"name": "FLOWHELM_CRONJOB", "value": name},
        {"name": "FLOWHELM_REVISION", "value": Builtin("Release.Revision")},
        from_field("FLOWHELM_NAMESPACE", "metadata.namespace"),
    ]
    waits = triggers.install.wait
    pod = runner_pod(context, component, workflow.name, "start-and-wait" if waits else "start", env, Mounts())
    waiting: dict[str, Tree] = {"podFailurePolicy": {"rules": [VERDICT]}} if waits else {}
    spec: dict[str, Tree] = {
        "backoffLimit": _RETRIES,
        "activeDeadlineSeconds": _DEADLINE_SECONDS + (deadline(context, workflow) if waits else 0),
        "ttlSecondsAfterFinished": _STAY_SECONDS,
        "podReplacementPolicy": "Failed",
        **waiting,
        "template": pod_template(context, pod).tree,
    }
    tree: dict[str, Tree] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": context.metadata(component, annotations={**_HOOK, **(LOGS_OF_FAILURES if waits else {})}),
        "spec": spec,
    }
    folder = f"templates/workflows/{workflow.name}/install"
    rules = [rule("batch", "cronjobs", ["get"], [name]), rule("batch", "jobs", ["create", *(["get"] if waits else [])])]
    return [
        Template(f"{folder}/job.yaml", tree, Origin(span)),
        *access(context, component, folder, span, rules, [network.api_server_rule(context)]),
    ]
