"""Reports as people and programs see them."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest

from generator.diagnostics import Code, Diagnostics, Note, ObjectRef, Position, Severity, Span
from generator.report.explain import explain
from generator.report.formats import FORMATS
from generator.report.model import Coverage, Report
from generator.report.text import print_text

KEY = Code("FH1001", "unknown key", "It would be ignored.", wrong="imge: a\n", right="image: a\n", source="language.md")
EDGE = Code("FH2301", "cycle", "No task could start.", severity=Severity.WARNING)
PRIVILEGED = Code("FH4102", "privileged", "It is root on the node.")
SECRET = Code("FH4001", "credential", "Charts are readable by many.")
SPEC = "name: shop\nservices:\n  web:\n    imge: shop/web:1\n    env: {PASSWORD: hunter2, X: y}\n"
SCHEMA = Path(__file__).parents[2] / "generator" / "report" / "findings.schema.json"


def sources(name: str) -> str | None:
    return SPEC if name == "spec.yaml" else None


def text(diagnostics: Diagnostics) -> str:
    return print_text(Report.of(diagnostics), sources)


def test_a_finding_shows_the_line_and_what_to_do() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(KEY, 'unknown key "imge"', Span.at("spec.yaml", 4, 5, 4), hint='did you mean "image"?')
    diagnostics.add(
        EDGE,
        "tasks wait for each other: a → b → a",
        Span.at("spec.yaml", 1, 1, 4),
        notes=(Note("b needs a here", Span.at("spec.yaml", 3, 3, 3)), Note("and there", Span.at("other.yaml", 12, 1))),
    )
    assert (
        text(diagnostics)
        == """\
warning FH2301: tasks wait for each other: a → b → a
  --> spec.yaml:1:1
   |
 1 | name: shop
   | ^^^^
note: b needs a here
  --> spec.yaml:3:3
   |
 3 |   web:
   |   ^^^
note: and there
  --> other.yaml:12:1

error FH1001: unknown key "imge"
 --> spec.yaml:4:5
  |
4 |     imge: shop/web:1
  |     ^^^^
  = help: did you mean "image"?

1 error, 1 warning
"""
    )


def test_a_finding_on_a_rendered_object_names_it() -> None:
    diagnostics = Diagnostics()
    subject = ObjectRef("v1", "Service", "web")
    diagnostics.add(KEY, "wrong port", subject=subject, path="spec.ports[0].port", values_file="values-prod.yaml")
    coverage = Coverage(3, 12, {"example.com/v1 Widget": 2})
    report = Report.of(diagnostics, coverage, {"kubernetes": ("1.33", "1.37")})
    assert (
        print_text(report, sources)
        == """\
error FH1001: wrong port
  = object: Service web, spec.ports[0].port
  = values: values-prod.yaml

1 error
checked 12 objects in 3 files against Kubernetes 1.33, 1.37
not checked: 2 objects of a kind without a schema
"""
    )


def _equal_findings(count: int) -> Diagnostics:
    diagnostics = Diagnostics()
    for number in range(count):
        subject = ObjectRef("apps/v1", "Deployment", f"web-{number}")
        message = f'the container "c{number}" of Deployment web-{number} is privileged'
        span = Span.at("pods.yaml", number + 1, 3)
        diagnostics.add(PRIVILEGED, message, span, hint="leave it out", subject=subject, path="spec")
    return diagnostics


def test_findings_that_say_the_same_are_one_with_the_first_places() -> None:
    assert (
        text(_equal_findings(125))
        == """\
error FH4102: the container "c0" of Deployment web-0 is privileged (125 times)
 --> pods.yaml:1:3
  = object: Deployment web-0, spec
  = help: leave it out
  = also: pods.yaml:2:3, Deployment web-1, spec, "c1"
  = also: pods.yaml:3:3, Deployment web-2, spec, "c2"
  = also: pods.yaml:4:3, Deployment web-3, spec, "c3"
  = also: pods.yaml:5:3, Deployment web-4, spec, "c4"
  = also: at 120 more places; -v shows them all

