"""promtool on the rules of a chart: what fires when Prometheus has these series."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.chart.model import Chart
from tests.charts import rendered

NAMESPACE = "shop"


@dataclass(frozen=True)
class Scenario:
    """Series, as promtool takes them, one value a minute, and what fires `at` a time: alert → what it is about."""

    series: Mapping[str, str]
    at: str
    fires: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def step(self) -> str:
        """How often the rules are evaluated: over long times not as often."""
        minutes = int(self.at[:-1]) * (60 if self.at.endswith("h") else 1)
        return "1m" if minutes < 100 else "5m"


def rules_of(helm: Path, folder: Path, chart: Chart, *arguments: str) -> dict[str, Any]:
    """What the chart's PrometheusRule says, for the release `r`."""
    objects = rendered(helm, folder, chart, "--namespace", NAMESPACE, *arguments)
    (rule,) = (data for (kind, _), data in objects.items() if kind == "PrometheusRule")
    found: dict[str, Any] = rule["spec"]
    return found


def check_rules(promtool: Path, folder: Path, *rules: dict[str, Any]) -> None:
    """promtool finds nothing wrong with any of these rules."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"rules-{number}.yaml" for number, _ in enumerate(rules)]
    for file, each in zip(files, rules, strict=True):
        file.write_text(yaml.safe_dump(each))
    result = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def try_rules(promtool: Path, folder: Path, rules: dict[str, Any], scenarios: Mapping[str, Scenario]) -> None:
    """In each scenario exactly its alerts fire, about these objectives or workflows."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    files = []
    for step in sorted({scenario.step for scenario in scenarios.values()}):
        tests = [_test(name, scenario) for name, scenario in scenarios.items() if scenario.step == step]
        files.append(folder / f"test-{step}.yaml")
        files[-1].write_text(
            yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": step, "tests": tests})
        )
    result = subprocess.run([promtool, "test", "rules", *files], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def _test(name: str, scenario: Scenario) -> dict[str, Any]:
    expected = [
        {"labels": f'{{alertname="{alert}"{_about(each)}}}', "value": 1}
        for alert, about in scenario.fires.items()
        for each in about
    ]
    asked = {
        "expr": 'count by (alertname, workflow, objective) (ALERTS{alertstate="firing"})',
        "eval_time": scenario.at,
        "exp_samples": expected,
    }
    series = [{"series": each, "values": values} for each, values in scenario.series.items()]
    return {"name": name, "interval": "1m", "input_series": series, "promql_expr_test": [asked]}


def _about(subject: str) -> str:
    """The label that says what an alert is about; "" for one that is about the release."""
    label = "objective" if subject.startswith(("availability", "latency")) else "workflow"
    return f', {label}="{subject}"' if subject else ""
