"""What a command loads: its start costs what is imported, so what it has no use for is not there."""

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from tests.cli.conftest import SPEC

LOADED = """
import sys
from generator.cli import main
try:
    main()
finally:
    print(*sys.modules)
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: {{ .Values.a }}}\n"
FRONT = {"generator.spec", "generator.resolve", "generator.lower", "generator.emit", "jinja2", "networkx", "yaml"}
BACK = {"generator.validate.validator", "generator.validate.policy", "generator.render", "jsonschema_rs", "subprocess"}
FOR_SOME = {"concurrent.futures", "generator.report.sarif", "logging", "networkx", "tarfile", "tomllib"}


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that are loaded when a command has ended well."""
    program = (sys.executable, "-c", LOADED, *arguments)
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def own(modules: Collection[str]) -> int:
    return sum(module.startswith("generator") for module in modules)


def test_compile_without_rendering_loads_no_validator_and_no_helm(tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    modules = loaded(tmp_path, "compile", "spec.yaml", "--no-validate")
    assert modules & (BACK | FOR_SOME) == set()
    assert {"generator.lower", "jinja2"} <= modules
    assert own(modules) < 220


def test_validate_of_a_chart_loads_no_spec_language(tmp_path, helm4):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "settings.yaml").write_text(CONFIG_MAP)
    (tmp_path / "values.yaml").write_text("a: b\n")
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: settings\nversion: 1.0.0\n")
    modules = loaded(tmp_path, "validate", ".", "--helm", str(helm4))
    assert modules & (FRONT | FOR_SOME) == set()
    assert {"generator.validate.validator", "generator.render.renderer"} <= modules
    assert own(modules) < 180
