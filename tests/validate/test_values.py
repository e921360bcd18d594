"""The layer `values`: what no template reads, what none of the values files has; and no false alarm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diagnostics import Diagnostics
from generator.inputs.chart_files import chart_files
from generator.validate.values import charts
from generator.validate.values.charts import read_values_of
from generator.validate.values.checks import ValuesFile, check_values
from generator.validate.values.evaluation import Evaluation, Scope
from generator.validate.values.known import Known
from generator.validate.values.parsing import parse
from generator.validate.values.syntax import Pipeline

CARD = "apiVersion: v2\nname: c\nversion: 1.0.0\n"


def found(template: str, values: str, *others: ValuesFile, **files: str) -> list[str]:
    """What is said of a chart with one template: `FH3501 values.yaml:2 a.b`."""
    chart = {"Chart.yaml": CARD, "values.yaml": values, "templates/t.yaml": template}
    chart |= {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    diagnostics = Diagnostics()
    check_values(chart, "c", others, diagnostics)
    return [f"{each.code.id} {each.span.file}:{each.span.start.line} {each.path}" for each in diagnostics if each.span]


def unread(template: str, values: str, **files: str) -> list[str]:
    """The paths that nothing reads."""
    return [line.split(" ")[2] for line in found(template, values, **files) if line.startswith("FH3501")]


# Template, and what it does not read of `a: {b: {c: 1, d: 2}, e: [{f: 1}]}` and `x: 1`.
READS = [
    ("{{ .Values.a.b.c }}", "a.b.d a.e x"),
    ("{{ $.Values.a.b.c }}{{ .Values.x }}", "a.b.d a.e"),
    ("{{ toYaml .Values.a.b }}", "a.e x"),
    ("{{ .Values.a | toYaml | indent 2 }}", "x"),
    ("{{- if .Values.a.b.c -}}{{ .Values.x }}{{- end -}}", "a.b.d a.e"),
    ("{{ if .Values.a }}{{ .Values.x }}{{ end }}", "a.b a.e"),
    ("{{ with .Values.a }}{{ .b.c }}{{ $.Values.x }}{{ end }}", "a.b.d a.e"),
    ("{{ with .Values.a.b }}{{ toYaml . }}{{ end }}", "a.e x"),
    ("{{ with $y := .Values.a }}{{ $y.b.c }}{{ end }}", "a.b.d a.e x"),
    ("{{ range .Values.a.e }}{{ .f }}{{ end }}", "a.b x"),
    ("{{ range $k, $v := .Values.a }}{{ $v.c }}{{ end }}", "a.b.d x"),
    ("{{ range $k, $v := .Values.a }}{{ $k }}: {{ $v }}{{ end }}", "x"),
    ("{{ range .Values.a }}{{ end }}{{ .Values.x }}", "a.b.c a.b.d"),
    ('{{ index .Values "a" "b" "c" }}', "a.b.d a.e x"),
    ('{{ (index .Values.a "b").c }}', "a.b.d a.e x"),
    ("{{ range (list 1 2) }}{{ index $.Values . }}{{ end }}", ""),
    ("{{ $k := .Release.Name }}{{ index .Values.a $k }}", "x"),
    ('{{ get .Values.a "b" | toJson }}', "a.e x"),
    ('{{ dig "b" "c" 5 .Values.a }}', "a.b.d a.e x"),
    ('{{ if hasKey .Values.a "b" }}1{{ end }}', "a.b.c a.b.d a.e x"),
    ('{{ pluck "c" .Values.a.b | first }}', "a.b.d a.e x"),
    ('{{ pick .Values.a "e" | toYaml }}', "a.b x"),
    ("{{ $y := .Values.a }}{{ $y.b.c }}", "a.b.d a.e x"),
    ("{{ $y := .Values.a }}{{ if .Values.x }}{{ $y = .Values.a.b }}{{ end }}{{ $y.d }}", "a.b.c a.e"),
    ("{{ $y := dict }}{{ range .Values.e }}{{ $y = $.Values.a }}{{ end }}{{ $y.b.c }}", "a.b.d a.e x"),
    ("{{ $y := .Values.a }}{{ range list 1 2 }}{{ $y.c }}{{ $y = $.Values.a.b }}{{ end }}", "a.b.d a.e x"),
    ("{{ .Values.x | default .Values.a.b.c }}", "a.b.d a.e"),
    ("{{ coalesce .Values.x (.Values.a.b).c }}", "a.b.d a.e"),
    ("{{ ternary .Values.a.b.c .Values.a.b.d (eq .Values.x 1) }}", "a.e"),
    ('{{ printf "%s" .Values.a.b.c | quote }}', "a.b.d a.e x"),
    ("{{ unheardOf .Values.a }}", "x"),
    ("{{ (merge (dict) .Values.a.b .Values.a).c }}", "a.b.d a.e x"),
    ("{{ mergeOverwrite .Values.a.b .Values.a }}{{ .Values.x }}", ""),
    ('{{ $_ := set .Values "y" .Values.a }}{{ .Values.y.b.c }}', "x"),
    ("{{ toYaml . }}", ""),
    ("{{ .Values | toYaml }}", ""),
    ("{{/* .Values.x */}}{{- /* {{ .Values.a }} */ -}}", "a x"),
    ("{{ `{{ .Values.x }}` }}", "a x"),
    ('{{ "}}" }}{{ .Values.x }}', "a"),
    ("{{ not (and .Values.x (or .Values.a.b.c false)) }}", "a.b.d a.e"),
    ('{{ template "t" .Values.a.b }}{{ define "t" }}{{ .c }}{{ end }}', "a.b.d a.e x"),
    ('{{ block "t" .Values.a.b }}{{ .c }}{{ end }}', "a.b.d a.e x"),
    ('{{ include "t" (dict "y" .Values.a "r" $) }}{{ define "t" }}{{ .y.b.c }}{{ .r.Values.x }}{{ end }}', "a.b.d a.e"),
    ('{{ include "t" (list .) }}{{ define "t" }}{{ (index (index . 0).Values.a "b").c }}{{ end }}', "a.b.d a.e x"),
    ('{{ include (printf "%s" .Chart.Name) . }}{{ define "t" }}{{ .Values.x }}{{ end }}', "a"),
    ('{{ define "never" }}{{ .Values.x }}{{ end }}', "a"),
    ('{{ $c := dict }}{{ $_ := set $c "r" $ }}{{ include "t" $c }}{{ define "t" }}{{ .r.Values.x }}{{ end }}', "a"),
    ('{{ include "t" . }}{{ define "t" }}{{ if .Values.x }}{{ include "t" . }}{{ end }}{{ end }}', "a"),
    ('{{ (fromYaml (include "t" .)).x }}{{ define "t" }}{{ toYaml .Values.a }}{{ end }}', "x"),
    ("{{ if .Values.x }}{{ else if .Values.a.b.c }}{{ else with .Values.a.e }}{{ toYaml . }}{{ end }}", "a.b.d"),
    ("{{ range .Values.a.e }}{{ break }}{{ else }}{{ .Values.x }}{{ end }}", "a.b"),
    ('{{ lookup "v1" "Secret" .Values.x "" }}{{ .Files.Get .Values.a.b.c }}', "a.b.d a.e"),
    ("{{- range $i, $v := until (int .Values.x) }}{{ $i }}{{ end }}", "a"),
    ("{{ .Values.AsMap | toYaml }}", ""),
    ("no action at all", "a x"),
]  # fmt: skip
VALUES = "a:\n  b: {c: 1, d: 2}\n  e: [{f: 1}]\nx: 1\n"


@pytest.mark.parametrize(("template", "expected"), READS)
def test_what_no_template_reads(template: str, expected: str) -> None:
    assert unread(template, VALUES) == expected.split()


def test_the_place_and_the_way_to_mend_it() -> None:
    diagnostics = Diagnostics()
    files = {"Chart.yaml": CARD, "values.yaml": "a:\n  nmae: 1\n", "templates/t.yaml": "x\n{{ .Values.a.name }}"}
    check_values(files, "charts/c", (), diagnostics)
    said = {
        each.code.id: (str(each.span and each.span.file), each.span and each.span.start.line, each.hint)
        for each in diagnostics
    }
    assert said == {
        "FH3501": ("charts/c/values.yaml", 2, "templates read a.name"),
        "FH3502": ("charts/c/templates/t.yaml", 2, "did you mean a.nmae?"),
    }  # fmt: skip


# What is read, and is not in `a: {b: 1}` and `empty: {}`, without anyone asking for it first.
MISSING = [
    ("{{ .Values.a.c }}", "a.c"),
    ("{{ .Values.y }}", "y"),
    ('{{ include "t" .Values.a }}{{ define "t" }}{{ .c }}{{ end }}', "a.c"),
    ("{{ with .Values.a }}{{ .c | quote }}{{ end }}", "a.c"),
    ("{{ .Values.a.b }}", ""),
    ("{{ .Values.empty.c }}", ""),
    ("{{ .Values.global.c }}", ""),
    ("{{ .Values.a.c | default 1 }}", ""),
    ("{{ default 1 .Values.a.c }}", ""),
    ('{{ required "a.c" .Values.a.c }}', ""),
    ("{{ if .Values.a.c }}{{ .Values.a.c }}{{ end }}", ""),
    ("{{ $c := .Values.a.c }}{{ if $c }}{{ $c }}{{ end }}", ""),
    ("{{ with .Values.a.c }}{{ . }}{{ end }}", ""),
    ("{{ range .Values.y }}{{ .c }}{{ end }}", ""),
    ("{{ if and .Values.a.b .Values.a.c }}{{ .Values.a.c }}{{ end }}", ""),
    ('{{ if hasKey .Values.a "c" }}{{ .Values.a.c }}{{ end }}', ""),
    ("{{ .Values.a.c | toJson }}", ""),
    ('{{ $_ := set .Values.a "c" 1 }}{{ .Values.a.c }}', ""),
    ('{{ define "never" }}{{ .Values.a.c }}{{ end }}', ""),
    ("{{ range $k, $v := .Values.a }}{{ $v.c }}{{ end }}", ""),
]


@pytest.mark.parametrize(("template", "expected"), MISSING)
def test_what_is_read_and_not_there(template: str, expected: str) -> None:
    lines = found(template, "a: {b: 1}\nempty: {}\n")
    assert [line.split(" ")[2] for line in lines if line.startswith("FH3502")] == expected.split()


def test_what_comments_the_schema_or_another_values_file_know_is_not_missing() -> None:
    template = "{{ .Values.a.c }}"
    assert found(template, "a:\n  b: 1\n  # c: 5\n") == ["FH3501 c/values.yaml:2 a.b"]
    schema = json.dumps({"properties": {"a": {"properties": {"c": {"type": "string"}}}}})
    assert found(template + "{{ .Values.a.b }}", "a: {b: 1}\n", values_dot_schema_dot_json=schema) == []
    other = ValuesFile("c/ci/x-values.yaml", "a: {c: 1}\n", "ci/x-values.yaml")
    assert found(template + "{{ .Values.a.b }}", "a: {b: 1}\n", other) == []


def test_every_values_file_is_looked_at() -> None:
    other = ValuesFile("c/values-prod.yaml", "# production\na: 2\nreplicasCount: 3\n", "values-prod.yaml")
    assert found("{{ .Values.a }}{{ .Values.replicaCount }}", "a: 1\nreplicaCount: 1\n", other) == [
        "FH3501 c/values-prod.yaml:3 replicasCount"
    ]


def test_a_schema_that_forbids_what_is_read() -> None:
    schema = json.dumps({"properties": {"a": {"properties": {"b": {}}, "additionalProperties": False}}})
    template = "{{ if .Values.a.c }}1{{ end }}\n{{ .Values.a.c }}{{ .Values.a.b }}"
    assert found(template, "a: {b: 1}\n", values_dot_schema_dot_json=schema) == ["FH3503 c/templates/t.yaml:2 a.c"]
    loose = schema.replace('"additionalProperties": false', '"patternProperties": {}')
    assert found(template, "a: {b: 1}\n", values_dot_schema_dot_json=loose) == []


SUB = {"charts__sub__Chart_dot_yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n"}


def card(dependency: str) -> dict[str, str]:
    return {"Chart_dot_yaml": f"{CARD}dependencies: [{{{dependency}}}]\n"}


def test_sub_charts_read_their_part_of_the_values() -> None:
    files = {**SUB, **card("name: sub, version: 1.0.0, condition: sub.enabled")}
    files["charts__sub__templates__t"] = "{{ .Values.a }}"
    values = "sub: {a: 1, b: 2, enabled: true, global: {x: 1}}\nother: 1\n"
    assert unread("", values, **files) == ["sub.b", "other"]
    again = files | card("name: sub, version: 1.0.0, alias: other, condition: sub.enabled")
    assert unread("", "sub: {a: 1, enabled: true}\nother: {a: 1, b: 1}\n", **again) == ["sub.a", "other.b"]


def test_global_values_are_read_in_sub_charts() -> None:
    files = {**SUB, "charts__sub__templates__t": "{{ .Values.global.image.tag }}"}
    values = "global: {image: {tag: 1}}\nsub: {global: {image: {tag: 2}}}\n"
    assert unread("{{ .Values.global.x }}", values, **files) == []


def test_a_sub_chart_that_is_not_there_or_gives_its_values_may_read_all_of_them() -> None:
    assert unread("", "redis: {a: 1}\nb: 1\n", **card("name: redis, version: 1.0.0")) == ["b"]
    assert unread("", "sub: {a: 1}\n", **SUB, **card("name: sub, version: 1.0.0, import-values: [data]")) == []


def test_a_library_chart_reads_for_the_chart_that_calls_it() -> None:
    files = {
        "charts__lib__Chart_dot_yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
        "charts__lib__templates___t_dot_tpl": '{{ define "lib.t" }}{{ .Values.a }}{{ end }}',
    }
    assert unread('{{ include "lib.t" . }}', "a: 1\nb: 1\n", **files) == ["b"]
    assert found("{{ .Values.a }}", "b: 1", Chart_dot_yaml=f"{CARD}type: library\n") == []


def test_texts_that_become_templates_read_too() -> None:
    values = 'text: "{{ .Values.a }}"\na: 1\nb: 1\n'
    assert unread("{{ tpl .Values.text . }}", values) == ["b"]
    assert unread("{{ .Values.text }}", values) == ["a", "b"]
    assert unread('{{ tpl (.Files.Get "x.txt") $ }}', "a: 1\nb: 1\n", x_dot_txt="{{ .Values.a }}") == ["b"]


def test_a_file_is_included_by_its_name() -> None:
    files = {"templates__config_dot_yaml": "{{ .Values.a }}"}
    template = '{{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}'
    assert unread(template, "a: 1\nb: 1\n", **files) == ["b"]


def test_anchors_are_taken_up_by_other_keys() -> None:
    values = "shared: &shared\n  a: 1\nother:\n  <<: *shared\nalone:\n  a: 1\n"
    assert unread("{{ toYaml .Values.other }}", values) == ["alone"]


def test_keys_that_the_chart_above_reads_are_left_alone() -> None:
    assert unread("", "global: {a: 1}\nenabled: true\nexports: {data: {a: 1}}\n") == []


@pytest.mark.parametrize(
    "template", ["{{ if }}", "{{ .Values.a", "{{ end }}", '{{ "a }}', "{{ if x }}", "{{ ( }}", "{{ | }}"]
)
def test_what_is_no_template_says_nothing(template: str) -> None:
    assert parse(template) is None
    assert found(template, "a: 1\n") == []


def test_a_hostile_template_costs_a_bounded_number_of_steps() -> None:
    doubling = "{{ $x := dict }}" + "{{ $x = dict `a` $x `b` $x }}" * 200 + "{{ toYaml $x }}"
    assert unread(doubling, "a: 1\n") in ([], ["a"])
    nested = "{{ range .Values.a }}" * 60 + "{{ $x = list $x . }}" + "{{ end }}" * 60
    assert found("{{ $x := list }}" + nested, "a: 1\nb: 1\n") in ([], ["FH3501 c/values.yaml:2 b"])
    calls = "".join(
        '{{ define "tN" }}{{ include "tM" (dict "a" . "b" 1) }}{{ include "tM" (dict "b" .) }}{{ end }}'.replace(
            "N", str(number)
        ).replace("M", str(number + 1))
        for number in range(40)
    )
    assert found('{{ include "t0" . }}' + calls, "a: 1\n") in ([], ["FH3501 c/values.yaml:1 a"])
    assert parse("{{ " + "(" * 10_000 + ")" * 10_000 + " }}") is None
    assert parse("{{ if x }}" * 10_000 + "{{ end }}" * 10_000) is None


def test_a_chart_of_many_templates_is_looked_at_to_its_end() -> None:
    actions = "{{ .Values.a }}" * 30
    templates = {f"templates/{number:04}.yaml": actions for number in range(4_000)}
    assert unread("{{ .Values.b }}", "a: 1\nb: 1\nc: 1\n", **templates) == ["c"]


ACTIONS = (
    "{{ .Values.a }}",
    "{{ .Release.Name }}",
    '{{ include "n" . }}',
    '{{ include "n" (dict "Values" .Values.e "k" 1) }}',
    "{{ $x := .Values.c }}",
    "{{ $x }}",
    "{{ $.Values.d.e | quote }}",
    "{{ default 1 .Values.f }}",
    "{{ with .Values.d }}{{ .e }}{{ $.Values.g }}{{ end }}",
    "{{ if .Values.f }}{{ .Values.h.i }}{{ else if .Values.a }}{{ .Values.h.j }}{{ end }}",
    "{{ range $k, $v := .Values.l }}{{ $v.m }}{{ .Values.a }}{{ end }}",
    '{{ tpl (printf "{{ .Values.q }}") . }}',
)


@given(st.lists(st.lists(st.sampled_from(ACTIONS), max_size=6), max_size=5))
def test_actions_that_are_repeated_read_what_each_reads(templates: list[list[str]]) -> None:
    texts = {f"templates/{number}.yaml": " ".join(actions) for number, actions in enumerate(templates)}
    files = {"Chart.yaml": CARD, "templates/_n.tpl": '{{ define "n" }}{{ .Values.n }}{{ .k }}{{ end }}', **texts}
    readings = []
    for evaluation in (Evaluation, Forgetful):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(charts, "Evaluation", evaluation)
            reading = read_values_of(files, [])
        assert reading
        readings.append((reading.readers, set(reading.mentions), reading.guarded))
    assert readings[0] == readings[1]


class Forgetful(Evaluation):
    """Looks at each action anew."""

    def _value(self, pipeline: Pipeline, dot: Known, scope: Scope) -> Known:
        return self._pipeline(pipeline, dot, scope)


def test_compiled_charts_read_what_they_have() -> None:
    folders = sorted((Path(__file__).parents[2] / "charts-out").iterdir())
    assert len(folders) > 10
    diagnostics = Diagnostics()
    for chart in folders:
        others = [ValuesFile(path.name, path.read_text(), path.name) for path in sorted(chart.glob("values-*.yaml"))]
        check_values(chart_files(chart, chart.name, diagnostics), chart.name, others, diagnostics)
    assert list(diagnostics) == []
