"""What the three reports of a diff promise beyond the cases."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

import generator.report.diff_json
from generator.diff.verdict import verdict
from generator.report.diff_json import diff_json
from generator.report.diff_lines import entries
from generator.report.diff_markdown import LIMIT, diff_markdown
from generator.report.diff_text import diff_text
from tests.diff.sides import CASES, case, compared

SCHEMA = json.loads((Path(generator.report.diff_json.__file__).parent / "diff.schema.json").read_text())
NAMES = sorted(folder.name for folder in CASES.iterdir())
CONFIG = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\nimmutable: true\ndata: {key: %s}\n"


@pytest.mark.parametrize("name", NAMES)
def test_json_fits_its_schema(name: str) -> None:
    jsonschema_rs.validator_for(SCHEMA).validate(json.loads(diff_json(case(name))))


def test_the_schema_refuses_what_is_not_in_it() -> None:
    report = json.loads(diff_json(case("renamed")))
    report["objects"][0]["status"] = "moved"
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(report)


def test_json_says_what_changed() -> None:
    report = json.loads(diff_json(case("replicas-left-to-autoscaler")))
    assert report["summary"] == {
        "added": 1, "removed": 0, "renamed": 0, "changed": 1, "unchanged": 0, "rejected": 0, "restarts": 0,
    }  # fmt: skip
    assert report["objects"][0]["changes"] == [
        {"path": "spec.replicas", "before": 2, "after": 1, "order_only": False, "hidden": False}
    ]
    assert report["findings"][0]["object"] == {
        "apiVersion": "apps/v1", "kind": "Deployment", "namespace": "", "name": "web",
    }  # fmt: skip


def test_json_says_that_a_value_is_hidden() -> None:
    (changed,) = json.loads(diff_json(case("secret-type")))["objects"]
    assert [(field["path"], field["hidden"]) for field in changed["changes"]] == [
        ('data["tls.key"]', True),
        ("type", False),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_markdown_has_verdict_findings_and_fields(name: str) -> None:
    found = case(name)
    page = diff_markdown(found)
    assert page.startswith(f"**{verdict(found)}**\n")
    assert all(f"{finding.severity} {finding.code.id}" in page for finding in found.findings)
    assert page.count("<details>") == sum(bool(entry.lines) for entry in entries(found))


def test_markdown_keeps_verdict_and_errors_however_long_the_diff_is() -> None:
    long = "x" * 180
    refused = CONFIG % (0, "a")
    old = refused + "".join(CONFIG.replace("immutable: true\n", "") % (n, f"a{n}{long}") for n in range(1, 900))
    found = compared(old, old.replace("key: a", "key: b"))
    page = diff_markdown(found)
    assert 50_000 < len(page) < LIMIT
    assert page.startswith(f"**{verdict(found)}**\n")
    assert "error FH5012" in page
    assert "changed objects left out" in page


def test_markdown_names_as_many_errors_as_fit() -> None:
    old = "".join(CONFIG % (n, "a") for n in range(3000))
    found = compared(old, old.replace("key: a", "key: b"))
    page = diff_markdown(found)
    assert len(page) < LIMIT
    assert page.startswith("**3000 changes the API server will reject")
    assert page.count("error FH5012") > 500
    assert "more errors; `flowhelm diff` shows all" in page


def test_markdown_lets_no_text_of_a_manifest_act() -> None:
    thing = "apiVersion: a.example/v1\nkind: Thing\nmetadata: {name: '<b>@team</b> **x**'}\nspec: {key: \"%s\"}\n"
    page = diff_markdown(compared(thing % "a", thing % "```\\n@everyone\\n```\\n<!--"))
    assert "<b>" not in page
    assert "@team" not in page
    assert "\n````diff\n" in page


def test_text_shows_control_characters_instead_of_obeying_them() -> None:
    thing = 'apiVersion: a.example/v1\nkind: Thing\nmetadata: {name: x}\nspec: {key: "%s"}\n'
    text = diff_text(compared(thing % "a", thing % "b\\u001b[2J\\u202e"))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_colour_only_when_asked() -> None:
    found = case("selector-changed")
    assert "\x1b[" not in diff_text(found)
    assert "\x1b[1;31merror[FH5001]\x1b[0m" in diff_text(found, colour=True)


def test_a_change_that_many_objects_share_is_shown_once() -> None:
    text = diff_text(case("same-label-everywhere"))
    assert text.count("shop-1.0.1") == 1
    assert "6 objects changed alike" in text
    assert json.loads(diff_json(case("same-label-everywhere")))["summary"]["changed"] == 6


def test_hidden_values_are_never_said_to_be_alike() -> None:
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s%d}\nstringData: {key: %s}\n"
    old, new = ("".join(secret % (number, value) for number in range(4)) for value in ("a", "b"))
    assert "alike" not in diff_text(compared(old, new))


def test_long_texts_are_compared_line_by_line() -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  f: |\n" + "".join(
        f"    line {number}\n" for number in range(40)
    )
    lines = diff_text(
        compared(config, config.replace("line 5\n", "line five\n").replace("    line 30\n", ""))
    ).splitlines()
    start = lines.index("    ~ data.f:")
    assert lines[start + 1 :] == [
        "        line 3", "        line 4", "    -   line 5", "    +   line five", "        line 6", "        line 7",
        "      …", "        line 28", "        line 29", "    -   line 30", "        line 31", "        line 32",
    ]  # fmt: skip
