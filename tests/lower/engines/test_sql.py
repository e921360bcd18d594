"""What the engine `jobs` makes of `sql` tasks, as Helm renders it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.emit.emitter import emit
from tests.charts import chart_of, rendered

SPEC = """
services:
  db: {image: "example.com/db:1.0.0", ports: {db: 5432}}
workflows:
  order:
    inputs: {order: {type: string, default: a}, n: {type: integer, default: 1}}
    tasks:
      read:
        sql:
          dsn: {secret: db, key: dsn}
          query: "select total, 'x:y' from orders where id = :order limit :n; select '{{ .Values.x }} $(y)' as note"
          params: {order: "${{ inputs.order }}", n: "${{ inputs.n }}"}
        outputs: {total: {type: number}, note: {type: string, default: ""}}
        calls: [db]
        env: {PGOPTIONS: "-c statement_timeout=5s", PGAPPNAME: "${{ run.name }}"}
        files: {/etc/ca/statement.sql: {content: "no statement"}}
        resources: {memory: 48Mi}
    on_exit:
      write:
        sql:
          engine: mysql
          dsn: {config: places, key: dsn, optional: true}
          query: "insert into audit values (:status, :n)"
          params: {status: "${{ run.status }}", n: 3}
        calls: [db.example.com:3306]
"""

Objects = Mapping[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    from tests.conftest import HELM_VERSIONS, pinned_helm

    return rendered(pinned_helm(HELM_VERSIONS[0]), tmp_path_factory.mktemp("chart"), chart_of(SPEC))


def pod(objects: Objects, task: str) -> Any:
    return objects["CronJob", f"r-shop-order-{task}"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def variables(objects: Objects, task: str) -> dict[str, Any]:
    return {
        each["name"]: each.get("value", each.get("valueFrom")) for each in pod(objects, task)["containers"][0]["env"]
    }


def test_the_client_runs_the_statement_out_of_a_file(made: Objects) -> None:
    container = pod(made, "read")["containers"][0]
    assert container["image"] == "postgres:17-alpine"
    assert container["command"] == ["sh", "/flowhelm/client/postgres.sh"]
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    volumes = {each["name"]: each for each in pod(made, "read")["volumes"]}
    statement = volumes[mounts["/flowhelm/statement"]]["configMap"]
    data = made["ConfigMap", statement["name"]]["data"]
    (item,) = statement["items"]
    assert item["path"] == "statement.sql"
    assert data[item["key"]] == (
        "select total, 'x:y' from orders where id = :'param_order' limit :'param_n'; \\o 1 \\\\"
        " select '{{ .Values.x }} $(y)' as note"
    )
    assert data["statement.sql"] == "no statement"
    assert container["resources"]["limits"]["memory"] == "48Mi"


def test_each_kind_of_database_has_its_client(made: Objects) -> None:
    assert pod(made, "write")["containers"][0]["image"] == "mysql:8.4"
    (statement,) = made["ConfigMap", "r-shop-order-write"]["data"].values()
    assert statement == (
        "SET @param_n = CAST(@param_n AS SIGNED); SET @statement = 'insert into audit values (?, ?)'; "
        "PREPARE statement FROM @statement; EXECUTE statement USING @param_status, @param_n;"
    )
    assert set(made["ConfigMap", "r-shop-sql-client"]["data"]) == {
        "postgres.sh", "csv.awk", "mysql.sh", "dsn.awk", "hex.awk", "xml.awk",
    }  # fmt: skip


def test_address_and_names_reach_the_client_values_do_not(made: Objects) -> None:
    read, write = variables(made, "read"), variables(made, "write")
    assert read["FLOWHELM_DSN"] == {"secretKeyRef": {"name": "db", "key": "dsn"}}
    assert write["FLOWHELM_DSN"] == {"configMapKeyRef": {"name": "places", "key": "dsn", "optional": True}}
    assert (read["FLOWHELM_PARAMS"], read["FLOWHELM_COLUMNS"]) == ("n order", "note total")
    assert write["FLOWHELM_COLUMNS"] == ""
    assert read["PGOPTIONS"] == "-c statement_timeout=5s"
    assert "PGAPPNAME" not in read
    plan = json.loads(made["ConfigMap", "r-shop-order"]["data"]["plan.json"])
    task = plan["tasks"]["read"]
    assert task["env"] == {"PGAPPNAME": {"value": ["name", "run", "name"]}}
    assert task["sql"]["params"]["order"] == {"value": ["name", "inputs", "order"]}
    assert plan["on_exit"]["write"]["sql"]["params"]["n"] == "3"


def test_the_pod_is_hardened_and_reaches_its_database_alone(made: Objects) -> None:
    spec = pod(made, "read")
    assert spec["automountServiceAccountToken"] is False
    assert spec["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    (rule,) = made["NetworkPolicy", "r-shop-order-read"]["spec"]["egress"]
    assert rule["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "db"
    (rule,) = made["NetworkPolicy", "r-shop-order-write"]["spec"]["egress"]
    assert rule["ports"] == [{"port": 3306, "protocol": "TCP"}]
    assert "checkov.io/skip1" in made["CronJob", "r-shop-order-read"]["metadata"]["annotations"]
    assert "annotations" not in made["CronJob", "r-shop-order-write"]["metadata"]


def test_the_runner_may_start_it(made: Objects) -> None:
    names = [rule.get("resourceNames") for rule in made["Role", "r-shop-order"]["rules"]]
    assert ["r-shop-order-read", "r-shop-order-write"] in names


def test_a_chart_without_statements_has_no_client(tmp_path: Path, helm4: Path) -> None:
    objects = rendered(helm4, tmp_path, chart_of("workflows: {w: {tasks: {a: {wait: 1s}}}}"))
    assert ("ConfigMap", "r-shop-sql-client") not in objects


def test_the_clients_stand_in_the_values_in_one_order() -> None:
    task = "{{sql: {{engine: {}, dsn: {{secret: db, key: dsn}}, query: select 1}}, calls: [db]}}"
    head = "services: {db: {image: 'example.com/db:1.0.0', ports: {db: 5432}}}\nworkflows:\n  w:\n    tasks:\n"
    tasks = [f"      {engine}: {task.format(engine)}\n" for engine in ("postgres", "mysql")]
    one, other = (chart_of(head + "".join(each)) for each in (tasks, reversed(tasks)))
    assert emit(one)["values.yaml"] == emit(other)["values.yaml"]


def test_a_run_before_the_installation_has_a_client_of_its_own(tmp_path: Path, helm4: Path) -> None:
    before = SPEC.replace("    tasks:\n      read", "    triggers: {install: {when: before}}\n    tasks:\n      read")
    objects = rendered(helm4, tmp_path, chart_of(before))
    template = objects["CronJob", "r-shop-order-write-before"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    names = {each["configMap"]["name"] for each in template["volumes"] if "configMap" in each}
    assert names == {"r-shop-sql-client-before", "r-shop-order-write-before"}
    hooks = {objects["ConfigMap", name]["metadata"]["annotations"]["helm.sh/hook"] for name in names}
    assert all("pre-install" in hook for hook in hooks)