125 errors
"""
    )


def test_all_places_are_shown_when_they_are_asked_for_or_only_one_is_left() -> None:
    every = print_text(replace(Report.of(_equal_findings(125)), every_place=True), sources)
    assert every.count("= also: pods.yaml:") == 124
    assert "more places" not in every
    assert text(_equal_findings(6)).count("= also: pods.yaml:") == 5
    assert "(6 times)" in text(_equal_findings(6))


def test_only_the_text_puts_findings_together() -> None:
    report = Report.of(_equal_findings(3))
    assert len(json.loads(FORMATS["json"](report, sources))["findings"]) == 3
    assert len(json.loads(FORMATS["sarif"](report, sources))["runs"][0]["results"]) == 3
    assert FORMATS["github"](report, sources).count("::error ") == 3


def test_what_differs_in_more_than_its_place_stays_apart() -> None:
    diagnostics = Diagnostics()
    for name, value in (("web", "Foo_1"), ("db", "Foo_2")):
        subject = ObjectRef("v1", "Service", name)
        diagnostics.add(KEY, f'Service {name}: "{value}" is no name', subject=subject, path="spec")
        diagnostics.add(KEY, f"Service {name} has no port", subject=subject, path="spec", hint=f"{value} is one")
    diagnostics.add(KEY, "no port", Span.at("spec.yaml", 1))
    diagnostics.add(KEY, "no port", Span.at("spec.yaml", 2), severity=Severity.WARNING)
    assert "times" not in text(diagnostics)


def test_nothing_found() -> None:
    assert text(Diagnostics()) == "no findings\n"


@pytest.mark.parametrize("name", FORMATS)
def test_secrets_are_masked_in_every_format(name: str) -> None:
    diagnostics = Diagnostics()
    diagnostics.add(SECRET, "a password in clear text", Span.at("spec.yaml", 5, 21, 7), masked=True)
    diagnostics.add(KEY, 'unknown key "X"', Span.at("spec.yaml", 5, 30, 1))
    printed = FORMATS[name](Report.of(diagnostics), sources)
    assert "hunter2" not in printed
    if name == "text":
        assert printed.count("env: {PASSWORD: ••••, X: y}") == 2
        assert "  |                     ^^^^\n" in printed
        assert "  |                           ^\n" in printed


def test_a_secret_whose_end_is_unknown_is_masked_to_the_end_of_the_line() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(SECRET, "a password in clear text", Span.at("spec.yaml", 5, 21), masked=True)
    assert "5 |     env: {PASSWORD: ••••\n" in text(diagnostics)


def test_a_secret_of_several_lines_is_masked_in_all() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(SECRET, "a key", Span("spec.yaml", Position(4, 5), Position(5, 28)), masked=True)
    diagnostics.add(KEY, "other", Span.at("spec.yaml", 5, 30, 1))
    printed = text(diagnostics)
    assert "hunter2" not in printed
    assert "shop/web" not in printed
    assert "5 | ••••, X: y}" in printed


def test_what_acts_on_a_terminal_is_not_printed() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(KEY, "bad \x1b[31mname\u202e", Span.at("evil.yaml", 1, 1))
    printed = print_text(Report.of(diagnostics), lambda _: "a: \x1b]0;x\x07\n")
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "\x07" not in printed


def test_a_long_line_is_cut_around_the_place() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(KEY, "here", Span.at("long.json", 1, 5_001, 3))
    printed = print_text(Report.of(diagnostics), lambda _: "a" * 5_000 + "XYZ" + "b" * 5_000)
    shown, underline = printed.splitlines()[3:5]
    assert len(shown) < 120
    assert shown[underline.index("^") : underline.rindex("^") + 1] == "XYZ"


def test_wide_characters_move_the_underline() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(KEY, "here", Span.at("wide.yaml", 1, 4, 1))
    shown, underline = print_text(Report.of(diagnostics), lambda _: "日本 x").splitlines()[3:5]
    assert shown == "1 | 日本 x"
    assert underline == "  |      ^"


def test_colour_is_the_callers_choice() -> None:
    diagnostics = Diagnostics()
    diagnostics.add(KEY, "x", Span.at("spec.yaml", 1, 1))
    assert "\x1b" not in print_text(Report.of(diagnostics), sources)
    assert "\x1b[31;1merror FH1001" in print_text(Report.of(diagnostics), sources, colour=True)


def _every_kind() -> Diagnostics:
    diagnostics = Diagnostics()
    note = Note("first here", Span.at("spec.yaml", 1, 1))
    diagnostics.add(KEY, "100% wrong,\nreally", Span.at("spec: 1.yaml", 4, 5, 4), hint="mend it", notes=(note,))
    diagnostics.add(EDGE, "no place", subject=ObjectRef("v1", "Pod", "p", "n"), path="spec", values_file="v.yaml")
    diagnostics.add(SECRET, "info", severity=Severity.INFO)
    return diagnostics


def test_json_keeps_to_its_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    report = Report.of(
        _every_kind(), Coverage(1, 2, {"a/v1 B": 1}, {"c/v1 D": 2}), {"flowhelm": "1", "kubernetes": ("1.37",)}
    )
    printed = json.loads(FORMATS["json"](report, sources))
    assert list(jsonschema_rs.Draft202012Validator(schema).iter_errors(printed)) == []
    found = next(item for item in printed["findings"] if item["code"] == "FH2301")
    assert found["object"] == {"apiVersion": "v1", "kind": "Pod", "namespace": "n", "name": "p"}
    rules = {"c/v1 D": 2}
    assert printed["checked"] == {"files": 1, "objects": 2, "not_checked": {"a/v1 B": 1}, "rules_not_evaluated": rules}
    assert printed["versions"] == {"flowhelm": "1", "kubernetes": ["1.37"]}


def test_github_annotations_escape_what_they_must() -> None:
    printed = FORMATS["github"](Report.of(_every_kind()), sources)
    place = "file=spec%3A 1.yaml,line=4,col=5,title=FH1001 unknown key,endColumn=9"
    assert f"::error {place}::100%25 wrong,%0Areally (mend it)\n" in printed
    assert "::notice title=FH4001 credential::info\n" in printed


def test_sarif_has_each_rule_once_and_every_result() -> None:
    log = json.loads(FORMATS["sarif"](Report.of(_every_kind(), versions={"flowhelm": "1.2"}), sources))
    [run] = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["FH1001", "FH2301", "FH4001"]
    assert run["tool"]["driver"]["version"] == "1.2"
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    result = next(item for item in run["results"] if item["ruleId"] == "FH1001")
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "spec%3A%201.yaml"},
        "region": {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 9},
    }
    assert result["relatedLocations"][0]["message"]["text"] == "first here"


def test_explain_shows_all_that_is_known() -> None:
    assert (
        explain(KEY)
        == """\
FH1001: unknown key (error)

It would be ignored.

Wrong:
    imge: a

Right:
    image: a

Source: language.md
"""
    )


def test_github_shows_ten_annotations_of_a_level_and_the_log_has_the_rest() -> None:
    diagnostics = Diagnostics()
    for number in range(12):
        diagnostics.add(KEY, f"wrong\n::error::{number}", Span.at("spec.yaml", number + 1))
    diagnostics.add(EDGE, "mild", Span.at("a.yaml", 1))
    lines = FORMATS["github"](Report.of(diagnostics), sources).splitlines()
    assert [line.split(" ")[0] for line in lines[:11]] == ["::error"] * 10 + ["::warning"]
    assert lines[12:14] == [f" spec.yaml:{number + 1}:1: error FH1001: wrong ::error::{number}" for number in (10, 11)]
    assert lines[14] == "12 errors, 1 warning"
