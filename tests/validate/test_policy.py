"""Policies: each code's own examples in a shop in which `strict` finds nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import Code, Diagnostic, Diagnostics
from generator.manifest import Manifest, Manifests
from generator.report.policies_page import policies_page
from generator.validate.model import Layer, Preset
from generator.validate.places import FilePlaces
from generator.validate.policy.containers import tag_of
from generator.validate.presets import POLICIES, Policy, preset_severity
from generator.validate.rulebook import Rulebook
from generator.validate.validator import validate_manifests
from generator.yamlio.manifests import Unreadable, load, split

HARDENED = (Path(__file__).parent / "hardened.yaml").read_text()
IN_CONTAINER = frozenset(
    ("image", "imagePullPolicy", "args", "env", "ports", "resources", "readinessProbe", "livenessProbe", "volumeMounts")
)


@cache
def hardened() -> list[dict[str, Any]]:
    objects = [load(document.text) for document in split(HARDENED)]
    assert not any(isinstance(data, Unreadable) for data in objects)
    return [data for data in objects if isinstance(data, dict)]


def merged(base: Any, change: Any) -> Any:
    """`change` over `base`: mappings are merged, a null removes a key, all else is replaced."""
    if not isinstance(base, dict) or not isinstance(change, dict):
        return change
    result = dict(base)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(base.get(key, {}) if isinstance(value, dict) else None, value)
    return result


def with_example(example: str) -> list[dict[str, Any]]:
    """The hardened shop with an example in its place: an object, or keys of the web container or of its pod."""
    objects = copy.deepcopy(hardened())
    for document in split(example):
        change = load(document.text)
        assert isinstance(change, dict), document.text
        if "kind" in change:
            merge_object(objects, change)
            continue
        web = next(data for data in objects if data["kind"] == "Deployment" and data["metadata"]["name"] == "web")
        spec = web["spec"]["template"]["spec"]
        context = change.get("securityContext", {})
        for key, value in change.items():
            is_container = key in IN_CONTAINER or (key == "securityContext" and "seccompProfile" not in context)
            if is_container:
                spec["containers"][0] = merged(spec["containers"][0], {key: value})
            else:
                web["spec"]["template"]["spec"] = spec = merged(spec, {key: value})
    return objects


def merge_object(objects: list[dict[str, Any]], change: dict[str, Any]) -> None:
    """Changes the object of this kind (and of this name, if there is one); a new one is added."""
    same = [index for index, data in enumerate(objects) if data["kind"] == change["kind"]]
    name = change.get("metadata", {}).get("name")
    named = [index for index in same if objects[index]["metadata"]["name"] == name]
    if name and not named and change["kind"] == "Namespace":
        objects.append(merged({"apiVersion": "v1"}, change))
        return
    index = (named or same)[0]
    objects[index] = merged(objects[index], change)


def findings(objects: list[dict[str, Any]], preset: Preset, *layers: Layer) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    manifests = Manifests(tuple(Manifest(data, "shop.yaml", text=str(index)) for index, data in enumerate(objects)))
    book = Rulebook(Policy(preset))
    validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), layers or (Layer.POLICY,), rulebook=book)
    return list(diagnostics)


def codes_of(found: list[Diagnostic]) -> set[str]:
    return {finding.code.id for finding in found}


def test_strict_finds_nothing_in_the_hardened_shop() -> None:
    found = findings(hardened(), Preset.STRICT, *Layer)
    assert [(finding.code.id, finding.message) for finding in found] == []


@pytest.mark.parametrize("code", POLICIES.values(), ids=POLICIES.keys())
def test_the_wrong_example_is_found_and_the_right_one_is_not(code: Code) -> None:
    wrong, right = findings(with_example(code.wrong), Preset.STRICT), findings(with_example(code.right), Preset.STRICT)
    assert code.id in codes_of(wrong)
    assert code.id not in codes_of(right)


@pytest.mark.parametrize("code", POLICIES.values(), ids=POLICIES.keys())
def test_a_code_counts_as_its_preset_says(code: Code) -> None:
    for preset in Preset:
        severities = {
            finding.severity for finding in findings(with_example(code.wrong), preset) if finding.code is code
        }
        expected = preset_severity(code, preset)
        assert severities == ({expected} if expected else set())


def test_a_stricter_preset_never_asks_for_less() -> None:
    ranks = {None: 3, "info": 2, "warning": 1, "error": 0}
    for code in POLICIES.values():
        levels = [ranks[preset_severity(code, preset)] for preset in Preset]
        assert levels == sorted(levels, reverse=True), code.id


def test_every_policy_says_its_source_or_is_our_own() -> None:
    assert [code.id for code in POLICIES.values() if not code.source] == ["FH4406"]


def test_tags_and_digests() -> None:
    assert tag_of("registry:5000/a/b:1.0") == "1.0"
    assert tag_of("a/b@sha256:12") == "sha256:12"
    assert tag_of("registry:5000/a/b") == ""


def test_the_page_of_policies_is_up_to_date(expect_file: Callable[[str, Path], None]) -> None:
    page = Path(__file__).parents[2] / "docs" / "policies.md"
    expect_file(policies_page(page.read_text(), POLICIES.values()), page)
