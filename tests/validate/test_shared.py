"""Shared definitions are those of the file, and only those that are needed are read."""

import json

import pytest

from generator.validate.schemas import available_versions
from generator.validate.shared import Definitions, definitions_in, mentioned

DEPLOYMENT = {"properties": {"spec": {"$ref": "#/$defs/io.k8s.api.apps.v1.DeploymentSpec"}}}
FILES = {version: folder / "_definitions.json" for version, folder in available_versions().items()}


@pytest.mark.parametrize("version", [min(FILES), "1.35", max(FILES)])
def test_the_definitions_are_those_of_the_file(version):
    data = FILES[version].read_bytes()
    there = json.loads(data)["$defs"]
    definitions = definitions_in(data)
    assert dict(definitions) == there
    assert definitions_in(json.dumps({"$defs": there}).encode()) == there, "whatever its layout"


def test_what_a_schema_needs_is_all_that_it_leads_to():
    definitions = definitions_in(FILES["1.35"].read_bytes())
    needed = definitions.needed_by(DEPLOYMENT)
    assert 100 < len(needed) < 150 < len(definitions)
    assert needed.keys() >= {"io.k8s.api.core.v1.Container", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
    assert {name for each in needed.values() for name in mentioned(each)} <= needed.keys()
    assert needed == definitions.needed_by(DEPLOYMENT)


def test_only_what_is_needed_is_read():
    texts = {"a": b'a": {"$ref": "#/b"}', "b": b'b": {"items": [{"$ref": "#/b"}]},', "c": b"no JSON"}
    definitions = Definitions(texts)
    assert definitions.needed_by({"$ref": "#/a"}).keys() == {"a", "b"}
    assert definitions.changed({"b": {}}).needed_by({"$ref": "#/a"}) == {"a": {"$ref": "#/b"}, "b": {}}
    assert definitions.needed_by({"x": {"$ref": "#/unknown"}}) == {}
