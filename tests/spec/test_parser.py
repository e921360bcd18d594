"""Nodes → the spec's records: short and long forms, types, suggestions, places."""

import dataclasses
from fractions import Fraction

import pytest

from generator.diagnostics import Diagnostics
from generator.kube.durations import Duration
from generator.spec import codes
from generator.spec.model import Spec
from generator.spec.parser import parse_spec
from generator.spec.shapes import Record, RecordOf, keys_of
from generator.spec.suggestions import _ELSEWHERE, did_you_mean
from generator.yamlio.reader import read_spec_text
from tests.spec.test_schema import shapes

HEAD = "flowhelm: v1\nname: shop\nversion: 1.0.0\n"


def parse(text: str) -> tuple[Spec, list]:
    diagnostics = Diagnostics()
    root = read_spec_text((HEAD + text).encode(), "spec.yaml", diagnostics)
    assert root is not None
    spec = parse_spec(root, diagnostics)
    assert spec is not None
    return spec, list(diagnostics)


def service(keys: str):
    spec, findings = parse(f"services: {{web: {{image: 'shop/web:1.0.0', {keys}}}}}\n")
    return spec.services["web"], findings


def test_short_and_long_forms_say_the_same() -> None:
    short, _ = service("ports: {http: 8080}, health: {ready: GET /readyz}, expose: {host: a.example}")
    long, findings = service(
        "ports: {http: {port: 8080}}, health: {ready: {get: /readyz}}, expose: [{host: a.example, path: /}]"
    )
    assert not findings
    assert short.ports == long.ports
    assert short.health == long.health
    assert short.expose == long.expose


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("nginx", "nginx", "", ""),
        ("registry.example.com:5000/shop/web:1.0.0", "registry.example.com:5000/shop/web", "1.0.0", ""),
        (f"shop/web:1@sha256:{'a' * 64}", "shop/web", "1", f"sha256:{'a' * 64}"),
    ],
)
def test_images_are_taken_apart(text: str, repository: str, tag: str, digest: str) -> None:
    spec, findings = parse(f"services: {{web: {{image: '{text}'}}}}\n")
    image = spec.services["web"].image
    assert not findings
    assert image is not None
    assert (image.repository, image.tag, image.digest, image.reference) == (repository, tag, digest, text)


def test_values_that_look_like_numbers_are_text_where_text_belongs() -> None:
    found, findings = service("env: {COUNTRY: no, PORT: 8080, DEBUG: false, MODE: 0755, VERSION: 1.10}")
    assert not findings
    assert {name: value.constant for name, value in found.env.items()} == {
        "COUNTRY": "no", "PORT": "8080", "DEBUG": "false", "MODE": "0755", "VERSION": "1.10",
    }  # fmt: skip


def test_durations_are_exact() -> None:
    spec, findings = parse(
        "workflows: {a: {timeout: 1h30m, tasks: {t: {call: {service: web, get: /, timeout: 1.5s}, retry: {attempts: 2,"
        " backoff: {initial: 250ms}}}}}}\n"
    )
    task = spec.workflows["a"].tasks["t"]
    assert not findings
    assert spec.workflows["a"].timeout == Duration("1h30m", Fraction(5400))
    assert task.call is not None
    assert task.call.steps[0].timeout == Duration("1.5s", Fraction(3, 2))
    assert task.retry is not None
    assert task.retry.backoff is not None
    assert task.retry.backoff.initial == Duration("250ms", Fraction(1, 4))


@pytest.mark.parametrize("form", ["a", "[a]", "{a: succeeded}"])
def test_needs_has_three_forms(form: str) -> None:
    spec, findings = parse(
        f"workflows: {{w: {{tasks: {{a: {{run: {{image: 'x:1'}}}}, b: {{needs: {form}, run: {{image: 'x:1'}}}}}}}}}}\n"
    )
    assert not findings
    assert spec.workflows["w"].tasks["b"].needs == {"a": "succeeded"}


@pytest.mark.parametrize(
    "form", ["{service: web, get: /}", "[{service: web, get: /}]", "{steps: [{service: web, get: /}]}"]
)
def test_call_has_three_forms(form: str) -> None:
    spec, findings = parse(f"workflows: {{w: {{tasks: {{a: {{call: {form}}}}}}}}}\n")
    call = spec.workflows["w"].tasks["a"].call
    assert not findings
    assert call is not None
    assert [(step.service, step.method) for step in call.steps] == [("web", "GET")]


def test_a_bodys_texts_may_hold_expressions_and_the_rest_stays_typed() -> None:
    spec, findings = parse(
        "workflows: {w: {inputs: {n: {type: integer}}, tasks: {a: {call: {service: web, post: /,"
        " body: {n: '${{ inputs.n }}',"
        " one: 1, list: [true, x]}}}}}}\n"
    )
    call = spec.workflows["w"].tasks["a"].call
    assert not findings
    assert call is not None
    body = call.steps[0].body
    assert isinstance(body, dict)
    assert body["n"].whole
    assert body["one"] == 1
    assert body["list"][0] is True
    assert body["list"][1].constant == "x"


def test_keys_for_anchors_are_left_out() -> None:
    spec, findings = parse("x-web: &web {image: 'a:1'}\nservices: {a: *web, b: {<<: *web, replicas: 2}}\n")
    assert not findings
    assert spec.services["b"].replicas == 2


def test_a_missing_key_is_not_reported_beside_the_unknown_one_it_was_meant_to_be() -> None:
    _, findings = parse("workflows: {w: {tasks: {a: {call: {servce: web, get: /}}}}}\n")
    assert [finding.code for finding in findings] == [codes.UNKNOWN_KEY]
    assert findings[0].hint == "did you mean `service`?"


def test_keys_that_come_later_are_refused_with_advice() -> None:
    _, findings = service("traffic: {mtls: strict}")
    assert [(finding.code, finding.message) for finding in findings] == [
        (codes.NOT_YET, "`traffic` is not supported yet")
    ]
    assert findings[0].hint


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("imge", ["image", "init"], "image"),
        ("environment", ["env", "envFrom"], "env"),
        ("dependsOn", ["needs", "name"], "needs"),
        ("dependsOn", ["depends_on", "name"], "depends_on"),
        ("volumes", ["scratch", "files"], "scratch"),
        ("env_from", ["env", "envFrom"], "envFrom"),
        ("zzz", ["env"], ""),
        ("x" * 100_000, ["env"], ""),
    ],
)
def test_suggestions(word: str, known: list[str], meant: str) -> None:
    assert did_you_mean(word, known) == meant


def records() -> list[type[Record]]:
    """Every record that can be reached from the spec."""
    return [shape.record for shape in shapes() if isinstance(shape, RecordOf)]


def test_words_of_other_tools_lead_to_keys_of_ours() -> None:
    keys = {name for record in records() for name in keys_of(record)}
    for theirs, ours in _ELSEWHERE.items():
        assert set(ours.split()) <= keys, theirs
        assert theirs not in ours.split()


def test_every_key_is_documented() -> None:
    assert len(records()) > 10
    for record in records():
        assert record.__doc__
        for name, (_, declared) in keys_of(record).items():
            assert declared.doc.endswith("."), f"{record.__name__}.{name}"


def test_records_are_frozen() -> None:
    spec, _ = parse("services: {web: {image: 'a:1'}}\n")
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "other"
