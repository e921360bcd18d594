"""What the engine `jobs` makes of a workflow, as Helm renders it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.plan import load_plan, seconds
from tests.charts import chart_of, rendered

SPEC = """
services:
  web:
    image: example.com/web:1.0.0
    ports: {http: 8080, admin: 9000}
    env: {LEVEL: info, PEER: "${{ services.db.url }}", KEY: {secret: keys, key: web}}
    files: {/etc/web.conf: {content: "a=1"}}
    calls: [db]
  db:
    image: example.com/db:1.0.0
    ports: {http: 5432}
    account: {rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
workflows:
  close:
    inputs: {day: {type: string, default: today}}
    triggers:
      schedule: {cron: "0 3 * * *", timezone: Europe/Berlin, with: {day: nightly}}
      install: {with: {day: first}}
    timeout: 2h
    keep: {failure: 7}
    tasks:
      report:
        run: {image: example.com/report:2.1.0, command: [report, --strict], args: [--day, "${{ inputs.day }}"]}
        env: {MODE: fast, DAY: "${{ inputs.day }}", COST: "$(MODE)"}
        timeout: 1500ms
        outputs: {n: {type: integer, default: 0}}
      mail:
        needs: [report]
        run: {service: web, command: [mail]}
        env: {LEVEL: debug}
        retry: {attempts: 3, backoff: {initial: 5s}}
      tell:
        needs: [mail]
        call: {service: web, port: admin, post: "/closed/${{ tasks.report.outputs.n }}"}
    on_exit:
      audit: {run: {service: db, command: [audit]}}
environments:
  prod: {workflows: {close: {timeout: 3h, tasks: {report: {timeout: 10s, env: {MODE: slow}}}}}}
"""

CALLS = """
services:
  web: {image: "example.com/web:1.0.0", ports: {http: 8080}}
workflows:
  ping: {tasks: {ping: {call: {service: web, get: /ping}}}}
"""

Objects = Mapping[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, helm_binary: Path) -> Objects:
    return rendered(helm_binary, tmp_path_factory.mktemp("chart"), chart_of(SPEC))


@pytest.fixture(scope="module")
def helm_binary() -> Path:
    from tests.conftest import HELM_VERSIONS, pinned_helm

    return pinned_helm(HELM_VERSIONS[0])


def bindings(objects: Objects, workflow: str = "close") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(objects["ConfigMap", f"r-shop-{workflow}"]["data"]["bindings.json"])
    return found


def container(objects: Objects, cron_job: str) -> dict[str, Any]:
    found: dict[str, Any] = pod(objects, cron_job)["containers"][0]
    return found


def pod(objects: Objects, cron_job: str) -> dict[str, Any]:
    found: dict[str, Any] = objects["CronJob", cron_job]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return found


def env(objects: Objects, cron_job: str) -> dict[str, Any]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container(objects, cron_job)["env"]}


def rules(objects: Objects, name: str) -> dict[str, dict[str, Any]]:
    return {rule["resources"][0]: rule for rule in objects["Role", name]["rules"]}


# --- the CronJob of the workflow


def test_the_schedule_starts_runs_and_the_runner_decides_who_goes_on(made: Objects) -> None:
    spec = made["CronJob", "r-shop-close"]["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["suspend"]) == ("0 3 * * *", "Europe/Berlin", False)
    assert spec["concurrencyPolicy"] == "Allow"
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 7)


def test_only_a_verdict_ends_a_run_a_broken_runner_starts_again(made: Objects) -> None:
    job = made["CronJob", "r-shop-close"]["spec"]["jobTemplate"]["spec"]
    failed, disrupted = job["podFailurePolicy"]["rules"]
    assert failed == {
        "action": "FailJob",
        "onExitCodes": {"containerName": "runner", "operator": "In", "values": [10]},
    }
    assert disrupted["action"] == "Ignore"
    assert job["backoffLimit"] > 3
    assert job["activeDeadlineSeconds"] > 2 * 3600
    assert job["template"]["spec"]["restartPolicy"] == "Never"


def test_a_workflow_without_schedule_is_suspended(tmp_path: Path, helm_binary: Path) -> None:
    spec = rendered(helm_binary, tmp_path, chart_of(CALLS))["CronJob", "r-shop-ping"]["spec"]
    assert spec["suspend"] is True
    assert spec["schedule"] == "0 0 1 1 *"


def test_runs_are_labelled_so_that_runners_find_one_another(made: Objects) -> None:
    template = made["CronJob", "r-shop-close"]["spec"]["jobTemplate"]
    assert template["metadata"]["labels"]["flowhelm.dev/workflow"] == "close"
    assert "flowhelm.dev/task" not in template["metadata"]["labels"]


def test_the_pod_of_a_run_is_hardened_and_knows_who_it_is(made: Objects) -> None:
    spec, program = pod(made, "r-shop-close"), container(made, "r-shop-close")
    assert spec["serviceAccountName"] == "r-shop-close"
    assert spec["automountServiceAccountToken"] is True
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert program["securityContext"]["readOnlyRootFilesystem"] is True
    assert program["command"] == ["python3", "-B", "-m", "runner"]
    assert program["args"] == ["run"]
    assert env(made, "r-shop-close")["FLOWHELM_RUN"] == {
        "fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}
    }
    mounted = {mount["mountPath"] for mount in program["volumeMounts"]}
    assert mounted == {"/flowhelm/runner", "/flowhelm/plan", "/tmp"}


# --- what the runner reads


def test_the_runner_is_shipped_as_it_is(made: Objects) -> None:
    source = Path(__file__).parents[3] / "generator" / "runtime"
    shipped = made["ConfigMap", "r-shop-runner"]["data"]
    assert shipped == {module.name: module.read_text("utf-8") for module in source.glob("*.py")}


def test_plan_and_bindings_are_what_the_runner_understands(made: Objects) -> None:
    data = made["ConfigMap", "r-shop-close"]["data"]
    plan = load_plan(json.loads(data["plan.json"]), bindings(made))
    assert plan.cronjob == "r-shop-close"
    assert plan.timeout == 7200
    assert {name: task.cronjob for name, task in plan.tasks.items()} == {
        "report": "r-shop-close-report",
        "mail": "r-shop-close-mail",
        "tell": "",
    }
    assert plan.tasks["mail"].retry.attempts == 3
    assert plan.services["web"].host == "r-shop-web"
    assert plan.services["web"].port("admin") == 9000
    assert plan.services["web"].port(None) == 8080


def test_values_reach_the_bindings(tmp_path: Path, helm_binary: Path) -> None:
    arguments = [
        "--set=workflows.close.timeout=30m",
        "--set=workflows.close.parallelism=3",
        "--set=workflows.close.tasks.tell.retry.attempts=4",
        "--set=workflows.close.tasks.mail.timeout=20s",
    ]
    found = bindings(rendered(helm_binary, tmp_path, chart_of(SPEC), *arguments))
    assert (found["timeout"], found["parallelism"]) == ("30m", 3)
    assert found["tasks"]["tell"] == {"timeout": None, "retry": {"attempts": 4}}
    assert found["tasks"]["mail"]["timeout"] == "20s"
    assert found["tasks"]["mail"]["retry"] == {"attempts": 3, "initial": "5s"}


def test_an_environment_overrides_what_it_may(tmp_path: Path, helm_binary: Path) -> None:
    chart = chart_of(SPEC)
    assert chart.environments[0].values == {
        "workflows": {
            "close": {
                "timeout": "3h",
                "alerts": {"slowAfter": 8640},
                "tasks": {"report": {"timeout": "10s", "env": {"MODE": "slow"}}},
            }
        }
    }
    objects = rendered(helm_binary, tmp_path, chart, f"--values={tmp_path}/values-prod.yaml")
    assert seconds(bindings(objects)["tasks"]["report"]["timeout"]) == 10
    assert env(objects, "r-shop-close-report")["MODE"] == "slow"


# --- tasks


def test_a_task_is_an_inert_template(made: Objects) -> None:
    spec = made["CronJob", "r-shop-close-report"]["spec"]
    job = spec["jobTemplate"]["spec"]
    assert spec["suspend"] is True
    assert job["backoffLimit"] == 0
    assert job["activeDeadlineSeconds"] == 2
    assert job["template"]["metadata"]["labels"]["flowhelm.dev/task"] == "report"


def test_what_holds_an_expression_is_left_to_the_runner(made: Objects) -> None:
    program = container(made, "r-shop-close-report")
    assert program["command"] == ["report", "--strict"]
    assert "args" not in program
    assert env(made, "r-shop-close-report") == {
        "FLOWHELM_OUTPUTS": "/dev/termination-log",
        "MODE": "fast",
        "COST": "$$(MODE)",
    }


def test_a_task_that_runs_as_a_service_takes_its_image_variables_files_and_account(made: Objects) -> None:
    program = container(made, "r-shop-close-mail")
    assert program["image"] == "example.com/web:1.0.0"
    assert pod(made, "r-shop-close-mail")["serviceAccountName"] == "r-shop-web"
    assert env(made, "r-shop-close-mail") == {
        "FLOWHELM_OUTPUTS": "/dev/termination-log",
        "LEVEL": "debug",
        "KEY": {"secretKeyRef": {"name": "keys", "key": "web"}},
        "PEER": "http://r-shop-db:5432",
    }
    assert "/etc/web.conf" in {mount["mountPath"] for mount in program["volumeMounts"]}
    assert made["ConfigMap", "r-shop-close-mail"]["data"] == {"web.conf": "a=1"}
    assert ("ServiceAccount", "r-shop-close-mail") not in made


def test_a_value_of_the_service_reaches_the_task(tmp_path: Path, helm_binary: Path) -> None:
    objects = rendered(helm_binary, tmp_path, chart_of(SPEC), "--set=services.web.image.tag=1.0.7")
    assert container(objects, "r-shop-close-mail")["image"] == "example.com/web:1.0.7"


def test_variables_that_values_set_on_a_service_reach_the_task_but_for_those_it_sets_itself(
    tmp_path: Path, helm_binary: Path
) -> None:
    settings = {
        "services.web.env.PEER": "http://elsewhere",
        "services.web.extraEnv.BOTH": "service",
        "services.web.extraEnv.MORE": "service",
        "services.web.extraEnv.OWN": "service",
        "workflows.close.tasks.mail.extraEnv.BOTH": "task",
    }
    chart = chart_of(SPEC.replace("env: {LEVEL: debug}", "env: {LEVEL: debug, OWN: task}"))
    objects = rendered(helm_binary, tmp_path, chart, *(f"--set={path}={text}" for path, text in settings.items()))
    names = [each["name"] for each in container(objects, "r-shop-close-mail")["env"]]
    assert len(names) == len(set(names))
    found = env(objects, "r-shop-close-mail")
    expected = {"PEER": "http://elsewhere", "BOTH": "task", "MORE": "service", "OWN": "task"}
    assert {name: found[name] for name in expected} == expected


def test_a_token_is_mounted_only_where_it_is_of_use(made: Objects) -> None:
    tokens = {
        name: pod(made, f"r-shop-close-{name}")["automountServiceAccountToken"] for name in ("report", "mail", "audit")
    }
    assert tokens == {"report": False, "mail": False, "audit": True}


def test_a_task_with_an_image_of_its_own_has_an_account_of_its_own(made: Objects) -> None:
    assert pod(made, "r-shop-close-report")["serviceAccountName"] == "r-shop-close-report"
    assert made["ServiceAccount", "r-shop-close-report"]["automountServiceAccountToken"] is False
    assert ("Role", "r-shop-close-report") not in made


# --- rights and ways


def test_a_runner_may_do_what_this_workflow_needs(made: Objects) -> None:
    found = rules(made, "r-shop-close")
    assert {name: rule["verbs"] for name, rule in found.items()} == {
        "jobs": ["create", "get", "list", "watch", "patch"],
        "cronjobs": ["get"],
        "pods": ["list", "watch"],
        "events": ["create", "list"],
    }
    names = ["r-shop-close-report", "r-shop-close-mail", "r-shop-close-audit"]
    assert sorted(found["cronjobs"]["resourceNames"]) == sorted(names)


def test_a_runner_that_only_calls_may_create_nothing_but_events(tmp_path: Path, helm_binary: Path) -> None:
    found = rules(rendered(helm_binary, tmp_path, chart_of(CALLS)), "r-shop-ping")
    assert {name: rule["verbs"] for name, rule in found.items()} == {
        "jobs": ["get", "list", "watch", "patch"],
        "events": ["create"],
    }


def test_a_runner_reaches_the_api_server_and_what_it_calls(made: Objects) -> None:
    api, web = made["NetworkPolicy", "r-shop-close"]["spec"]["egress"]
    assert [port["port"] for port in api["ports"]] == [443, 6443]
    assert web["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "web"
    assert [port["port"] for port in web["ports"]] == [9000]


def test_a_task_reaches_what_it_declares(made: Objects) -> None:
    (db,) = made["NetworkPolicy", "r-shop-close-mail"]["spec"]["egress"]
    assert db["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "db"
    assert ("NetworkPolicy", "r-shop-close-report") not in made


# --- the run after an installation


def test_the_hook_starts_a_run_and_is_gone(made: Objects) -> None:
    job = made["Job", "r-shop-close-install"]
    assert job["metadata"]["annotations"] == {
        "helm.sh/hook": "post-install,post-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    }
    program = job["spec"]["template"]["spec"]["containers"][0]
    assert program["args"] == ["start"]
    assert {each["name"]: each.get("value") for each in program["env"]} == {
        "FLOWHELM_CRONJOB": "r-shop-close",
        "FLOWHELM_REVISION": "1",
        "FLOWHELM_NAMESPACE": None,
    }
    assert "ttlSecondsAfterFinished" in job["spec"]
    assert "activeDeadlineSeconds" in job["spec"]


def test_the_hook_may_only_start_this_workflow(made: Objects) -> None:
    found = rules(made, "r-shop-close-install")
    assert {name: (rule.get("resourceNames"), rule["verbs"]) for name, rule in found.items()} == {
        "cronjobs": (["r-shop-close"], ["get"]),
        "jobs": (None, ["create"]),
    }


def test_without_the_trigger_there_is_no_hook(tmp_path: Path, helm_binary: Path) -> None:
    assert not [kind for kind, _ in rendered(helm_binary, tmp_path, chart_of(CALLS)) if kind == "Job"]


# --- names


def test_names_that_are_taken_are_left_alone(tmp_path: Path, helm_binary: Path) -> None:
    text = """
    services:
      runner: {image: "example.com/a:1.0.0", ports: {http: 80}, files: {/x: {content: x}}}
    workflows:
      w:
        triggers: {install: {}}
        tasks: {install: {run: {image: "example.com/b:1.0.0"}}}
    """
    objects = rendered(helm_binary, tmp_path, chart_of(text))
    assert objects["ConfigMap", "r-shop-runner"]["data"] == {"x": "x"}
    assert "runner.py" in objects["ConfigMap", "r-shop-workflow-runner"]["data"]
    assert ("ServiceAccount", "r-shop-w-install-run") in objects
    assert ("CronJob", "r-shop-w-install") in objects


def test_long_names_fit_and_rights_name_them(tmp_path: Path, helm_binary: Path) -> None:
    text = f"""
    workflows:
      {"w" * 30}: {{tasks: {{{"t" * 30}: {{run: {{image: "example.com/b:1.0.0"}}}}}}}}
    """
    objects = rendered(helm_binary, tmp_path, chart_of(text), release="a-long-release-name")
    names = {name for kind, name in objects if kind == "CronJob"}
    assert len(names) == 2
    assert all(len(name) <= 52 for name in names)
    (role,) = (data for (kind, _), data in objects.items() if kind == "Role")
    (templates,) = (rule for rule in role["rules"] if rule["resources"] == ["cronjobs"])
    assert set(templates["resourceNames"]) < names
    assert bindings_of(objects)["tasks"]["t" * 30]["cronjob"] == templates["resourceNames"][0]


def bindings_of(objects: Objects) -> dict[str, Any]:
    (found,) = (data["data"] for data in objects.values() if "bindings.json" in data.get("data", {}))
    return dict(json.loads(found["bindings.json"]))


@pytest.mark.parametrize("place", ["services.web", "services.db", "workflows.close.tasks.mail"])
def test_no_value_hides_where_outputs_go(tmp_path: Path, helm_binary: Path, place: str) -> None:
    with pytest.raises(AssertionError, match="FLOWHELM_OUTPUTS"):
        rendered(helm_binary, tmp_path, chart_of(SPEC), f"--set={place}.extraEnv.FLOWHELM_OUTPUTS=/tmp/x")
