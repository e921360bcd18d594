"""The rows' specs, compiled."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generator.check.runner import check
from generator.diagnostics import Diagnostics, Severity
from generator.graph import build_graph
from generator.plan.document import plan_json
from generator.plan.planner import plan_workflows
from generator.resolve.resolver import resolve
from generator.source import Loader
from generator.spec.parser import parse_spec
from generator.yamlio.reader import read_spec_text
from tests.conformance.kinds import MORE_ROWS
from tests.conformance.language import ROWS as ROWS_OF_THE_LANGUAGE
from tests.conformance.specs import Props, services_of, workflows_of
from tests.conformance.table import ROWS
from tests.runtime.workflow_rows import Row

Json = Any
ALL_ROWS: tuple[Row, ...] = (*ROWS, *MORE_ROWS, *ROWS_OF_THE_LANGUAGE)
NAMES = {row.name: f"r{number:03}" for number, row in enumerate(ALL_ROWS)}
"""Rows' workflows have short names: those of their objects must not be cut."""

SERVICE = {"image": "registry.example.com/conformance/service:1", "ports": {"http": 8080}}


def spec_of(name: str, rows: Iterable[Row], props: Props, service: Json = SERVICE) -> dict[str, Json]:
    """One spec that holds the workflows of several rows, and the services that they call."""
    rows = list(rows)
    workflows: dict[str, Json] = {}
    for row in rows:
        workflows.update(workflows_of(row, NAMES[row.name], props))
    spec = {"flowhelm": "v1", "name": name, "version": "1.0.0", "workflows": workflows}
    called = sorted(set().union(*map(services_of, rows)))
    return {**spec, "services": dict.fromkeys(called, service)} if called else spec


def plans_of(rows: Iterable[Row]) -> dict[str, Json]:
    """The plan.json that the compiler makes of each row, by the row's name."""
    rows = list(rows)
    plans = _plans(spec_of("conformance", rows, Props()))
    return {row.name: plans[NAMES[row.name]] for row in rows}


def plan_of(row: Row) -> Json:
    """The plan.json that the compiler makes of a row that need not stand in the table."""
    spec = {"flowhelm": "v1", "name": "conformance", "version": "1.0.0", "workflows": workflows_of(row, "row", Props())}
    return _plans(spec)["row"]


def _plans(written: Json) -> dict[str, Json]:
    found = Diagnostics()
    root = read_spec_text(json.dumps(written, ensure_ascii=False).encode(), "rows.yaml", found)
    spec = parse_spec(root, found) if root else None
    assert spec, _errors(found)
    system = resolve(spec, Loader(Path("rows.yaml")), found)
    graph = build_graph(system, found)
    check(system, graph, found)
    assert not found.has_errors, _errors(found)
    return {name: plan_json(plan) for name, plan in plan_workflows(system, graph).items()}


def _errors(found: Diagnostics) -> list[str]:
    return [f"{finding.code}: {finding.message}" for finding in found if finding.severity is Severity.ERROR]
