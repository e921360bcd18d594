"""What only looks like an object is not held to the rules of objects, and is counted as not checked."""

import pytest

from generator.diagnostics import Diagnostics
from generator.manifest import read_manifests
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests

PROGRAMS = (
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\n",
    "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: ourLabels}\n",
    "apiVersion: v1\nkind: Config\nclusters: []\n",
    "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: [{role: worker}]\n",
)


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_file_for_a_program(text: str) -> None:
    diagnostics = Diagnostics()
    checked = validate_manifests(read_manifests(text, "file.yaml"), ["1.35"], diagnostics, FilePlaces())
    assert [finding.code.id for finding in diagnostics] == ["FH3004"]
    assert sum(checked.not_checked.values()) == 1


def test_an_object_of_a_stranger_needs_a_name() -> None:
    diagnostics = Diagnostics()
    text = "apiVersion: example.com/v1\nkind: Cluster\nspec: {}\n"
    validate_manifests(read_manifests(text, "file.yaml"), ["1.35"], diagnostics, FilePlaces())
    assert diagnostics.count_errors() == 1
