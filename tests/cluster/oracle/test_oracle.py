"""The validator refuses what a real API server refuses, and nothing else: 20,000 mutants with FLOWHELM_ORACLE=20000."""

import os
from pathlib import Path

import pytest

from tests.cluster.oracle.corpus import objects
from tests.cluster.oracle.mutations import Corpus, mutants
from tests.cluster.oracle.server import NAMESPACE, serving
from tests.cluster.oracle.verdicts import FALSE_ALARM, compare, table

pytestmark = pytest.mark.cluster

COUNT = int(os.environ.get("FLOWHELM_ORACLE", "2000"))
SEED = int(os.environ.get("FLOWHELM_SEED", "35"))
RECALL, RECALL_OF_A_KIND = 0.995, 0.98
ENOUGH = 50
"""Refused mutants of a kind, below which one missed would count too much."""


def test_validator_agrees_with_the_server(kubectl: Path, tmp_path: Path) -> None:
    corpus = Corpus(objects(NAMESPACE))
    with serving(kubectl, tmp_path) as server:
        version = ".".join(server.version.removeprefix("v").split(".")[:2])
        bases = zip(corpus.objects, server.ask(list(corpus.objects.values())), strict=True)
        assert {name: answer.message for name, answer in bases if not answer.is_taken} == {}
        drawn = list(mutants(corpus, corpus, COUNT, SEED, version))
        found = compare(drawn, server.ask([mutant.data for mutant in drawn]), version)
    print(*table(found), sep="\n")
    alarms = [each for each in found.differences if each.how == FALSE_ALARM]
    assert [(each.mutant.base, each.mutant.changes, each.said) for each in alarms] == []
    assert found.total.recall >= RECALL
    poor = {kind: tally.recall for kind, tally in found.kinds.items() if tally.recall < RECALL_OF_A_KIND}
    assert {kind: recall for kind, recall in poor.items() if found.kinds[kind].refused >= ENOUGH} == {}
    assert min(tally.refused for tally in found.kinds.values()) > 0
