"""`accept` lets one kind of finding pass where it stands, and says when it has no effect (rulings C16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.check.acceptance import Acceptance, let_pass
from generator.check.runner import check
from generator.compiler import Options, compile_spec, verify
from generator.diagnostics import Code, Diagnostic, Diagnostics, Severity, Span
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


RENDERED = """
flowhelm: v1
name: shop
version: 1.0.0
{top}templates:
  base: {{image: shop/web:1.0.0, envFrom: [{{config: texts}}]}}
services:
  web: {{extends: base, ports: {{http: 80}}{web}}}
  api: {{extends: base, ports: {{http: 80}}{api}}}
workflows:
  order:
{workflow}    tasks:
      it: {{run: {{image: shop/it:1.0.0}}, env: {{X: {{config: more, key: x}}}}{task}}}
"""
WEB, API = "Deployment release-shop-web", "Deployment release-shop-api"
TASK = "CronJob release-shop-order-it"


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({}, [("FH3406", WEB), ("FH3406", API), ("FH3406", TASK)]),
        ({"web": "FH3406"}, [("FH3406", API), ("FH3406", TASK)]),  # both stand on one line, in the template
        ({"web": "FH3406", "api": "FH3406", "task": "FH3406"}, []),
        ({"web": "FH3406", "api": "FH3406", "workflow": "FH3406"}, []),
        ({"top": "FH3406"}, []),
        ({"top": "FH3406", "web": "FH3407"}, [("FH2462", "")]),
        ({"top": "FH3406", "task": "FH3999"}, [("FH2462", "")]),
    ],
)
def test_findings_on_rendered_objects(places: dict[str, str], expected: list[object], tmp_path: Path) -> None:
    forms = {"top": "accept: {{{}: it is there}}\n", "workflow": "    accept: {{{}: it is there}}\n"}
    inline = ", accept: {{{}: it is there}}"
    words = {place: forms.get(place, inline).format(code) for place, code in places.items()}
    spec_file = tmp_path / "spec.yaml"
    text = RENDERED.format(**{place: words.get(place, "") for place in ("top", "web", "api", "workflow", "task")})
    spec_file.write_text(text, encoding="utf-8")
    found = Diagnostics()
    compilation = compile_spec(spec_file, Options(), found)
    assert compilation
    verify(compilation, found)
    assert {(each.code.id, str(each.subject or "")) for each in found if each.severity is not Severity.INFO} == set(
        expected
    )


def test_what_was_not_looked_for_is_not_idle() -> None:
    found = Diagnostics()
    accepted = [Acceptance("FH3406", Span.at("spec.yaml", 1))]
    let_pass([], accepted, {}, found, complete=False)
    assert not list(found)


def test_errors_never_pass() -> None:
    found, code = Diagnostics(), Code("FH3101", "wrong", "")
    let_pass([Diagnostic(code, "wrong")], [Acceptance("FH3101", Span.at("spec.yaml", 1))], {}, found, complete=True)
    assert [each.code.id for each in found] == ["FH3101", "FH2462"]


def test_a_library_accepts_for_its_own_part_and_need_not_have_an_effect(tmp_path: Path) -> None:
    library = """
flowhelm: v1
name: library
version: 1.0.0
accept: {FH3406: it is there, FH3407: a Secret that only some have}
workflows: {work: {tasks: {it: {run: {image: shop/it:1.0.0}, env: {X: {config: more, key: x}}}}}}
"""
    spec_text = """
flowhelm: v1
name: shop
version: 1.0.0
imports: {library: library.yaml}
services: {web: {image: shop/web:1.0.0, ports: {http: 80}, envFrom: [{config: own}]}}
workflows: {order: {tasks: {it: {workflow: library.work}}}}
"""
    (tmp_path / "library.yaml").write_text(library, encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(spec_text, encoding="utf-8")
    found = Diagnostics()
    compilation = compile_spec(tmp_path / "spec.yaml", Options(), found)
    assert compilation
    verify(compilation, found)
    warnings = [each for each in found if each.severity is not Severity.INFO]
    assert [(each.code.id, str(each.subject)) for each in warnings] == [("FH3406", WEB)]
