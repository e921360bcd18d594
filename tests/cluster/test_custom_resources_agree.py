"""A real API server judges what is said of custom resources: with their definitions, and their rules in CEL."""

import gzip
import json
import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import Ask
from tests.validate import test_crd_schemas
from tests.validate.custom_resources import DEFINITION, EVERYTHING, FOLDER, errors, mutants

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gateway_api")]

MUTANTS = int(os.environ.get("FLOWHELM_MUTANTS", "300"))
SEED = 35


@pytest.fixture(scope="module")
def definition(kubectl: Path) -> Iterator[Path]:
    subprocess.run([kubectl, "apply", "-f", DEFINITION], check=True, capture_output=True)
    established = ["wait", "--for=condition=Established", "--timeout=60s", "-f", str(DEFINITION)]
    subprocess.run([kubectl, *established], check=True, capture_output=True)
    yield DEFINITION
    subprocess.run([kubectl, "delete", "--wait=false", "-f", DEFINITION], check=True, capture_output=True)


def ask_when_ready(ask: Ask) -> int:
    for _ in range(50):
        status, _ = ask(EVERYTHING)
        if status != 404:
            return status
        time.sleep(0.2)  # established, but not yet served by every handler
    return 404


def test_everything_that_a_definition_can_say(ask: Ask, definition: Path) -> None:
    pytest.importorskip("cel")
    assert ask_when_ready(ask) == 201
    refused = found = 0
    false_alarms = {}
    for data in mutants(MUTANTS, SEED):
        status, message = ask(data)
        assert status in (201, 400, 422), message
        ours = errors(data, definition)
        refused += status != 201
        found += status != 201 and bool(ours)
        if status == 201 and ours:
            false_alarms[json.dumps(data)] = ours
    assert false_alarms == {}
    assert found >= 0.99 * refused > 0.3 * MUTANTS


@pytest.mark.parametrize("kind", ["HTTPRoute", "Gateway"])
def test_rules_of_the_gateway_api(ask: Ask, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cel")
    file = tmp_path / "definition.yaml"
    [packed] = FOLDER.glob(f"gateway.networking.k8s.io_{kind.lower()}s.yaml.gz")
    file.write_bytes(gzip.decompress(packed.read_bytes()))
    monkeypatch.setattr(test_crd_schemas, "MUTANTS", MUTANTS // 4)
    wrong = {}
    for data in test_crd_schemas.mutants(kind, random.Random(SEED)):
        status, message = ask(data)
        ours = errors(data, file)
        if (status != 201) != bool(ours):
            wrong[json.dumps(data)] = (message, ours)
    assert wrong == {}
