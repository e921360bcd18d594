"""What the expressions of a workflow see where they stand."""

from __future__ import annotations

from pathlib import Path

from generator.diagnostics import Diagnostics
from generator.resolve.resolver import resolve
from generator.resolve.texts import check_texts
from generator.source import Loader
from generator.spec.parser import parse_spec
from generator.yamlio.reader import read_spec_text

SPEC = """flowhelm: v1
name: shop
version: 1.0.0
services: {web: {image: "shop/web:1.0.0", ports: {http: 8080}}}
workflows:
  w:
    tasks:
      a: {call: {service: web, get: /, expect: {json: "${{ TASKS }}"}}}
    on_exit:
      z: {call: {service: web, get: /, expect: {json: "${{ ON_EXIT }}"}}}
"""


def _findings(tasks: str, on_exit: str) -> list[str]:
    diagnostics = Diagnostics()
    root = read_spec_text(SPEC.replace("TASKS", tasks).replace("ON_EXIT", on_exit).encode(), "spec.yaml", diagnostics)
    assert root is not None
    spec = parse_spec(root, diagnostics)
    assert spec is not None
    check_texts(resolve(spec, Loader(Path("spec.yaml"), Path()), diagnostics), diagnostics)
    return sorted({finding.message for finding in diagnostics})


def test_an_expectation_of_on_exit_sees_the_response_and_the_verdict() -> None:
    assert _findings("response.ok == true", "response.state == run.status") == []


def test_an_expectation_of_a_task_sees_no_verdict() -> None:
    (finding,) = _findings("response.state == run.status", "true")
    assert "run.status" in finding
