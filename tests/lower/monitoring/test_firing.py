"""Every alert on objectives fires when it should, and is silent when it should be: promtool tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.lower.monitoring import objectives
from tests.charts import chart_of, objects
from tests.lower.monitoring.promtool import NAMESPACE, Scenario, check_rules, rules_of, try_rules

SPEC = """
services:
  web:
    image: example.com/web:1.0.0
    ports: {http: 8080}
    metrics: {}
    slo: {availability: 99.9, latency: {p99: 250ms}}
"""


SERVICE = f'namespace="{NAMESPACE}", job="r-shop-web"'


def requests(good: str, bad: str) -> dict[str, str]:
    """How many more requests are counted each minute."""
    return {
        f'http_requests_total{{{SERVICE}, code="200"}}': good,
        f'http_requests_total{{{SERVICE}, code="503"}}': bad,
    }


def durations(within: str, in_all: str, bound: str = "0.25") -> dict[str, str]:
    return {
        f'http_request_duration_seconds_bucket{{{SERVICE}, le="{bound}"}}': within,
        f"http_request_duration_seconds_count{{{SERVICE}}}": in_all,
    }


SERVED = requests("0+1000x2000", "0x2000")

# alert → the scenarios in which it fires, and those in which it does not although something like it happens.
SCENARIOS: Mapping[str, tuple[Mapping[str, Scenario], Mapping[str, Scenario]]] = {
    "SloBudgetBurnsFast": (
        {
            "two of 100 requests fail": Scenario(
                requests("0+98x2000", "0+2x2000"),
                "2h",
                {"SloBudgetBurnsFast": {"availability"}, "SloBudgetBurnsSlowly": {"availability"}},
            ),
            "20 of 100 requests are slow": Scenario(
                {**SERVED, **durations("0+80x2000", "0+100x2000")},
                "2h",
                {"SloBudgetBurnsFast": {"latency-p99"}, "SloBudgetBurnsSlowly": {"latency-p99"}},
            ),
        },
        {
            "9 of 10,000 requests fail": Scenario(requests("0+9991x2000", "0+9x2000"), "2h"),
            "9 of 1000 requests are slow": Scenario({**SERVED, **durations("0+991x2000", "0+1000x2000")}, "2h"),
            "it is over": Scenario(
                requests("0+98x2000", "0+2x60 120x2000"), "100m", {"SloBudgetBurnsSlowly": {"availability"}}
            ),
        },
    ),
    "SloBudgetBurnsSlowly": (
        {
            "five of 1000 requests fail": Scenario(
                requests("0+995x2000", "0+5x2000"), "3h", {"SloBudgetBurnsSlowly": {"availability"}}
            )
        },
        {
            "one of 2000 requests fails": Scenario(requests("0+1999x2000", "0+1x2000"), "3h"),
            "no requests": Scenario(requests("0x2000", "0x2000"), "3h"),
            "no errors, ever": Scenario({f'http_requests_total{{{SERVICE}, code="200"}}': "0+9x2000"}, "3h"),
            "errors of another service": Scenario(
                {**SERVED, f'http_requests_total{{namespace="{NAMESPACE}", job="x", code="500"}}': "0+9x2000"}, "3h"
            ),
        },
    ),
    "SloNotMeasured": (
        {
            "no metrics for a day": Scenario({}, "1445m", {"SloNotMeasured": {"availability"}}),
            "no bucket at the bound": Scenario(
                {**SERVED, **durations("0+9x2000", "0+9x2000", bound="0.3")}, "61m", {"SloNotMeasured": {"latency-p99"}}
            ),
        },
        {
            "not yet a day": Scenario({}, "1435m"),
            "a bucket at the bound": Scenario({**SERVED, **durations("0+9x2000", "0+9x2000")}, "61m"),
        },
    ),
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory, helm4: Path) -> dict[str, Any]:
    return rules_of(helm4, tmp_path_factory.mktemp("chart"), chart_of(SPEC))


ALL = {
    f"{alert}: {name}": scenario
    for alert, (firing, silent) in SCENARIOS.items()
    for name, scenario in {**firing, **silent}.items()
}


def test_alerts_fire_when_they_should_and_only_then(promtool: Path, tmp_path: Path, rules: dict[str, Any]) -> None:
    try_rules(promtool, tmp_path, rules, ALL)


def test_every_alert_has_scenarios_of_both_kinds() -> None:
    brought = (
        objectives.BURNS_FAST,
        objectives.BURNS_SLOWLY,
        objectives.NOT_COUNTED,
        objectives.NO_BUCKET,
    )
    assert {alert.name for alert in brought} == SCENARIOS.keys()
    for alert, (firing, silent) in SCENARIOS.items():
        assert firing
        assert all(alert in scenario.fires for scenario in firing.values())
        assert silent
        assert not any(alert in scenario.fires for scenario in silent.values())


def test_every_alert_says_what_is_wrong_and_what_to_do(rules: dict[str, Any]) -> None:
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    assert len(alerts) == 6
    for alert in alerts:
        assert {"summary", "description", "runbook"} == alert["annotations"].keys()
        assert "@" not in str(alert), "no gap is left"


def test_promtool_takes_the_rules(promtool: Path, tmp_path: Path, rules: dict[str, Any]) -> None:
    check_rules(promtool, tmp_path / "rules", rules)


@pytest.mark.parametrize("bound", ["1", "1.0"])
def test_bounds_of_whole_seconds_are_found_as_any_prometheus_writes_them(
    bound: str, promtool: Path, tmp_path: Path, helm4: Path
) -> None:
    rules = rules_of(helm4, tmp_path / "chart", chart_of(SPEC.replace("250ms", "1s")))
    slow = {"SloBudgetBurnsFast": {"latency-p99"}, "SloBudgetBurnsSlowly": {"latency-p99"}}
    series = {**SERVED, **durations("0+80x2000", "0+100x2000", bound)}
    try_rules(promtool, tmp_path, rules, {"slow": Scenario(series, "2h", slow)})


ALERT = """
services:
  web:
    image: example.com/web:1.0.0
    alerts:
      Late:
        expr: |
          time() - last_seen{job=~"web|\\\\w+"} > 60
        for: 1.5h
        summary: "{{ $labels.job }} is late"
        description: "{{ if gt $value 90.0 }}very{{ end }} late: {{ $value | humanizeDuration }}"
        runbook: https://wiki.example.com/late
      Odd: {expr: up == 0, severity: page, summary: odd, runbook: look at it}
