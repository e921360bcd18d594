"""`accept` lets one kind of finding pass where it stands, and says when it has no effect (rulings C16)."""

from __future__ import annotations

import pytest

from generator.check.runner import check
from generator.diagnostics import Diagnostics
from generator.graph import build_graph
from tests.systems import system_of


def found_codes(text: str) -> list[str]:
    found = Diagnostics()
    system = system_of(text, found)
    check(system, build_graph(system, found), found)
    return [finding.code.id for finding in found]


SPEC = """
{top}services:
  web: {{image: shop/web:1.0.0, ports: {{http: 80}}, env: {{API_TOKEN: demo}}{service}}}
workflows:
  order:
{workflow}    tasks:
      it: {{call: {{service: web, get: /}}, join: any{task}}}
"""


def spec(top: str = "", service: str = "", workflow: str = "", task: str = "") -> str:
    return SPEC.format(top=top, service=service, workflow=workflow, task=task)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (spec(), ["FH4001", "FH2421"]),
        (spec(service=", accept: {FH4001: a public demo}"), ["FH2421"]),
        (spec(top="accept: {FH4001: a public demo}\n"), ["FH2421"]),
        (spec(task=", accept: {FH2421: until the second need is there}"), ["FH4001"]),
        (spec(workflow="    accept: {FH2421: soon}\n"), ["FH4001"]),
        (spec(task=", accept: {FH4001: not here}"), ["FH4001", "FH2421", "FH2462"]),
        (spec(service=", accept: {FH4002: nothing of it}"), ["FH4001", "FH2462", "FH2421"]),
        (spec(service=", accept: {FH9999: unknown}"), ["FH4001", "FH2461", "FH2421"]),
        (spec(service=", accept: {FH2434: two ports of one number}"), ["FH4001", "FH2461", "FH2421"]),
        ("defaults: {accept: {FH4001: a demo}}\n" + spec().lstrip(), ["FH2421"]),
    ],
)
def test_accept(text: str, expected: list[str]) -> None:
    assert found_codes(text) == expected


def test_a_finding_of_an_environment_can_be_accepted() -> None:
    text = """
services: {web: {image: shop/web:1.0.0, accept: {FH4001: a public demo}}}
environments: {prod: {services: {web: {env: {API_TOKEN: demo}}}}}
"""
    assert found_codes(text) == []
