"""The Jobs by which a run is started and retried."""

import json
from typing import Any

from generator.runs.manifests import retry_job, run_job

CRONJOB: dict[str, Any] = {
    "metadata": {"name": "r-w", "uid": "u1"},
    "spec": {
        "jobTemplate": {
            "metadata": {
                "labels": {"flowhelm.dev/workflow": "w"},
                "annotations": {"flowhelm.dev/trigger": "schedule-2"},
            },
            "spec": {"backoffLimit": 10, "template": {"spec": {"containers": [{"name": "runner", "image": "new"}]}}},
        }
    },
}
OWNER = [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "r-w", "uid": "u1", "controller": True}]


def test_a_run_is_what_kubectl_would_make_with_its_inputs() -> None:
    inputs = {"x": "\"quoted\" 'too'\n$(date) `id` ü 🎁"}
    job = run_job(CRONJOB, inputs)
    annotations = job["metadata"].pop("annotations")
    assert json.loads(annotations.pop("flowhelm.dev/inputs")) == inputs
    assert annotations == {"flowhelm.dev/trigger": "schedule-2", "cronjob.kubernetes.io/instantiate": "manual"}
    assert job == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "generateName": "r-w-",
            "labels": {"flowhelm.dev/workflow": "w"},
            "ownerReferences": OWNER,
        },
        "spec": CRONJOB["spec"]["jobTemplate"]["spec"],
    }
    assert run_job(CRONJOB, {}, "mine")["metadata"]["name"] == "mine"


def test_a_retry_has_the_pod_of_the_run_that_failed() -> None:
    own = {"controller-uid": "u9", "batch.kubernetes.io/controller-uid": "u9", "job-name": "old"}
    old: dict[str, Any] = {
        "metadata": {
            "name": "old",
            "uid": "u9",
            "labels": {**own, "flowhelm.dev/workflow": "w", "flowhelm.dev/run": "old"},
            "annotations": {
                "flowhelm.dev/plan": "…",
                "flowhelm.dev/journal": "…",
                "flowhelm.dev/cancel": "true",
                "flowhelm.dev/inputs": "{}",
                "flowhelm.dev/trigger": "schedule-2",
            },
        },
        "spec": {
            "backoffLimit": 10,
            "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "u9"}},
            "suspend": False,
            "template": {
                "metadata": {"labels": {**own, "flowhelm.dev/workflow": "w"}},
                "spec": {"containers": [{"name": "runner", "image": "old"}]},
            },
        },
    }
    assert retry_job(old, CRONJOB) == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "generateName": "r-w-",
            "labels": {"flowhelm.dev/workflow": "w"},
            "annotations": {
                "flowhelm.dev/trigger": "schedule-2",
                "cronjob.kubernetes.io/instantiate": "manual",
                "flowhelm.dev/retry-of": "old",
            },
            "ownerReferences": OWNER,
        },
        "spec": {
            "backoffLimit": 10,
            "template": {
                "metadata": {"labels": {"flowhelm.dev/workflow": "w"}},
                "spec": {"containers": [{"name": "runner", "image": "old"}]},
            },
        },
    }
    assert old["spec"]["selector"], "the run that failed stays as it is"
