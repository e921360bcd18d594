"""How findings are judged: environments with their own presets, exceptions with patterns and an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from generator.diagnostics import Diagnostics, Severity, Span
from generator.manifest import read_manifests
from generator.validate.model import Layer, Preset
from generator.validate.places import FilePlaces
from generator.validate.presets import Policy
from generator.validate.rulebook import Exemption, Rulebook
from generator.validate.validator import validate_manifests

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: agent-1}
spec:
  hostNetwork: true
  containers: [{name: agent, image: shop/agent:1}]
"""
HERE = Span.at(".flowhelm.toml", 3)
TODAY = date(2027, 2, 1)


def found(book: Rulebook, *values_files: str) -> dict[str, tuple[str, str]]:
    """Severity and values file of each code that is found in a pod, rendered with these values files."""
    diagnostics = Diagnostics()
    renderings = [read_manifests(POD, "pod.yaml", values_file) for values_file in values_files or ("",)]
    manifests = sum(renderings[1:], renderings[0])
    validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), (Layer.POLICY,), rulebook=book)
    book.report_idle(diagnostics)
    return {each.code.id: (each.severity, each.values_file) for each in diagnostics}


def accepting(**said: Any) -> Rulebook:
    return Rulebook(
        Policy(Preset.MINIMAL), exemptions=(replace(Exemption("FH4100", "why", HERE), **said),), today=TODAY
    )


def test_each_environment_has_its_own_preset() -> None:
    book = Rulebook(Policy(Preset.MINIMAL), {"prod": Policy(Preset.STRICT)})
    assert found(book, "", "values-dev.yaml")["FH4100"] == (Severity.WARNING, "")
    assert found(book, "", "values-prod.yaml")["FH4100"] == (Severity.ERROR, "values-prod.yaml")
    assert found(book, "", "ci/prod-values.yaml")["FH4201"] == (Severity.WARNING, "ci/prod-values.yaml")
    assert "FH4201" not in found(book, "", "values-dev.yaml")


def test_single_codes_stand_above_the_preset() -> None:
    severities = {"FH4100": None, "FH4201": Severity.ERROR, "FH3002": None}
    seen = found(Rulebook(Policy(Preset.MINIMAL, severities)))
    assert (seen.get("FH4100"), seen["FH4201"][0]) == (None, Severity.ERROR)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("privileged", set()), ("baseline", {"FH4100"}), ("restricted", {"FH4100", "FH4101"})],
)
def test_the_level_of_pod_security_that_is_asked_for(level: str, expected: set[str]) -> None:
    seen = found(Rulebook(Policy(Preset.MINIMAL, {}, level)))
    assert {code for code in seen if code.startswith("FH410")} == expected
    assert all(severity is Severity.WARNING for severity, _ in seen.values())


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "Pod", "name": "agent-*", "path": "spec.host*", "file": "*.yaml"},
        {"until": TODAY},
        {"path": "spec.hostNetwor?"},
    ],
)
def test_what_is_accepted(said: dict[str, Any]) -> None:
    assert found(accepting(**said)) == {}


@pytest.mark.parametrize(
    ("said", "code", "severity"),
    [
        ({"kind": "DaemonSet"}, "FH3030", Severity.INFO),
        ({"name": "agent"}, "FH3030", Severity.INFO),
        ({"file": "other/*"}, "FH3030", Severity.INFO),
        ({"path": "spec.hostPID"}, "FH3030", Severity.WARNING),
        ({"until": date(2027, 1, 31)}, "FH3031", Severity.WARNING),
    ],
)
def test_exceptions_without_effect_are_findings(said: dict[str, object], code: str, severity: Severity) -> None:
    assert {key: value[0] for key, value in found(accepting(**said)).items()} == {
        "FH4100": Severity.WARNING,
        code: severity,
    }


def test_an_exception_of_a_code_that_is_off_may_be_without_effect() -> None:
    exemption = Exemption("FH4201", "only strict asks for it", HERE)
    assert found(Rulebook(Policy(Preset.MINIMAL, {"FH4100": None}), exemptions=(exemption,))) == {}
    book = Rulebook(Policy(Preset.MINIMAL, {"FH4100": None}), {"x": Policy(Preset.STRICT)}, (exemption,))
    assert set(found(book)) == {"FH3030"}


def test_brackets_of_paths_stand_for_themselves() -> None:
    exemption = replace(accepting().exemptions[0], path="spec.containers[0].*")
    assert "FH3030" in found(replace(accepting(), exemptions=(exemption,)))
