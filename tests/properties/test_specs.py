"""What holds of every spec without mistakes: it compiles, always to the same bytes, and Kubernetes takes the chart."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from generator.compiler import Compilation, Options, compile_spec, verify
from generator.diagnostics import Diagnostics, Severity
from tests.properties.specs import Spec, shuffled, specs

# No shrinking: these specs are small as they come, and a smaller one costs as much as another example.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
QUICK = settings(max_examples=20, deadline=None, phases=PHASES, suppress_health_check=CHECKS)
WITH_HELM = settings(QUICK, max_examples=5)


def compiled(spec: Any) -> Compilation:
    """The compilation of a spec in which nothing is wrong."""
    text = yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)
    found = Diagnostics()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_text(text, encoding="utf-8")
        compilation = compile_spec(path, Options(Path(folder)), found)
    errors = [f"{each.code.id} {each.message}" for each in found if each.severity is Severity.ERROR]
    assert errors == [], text
    assert compilation is not None
    return compilation


@QUICK
@given(spec=specs())
def test_a_spec_compiles_and_always_to_the_same_bytes(spec: Spec) -> None:
    event(f"{len(spec['services'])} services, {len(spec['workflows'])} workflows")
    assert compiled(spec).files == compiled(spec).files


@QUICK
@given(data=st.data())
def test_the_order_of_keys_means_nothing(data: st.DataObject) -> None:
    spec = data.draw(specs())
    other = data.draw(shuffled(spec))
    files, others = compiled(spec).files, compiled(other).files
    assert list(files) == list(others)
    assert [path for path in files if files[path] != others[path]] == []


@WITH_HELM
@given(spec=specs())
def test_kubernetes_takes_what_helm_makes_of_it(spec: Spec, helm4: Path) -> None:
    found = Diagnostics()
    verification = verify(compiled(spec), found, helm=str(helm4))
    assert [f"{each.code.id} {each.message}" for each in found if each.severity is Severity.ERROR] == []
    assert verification is not None
    assert verification.checked.objects >= 3
    assert verification.checked.not_checked == {}
