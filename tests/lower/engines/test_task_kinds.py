"""What the engine `jobs` makes of tasks that are neither a container nor a request, as Helm renders it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.emit.emitter import emit
from tests.charts import chart_of, rendered

WAITING = """
services:
  web: {image: "example.com/web:1.0.0", ports: {http: 8080}}
workflows:
  order:
    timeout: 2d
    tasks:
      ask: {approve: "Ship from ${{ services.web.host }}?"}
      pause: {needs: [ask], wait: 30s, timeout: 5m}
  alone: {tasks: {one: {run: {image: "example.com/one:1.0.0"}, mutex: "${{ run.name }}"}}}
environments:
  test: {workflows: {order: {tasks: {ask: {timeout: 10m}}}}}
"""

ISOLATED = """
services:
  web: {image: "example.com/web:1.0.0", ports: {http: 8080}}
workflows:
  order:
    timeout: 2h
    tasks:
      near:
        call:
          - {service: web, get: /, headers: {X-Key: {secret: keys, key: web}, X-Site: shop}}
          - {service: web, get: /, headers: {X-Key: {secret: keys, key: web}, X-Place: {config: site, key: place}}}
      far:
        call: {service: web, get: /, headers: {X-Token: {secret: keys, key: far, optional: true}}}
        isolate: true
        env: {PROXY: "http://proxy:3128", RUN: "${{ run.id }}"}
        resources: {memory: 32Mi}
        files: {/etc/a: {content: b}}
      pause: {wait: 1h, isolate: true}
