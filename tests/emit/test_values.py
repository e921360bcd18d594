"""values.yaml, its schema, and the values of environments."""

import json

import jsonschema_rs
import pytest

from generator.chart.values import Environment, ValueEntry, Values
from generator.emit.values_schema import print_schema
from generator.emit.values_yaml import print_environment, print_values

COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}
VALUES = Values(
    (
        ValueEntry(("services",), ""),
        ValueEntry(("services", "web"), "The service web."),
        ValueEntry(("services", "web", "replicas"), "How many pods.", COUNT, 1000000),
        ValueEntry(("services", "web", "env", "URL"), "An address.", TEXT, optional=True),
        ValueEntry(("services", "web", "env", "MODE"), "A mode.", TEXT, "on"),
        ValueEntry(("services", "web", "labels"), "Open.", {"type": "object"}, {"a.b/c": "d"}),
        ValueEntry(("services", "api", "env", "URL"), "An address.", TEXT, optional=True),
        ValueEntry(("global", "registry"), "For all.", TEXT, ""),
    )
)


def test_values_yaml():
    assert print_values(VALUES) == (
        "# yaml-language-server: $schema=values.schema.json\n"
        "\n"
        "services:\n"
        "  # The service web.\n"
        "  web:\n"
        "    # -- (int) How many pods.\n"
        "    replicas: 1000000\n"
        "    env:\n"
        "      # URL (string, not set): An address.\n"
        "      # -- (string) A mode.\n"
        '      MODE: "on"\n'
        "    # -- (object) Open.\n"
        "    labels:\n"
        "      a.b/c: d\n"
        "  api:\n"
        "    # URL (string, not set): An address.\n"
        "    env: {}\n"
        "\n"
        "global:\n"
        "  # -- (string) For all.\n"
        '  registry: ""\n'
    )


def test_long_explanations_are_wrapped():
    text = print_values(Values((ValueEntry(("a",), "word " * 60, TEXT, ""),)))
    assert max(map(len, text.splitlines())) <= 110
    assert text.count("# -- (string)") == 1


def test_an_environment_holds_its_values_alone():
    text = print_environment(Environment("prod", {"services": {"web": {"replicas": 3}}}))
    assert text.endswith("from values.yaml.\nservices:\n  web:\n    replicas: 3\n")


@pytest.fixture(scope="module")
def schema():
    return jsonschema_rs.validator_for(json.loads(print_schema(VALUES, "shop")))


@pytest.mark.parametrize(
    "values",
    [
        VALUES.defaults,
        {"enabled": False, "global": {"registry": "a", "ofTheParent": {"b": 1}}},
        {"services": {"web": {"env": {"URL": "x"}, "labels": {"e": "f"}}}},
    ],
)
def test_the_schema_takes(schema, values):
    assert schema.is_valid(values)


@pytest.mark.parametrize(
    "values",
    [
        {"typo": 1},
        {"services": {"wob": {}}},
        {"services": {"web": {"replcas": 1}}},
        {"services": {"web": {"env": {"MODES": "x"}}}},
        {"services": {"web": {"replicas": "3"}}},
        {"services": {"web": {"replicas": -1}}},
        {"global": {"registry": 1}},
    ],
)
def test_the_schema_refuses(schema, values):
    assert not schema.is_valid(values)


def test_a_group_that_is_documented_late_keeps_its_keys():
    late = Values((ValueEntry(("a", "b"), "B.", TEXT, "x"), ValueEntry(("a",), "All of A.")))
    found = json.loads(print_schema(late, "shop"))["properties"]["a"]
    assert found["description"] == "All of A."
    assert set(found["properties"]) == {"b"}
