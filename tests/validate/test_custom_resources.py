"""Custom resources against definitions: in the input, and where `--schema-location` finds them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import read_manifests
from generator.validate.compilers import FastCompiler, SlowCompiler, go_pattern
from generator.validate.custom import rules
from generator.validate.custom.formats import FORMATS, PREFIX
from generator.validate.custom.instances import defaulted, without_nulls
from generator.validate.known import Custom, read_places
from generator.validate.model import Checked, Layer
from generator.validate.places import FilePlaces
from generator.validate.schemas import schemas_for
from generator.validate.shared import definitions_in
from generator.validate.validator import validate_manifests
from tests.validate.custom_resources import DEFINITION, EVERYTHING, at, errors, mutants
from tests.validate.objects import GONE

# fmt: off
CASES: list[tuple[str, Any, str]] = [
    ("size", 0, "size must be at least 1"),
    ("size", 3, "size must be a multiple of 2"),
    ("low", 2**63, "low 9223372036854775808 is beyond 64 bits"),
    ("size", GONE, 'spec needs the field "size"'),
    ("mode", GONE, ""),
    ("mode", None, ""),
    ("mode", "fast", 'mode must be one of Fast, Safe, "", but is'),
    ("ratio", 0, "ratio must be above 0"),
    ("ratio", 1, ""),
    ("pattern", "AB", ""),
    ("pattern", "ab12", "pattern must match"),
    ("either", 10, ""),
    ("either", "10", "either must match"),
    ("nothing", None, ""),
    ("nothing", "three", "nothing must be one of one, two, but"),
    ("tags", ["a", "b", "a"], '"a" is used twice in tags'),
    ("tags", [None], "item 1 of tags must be a text, but is empty (null)"),
    ("ports", [{"port": 1}, {"port": 1, "protocol": "TCP"}], 'port "1", protocol "TCP" is used twice in ports'),
    ("ports", [{"port": 1}, {"port": 1, "protocol": "SCTP"}], ""),
    ("labels", {"a": "b", "c": "d", "e": "f"}, "labels must have at most 2 keys"),
    ("labels", {"a": 1}, "a must be a text, but is the number 1"),
    ("closed", {"a": 1}, 'unknown field "a"'),
    ("open", {"a": 1}, ""),
    ("open", {"known": {"nope": 1}}, 'unknown field "nope"'),
    ("anything", [1, {"a": None}], ""),
    ("embedded", {"apiVersion": "v1", "metadata": {}}, 'embedded needs the field "kind"'),
    ("embedded", {"apiVersion": "v1", "kind": "A", "metadata": {"labels": {"a b": "c"}}}, 'the label "a b" must'),
    ("embedded", {"apiVersion": "v1", "kind": "A", "metadata": {"nope": "c"}}, 'unknown field "nope"'),
    ("only", {"a": "x", "b": "y"}, "only must fit exactly one of the alternatives"),
    ("only", {"a": "never"}, "only must not be what its definition rules out"),
    ("allowed", "abcd", "allowed must fit one of the alternatives"),
    ("formats", {"ipv4": "010.0.0.1", "cidr": "::/0", "duration": "5 days", "unknown": "?"}, ""),
    ("formats", {"ipv4": "::1"}, "ipv4 must be an IPv4 address"),
    ("formats", {"time": "2024-05-01 10:00"}, "time must be a time as 2024-05-01T10:00:00Z"),
    ("formats", {"uri": "a.b"}, "uri must be a URI"),
    ("matrix", [[None]], ""),
]
RULES: list[tuple[str, Any, str, str]] = [
    ("high", 0, "low must not be above high", "spec"),
    ("size", 200, "", ""),
    ("reason", GONE, "", ""),
    ("ports", [{"port": 80, "protocol": "UDP"}], "small ports are not for UDP", "spec.ports[0]"),
    ("ports", [{"port": 80, "x-note": "old"}], "a note begins with n", "spec.ports[0]"),
    ("spans", {"wait": "2h"}, "wait at most an hour", "spec.spans"),
    ("spans", {"wait": "60m"}, "", ""),
    ("spans", {"memory": "2Gi"}, "the rule `!has(self.memory) ||", "spec.spans"),
    ("spans", {"address": "http://a"}, "only https", "spec.spans"),
    ("spans", {"address": "a"},
     "`!has(self.address) || url(self.address).getScheme() == 'https'` can't be evaluated: not a URL", "spec.spans"),
    ("names", ["b", "a"], "names must be sorted", "spec.names"),
]
# fmt: on


def everything(field: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(EVERYTHING)
    if value is GONE:
        data["spec"].pop(field, None)
    else:
        data["spec"][field] = value
    return data


def checked(text: str, custom: Custom | None = None) -> tuple[Checked, list[Any]]:
    diagnostics = Diagnostics()
    manifests = read_manifests(text, "all.yaml")
    found = validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA], custom or Custom())
    return found, [(finding.code.id, finding.severity, finding.message, finding.hint) for finding in diagnostics]


def test_a_sound_object_is_checked_and_has_no_findings() -> None:
    assert errors(EVERYTHING, DEFINITION) == []


@pytest.mark.parametrize(("field", "value", "message"), CASES)
def test_what_a_definition_says(field: str, value: Any, message: str) -> None:
    found = errors(everything(field, value), DEFINITION)
    assert [said[: len(message)] for said in found] == ([message] if message else [])


@pytest.mark.parametrize(("field", "value", "message", "where"), RULES)
def test_rules_in_cel(field: str, value: Any, message: str, where: str) -> None:
    pytest.importorskip("cel")
    text = DEFINITION.read_text() + "\n---\n" + yaml.safe_dump(everything(field, value))
    diagnostics = Diagnostics()
    validate_manifests(read_manifests(text, "f"), ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA])
    broken = [(finding.message[: len(message)], finding.path) for finding in diagnostics if finding.code.id == "FH3014"]
    assert broken == ([(message, where)] if message else [])


def test_a_rule_may_make_its_message_and_choose_its_place() -> None:
    pytest.importorskip("cel")
    data = everything("size", 100)
    del data["spec"]["reason"]
    text = DEFINITION.read_text() + "\n---\n" + yaml.safe_dump(data)
    diagnostics = Diagnostics()
    validate_manifests(read_manifests(text, "f"), ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA])
    [finding] = [finding for finding in diagnostics if finding.code.id == "FH3014"]
    assert (finding.message, finding.path) == ("a size of 100 needs a reason", "spec.reason")
    assert finding.hint == "the rule is `self.size < 100 || has(self.reason)`"


def test_rules_that_nothing_can_evaluate_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    rules._program.cache_clear()
    monkeypatch.setattr(rules, "is_installed", lambda: False)
    monkeypatch.setattr("generator.validate.validator.is_installed", lambda: False)
    found, said = checked(DEFINITION.read_text() + "\n---\n" + json.dumps(everything("high", 0)))
    rules._program.cache_clear()
    kind = "flowhelm.example.com/v1 Everything"
    assert found.rules_not_evaluated == {kind: 8}
    message, hint = (
        f"8 rules in CEL were not evaluated for {kind}",
        "`pip install 'flowhelm[cel]'` brings what evaluates them",
    )
    assert said == [("FH3007", Severity.INFO, message, hint)]


def test_functions_that_are_not_known_are_said_and_nothing_is_made_up() -> None:
    pytest.importorskip("cel")
    definition = DEFINITION.read_text().replace("self.isSorted()", "self.nobodyKnowsIt()")
    found, said = checked(definition + "\n---\n" + json.dumps(everything("names", ["b", "a"])))
    assert found.rules_not_evaluated == {"flowhelm.example.com/v1 Everything": 1}
    assert [(code, hint) for code, _, _, hint in said] == [("FH3007", "")]


def test_versions_of_a_definition() -> None:
    for version, code, said in (
        ("v1beta1", "FH3006", "Everything of v1beta1 ends with the year"),
        ("v1alpha1", "FH3003", "there is no Everything in flowhelm.example.com/v1alpha1 (in Kubernetes 1.35)"),
        ("v2", "FH3003", "there is no Everything in flowhelm.example.com/v2 (in Kubernetes 1.35)"),
    ):
        data = {**EVERYTHING, "apiVersion": f"flowhelm.example.com/{version}"}
        _, findings = checked(DEFINITION.read_text() + "\n---\n" + json.dumps(data))
        assert [(found_code, message) for found_code, _, message, _ in findings] == [(code, said)]
    assert findings[0][3] == (
        "its CustomResourceDefinition serves flowhelm.example.com/v1beta1, flowhelm.example.com/v1"
    )


def test_a_kind_without_a_schema_is_not_checked_and_may_be_an_error() -> None:
    text = "apiVersion: apps.example.com/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: x}\n"
    found, said = checked(text)
    assert found.not_checked == {"apps.example.com/v1 Deployment": 1}
    assert [(code, severity) for code, severity, _, _ in said] == [("FH3004", Severity.INFO)]
    _, said = checked(text, Custom(is_strict=True))
    assert [(code, severity) for code, severity, _, _ in said] == [("FH3004", Severity.ERROR)]


def written(folder: Path, **files: Any) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", ".").replace("_S_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


CATALOG = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["size", "mode"],
            "properties": {"size": {"type": "integer"}, "mode": {"type": "string", "default": "a"}},
            "additionalProperties": False,
        },
    },
}
WIDGET = {"apiVersion": "shop.example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"size": 1}}


@pytest.mark.parametrize(
    "location",
    [
        "",
        "shop.example.com",
        "shop.example.com/widget_v1.json",
        "{{ .Group }}/{{.ResourceKind}}_{{ .ResourceAPIVersion }}.json",
    ],
)
def test_the_layout_of_the_catalog(tmp_path: Path, location: str) -> None:
    written(tmp_path / "shop.example.com", widget_v1__json=CATALOG)
    place = f"{tmp_path}/{location}"
    assert errors(WIDGET, "default", place) == []
    assert errors({**WIDGET, "spec": {"size": "1"}}, place) == ['size must be a whole number, but is the text "1"']
    assert errors({**WIDGET, "spec": {"size": 1, "sise": 1}}, place) == ['unknown field "sise"']
    assert errors({**WIDGET, "kind": "Gadget", "spec": 1}, place) == [], "nothing is known of it"


def test_definitions_in_folders_lists_and_several_documents(tmp_path: Path) -> None:
    crd = yaml.safe_load(DEFINITION.read_text())
    written(tmp_path / "deep" / "down", list__yaml=yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [crd]}))
    assert errors(everything("size", 0), tmp_path) == ["size must be at least 1, but is the number 0"]
    written(tmp_path, many__yml=f"# nothing\n---\nkind: Other\n---\n{json.dumps(crd)}\n")
    assert errors(everything("size", 0), tmp_path / "many.yml") == ["size must be at least 1, but is the number 0"]


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("https://example.com/crds", "https://example.com/crds is an address, and schemas are not fetched"),
        ("https://x/{{ .Group }}.json", "https://x/{{ .Group }}.json is an address, and schemas are not fetched"),
        ("no/such/place", "there is no file or folder no/such/place"),
        ("a/{{ .Kind }}.json", "{{ .Kind }} in a/{{ .Kind }}.json is not known"),
        ("a/{{ .Group | lower }}.json", "{{ .Group | lower }} in a/{{ .Group | lower }}.json is not known"),
        (str(Path(__file__)), f"{Path(__file__)} holds neither a CustomResourceDefinition"),
    ],
)
def test_locations_that_cannot_be_read(location: str, message: str) -> None:
    diagnostics = Diagnostics()
    assert read_places([location], diagnostics) == ()
    [finding] = diagnostics
    assert finding.code.id == "FH3021"
    assert finding.message.startswith(message)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "nothing"}, '"nothing" is not valid under any of the schemas'),
        (
            {"properties": {"spec": {"$ref": "https://example.com/spec.json"}}},
            "Resource 'https://example.com/spec.json' is",
        ),
        ({"properties": {"spec": {"$ref": "file:///etc/passwd"}}}, "Resource 'file:///etc/passwd' is"),
        ({"properties": []}, "it is no JSON schema"),
        ({"properties": {"spec": {"allOf": {}}}}, "it is no JSON schema"),
    ],
)
def test_schemas_that_cannot_be_used_are_said(tmp_path: Path, schema: dict[str, Any], reason: str) -> None:
    place = written(tmp_path, shop__example__com_S_widget_v1__json=schema)
    diagnostics = Diagnostics()
    custom = Custom(read_places([str(place)], diagnostics))
    manifests = read_manifests(json.dumps(WIDGET), "f")
    found = validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA], custom)
    assert found.not_checked == {"shop.example.com/v1 Widget": 1}
    [said] = [finding.message for finding in diagnostics if finding.code.id == "FH3021"]
    assert said.startswith("the schema of shop.example.com/v1 Widget in ")
    assert f"can't be used: {reason}" in said


def test_a_broken_definition_in_the_input_breaks_nothing() -> None:
    crd = yaml.safe_load(DEFINITION.read_text())
    for path, value in (
        (("spec", "versions"), {}),
        (("spec", "names"), []),
        (("spec", "versions", 2, "schema", "openAPIV3Schema", "properties"), [1]),
        (("spec", "versions", 2, "schema", "openAPIV3Schema", "properties", "spec"), None),
        (("spec", "versions", 2, "schema", "openAPIV3Schema", "properties", "spec", "properties", "size"), "x"),
        (("spec", "versions", 2, "schema", "openAPIV3Schema", "properties", "spec", "x-kubernetes-validations"), "x"),
    ):
        broken = copy.deepcopy(crd)
        at(broken, path[:-1])[path[-1]] = value
        _, findings = checked(json.dumps(broken) + "\n---\n" + json.dumps(EVERYTHING))
        assert findings, path


def test_both_compilers_have_the_same_verdicts() -> None:
    schemas = schemas_for("1.35")
    assert schemas
    definitions = definitions_in((schemas.folder / "_definitions.json").read_bytes())
    kind = ("flowhelm.example.com/v1", "Everything")
    [place] = read_places([str(DEFINITION)], Diagnostics())
    description = place.find(*kind)
    assert description
    assert description.document
    formats = {PREFIX + name: test for name, test in FORMATS.items()}
    fast, slow = (make(definitions).compile(description.document, formats) for make in (FastCompiler, SlowCompiler))
    verdicts = {True: 0, False: 0}
    for data in mutants(150, 7):
        full = defaulted(without_nulls(data, description.source), description.source)
        assert {each.path for each in fast(full)} == {each.path for each in slow(full)}
        verdicts[any(fast(full))] += 1
    assert min(verdicts.values()) > 30


def test_patterns_are_those_of_go() -> None:
    assert go_pattern("^[[:alpha:]]+$") == "^[A-Za-z]+$"
    assert go_pattern("(?i)^a$") is not None
    assert go_pattern("(?!a)b") is None, "Go has no such thing"


@pytest.mark.parametrize(
    "rule",
    [
        "(" * 3000 + "true" + ")" * 3000,
        "true && " * 3000 + "true",
        "self.all(a, " * 9 + "true" + ")" * 9,
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(a, " * 9 + "true" + ")" * 9,
        "self.all(",
    ],
    ids=["deep", "long", "loops", "own-loops", "broken"],
)
def test_hostile_rules_are_not_evaluated(rule: str) -> None:
    pytest.importorskip("cel")
    definition = yaml.safe_load(DEFINITION.read_text())
    spec = at(definition, ("spec", "versions", 2, "schema", "openAPIV3Schema", "properties", "spec"))
    spec["properties"]["names"]["x-kubernetes-validations"] = [{"rule": rule}]
    names = everything("names", [str(number) for number in range(5)])
    found, _ = checked(json.dumps(definition) + "\n---\n" + json.dumps(names))
    assert found.rules_not_evaluated == {"flowhelm.example.com/v1 Everything": 1}
