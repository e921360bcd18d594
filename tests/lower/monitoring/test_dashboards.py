"""Dashboards: what Grafana gets, and that Prometheus understands what it is asked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.lower.monitoring.workflows import NO_ALARM
from tests.charts import chart_of, objects, rendered
from tests.lower.monitoring.promtool import check_rules, rules_of
from tests.lower.monitoring.test_firing import SERVICE, requests
from tests.lower.monitoring.test_workflow_alerts import failed, job, owned

SPEC = """
services:
  web:
    image: example.com/web:1.0.0
    ports: {http: 8080}
    metrics: {}
    slo: {availability: 99.9, latency: {p99: 250ms, p99.9: 1s}, metric: {requests: "requests_total{status}"}}
  other: {image: "example.com/web:1.0.0"}
workflows:
  close:
    description: Closes the books @uid@ of {{ .Values.x }}.
    tasks:
      tell: {call: {service: web, get: /}, estimate: {duration: 2s, success: 99}}
      count: {run: {image: "example.com/count:1.0.0"}, needs: [tell], estimate: {duration: 1m}}
"""

Dashboards = dict[str, dict[str, Any]]


def dashboards_of(helm: Path, folder: Path, *arguments: str, release: str = "r") -> Dashboards:
    found = objects(helm, folder, "--namespace", "shop", *arguments, release=release)
    maps = [data for (kind, name), data in found.items() if kind == "ConfigMap" and name.endswith("-dashboard")]
    assert all(data["metadata"]["labels"]["grafana_dashboard"] == "1" for data in maps)
    return {file: json.loads(text) for data in maps for file, text in data["data"].items()}


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory, helm4: Path) -> Path:
    folder = tmp_path_factory.mktemp("chart")
    rendered(helm4, folder, chart_of(SPEC))
    return folder


@pytest.fixture(scope="module")
def made(chart: Path, helm4: Path) -> Dashboards:
    return dashboards_of(helm4, chart)


def asked(dashboard: dict[str, Any]) -> dict[str, str]:
    """Every expression, by its panel and legend."""
    return {
        f"{panel['title']}: {target['legendFormat']}": target["expr"]
        .replace("$__rate_interval", "5m")
        .replace("$__range", "1d")
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    }


def test_there_is_one_for_each_service_with_objectives_and_each_workflow(made: Dashboards) -> None:
    assert {file: each["title"] for file, each in made.items()} == {
        "r-shop-web-dashboard.json": "r-shop-web (shop)",
        "r-shop-close-dashboard.json": "close (r, shop)",
    }


def test_each_release_has_its_own(made: Dashboards, chart: Path, helm4: Path) -> None:
    another = dashboards_of(helm4, chart, release="s")
    uids = [each["uid"] for each in (*made.values(), *another.values())]
    assert len(set(uids)) == 4
    assert {len(uid) for uid in uids} == {40}
    assert not another.keys() & made.keys(), "the sidecar would overwrite one with the other"
    assert "r-shop" not in json.dumps(another)


def test_the_words_of_the_spec_arrive_and_the_critical_path(made: Dashboards) -> None:
    words = made["r-shop-close-dashboard.json"]["panels"][0]["options"]["content"]
    assert words.startswith("Closes the books @ uid @ of {{ .Values.x }}.")
    assert "tell → count; 62 s in all." in words
    assert "99 of 100" in words


def test_they_can_be_left_out(chart: Path, helm4: Path) -> None:
    assert dashboards_of(helm4, chart, "--set=monitoring.dashboards.enabled=false") == {}
    assert dashboards_of(helm4, chart, "--set=monitoring.enabled=false") == {}


def test_prometheus_understands_every_question(made: Dashboards, promtool: Path, tmp_path: Path) -> None:
    questions = {name: expression for each in made.values() for name, expression in asked(each).items()}
    assert len(questions) >= 15
    rules = [{"record": "it", "expr": text, "labels": {"n": str(n)}} for n, text in enumerate(questions.values())]
    check_rules(promtool, tmp_path / "rules", {"groups": [{"name": "all", "rules": rules}]})
    assert "@" not in json.dumps(rules)


def test_the_answers_are_right(made: Dashboards, promtool: Path, tmp_path: Path, helm4: Path) -> None:
    web, close = asked(made["r-shop-web-dashboard.json"]), asked(made["r-shop-close-dashboard.json"])
    tasks = {"r-shop-close-2-count-0123abcd": "r-shop-close-2", "x-count-0123abcd": "x"}
    series = {
        **{name.replace("http_requests", "requests").replace("code=", "status="): values
           for name, values in requests("0+1999x300", "0+1x300").items()},
        **failed("1x300"), **owned(),
        **{key.replace("close-1", "close-2"): values for key, values in owned().items()},
        job("kube_job_complete", "r-shop-close-2", condition="true"): "1x300",
        job("kube_job_complete", "r-shop-close-2", condition="true", instance="another"): "1x300",
        **{key.replace("close-1", "close-3"): values for key, values in {**failed("1x300"), **owned()}.items()},
        job("kube_job_spec_active_deadline_seconds", "r-shop-close-3"): f"{NO_ALARM}x300",
        **{job("kube_job_owner", name, owner_kind="Job", owner_name=run): "1x300" for name, run in tasks.items()},
        **{job("kube_job_status_start_time", name): "100x300" for name in tasks},
        **{job("kube_job_status_completion_time", name): "130x300" for name in tasks},
    }  # fmt: skip
    answers = {
        web["Budget left: availability: "]: [{"labels": f"{{{SERVICE}}}", "value": 0.5}],
        close["Runs that succeeded: "]: [{"labels": "{}", "value": 0.5}],
        close["Runs that succeeded: "].replace("1d", "1h"): [],  # they had all ended before
        close["Runs at work: runs"]: [{"labels": "{}", "value": 0}],
        close["Time of tasks with pods: {{task}}"]: [{"labels": '{task="count"}', "value": 30}],
    }
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules_of(helm4, tmp_path / "chart", chart_of(SPEC))))
    # 0.5 has no exact form in what the rules add up: rounded before it is compared.
    tests = [
        {"expr": f"round(\n{question}\n, 0.001)", "eval_time": "3h", "exp_samples": expected}
        for question, expected in answers.items()
    ]
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": tests,
    }
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "5m", "tests": [test]}))
    result = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
