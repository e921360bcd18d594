"""No object, however spoilt, makes the validator raise: the mutants of the oracle, without its server."""

import json

from generator.diagnostics import Diagnostics
from generator.manifest import Manifest, Manifests
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests
from tests.cluster.oracle.corpus import objects
from tests.cluster.oracle.mutations import Corpus, mutants

COUNT, SEED, TOGETHER = 4000, 7, 50


def test_no_object_breaks_the_validator() -> None:
    corpus = Corpus(objects("shop"))
    drawn = [mutant.data for mutant in mutants(corpus, corpus, COUNT, SEED, "1.35")]
    found = 0
    for start in range(0, COUNT, TOGETHER):
        several = (Manifest(data, "objects.yaml", text=json.dumps(data)) for data in drawn[start : start + TOGETHER])
        diagnostics = Diagnostics()
        validate_manifests(Manifests(tuple(several)), ["1.35"], diagnostics, FilePlaces())
        found += len(tuple(diagnostics))
    assert found > COUNT
