"""The alerts of charts on real runs: a real Prometheus reads what kube-state-metrics would show of a real cluster.

A good run, one that fails, one that is too slow, one whose pod finds no node, one whose task's pod does not, one that
is cancelled, one that is retried (in vain); a schedule that a quota stops and one that it never lets begin. All happens
at the same time; then exactly the right alerts fire. The log and the Events of the good run tell its story.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.emit.emitter import emit
from tests.charts import lowered, write_files
from tests.cluster.cluster import Namespace, Release, Run, new_namespace, wait_for
from tests.cluster.kube_state import exporting
from tests.cluster.prometheus import Prometheus, watching
from tests.runtime.log_lines import lines_of
from tests.systems import system_of

pytestmark = pytest.mark.cluster

WATCHED = """
name: watched
defaults: {resources: {cpu: 10m, memory: 16Mi}}
x-busybox: &busybox busybox:1.37
workflows:
  good: {tasks: {count: {run: {image: *busybox, command: ["true"]}}, rest: {needs: [count], wait: 1s}}}
  bad: {tasks: {break: {run: {image: *busybox, command: [sh, -c, "exit 3"]}}}}
  busy:
    triggers: {schedule: {cron: "* * * * *"}}
    tasks: {rest: {wait: 30m}}
  replaced: {tasks: {rest: {wait: 30m}}}
  far: {tasks: {away: {run: {image: *busybox, command: ["true"]}, placement: {nodeSelector: {pool: none}}}}}
"""
FULL = """
name: full
workflows:
  waiting:
    triggers: {schedule: {cron: "* * * * *"}}
    tasks: {rest: {wait: 1s}}
"""


def test_alerts_fire_for_real_runs_that_need_somebody(
    kubectl: Path, helm4: Path, prometheus: Path, tmp_path: Path
) -> None:
    with new_namespace(kubectl, "alerts") as namespace, exporting(kubectl, namespace.name) as exporter:
        watched, full = (_release(namespace, helm4, tmp_path, text) for text in (WATCHED, FULL))
        thresholds = {"busy.alerts.slowAfter": 20, "busy.alerts.lateAfter": 5, "far.alerts.stuckAfter": 60}
        watched.install(*(f"--set=workflows.{key}={seconds}" for key, seconds in thresholds.items()))
        suspended = "--set=workflows.waiting.schedule.suspend="
        alerts = ("--set=workflows.waiting.alerts.stuckAfter=60", "--set=workflows.waiting.alerts.lateAfter=5")
        full.install("--set=runner.nodeSelector.pool=none", suspended + "true", *alerts)
        with watching(prometheus, tmp_path, exporter, namespace.get("prometheusrules.monitoring.coreos.com")) as seen:
            good, bad, busy, gone = (watched.run(name, name) for name in ("good", "bad", "busy", "replaced"))
            far, stuck = watched.run("far", "far"), full.run("waiting", "stuck")
            wait_for("the cancelled run to begin", gone.story)
            namespace.kubectl("annotate", "job", gone.name, "flowhelm.dev/cancel=true")
            skipped = wait_for("a run by the schedule", lambda: [run for run in watched.runs("busy") if run != busy])
            assert [run.verdict() for run in (good, bad, gone, skipped[0])] == [
                "Complete",
                "Failed",
                "Failed",
                "Complete",
            ]
            again = _retried(watched, bad)
            assert again.verdict() == "Failed"
            _check_story(good)
            namespace.apply(_NO_MORE_JOBS)
            full.upgrade("--set=runner.nodeSelector.pool=none", suspended + "false", *alerts)
            expected = {
                ("WorkflowRunFailed", "bad", again.name),
                ("WorkflowRunTooSlow", "busy", busy.name),
                ("WorkflowScheduleMissed", "busy", "watched-busy"),
                ("WorkflowRunStuck", "waiting", stuck.name),
                ("WorkflowTaskStuck", "far", far.name),
                ("WorkflowNeverRan", "waiting", "full-waiting"),
            }
            wait_for(f"exactly {expected} to fire", lambda: _firing(seen) == expected, patience=300)
            assert seen.broken_rules() == []
            answers = {workflow: _answers(namespace, seen, workflow) for workflow in ("good", "bad", "replaced")}
    assert answers["good"].keys() == {"Runs that succeeded", "Time of runs", "Runs at work", "Time of tasks with pods"}
    assert [answers["good"][panel] for panel in ("Runs that succeeded", "Runs at work")] == [{"": 1.0}, {"": 0.0}]
    assert answers["good"]["Time of runs"].keys() == {"good"}
    assert answers["good"]["Time of tasks with pods"].keys() == {"count"}
    assert answers["bad"]["Runs that succeeded"] == {"": 0.0}
    assert answers["replaced"]["Runs that succeeded"] == {}, "a cancelled run is neither good nor bad"


_NO_MORE_JOBS = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "no-more-jobs"},
    "spec": {"hard": {"count/jobs.batch": "0"}},
}


def _release(namespace: Namespace, helm: Path, folder: Path, text: str) -> Release:
    chart = lowered(system_of(text, Diagnostics(), head="flowhelm: v1\nversion: 1.0.0\n"))
    return Release(namespace, helm, write_files(emit(chart), folder / chart.metadata.name))


def _retried(release: Release, run: Run) -> Run:
    """A run that does again what failed in another one."""
    source = f"--from=cronjob/{release.cron_job('bad')}"
    made = release.namespace.kubectl("create", "job", "again", source, "--dry-run=client", "-o", "json")
    job = json.loads(made)
    job["metadata"]["annotations"]["flowhelm.dev/retry-of"] = run.name
    release.namespace.kubectl("create", "-f", "-", stdin=json.dumps(job))
    return Run(release.namespace, "again")


def _check_story(run: Run) -> None:
    happened = [
        ("RunStarted", None),
        ("TaskStarted", "count"),
        ("TaskSucceeded", "count"),
        ("TaskStarted", "rest"),
        ("TaskSucceeded", "rest"),
        ("RunSucceeded", None),
    ]
    lines = lines_of(run.namespace.kubectl("logs", f"job/{run.name}"))
    assert [(line["event"], line.get("task")) for line in lines] == [*happened, ("RunnerEnds", None)]
    about = f"involvedObject.kind=Job,involvedObject.name={run.name},source=flowhelm"
    events = [event["reason"] for event in run.namespace.get("events", "--field-selector", about)]
    assert events == [event for event, _ in happened]
    (pod,) = run.pods()
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["message"] == "succeeded\n"


def _firing(prometheus: Prometheus) -> set[tuple[str, str, str]]:
    labels = [alert["labels"] for alert in prometheus.firing()]
    return {
        (each["alertname"], each["workflow"], each.get("run") or each.get("job_name") or each["cronjob"])
        for each in labels
    }


def _answers(namespace: Namespace, prometheus: Prometheus, workflow: str) -> dict[str, dict[str, float]]:
    """What each panel of a workflow's dashboard shows: run or task → value."""
    config_map = namespace.get("configmap", f"watched-{workflow}-dashboard")
    (text,) = config_map["data"].values()
    found = {}
    for panel in json.loads(text)["panels"]:
        for target in panel.get("targets", ()):
            samples = prometheus.ask(target["expr"].replace("$__range", "1h"))
            labels = [(each["metric"].get("task") or each["metric"].get("job_name") or "") for each in samples]
            found[panel["title"]] = dict(zip(labels, (float(each["value"][1]) for each in samples), strict=True))
    return found
