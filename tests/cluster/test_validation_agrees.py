"""A real API server judges the validator's own cases: it refuses what the rules refuse, and takes what they take.

Objects are only tried (`dryRun=All`, strict field validation), never stored.
"""

import itertools
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.oracle.server import NAMESPACE, Server, serving
from tests.cluster.oracle.verdicts import errors
from tests.validate import test_api_rules, test_crd_schemas, test_decoding, test_kinds, test_pod_rules
from tests.validate.objects import changed

pytestmark = pytest.mark.cluster

SEED = 35
MUTANTS = 100
"""Of each kind of custom resource."""


@pytest.fixture(scope="module")
def server(kubectl: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(kubectl, tmp_path_factory.mktemp("answers")) as found:
        yield found


def disagreements(objects: Iterable[dict[str, Any]], server: Server) -> dict[str, str]:
    """What only one of the two refuses, and what that one says."""
    asked = list(objects)
    wrong = {}
    for data, answer in zip(asked, server.ask(asked), strict=True):
        ours = errors(data, "1.35")
        if bool(ours) == answer.is_taken and not answer.depends_on_others:
            wrong[json.dumps(data)] = f"only we refuse it: {ours}" if ours else f"only the server: {answer.message}"
    return wrong


def test_every_case_of_the_rules(server: Server) -> None:
    rules = (*test_api_rules.CASES, *test_pod_rules.CASES, *test_kinds.WRONG, *test_kinds.RIGHT)
    cases = [case[:3] for case in (*rules, *test_decoding.WRONG, *test_decoding.RIGHT)]
    # The request's own namespace is another than what a case says.
    told = [changed(kind, path, value) for kind, path, value in cases if path != "metadata.namespace"]
    objects = [
        json.loads(json.dumps(data).replace('"namespace": "shop"', f'"namespace": "{NAMESPACE}"')) for data in told
    ]
    assert "\n".join(f"{said}: {data}" for data, said in disagreements(objects, server).items()) == ""


@pytest.mark.parametrize("kind", test_crd_schemas.KINDS)
def test_spoilt_custom_resources(server: Server, kind: str) -> None:
    spoilt = itertools.islice(test_crd_schemas.mutants(kind, random.Random(SEED)), MUTANTS)
    assert disagreements(spoilt, server) == {}
