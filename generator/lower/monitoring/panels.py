"""Grafana's JSON: panels, two beside one another, and the dashboard around them. Stage: lower.

Format: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_SCHEMA = 39
_HALF, _HIGH = 12, 8

Panel = dict[str, Any]


def number(title: str, expression: str, description: str) -> Panel:
    """A share as one large number, red below nothing."""
    steps = [{"color": "red", "value": None}, {"color": "yellow", "value": 0.25}, {"color": "green", "value": 0.5}]
    return {
        "type": "stat",
        "title": title,
        "description": description,
        "fieldConfig": {
            "defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}},
        "targets": [_target("A", expression, "")],
    }


def graph(title: str, series: Mapping[str, str], description: str, unit: str = "short") -> Panel:
    """Lines over time: legend → expression."""
    targets = [
        _target(chr(ord("A") + index), expression, legend) for index, (legend, expression) in enumerate(series.items())
    ]
    return {
        "type": "timeseries",
        "title": title,
        "description": description,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": targets,
    }


def words(text: str) -> Panel:
    """A text in Markdown."""
    return {"type": "text", "title": "", "options": {"mode": "markdown", "content": text}}


def dashboard(title: str, panels: Sequence[Panel]) -> dict[str, Any]:
    """The dashboard; `@uid@` tells it from those of other releases."""
    return {
        "uid": "@uid@",
        "title": title,
        "tags": ["flowhelm"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": [_placed(index, panel) for index, panel in enumerate(panels)],
    }


def _placed(index: int, panel: Panel) -> Panel:
    place = {"h": _HIGH, "w": _HALF, "x": index % 2 * _HALF, "y": index // 2 * _HIGH}
    source = {} if panel["type"] == "text" else {"datasource": _SOURCE}
    return {"id": index + 1, "gridPos": place, **source, **panel}


def _target(name: str, expression: str, legend: str) -> Panel:
    return {"refId": name, "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