"""


def test_alerts_of_ones_own_arrive_as_they_are_written(promtool: Path, tmp_path: Path, helm4: Path) -> None:
    rules = rules_of(helm4, tmp_path / "chart", chart_of(ALERT))
    late, odd = rules["groups"][0]["rules"]
    assert late == {
        "alert": "Late",
        "expr": 'time() - last_seen{job=~"web|\\\\w+"} > 60\n',
        "for": "1h30m",
        "labels": {"severity": "warning", "service": "web"},
        "annotations": {
            "summary": "{{ $labels.job }} is late",
            "description": "{{ if gt $value 90.0 }}very{{ end }} late: {{ $value | humanizeDuration }}",
            "runbook_url": "https://wiki.example.com/late",
        },
    }
    assert (odd["labels"]["severity"], odd["annotations"]["runbook"]) == ("page", "look at it")
    check_rules(promtool, tmp_path / "rules", rules)


def test_an_objective_is_a_value_of_the_chart(tmp_path: Path, helm4: Path) -> None:
    chart = chart_of(
        SPEC + "environments: {prod: {services: {web: {slo: {availability: 99.95, latency: {p95: 1s}}}}}}\n"
    )
    assert chart.environments[0].values == {
        "services": {"web": {"slo": {"availability": 99.95, "latency": {"p95": 1}}}}
    }

    def groups(*arguments: str) -> set[str]:
        found = rules_of(helm4, tmp_path, chart, *arguments)["groups"]
        return {group["name"].removeprefix("slo-web-") for group in found if group["name"].startswith("slo")}

    assert groups() == {"availability", "latency-p99"}
    assert groups(f"--values={tmp_path}/values-prod.yaml") == {"availability", "latency-p95", "latency-p99"}
    assert groups("--set=services.web.slo.availability=0") == {"latency-p99"}
    assert "(100 - 99.95) / 100" in str(rules_of(helm4, tmp_path, chart, "--set=services.web.slo.availability=99.95"))


@pytest.mark.parametrize(
    ("slo", "fast", "slow"),
    [
        ("availability: 99.9", ["14.4", "6"], ["3", "1"]),
        ("availability: 99.9, window: 7d", ["3.36", "1.4"], ["1", "1"]),
        ("latency: {p99: 1s}", ["14.4", "6"], ["3", "1"]),
        ("latency: {p90: 1s}", ["6"], ["3", "1"]),
        ("latency: {p50: 1s}", [], ["1"]),
    ],
)
def test_burn_rates_follow_from_the_window_and_what_can_happen(
    slo: str, fast: list[str], slow: list[str], tmp_path: Path, helm4: Path
) -> None:
    web = 'services: {web: {image: "example.com/web:1.0.0", ports: {http: 80}, metrics: {}, slo: {' + slo + "}}}"
    (group,) = rules_of(helm4, tmp_path, chart_of(web))["groups"]
    alerts = {
        rule["alert"]: re.findall(r"> \(([0-9.]+) \*", rule["expr"])[::2] for rule in group["rules"] if "alert" in rule
    }
    assert alerts.get("SloBudgetBurnsFast", []) == fast
    assert alerts["SloBudgetBurnsSlowly"] == slow


def test_promtool_takes_the_rules_of_the_examples(promtool: Path, tmp_path: Path, helm4: Path) -> None:
    charts = sorted((Path(__file__).parents[3] / "charts-out").iterdir())
    rules = []
    for chart in charts:
        found = objects(helm4, chart, "--namespace", NAMESPACE)
        rules += [data["spec"] for (kind, _), data in found.items() if kind == "PrometheusRule"]
    assert rules
    check_rules(promtool, tmp_path / "rules", *rules)
