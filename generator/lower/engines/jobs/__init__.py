"""The engine `jobs`: workflows on plain Kubernetes, with nothing to install.

Stage: lower. Input: a workflow and its plan. Output: a CronJob from which runs are made, a suspended CronJob for each
task with a container (an inert template of Jobs), ConfigMaps with the runner and what it is to run, and the rights,
ways and accounts of their pods. The program in the runs' pods is `generator/runtime`.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.model import Template, WorkflowNote
from generator.lower.context import Context
from generator.lower.engines.jobs.access import runner_access
from generator.lower.engines.jobs.before import run_before
from generator.lower.engines.jobs.launcher import launchers, plan_config_map
from generator.lower.engines.jobs.runner import runner_config_map
from generator.lower.engines.jobs.schedules import launcher_name, slots
from generator.lower.engines.jobs.sql import client_config_map
from generator.lower.engines.jobs.starter import starter
from generator.lower.engines.jobs.task import task_objects
from generator.lower.facts import forecast_text, workflow_facts
from generator.lower.patches import patched
from generator.lower.workflows import LoweredWorkflow
from generator.records import dataclass
from generator.resolve.model import Workflow

# A task's Jobs are made from its CronJob.
_PARTS = {"Job": ("CronJob", ("spec", "jobTemplate"))}


_ANSWER, _MAX_PLACE = "flowhelm.dev/approve.", 55


@dataclass(frozen=True)
class Jobs:
    """Runs are Jobs, and so is each try of a task with a container; calls are made by the run's own pod."""

    name: str = "jobs"

    def lower(self, context: Context, workflow: Workflow) -> LoweredWorkflow:
        """The workflow's objects; its values and files are declared on the context."""
        templates: list[Template] = []
        if workflow.name == min(context.system.workflows):  # one runner serves all workflows of the chart
            templates += [runner_config_map(context), *client_config_map(context)]
        context.values.group(context.workflow_path(workflow.name), f"The workflow {workflow.name}.", workflow.span)
        if not workflow.startable:
            return LoweredWorkflow((*templates, *_tasks(context, workflow)))
        launched = launchers(context, workflow)
        own = [plan_config_map(context, workflow), *runner_access(context, workflow)]
        installed = starter(context, workflow)
        templates += [*launched, *own, *installed, *_tasks(context, workflow)]
        templates += run_before(context, workflow, own, lambda reused: _tasks(context, reused))
        return LoweredWorkflow(tuple(templates), _note(context, workflow))


def _tasks(context: Context, workflow: Workflow) -> list[Template]:
    """The objects of all tasks of a workflow."""
    return [
        template
        for task in workflow.all_tasks()
        for template in patched(
            context, task_objects(context, workflow, task), task.spec, f"task `{task.name}`", _PARTS
        )
    ]


def _note(context: Context, workflow: Workflow) -> WorkflowNote:
    plan = context.plans[workflow.name]
    required = tuple(name for name, each in sorted(plan.inputs.items()) if each.default is None)
    return WorkflowNote(
        name=workflow.name,
        description=workflow.spec.description,
        launcher=launcher_name(context, workflow),
        launcher_kind="CronJob",
        inputs=tuple(sorted(workflow.spec.inputs)),
        required=required,
        has_inputs=not required or bool(plan.triggers),
        schedules=tuple(slot.note for slot in slots(context, workflow)),
        manual=plan.manual,
        facts=workflow_facts(workflow),
        forecast=forecast_text(plan.forecast),
        questions=tuple(f"{_ANSWER}{place}" for place in _questions(workflow) if len(place) <= _MAX_PLACE),
    )


def _questions(workflow: Workflow) -> Iterator[str]:
    """The places of the tasks that ask a person, as runtime/names.py writes them; of items, the first."""
    for task in sorted(workflow.all_tasks(), key=lambda task: task.name):
        place = f"{task.name}.0" if task.spec.foreach else task.name
        if task.kind == "approve":
            yield place
        elif task.callee is not None:
            yield from (f"{place}.{inner}" for inner in _questions(task.callee))
