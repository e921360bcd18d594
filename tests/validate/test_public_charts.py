"""Charts that people install hold no false error: what is found in them is named here, with its reason.

FLOWHELM_PUBLIC_CHARTS is a folder of charts (of prometheus-community and argo-helm, say), else one beside the checkout;
without either there is nothing to do. Each chart is rendered with its own values and with each of its ci/ files, and
looked at by all layers.
"""

import os
from pathlib import Path

import pytest

from generator.cli.validating import ValidationBench
from generator.diagnostics import Diagnostic, Diagnostics, Severity

_BESIDE = Path(__file__).parents[3] / "shared" / "data" / "public-charts"
FOLDER = os.environ.get("FLOWHELM_PUBLIC_CHARTS") or (str(_BESIDE) if _BESIDE.is_dir() else "")
CHARTS = sorted(path.parent for path in Path(FOLDER).glob("*/Chart.yaml")) if FOLDER else []

TRUE_ERRORS = {
    # The chart asks for a database's password by `required`; helm template and helm install say the same.
    ("prometheus-postgres-exporter", "FH6011", "templates/secrets.yaml"),
}
"""Chart, code, and the file: errors that a cluster, or Helm, has too. prometheus-community/helm-charts at cf408a2,
argoproj/argo-helm at af0a931."""

pytestmark = pytest.mark.skipif(not FOLDER, reason="no charts: FLOWHELM_PUBLIC_CHARTS names a folder of them")


def test_there_are_charts() -> None:
    assert len(CHARTS) >= 30, f"{FOLDER} holds {len(CHARTS)} charts"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_errors_are_true(chart: Path, helm4: Path) -> None:
    diagnostics = Diagnostics()
    ValidationBench(diagnostics, ("1.35",), helm=str(helm4)).validate(str(chart))
    errors = [finding for finding in diagnostics if finding.severity is Severity.ERROR]
    false = [finding for finding in errors if (chart.name, finding.code.id, _file(finding, chart)) not in TRUE_ERRORS]
    assert [(finding.code.id, finding.message, _file(finding, chart)) for finding in false] == []


def _file(finding: Diagnostic, chart: Path) -> str:
    return finding.span.file.removeprefix(f"{chart}/") if finding.span else ""
