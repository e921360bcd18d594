"""A real API server judges the validator: it refuses what the rules refuse, and takes what they take.

Objects are only tried (`dryRun=All`, strict field validation), never stored.
"""

import itertools
import json
import random
from typing import Any

import pytest

from tests.cluster.asking import Ask
from tests.cluster.oracle.verdicts import errors
from tests.validate import test_crd_schemas
from tests.validate.objects import changed
from tests.validate.test_api_rules import CASES

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gateway_api")]

SEED = 35
MUTANTS = 25
"""Of each kind."""


def disagreement(data: dict[str, Any], ask: Ask) -> str:
    status, message = ask(data)
    if status not in (201, 400, 403, 422):
        return f"the server answered {status}: {message}"
    ours = errors(data, "1.35")
    if bool(ours) == (status != 201):
        return ""
    return f"only we refuse it: {ours}" if ours else f"only the server refuses it: {message}"


def test_every_case_of_the_rules(ask: Ask) -> None:
    wrong = {}
    for kind, path, value, _, _ in CASES:
        if path != "metadata.namespace":  # the request's own namespace is another
            wrong[f"{kind} {path} = {str(value)[:60]}"] = disagreement(changed(kind, path, value), ask)
    assert {case: found for case, found in wrong.items() if found} == {}


@pytest.mark.parametrize("kind", test_crd_schemas.KINDS)
def test_spoilt_custom_resources(ask: Ask, kind: str) -> None:
    spoilt = itertools.islice(test_crd_schemas.mutants(kind, random.Random(SEED)), 4 * MUTANTS)
    verdicts = {json.dumps(data): disagreement(data, ask) for data in spoilt}
    assert {text: found for text, found in verdicts.items() if found} == {}
