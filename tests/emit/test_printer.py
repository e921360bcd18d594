"""Each node as a template says it; what Helm then makes of it is tested with Helm itself in test_exactness.py."""

from textwrap import dedent

import pytest

from generator.chart.model import Alias, Origin, Template
from generator.chart.nodes import (
    All,
    AnyOf,
    Builtin,
    Default,
    Dot,
    FileBase64,
    FilesChecksum,
    FileText,
    If,
    Include,
    Join,
    Json,
    Kind,
    Merge,
    MoreThan,
    Not,
    Range,
    Root,
    Value,
    With,
)
from generator.diagnostics import Span
from generator.emit.printer import print_template

WEB = ("services", "web")
FLAG = Value(("on",), Kind.BOOLEAN)
COUNT = Value((*WEB, "replicas"), Kind.INTEGER)
TEXT = Dot(Kind.TEXT)
NAME = Include("component", (Root(), "web"))


def printed(tree, files=None, **given):
    template = Template("templates/a.yaml", tree, Origin(Span.at("spec.yaml", 1)), **given)
    return print_template(template, "shop", files or {})


def expect(tree, text, files=None):
    assert printed(tree, files) == dedent(text).lstrip("\n")


@pytest.mark.parametrize(
    ("node", "line"),
    [
        (Value(("a",)), "{{ .Values.a | quote }}"),
        (Value(("a",), Kind.INTEGER), "{{ .Values.a | int64 }}"),
        (Value(("a",), Kind.BOOLEAN), "{{ .Values.a }}"),
        (Value(("a",), Kind.SCALAR), "{{ .Values.a | toYaml }}"),
        (Value(("a", "b-c", "d")), '{{ (index .Values.a "b-c" "d") | quote }}'),
        (NAME, '{{ include "shop.component" (list . "web") }}'),
        (Include("fullname"), '{{ include "shop.fullname" . }}'),
        (Include("component", (Root(), "web", 52)), '{{ include "shop.component" (list . "web" 52) }}'),
        (Builtin("Release.Name"), "{{ .Release.Name | quote }}"),
        (Join(("http://", NAME, ":80")), '"http://{{ include "shop.component" (list . "web") }}:80"'),
        (Join(("{", NAME)), '"{{ `{` }}{{ include "shop.component" (list . "web") }}"'),
        (Default(Value(("a",)), "b"), '{{ .Values.a | default "b" | quote }}'),
        (
            Default(Value(("a",)), Join(("100%/", NAME))),
            '{{ .Values.a | default (printf "100%%/%s" (include "shop.component" (list . "web"))) | quote }}',
        ),
        (FileBase64("files/a"), '{{ .Files.Get "files/a" | b64enc }}'),
        (FilesChecksum("files/*"), '{{ (.Files.Glob "files/*").AsSecrets | sha256sum }}'),
        ("on", '"on"'),
        ("{{ .x }}", '"{{ `{{ .x }}` }}"'),
        ("a {{ b", '"a {{ `{{` }} b"'),
        (True, "true"),
        (3, "3"),
        ({}, "{}"),
        ([], "[]"),
    ],
)
def test_scalars(node, line):
    assert printed({"a": node}) == f"a: {line}\n"


def test_an_entry_that_is_there_only_sometimes():
    expect(
        {"a": If(MoreThan(COUNT, 1), {"b": 1}), "c": With(Value(("d",), Kind.TREE), otherwise=[1])},
        """
        {{- if gt (int .Values.services.web.replicas) 1 }}
        a:
          b: 1
        {{- end }}
        {{- with .Values.d }}
        c:
          {{- toYaml . | nindent 2 }}
        {{- else }}
        c:
          - 1
        {{- end }}
        """,
    )


def test_choices_make_a_chain():
    expect(
        {"a": If(All((FLAG, Not(AnyOf((FLAG, COUNT))))), 1, If(FLAG, 2, 3))},
        """
        {{- if and .Values.on (not (or .Values.on .Values.services.web.replicas)) }}
        a: 1
        {{- else if .Values.on }}
        a: 2
        {{- else }}
        a: 3
        {{- end }}
        """,
    )


def test_items_that_are_there_only_sometimes():
    expect(
        {
            "a": [
                If(FLAG, ["x", "y"]),
                {"b": 1, "c": If(FLAG, 2)},
                Range(Value(("d",)), {"e": Dot(Kind.TEXT), "f": NAME}),
            ]
        },
        """
        a:
          {{- if .Values.on }}
          - x
          - "y"
          {{- end }}
          - b: 1
            {{- if .Values.on }}
            c: 2
            {{- end }}
          {{- range .Values.d }}
          - e: {{ . | quote }}
            f: {{ include "shop.component" (list $ "web") }}
          {{- end }}
        """,
    )


def test_maps_put_together():
    labels = Include("labels", (Root(), "web"), block=True)
    expect(
        {"a": {"b": Merge((labels, {"c": "d"}, With(Value(("e",), Kind.TREE))))}},
        """
        a:
          b:
            {{- include "shop.labels" (list . "web") | nindent 4 }}
            c: d
            {{- with .Values.e }}
            {{- toYaml . | nindent 4 }}
            {{- end }}
        """,
    )


def test_an_item_cannot_begin_with_what_may_be_missing():
    with pytest.raises(ValueError, match="first entry of a list item"):
        printed({"a": [{"b": If(FLAG, 1), "c": 2}]})


def test_texts_of_several_lines_are_blocks():
    expect(
        {"a": "one\n{{ two }}\n", "b": Join(('up{x="', NAME, '"} > 1'))},
        """
        a: |
          one
          {{ `{{ two }}` }}
        b: |-
          up{x="{{ include "shop.component" (list . "web") }}"} > 1
        """,
    )


def test_files_are_blocks_where_a_block_loses_nothing():
    expect(
        {"a": FileText("a"), "b": FileText("b"), "c": FileText("c")},
        """
        a: |
          {{- .Files.Get "a" | nindent 2 }}
        b: |-
          {{- .Files.Get "b" | nindent 2 }}
        c: {{ .Files.Get "c" | quote }}
        """,
        files={"a": b"1\n2\n", "b": b"1\n2", "c": b" 1\n2\n\n"},
    )


def test_json_documents():
    expect(
        {"a": Json({"b": COUNT, "c": [NAME, "{{ d }}"], "e": {}, "f": Value(("g",), Kind.TREE)})},
        """
        a: |
          {
            "b": {{ .Values.services.web.replicas | int64 }},
            "c": [
              {{ include "shop.component" (list . "web") | toJson }},
              "{{ `{{ d }}` }}"
            ],
            "e": {},
            "f": {{ .Values.g | toJson }}
          }
        """,
    )


def test_a_whole_object_under_a_condition_with_a_short_name():
    text = printed({"a": COUNT, "b": With(Value((*WEB, "c")), NAME)}, condition=FLAG, alias=Alias("service", WEB))
    assert text == dedent(
        """\
        {{- if .Values.on }}
        {{- $service := .Values.services.web }}
        a: {{ $service.replicas | int64 }}
        {{- with $service.c }}
        b: {{ include "shop.component" (list $ "web") }}
        {{- end }}
        {{- end }}
        """
    )


def test_a_short_name_that_nothing_uses_is_left_out():
    assert printed({"a": 1}, alias=Alias("service", WEB)) == "a: 1\n"
