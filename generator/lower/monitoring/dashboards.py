"""Grafana dashboards: one for each service with objectives, one for each workflow.

Stage: lower. Input: what Prometheus has of them. Output: JSON files of the chart in which `@name@` stands for what only
a release knows, and ConfigMaps with the label by which Grafana's sidecar finds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.chart.model import Origin, Template, WorkflowNote
from generator.chart.nodes import All, Builtin, FileText, Include, Join, Kind, Merge, Named, Root, Tree, Value
from generator.diagnostics import Span
from generator.lower import schemas
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.monitoring.objectives import Measured, measured
from generator.lower.monitoring.panels import dashboard, number, words
from generator.lower.monitoring.panels import graph as lines
from generator.lower.monitoring.workflows import NO_ALARM
from generator.lower.resources.servicemonitor import MONITORED
from generator.plan.analysis import Forecast
from generator.regexes import regex
from generator.resolve.model import Workflow

FOLDER = "files/_dashboards/"
_SECTION = "Monitoring"
_GAP = regex("@(namespace|release|uid|job|launchers)@")

_OWNED = 'kube_job_owner{namespace="@namespace@", owner_kind="CronJob", owner_name=~"@launchers@"}'
_OF_RUN = f"and on (namespace, job_name)\n{_OWNED}"
_COMPLETE = 'kube_job_complete{namespace="@namespace@", condition="true"}'
_FAILED = 'kube_job_failed{namespace="@namespace@", condition="true"}'
_NEEDS_NOBODY = f"""\
unless on (namespace, job_name)
max_over_time(kube_job_spec_active_deadline_seconds{{namespace="@namespace@"}}[$__range]) == {NO_ALARM}
"""
_ACTIVE = 'max by (namespace, job_name) (kube_job_status_active{namespace="@namespace@"})'
_TOOK = """\
max by (namespace, job_name) (
  kube_job_status_completion_time{namespace="@namespace@"} - kube_job_status_start_time{namespace="@namespace@"}
)"""
_OF_TASK = f"""\
and on (namespace, job_name)
(
  kube_job_owner{{namespace="@namespace@", owner_kind="Job"}}
  and on (namespace, owner_name)
  label_replace({_OWNED}, "owner_name", "$1", "job_name", "(.*)")
)"""


def dashboards(context: Context, notes: Sequence[WorkflowNote]) -> Iterator[Template]:
    """The ConfigMaps; their files are declared on the context."""
    for _, service in sorted(context.system.services.items()):
        component = Component.of(context, service)
        found = measured(context, component)
        if found:
            gaps = {"job": context.host(service)}
            yield _config_map(context, service.name, _of_service(found), gaps, component.spec.span("slo"))
    for note in notes:
        workflow = context.system.workflows[note.name]
        names = list(dict.fromkeys((note.launcher, *(schedule.launcher for schedule in note.schedules))))
        pieces = [piece for name in names for piece in ("|", name)]
        tree = _of_workflow(workflow, context.plans[note.name].forecast)
        yield _config_map(context, note.name, tree, {"launchers": Join(tuple(pieces[1:]))}, workflow.span)


def _config_map(
    context: Context, name: str, tree: dict[str, Any], own: Mapping[str, str | Include | Join], span: Span
) -> Template:
    path = f"{FOLDER}{name}.json"
    text = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    context.files[path] = text.encode()
    uid = Include("dashboardUid", (Root(), name))
    gaps = {"namespace": Builtin("Release.Namespace"), "release": Builtin("Release.Name"), "uid": uid, **own}
    component = context.name(f"{name}-dashboard")
    content = Named(
        Join((component, ".json")), FileText(path, tuple(gap for gap in gaps.items() if f"@{gap[0]}@" in text))
    )
    labels, annotations, shown = _values(context)
    metadata = context.metadata("monitoring", component, labels, annotations)
    config_map: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": Merge((content,)),
    }
    return Template(f"templates/monitoring/dashboard-{name}.yaml", config_map, Origin(span), All((MONITORED, shown)))


def _values(context: Context) -> tuple[Value, Value, Value]:
    """What a user of the chart may set for all dashboards."""
    leaf, scope = context.values.leaf, ("monitoring", "dashboards")
    context.values.group(scope, "Dashboards for Grafana, as ConfigMaps that its sidecar finds.")
    shown = leaf((*scope, "enabled"), "Make them.", schemas.FLAG, True, _SECTION)
    doc = "Labels by which Grafana's sidecar selects them."
    labels = leaf((*scope, "labels"), doc, schemas.LABELS, {"grafana_dashboard": "1"}, _SECTION)
    doc = "Annotations of the ConfigMaps, for example the folder: {grafana_folder: Shop}."
    annotations = leaf((*scope, "annotations"), doc, schemas.TEXT_MAP, {}, _SECTION)
    return labels, annotations, Value(shown.path, Kind.BOOLEAN)


def _of_service(found: Sequence[Measured]) -> dict[str, Any]:
    target = 'namespace="@namespace@", job="@job@"'
    panels = []
    for each in found:
        slo = f'{target}, objective="{each.name}"'
        budget = f"slo:error_budget:ratio{{{slo}}}"
        left = f"1 - slo:errors:ratio_rate{each.window}{{{slo}}} / on (namespace, job) {budget}"
        rates = {
            f"over {rate}": f"slo:errors:ratio_rate{rate}{{{slo}}} / on (namespace, job) {budget}"
            for rate in ("1h", "6h", "3d")
        }
        panels.append(number(f"Budget left: {each.name}", left, f"Of the errors that {each.window} may have."))
        panels.append(lines(f"Burn rate: {each.name}", rates, "At 1 the budget lasts exactly for the window."))
    counted = next((each for each in found if each.name == "availability"), None)
    timed = next((each for each in found if each.name != "availability"), None)
    if counted:
        rate = f"sum by ({counted.code}) (rate({counted.metric}{{{target}}}[$__rate_interval]))"
        panels.append(lines("Requests", {f"{{{{{counted.code}}}}}": rate}, "By status, each second.", "reqps"))
    if timed:
        bucket = f"sum by (le) (rate({timed.metric}_bucket{{{target}}}[$__rate_interval]))"
        shares = {f"{share} of 100": f"histogram_quantile(0.{share}, {bucket})" for share in (50, 90, 99)}
        panels.append(lines("Duration", shares, "Within which so many requests are answered.", "s"))
    return dashboard("@job@ (@namespace@)", panels)


def _of_workflow(workflow: Workflow, known: Forecast | None) -> dict[str, Any]:
    succeeded, failed = _ended(_COMPLETE), _ended(_FAILED, _NEEDS_NOBODY)
    share = f"{succeeded}\n/\n({succeeded} + {failed} > 0)"
    active = f"sum(\n{_ACTIVE}\n{_OF_RUN}\n)\nor vector(0)"
    panels = [
        words(_described(workflow, known)),
        number(
            "Runs that succeeded",
            share,
            "Of those that ended in the time that is shown, but for those that were cancelled or retried.",
        ),
        lines("Time of runs", {"{{job_name}}": f"{_TOOK}\n{_OF_RUN}"}, "Of those that succeeded, start to end.", "s"),
        lines("Runs at work", {"runs": active}, "", "short"),
    ]
    names = sorted(_with_pods(workflow), key=lambda name: (-len(name), name))
    if names:
        pattern = f".*?-({'|'.join(names)})(?:-[0-9]+)*-[0-9a-f]{{8}}"
        tasks = f'label_replace(\n{_TOOK}\n{_OF_TASK},\n"task", "$1", "job_name", "{pattern}"\n)'
        doc = "Of the last runs, each try that succeeded. Calls are made by the run itself and have no pods."
        panels.append(lines("Time of tasks with pods", {"{{task}}": f"max by (task) (\n{tasks}\n)"}, doc, "s"))
    return dashboard(f"{workflow.name} (@release@, @namespace@)", panels)


def _ended(how: str, but: str = "") -> str:
    """How many runs ended like this in the time that is shown; those that had ended before it do not count."""
    return f"""\
(count(
  max by (namespace, job_name) (max_over_time({how}[$__range])) == 1
  unless on (namespace, job_name)
  {how} offset $__range == 1
  {but}and on (namespace, job_name)
  max_over_time({_OWNED}[$__range])
) or vector(0))"""


def _described(workflow: Workflow, known: Forecast | None) -> str:
    """What the workflow is, and its critical path as far as its estimates tell it."""
    lines = [workflow.spec.description] if workflow.spec.description else []
    if known:
        lines.append(f"Critical path, by the estimates: {' → '.join(known.path)}; {known.seconds:g} s in all.")
        lines.append(f"{known.success * 100:.4g} of 100 runs succeed on it.")
    text = "\n\n".join(lines) or f"The workflow {workflow.name}."
    return _GAP.sub(r"@ \1 @", text)  # a gap in the words of a user is none


def _with_pods(workflow: Workflow, before: str = "") -> Iterator[str]:
    """The tasks with pods, as they stand in the names of Jobs."""
    for task in workflow.all_tasks():
        if task.callee is not None:
            yield from _with_pods(task.callee, f"{before}{task.name}-")
        elif task.has_pod:
            yield f"{before}{task.name}"
