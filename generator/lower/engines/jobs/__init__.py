"""The engine `jobs`: workflows on plain Kubernetes, with nothing to install.

Stage: lower. Input: a workflow and its plan. Output: a CronJob from which runs are made, a suspended CronJob for each
task with a container (an inert template of Jobs), ConfigMaps with the runner and what it is to run, and the rights,
ways and accounts of their pods. The program in the runs' pods is `generator/runtime`.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.chart.model import Template, WorkflowNote
from generator.lower.context import Context
from generator.lower.engines.jobs.access import runner_access
from generator.lower.engines.jobs.launcher import launcher, launcher_name, plan_config_map
from generator.lower.engines.jobs.runner import runner_config_map
from generator.lower.engines.jobs.starter import starter
from generator.lower.engines.jobs.task import task_objects
from generator.lower.patches import patched
from generator.lower.workflows import LoweredWorkflow
from generator.resolve.model import Workflow

# A task's Jobs are made from its CronJob.
_PARTS = {"Job": ("CronJob", ("spec", "jobTemplate"))}


@dataclass(frozen=True)
class Jobs:
    """Runs are Jobs, and so is each try of a task with a container; calls are made by the run's own pod."""

    name: str = "jobs"

    def lower(self, context: Context, workflow: Workflow) -> LoweredWorkflow:
        """The workflow's objects; its values and files are declared on the context."""
        templates: list[Template] = []
        if workflow.name == min(context.system.workflows):  # one runner serves all workflows of the chart
            templates.append(runner_config_map(context))
        context.values.group(context.workflow_path(workflow.name), f"The workflow {workflow.name}.", workflow.span)
        templates += [launcher(context, workflow), plan_config_map(context, workflow)]
        templates += [*runner_access(context, workflow), *starter(context, workflow)]
        for task in workflow.all_tasks():
            objects = task_objects(context, workflow, task)
            templates += patched(context, objects, task.spec, f"task `{task.name}`", _PARTS)
        return LoweredWorkflow(tuple(templates), _note(context, workflow))


def _note(context: Context, workflow: Workflow) -> WorkflowNote:
    triggers = workflow.spec.triggers
    schedule = triggers.schedule if triggers else None
    return WorkflowNote(
        name=workflow.name,
        description=workflow.spec.description,
        launcher=launcher_name(context, workflow),
        launcher_kind="CronJob",
        schedule=f"{schedule.cron} {schedule.timezone}" if schedule else "",
        inputs=tuple(sorted(workflow.spec.inputs)),
    )
