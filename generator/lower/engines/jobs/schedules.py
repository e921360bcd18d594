"""The schedules of a workflow: which CronJob each of them stands in, and the values that say when.

Stage: lower. A single schedule is the workflow's own CronJob's; of several, each has a CronJob of its own, and the
workflow's own is left to the runs that people and installations start.
"""

from __future__ import annotations

from generator.chart.model import ScheduleNote
from generator.chart.nodes import Include, Tree
from generator.chart.values import JsonSchema
from generator.kube.identifiers import MAX_CRONJOB, camel_case
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.values import Path
from generator.plan.planner import schedule_plans
from generator.records import dataclass
from generator.resolve.model import Workflow
from generator.spec.workflow import Schedule

NEVER = "0 0 1 1 *"
"""The schedule of what is suspended; it must be one that the API server takes."""

_LATE_SECONDS = 3600


@dataclass(frozen=True)
class Slot:
    """One schedule: its trigger's name, its CronJob's, its values, and what it is here (None: only elsewhere)."""

    trigger: str
    cron_job: Include
    path: Path
    schedule: Schedule | None

    @property
    def note(self) -> ScheduleNote:
        """What NOTES.txt and the alerts need of it."""
        text = f"{self.schedule.cron} {self.schedule.timezone}" if self.schedule else ""
        return ScheduleNote(self.cron_job, self.path, text)


_CONCURRENCY: JsonSchema = {"type": "string", "enum": ["forbid", "allow", "replace"]}
_TYPES = {"list": "array"}


def launcher_name(context: Context, workflow: Workflow) -> Include:
    """The name of the workflow's own CronJob; a Job made from it has 11 characters more."""
    return context.name(workflow.name, MAX_CRONJOB)


def slots(context: Context, workflow: Workflow) -> list[Slot]:
    """The schedules that the workflow has here or, when it is one, in any environment."""
    triggers = [each.spec.triggers for each in context.workflows(workflow.name)]
    path = context.workflow_path(workflow.name)
    here = workflow.spec.triggers.named_schedules if workflow.spec.triggers else {}
    if len(here) > 1:
        return [
            Slot(name, context.name(f"{workflow.name}-{name}", MAX_CRONJOB), (*path, camel_case(name)), schedule)
            for name, schedule in here.items()
        ]
    if any(each and each.schedules for each in triggers):
        return [Slot("schedule", launcher_name(context, workflow), (*path, "schedule"), here.get("schedule"))]
    return []


def timing(context: Context, workflow: Workflow, slot: Slot) -> dict[str, Tree]:
    """What a CronJob says of its schedule."""
    here, section, span = slot.schedule, f"Workflow {workflow.name}", workflow.spec.span("triggers")
    context.values.group(slot.path, "", span)
    leaf = context.values.leaf
    zone, cron = (here.timezone, here.cron) if here else ("Etc/UTC", NEVER)
    return {
        "schedule": leaf((*slot.path, "cron"), "When runs start.", schemas.CRON, cron, section, span),
        "timeZone": leaf(
            (*slot.path, "timezone"), "Time zone of the schedule.", schemas.SOME_TEXT, zone, section, span
        ),
        "suspend": leaf((*slot.path, "suspend"), "No runs by the schedule.", schemas.FLAG, here is None, section, span),
        "startingDeadlineSeconds": _LATE_SECONDS,
    }


def bound_schedule(context: Context, workflow: Workflow) -> dict[str, Tree]:
    """What bindings.json says of a schedule that does not give the same everywhere: the values decide then."""
    plans = [schedule_plans(each) for each in context.workflows(workflow.name)]
    if len({str(plan) for plan in plans}) == 1:
        return {}
    path, section = (*context.workflow_path(workflow.name), "schedule"), f"Workflow {workflow.name}"
    here, span = schedule_plans(workflow).get("schedule"), workflow.spec.span("triggers")
    types = {name: _TYPES.get(each.type, each.type) for name, each in sorted(workflow.spec.inputs.items())}
    given = schemas.closed({name: {"type": each} for name, each in types.items()})
    doc = "What happens when a run is still going."
    leaf = context.values.leaf
    concurrency = leaf((*path, "concurrency"), doc, _CONCURRENCY, here.concurrency if here else "forbid", section, span)
    inputs = leaf((*path, "with"), "Inputs of the runs.", given, dict(here.inputs) if here else {}, section, span)
    return {"triggers": {"schedule": {"concurrency": concurrency, "with": inputs}}}
