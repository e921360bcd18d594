"""Every alert on workflows fires when it should, and is silent when it should be: promtool tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.lower.monitoring import workflows
from generator.runtime import journal
from tests.charts import chart_of
from tests.lower.monitoring.promtool import NAMESPACE, Scenario, check_rules, rules_of, try_rules

SPEC = """
workflows:
  close:
    timeout: 1h
    triggers: {schedule: {cron: "0 3 * * *"}}
    tasks: {tell: {run: {image: "example.com/tell:1.0.0"}}}
"""


def job(metric: str, name: str = "r-shop-close-1", namespace: str = NAMESPACE, **labels: str) -> str:
    """A series of kube-state-metrics about a Job."""
    more = "".join(f', {key}="{value}"' for key, value in labels.items())
    return f'{metric}{{namespace="{namespace}", job_name="{name}"{more}}}'


def owned(by: str = "r-shop-close", namespace: str = NAMESPACE) -> dict[str, str]:
    return {job("kube_job_owner", namespace=namespace, owner_kind="CronJob", owner_name=by): "1x2000"}


def cron(metric: str, value: str) -> dict[str, str]:
    return {f'{metric}{{namespace="{NAMESPACE}", cronjob="r-shop-close"}}': value}


def with_pod(ready: str, of: str = "r-shop-close-1") -> dict[str, str]:
    """The run, or the Job of a task, has a pod, ready or not."""
    pod = f'namespace="{NAMESPACE}", pod="{of}-x", uid="1"'
    return {
        f'kube_pod_owner{{{pod}, owner_kind="Job", owner_name="{of}"}}': "1x2000",
        f'kube_pod_status_ready{{{pod}, condition="true"}}': ready,
        f'kube_pod_status_ready{{{pod}, condition="false"}}': re.sub(
            "([01])x", lambda was: f"{1 - int(was[1])}x", ready
        ),
    }


def failed(values: str, **labels: str) -> dict[str, str]:
    return {
        job("kube_job_failed", condition="true", **labels): values,
        job("kube_job_failed", condition="false", **labels): "0x2000",
    }


def complete(values: str) -> dict[str, str]:
    return {job("kube_job_complete", condition="true"): values}


WATCHED = cron("kube_cronjob_info", "1x2000")
RUN = {**WATCHED, **owned()}
"""A run that kube-state-metrics shows."""

STARTED = {**RUN, job("kube_job_status_start_time"): "0x2000"}
WORKING = {**STARTED, **with_pod("1x2000"), job("kube_job_status_active"): "1x2000"}
DUE = {**WATCHED, **cron("kube_cronjob_next_schedule_time", "600x2000"), **cron("kube_cronjob_spec_suspend", "0x2000")}
"""A run is due after ten minutes."""

SUSPENDED = {
    **WATCHED,
    **cron("kube_cronjob_next_schedule_time", "600x24 stale"),
    **cron("kube_cronjob_spec_suspend", "0x24 1x2000"),
}
RESUMED = {**DUE, **cron("kube_cronjob_next_schedule_time", "_x60 600 9999x2000")}
RAN_BEFORE = cron("kube_cronjob_status_last_schedule_time", "0x2000")
NO_ALARM = {job("kube_job_spec_active_deadline_seconds"): f"{workflows.NO_ALARM}x2000"}
TASK = "r-shop-close-1-tell-0123abcd"
DOES_A_TASK = {
    **WORKING,
    job("kube_job_owner", TASK, owner_kind="Job", owner_name="r-shop-close-1"): "1x2000",
    job("kube_job_status_start_time", TASK): "0x2000",
}
RESTARTED = {
    job("kube_job_failed", condition="true", instance="a"): "1x20 stale",
    job("kube_job_failed", condition="true", instance="b"): "_x22 1x100",
}
"""A failed run as kube-state-metrics and its successor show it."""

FAILED = {"WorkflowRunFailed": {"close"}}
SLOW = {"WorkflowRunTooSlow": {"close"}}
TASK_STUCK = {"WorkflowTaskStuck": {"close"}}
STUCK = {"WorkflowRunStuck": {"close"}}
MISSED = {"WorkflowScheduleMissed": {"close"}}
NEVER = {"WorkflowNeverRan": {"close"}}
UNWATCHED = {"WorkflowsNotWatched": {""}}

# alert → the scenarios in which it fires, and those in which it does not although something like it happens.
SCENARIOS: Mapping[str, tuple[Mapping[str, Scenario], Mapping[str, Scenario]]] = {
    "WorkflowRunFailed": (
        {
            "a run has failed": Scenario({**RUN, **failed("_x10 1x100")}, "20m", FAILED),
            "it is told for an hour": Scenario({**RUN, **failed("_x10 1x100")}, "69m", FAILED),
            "it was never ready": Scenario({**STARTED, **with_pod("0x2000"), **failed("_x10 1x100")}, "20m", FAILED),
            "kube-state-metrics is being restarted": Scenario({**RUN, **RESTARTED}, "22m", FAILED),
            "kube-state-metrics was restarted": Scenario({**RUN, **RESTARTED}, "24m", FAILED),
        },
        {
            "it failed long ago": Scenario({**RUN, **failed("_x10 1x100")}, "75m"),
            "it failed long ago, and an hour ago nobody looked": Scenario(
                {**RUN, **failed("_x10 1x110 _x20 1x100")}, "190m"
            ),
            "it succeeded, or was skipped": Scenario({**WORKING, **complete("_x10 1x100")}, "20m"),
            "it was cancelled": Scenario({**RUN, **NO_ALARM, **failed("_x10 1x100")}, "20m"),
            "one of its pods failed, and the next one goes on": Scenario(
                {**WORKING, job("kube_job_status_failed", reason=""): "0x10 1x100"}, "20m"
            ),
            "a Job of something else failed": Scenario({**WATCHED, **owned("other"), **failed("_x10 1x100")}, "20m"),
            "a run of a release with this name in another namespace failed": Scenario(
                {**WATCHED, **owned(namespace="other"), **failed("_x10 1x100", namespace="other")}, "20m"
            ),
        },
    ),
    "WorkflowRunTooSlow": (
        {
            "more than 4/5 of the time-out": Scenario(WORKING, "49m", SLOW),
            "its runner is being replaced": Scenario(
                {**WORKING, job("kube_job_status_active"): "1x40 0x2000", **with_pod("1x40 0x2000")}, "49m", SLOW
            ),
        },
        {
            "there is time left": Scenario(WORKING, "47m"),
            "it has ended": Scenario({**WORKING, **complete("_x30 1x2000")}, "49m"),
            "it has failed": Scenario({**WORKING, **failed("_x30 1x2000")}, "49m", FAILED),
        },
    ),
    "WorkflowRunStuck": (
        {
            "its pod does not get ready": Scenario({**STARTED, **with_pod("0x2000")}, "20m", STUCK),
            "it may have no pod": Scenario({**STARTED, job("kube_job_status_active"): "0x2000"}, "20m", STUCK),
            "its pod was lost, and the next one does not start": Scenario(
                {**STARTED, **with_pod("1x20 stale")}, "37m", STUCK
            ),
        },
        {
            "its pod is ready": Scenario(WORKING, "20m"),
            "its pod has only begun": Scenario({**STARTED, **with_pod("0x2000")}, "14m"),
            "its pod was lost lately": Scenario({**STARTED, **with_pod("1x20 stale")}, "34m"),
            "it has ended": Scenario({**STARTED, **with_pod("1x3 0x2000"), **complete("_x3 1x2000")}, "20m"),
        },
    ),
    "WorkflowTaskStuck": (
        {
            "its pod does not get ready": Scenario({**DOES_A_TASK, **with_pod("0x2000", TASK)}, "20m", TASK_STUCK),
            "it may have no pod": Scenario(DOES_A_TASK, "20m", TASK_STUCK),
        },
        {
            "its pod is ready": Scenario({**DOES_A_TASK, **with_pod("1x2000", TASK)}, "20m"),
            "it has only begun": Scenario(DOES_A_TASK, "14m"),
            "its pod was lost lately": Scenario({**DOES_A_TASK, **with_pod("1x20 stale", TASK)}, "34m"),
            "its pod was ready lately": Scenario({**DOES_A_TASK, **with_pod("1x20 0x2000", TASK)}, "34m"),
            "it has failed": Scenario({**DOES_A_TASK, job("kube_job_failed", TASK, condition="true"): "1x2000"}, "20m"),
            "it succeeded": Scenario(
                {**DOES_A_TASK, job("kube_job_complete", TASK, condition="true"): "1x2000"}, "20m"
            ),
            "it is one of another workflow": Scenario(
                {key: values for key, values in DOES_A_TASK.items() if key not in owned()}, "20m"
            ),
        },
    ),
    "WorkflowScheduleMissed": (
        {"due for more than a quarter of an hour": Scenario({**DUE, **RAN_BEFORE}, "27m", MISSED)},
        {
            "due lately": Scenario({**DUE, **RAN_BEFORE}, "24m"),
            "not due": Scenario({**DUE, **RAN_BEFORE, **cron("kube_cronjob_next_schedule_time", "9999x2000")}, "90m"),
            "suspended": Scenario({**SUSPENDED, **RAN_BEFORE}, "27m"),
            "no longer suspended, and the run is about to start": Scenario({**RESUMED, **RAN_BEFORE}, "60m"),
        },
    ),
    "WorkflowNeverRan": (
        {"the first run was due a quarter of an hour ago": Scenario(DUE, "27m", NEVER)},
        {
            "the first run is due": Scenario(DUE, "24m"),
            "the first run lies ahead": Scenario(
                {**DUE, **cron("kube_cronjob_next_schedule_time", "9999x2000")}, "90m"
            ),
            "suspended": Scenario(SUSPENDED, "27m"),
            "no longer suspended, and the run is about to start": Scenario(RESUMED, "60m"),
            "it ran before": Scenario({**DUE, **RAN_BEFORE}, "27m", MISSED),
        },
    ),
    "WorkflowsNotWatched": (
        {
            "there is no kube-state-metrics": Scenario({}, "61m", UNWATCHED),
            "it shows another namespace": Scenario(
                {key.replace(NAMESPACE, "other", 1): values for key, values in WATCHED.items()}, "61m", UNWATCHED
            ),
        },
        {"it has only begun": Scenario({}, "59m"), "there is one": Scenario(WATCHED, "90m")},
    ),
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory, helm4: Path) -> dict[str, Any]:
    return rules_of(helm4, tmp_path_factory.mktemp("chart"), chart_of(SPEC))


def alerts_of(rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule for group in rules["groups"] for rule in group["rules"]]


def test_alerts_fire_when_they_should_and_only_then(promtool: Path, tmp_path: Path, rules: dict[str, Any]) -> None:
    scenarios = {
        f"{alert}: {name}": scenario
        for alert, (firing, silent) in SCENARIOS.items()
        for name, scenario in {**firing, **silent}.items()
    }
    try_rules(promtool, tmp_path, rules, scenarios)


def test_alerts_do_not_depend_on_which_kube_state_metrics_shows_what(
    promtool: Path, tmp_path: Path, rules: dict[str, Any]
) -> None:
    """Two of them show the same; one is restarted and shows nothing; another namespace or workflow has the same."""
    scenarios = {}
    for alert, (firing, _) in SCENARIOS.items():
        for name, scenario in firing.items() if alert != "WorkflowsNotWatched" else ():
            twice = {
                **scenario.series,
                **{key.replace("}", ', pod_of="another"}'): values for key, values in scenario.series.items()},
            }
            gone = {key: restarted(values, int(scenario.at[:-1])) for key, values in scenario.series.items()}
            scenarios[f"twice: {alert}, {name}"] = Scenario(twice, scenario.at, scenario.fires)
            scenarios[f"restarted: {alert}, {name}"] = Scenario(gone, scenario.at, scenario.fires)
            for what, other in (("namespace", 'namespace="other"'), ("name", '="other"')):
                was = f'namespace="{NAMESPACE}"' if what == "namespace" else '="r-shop-close"'
                series = {**WATCHED, **{key.replace(was, other): values for key, values in scenario.series.items()}}
                scenarios[f"another {what}: {alert}, {name}"] = Scenario(series, scenario.at)
    try_rules(promtool, tmp_path, rules, scenarios)


def restarted(values: str, minute: int) -> str:
    """The same values, but a minute before this one the series ended, and there is no new one yet."""
    expanded: list[str] = []
    for part in values.split():
        value, times, count = part.partition("x")
        expanded += [value] * (1 if not times else int(count) + (value != "_"))
    return " ".join([*expanded[: minute - 1], "stale", "_"])


def test_every_alert_has_scenarios_of_both_kinds() -> None:
    brought = (*workflows.RUN_ALERTS, *workflows.SCHEDULE_ALERTS, workflows.UNWATCHED)
    assert {alert.name for alert in brought} == SCENARIOS.keys()
    for alert, (firing, silent) in SCENARIOS.items():
        assert firing
        assert all(alert in scenario.fires for scenario in firing.values())
        assert silent
        assert not any(alert in scenario.fires for scenario in silent.values())


def test_every_alert_says_what_is_wrong_and_what_to_do(rules: dict[str, Any]) -> None:
    alerts = alerts_of(rules)
    assert len(alerts) == 7
    for alert in alerts:
        assert {"summary", "description", "runbook"} == alert["annotations"].keys()
        assert "@" not in str(alert), "no gap is left"
        assert (
            alert["alert"] == "WorkflowsNotWatched" or "-n {{ $labels.namespace }}" in alert["annotations"]["runbook"]
        )


def test_the_runner_and_the_alert_agree_on_the_mark_of_a_cancelled_run() -> None:
    assert workflows.NO_ALARM == journal.NO_ALARM


def test_thresholds_and_severity_are_values_of_the_chart(promtool: Path, tmp_path: Path, helm4: Path) -> None:
    wanted = {"slowAfter": 120, "stuckAfter": 60, "lateAfter": 5, "severity": "page"}
    arguments = [f"--set=workflows.close.alerts.{key}={value}" for key, value in wanted.items()]
    rules = rules_of(helm4, tmp_path / "chart", chart_of(SPEC), *arguments)
    alerts = {rule["alert"]: rule["labels"]["severity"] for rule in alerts_of(rules)}
    assert {name for name, severity in alerts.items() if severity == "page"} == alerts.keys() - {"WorkflowsNotWatched"}
    scenarios = {
        "slow": Scenario(WORKING, "3m", SLOW),
        "stuck": Scenario({**STARTED, **with_pod("0x2000")}, "2m", STUCK),
        "stuck in a task": Scenario(DOES_A_TASK, "2m", TASK_STUCK),
        "late": Scenario({**DUE, **RAN_BEFORE}, "13m", MISSED),
        "never": Scenario(DUE, "13m", NEVER),
    }
    try_rules(promtool, tmp_path, rules, scenarios)


def test_runs_of_each_of_several_schedules_are_watched(promtool: Path, tmp_path: Path, helm4: Path) -> None:
    one = '{cron: "0 3 * * *"}'
    chart = chart_of(SPEC.replace(one, f"[{one}, {{cron: '@hourly'}}]"))
    rules = rules_of(helm4, tmp_path / "chart", chart)
    series = {**WATCHED, **failed("_x10 1x100"), **owned("r-shop-close-schedule-2")}
    try_rules(promtool, tmp_path, rules, {"by the second": Scenario(series, "20m", FAILED)})
    never = [rule["expr"] for rule in alerts_of(rules) if rule["alert"] == "WorkflowNeverRan"]
    assert ["r-shop-close-schedule-1" in never[0], "r-shop-close-schedule-2" in never[1]] == [True, True]
    check_rules(promtool, tmp_path / "rules", rules)
