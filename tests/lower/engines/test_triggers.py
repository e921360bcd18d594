"""What starts runs: schedules, the installation, people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.chart.values import put
from tests.charts import chart_of, rendered
from tests.conftest import HELM_VERSIONS, pinned_helm

SPEC = """
services:
  web:
    image: example.com/web:1.0.0
    ports: {http: 8080}
    account: {rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
workflows:
  close:
    inputs: {day: {type: string}}
    triggers:
      schedule:
        - {cron: "0 3 * * *", with: {day: yesterday}}
        - {cron: "@hourly", timezone: Europe/Paris, concurrency: allow, with: {day: today}}
      manual: false
    tasks: {tell: {call: {service: web, get: /}}}
  check:
    triggers: {install: {wait: true}}
    timeout: 10m
    tasks: {ask: {call: {service: web, get: /}}}
  migrate:
    triggers: {install: {when: before}}
    tasks:
      load:
        run: {image: "example.com/load:1.0.0"}
        files: {/etc/x: {content: x}}
        calls: ["db.example.com:5432"]
      as-web: {run: {service: web, command: [migrate]}}
  prepare:
    triggers: {install: {when: before}}
    tasks: {as-web: {run: {service: web, command: [prepare]}}}
"""

Objects = Mapping[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    return rendered(pinned_helm(HELM_VERSIONS[0]), tmp_path_factory.mktemp("chart"), chart_of(SPEC))


def hooks(objects: Objects, event: str) -> dict[tuple[str, str], dict[str, str]]:
    noted = {ref: data["metadata"].get("annotations", {}) for ref, data in objects.items()}
    return {ref: notes for ref, notes in noted.items() if event in notes.get("helm.sh/hook", "").split(",")}


# --- schedules


def test_each_of_several_schedules_has_a_cron_job_and_runs_by_hand_another(made: Objects) -> None:
    found = {name: made["CronJob", f"r-shop-close{name}"]["spec"] for name in ("", "-schedule-1", "-schedule-2")}
    assert {name: (spec["schedule"], spec["suspend"]) for name, spec in found.items()} == {
        "": ("0 0 1 1 *", True),
        "-schedule-1": ("0 3 * * *", False),
        "-schedule-2": ("@hourly", False),
    }
    assert found["-schedule-2"]["timeZone"] == "Europe/Paris"
    assert {name: spec["jobTemplate"]["metadata"].get("annotations") for name, spec in found.items()} == {
        "": None,
        "-schedule-1": {"flowhelm.dev/trigger": "schedule-1"},
        "-schedule-2": {"flowhelm.dev/trigger": "schedule-2"},
    }
    assert found[""]["jobTemplate"]["spec"] == found["-schedule-1"]["jobTemplate"]["spec"]


def test_each_schedule_has_its_inputs_and_may_be_set(made: Objects, tmp_path: Path) -> None:
    plan = json.loads(made["ConfigMap", "r-shop-close"]["data"]["plan.json"])
    assert plan["triggers"] == {
        "schedule-1": {"concurrency": "forbid", "with": {"day": "yesterday"}},
        "schedule-2": {"concurrency": "allow", "with": {"day": "today"}},
    }
    assert plan["manual"] is False
    changed = rendered(
        pinned_helm(HELM_VERSIONS[0]),
        tmp_path,
        chart_of(SPEC),
        "--set=workflows.close.schedule1.suspend=true",
        "--set=workflows.close.schedule2.cron=@daily",
    )
    assert changed["CronJob", "r-shop-close-schedule-1"]["spec"]["suspend"] is True
    assert changed["CronJob", "r-shop-close-schedule-2"]["spec"]["schedule"] == "@daily"


def test_an_environment_gives_a_schedule_other_inputs(tmp_path: Path) -> None:
    chart = chart_of("""
    services: {web: {image: "example.com/web:1.0.0", ports: {http: 8080}}}
    workflows:
      close:
        inputs: {day: {type: string}, n: {type: integer, default: 1}}
        triggers: {schedule: {cron: "@daily", with: {day: monday}}}
        tasks: {tell: {call: {service: web, get: /}}}
    environments:
      test: {workflows: {close: {triggers: {schedule: {concurrency: replace, with: {n: 2}}}}}}
    """)
    schedule = chart.environments[0].values["workflows"]["close"]["schedule"]
    assert schedule == {"concurrency": "replace", "with": {"n": 2}}
    objects = rendered(pinned_helm(HELM_VERSIONS[0]), tmp_path, chart, f"--values={tmp_path}/values-test.yaml")
    bindings = json.loads(objects["ConfigMap", "r-shop-close"]["data"]["bindings.json"])
    assert bindings["triggers"] == {"schedule": {"concurrency": "replace", "with": {"day": "monday", "n": 2}}}


def test_a_schedule_that_only_an_environment_has_waits_for_it() -> None:
    chart = chart_of("""
    services: {web: {image: "example.com/web:1.0.0", ports: {http: 8080}}}
    workflows: {close: {tasks: {tell: {call: {service: web, get: /}}}}}
    environments: {prod: {workflows: {close: {triggers: {schedule: {cron: "@daily"}}}}}}
    """)
    base = chart.values.defaults["workflows"]["close"]["schedule"]
    assert (base["cron"], base["suspend"], base["concurrency"]) == ("0 0 1 1 *", True, "forbid")
    expected: dict[str, Any] = {}
    put(expected, ("workflows", "close", "schedule"), {"cron": "@daily", "suspend": False})
    assert chart.environments[0].values == expected


# --- the installation


def test_helm_may_wait_for_the_run(made: Objects) -> None:
    job = made["Job", "r-shop-check-install"]
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["start-and-wait"]
    assert job["spec"]["activeDeadlineSeconds"] > 600
    (verdict,) = job["spec"]["podFailurePolicy"]["rules"]
    assert (verdict["action"], verdict["onExitCodes"]["values"]) == ("FailJob", [10])
    assert job["metadata"]["annotations"]["helm.sh/hook-output-log-policy"] == "hook-failed"
    rights = {rule["resources"][0]: rule["verbs"] for rule in made["Role", "r-shop-check-install"]["rules"]}
    assert rights == {"cronjobs": ["get"], "jobs": ["create", "get"]}


def test_a_run_before_the_installation_has_all_that_it_needs_under_other_names(made: Objects) -> None:
    found = hooks(made, "pre-install")
    assert found == hooks(made, "pre-upgrade")
    needed = {
        "ConfigMap": ["migrate", "migrate-load", "prepare", "runner"],
        "CronJob": ["migrate-as-web", "migrate-load", "prepare-as-web"],
        "Job": ["migrate", "prepare"],
        "NetworkPolicy": ["", "migrate", "migrate-load", "prepare"],
        "Role": ["migrate", "prepare", "web"],
        "RoleBinding": ["migrate", "prepare", "web"],
        "ServiceAccount": ["migrate", "migrate-load", "prepare", "web"],
    }
    expected = {
        (kind, "-".join(filter(None, ["r-shop", name, "before"]))) for kind, names in needed.items() for name in names
    }
    assert set(found) - api_policies(found) == expected
    assert all(notes["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded" for notes in found.values())
    weights = {kind: notes["helm.sh/hook-weight"] for (kind, _), notes in found.items()}
    assert weights.pop("Job") == "0"
    assert set(weights.values()) == {"-5"}


def api_policies(found: Mapping[tuple[str, str], Any]) -> set[tuple[str, str]]:
    """The policies of pods that run as the service, whose account has rights: they reach the API server."""
    return {ref for ref in found if ref[0] == "NetworkPolicy" and ref[1].endswith("as-web-before")}


def test_that_run_reads_and_uses_nothing_but_hooks(made: Objects) -> None:
    job = made["Job", "r-shop-migrate-before"]
    assert job["metadata"]["annotations"]["flowhelm.dev/trigger"] == "install"
    assert job["metadata"]["labels"]["flowhelm.dev/workflow"] == "migrate"
    pods = [
        job["spec"]["template"]["spec"],
        *(
            made["CronJob", f"r-shop-migrate-{name}-before"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            for name in ("load", "as-web")
        ),
    ]
    here = hooks(made, "pre-install")
    for pod in pods:
        assert ("ServiceAccount", pod["serviceAccountName"]) in here
        maps = [volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume]
        assert all(("ConfigMap", name) in here for name in maps)
    bindings = json.loads(made["ConfigMap", "r-shop-migrate-before"]["data"]["bindings.json"])
    assert bindings["workflow"] == "r-shop-migrate", "runs of the CronJob count for `concurrency`"
    assert bindings["tasks"]["load"]["cronjob"] == "r-shop-migrate-load-before"
    (rule,) = (rule for rule in made["Role", "r-shop-migrate-before"]["rules"] if rule["resources"] == ["cronjobs"])
    assert set(rule["resourceNames"]) == {"r-shop-migrate-load-before", "r-shop-migrate-as-web-before"}
    selected = made["NetworkPolicy", "r-shop-migrate-load-before"]["spec"]["podSelector"]["matchLabels"]
    template = made["CronJob", "r-shop-migrate-load-before"]["spec"]["jobTemplate"]["spec"]["template"]
    assert selected.items() <= template["metadata"]["labels"].items()


def test_a_workflow_that_two_such_runs_reuse_is_there_once_more(tmp_path: Path) -> None:
    objects = rendered(
        pinned_helm(HELM_VERSIONS[0]),
        tmp_path,
        chart_of("""
    workflows:
      load: {tasks: {it: {run: {image: "example.com/load:1.0.0"}}}}
      first: {triggers: {install: {when: before}}, tasks: {load: {workflow: load}}}
      second: {triggers: {install: {when: before}}, tasks: {load: {workflow: load}}}
    """),
    )
    assert {name for kind, name in hooks(objects, "pre-install") if kind == "CronJob"} == {"r-shop-load-it-before"}
    for name in ("first", "second"):
        bindings = json.loads(objects["ConfigMap", f"r-shop-{name}-before"]["data"]["bindings.json"])
        assert bindings["tasks"]["load"]["tasks"]["it"]["cronjob"] == "r-shop-load-it-before"
        (rule,) = (each for each in objects["Role", f"r-shop-{name}-before"]["rules"] if "resourceNames" in each)
        assert rule["resourceNames"] == ["r-shop-load-it-before"]


def test_what_helm_3_leaves_behind_after_a_failure_goes_with_the_release(made: Objects) -> None:
    before, after = hooks(made, "pre-install"), hooks(made, "post-delete")
    assert set(before) - set(after) == {("Job", "r-shop-migrate-before"), ("Job", "r-shop-prepare-before")}


def test_accounts_that_the_chart_does_not_make_have_no_copies(tmp_path: Path) -> None:
    helm = pinned_helm(HELM_VERSIONS[0])
    objects = rendered(helm, tmp_path, chart_of(SPEC), "--set=serviceAccounts.create=false")
    assert not [name for kind, name in objects if kind == "ServiceAccount"]
    pod = objects["Job", "r-shop-migrate-before"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "r-shop-migrate"
    (subject,) = objects["RoleBinding", "r-shop-web-before"]["subjects"]
    assert subject["name"] == "r-shop-web"
