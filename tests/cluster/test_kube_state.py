"""The exporter of the end-to-end tests shows what kube-state-metrics documents, and no more."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from tests.cluster.cron_times import next_time
from tests.cluster.kube_state import exposition

# Series → its labels besides namespace and name: docs/metrics/workload/*.md of kube-state-metrics 2.
DOCUMENTED = {
    "kube_job_info": "",
    "kube_job_created": "",
    "kube_job_owner": "owner_kind owner_name owner_is_controller",
    "kube_job_spec_parallelism": "",
    "kube_job_spec_completions": "",
    "kube_job_spec_active_deadline_seconds": "",
    "kube_job_status_active": "",
    "kube_job_status_ready": "",
    "kube_job_status_succeeded": "",
    "kube_job_status_failed": "reason?",
    "kube_job_status_start_time": "",
    "kube_job_status_completion_time": "",
    "kube_job_status_suspended": "condition",
    "kube_job_complete": "condition",
    "kube_job_failed": "condition",
    "kube_cronjob_info": "schedule concurrency_policy timezone",
    "kube_cronjob_created": "",
    "kube_cronjob_next_schedule_time": "",
    "kube_cronjob_status_active": "",
    "kube_cronjob_status_last_schedule_time": "",
    "kube_cronjob_status_last_successful_time": "",
    "kube_cronjob_spec_suspend": "",
    "kube_cronjob_spec_starting_deadline_seconds": "",
    "kube_cronjob_spec_successful_job_history_limit": "",
    "kube_cronjob_spec_failed_job_history_limit": "",
    "kube_cronjob_metadata_resource_version": "",
    "kube_pod_owner": "uid owner_kind owner_name owner_is_controller",
    "kube_pod_status_phase": "uid phase",
    "kube_pod_status_ready": "uid condition",
}


def job(name: str, status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    spec = {"parallelism": 1, "completions": 1, "activeDeadlineSeconds": 900}
    return {"metadata": {"name": name, "namespace": "ns1", **metadata}, "spec": spec, "status": status}


def condition(kind: str, **more: str) -> dict[str, str]:
    return {"type": kind, "status": "True", **more}


OWNER = {"kind": "CronJob", "name": "cronjob-name", "controller": True}
RUNNING = job(
    "running",
    {"active": 1, "startTime": "2017-05-26T12:00:07Z"},
    creationTimestamp="2017-07-14T02:40:00Z",
    ownerReferences=[OWNER],
)
COMPLETE = job(
    "complete",
    {
        "succeeded": 1,
        "startTime": "2017-05-26T12:00:07Z",
        "completionTime": "2017-05-26T13:00:07Z",
        "conditions": [condition("Complete")],
    },
)
FAILED = job("failed", {"failed": 1, "conditions": [condition("Failed", reason="BackoffLimitExceeded")]})
REFUSED = job("refused", {"failed": 2, "conditions": [condition("Failed", reason="PodFailurePolicy")]})
SUSPENDED = job("suspended", {"conditions": [condition("Suspended")]})
CRON_JOB: dict[str, Any] = {
    "metadata": {
        "name": "nightly",
        "namespace": "ns1",
        "creationTimestamp": "2018-03-10T00:00:00Z",
        "resourceVersion": "11111",
    },
    "spec": {
        "schedule": "0 */6 * * *",
        "concurrencyPolicy": "Forbid",
        "suspend": False,
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "status": {
        "active": [{"name": "a"}, {"name": "b"}],
        "lastScheduleTime": "2018-03-11T04:34:56Z",
        "lastSuccessfulTime": "2018-03-11T04:30:00Z",
    },
}
POD = {
    "metadata": {"name": "pod1", "namespace": "ns1", "uid": "uid1", "ownerReferences": [{"kind": "Job", "name": "j"}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]},
}


def lines(text: str, *names: str) -> set[str]:
    return {line for line in text.splitlines() if line.startswith(tuple(f"{name}{{" for name in names))}


def test_names_and_labels_are_the_documented_ones() -> None:
    jobs = [RUNNING, COMPLETE, FAILED, SUSPENDED]
    text = exposition({"job": jobs, "cronjob": [CRON_JOB], "pod": [POD]})
    shown: dict[str, set[str]] = {}
    for line in text.splitlines():
        for name, labels in re.findall(r"^(\w+)\{(.*)\} \S+$", line):
            shown.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    own = {"job": "job_name", "cronjob": "cronjob", "pod": "pod"}
    expected = {
        name: {"namespace", own[name.split("_")[1]], *labels.replace("?", "").split()}
        for name, labels in DOCUMENTED.items()
    }
    assert shown == expected


def test_a_job_at_work() -> None:
    text = exposition({"job": [RUNNING]})
    about = 'namespace="ns1",job_name="running"'
    assert lines(text, "kube_job_owner", "kube_job_created", "kube_job_status_active", "kube_job_status_failed") == {
        f'kube_job_owner{{{about},owner_kind="CronJob",owner_name="cronjob-name",owner_is_controller="true"}} 1',
        f"kube_job_created{{{about}}} 1500000000",
        f"kube_job_status_active{{{about}}} 1",
        f"kube_job_status_failed{{{about}}} 0",
    }
    assert not lines(text, "kube_job_complete", "kube_job_failed", "kube_job_status_completion_time")


def test_jobs_that_have_ended() -> None:
    text = exposition({"job": [COMPLETE, FAILED, REFUSED]})
    assert lines(text, "kube_job_complete", "kube_job_status_completion_time", "kube_job_status_start_time") == {
        'kube_job_complete{namespace="ns1",job_name="complete",condition="true"} 1',
        'kube_job_complete{namespace="ns1",job_name="complete",condition="false"} 0',
        'kube_job_complete{namespace="ns1",job_name="complete",condition="unknown"} 0',
        'kube_job_status_start_time{namespace="ns1",job_name="complete"} 1495800007',
        'kube_job_status_completion_time{namespace="ns1",job_name="complete"} 1495803607',
    }
    assert {line for line in lines(text, "kube_job_status_failed") if "complete" not in line} == {
        'kube_job_status_failed{namespace="ns1",job_name="failed",reason="BackoffLimitExceeded"} 1',
        'kube_job_status_failed{namespace="ns1",job_name="failed",reason="DeadlineExceeded"} 0',
        'kube_job_status_failed{namespace="ns1",job_name="failed",reason="Evicted"} 0',
        'kube_job_status_failed{namespace="ns1",job_name="refused",reason="BackoffLimitExceeded"} 0',
        'kube_job_status_failed{namespace="ns1",job_name="refused",reason="DeadlineExceeded"} 0',
        'kube_job_status_failed{namespace="ns1",job_name="refused",reason="Evicted"} 0',
        'kube_job_status_failed{namespace="ns1",job_name="refused",reason=""} 2',
    }
    assert lines(exposition({"job": [job("j", {"failed": 1})]}), "kube_job_status_failed") == {
        'kube_job_status_failed{namespace="ns1",job_name="j",reason=""} 1'
    }


def test_who_has_no_owner_says_so() -> None:
    assert lines(exposition({"job": [COMPLETE]}), "kube_job_owner") == {
        'kube_job_owner{namespace="ns1",job_name="complete",owner_kind="",owner_name="",owner_is_controller=""} 1'
    }


def test_a_cron_job_is_due_next_unless_it_is_suspended() -> None:
    text = exposition({"cronjob": [CRON_JOB]})
    about = 'namespace="ns1",cronjob="nightly"'
    assert lines(text, "kube_cronjob_info", "kube_cronjob_next_schedule_time", "kube_cronjob_status_active") == {
        f'kube_cronjob_info{{{about},schedule="0 */6 * * *",concurrency_policy="Forbid",timezone="local"}} 1',
        f"kube_cronjob_next_schedule_time{{{about}}} 1520748000",
        f"kube_cronjob_status_active{{{about}}} 2",
    }
    suspended = {**CRON_JOB, "spec": {**CRON_JOB["spec"], "suspend": True}}
    text = exposition({"cronjob": [suspended]})
    assert lines(text, "kube_cronjob_spec_suspend") == {f"kube_cronjob_spec_suspend{{{about}}} 1"}
    assert not lines(text, "kube_cronjob_next_schedule_time")
    fresh = {**CRON_JOB, "status": {}}
    assert lines(exposition({"cronjob": [fresh]}), "kube_cronjob_next_schedule_time") == {
        f"kube_cronjob_next_schedule_time{{{about}}} 1520661600"  # six hours after it was made
    }


def test_a_pod_and_its_owner() -> None:
    about = 'namespace="ns1",pod="pod1",uid="uid1"'
    text = exposition({"pod": [POD]})
    assert lines(text, "kube_pod_owner", "kube_pod_status_ready") == {
        f'kube_pod_owner{{{about},owner_kind="Job",owner_name="j",owner_is_controller="false"}} 1',
        f'kube_pod_status_ready{{{about},condition="true"}} 0',
        f'kube_pod_status_ready{{{about},condition="false"}} 1',
        f'kube_pod_status_ready{{{about},condition="unknown"}} 0',
    }
    assert {line[-1] for line in lines(text, "kube_pod_status_phase") if 'phase="Running"' in line} == {"1"}


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        ("* * * * *", "Etc/UTC", "2026-11-28T07:41:00Z", "2026-11-28T07:42:00Z"),
        ("25 * * * *", "Etc/UTC", "2026-11-28T07:25:00Z", "2026-11-28T08:25:00Z"),
        ("0 3 * * *", "Europe/Berlin", "2026-07-01T00:30:00Z", "2026-07-01T01:00:00Z"),
        ("0 3 * * *", "Asia/Kathmandu", "2026-07-01T00:30:00Z", "2026-07-01T21:15:00Z"),
        ("30 9 * * mon-fri", "Etc/UTC", "2026-11-27T09:30:00Z", "2026-11-30T09:30:00Z"),
        ("0 0 1 * 0", "Etc/UTC", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"),  # the first, or a Sunday
        ("0 0 */2 * 0", "Etc/UTC", "2026-11-29T00:00:00Z", "2026-12-01T00:00:00Z"),  # a step is no star
        ("@yearly", "Etc/UTC", "2026-11-28T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("@every 1h30m", "Etc/UTC", "2026-11-28T00:00:00Z", "2026-11-28T01:30:00Z"),
        # The clock goes from two to three: half past two does not happen on that day.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"),
        # It goes from three to two: half past two happens twice.
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
    ],
)
def test_the_next_time_of_a_schedule(schedule: str, zone: str, after: str, due: str) -> None:
    assert next_time(schedule, zone, datetime.fromisoformat(after)) == datetime.fromisoformat(due)
