"""A real API server judges the validator: it refuses what the rules refuse, and takes what they take.

Objects are only tried (`dryRun=All`, strict field validation), never stored.
"""

import copy
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import Manifest, Manifests
from generator.validate.model import Layer
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests
from generator.yamlio.manifests import load
from tests.cluster.asking import Ask
from tests.validate import test_crd_schemas
from tests.validate.objects import OBJECTS, changed
from tests.validate.test_api_rules import CASES

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gateway_api")]

SEED = 35
MUTANTS = 25
"""Of each kind."""

# fmt: off
VALUES: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 70_000, 2**31, 1.5, "", "x", "X_y", "a b", "100%", "5", "10m", "1Gi", "30s", "Always",
    "Never", "http", "/x", "TCP", "name", {}, {"a": "b"}, {"A b": "c"}, {"key": "k"}, [], ["a"], ["x", "x"], [{}],
    [{"name": "a"}], [{"key": "k"}],
)
FIELDS = (
    "tlsConfig", "basicAuth", "oauth2", "params", "relabelings", "metricRelabelings", "scheme", "path", "honorLabels",
    "scrapeTimeout", "sampleLimit", "targetPort", "proxyUrl", "attachMetadata", "jobLabel", "namespaceSelector",
    "authorization", "bodySizeLimit", "limit", "keep_firing_for", "annotations", "minReadySeconds", "nope",
)
# fmt: on


def errors(data: dict[str, Any]) -> list[str]:
    """What the validator calls an error, with the schema of the server's version."""
    diagnostics = Diagnostics()
    manifests = Manifests((Manifest(data, "object.yaml", text=json.dumps(data)),))
    validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA, Layer.API])
    return [finding.message for finding in diagnostics if finding.severity is Severity.ERROR]


def disagreement(data: dict[str, Any], ask: Ask) -> str:
    status, message = ask(data)
    if status not in (201, 400, 403, 422):
        return f"the server answered {status}: {message}"
    ours = errors(data)
    if bool(ours) == (status != 201):
        return ""
    return f"only we refuse it: {ours}" if ours else f"only the server refuses it: {message}"


def test_every_case_of_the_rules(ask: Ask) -> None:
    wrong = {}
    for kind, path, value, _, _ in CASES:
        if path != "metadata.namespace":  # the request's own namespace is another
            wrong[f"{kind} {path} = {str(value)[:60]}"] = disagreement(changed(kind, path, value), ask)
    assert {case: found for case, found in wrong.items() if found} == {}


@pytest.mark.parametrize("kind", OBJECTS)
def test_mutated_objects(ask: Ask, kind: str) -> None:
    wrong = {kind: disagreement(read(kind), ask)}
    for data in mutants(kind, random.Random(SEED)):
        wrong[json.dumps(data)] = disagreement(data, ask)
    assert {text: found for text, found in wrong.items() if found} == {}


def read(kind: str) -> dict[str, Any]:
    data = load(OBJECTS[kind])
    assert isinstance(data, dict)
    return data


def mutants(kind: str, rng: random.Random) -> Iterator[dict[str, Any]]:
    """The object with one value changed, left out or written twice, a key renamed, or a field added."""
    # The server also takes a list of numbers for what is base64, as nobody writes it.
    values = [value for value in VALUES if kind not in ("ConfigMap", "Secret") or not isinstance(value, list)]
    for _ in range(MUTANTS):
        data = read(kind)
        here, step = chosen(data, rng)
        chance = rng.random()
        if chance < 0.2:
            del here[step]
        elif chance < 0.3 and isinstance(here, list):
            here.append(copy.deepcopy(here[step]))
        elif chance < 0.4 and isinstance(here, dict):
            here[f"{step}x"] = here.pop(step)
        elif chance < 0.55 and isinstance(here, dict):
            here[rng.choice(FIELDS)] = copy.deepcopy(rng.choice(values))
        else:
            here[step] = copy.deepcopy(rng.choice(values))
        yield data


def chosen(data: Any, rng: random.Random) -> tuple[Any, Any]:
    """A place in the object, but for apiVersion and kind, which choose the URL that it is sent to."""
    here, steps = data, [key for key in data if key not in ("apiVersion", "kind")]
    while True:
        step = rng.choice(steps)
        below = here[step]
        if rng.random() < 0.15 or not isinstance(below, (dict, list)) or not below:
            return here, step
        here, steps = below, list(below) if isinstance(below, dict) else list(range(len(below)))


@pytest.mark.parametrize("kind", test_crd_schemas.KINDS)
def test_spoilt_custom_resources(ask: Ask, kind: str) -> None:
    spoilt = itertools.islice(test_crd_schemas.mutants(kind, random.Random(SEED)), 4 * MUTANTS)
    verdicts = {json.dumps(data): disagreement(data, ask) for data in spoilt}
    assert {text: found for text, found in verdicts.items() if found} == {}
