"""What the runner of a workflow may do and reach: no more than this workflow needs.

Stage: lower. A runner whose workflow only makes calls may create nothing: its Jobs are none but its own run.
"""

from __future__ import annotations

from generator.chart.model import Template
from generator.chart.nodes import Tree
from generator.lower import network
from generator.lower.context import Context
from generator.lower.engines.jobs.rights import access, rule
from generator.lower.engines.jobs.task import template_name
from generator.resolve.model import Workflow


def runner_access(context: Context, workflow: Workflow) -> list[Template]:
    """The runner's account, Role, RoleBinding and NetworkPolicy."""
    folder = f"templates/workflows/{workflow.name}"
    calls = [edge for _, task, edge in workflow.communications() if not task]
    egress = [network.api_server_rule(context), *network.egress_rules(context, calls)]
    return access(context, workflow.name, folder, workflow.span, _rules(context, workflow), egress)


def _rules(context: Context, workflow: Workflow) -> list[Tree]:
    """Reading and marking the run's Job and other runs; with pods to start, also that."""
    tasks = [(each, task) for each in workflow.with_reused() for task in each.all_tasks()]
    with_pods = {(each.name, task.name): template_name(context, each, task) for each, task in tasks if task.has_pod}
    templates = [with_pods[key] for key in sorted(with_pods)]
    events = rule("", "events", ["create"])
    # A lock is a Lease (rulings M17), whose name only the run knows.
    locks = any(task.spec.mutex for _, task in tasks)
    leases = [rule("coordination.k8s.io", "leases", ["create", "get", "patch", "delete"])] if locks else []
    if not templates:
        return [rule("batch", "jobs", ["get", "list", "watch", "patch"]), events, *leases]
    return [
        rule("batch", "jobs", ["create", "get", "list", "watch", "patch"]),
        rule("batch", "cronjobs", ["get"], templates),
        rule("", "pods", ["list", "watch"]),
        rule("", "events", ["create", "list"]),  # why a pod is refused or cannot start stands in Events alone
        *leases,
    ]
