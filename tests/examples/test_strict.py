"""The charts of the examples keep the policies of `strict`, except for what their specs ask for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import read_manifests
from generator.validate.model import Layer, Preset
from generator.validate.places import ChartPlaces
from generator.validate.presets import Policy
from generator.validate.rulebook import Rulebook
from generator.validate.validator import validate_manifests

CHARTS = Path(__file__).resolve().parents[2] / "charts-out"
ASKED_FOR = {
    "aks-store": {
        "FH4124": "the gateway of documentdb writes beside its binary, as the spec says with a reason",
        "FH4401": "the public shop has load balancers, so this one has: `via: loadbalancer`",
    },
    "appointment": {"FH4226": "two calendars at once would disagree: `rollout: {strategy: recreate}`"},
    "parcels": {"FH4402": "scanners in the depot know no Ingress: `via: nodeport`"},
}


@pytest.mark.parametrize("example", sorted(path.name for path in CHARTS.iterdir()))
def test_strict_finds_only_what_the_spec_asks_for(example: str, helm4: Path) -> None:
    command = [str(helm4), "template", example, str(CHARTS / example)]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    manifests = read_manifests(rendered)
    diagnostics, book = Diagnostics(), Rulebook(Policy(Preset.STRICT))
    validate_manifests(manifests, ["1.35"], diagnostics, ChartPlaces(example), (Layer.POLICY,), rulebook=book)
    seen = {found.code.id for found in diagnostics if found.severity is not Severity.INFO}
    assert seen == set(ASKED_FOR.get(example, {}))
