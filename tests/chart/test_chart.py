"""The chart model: the way back to the spec, and values as data."""

import pytest

from generator.chart.model import Origin, Origins
from generator.chart.values import ValueEntry, Values
from generator.diagnostics import Span

WHOLE, POD, ENV = (Span.at("spec.yaml", line) for line in (1, 2, 3))
ORIGIN = Origin(WHOLE, {"spec.template": POD, "spec.template.spec.containers[0].env[1]": ENV})


@pytest.mark.parametrize(
    ("path", "span"),
    [
        ("", WHOLE),
        ("spec", WHOLE),
        ("spec.templates", WHOLE),
        ("spec.template", POD),
        ("spec.template.metadata.labels", POD),
        ("spec.template.spec.containers[0].env", POD),
        ("spec.template.spec.containers[0].env[1]", ENV),
        ("spec.template.spec.containers[0].env[1].value", ENV),
        ("spec.template.spec.containers[0].env[10]", POD),
    ],
)
def test_the_longest_prefix_leads_to_the_users_line(path, span):
    assert ORIGIN.find(path) == span


def test_a_template_that_is_not_the_users_leads_nowhere():
    origins = Origins({"templates/a.yaml": ORIGIN})
    assert origins.find("templates/a.yaml", "spec") == WHOLE
    assert origins.find("templates/b.yaml", "spec") is None


def test_values_are_what_values_yaml_says():
    values = Values(
        (
            ValueEntry(("web",), "The web."),
            ValueEntry(("web", "env", "A"), "A variable.", {"type": "string"}, "x"),
            ValueEntry(("web", "env", "B"), "Another one.", {"type": "string"}, optional=True),
            ValueEntry(("other", "env"), "Nothing yet."),
        )
    )
    assert values.defaults == {"web": {"env": {"A": "x"}}, "other": {"env": {}}}


def test_types_have_the_words_of_helm_docs():
    kinds = {"integer": "int", "boolean": "bool", "array": "list", "object": "object", "string": "string"}
    for kind, word in kinds.items():
        assert ValueEntry(("a",), "", {"type": kind}).type_name == word
    assert ValueEntry(("a",), "", {"type": ["string", "number"]}).type_name == "string/number"
