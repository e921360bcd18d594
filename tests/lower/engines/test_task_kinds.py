"""What the engine `jobs` makes of tasks that are neither a container nor a request, as Helm renders it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
