"""`flowhelm diff` refuses the changes that a real API server refuses, and no other: FLOWHELM_CHANGES=10000 for more."""

import os
from pathlib import Path

import pytest

from tests.cluster.oracle.changes import compare_changes, created, drawn, existing
from tests.cluster.oracle.corpus import objects
from tests.cluster.oracle.mutations import Corpus
from tests.cluster.oracle.server import serving
from tests.cluster.oracle.verdicts import FALSE_ALARM, table

pytestmark = pytest.mark.cluster

COUNT = int(os.environ.get("FLOWHELM_CHANGES", "1500"))
SEED = int(os.environ.get("FLOWHELM_SEED", "35"))
RECALL = 0.98


def test_diff_agrees_with_the_server(kubectl: Path, tmp_path: Path) -> None:
    namespace = f"flowhelm-changes-{os.getpid()}"
    wanted = existing(namespace)
    with serving(kubectl, tmp_path, namespace) as server, created(server, kubectl, namespace, wanted) as bases:
        version = ".".join(server.version.removeprefix("v").split(".")[:2])
        changes = drawn(bases, Corpus(objects(namespace)), COUNT, SEED, version)
        found = compare_changes(server, namespace, bases, changes)
    print(*table(found), sep="\n")
    alarms = [each for each in found.differences if each.how == FALSE_ALARM]
    assert [(each.mutant.base, each.mutant.changes, each.said) for each in alarms] == []
    assert found.total.refused >= COUNT // 20
    assert found.total.recall >= RECALL