"""

Objects = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def waiting(tmp_path: Path, helm4: Path) -> Objects:
    return dict(rendered(helm4, tmp_path, chart_of(WAITING)))


def bindings(objects: Objects) -> Any:
    return json.loads(objects["ConfigMap", "r-shop-order"]["data"]["bindings.json"])


def test_a_task_that_waits_is_the_runner_s_business_alone(waiting: Objects) -> None:
    assert [name for kind, name in waiting if kind == "CronJob" and "order" in name] == ["r-shop-order"]
    assert [rule["resources"] for rule in waiting["Role", "r-shop-order"]["rules"]] == [["jobs"], ["events"]]
    assert bindings(waiting)["services"]["web"]["host"] == "r-shop-web"


def test_its_time_is_bound_only_where_someone_says_it(waiting: Objects) -> None:
    assert bindings(waiting)["tasks"] == {"ask": {"timeout": "2d"}, "pause": {"timeout": "5m"}}


def test_only_a_runner_with_locks_may_touch_leases(waiting: Objects) -> None:
    verbs = {
        name: [rule["verbs"] for rule in role["rules"] if rule["resources"] == ["leases"]]
        for (kind, name), role in waiting.items()
        if kind == "Role"
    }
    assert verbs == {"r-shop-order": [], "r-shop-alone": [["create", "get", "patch", "delete"]]}


@pytest.fixture
def isolated(tmp_path: Path, helm4: Path) -> Objects:
    return dict(rendered(helm4, tmp_path, chart_of(ISOLATED)))


def container(objects: Objects, cron_job: str) -> dict[str, Any]:
    pod = objects["CronJob", cron_job]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (found,) = pod["containers"]
    return {**found, "token": pod["automountServiceAccountToken"]}


def from_objects(program: dict[str, Any]) -> list[Any]:
    return [
        each["valueFrom"]
        for each in program["env"]
        if "valueFrom" in each and "fieldRef" not in each["valueFrom"] and each["name"].startswith("FLOWHELM_HEADER_")
    ]


def test_headers_out_of_secrets_reach_the_pod_that_sends_them(isolated: Objects) -> None:
    run = container(isolated, "r-shop-order")
    web = {"secretKeyRef": {"name": "keys", "key": "web"}}
    site = {"configMapKeyRef": {"name": "site", "key": "place"}}
    assert sorted(from_objects(run), key=str) == sorted([web, site], key=str)
    far = {"secretKeyRef": {"name": "keys", "key": "far", "optional": True}}
    assert from_objects(container(isolated, "r-shop-order-far")) == [far]
    steps = json.loads(isolated["ConfigMap", "r-shop-order"]["data"]["plan.json"])["tasks"]["near"]["call"]["steps"]
    names = {each["name"]: each.get("valueFrom") for each in run["env"]}
    assert names[steps[0]["headers"]["X-Key"]["env"]] == web
    assert steps[1]["headers"]["X-Key"] == steps[0]["headers"]["X-Key"]
    assert names[steps[1]["headers"]["X-Place"]["env"]] == site
    assert steps[0]["headers"]["X-Site"] == "shop"


def test_an_isolated_call_is_made_by_the_runner_s_program_in_a_pod_of_its_own(isolated: Objects) -> None:
    far, run = container(isolated, "r-shop-order-far"), container(isolated, "r-shop-order")
    assert (far["command"], far["args"], far["workingDir"]) == (run["command"], ["task"], run["workingDir"])
    assert (far["image"], far["token"]) == (run["image"], False)
    assert far["resources"]["limits"]["memory"] == "32Mi"
    assert {"/flowhelm/runner", "/etc/a", "/tmp"} == {each["mountPath"] for each in far["volumeMounts"]}
    assert {"name": "PROXY", "value": "http://proxy:3128"} in far["env"]
    plan = json.loads(isolated["ConfigMap", "r-shop-order"]["data"]["plan.json"])["tasks"]["far"]
    assert (plan["isolate"], plan["env"]) == (True, {"RUN": {"value": ["name", "run", "id"]}})
    assert bindings(isolated)["tasks"]["far"]["cronjob"] == "r-shop-order-far"


def test_the_ways_of_an_isolated_call_are_its_own(isolated: Objects) -> None:
    def goals(name: str) -> list[Any]:
        rules = isolated["NetworkPolicy", name]["spec"]["egress"]
        return [peer["podSelector"]["matchLabels"] for rule in rules for peer in rule["to"] if "podSelector" in peer]

    (to_web,) = goals("r-shop-order-far")
    assert to_web["app.kubernetes.io/component"] == "web"
    callers = isolated["NetworkPolicy", "r-shop-web"]["spec"]["ingress"]
    found = {
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for rule in callers for peer in rule["from"]
    }
    assert {"order", "order-far"} <= found
    assert ("NetworkPolicy", "r-shop-order-pause") not in isolated


def test_an_isolated_wait_may_take_as_long_as_its_workflow(isolated: Objects) -> None:
    assert isolated["CronJob", "r-shop-order-pause"]["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 7200


def test_the_notes_say_how_runs_are_answered() -> None:
    before = WAITING.partition("environments:")[0]
    notes = emit(chart_of(f"{before}  outer: {{tasks: {{each: {{foreach: {{items: [1]}}, workflow: order}}}}}}\n"))
    lines = [line for line in notes["templates/NOTES.txt"].decode().splitlines() if "approve." in line]
    assert [line.partition("flowhelm.dev/")[2] for line in lines] == ["approve.ask=true", "approve.each.0.ask=true"]


def test_the_notes_ask_for_the_inputs_that_a_run_needs() -> None:
    spec = """
workflows:
  bill:
    inputs: {order: {type: string}, day: {type: string, default: today}, amount: {type: number}}
    tasks: {t: {wait: 1s}}
  tell:
    inputs: {order: {type: string}}
    triggers: {schedule: {cron: "@daily", with: {order: a}}}
    tasks: {t: {wait: 1s}}
"""
    notes = emit(chart_of(spec))["templates/NOTES.txt"].decode()
    assert " bill --input amount=… --input order=… --name bill-1 --watch\n" in notes
    assert " tell --input order=… --watch\n" in notes
    made = [line.split() for line in notes.splitlines() if "kubectl create job" in line]
    assert [[word for word in words if word.endswith("-1")] for words in made] == [["tell-1"]]
