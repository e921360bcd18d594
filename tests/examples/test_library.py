"""A library is written once: what changes in it changes in every system that imports it, and nowhere else."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from generator.compiler import Options, compile_spec
from generator.diagnostics import Diagnostics
from tests.examples.manifests import containers, pod_templates, rendered

REPOSITORY = Path(__file__).resolve().parents[2]
SYSTEMS = {"tickets": "sell", "rental": "return", "dues": "collect"}


def charge(files: Any, workflow: str) -> Any:
    """The reused workflow as it stands in the plan of a system's workflow."""
    plan = json.loads(files[f"files/{workflow}/plan.json"])
    return plan["tasks"]["pay"]["workflow"]["plan"]


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    for name in ("library", *SYSTEMS):
        shutil.copytree(REPOSITORY / "examples" / name, tmp_path / name)
    return tmp_path


def compiled(examples: Path, system: str) -> Any:
    found = Diagnostics()
    compilation = compile_spec(examples / system / "spec.yaml", Options(examples), found)
    assert compilation, [finding.message for finding in found]
    return compilation.files


def test_a_change_of_the_library_shows_in_all_systems(examples: Path) -> None:
    before = {system: compiled(examples, system) for system in SYSTEMS}
    library = examples / "library" / "payments.yaml"
    text = library.read_text(encoding="utf-8")
    changed = text.replace("retry: {attempts: 3,", "retry: {attempts: 4,").replace("gateway:4.1.0", "gateway:4.2.0")
    library.write_text(changed, encoding="utf-8")
    for system, workflow in SYSTEMS.items():
        after = compiled(examples, system)
        different = {path for path in after if after[path] != before[system].get(path)}
        assert {f"files/{workflow}/plan.json", "values.yaml"} <= different
        assert charge(before[system], workflow)["tasks"]["authorise"]["retry"]["attempts"] == 3
        assert charge(after, workflow)["tasks"]["authorise"]["retry"]["attempts"] == 4
        assert b'tag: "4.2.0"' in after["values.yaml"]
        assert not any(path.startswith("templates/") for path in different)


@pytest.mark.parametrize(("system", "service"), [("tickets", "gateway"), ("rental", "till"), ("dues", "gateway")])
def test_each_system_gives_a_service_of_its_own(system: str, service: str) -> None:
    plan = json.loads((REPOSITORY / "charts-out" / system / "files" / SYSTEMS[system] / "plan.json").read_text())
    inner = plan["tasks"]["pay"]["workflow"]["plan"]["tasks"]
    called = {step["service"] for task in inner.values() for step in task.get("call", {}).get("steps", ())}
    assert called == {service}


@pytest.mark.parametrize("system", SYSTEMS)
def test_one_template_of_a_pod_for_the_librarys_task(system: str, helm4: Path) -> None:
    pods = dict(pod_templates(rendered(helm4, REPOSITORY / "charts-out" / system)))
    images = [container["image"] for container in containers(pods[f"CronJob/{system}-payments-charge-document"])]
    assert images == ["registry.example.com/payments/receipt:1.3.0"]
