"""What the engine `jobs` makes of workflows that reuse others, as Helm renders it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.charts import chart_of, rendered

SPEC = """
services:
  pay: {image: "example.com/pay:1.0.0", ports: {http: 8080}}
  mail: {image: "example.com/mail:1.0.0", ports: {http: 8080}}
workflows:
  charge:
    inputs: {order: {type: string}}
    timeout: 10m
    tasks:
      capture: {call: {service: pay, post: /}}
      book: {run: {image: "example.com/book:1.0.0"}, calls: [mail], timeout: 1m, mutex: books}
  order: {tasks: {one: {workflow: charge, with: {order: a}}, two: {workflow: charge, with: {order: b}, timeout: 5m}}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.conftest import HELM_VERSIONS, pinned_helm

    values = ("--set", "workflows.charge.tasks.book.timeout=2m", "--set", "workflows.charge.parallelism=3")
    return rendered(pinned_helm(HELM_VERSIONS[0]), tmp_path_factory.mktemp("chart"), chart_of(SPEC), *values)


def test_a_task_with_a_pod_has_one_cronjob_however_many_reuse_it(made: Any) -> None:
    assert sorted(name for kind, name in made if kind == "CronJob") == [
        "r-shop-charge",
        "r-shop-charge-book",
        "r-shop-order",
    ]


def test_bindings_are_nested_and_follow_the_values_of_the_reused_workflow(made: Any) -> None:
    bindings = json.loads(made["ConfigMap", "r-shop-order"]["data"]["bindings.json"])
    inner = {"book": {"cronjob": "r-shop-charge-book", "timeout": "2m", "retry": None}}
    inner["capture"] = {"timeout": None, "retry": None}
    limits = {"timeout": "10m", "parallelism": 3}
    assert bindings["tasks"]["one"] == {"timeout": None, "retry": None, "workflow": limits, "tasks": inner}
    assert bindings["tasks"]["two"] == {"timeout": "5m", "retry": None, "workflow": limits, "tasks": inner}
    assert list(bindings["services"]) == ["pay"]


def test_the_outer_run_may_start_and_call_what_the_reused_workflow_does(made: Any) -> None:
    rules = {rule["resources"][0]: rule for rule in made["Role", "r-shop-order"]["rules"]}
    assert rules["cronjobs"]["resourceNames"] == ["r-shop-charge-book"]
    assert {"jobs", "leases"} <= {name for name, rule in rules.items() if "create" in rule["verbs"]}
    egress = made["NetworkPolicy", "r-shop-order"]["spec"]["egress"]
    called = [peer["podSelector"]["matchLabels"] for rule in egress for peer in rule["to"] if "podSelector" in peer]
    assert [labels["app.kubernetes.io/component"] for labels in called] == ["pay"]
    callers = made["NetworkPolicy", "r-shop-pay"]["spec"]["ingress"]
    allowed = [peer["podSelector"]["matchLabels"] for rule in callers for peer in rule["from"]]
    assert [labels["app.kubernetes.io/component"] for labels in allowed] == ["charge", "order", "pay-connection"]
